// What was concluded from the configuration, in one line of the log: enough to see which gateway this is, and nothing that is secret.

import { originsOf } from '../apps.ts';
import type { Configuration } from '../config/load.ts';
import { sha256 } from '../kernel/random.ts';

/** The line. Every member is named here, so that a new setting is not in it by accident. */
export function summaryOf({ publicUrl, listen, sessions, admin, audit, identityProviders, apps }: Configuration) {
  return {
    publicUrl,
    listen: Object.fromEntries(
      Object.entries(listen).flatMap(([name, at]) => (at === undefined ? [] : [[name, `${at.host}:${at.port}`]])),
    ),
    adminAsksForToken: admin.token !== undefined,
    adminAt: admin.url,
    store: storeIn(sessions.store),
    idleMinutes: sessions.idleMs / 60_000,
    lifetimeMinutes: sessions.lifetimeMs / 60_000,
    // `audit` marks the audit lines that stand among those of the log.
    auditedTo: audit.file === undefined ? 'log' : { file: audit.file, chain: audit.chain, nameIds: audit.nameIds },
    identityProviders: identityProviders.map(({ name, logout, allow }) => ({
      name,
      logout: logout.binding,
      allow: Object.entries(allow).flatMap(([weakness, isAllowed]) => (isAllowed ? [weakness] : [])),
    })),
    apps: apps.map(({ app, hosts, path, upstream, identityProviders: idps, signOut, signIn }) => ({
      app,
      at: originsOf({ hosts }, publicUrl).map((origin) => `${origin}${path}`),
      upstream,
      identityProviders: idps,
      isToldGoodbye: signOut.call !== undefined,
      isSignedInTo: signIn !== undefined,
    })),
  };
}

/** Where sessions are kept, without name and password. */
export function storeIn(store: Configuration['sessions']['store']): string {
  if (store.kind === 'memory') return 'memory';
  if (store.kind === 'file') return store.path;
  return `redis ${store.mode} ${store.hosts.map(({ host, port }) => `${host}:${port}`).join(',')}`;
}

const SECRET = new Set(['key', 'secrets', 'password', 'credentials', 'token', 'sentinelPassword']);

/** SHA-256 over all that is configured but what is secret, so that two starts can be compared. */
export const digestOf = (configuration: Configuration): string =>
  sha256(JSON.stringify(configuration, (name, value: unknown) => (SECRET.has(name) ? undefined : shown(name, value))));

/** Of keys their certificates: another one means that others may sign in our name. What has none, as `jwt.keys`, is secret as a whole. */
const shown = (name: string, value: unknown): unknown =>
  name === 'keys' && Array.isArray(value) ? value.filter((one) => typeof one === 'object') : value;
