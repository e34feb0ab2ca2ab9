// A WebSocket as a test wants it: open or refused, what arrives in order, and how it ended.

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { LookupFunction } from 'node:net';
import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { inbox } from './inbox.ts';

export interface BrowserSocket {
  /** Headers of the 101. */
  readonly headers: IncomingHttpHeaders;
  send(words: string): void;
  /** The next message; rejects where the connection ends first. */
  next(): Promise<string>;
  /** Resolves when it is over. 1006: cut without a close frame. */
  readonly closed: Promise<{ readonly code: number }>;
  close(): void;
}

/** The upgrade was answered with something else than 101. */
export class UpgradeRefused extends Error {
  override readonly name = 'UpgradeRefused';
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;

  constructor(status: number, headers: IncomingHttpHeaders, body: string) {
    super(`upgrade refused: ${status}`);
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** Resolves when it is open. Rejects with UpgradeRefused where the answer is another one, after `onAnswer` has seen it too. */
export async function openSocket(
  url: URL,
  options: {
    readonly headers: Readonly<Record<string, string>>;
    readonly lookup: LookupFunction;
    readonly ca: string | undefined;
    readonly onAnswer: (response: IncomingMessage) => void;
  },
): Promise<BrowserSocket> {
  const { onAnswer, headers, lookup, ca } = options;
  const socket = new WebSocket(url, { headers, lookup, ...(ca === undefined ? {} : { ca }) });
  const messages = inbox<string>('message');
  const opened = Promise.withResolvers<IncomingHttpHeaders>();
  const closed = Promise.withResolvers<{ code: number }>();
  socket.on('upgrade', (response) => {
    onAnswer(response);
    opened.resolve(response.headers);
  });
  socket.on('unexpected-response', (_request, response) => {
    onAnswer(response);
    text(response)
      .then((body) => opened.reject(new UpgradeRefused(response.statusCode ?? 0, response.headers, body)))
      .catch(opened.reject);
  });
  socket.on('error', (error) => opened.reject(error));
  socket.on('message', (message: Buffer) => messages.put(message.toString()));
  socket.on('close', (code) => {
    messages.close();
    closed.resolve({ code });
    opened.reject(new Error(`closed before it was open: ${code}`));
  });
  const answer = await opened.promise;
  return {
    headers: answer,
    send: (words) => socket.send(words),
    next: () => messages.next(),
    closed: closed.promise,
    close: () => socket.close(),
  };
}
