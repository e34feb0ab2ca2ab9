// The addresses of service providers that stood before curfew, by the host they are on (`saml.aliases`).

import type { Aliases } from '../saml/alias-settings.ts';
import type { Doors } from './doors.ts';

/** Paths of one host, and what is taken there. */
export type AliasPaths = ReadonlyMap<string, keyof Aliases>;

/** Of a host that has none. */
export const NO_ALIASES: AliasPaths = new Map<string, keyof Aliases>();

/** By host name; only hosts that have any. */
export function aliasPaths(
  hosts: readonly (readonly [hostName: string, aliases: Aliases | undefined])[],
): ReadonlyMap<string, AliasPaths> {
  const found = hosts.map(([host, aliases]) => {
    const { acs = [], slo = [] } = aliases ?? {};
    return [
      host,
      new Map([...acs.map((path) => [path, 'acs'] as const), ...slo.map((path) => [path, 'slo'] as const)]),
    ] as const;
  });
  return new Map(found.filter(([, paths]) => paths.size > 0));
}

/** Whether an address is one for Responses. */
export const isForResponses = (
  { aliases, publicHostName }: Pick<Doors, 'aliases' | 'publicHostName'>,
  path: string,
): boolean => path.endsWith('/saml/acs') || aliases.get(publicHostName)?.get(path) === 'acs';

/** Whether a query carries a SAML message, or a parameter that could be taken for one. */
export const hasMessage = (query: string): boolean => /(?:^|&)[^=&]*(?:SAML|%)/i.test(query);
