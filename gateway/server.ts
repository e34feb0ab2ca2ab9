// Opens the sockets and closes them again, in an order in which nobody is left hanging.

import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Configuration } from './config/load.ts';
import { createApp } from './http/app.ts';
import { onUpgrade } from './http/upgrade.ts';
import { createAdmin } from './ops/admin.ts';
import { openParts, type Parts, type Surroundings } from './parts.ts';

/** A gateway that takes requests. */
export interface Running {
  /** Where requests are taken, with the port that was really opened. */
  readonly http: AddressInfo;
  readonly admin: AddressInfo;
  readonly parts: Parts;
  /** Takes no new connection, cuts WebSockets, lets requests finish for up to `graceMs`, then cuts what is left. */
  close(graceMs?: number): Promise<void>;
}

const MAX_HEADER_BYTES = 32 * 1024;
const EXPIRE_EVERY_MS = 15_000;
const SWEEP_IDLE_EVERY_MS = 100;

/** Starts everything, or throws and has started nothing. */
export async function start(configuration: Configuration, surroundings: Surroundings): Promise<Running> {
  const { log } = surroundings;
  const parts = await openParts(configuration, surroundings);
  const tunnels = new Set<Duplex>();
  const http = gatewayServer(parts, tunnels);
  const admin = createServer(
    createAdmin({ checks: parts.checks, sessions: parts.doors.sessions, live: parts.doors.live }).callback() as never,
  );
  const connections = { http: connectionsOf(http), admin: connectionsOf(admin) };
  try {
    await listen(http, configuration.listen.http);
    await listen(admin, configuration.listen.admin);
  } catch (error) {
    http.close();
    await parts.close();
    throw error;
  }
  const expiring = every(EXPIRE_EVERY_MS, parts.expire, (error) => {
    log.error('expiry-failed', { error: String(error) });
  });
  return {
    http: http.address() as AddressInfo,
    admin: admin.address() as AddressInfo,
    parts,
    close: async (graceMs = 10_000) => {
      expiring.stop();
      // A WebSocket has no end of its own that could be waited for.
      for (const socket of tunnels) socket.destroy();
      await Promise.all([closed(http, connections.http, graceMs), closed(admin, connections.admin, 0)]);
      await parts.close();
    },
  };
}

/** `tunnels` is kept to the upgraded sockets that are open. */
function gatewayServer({ doors }: Parts, tunnels: Set<Duplex>): Server {
  const callback = createApp(doors).callback();
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: 30_000,
    // How often Node looks for who is over that; its own 30 s would make 60 of them.
    connectionsCheckingInterval: 5000,
    // An upload may take as long as bytes keep coming; the app's own timeouts end what hangs.
    requestTimeout: 0,
    keepAliveTimeout: 65_000,
    // Java's client offers HTTP/2 with every request in plain http; an offer may be passed over (RFC 9110 §7.8).
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
  });
  const answer = (...[request, response]: Parameters<typeof callback>): void => {
    void callback(request, response);
  };
  server.on('request', answer);
  // Whoever reads the body says 100: the engine when the application is there to take it.
  server.on('checkContinue', answer);
  const upgrade = onUpgrade(doors);
  server.on('upgrade', (request, socket, head) => {
    tunnels.add(socket);
    socket.on('close', () => tunnels.delete(socket));
    void upgrade(request, socket, head);
  });
  return server;
}

function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** The connections that are open: Node itself loses sight of a connection once it is upgraded, and would wait for it for ever. */
function connectionsOf(server: Server): Set<Socket> {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

function closed(server: Server, connections: ReadonlySet<Socket>, graceMs: number): Promise<void> {
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

/** Runs `work` again and again, never twice at once; what fails is tried again at the next turn. */
function every(ms: number, work: () => Promise<unknown>, failed: (error: unknown) => void): { stop(): void } {
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void work()
      .catch(failed)
      .finally(() => {
        busy = false;
      });
  }, ms);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
