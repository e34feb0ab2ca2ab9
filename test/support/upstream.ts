// A legacy application for tests: it records every request and answers as it is told.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { inbox } from './inbox.ts';

/** One request as it came over the wire. */
export interface Recorded {
  readonly method: string;
  readonly url: string;
  /** Name, value, name, value; spelling and order as sent. */
  readonly rawHeaders: readonly string[];
  /** Empty for upgrades, and with `readsBodies: false`. */
  readonly body: Buffer;
}

export type UpstreamListener = (
  request: IncomingMessage,
  response: ServerResponse,
  recorded: Recorded,
) => void | Promise<void>;

export interface UpstreamOptions {
  /** False leaves the request body to the listener, which is then called before it has arrived. Default true. */
  readonly readsBodies?: boolean;
  /** Takes upgrades; default: they are refused with 404. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

export interface RecordingUpstream {
  readonly url: string;
  /** Everything so far, oldest first. */
  readonly requests: readonly Recorded[];
  /** The next request that nobody has taken from here yet. */
  nextRequest(): Promise<Recorded>;
  /** Sockets open now. */
  connections(): number;
  /** Resolves when no socket is open. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Starts it on a free port of 127.0.0.1. Without a listener it answers 200 with `ok`. */
export async function startUpstream(
  listener: UpstreamListener = (_request, response) => void response.end('ok'),
  options: UpstreamOptions = {},
): Promise<RecordingUpstream> {
  const requests: Recorded[] = [];
  const arrived = inbox<Recorded>('request');
  const sockets = new Set<Duplex>();
  const idle: (() => void)[] = [];
  const record = (request: IncomingMessage, body: Buffer): Recorded => {
    const { method = '', url = '', rawHeaders } = request;
    const recorded = { method, url, rawHeaders: [...rawHeaders], body };
    requests.push(recorded);
    arrived.put(recorded);
    return recorded;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = options.readsBodies === false ? Buffer.alloc(0) : await buffer(request);
    await listener(request, response, record(request, body));
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  // Reads however many fields there are, on every Node.
  server.maxHeadersCount = 0;
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    record(request, Buffer.alloc(0));
    if (options.upgrade) options.upgrade(request, socket, head);
    else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) for (const tell of idle.splice(0)) tell();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    nextRequest: () => arrived.next(),
    connections: () => sockets.size,
    idle: () => (sockets.size === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      arrived.close();
    },
  };
}

/** Every value of a header, in order, whatever its spelling. */
export const headerValues = ({ rawHeaders }: Pick<Recorded, 'rawHeaders'>, name: string): string[] =>
  rawHeaders.filter((_value, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name.toLowerCase());
