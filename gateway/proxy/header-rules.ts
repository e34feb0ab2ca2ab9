// Which header fields end here, worked out once per app (RFC 9110 §7.6.1, P11).

import { realAddress, type RealAddress } from './addresses.ts';
import type { Forgery } from './forgeries.ts';
import type { UpstreamSettings } from './upstream.ts';

/** Fields that belong to one connection only, and what an intermediary consumes (RFC 9110 §7.6.1, §10.1.1, §11.7). */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'proxy-authenticate',
  'proxy-authentication-info',
] as const;

/**
 * What a client may not tell an app: everything beginning with `x-forwarded-` or `x-curfew`, and these. `proxy` becomes the
 * environment variable HTTP_PROXY of a CGI program; the two rewriting fields make some frameworks serve another path
 * than the one that was judged.
 */
const FROM_CLIENTS = [
  'host',
  'expect',
  'trailer',
  'proxy-authorization',
  'forwarded',
  'x-real-ip',
  'x-request-id',
  'proxy',
  'x-original-url',
  'x-rewrite-url',
] as const;

/**
 * What asks a browser for a name and password, where the gateway speaks for the person: whatever it sent would be removed, and a prompt
 * would teach people to type passwords that go nowhere. The app's own 401 is shown without it.
 */
const CHALLENGES = ['www-authenticate', 'authentication-info'] as const;

/**
 * What an app may not tell a browser beside what is hop-by-hop. By `Alt-Svc` it would be asked at another address from then on, around the
 * gateway, whoever has signed out meanwhile (RFC 7838 §2.1).
 */
const FROM_APPS = ['trailer', 'alt-svc'] as const;

/** The fields of one app, ready to be looked up. */
export interface HeaderRules {
  readonly app: string;
  /** Canonical names of request fields that are removed. */
  readonly fromClients: ReadonlySet<string>;
  /** Lower-case names of response fields that are removed. */
  readonly fromApps: ReadonlySet<string>;
  /** Identity header names as the policy spells them: whatever is not among these is looked at more closely. */
  readonly identityNames: ReadonlySet<string>;
  /** The same in canonical spelling. */
  readonly identityFields: ReadonlySet<string>;
  /** Is told of every request field that imitated one of these. */
  readonly onForgery: (forgery: Forgery) => void;
  /** Names of the gateway's own cookies. */
  readonly cookieNames: readonly string[];
  /** Strict-Transport-Security over TLS, where the app says none (RFC 6797 §7.1). */
  readonly hsts: string | undefined;
  /** What answers may not name. */
  readonly real: RealAddress;
  /** What they name instead; undefined: the passage's scheme and host. */
  readonly originAt: ((host: string) => string) | undefined;
  /** Whether browsers may keep pages as the app says. */
  readonly keepsPages: boolean;
}

/** The rules for one app. Throws where `origin` is no http(s) origin. */
export function compileRules(
  { app, origin, originAt, keepsPages = false, identityHeaderNames }: UpstreamSettings,
  gatewayCookieNames: readonly string[],
  onForgery: (forgery: Forgery) => void = () => {},
  hsts?: string,
): HeaderRules {
  const identityFields = new Set(identityHeaderNames.map(canonicalName));
  return {
    app,
    fromClients: new Set([...HOP_BY_HOP, ...FROM_CLIENTS, ...identityFields]),
    fromApps: new Set([...HOP_BY_HOP, ...FROM_APPS, ...(identityFields.has('authorization') ? CHALLENGES : [])]),
    identityNames: new Set(identityHeaderNames),
    identityFields,
    onForgery,
    cookieNames: [...gatewayCookieNames],
    real: realAddress(origin),
    originAt,
    keepsPages,
    hsts,
  };
}

/**
 * A field name as an app may see it: lower case, and `-` for every other character. CGI makes `HTTP_REMOTE_USER` of
 * `Remote-User`, `remote_user` and, in some servers, `Remote.User` alike (RFC 3875 §4.1.18).
 */
export function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  return ODD.test(lower) ? lower.trim().replace(ODD_ALL, '-') : lower;
}

const ODD = /[^a-z0-9-]/;
const ODD_ALL = /[^a-z0-9-]/g;

/**
 * Names that a `Connection` field declares to be about this connection only; undefined for none. Content-Length is never
 * among them: a message whose length could be taken away would be read differently by the next hop.
 */
export function connectionOptions(value: string | undefined): ReadonlySet<string> | undefined {
  if (value === undefined || value === 'keep-alive' || value === 'close') return undefined;
  const names = new Set(value.split(',').map((option) => canonicalName(option.trim())));
  names.delete('content-length');
  return names;
}
