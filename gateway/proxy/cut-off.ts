// Ends a connection so that nobody can take it for a clean end.

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

/**
 * Destroys a connection; in plain TCP by a reset, because a body that ends with its connection is otherwise complete to the
 * reader (RFC 9112 §8). In TLS the missing close_notify says the same.
 */
export function cutOff(socket: Duplex): void {
  if (socket instanceof Socket && !(socket instanceof TLSSocket)) socket.resetAndDestroy();
  else socket.destroy();
}
