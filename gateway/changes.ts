// What is different between two configurations, in words for operators; and what cannot be changed while the gateway runs.

import { BlockList } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { Configuration } from './config/load.ts';
import type { Fault, KeyPath } from './config/faults.ts';

/** Names that are there now and were not, that stand for something else than before, and that are gone. */
export interface Difference {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** What is different. */
export interface Changes {
  readonly apps: Difference;
  readonly identityProviders: Difference;
  /** Sections and single keys of gateway.yaml. */
  readonly settings: readonly string[];
}

/** Whether two values say the same, to the bottom. */
export const isSame = (a: unknown, b: unknown): boolean =>
  a instanceof BlockList && b instanceof BlockList ? isDeepStrictEqual(a.rules, b.rules) : isDeepStrictEqual(a, b);

/** Compares two configurations, with all that their files hold. */
export function changesBetween(before: Configuration, after: Configuration): Changes {
  const { apps, identityProviders, ...settings } = after;
  const keys = Object.keys({ ...before, ...settings }).filter((key) => key !== 'apps' && key !== 'identityProviders');
  return {
    apps: differenceOf(namedBy(before.apps, 'app'), namedBy(apps, 'app')),
    identityProviders: differenceOf(namedBy(before.identityProviders, 'name'), namedBy(identityProviders, 'name')),
    settings: keys.filter((key) => !isSame(before[key as keyof Configuration], after[key as keyof Configuration])),
  };
}

/** Whether there is none. */
export const isNothing = ({ apps, identityProviders, settings }: Changes): boolean =>
  [apps, identityProviders].every(
    ({ added, changed, removed }) => added.length + changed.length + removed.length === 0,
  ) && settings.length === 0;

/** A fault for each setting that is other and that only a new process can go by; `faultAt` knows where it stands. */
export function needingRestart(
  before: Configuration,
  after: Configuration,
  faultAt: (path: KeyPath, message: string) => Fault,
): Fault[] {
  const fixed: readonly { readonly path: KeyPath; readonly of: (one: Configuration) => unknown }[] = [
    { path: ['sessions', 'store'], of: ({ sessions }) => sessions.store },
    { path: ['sessions', 'lease'], of: ({ sessions }) => sessions.leaseMs },
    { path: ['sessions', 'redis'], of: ({ sessions }) => sessions.redis },
    { path: ['workers'], of: ({ workers }) => workers },
    { path: ['tls', 'http2'], of: ({ listen, tls }) => listen.https && tls?.http2 },
  ];
  return fixed
    .filter(({ of }) => !isSame(of(before), of(after)))
    .map(({ path }) =>
      faultAt(path, 'cannot be changed while curfew runs; restart to change it, or write what it was'),
    );
}

function namedBy<K extends string>(list: readonly Readonly<Record<K, string>>[], key: K): Map<string, unknown> {
  return new Map(list.map((one) => [one[key], one]));
}

const differenceOf = (before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): Difference => ({
  added: [...after.keys()].filter((name) => !before.has(name)),
  changed: [...after].flatMap(([name, one]) => (before.has(name) && !isSame(before.get(name), one) ? [name] : [])),
  removed: [...before.keys()].filter((name) => !after.has(name)),
});
