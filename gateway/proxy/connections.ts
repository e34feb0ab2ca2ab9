// How one connection to an app is opened: whom to ask for, whom to believe, how long to wait.

import { isIP, type Socket } from 'node:net';
import { buildConnector } from 'undici';
import type { UpstreamSettings } from './upstream.ts';
import { WiredClient } from './wire.ts';

/** What a connection needs to know of its app. */
export type ConnectionSettings = Pick<
  UpstreamSettings,
  'origin' | 'connectTimeoutMs' | 'responseTimeoutMs' | 'idleTimeoutMs' | 'tls'
>;

/** Makes connections of one app; each connects when it is first used. `seen` is shown every socket that came about. */
export function connections(settings: ConnectionSettings, seen: (socket: Socket) => void = ignore): () => WiredClient {
  const connect = buildConnector({
    allowH2: false,
    timeout: settings.connectTimeoutMs,
    ...settings.tls,
  });
  const origin = new URL(settings.origin);
  const { hostname } = origin;
  // undici would ask for, and verify, the name in the browser's Host header; the app is who `origin` says it is.
  const servername = settings.tls?.servername ?? (isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? hostname : '');
  const options = {
    allowH2: false,
    headersTimeout: settings.responseTimeoutMs,
    bodyTimeout: settings.idleTimeoutMs,
  };
  return () =>
    new WiredClient(origin, options, (target, callback) => {
      connect({ ...target, servername }, (...[error, socket]) => {
        if (error !== null) {
          callback(error, null);
          return;
        }
        seen(socket);
        callback(null, socket);
      });
    });
}

const ignore = (): void => undefined;
