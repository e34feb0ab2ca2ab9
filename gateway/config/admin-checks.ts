// What takes several keys to see about the administrators' own address.

import { parseHost } from '../policy/settings.ts';
import { entriesAt, faultAt, isLoopback, textAt } from './cross-checks.ts';
import { unknownName, valueAt } from './explain.ts';
import type { Fault, KeyPath } from './faults.ts';
import type { PolicyFile } from './yaml.ts';

const AT = {
  url: ['admin', 'url'],
  access: ['admin', 'access'],
  identityProviders: ['admin', 'identityProviders'],
} as const satisfies Record<string, KeyPath>;

/** Everything that is wrong with `admin.url` and what belongs to it. */
export function adminFaults(gateway: PolicyFile, apps: readonly PolicyFile[]): Fault[] {
  const has = (path: KeyPath): boolean => valueAt(gateway.value, path) !== undefined;
  if (!has(AT.url)) {
    const write = 'write "url: https://admin.example.com", or leave it out';
    return [AT.access, AT.identityProviders]
      .filter(has)
      .map((path) => faultAt(gateway, path, `means nothing without admin.url; ${write}`));
  }
  const rule = 'write "access: [{ allow: { attributes: { groups: [sre] } } }]"';
  const unruled = has(AT.access) ? [] : [faultAt(gateway, AT.url, `is for nobody without admin.access; ${rule}`)];
  return [...unruled, ...addressFaults(gateway, apps), ...providerFaults(gateway)];
}

/** On a host of somebody else's its session cookie would be theirs as well, and so would what their pages may read. */
function addressFaults(gateway: PolicyFile, apps: readonly PolicyFile[]): Fault[] {
  const [url, publicUrl] = [AT.url, ['publicUrl']].map((path) => URL.parse(textAt(gateway, path) ?? ''));
  if (!url) return [];
  const taken =
    url.hostname === publicUrl?.hostname
      ? 'publicUrl'
      : apps.find((app) =>
          entriesAt(app, ['hosts']).some(
            ({ value }) => typeof value === 'string' && parseHost(value)?.name === url.hostname,
          ),
        )?.file;
  const plain =
    url.protocol === 'http:' && !isLoopback(url.hostname)
      ? 'is http, where everybody on the way can take the session; write https'
      : publicUrl && publicUrl.protocol !== url.protocol
        ? `is ${url.protocol.slice(0, -1)}, and publicUrl is not; both are reached through the same listener`
        : undefined;
  return [
    ...(taken === undefined
      ? []
      : [faultAt(gateway, AT.url, `needs a host of its own, and has that of ${taken}; write another`)]),
    ...(plain === undefined ? [] : [faultAt(gateway, AT.url, plain)]),
  ];
}

/** Of several none is an administrators' by itself: each of them says who is in which group. */
function providerFaults(gateway: PolicyFile): Fault[] {
  const known = entriesAt(gateway, ['identityProviders']).flatMap(
    ({ path }) => textAt(gateway, [...path, 'name']) ?? [],
  );
  const named = entriesAt(gateway, AT.identityProviders);
  if (named.length === 0 && known.length > 1) {
    const message = `needs "identityProviders" where there are several; write one or more of: ${known.join(', ')}`;
    return [faultAt(gateway, AT.url, message)];
  }
  return named.flatMap(({ path }) => {
    const name = textAt(gateway, path);
    return name === undefined || known.length === 0 || known.includes(name)
      ? []
      : [faultAt(gateway, path, unknownName(name, known))];
  });
}
