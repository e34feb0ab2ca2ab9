// Server to server: posts a body to a service provider and waits for its answer.

import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { text } from 'node:stream/consumers';

const DEADLINE_MS = 15_000;

/** PEM: whom to trust, and the client certificate to show. */
export interface Tls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface Posting {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Delivered {
  readonly status: number;
  readonly body: string;
  readonly milliseconds: number;
}

/** Posts and reads the answer; rejects where there is none within 15 s. Sends no cookie and follows no redirect. */
export async function deliver(posting: Posting, tls: Tls = {}): Promise<Delivered> {
  const begun = performance.now();
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options = {
    method: 'POST',
    headers: { ...posting.headers, 'content-length': String(Buffer.byteLength(posting.body)) },
    lookup: toThisMachine,
    agent: false as const,
    signal: AbortSignal.timeout(DEADLINE_MS),
  };
  const request = posting.url.startsWith('https:')
    ? requestHttps(posting.url, { ...options, ...tls }, resolve)
    : requestHttp(posting.url, options, resolve);
  request.on('error', reject).end(posting.body);
  const response = await promise;
  const body = await text(response);
  return { status: response.statusCode ?? 0, body, milliseconds: Math.round(performance.now() - begun) };
}

/**
 * Every name is this machine: the demonstration talks to nobody else, and names under `.test` and `.localhost` are in no
 * one's name service (RFC 6761 §6.2, §6.3).
 */
export const toThisMachine: LookupFunction = (_hostname, options, callback) => {
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};
