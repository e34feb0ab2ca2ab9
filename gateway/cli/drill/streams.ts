// Holds an event stream, a download or a WebSocket open and notes when it ends.

import { randomBytes } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Place } from '../../upstream/exchange.ts';
import { USER_AGENT } from '../../upstream/visitor.ts';

/** One that was asked for. */
export interface Stream {
  readonly status: number;
  /** `X-Curfew`, where the gateway itself has answered. */
  readonly reason: string | undefined;
  /** Still open, as far as is known. */
  readonly isOpen: () => boolean;
  /** Resolves when it is over, with the time of `performance.now()`. */
  readonly ended: Promise<number>;
  close(): void;
}

const ANSWER_MS = 10_000;

/** Opens it with these cookies. Rejects where there is no answer. */
export function openStream(url: URL, cookie: string, place: Place | undefined): Promise<Stream> {
  const isSocket = url.protocol.startsWith('ws');
  const isSecure = /^(?:wss|https):$/.test(url.protocol);
  const port = Number(url.port) || (isSecure ? 443 : 80);
  const where: Place = url.hostname.endsWith('.localhost') ? { host: '127.0.0.1', port } : { host: url.hostname, port };
  const at = place ?? where;
  const origin = `${isSecure ? 'https' : 'http'}://${url.host}`;
  const options = {
    ...{ host: at.host, port: at.port, path: `${url.pathname}${url.search}`, agent: false, servername: url.hostname },
    headers: {
      ...{
        Host: url.host,
        Cookie: cookie,
        'User-Agent': USER_AGENT,
        'Sec-Fetch-Mode': isSocket ? 'websocket' : 'cors',
      },
      ...(isSocket ? { ...handshake(), Origin: origin } : { Accept: 'text/event-stream, */*' }),
    },
  };
  return new Promise((resolve, reject) => {
    const asked = isSecure && at.isPlain !== true ? requestHttps(options) : requestHttp(options);
    const late = setTimeout(() => asked.destroy(new Error(`no answer within ${ANSWER_MS} ms`)), ANSWER_MS);
    const answered = (
      status: number,
      reason: string | string[] | undefined,
      body: Duplex | (NodeJS.ReadableStream & { destroy(): unknown }),
    ): void => {
      clearTimeout(late);
      let isOpen = true;
      const ended = new Promise<number>((over) => {
        const end = (): void => {
          isOpen = false;
          over(performance.now());
        };
        // A cut shows as an error first.
        body.on('error', end).on('end', end).on('close', end);
      });
      body.resume();
      resolve({
        status,
        reason: [reason ?? []].flat()[0],
        isOpen: () => isOpen,
        ended,
        close: () => void body.destroy(),
      });
    };
    asked.on('error', (error) => {
      clearTimeout(late);
      reject(error);
    });
    asked.on('upgrade', (response, socket) => answered(101, response.headers['x-curfew'], socket));
    asked.on('response', (response) => answered(response.statusCode ?? 0, response.headers['x-curfew'], response));
    asked.end();
  });
}

/** RFC 6455 §4.1. */
const handshake = () => ({
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
});
