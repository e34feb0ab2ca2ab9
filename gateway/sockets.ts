// The sockets that are open, and how others take their place: the new ones are opened first, so that what cannot be opened changes nothing; the old ones
// let finish what they have begun.

import type { Server, ServerResponse } from 'node:http';
import { Server as NetServer, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import type { ListenAddress } from './http/settings.ts';
import type { Log } from './kernel/log.ts';

/** As `listen` in gateway.yaml names them. */
export type SocketName = 'http' | 'https' | 'backchannel' | 'admin';

/** Where each is to listen; absent: nowhere. */
export type Wanted = Readonly<Partial<Record<SocketName, ListenAddress | undefined>>>;

/** A server for one of them. */
export interface Made {
  readonly server: Server;
  /** Asks those who are connected to come by a new connection. */
  readonly retire?: () => void;
  /** Takes over other certificates and authorities. */
  readonly changed?: () => void;
}

/** Sockets that are open beside those in use. */
export interface Prepared {
  /** Puts them in the place of the others, which take no new connection and have `graceMs` to finish. */
  use(graceMs: number): void;
  /** Closes them again. */
  drop(): void;
}

/** All of them. */
export interface Sockets {
  /** Opens those that are to listen elsewhere than before. Rejects with the error of the first that cannot, and has opened none. */
  prepare(wanted: Wanted, make: (name: SocketName) => Made): Promise<Prepared>;
  /** Has those that show certificates take over others. */
  showCertificates(): void;
  address(name: SocketName): AddressInfo | undefined;
  /** Each connection is closed after its answer; resolves after `ms`. */
  drain(ms: number): Promise<void>;
  /** Takes no new connection, and answers what has been asked, also what was on its way; whatever lasts longer than `graceMs` is cut. */
  close(graceMs: number): Promise<void>;
}

interface Open extends Made {
  readonly at: ListenAddress;
  readonly connections: ReadonlySet<Socket>;
  /** With the port that was really opened; still known when it is closed. */
  readonly opened: AddressInfo;
}

const NAMES: readonly SocketName[] = ['http', 'https', 'backchannel', 'admin'];
const SWEEP_IDLE_EVERY_MS = 100;
/** For the request that was on its way over an idle connection when its server was left, or told to stop; who hears nothing in that time has sent none. */
const LAST_REQUEST_MS = 1000;
const SAY_EVERY_MS = 60_000;

/** Why a socket could not be opened, and which. */
export class SocketRefused extends Error {
  readonly socket: SocketName;

  constructor(socket: SocketName, cause: Error) {
    super(cause.message, { cause });
    this.socket = socket;
  }
}

/** None yet. */
export function openSockets(log: Log): Sockets {
  let open = new Map<SocketName, Open>();
  const closing = new Set<Promise<void>>();

  return {
    async prepare(wanted, make) {
      const next = new Map<SocketName, Open>();
      const fresh: Server[] = [];
      const drop = (): void => {
        for (const server of fresh) server.close();
      };
      for (const name of NAMES) {
        const at = wanted[name];
        const before = open.get(name);
        if (at === undefined) continue;
        if (before !== undefined && before.at.host === at.host && before.at.port === at.port) {
          next.set(name, before);
          continue;
        }
        const made = make(name);
        const { server } = made;
        try {
          const connections = connectionsOf(server);
          await listen(server, at);
          sayErrors(server, name, log);
          fresh.push(server);
          next.set(name, { ...made, at, connections, opened: server.address() as AddressInfo });
        } catch (error) {
          drop();
          throw new SocketRefused(name, error as Error);
        }
      }
      return {
        drop,
        use(graceMs) {
          const former = [...open.values()].filter((one) => ![...next.values()].includes(one));
          open = next;
          for (const one of former) {
            const over = left(one, graceMs).finally(() => closing.delete(over));
            closing.add(over);
          }
        },
      };
    },
    showCertificates: () => {
      for (const { changed } of open.values()) changed?.();
    },
    address: (name) => open.get(name)?.opened,
    async drain(ms) {
      for (const one of open.values()) retire(one);
      await pause(ms);
    },
    async close(graceMs) {
      await Promise.all([...open].map(([name, one]) => (name === 'admin' ? closed(one, 0) : left(one, graceMs))));
      await Promise.all(closing);
    },
  };
}

function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/**
 * An `error` that nobody listens to ends the process, and one connection that the system would not hand over is no reason for that. Said once a minute:
 * with no memory or no file descriptor left, each connection fails.
 */
function sayErrors(server: Server, socket: SocketName, log: Log): void {
  let untold = 0;
  let last: unknown;
  let quiet: NodeJS.Timeout | undefined;
  const say = (): void => {
    quiet = undefined;
    if (untold === 0) return;
    log.error('connection-not-taken', { socket, times: untold, error: String(last) });
    untold = 0;
    quiet = setTimeout(say, SAY_EVERY_MS).unref();
  };
  server.on('error', (error) => {
    untold += 1;
    last = error;
    if (quiet === undefined) say();
  });
  server.once('close', () => clearTimeout(quiet));
}

/** The connections that are open, those over TLS twice: Node itself loses sight of a connection once it is upgraded, and would wait for it for ever. */
function connectionsOf(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  const add = (socket: Socket): void => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  };
  server.on('connection', add);
  server.on('secureConnection', add);
  return open;
}

/** The next answer over each connection is its last. */
function retire({ server, retire }: Open): void {
  const isLast = (_request: unknown, response: ServerResponse): void => void (response.shouldKeepAlive = false);
  server.prependListener('request', isLast);
  retire?.();
}

/** Takes no new connection, and answers what was asked over those that are open before it closes them (RFC 9112 §9.6). */
async function left(one: Open, graceMs: number): Promise<void> {
  retire(one);
  const ms = Math.min(graceMs, LAST_REQUEST_MS);
  await new Promise<void>((resolve) => {
    const enough = setTimeout(resolve, ms);
    // node:http's own would cut the idle connections at once.
    NetServer.prototype.close.call(one.server, () => {
      clearTimeout(enough);
      resolve();
    });
  });
  // What has come is read before it is said that nothing has.
  await turn();
  cutSilent(one.connections);
  await closed(one, graceMs - ms);
}

function closed({ server, connections }: Open, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => {
      for (const socket of connections) socket.destroy();
    }, graceMs);
    // A connection that is busy now would be kept alive for a next request afterwards.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_IDLE_EVERY_MS);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(sweep);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** Browsers open connections to have them at hand; to Node one without a request is not idle. */
function cutSilent(connections: ReadonlySet<Socket>): void {
  for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
}
