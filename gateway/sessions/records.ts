// Sessions as records: what of them is sealed, what they are found by, when they end.

import { LRUCache } from 'lru-cache';
import { plus } from '../kernel/clock.ts';
import { issuedNameId, realmOf, type EpochMs, type Identity, type SessionId } from '../kernel/words.ts';
import { identityOf, textOf } from './identity-text.ts';
import { RestingIdentities } from './resting-identity.ts';
import type { KeepOptions } from './keep.ts';
import type { Sealing } from './sealing.ts';
import type { Session } from './sessions.ts';
import type { SessionRecord, SubjectNames } from './store.ts';
import { anybodyFor, namesFor, unindexedFor } from './subject-names.ts';

/** What was read, and under which secrets. */
interface JustRead {
  readonly sealed: Uint8Array;
  readonly identity: Identity;
  readonly hashes: Sealing['hashes'];
}

/** Sessions that were read and are likely to be read again at once: as many as one logout finds, several times. */
const JUST_READ = 64;

/** Writes and reads records under the secrets there are. */
export class Records {
  readonly #options: Pick<KeepOptions, 'sealing' | 'terms' | 'log'>;
  readonly #identities = new RestingIdentities();
  /** By the bytes they were read from: a logout finds a session and then ends it, and what it ends is the same to the last byte. */
  readonly #justRead = new LRUCache<SessionId, JustRead>({ max: JUST_READ });

  constructor(options: Pick<KeepOptions, 'sealing' | 'terms' | 'log'>) {
    this.#options = options;
  }

  sealed(identity: Identity, id: SessionId): Uint8Array {
    return this.#options.sealing.seal(textOf(identity), 'session', id);
  }

  /** The session, or undefined where its bytes cannot be read: it then serves nobody. For whoever looks at it and lets it go. */
  opened(record: SessionRecord): Session | undefined {
    const { id, sealed } = record;
    const { hashes } = this.#options.sealing;
    const read = this.#justRead.get(id);
    // By the secrets of now: what a secret has sealed that is taken away serves nobody, and no logout would find it.
    if (read?.hashes === hashes && Buffer.compare(read.sealed, sealed) === 0) {
      this.#justRead.delete(id);
      return sessionOf(record, read.identity);
    }
    const identity = this.#read(record, identityOf);
    if (identity === undefined) return undefined;
    this.#justRead.set(id, { sealed, identity, hashes });
    return sessionOf(record, identity);
  }

  /** The same, for whoever keeps it: most of those that are kept rest as text. */
  kept(record: SessionRecord): Session | undefined {
    const identity = this.#read(record, (text) => this.#identities.of(text));
    return identity && sessionOf(record, identity);
  }

  #read({ id, sealed }: SessionRecord, from: (text: string) => Identity): Identity | undefined {
    const { sealing, log } = this.#options;
    try {
      return from(sealing.open(sealed, 'session', id));
    } catch (error) {
      log.error('session-unreadable', { session: id, error: String(error) });
      return undefined;
    }
  }

  /** The lesser of the lifetime and SessionNotOnOrAfter. */
  endOf(createdAt: EpochMs, notOnOrAfter: EpochMs | undefined): EpochMs {
    return Math.min(plus(createdAt, this.#options.terms.lifetimeMs), notOnOrAfter ?? Infinity) as EpochMs;
  }

  /** What a session is found by, and what else a logout in force may be remembered under. */
  namesOf(identity: Identity): { names: SubjectNames; others: readonly SubjectNames[] } {
    const { sessionIndexes } = identity;
    const realm = realmOf(identity);
    const { hashes } = this.#options.sealing;
    const [hash, ...formerHashes] = hashes;
    const { value } = issuedNameId(identity);
    const names = namesFor(realm, value, sessionIndexes);
    const further =
      sessionIndexes.length === 0
        ? hashes.map(unindexedFor(realm, value))
        : hashes.map(anybodyFor(realm, sessionIndexes));
    return { names: names(hash), others: [...formerHashes.map(names), ...further] };
  }
}

const sessionOf = ({ id, createdAt, expiresAt }: SessionRecord, identity: Identity): Session => ({
  id,
  identity,
  createdAt,
  expiresAt,
  told: undefined,
});
