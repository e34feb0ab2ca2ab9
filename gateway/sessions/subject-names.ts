// Under which keyed hashes sessions are found and logouts remembered.

import { withoutSpaceAround } from '../kernel/white-space.ts';
import type { EpochMs } from '../kernel/words.ts';
import type { KeyedHash } from './keyed-hash.ts';
import type { Sessions } from './sessions.ts';
import type { SubjectNames, Tombstone } from './store.ts';

/** What a person goes by under one secret. */
export function namesFor(
  idp: string,
  nameIdValue: string,
  indexes: readonly string[],
): (hash: KeyedHash) => SubjectNames {
  return (hash) => ({
    subject: hash('subject', idp, withoutSpaceAround(nameIdValue)),
    indexes: indexes.map((index) => hash('index', idp, index)),
  });
}

/** What a person goes by whose sign-in had no SessionIndex: to a logout that names one it may be any. */
export function unindexedFor(idp: string, nameIdValue: string): (hash: KeyedHash) => SubjectNames {
  return (hash) => ({ subject: hash('unindexed', idp, withoutSpaceAround(nameIdValue)), indexes: [] });
}

/** What everybody at an identity provider goes by under one secret. */
export function anybodyFor(idp: string, indexes: readonly string[]): (hash: KeyedHash) => SubjectNames {
  return (hash) => ({ subject: hash('anybody', idp), indexes: indexes.map((index) => hash('index', idp, index)) });
}

/** SessionIndexes that a session is found by, where the identity provider gives another one each time. */
const MOST_INDEXES = 32;

/**
 * The SessionIndexes of a session that goes on under further ones. The newest first: where a LogoutRequest of ours has no room for all, they are what
 * the identity provider knows best. Where there are too many, the first of all stays: it may be the one that the identity provider goes by.
 */
export function indexesKept(said: readonly string[], former: readonly string[]): readonly string[] {
  const all = [...new Set([...said, ...former])];
  return all.length <= MOST_INDEXES ? all : [...all.slice(0, MOST_INDEXES - 1), ...all.slice(-1)];
}

/** What a logout that is in force is remembered by. */
export function tombstonesOf(
  { idp, nameIdValue, sessionIndexes, issuedAt, anybody }: Parameters<Sessions['bury']>[0],
  until: EpochMs,
): (hash: KeyedHash) => Tombstone[] {
  return (hash) => {
    const { subject, indexes } = namesFor(idp, nameIdValue, sessionIndexes)(hash);
    const everybody = anybody === true ? [anybodyFor(idp, sessionIndexes)(hash)] : [];
    return [
      ...(indexes.length > 0 ? indexes : [undefined]).map((index) => ({ subject, index, issuedAt, until })),
      ...(indexes.length > 0 ? [{ ...unindexedFor(idp, nameIdValue)(hash), index: undefined, issuedAt, until }] : []),
      ...everybody.flatMap((them) => them.indexes.map((index) => ({ subject: them.subject, index, issuedAt, until }))),
    ];
  };
}
