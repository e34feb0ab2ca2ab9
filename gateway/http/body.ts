// The raw bytes of a body, whatever its headers claim: Shibboleth sends `Content-Encoding: UTF-8`, which is no coding at all.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { CurfewError } from '../kernel/errors.ts';
import { refuseHttp } from './codes.ts';

const LONGEST_MS = 30_000;

/**
 * Whether the sender keeps its body back until it hears 100 (RFC 9110 §10.1.1). Node has answered every other expectation by then, and HTTP/1.0
 * knows none.
 */
export const awaitsContinue = ({ headers, httpVersion }: IncomingMessage): boolean =>
  headers.expect !== undefined && httpVersion !== '1.0';

/** The whole body. Throws BODY_TOO_LONG beyond `maxBytes`, or where it does not arrive within 30 seconds. */
export async function rawBody(request: IncomingMessage, response: ServerResponse, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw refuseHttp('BODY_TOO_LONG');
  if (awaitsContinue(request)) response.writeContinue();
  const deadline = setTimeout(
    () => request.destroy(refuseHttp('BODY_TOO_LONG', { detail: { reason: 'slow' } })),
    LONGEST_MS,
  );
  try {
    return await gathered(request, maxBytes);
  } catch (cause) {
    // The sender has gone away in the middle: nobody's fault here, and nobody is there to be answered.
    if (cause instanceof CurfewError || !request.destroyed) throw cause;
    throw refuseHttp('BODY_TOO_LONG', { detail: { reason: 'broken off' }, cause });
  } finally {
    clearTimeout(deadline);
  }
}

/** By its events: going through it by `for await` costs an iterator and a promise for each piece, of which there is usually one. */
function gathered(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes <= maxBytes) return;
    // Not destroyed, only not read on: the refusal still has to be sent over its socket.
    request.pause();
    fail(refuseHttp('BODY_TOO_LONG', { detail: { bytes } }));
  };
  const end = (): void => leave(() => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
  const fail = (cause: Error): void => leave(() => reject(cause));
  // What is broken off without an error has neither ended nor failed.
  const close = (): void => fail(new Error('closed before its end'));
  const leave = (settle: () => void): void => {
    // An error that is on its way must still find a listener, or it would be nobody's and everybody's.
    request.off('data', take).off('end', end).off('close', close);
    settle();
  };
  // It may be over before anybody asks, while the store was: then nothing is told any more.
  if (request.destroyed) close();
  else request.on('data', take).on('end', end).on('error', fail).on('close', close);
  return promise;
}
