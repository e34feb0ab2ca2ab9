// Sessions as the flows see them: identities instead of sealed bytes, tokens instead of hashes.

import type { EndReason, EpochMs, Identity, SessionId, Told, Token } from '../kernel/words.ts';
import type { Secured } from './store.ts';

/** One person, signed in. */
export interface Session {
  readonly id: SessionId;
  readonly identity: Identity;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs;
  /** What apps are told of the person: kept here by whoever tells them, and gone with the session as this process knows it. */
  told?: Told | undefined;
}

/** Answers at once where nothing has to be waited for: the request path must not pay for a promise it does not need. */
export type Soon<T> = T | Promise<T>;

/** All sessions; every method that asks the store rejects where the store cannot be asked. */
export interface Sessions {
  /**
   * Begins a session. `notOnOrAfter` is the assertion's SessionNotOnOrAfter, where it has one, and caps the lifetime.
   * `tombstoned`: a logout in force forbids it (saml-core §3.7.3.1).
   */
  begin(identity: Identity, notOnOrAfter: EpochMs | undefined, now: EpochMs): Promise<Session | 'tombstoned'>;
  /**
   * Puts what the identity provider has said anew of the same person in the place of what it said before: the session goes on, with the end that
   * follows from its beginning, and is found by the SessionIndexes of both. `tombstoned`: a logout in force forbids it, and the session is
   * to be ended. Undefined where it has ended.
   */
  renew(
    session: Session,
    said: Identity,
    notOnOrAfter: EpochMs | undefined,
    now: EpochMs,
  ): Promise<Session | 'tombstoned' | undefined>;
  /** The living session of this id as the store has it now: another node may have renewed it. */
  reread(id: SessionId, now: EpochMs): Promise<Session | undefined>;
  /** A new token for one host; undefined where the session no longer lives. */
  mint(id: SessionId, host: string): Promise<Token | undefined>;
  /** The living session that `token` opens on `host`: neither idle too long, nor past its lifetime, nor ended. Does not extend it. */
  find(token: Token, host: string, now: EpochMs): Soon<Session | undefined>;
  /** The second look: whether the session still lives, noting its use (exact in this process, written at most once a minute). */
  touch(id: SessionId, now: EpochMs): Soon<boolean>;
  /**
   * Living sessions of a NameID value in a realm (`realmOf`); with SessionIndexes, those that have one of them, or none at all. Whether Format and
   * qualifiers agree is the caller's to judge.
   */
  findBySubject(realm: string, nameIdValue: string, sessionIndexes: readonly string[]): Promise<Session[]>;
  /** Living sessions in a realm with one of these SessionIndexes, whoever's they are. */
  findByIndexes(realm: string, sessionIndexes: readonly string[]): Promise<Session[]>;
  /** Ends the session; exactly one caller gets it, the others undefined. */
  end(id: SessionId, now: EpochMs): Promise<Session | undefined>;
  forget(id: SessionId): Promise<void>;
  /** Sessions that have ended and are not forgotten: their apps are being told, by any node, or whoever did so has died. */
  unfinished(): Promise<Session[]>;
  /**
   * Hands every session whose end somebody began and nobody will finish to `finish`, each to one caller on any node: at once what is
   * left now, and later what other nodes leave. Rejects where what is left now cannot be read, or `finish` rejects.
   */
  adopt(finish: (left: readonly Session[]) => Promise<void>): Promise<void>;
  /** Sessions whose time has come, with the reason; at most 500 a call. */
  due(now: EpochMs): Promise<{ readonly id: SessionId; readonly reason: Extract<EndReason, 'idle' | 'lifetime'> }[]>;
  /**
   * Remembers a logout until `until`: for these SessionIndexes of the NameID, or for all its sessions where there is none; with `anybody` for these
   * SessionIndexes whoever comes with them. What it answers resolves when that is safe from a power cut.
   */
  bury(
    logout: {
      /** The realm (`realmOf`). */
      readonly idp: string;
      readonly nameIdValue: string;
      readonly sessionIndexes: readonly string[];
      readonly issuedAt: EpochMs;
      readonly anybody?: boolean;
    },
    until: EpochMs,
  ): Promise<Secured>;
  onEnded(listener: (id: SessionId) => void): () => void;
  count(): Promise<number>;
  ready(): Promise<void>;
  sweep(now: EpochMs): Promise<number>;
  close(): Promise<void>;
}

/** One cookie of an app. What `name` and `text` hold is up to the caller; a name is unique in one jar. */
export interface StoredText {
  readonly name: string;
  readonly text: string;
}

/** One cookie set, or removed where `text` is undefined. */
export interface JarChange {
  readonly name: string;
  readonly text: string | undefined;
}

/** The cookies that apps have set, kept with the session and gone with it (P7, P10). The store reads neither name nor text. */
export interface Jars {
  /**
   * One app's cookies, in no order: of a living session, and of an ended one until it is forgotten; otherwise none. Throws
   * SESSIONS_SEAL_BROKEN where one cannot be read: half a jar is not what the app has set.
   */
  read(id: SessionId, app: string): Promise<readonly StoredText[]>;
  /**
   * Applies all changes or none, one after the other; cookies not named stay. Answers the jar's version (always 1 where one process
   * has the store to itself); 0, and nothing is kept, where the session no longer lives.
   */
  merge(id: SessionId, app: string, changes: readonly JarChange[]): Promise<number>;
  /** The apps that have cookies here; as long as `read` has them. */
  apps(id: SessionId): Promise<readonly string[]>;
}

/** What may happen once: used message IDs, awaited responses, tickets. Names are hashed and values sealed on the way to the store. */
export interface Ledger {
  /** True for the first caller that names (kind, id) before `until`; false for everyone after. */
  once(kind: string, id: string, until: EpochMs, now: EpochMs): Promise<boolean>;
  /** Keeps a JSON value under (kind, id) until `until`. */
  keep(kind: string, id: string, value: unknown, until: EpochMs): Promise<void>;
  /** Keeps as `keep` does and answers what stood there, in one step: of several at once each meets the one before. */
  swap(kind: string, id: string, value: unknown, until: EpochMs, now: EpochMs): Promise<unknown>;
  /**
   * Puts what `next` makes of what is kept in its place, in one step, on whatever node; where it makes nothing of it, nothing is kept any more. `next` may be
   * asked several times.
   */
  change(
    kind: string,
    id: string,
    next: (stood: unknown) => { readonly value: unknown; readonly until: EpochMs } | undefined,
    now: EpochMs,
  ): Promise<void>;
  read(kind: string, id: string, now: EpochMs): Promise<unknown>;
  /** Reads and removes in one step: exactly one caller gets the value, the others undefined. */
  take(kind: string, id: string, now: EpochMs): Promise<unknown>;
}
