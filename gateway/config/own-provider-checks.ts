// What takes several files to see about service providers that apps have of their own.

import { parseHost } from '../policy/settings.ts';
import { entriesAt, faultAt, textAt } from './cross-checks.ts';
import { shown, valueAt } from './explain.ts';
import type { Fault } from './faults.ts';
import type { PolicyFile } from './yaml.ts';

const hostsOf = (app: PolicyFile): string[] =>
  entriesAt(app, ['hosts']).flatMap(({ value }) => (typeof value === 'string' ? (parseHost(value)?.name ?? []) : []));

/** Every entityId is one service provider's, and a host with one of its own is one app's: its session cookie could not tell two apart. */
export function ownProviderFaults(gateway: PolicyFile, apps: readonly PolicyFile[]): Fault[] {
  const publicUrl = URL.parse(textAt(gateway, ['publicUrl']) ?? '');
  const taken = new Map<string, string>();
  const gatewayId = textAt(gateway, ['saml', 'entityId']) ?? (publicUrl && `${publicUrl.origin}/saml/metadata`);
  if (gatewayId !== null) taken.set(gatewayId, gateway.file);
  return apps.flatMap((app) => {
    const own: unknown = valueAt(app.value, ['saml']);
    if (own === undefined) return [];
    const hosts = hostsOf(app);
    const place = ['saml', 'entityId'];
    const entityId = textAt(app, place);
    const before = entityId === undefined ? undefined : taken.get(entityId);
    if (entityId !== undefined && before === undefined) taken.set(entityId, app.file);
    const other = apps.find((one) => one !== app && hostsOf(one).some((host) => hosts.includes(host)));
    return [
      ...(before === undefined
        ? []
        : [faultAt(app, place, `${shown(app, place, entityId)} is already that of ${before}; choose another`)]),
      ...(other === undefined
        ? []
        : [
            faultAt(
              app,
              ['saml'],
              `needs a host of the app’s own, and ${other.file} has the same; leave it out, or give it another host`,
            ),
          ]),
      ...(publicUrl !== null && hosts.includes(publicUrl.hostname)
        ? [faultAt(app, ['saml'], 'cannot be on the host of publicUrl, which has the gateway’s; leave it out')]
        : []),
    ];
  });
}
