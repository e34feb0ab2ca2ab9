// What every backend promises. It sees keyed hashes and sealed bytes only (sessions/sealing.ts makes them), and
// time is a parameter. test/sessions/contract.ts holds every backend to this.

import type { EpochMs, SessionId } from '../kernel/words.ts';

/** A session as a backend keeps it: searchable by keyed hashes, readable by nobody who holds only the store. */
export interface SessionRecord {
  readonly id: SessionId;
  /** Keyed hash of (IdP, NameID value). */
  readonly subject: string;
  /** Keyed hashes of (IdP, SessionIndex); may be empty. */
  readonly indexes: readonly string[];
  /** The identity, encrypted. */
  readonly sealed: Uint8Array;
  readonly createdAt: EpochMs;
  readonly lastUsedAt: EpochMs;
  /** Absolute end: the lesser of `sessions.lifetime` and SessionNotOnOrAfter. */
  readonly expiresAt: EpochMs;
}

/** A browser's key to a session, good on one host only (a cookie taken at one application opens no other). */
export interface TokenRecord {
  /** Hash of the token; the token itself is never stored. */
  readonly hash: string;
  readonly session: SessionId;
  /** Host name, lower case, without port. */
  readonly host: string;
}

/** A logout still in force (saml-core §3.7.3.1). */
export interface Tombstone {
  readonly subject: string;
  /** Keyed hash of one SessionIndex, or undefined: all sessions of the subject. */
  readonly index: string | undefined;
  /** IssueInstant of the LogoutRequest, by the identity provider's own clock. */
  readonly issuedAt: EpochMs;
  readonly until: EpochMs;
}

/** Resolves when what was written is safe from a power cut; rejects where that cannot be known. */
export type Secured = () => Promise<void>;

/** The keyed hashes one person goes by under one secret. */
export type SubjectNames = Pick<SessionRecord, 'subject' | 'indexes'>;

/** Whether a logout that names these SessionIndexes may mean a session with those: one that has none may be any (P1). */
export const mayMean = (named: readonly string[], { indexes }: Pick<SessionRecord, 'indexes'>): boolean =>
  named.length === 0 || indexes.length === 0 || indexes.some((index) => named.includes(index));

/** A session and the host on which the token opens it. */
export interface Found {
  readonly record: SessionRecord;
  readonly host: string;
}

/** One cookie of an app as a backend keeps it. */
export interface StoredCookie {
  /** Keyed hash of its name. */
  readonly key: string;
  readonly sealed: Uint8Array;
}

/** One cookie set, or removed where `sealed` is undefined. */
export interface CookieChange {
  readonly key: string;
  readonly sealed: Uint8Array | undefined;
}

/** Sealed bytes of the ledger, and how long they are there. */
export interface Kept {
  readonly value: Uint8Array;
  readonly until: EpochMs;
}

/** A backend. */
export interface Store {
  /**
   * Begins a session, all or nothing with its indexes; answers `tombstoned` and stores nothing where a logout in force
   * forbids it, in one step with the look at the tombstones, so that no logout can fall between. A tombstone for one
   * SessionIndex forbids every session of its subject with that index; one for the whole subject forbids sessions whose
   * `authnInstant` is not after its `issuedAt`: who signs in anew after a logout is let in. `former` are the same
   * person's names under secrets rotated away: tombstones set under those forbid as well. Rejects where the id is taken.
   */
  begin(
    record: SessionRecord,
    authnInstant: EpochMs,
    now: EpochMs,
    former?: readonly SubjectNames[],
  ): Promise<'begun' | 'tombstoned'>;
  /**
   * Puts another identity and end in the place of a living session's, in one step with the look at the tombstones, as for `begin`. It is found
   * by all of `indexes` from here on, its cookies, tokens and beginning stay, and `now` is a use. A session that has ended is not brought back.
   */
  renew(
    renewed: Pick<SessionRecord, 'id' | 'subject' | 'indexes' | 'sealed' | 'expiresAt'>,
    authnInstant: EpochMs,
    now: EpochMs,
    former?: readonly SubjectNames[],
  ): Promise<'renewed' | 'tombstoned' | 'ended'>;
  /** Adds a token; false where the session has ended or never was. Rejects where the token is taken. */
  addToken(token: TokenRecord): Promise<boolean>;
  /** The living session of a token. Does not extend it and does not judge its age. */
  findByToken(hash: string): Promise<Found | undefined>;
  /** The living session of this id. */
  find(id: SessionId): Promise<SessionRecord | undefined>;
  /** Notes a use and tells whether the session still lives. Never brings back an ended one, never moves a use back. */
  touch(id: SessionId, now: EpochMs): Promise<boolean>;
  /**
   * Living sessions of a subject: all where `indexes` is empty, otherwise those with at least one of them, and those with none at all. Costs
   * what the subject's own sessions cost, not what the store holds.
   */
  findBySubject(subject: string, indexes: readonly string[]): Promise<SessionRecord[]>;
  /** Living sessions with at least one of these indexes, whoever's they are. Costs what it finds, not what the store holds. */
  findByIndexes(indexes: readonly string[]): Promise<SessionRecord[]>;
  /**
   * Ends a session: its tokens and indexes open nothing from here on. Hands the record to exactly one caller on any node;
   * everyone else gets undefined. What is left is kept as unfinished until `forget`.
   */
  end(id: SessionId, now: EpochMs): Promise<SessionRecord | undefined>;
  /** Removes the last of an ended session, with its cookies; a living one is left alone. */
  forget(id: SessionId): Promise<void>;
  /** Sessions that have ended and are not forgotten: their end is under way, or whoever began it has died. */
  unfinished(): Promise<SessionRecord[]>;
  /**
   * Those of the unfinished whose end nobody has under way any more, because the process that began it is gone. Hands each to exactly
   * one caller on any node, and only when no node serves it any more.
   */
  adopt(): Promise<SessionRecord[]>;
  /** Living sessions last used at or before `idleSince`, or whose `expiresAt` has come; at most `limit`. */
  due(idleSince: EpochMs, now: EpochMs, limit: number): Promise<SessionRecord[]>;
  /** Living sessions, those that end last first: at most `limit` from the one at `offset` on. Costs what it finds and what it passes over. */
  list(offset: number, limit: number): Promise<SessionRecord[]>;
  /**
   * Calls `listener` for every session that ends, on every node, before `end` answers. Returns the unsubscriber. A listener
   * that throws keeps no other from being called, and `end` then rejects.
   */
  onEnded(listener: (id: SessionId) => void): () => void;

