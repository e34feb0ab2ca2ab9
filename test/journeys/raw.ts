// Bytes on a socket, for what no well-behaved client would send.

import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** Sends a whole request that asks for its connection to be closed, and answers with what came back. */
export async function raw(port: number, bytes: string): Promise<string> {
  const socket = opened(port);
  socket.write(bytes);
  return text(socket).catch(() => '');
}

/** Sends the bytes and that there are no more, and answers with what came back. */
export async function rawEnded(port: number, bytes: string | Buffer): Promise<string> {
  const socket = opened(port);
  socket.end(bytes);
  return text(socket).catch(() => '');
}

/** A connection whose errors are nobody's business: what counts is that it ends. */
export function opened(port: number): Socket {
  return connect({ port, host: '127.0.0.1' }).on('error', () => {});
}

/** A whole HTTP/1.1 request that ends its connection. Lines of `headers` end without CRLF. */
export function request(method: string, target: string, headers: readonly string[], body = ''): string {
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return `${[`${method} ${target} HTTP/1.1`, ...headers, ...length, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`;
}

export const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1] ?? 0);

/** The reason code of an answer of the gateway's own. */
export const reasonOf = (answer: string): string | undefined => /^x-curfew: (\S+)/im.exec(answer)?.[1];
