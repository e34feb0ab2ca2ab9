// A stretch of network between one node and Redis, that a test breaks in every way networks break.

import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Network {
  readonly port: number;
  /** Passes no byte in either direction; nothing is closed. */
  hold(): void;
  /** Closes what is open, and whatever comes. */
  cut(): void;
  /** Every byte is this late, in each direction. */
  delay(ms: number): void;
  /** Loses the answer to the next thing said that contains `words`, with all that is open. Resolves when it has. */
  loseAnswerTo(words: string): Promise<void>;
  heal(): void;
  close(): Promise<void>;
}

/** A way to a port of this machine. */
export async function networkTo(port: () => number): Promise<Network> {
  const open = new Set<Socket>();
  let mode: 'passing' | 'held' | 'cut' = 'passing';
  let delayMs = 0;
  let lost: { readonly words: string; readonly done: () => void } | undefined;
  const closeAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  const server = createServer((near) => {
    if (mode === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(port(), '127.0.0.1');
    let isDeaf = false;
    const there = inOrder(far);
    const back = inOrder(near);
    near.on('data', (bytes) => {
      if (lost !== undefined && bytes.includes(lost.words)) isDeaf = true;
      there(bytes, delayMs);
    });
    far.on('data', (bytes) => {
      if (!isDeaf) back(bytes, delayMs);
      else if (lost !== undefined) {
        const { done } = lost;
        lost = undefined;
        closeAll();
        done();
      }
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.setNoDelay(true);
      if (mode === 'held') one.pause();
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
      mode = 'held';
      for (const socket of open) socket.pause();
    },
    cut: () => {
      mode = 'cut';
      closeAll();
    },
    delay: (ms) => void (delayMs = ms),
    loseAnswerTo: (words) => new Promise((done) => (lost = { words, done: () => done(undefined) })),
    heal: () => {
      mode = 'passing';
      delayMs = 0;
      for (const socket of open) socket.resume();
    },
    close: async () => {
      mode = 'cut';
      closeAll();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Writes pieces late, and none before the one that came before it. */
function inOrder(to: Socket): (bytes: Buffer, delayMs: number) => void {
  let last = Promise.resolve();
  let waiting = 0;
  return (bytes, delayMs) => {
    if (delayMs === 0 && waiting === 0) {
      to.write(bytes);
      return;
    }
    waiting += 1;
    const late = pause(delayMs);
    last = last
      .then(() => late)
      .then(() => {
        waiting -= 1;
        if (!to.destroyed) to.write(bytes);
      });
  };
}