  /**
   * The cookies of one app, in no order: of a living session, and of one that has ended but is not forgotten (its goodbye
   * needs them); otherwise none. Costs what this app's cookies cost.
   */
  cookies(id: SessionId, app: string): Promise<readonly StoredCookie[]>;
  /**
   * Applies all changes of one call or none, one after the other, and leaves every cookie they do not name as it is: answers
   * in flight do not undo each other. Answers the version of this jar, which grows with every call where nodes share the store and is
   * always 1 where they do not; 0, and nothing is stored, where the session no longer lives: a late answer cannot revive an ended one.
   */
  mergeCookies(id: SessionId, app: string, changes: readonly CookieChange[]): Promise<number>;
  /** The apps a session has cookies of, in no order; as long as `cookies` has them. */
  appsWithCookies(id: SessionId): Promise<readonly string[]>;

  /**
   * Sets tombstones, in force while `now` is before `until`; one that stands already is only ever extended. Whether they are safe from a power cut is asked
   * of what it answers: a logout waits for the disk once, for them and for the sessions it ends.
   */
  bury(tombstones: readonly Tombstone[]): Promise<Secured>;

  /**
   * True for the first caller that names (kind, id) before `until`, on any node; false for everyone after, and for whoever
   * comes when `until` has passed. What is named here and what is kept do not meet.
   */
  once(kind: string, id: string, until: EpochMs, now: EpochMs): Promise<boolean>;
  /** Keeps sealed bytes under (kind, id) until `until`; a second `keep` replaces them. */
  keep(kind: string, id: string, value: Uint8Array, until: EpochMs): Promise<void>;
  /** Keeps as `keep` does and answers what stood there, in one step: of several at once each meets the one before. */
  swap(kind: string, id: string, value: Uint8Array, until: EpochMs, now: EpochMs): Promise<Uint8Array | undefined>;
  /**
   * Puts what `next` makes of what is kept in its place, in one step: of several at once, on any node, none undoes what another has done. Where `next` makes
   * nothing of it, nothing is kept any more. `next` may be asked again, where another was faster.
   */
  change(
    kind: string,
    id: string,
    next: (stood: Uint8Array | undefined) => Kept | undefined,
    now: EpochMs,
  ): Promise<void>;
  /** What is kept, if its time has not passed. */
  read(kind: string, id: string, now: EpochMs): Promise<Uint8Array | undefined>;
  /** Reads and removes in one step: exactly one caller gets it. */
  take(kind: string, id: string, now: EpochMs): Promise<Uint8Array | undefined>;

  /** Removes what has expired: ledger entries and tombstones. Returns how many; 0 from a store that lets them go by itself. */
  sweep(now: EpochMs): Promise<number>;
  /** How many sessions live. */
  count(): Promise<number>;
  /** Resolves where the store answers; rejects with the reason where it does not. */
  ready(): Promise<void>;
  close(): Promise<void>;
  /** What there is beyond this where several nodes share the store; undefined where it belongs to one process. */
  readonly nodes?: Nodes;
}

/** What a node among several has to know of the others. */
export interface Nodes {
  /** Whether what is remembered in this process still counts (P12). Asked at every use, so it costs one comparison. */
  holds(): boolean;
  /** Resolves where it counts or can be made to count again; rejects where the store cannot be asked. */
  regain(): Promise<void>;
  /**
   * Called when nothing may be passed on any more for the sessions served here; `missed` where endings may have been missed, so that
   * nothing remembered counts.
   */
  onLost(listener: (missed: boolean) => void): void;
  /** Resolves when no node can serve what the store lost before this call, in whatever way it lost it; rejects where it cannot be asked. */
  settled(): Promise<void>;
  /** Called when there may be something to adopt. */
  onOrphans(listener: () => void): void;
  /** True for one caller on any node, until it releases or its node is gone. */
  claim(kind: string, id: string): Promise<(() => Promise<void>) | undefined>;
  /** The version of a jar; 0 where nothing was ever kept in it. */
  jarVersion(id: SessionId, app: string): Promise<number>;
  /** Called when any node has changed a jar, as a rule; the word of it may be lost. */
  onJarChanged(listener: (id: SessionId, app: string, version: number) => void): void;
}
