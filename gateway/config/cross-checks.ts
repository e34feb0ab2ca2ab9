// What no room can see by itself, because it takes two keys or two files. Looks at what is written, not at what a
// schema made of it, so that a fault elsewhere hides none of these.

import { parseListenAddress } from '../http/settings.ts';
import { parseHost } from '../policy/settings.ts';
import { unknownName, shown, valueAt } from './explain.ts';
import { formatKey, type Fault, type KeyPath } from './faults.ts';
import type { PolicyFile } from './yaml.ts';

/** Checks gateway.yaml against itself, and the apps against it and against each other. */
export function crossCheck(gateway: PolicyFile, apps: readonly PolicyFile[]): Fault[] {
  const providers = entriesAt(gateway, ['identityProviders']).map(({ path }) => ({
    file: gateway,
    path: [...path, 'name'],
  }));
  return [
    ...twice(providers, 'name'),
    ...twice(
      apps.map((file) => ({ file, path: ['app'] })),
      'app',
    ),
    ...claimedTwice(apps),
    ...apps.flatMap((app) =>
      identityProviderFaults(
        app,
        providers.map(({ path }) => textAt(gateway, path)),
      ),
    ),
    ...apps.flatMap((app) => [
      ...upstreamFaults(app, gateway),
      ...plainUpstreamFaults(app),
      ...reservedPath(app, gateway),
      ...cookieFaults(app),
      ...identityFaults(app, gateway),
    ]),
  ];
}

/** What works, but should be known. */
export function warn(gateway: PolicyFile): Fault[] {
  const warnings: Fault[] = [];
  const publicUrl = URL.parse(textAt(gateway, ['publicUrl']) ?? '');
  if (publicUrl?.protocol === 'http:' && !isLoopback(publicUrl.hostname)) {
    warnings.push(
      faultAt(
        gateway,
        ['publicUrl'],
        'is http: cookies and SAML messages can be read and taken on the way; write https',
      ),
    );
  }
  const secrets = [{ path: ['sessions', 'secret'] as KeyPath }, ...entriesAt(gateway, ['sessions', 'secret'])];
  for (const { path } of secrets) {
    if (textAt(gateway, path) === undefined || gateway.writtenAt(path) !== undefined) continue;
    warnings.push(
      faultAt(
        gateway,
        path,
        'stands in the file for everybody who may read it; name it as ${file:PATH} or ${env:NAME}',
      ),
    );
  }
  return warnings;
}

/** A fault at a place of a file. */
export const faultAt = (file: PolicyFile, path: KeyPath, message: string): Fault => ({
  file: file.file,
  line: file.lineOf(path),
  key: formatKey(path),
  message,
});

/** The items of a list, with their places; none where there is no list. */
export function entriesAt(file: PolicyFile, path: KeyPath): { readonly path: KeyPath; readonly value: unknown }[] {
  const list = valueAt(file.value, path);
  return Array.isArray(list) ? list.map((value: unknown, index) => ({ path: [...path, index], value })) : [];
}

/** The text at a place, if there is text. */
export function textAt(file: PolicyFile, path: KeyPath): string | undefined {
  const value = valueAt(file.value, path);
  return typeof value === 'string' ? value : undefined;
}

function twice(places: readonly { file: PolicyFile; path: KeyPath }[], what: string): Fault[] {
  const first = new Map<string, string>();
  return places.flatMap(({ file, path }) => {
    const name = textAt(file, path);
    if (name === undefined) return [];
    const before = first.get(name);
    if (before === undefined) {
      first.set(name, `${file.file}:${file.lineOf(path)}`);
      return [];
    }
    return [faultAt(file, path, `${shown(file, path, name)} is already the ${what} at ${before}; choose another`)];
  });
}

function claimedTwice(apps: readonly PolicyFile[]): Fault[] {
  const claims = new Map<string, string>();
  return apps.flatMap((file) => {
    // Capitals do not tell apps apart, because many applications do not tell capitals apart.
    const path = (textAt(file, ['path']) ?? '/').toLowerCase().replace(/(?<=.)\/$/, '');
    return entriesAt(file, ['hosts']).flatMap(({ path: place, value }) => {
      const host = typeof value === 'string' ? parseHost(value)?.name : undefined;
      if (host === undefined) return [];
      const before = claims.get(`${host}${path}`);
      if (before === undefined) {
        claims.set(`${host}${path}`, `${file.file}:${file.lineOf(place)}`);
        return [];
      }
      const under = path === '/' ? '' : ` with path ${JSON.stringify(path)}`;
      return [faultAt(file, place, `${shown(file, place, value)}${under} is already claimed by ${before}`)];
    });
  });
}

