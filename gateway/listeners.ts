// The servers that browsers and identity providers reach: one that serves, and one that only says where it is served.

import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import type { Facade, Front } from './front.ts';
import { certificateFor } from './http/certificates.ts';
import { limitConnections } from './http/crowd.ts';
import type { Doors } from './http/doors.ts';
import { http2Options, watchHttp2, type StreamFault } from './http/http2.ts';
import { resetBelowTls } from './http/resets.ts';
import { httpsAddress } from './http/to-https.ts';

/** Who has left without a word, as telephones do, would be waited for for ever: an event stream or an upload says nothing to them that would fail. */
const KEPT = { keepAlive: true, keepAliveInitialDelay: 60_000 };

const COMMON = {
  ...KEPT,
  maxHeaderSize: 32 * 1024,
  headersTimeout: 30_000,
  // How often Node looks for who is over that; its own 30 s would make 60 of them.
  connectionsCheckingInterval: 5000,
};

const SERVING = {
  ...COMMON,
  // An upload may take as long as bytes keep coming; the app's own timeouts end what hangs.
  requestTimeout: 0,
  keepAliveTimeout: 65_000,
};

// Java's client offers HTTP/2 with every request in plain http; an offer may be passed over (RFC 9110 §7.8).
const isWebSocket = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket';

/** Answers plain http, by serving or by saying where it is served. */
export const plainServer = (facade: Facade): Server =>
  serving(
    createServer({
      ...SERVING,
      shouldUpgradeCallback: (request) => facade.now.takesPlainUpgrades && isWebSocket(request),
    }),
    facade,
    'plain',
  );

/** Answers operators, probes and Prometheus. */
export function adminServer(facade: Facade): Server {
  const server = createServer((request, response) => facade.now.admin.answer(request, response));
  limitConnections(server, () => facade.now.sideCrowd);
  return server;
}

/** A server over TLS; `setSecureContext` of `server` replaces what is shown to those who ask for no name. */
export interface SecureServer {
  readonly server: TlsServer;
  /** Asks those who speak HTTP/2 to come by a new connection from now on; what they ask over theirs is served. */
  readonly retire: () => void;
}

/** Serves over TLS, by HTTP/2 where `speaksHttp2` and the browser does, and by HTTP/1.1. `first` is what it begins with. */
export function tlsServer(facade: Facade, first: Front, speaksHttp2: boolean): SecureServer {
  const certificates = () => facade.now.certificates ?? first.certificates;
  const tls = {
    minVersion: 'TLSv1.2' as const,
    SNICallback: ((host, use) => use(null, certificates()?.contextFor(host))) satisfies TlsOptions['SNICallback'],
    ...first.certificates?.first(),
  };
  if (!speaksHttp2) {
    const options = { ...SERVING, ...tls, ALPNProtocols: ['http/1.1'], shouldUpgradeCallback: isWebSocket };
    return { server: serving(createTlsServer(options), facade, 'serve'), retire: () => {} };
  }
  const server = createSecureServer({ ...KEPT, ...http2Options(SERVING), ...tls });
  const shown = { certificates: () => certificates()?.certificates() ?? [] };
  const connections = watchHttp2(server, SERVING, shown, () => facade.now.trustedProxies);
  // Node lets no option say this where both are spoken.
  const both: Http2SecureServer & Pick<ServerOptions, 'shouldUpgradeCallback'> = server;
  both.shouldUpgradeCallback = isWebSocket;
  // What it is to whoever speaks HTTP/1.1 with it, and to whoever closes it; its requests over HTTP/2 are made to look the same.
  const asTls = both as unknown as TlsServer;
  return { server: serving(asTls, facade, 'serve', connections.faultOf), retire: connections.retire };
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
 * Takes LogoutRequests from whoever shows a client certificate that our authorities signed; TLS refuses the others, and certificates whose extended key
 * usage is not clientAuth. `first` is what it begins with. Throws where it has neither certificates nor authorities.
 */
export function backchannelServer(facade: Facade, first: Front): Backchannel {
  // One context and none by name: a context without `ca` would take the certificates of every authority the system knows.
  const context = ({ certificates, clientCa, backchannelHost }: Front) => {
    if (certificates === undefined || clientCa === undefined)
      throw new TypeError('the back channel has no authorities');
    const { cert, key } = certificateFor(certificates.certificates(), backchannelHost) ?? certificates.first();
    return { cert, key, ca: clientCa.pem(), minVersion: 'TLSv1.2' as const, sessionIdContext: 'curfew back channel' };
  };
  const server = createTlsServer({
    ...BACKCHANNEL,
    ...context(first),
    ...{ requestCert: true, rejectUnauthorized: true, handshakeTimeout: HANDSHAKE_MS, ALPNProtocols: ['http/1.1'] },
  });
  limitConnections(server, () => facade.now.sideCrowd);
  let trusted = new WeakSet<Duplex>();
  server.on('secureConnection', (socket) => trusted.add(socket));
  const answer: RequestListener = (request, response) => {
    // Let in by authorities that have been replaced since: the next handshake decides anew.
    if (trusted.has(request.socket)) facade.now.backchannel(request, response);
    else request.socket.destroy();
  };
  server.on('request', answer);
  server.on('checkContinue', answer);
  return {
    server,
    changed() {
      server.setSecureContext(context(facade.now));
      trusted = new WeakSet();
      server.closeIdleConnections();
    },
  };
}

function serving<S extends Server>(
  server: S,
  facade: Facade,
  how: 'plain' | 'serve',
  faultOf?: (request: IncomingMessage) => StreamFault | undefined,
): S {
  const answer: RequestListener = (request, response) =>
    facade.now[how](request, response, request.httpVersionMajor < 2 ? undefined : faultOf?.(request));
  limitConnections(server, () => facade.now.crowd);
  resetBelowTls(server);
  // Node 22 reads the first thousand fields, and hands on more: what was judged would be another request than what is sent. Their bytes are bounded.
  server.maxHeadersCount = 0;
  server.on('request', answer);
  // Whoever reads the body says 100: the engine when the application is there to take it.
  server.on('checkContinue', answer);
  server.on('upgrade', (request, socket, head) => {
    void facade.now.upgrade(request, socket, head);
  });
  return server;
}

/** Sends everybody to https and serves nothing (RFC 9110 §15.4.9: the method stays). */
export const redirecting =
  (doors: Pick<Doors, 'apps' | 'publicOrigin'>): RequestListener =>
  (request, response) => {
    const location = httpsAddress(doors, request.headers.host ?? '', request.url ?? '');
    const body = location === undefined ? 'There is no such site here.\n' : '';
    const answer = { 'X-Curfew': location === undefined ? 'HOST_UNKNOWN' : 'OK', Connection: 'close' };
    response.writeHead(location === undefined ? 404 : 308, {
      ...answer,
      ...(location === undefined ? { 'Content-Type': 'text/plain; charset=utf-8' } : { Location: location }),
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
  };
