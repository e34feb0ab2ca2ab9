// The servers that browsers and identity providers reach: one that serves, and one that only says where it is served.

import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { createApp } from './http/app.ts';
import { createBackchannel } from './http/backchannel.ts';
import { certificateFor, type CertificateStore } from './http/certificates.ts';
import type { ClientCa } from './http/client-ca.ts';
import type { Doors } from './http/doors.ts';
import { httpsAddress } from './http/to-https.ts';
import { onUpgrade } from './http/upgrade.ts';

const COMMON: ServerOptions = {
  maxHeaderSize: 32 * 1024,
  headersTimeout: 30_000,
  // How often Node looks for who is over that; its own 30 s would make 60 of them.
  connectionsCheckingInterval: 5000,
};

const SERVING: ServerOptions = {
  ...COMMON,
  // An upload may take as long as bytes keep coming; the app's own timeouts end what hangs.
  requestTimeout: 0,
  keepAliveTimeout: 65_000,
  // Java's client offers HTTP/2 with every request in plain http; an offer may be passed over (RFC 9110 §7.8).
  shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
};

/** Serves in plain http. */
export const plainServer = (doors: Doors): Server => serving(createServer(SERVING), doors);

/** Serves over TLS. `setSecureContext` replaces what is shown to those who ask for no name. */
export const tlsServer = (doors: Doors, certificates: CertificateStore): TlsServer =>
  serving(
    createTlsServer({
      ...SERVING,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      SNICallback: (host, use) => use(null, certificates.contextFor(host)),
      ...certificates.first(),
    }),
    doors,
  );

/** Who shakes hands has little time for it, and for a message: it is server to server. */
const BACKCHANNEL: ServerOptions = {
  ...COMMON,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 10_000,
};
const HANDSHAKE_MS = 10_000;

/** The back channel, and how it is told that certificates or authorities have changed. */
export interface Backchannel {
  readonly server: TlsServer;
  changed(): void;
}

/**
 * Takes LogoutRequests from whoever shows a client certificate that `ca` signed; TLS refuses the others, and certificates whose extended key
 * usage is not clientAuth. `url` is the origin it is called by.
 */
export function backchannelServer(
  doors: Doors,
  url: string,
  certificates: CertificateStore,
  ca: ClientCa,
): Backchannel {
  const { hostname } = new URL(url);
  // One context and none by name: a context without `ca` would take the certificates of every authority the system knows.
  const context = () => {
    const { cert, key } = certificateFor(certificates.certificates(), hostname) ?? certificates.first();
    return { cert, key, ca: ca.pem(), minVersion: 'TLSv1.2' as const, sessionIdContext: 'curfew back channel' };
  };
  const server = createTlsServer({
    ...BACKCHANNEL,
    ...context(),
    ...{ requestCert: true, rejectUnauthorized: true, handshakeTimeout: HANDSHAKE_MS, ALPNProtocols: ['http/1.1'] },
  });
  const callback = createBackchannel(doors, url).callback();
  let trusted = new WeakSet<Duplex>();
  server.on('secureConnection', (socket) => trusted.add(socket));
  const answer: RequestListener = (request, response) => {
    // Let in by authorities that have been replaced since: the next handshake decides anew.
    if (trusted.has(request.socket)) void callback(request, response);
    else request.socket.destroy();
  };
  server.on('request', answer);
  server.on('checkContinue', answer);
  return {
    server,
    changed() {
      server.setSecureContext(context());
      trusted = new WeakSet();
      server.closeIdleConnections();
    },
  };
}

function serving<S extends Server>(server: S, doors: Doors): S {
  const answer = createApp(doors);
  server.on('request', answer);
  // Whoever reads the body says 100: the engine when the application is there to take it.
  server.on('checkContinue', answer);
  const upgrade = onUpgrade(doors);
  server.on('upgrade', (request, socket, head) => {
    void upgrade(request, socket, head);
  });
  return server;
}

/** Sends everybody to https and serves nothing (RFC 9110 §15.4.9: the method stays). */
export const redirectServer = (doors: Pick<Doors, 'apps' | 'publicOrigin'>): Server =>
  createServer(COMMON, (request, response) => {
    const location = httpsAddress(doors, request.headers.host ?? '', request.url ?? '');
    const body = location === undefined ? 'There is no such site here.\n' : '';
    const answer = { 'X-Curfew': location === undefined ? 'HOST_UNKNOWN' : 'OK', Connection: 'close' };
    response.writeHead(location === undefined ? 404 : 308, {
      ...answer,
      ...(location === undefined ? { 'Content-Type': 'text/plain; charset=utf-8' } : { Location: location }),
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
  });