function identityProviderFaults(app: PolicyFile, names: readonly (string | undefined)[]): Fault[] {
  const known = [...new Set(names.filter((name) => name !== undefined))];
  const place = ['identityProvider'];
  const several = entriesAt(app, ['identityProviders']);
  const isNamed = valueAt(app.value, place) !== undefined;
  if (isNamed && several.length > 0)
    return [faultAt(app, place, 'stands beside identityProviders; leave one of them out')];
  const unknown = [{ path: place as KeyPath }, ...several].flatMap(({ path }) => {
    const named = textAt(app, path);
    const isKnown = named === undefined || known.length === 0 || known.includes(named);
    return isKnown ? [] : [faultAt(app, path, unknownName(named, known))];
  });
  if (isNamed || valueAt(app.value, ['identityProviders']) !== undefined || known.length < 2) return unknown;
  const message = `is missing where there are several; write one of: ${known.join(', ')}, or "identityProviders" with several`;
  return [faultAt(app, place, message)];
}

/** Passing requests to ourselves would go round for ever, or open the admin address to the world. */
function upstreamFaults(app: PolicyFile, gateway: PolicyFile): Fault[] {
  const url = URL.parse(textAt(app, ['upstream']) ?? '');
  if (url === null) return [];
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isOwn = Object.values(listening(gateway)).some(
    (own) =>
      own?.port === port &&
      (own.host === host || isWildcard(host) || (isLoopback(host) && (isWildcard(own.host) || isLoopback(own.host)))),
  );
  const isPublic = url.origin === URL.parse(textAt(gateway, ['publicUrl']) ?? '')?.origin;
  return isOwn || isPublic ? [faultAt(app, ['upstream'], 'is the gateway itself; write where the application is')] : [];
}

/** Files about TLS do not make an address one of TLS. */
function plainUpstreamFaults(app: PolicyFile): Fault[] {
  const isPlain = textAt(app, ['upstream'])?.toLowerCase().startsWith('http:') === true;
  if (!isPlain || valueAt(app.value, ['upstreamTls']) === undefined) return [];
  return [faultAt(app, ['upstreamTls'], 'means nothing where upstream is http; write https there, or leave it out')];
}

/** What an app is told takes keys of the gateway, or an account of its own. */
function identityFaults(app: PolicyFile, gateway: PolicyFile): Fault[] {
  const needsKey =
    valueAt(app.value, ['identity', 'jwt']) !== undefined && entriesAt(gateway, ['jwt', 'keys']).length === 0;
  const hasNoPeople = valueAt(app.value, ['signIn', 'credentials']) === undefined;
  const asking = ['username', 'password']
    .map((name) => ['identity', 'basic', name])
    .filter((place) => hasNoPeople && textAt(app, place)?.includes('${credentials.') === true);
  return [
    ...(needsKey
      ? [
          faultAt(
            app,
            ['identity', 'jwt'],
            'needs a key; run `curfew keys` and write "jwt: { keys: [../certs/jwt.key] }" into gateway.yaml',
          ),
        ]
      : []),
    ...asking.map((place) =>
      faultAt(
        app,
        place,
        'asks for credentials; write where they are, as "signIn: { credentials: secrets/wiki.yaml }"',
      ),
    ),
  ];
}

/** Cookies that pass through are not ours to show a part of, or to sign in with. */
function cookieFaults(app: PolicyFile): Fault[] {
  if (textAt(app, ['cookies', 'keep']) !== 'browser' || entriesAt(app, ['cookies', 'expose']).length === 0) return [];
  return [faultAt(app, ['cookies', 'expose'], 'has no meaning where the browser has all cookies; leave it out')];
}

/** The gateway answers under `/.curfew` on every host, and under `/saml` on its own. */
function reservedPath(app: PolicyFile, gateway: PolicyFile): Fault[] {
  const path = textAt(app, ['path'])?.toLowerCase() ?? '/';
  const own = URL.parse(textAt(gateway, ['publicUrl']) ?? '')?.hostname;
  const sharesHost = entriesAt(app, ['hosts']).some(
    ({ value }) => typeof value === 'string' && parseHost(value)?.name === own,
  );
  const reserved = sharesHost ? /^\/(?:\.curfew|saml)(?:\/|$)/ : /^\/\.curfew(?:\/|$)/;
  return reserved.test(path) ? [faultAt(app, ['path'], 'belongs to the gateway; choose another')] : [];
}

/** Where each socket is to listen; undefined where it is not, or the address is none. */
export function listening(gateway: PolicyFile) {
  return {
    http: parseListenAddress(textAt(gateway, ['listen', 'http']) ?? '0.0.0.0:8080'),
    https: parseListenAddress(textAt(gateway, ['listen', 'https']) ?? ''),
    backchannel: parseListenAddress(textAt(gateway, ['listen', 'backchannel']) ?? ''),
    admin: parseListenAddress(textAt(gateway, ['listen', 'admin']) ?? '127.0.0.1:9090'),
  };
}

/** Whether it stands for every address of the machine. */
export const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::';
/** Whether it stands for this machine alone. */
export const isLoopback = (host: string): boolean => /^(?:127\.[\d.]+|\[?::1\]?|(?:.+\.)?localhost)$/i.test(host);
