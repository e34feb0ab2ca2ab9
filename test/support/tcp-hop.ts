// A stretch of network that a test can break: passes bytes on, or holds them in both directions without closing anything.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface TcpHop {
  readonly port: number;
  /** From here on no byte passes; connections stay open, and new ones are taken and get no answer. */
  hold(): void;
  /** Everything that was held passes. */
  release(): void;
  close(): Promise<void>;
}

/** A hop to a port of this machine. */
export async function tcpHop(to: number): Promise<TcpHop> {
  const open = new Set<Socket>();
  let isHeld = false;
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.pipe(other);
      if (isHeld) one.pause();
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    hold: () => {
      isHeld = true;
      for (const socket of open) socket.pause();
    },
    release: () => {
      isHeld = false;
      for (const socket of open) socket.resume();
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
