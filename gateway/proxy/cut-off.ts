// Ends a connection so that nobody can take it for a clean end.

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

/**
 * Destroys a connection by a reset: a body that ends with its connection is otherwise complete to the reader (RFC 9112 §8), and the system would
 * still send what it has taken. Over TLS where the door has made that possible (http/resets.ts); otherwise the missing close_notify says the former.
 */
export function cutOff(socket: Duplex): void {
  const isResettable =
    socket instanceof Socket && (!(socket instanceof TLSSocket) || Object.hasOwn(socket, 'resetAndDestroy'));
  if (isResettable) socket.resetAndDestroy();
  else socket.destroy();
}
