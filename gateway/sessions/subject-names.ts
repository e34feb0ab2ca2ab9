// Under which keyed hashes sessions are found and logouts remembered.

import type { KeyedHash } from './sealing.ts';
import type { SubjectNames } from './store.ts';

/** What a person goes by under one secret. */
export function namesFor(
  idp: string,
  nameIdValue: string,
  indexes: readonly string[],
): (hash: KeyedHash) => SubjectNames {
  return (hash) => ({
    subject: hash('subject', idp, nameIdValue.trim()),
    indexes: indexes.map((index) => hash('index', idp, index)),
  });
}

/** What everybody at an identity provider goes by under one secret. */
export function anybodyFor(idp: string, indexes: readonly string[]): (hash: KeyedHash) => SubjectNames {
  return (hash) => ({ subject: hash('anybody', idp), indexes: indexes.map((index) => hash('index', idp, index)) });
}
