// Upgrades to one app through http-proxy, once per app, with what it gets wrong put right: it decides about the path, passes
// every header on, has no listener for a refused upgrade and leaves one end open when the other is gone.

import { IncomingMessage } from 'node:http';
import { isIP, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createProxyServer } from 'http-proxy';
import { proxyError } from './codes.ts';
import { canonicalName, type HeaderRules } from './header-rules.ts';
import { hasBody } from './request-body.ts';
import { requestHeaders } from './request-headers.ts';
import { isPath } from './request-target.ts';
import { Tunnel } from './tunnel.ts';
import type { Forwarded, Passage, UpstreamSettings } from './upstream.ts';

/** Upgrades to one app. `upgrade` never rejects. */
export interface TunnelEngine {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, passage: Passage): Promise<Forwarded>;
  /** Cuts what is open, with a Close of 1001, and takes no more. */
  close(): void;
  /** Cuts those of no session in the same way, and takes no more of these; resolves when no other is left. */
  giveUp(): Promise<void>;
}

/** Opens the way for upgrades to one app. */
export function openTunnels(settings: UpstreamSettings, rules: HeaderRules): TunnelEngine {
  const { hostname } = new URL(settings.origin);
  const servername = isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? hostname : '';
  const { servername: name = servername, ...tls } = settings.tls ?? {};
  const tunnels = new Map<IncomingMessage, Tunnel>();
  let isClosed = false;
  let isGivenUp = false;
  const proxy = createProxyServer({
    // It takes the name from `ssl`, and certificates from the target alone.
    target: Object.assign(new URL(settings.origin), tls),
    // The path is put in by the tunnel, byte for byte: http-proxy would read `/public/%2e%2e/admin` as `/admin`.
    toProxy: true,
    ignorePath: true,
    prependPath: false,
    connectTimeout: settings.connectTimeoutMs,
  });
  proxy.on('proxyReqWs', (upstreamRequest, request) => tunnels.get(request)?.begin(upstreamRequest));
  // Every error reaches its tunnel; without a listener of ours http-proxy throws it at the process.
  proxy.on('error', () => {});

  return {
    async upgrade(request, socket, head, passage) {
      // From the first line on: the HTTP server has taken its own listener away.
      socket.on('error', () => {});
      const facts = { detail: { app: settings.app } };
      if (isClosed || (isGivenUp && passage.connection === undefined))
        return { kind: 'failed', error: proxyError('UPSTREAM_CLOSED', facts) };
      if (!isPath(request.url)) return { kind: 'failed', error: proxyError('REQUEST_TARGET_REFUSED', facts) };
      if (!isWebSocketHandshake(request)) return { kind: 'failed', error: proxyError('UPGRADE_REFUSED', facts) };

      const judged = judgedRequest(request, passage, rules);
      const tunnel = new Tunnel({ settings, rules, path: request.url, socket, passage });
      tunnels.set(judged, tunnel);
      void tunnel.outcome.finally(() => tunnels.delete(judged));
      if (!tunnel.join()) return tunnel.outcome;
      try {
        // A fresh object each time: http-proxy writes into it.
        const ssl = { servername: name };
        proxy.ws(judged, socket, head, { ssl }, (error) => tunnel.fail(error));
        tunnel.takeOver();
      } catch (error) {
        tunnel.fail(error);
      }
      return tunnel.outcome;
    },
    close() {
      isClosed = true;
      for (const tunnel of tunnels.values()) tunnel.goAway();
    },
    async giveUp() {
      isGivenUp = true;
      const open = [...tunnels.values()];
      for (const tunnel of open) if (tunnel.isOfNobody) tunnel.goAway();
      await Promise.all(open.map(({ outcome }) => outcome));
    },
  };
}

/** RFC 6455 §4.1. One with a body is refused: after the upgrade its bytes would be read as frames, before it as a request. */
function isWebSocketHandshake(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket' && !hasBody(request);
}

/**
 * The request as the app may see it. http-proxy never meets the browser's own headers: a field that it or Node acts upon while
 * the request is made (`Expect` sends the headers off at once) would otherwise come before our filter.
 */
function judgedRequest(request: IncomingMessage, passage: Passage, rules: HeaderRules): IncomingMessage {
  const judged = new IncomingMessage(new Socket());
  judged.method = 'GET';
  judged.httpVersion = '1.1';
  judged.httpVersionMajor = 1;
  judged.httpVersionMinor = 1;
  const flat = requestHeaders(request, passage, rules);
  // In lower case, because http-proxy looks for them so.
  flat.push('connection', 'Upgrade', 'upgrade', 'websocket');
  const fields = new Map<string, { name: string; values: string[] }>();
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const name = flat[at] as string;
    const field = fields.get(canonicalName(name)) ?? { name, values: [] };
    field.values.push(flat[at + 1] as string);
    fields.set(canonicalName(name), field);
  }
  judged.headers = Object.fromEntries(
    [...fields.values()].map(({ name, values }) => [name, values.length === 1 ? values[0] : values]),
  );
  return judged;
}
