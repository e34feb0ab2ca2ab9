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
    const chunks: Buffer[] = [];
    let bytes = 0;
    // Leaving the loop must not destroy the socket: the refusal still has to be sent over it.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw refuseHttp('BODY_TOO_LONG', { detail: { bytes } });
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (cause) {
    // The sender has gone away in the middle: nobody's fault here, and nobody is there to be answered.
    if (cause instanceof CurfewError || !request.destroyed) throw cause;
    throw refuseHttp('BODY_TOO_LONG', { detail: { reason: 'broken off' }, cause });
  } finally {
    clearTimeout(deadline);
  }
}
