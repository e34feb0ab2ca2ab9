// Finds which app a request is for: by host, then by the longest path that leads to it.

import { compilePattern, type Pattern } from './glob.ts';
import { everyReading, type Readings } from './path.ts';
import type { Allow, AppPolicy } from './settings.ts';

/** An app with its rules compiled; made by `compileTable` only. */
export interface CompiledApp<A extends AppPolicy = AppPolicy> {
  readonly app: A;
  readonly rules: readonly CompiledRule[];
  /** Whether no pattern changes by folding: then a path that does not either need be judged only once. */
  readonly foldsAlike: boolean;
}

/** One rule of `access`. */
export interface CompiledRule {
  /** Undefined: every path. */
  readonly patterns: readonly Pattern[] | undefined;
  /** The same patterns for folded paths. */
  readonly foldedPatterns: readonly Pattern[] | undefined;
  /** Undefined: every method. */
  readonly methods: ReadonlySet<string> | undefined;
  /** Undefined: however the person has signed in. */
  readonly authnContext: readonly string[] | undefined;
  /** Undefined: however long ago. */
  readonly forceAuthnAfterMs: number | undefined;
  readonly allow: Allow;
}

/** All apps, to be searched. */
export interface Table<A extends AppPolicy = AppPolicy> {
  /**
   * The app for a Host header and the readings of a path. `ambiguous` where readings belong to different apps; undefined
   * where no app claims the host, or none the path.
   */
  find(host: string | undefined, read: Readings): CompiledApp<A> | 'ambiguous' | undefined;
}

interface Claim<A extends AppPolicy> {
  readonly prefix: string;
  readonly folded: string;
  readonly compiled: CompiledApp<A>;
}

/** Compiles the apps into a table. Two apps must not claim the same host and path; the configuration sees to that. */
export function compileTable<A extends AppPolicy>(apps: readonly A[]): Table<A> {
  const hosts = new Map<string, Claim<A>[]>();
  for (const app of apps) {
    const foldsAlike = app.access.every(({ paths }) => paths?.every((path) => foldPath(path) === path) ?? true);
    const compiled: CompiledApp<A> = { app, rules: app.access.map(compileRule), foldsAlike };
    const prefix = app.path === '/' ? '' : app.path;
    for (const { name } of app.hosts) {
      const claims = hosts.get(name) ?? [];
      claims.push({ prefix, folded: foldPath(prefix), compiled });
      hosts.set(name, claims);
    }
  }
  for (const claims of hosts.values()) claims.sort((a, b) => b.prefix.length - a.prefix.length);
  return {
    find: (host, read) => {
      const claims = hosts.get(hostName(host ?? '') ?? '');
      return claims === undefined ? undefined : agreed(claims, read);
    },
  };
}

/** The host of a Host header as the table knows it: lower case, without port and trailing dot. */
export function hostName(header: string): string | undefined {
  return /^([a-z0-9._-]+?|\[[0-9a-f:.]+\])\.?(?::\d*)?$/i.exec(header)?.[1]?.toLowerCase();
}

/** A path as applications read it that know neither capitals nor composed characters. */
export function foldPath(path: string): string {
  return /[A-Z\u0080-\uffff]/.test(path) ? path.normalize('NFKC').toLowerCase() : path;
}

function compileRule({
  paths,
  methods,
  authnContext,
  forceAuthnAfterMs,
  allow,
}: AppPolicy['access'][number]): CompiledRule {
  return {
    patterns: paths?.map(compilePattern),
    foldedPatterns: paths?.map((path) => compilePattern(foldPath(path))),
    // A HEAD is a GET without the content (RFC 9110 §9.3.2).
    methods: methods && new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods),
    authnContext,
    forceAuthnAfterMs,
    allow,
  };
}

/** Two apps may stand for one server, so a folded reading must lead to the same app as well. */
function agreed<A extends AppPolicy>(
  claims: readonly Claim<A>[],
  read: Readings,
): CompiledApp<A> | 'ambiguous' | undefined {
  const [only] = claims;
  if (claims.length === 1 && only?.prefix === '') return only.compiled;
  const found = new Set<CompiledApp<A> | undefined>();
  for (const path of everyReading(read)) {
    const folded = foldPath(path);
    found.add(claims.find(({ prefix }) => leadsTo(prefix, path))?.compiled);
    found.add(claims.find((claim) => leadsTo(claim.folded, folded))?.compiled);
  }
  return found.size === 1 ? [...found][0] : 'ambiguous';
}

const leadsTo = (prefix: string, path: string): boolean =>
  path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
