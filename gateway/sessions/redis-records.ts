// Records as Redis keeps them, with a version number in each. What we cannot read is nobody's session.

import type { EpochMs, SessionId } from '../kernel/words.ts';
import { sessionsError } from './codes.ts';
import type { SessionRecord } from './store.ts';

/** The version of everything written here; the scripts know it as well. */
export const VERSION = '1';

/** A session's fields, name and value in turn. */
export const fieldsOf = (record: SessionRecord): (string | Buffer)[] => [
  ...['v', VERSION, 'id', record.id, 'subject', record.subject, 'indexes', JSON.stringify(record.indexes)],
  ...['sealed', Buffer.from(record.sealed), 'created', String(record.createdAt)],
  ...['used', String(record.lastUsedAt), 'expires', String(record.expiresAt)],
];

/** The fields that a renewal changes. */
export const renewedFieldsOf = (
  record: Pick<SessionRecord, 'subject' | 'indexes' | 'sealed' | 'expiresAt'>,
): (string | Buffer)[] => [
  ...['subject', record.subject, 'indexes', JSON.stringify(record.indexes)],
  ...['sealed', Buffer.from(record.sealed), 'expires', String(record.expiresAt)],
];

/** The record in a reply of fields; undefined where there is none, and `foreign` where it is not ours. */
export function recordIn(reply: unknown): SessionRecord | undefined | 'foreign' {
  const fields = pairsIn(reply);
  if (fields.size === 0) return undefined;
  const text = (name: string): string => fields.get(name)?.toString() ?? '';
  const sealed = fields.get('sealed');
  const times = [text('created'), text('used'), text('expires')].map(Number);
  const [createdAt, lastUsedAt, expiresAt] = times as [EpochMs, EpochMs, EpochMs];
  const indexes = textsIn(text('indexes'));
  const isOurs = text('v') === VERSION && text('id') !== '' && text('subject') !== '' && times.every(isTime);
  if (!isOurs || sealed === undefined || indexes === undefined) return 'foreign';
  const id = text('id') as SessionId;
  return { id, subject: text('subject'), indexes, sealed: Uint8Array.from(sealed), createdAt, lastUsedAt, expiresAt };
}

/** As `recordIn`, but throws SESSIONS_REDIS_FOREIGN where it is not ours. */
export function ownRecordIn(reply: unknown): SessionRecord | undefined {
  const record = recordIn(reply);
  if (record === 'foreign') throw sessionsError('SESSIONS_REDIS_FOREIGN');
  return record;
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
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

const isTime = (ms: number): boolean => Number.isSafeInteger(ms) && ms !== 0;

/** Bytes behind our version number. */
export const versioned = (bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from(VERSION), bytes]);

/** The bytes behind it; undefined where another version wrote them. */
export function unversioned(bytes: unknown): Uint8Array | undefined {
  if (!Buffer.isBuffer(bytes) || bytes.subarray(0, 1).toString() !== VERSION) return undefined;
  return Uint8Array.from(bytes.subarray(1));
}
