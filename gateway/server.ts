// Opens the sockets and closes them again, in an order in which nobody is left hanging.

import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Configuration } from './config/load.ts';
import { certificateWarnings, openCertificates } from './http/certificates.ts';
import { openClientCa } from './http/client-ca.ts';
import { backchannelServer, plainServer, redirectServer, tlsServer } from './listeners.ts';
import { openOperations, type Operations } from './operations.ts';
import { openParts, type Parts } from './parts.ts';
import type { Surroundings } from './surroundings.ts';

/** A gateway that takes requests. */
export interface Running {
  /** Where requests are taken, with the port that was really opened. */
  readonly http: AddressInfo;
  readonly https: AddressInfo | undefined;
  readonly backchannel: AddressInfo | undefined;
  readonly admin: AddressInfo;
  readonly parts: Parts;
  /** How this process stands by itself, whatever others serve beside it. */
  readonly own: Operations['own'];
  /** Looks at the folder of certificates and at the authorities of client certificates at once. */
  reread(): Promise<void>;
  /** Serves on for `ms`, but says at /readyz that it stops, and closes each connection after its answer. */
  drain(ms: number): Promise<void>;
  /** Takes no new connection, closes WebSockets with 1001, lets requests finish for up to `graceMs`, then cuts what is left. */
  close(graceMs?: number): Promise<void>;
}

/** How often certificates are looked at: a few small files. */
const REREAD_EVERY_MS = 10_000;
const EXPIRE_EVERY_MS = 15_000;
/** How often metadata that is due is looked for; each has an interval of its own. */
const REFRESH_EVERY_MS = 15_000;
const SWEEP_IDLE_EVERY_MS = 100;

/** Starts everything, or throws and has started nothing. */
export async function start(configuration: Configuration, given: Surroundings): Promise<Running> {
  const operations = openOperations(configuration, given);
  const { surroundings } = operations;
  const { log, audit } = surroundings;
  const parts = await openParts(configuration, surroundings);
  const { listen: where, tls } = configuration;
  const certificates = (where.https ?? where.backchannel) && tls && openCertificates(tls.certificates, log);
  const https = where.https && certificates && tlsServer(parts.doors, certificates, tls.http2);
  const clientCa = where.backchannel && tls?.clientCa && openClientCa(tls.clientCa, log);
  const { backchannelUrl = '' } = configuration;
  const backchannel =
    certificates && clientCa ? backchannelServer(parts.doors, backchannelUrl, certificates, clientCa) : undefined;
  const http = https === undefined ? plainServer(parts.doors) : redirectServer(parts.doors);
  const { apps, publicHostName } = parts.doors;
  const hosts = [
    ...(https ? [publicHostName, ...apps.flatMap((app) => app.hosts.map(({ name }) => name))] : []),
    ...(backchannel ? [new URL(backchannelUrl).hostname] : []),
  ];
  const warnings = () => [
    ...parts.warnings(),
    ...(certificates === undefined
      ? []
      : certificateWarnings(certificates.certificates(), hosts, surroundings.clock.now())),
  ];
  let isStopping = false;
  const staying = (): Promise<void> => (isStopping ? Promise.reject(new Error('stopping')) : Promise.resolve());
  const checks = { ...parts.checks, staying };
  const operator = operations.admin({ ...parts, checks }, () => certificates?.certificates() ?? [], warnings);
  const admin = createServer(operator.callback() as never);
  const servers = [
    { server: http, at: where.http },
    { server: admin, at: where.admin },
    ...(https && where.https ? [{ server: https.server, at: where.https }] : []),
    ...(backchannel && where.backchannel ? [{ server: backchannel.server, at: where.backchannel }] : []),
  ].map((one) => ({ ...one, connections: connectionsOf(one.server) }));
  try {
    for (const { server, at } of servers) await listen(server, at);
  } catch (error) {
    for (const { server } of servers) server.close();
    await parts.close();
    throw error;
  }
  const expiring = every(EXPIRE_EVERY_MS, parts.expire, (error) => {
    log.error('expiry-failed', { error: String(error) });
  });
  const refreshing = every(REFRESH_EVERY_MS, parts.refreshMetadata, (error) => {
    log.error('metadata-not-refreshed', { error: String(error) });
  });
  const reread = (): Promise<void> => {
    const [ours, theirs] = [certificates?.reread() === true, clientCa && clientCa.reread()];
    if (ours && certificates) https?.server.setSecureContext(certificates.first());
    if (ours || theirs) backchannel?.changed();
    if (ours || theirs) audit.record({ event: 'configuration', what: 'certificates' });
    return Promise.resolve();
  };
  const rereading = every(REREAD_EVERY_MS, reread, (error) => {
    log.error('certificates-faulty', { error: String(error) });
  });
  return {
    http: http.address() as AddressInfo,
    https: https?.server.address() as AddressInfo | undefined,
    backchannel: backchannel?.server.address() as AddressInfo | undefined,
    admin: admin.address() as AddressInfo,
    parts,
    own: operations.own,
    reread,
    drain: async (ms) => {
      isStopping = true;
      const isLast = (_request: unknown, response: ServerResponse): void => void (response.shouldKeepAlive = false);
      for (const { server } of servers) server.prependListener('request', isLast);
      https?.retire();
      await pause(ms);
    },
    close: async (graceMs = 10_000) => {
      expiring.stop();
      rereading.stop();
      refreshing.stop();
      // A WebSocket has no end of its own that could be waited for; its browser hears that the gateway goes away.
      for (const { upstream } of apps) upstream.closeTunnels();
      await Promise.all(
        servers.map(({ server, connections }) => closed(server, connections, server === admin ? 0 : graceMs)),
      );
      await parts.close();
    },
  };
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
