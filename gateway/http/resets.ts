// A connection over TLS is ended by a reset as one in plain TCP is: what the system has not sent yet goes to nobody (P8).

import type { Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** Gives the connections of a TLS server a `resetAndDestroy` that works: Node's own resets plain TCP alone, and does not say what is below TLS. */
export function resetBelowTls(server: Server): void {
  const below = new Map<string, Socket>();
  server.on('connection', (raw) => {
    const name = nameOf(raw);
    below.set(name, raw);
    raw.once('close', () => {
      if (below.get(name) === raw) below.delete(name);
    });
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    const raw = below.get(nameOf(socket));
    if (raw === undefined) return;
    socket.resetAndDestroy = () => {
      raw.resetAndDestroy();
      return socket.destroy();
    };
  });
}

/** No two open connections of one server have the same. */
const nameOf = ({ remoteAddress, remotePort, localAddress }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress}`;
