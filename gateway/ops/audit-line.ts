// What an audit line looks like, and what keeps it from being changed: one JSON object, its last member a keyed hash over itself and
// the line before. docs/audit.md and docs/audit.schema.json describe it.

import { createHmac, hkdfSync } from 'node:crypto';
import type { AuditEvent } from '../kernel/audit.ts';
import { sameSecret } from '../kernel/random.ts';
import type { EpochMs } from '../kernel/words.ts';

/** The first line of a file: where the one before it ended, or null where there was none. */
export interface FileLine {
  readonly event: 'file';
  readonly previous: string | null;
}

/** A keyed hash of texts, in base64url. */
export type AuditHash = (...parts: readonly string[]) => string;

/** The keys that come from one `sessions.secret`: each for one purpose (RFC 5869 §3.2). */
export interface AuditKeys {
  readonly chain: AuditHash;
  readonly pseudonym: AuditHash;
}

/** Derives them. */
export function auditKeys(secret: string): AuditKeys {
  const hashFor = (purpose: string): AuditHash => {
    const key = Buffer.from(hkdfSync('sha256', secret, '', `curfew audit ${purpose} 1`, 32));
    return (...parts) => createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url');
  };
  return { chain: hashFor('chain'), pseudonym: hashFor('pseudonym') };
}

/** How a person is called where NameIDs are not to be read: the same at every sign-in, and another at another identity provider. */
export const pseudonymOf = ({ pseudonym }: AuditKeys, idp: string, nameId: string): string =>
  `p-${pseudonym(idp, nameId).slice(0, 22)}`;

/** The event as it is written, with who it is about by pseudonym where `keys` are given. */
export function lineOf(
  event: AuditEvent | FileLine,
  at: EpochMs,
  requestId: string | undefined,
  keys?: AuditKeys,
  traceId?: string,
): string {
  const { event: name, ...facts } = event;
  const people = keys && peopleIn(facts, (idp, nameId) => pseudonymOf(keys, idp, nameId));
  const line = { at: new Date(at).toISOString(), event: name, requestId, trace_id: traceId, ...facts, ...people };
  return inOneLine(JSON.stringify(line));
}

/** JSON leaves U+2028 and U+2029 as they are, and readers end a line there; a stranger may have them in the ID of a message. */
const inOneLine = (json: string): string =>
  json.replaceAll(/[\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16)}`);

/** Whoever an event names, as `named` calls them: to be put over its facts. */
export function peopleIn(facts: object, named: (idp: string, nameId: string) => string): object {
  const calledIn = (one: { readonly idp?: string; readonly nameId?: string }): object =>
    one.nameId === undefined ? {} : { nameId: named(one.idp ?? '', one.nameId) };
  const { administrator }: { readonly administrator?: object | undefined } = facts;
  return {
    ...calledIn(facts),
    ...(administrator !== undefined && { administrator: { ...administrator, ...calledIn(administrator) } }),
  };
}

const CHAIN = /^(.*),"chain":"([A-Za-z0-9_-]{43})"\}$/;

/** The line with its link to `previous`, the link of the line before. */
export function chained(line: string, previous: string | null, { chain }: AuditKeys): { line: string; link: string } {
  const link = chain(previous ?? '', line);
  return { line: `${line.slice(0, -1)},"chain":"${link}"}`, link };
}

/** A line that was chained: what was chained, and its link. Undefined where it was not. */
export function unchained(line: string): { readonly line: string; readonly link: string } | undefined {
  const [, body, link] = CHAIN.exec(line) ?? [];
  return body === undefined || link === undefined ? undefined : { line: `${body}}`, link };
}

/** Whether `link` is the link of `line` after `previous`, under any of the keys. */
export const isLinked = (line: string, link: string, previous: string | null, keys: readonly AuditKeys[]): boolean =>
  keys.some(({ chain }) => sameSecret(chain(previous ?? '', line), link));
