// Records as Redis keeps them, with a version number in each. What we cannot read is nobody's session.

import type { EpochMs, SessionId } from '../kernel/words.ts';
import { sessionsError } from './codes.ts';
import type { SessionRecord, SubjectNames } from './store.ts';

/** The version of everything written here; the scripts know it as well. */
export const VERSION = '1';

/** Digits of a time: as many for each, so that it stands at one place and two compare as texts. */
const DIGITS = 16;
/** Version, then beginning, last use and end. */
const HEAD = 1 + 3 * DIGITS;

/** A time as it stands in a record. */
export const timeOf = (at: EpochMs): string => String(at).padStart(DIGITS, '0');

/**
 * What stands behind the times: names, a line feed, sealed bytes. One string and no hash: with a value over 64 bytes Redis would keep a hash as
 * a table, for half a kilobyte more a session.
 */
export const bodyOf = ({ subject, indexes, sealed }: Pick<SessionRecord, 'subject' | 'indexes' | 'sealed'>): Buffer =>
  Buffer.concat([Buffer.from(`${JSON.stringify([subject, indexes])}\n`), sealed]);

/** The record in a reply; undefined where there is none, and `foreign` where it is not ours. */
export function recordIn(id: SessionId, reply: unknown): SessionRecord | undefined | 'foreign' {
  if (reply === null || reply === undefined) return undefined;
  if (!Buffer.isBuffer(reply) || reply.toString('latin1', 0, 1) !== VERSION) return 'foreign';
  const times = [0, 1, 2].map((nth) => timeIn(reply.toString('latin1', 1 + nth * DIGITS, 1 + (nth + 1) * DIGITS)));
  const [createdAt, lastUsedAt, expiresAt] = times as [EpochMs, EpochMs, EpochMs];
  const end = reply.indexOf('\n', HEAD);
  const names = namesIn(reply.toString('utf8', HEAD, Math.max(end, HEAD)));
  if (names === undefined || !times.every(Number.isSafeInteger)) return 'foreign';
  return { id, ...names, sealed: Uint8Array.from(reply.subarray(end + 1)), createdAt, lastUsedAt, expiresAt };
}

/** As `recordIn`, but throws SESSIONS_REDIS_FOREIGN where it is not ours. */
export function ownRecordIn(id: SessionId, reply: unknown): SessionRecord | undefined {
  const record = recordIn(id, reply);
  if (record === 'foreign') throw sessionsError('SESSIONS_REDIS_FOREIGN');
  return record;
}

const timeIn = (digits: string): number => (/^\d{16}$/.test(digits) ? Number(digits) : NaN);

function namesIn(json: string): SubjectNames | undefined {
  const value = parsed(json);
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [subject, indexes] = value as [unknown, unknown];
  return typeof subject === 'string' && areTexts(indexes) ? { subject, indexes } : undefined;
}

/** A reply of names and values in turn, as a Map; empty where it is something else. */
export function pairsIn(reply: unknown): Map<string, Buffer> {
  const pairs = new Map<string, Buffer>();
  if (!Array.isArray(reply)) return pairs;
  for (let at = 0; at + 1 < reply.length; at += 2) {
    const [name, value] = [reply[at] as unknown, reply[at + 1] as unknown];
    if (Buffer.isBuffer(name) && Buffer.isBuffer(value)) pairs.set(name.toString(), value);
  }
  return pairs;
}

/** A reply that is one byte string, as text; empty where it is none. */
export const textIn = (reply: unknown): string => (Buffer.isBuffer(reply) ? reply.toString() : '');

/** A reply that is a list, as texts. */
export const listIn = (reply: unknown): string[] => (Array.isArray(reply) ? reply.map(String) : []);

/** A JSON list of texts; undefined where it is none. */
export function textsIn(json: string): string[] | undefined {
  const value = parsed(json);
  return areTexts(value) ? value : undefined;
}

const areTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

/** Bytes behind our version number. */
export const versioned = (bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from(VERSION), bytes]);

/** The bytes behind it; undefined where another version wrote them. */
export function unversioned(bytes: unknown): Uint8Array | undefined {
  if (!Buffer.isBuffer(bytes) || bytes.subarray(0, 1).toString() !== VERSION) return undefined;
  return Uint8Array.from(bytes.subarray(1));
}
