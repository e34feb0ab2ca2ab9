// The servers that browsers and identity providers reach: one that serves, and one that only says where it is served.

import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import { createApp } from './http/app.ts';
import { createBackchannel } from './http/backchannel.ts';
import { certificateFor, type CertificateStore } from './http/certificates.ts';
import type { ClientCa } from './http/client-ca.ts';
import type { Doors } from './http/doors.ts';
import { http2Options, watchHttp2, type StreamFault } from './http/http2.ts';
import { httpsAddress } from './http/to-https.ts';
import { onUpgrade } from './http/upgrade.ts';

const COMMON = {
  maxHeaderSize: 32 * 1024,
  headersTimeout: 30_000,
  // How often Node looks for who is over that; its own 30 s would make 60 of them.
  connectionsCheckingInterval: 5000,
} satisfies ServerOptions;

const SERVING = {
  ...COMMON,
  // An upload may take as long as bytes keep coming; the app's own timeouts end what hangs.
  requestTimeout: 0,
  keepAliveTimeout: 65_000,
  // Java's client offers HTTP/2 with every request in plain http; an offer may be passed over (RFC 9110 §7.8).
  shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
} satisfies ServerOptions;

/** Serves in plain http. */
export const plainServer = (doors: Doors): Server => serving(createServer(SERVING), doors);

/** A server over TLS; `setSecureContext` of `server` replaces what is shown to those who ask for no name. */
export interface SecureServer {
  readonly server: TlsServer;
  /** Asks those who speak HTTP/2 to come by a new connection from now on; what they ask over theirs is served. */
  readonly retire: () => void;
}

/** Serves over TLS, by HTTP/2 where `speaksHttp2` and the browser does, and by HTTP/1.1. */
export function tlsServer(doors: Doors, certificates: CertificateStore, speaksHttp2: boolean): SecureServer {
  const tls = {
    minVersion: 'TLSv1.2' as const,
    SNICallback: ((host, use) => use(null, certificates.contextFor(host))) satisfies TlsOptions['SNICallback'],
    ...certificates.first(),
  };
  if (!speaksHttp2) {
    const server = createTlsServer({ ...SERVING, ...tls, ALPNProtocols: ['http/1.1'] });
    return { server: serving(server, doors), retire: () => {} };
  }
  const server = createSecureServer({ ...http2Options(SERVING), ...tls });
  const connections = watchHttp2(server, SERVING, certificates, doors.trustedProxies);
  // Node lets no option say this where both are spoken.
  const both: Http2SecureServer & Pick<ServerOptions, 'shouldUpgradeCallback'> = server;
  both.shouldUpgradeCallback = SERVING.shouldUpgradeCallback;
  // What it is to whoever speaks HTTP/1.1 with it, and to whoever closes it; its requests over HTTP/2 are made to look the same.
  const asTls = both as unknown as TlsServer;
  return { server: serving(asTls, doors, connections.faultOf), retire: connections.retire };
}

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

function serving<S extends Server>(
  server: S,
  doors: Doors,
  faultOf?: (request: IncomingMessage) => StreamFault | undefined,
): S {
  const answer = createApp(doors, faultOf);
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
