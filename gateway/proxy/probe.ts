// Asks an app one harmless question over a connection like those that requests use, for whoever checks before serving.

import { TLSSocket } from 'node:tls';
import { connections, type ConnectionSettings } from './connections.ts';
import { upstreamError } from './failure.ts';

/** What an app answered. */
export interface Probed {
  readonly status: number;
  /** Where it was asked over TLS. */
  readonly tls: { readonly version: string; readonly validUntil: string } | undefined;
}

/**
 * Sends `HEAD target`, which changes nothing at an app that keeps to RFC 9110 §9.2.1. Any status is an answer. Rejects with UPSTREAM_*, the
 * engine's own reason in `detail.cause`.
 */
export async function probe(
  settings: ConnectionSettings & { readonly app: string },
  target: string,
  headers: Readonly<Record<string, string>>,
): Promise<Probed> {
  let tls: Probed['tls'];
  const client = connections(settings, (socket) => {
    if (!(socket instanceof TLSSocket)) return;
    tls = { version: socket.getProtocol() ?? '', validUntil: socket.getPeerCertificate().valid_to };
  })();
  try {
    const { statusCode, body } = await client.request({ method: 'HEAD', path: target, headers });
    await body.dump();
    return { status: statusCode, tls };
  } catch (error) {
    throw upstreamError(error, settings.app);
  } finally {
    await client.destroy();
  }
}
