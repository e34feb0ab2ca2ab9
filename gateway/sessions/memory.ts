// The store that forgets with the process: for tests and for trying things out. It shares no line with the embedded
// store, so that the contract suite has two opinions to compare.

import type { EpochMs, SessionId } from '../kernel/words.ts';
import { EndListeners } from './listeners.ts';
import {
  mayMean,
  type CookieChange,
  type Found,
  type SessionRecord,
  type Store,
  type StoredCookie,
  type SubjectNames,
  type TokenRecord,
  type Tombstone,
} from './store.ts';

interface Kept {
  readonly value: Uint8Array;
  readonly until: EpochMs;
}

/** A Store in this process's memory. Nothing survives a restart. */
export class MemoryStore implements Store {
  readonly #living = new Map<SessionId, SessionRecord>();
  readonly #ended = new Map<SessionId, SessionRecord>();
  readonly #bySubject = new Map<string, Set<SessionId>>();
  readonly #tokens = new Map<string, TokenRecord>();
  /** Session, app, key. A jar that is empty is not here. */
  readonly #jars = new Map<SessionId, Map<string, Map<string, Uint8Array>>>();
  readonly #tombstones = new Map<string, Tombstone>();
  readonly #once = new Map<string, EpochMs>();
  readonly #kept = new Map<string, Kept>();
  readonly #listeners = new EndListeners();

  async begin(
    record: SessionRecord,
    authnInstant: EpochMs,
    now: EpochMs,
    former: readonly SubjectNames[] = [],
  ): Promise<'begun' | 'tombstoned'> {
    if ([record, ...former].some((names) => this.#forbids(names, authnInstant, now))) return 'tombstoned';
    if (this.#living.has(record.id)) throw new Error('this session id is taken');
    this.#living.set(record.id, record);
    this.#bySubject.set(record.subject, (this.#bySubject.get(record.subject) ?? new Set()).add(record.id));
    return 'begun';
  }

  async renew(
    renewed: Parameters<Store['renew']>[0],
    authnInstant: EpochMs,
    now: EpochMs,
    former: readonly SubjectNames[] = [],
  ): Promise<'renewed' | 'tombstoned' | 'ended'> {
    const record = this.#living.get(renewed.id);
    if (record === undefined) return 'ended';
    if ([renewed, ...former].some((names) => this.#forbids(names, authnInstant, now))) return 'tombstoned';
    const lastUsedAt = Math.max(record.lastUsedAt, now) as EpochMs;
    this.#living.set(record.id, { ...record, ...renewed, lastUsedAt });
    this.#bySubject.get(record.subject)?.delete(record.id);
    this.#bySubject.set(renewed.subject, (this.#bySubject.get(renewed.subject) ?? new Set()).add(record.id));
    return 'renewed';
  }

  #forbids(names: SubjectNames, authnInstant: EpochMs, now: EpochMs): boolean {
    const stands = (index?: string): Tombstone | undefined => {
      const tombstone = this.#tombstones.get(key(names.subject, index ?? ''));
      return tombstone !== undefined && now < tombstone.until ? tombstone : undefined;
    };
    const all = stands();
    return (all !== undefined && authnInstant <= all.issuedAt) || names.indexes.some((index) => stands(index));
  }

  async addToken(token: TokenRecord): Promise<boolean> {
    if (!this.#living.has(token.session)) return false;
    if (this.#tokens.has(token.hash)) throw new Error('this token is taken');
    this.#tokens.set(token.hash, token);
    return true;
  }

  async findByToken(hash: string): Promise<Found | undefined> {
    const token = this.#tokens.get(hash);
    const record = token && this.#living.get(token.session);
    return token && record && { record, host: token.host };
  }

  async find(id: SessionId): Promise<SessionRecord | undefined> {
    return this.#living.get(id);
  }

  async touch(id: SessionId, now: EpochMs): Promise<boolean> {
    const record = this.#living.get(id);
    if (record === undefined) return false;
    if (now > record.lastUsedAt) this.#living.set(id, { ...record, lastUsedAt: now });
    return true;
  }

  async findBySubject(subject: string, indexes: readonly string[]): Promise<SessionRecord[]> {
    const own = [...(this.#bySubject.get(subject) ?? [])].flatMap((id) => this.#living.get(id) ?? []);
    return own.filter((record) => mayMean(indexes, record));
  }

  async findByIndexes(indexes: readonly string[]): Promise<SessionRecord[]> {
    const has = (record: SessionRecord): boolean => record.indexes.some((index) => indexes.includes(index));
    return this.#living.values().filter(has).toArray();
  }

  async end(id: SessionId, _now: EpochMs): Promise<SessionRecord | undefined> {
    const record = this.#living.get(id);
    if (record === undefined) return undefined;
    this.#living.delete(id);
    this.#ended.set(id, record);
    const own = this.#bySubject.get(record.subject);
    if (own?.delete(id) === true && own.size === 0) this.#bySubject.delete(record.subject);
    for (const token of this.#tokens.values()) if (token.session === id) this.#tokens.delete(token.hash);
    this.#listeners.announce(id);
    return record;
  }

  async forget(id: SessionId): Promise<void> {
    this.#ended.delete(id);
    if (!this.#living.has(id)) this.#jars.delete(id);
  }

  async unfinished(): Promise<SessionRecord[]> {
    return [...this.#ended.values()];
  }

  /** What this process has begun it ends, and no other has begun anything. */
  async adopt(): Promise<SessionRecord[]> {
    return [];
  }

  async due(idleSince: EpochMs, now: EpochMs, limit: number): Promise<SessionRecord[]> {
    const come = (record: SessionRecord): boolean => record.lastUsedAt <= idleSince || record.expiresAt <= now;
    return this.#living.values().filter(come).take(limit).toArray();
  }

  async list(offset: number, limit: number): Promise<SessionRecord[]> {
    const later = (a: SessionRecord, b: SessionRecord): number => b.expiresAt - a.expiresAt;
    return [...this.#living.values()].sort(later).slice(offset, offset + limit);
  }

  onEnded(listener: (id: SessionId) => void): () => void {
    return this.#listeners.add(listener);
  }

  async cookies(id: SessionId, app: string): Promise<StoredCookie[]> {
    return [...(this.#jars.get(id)?.get(app) ?? [])].map(([key, sealed]) => ({ key, sealed }));
  }

  async mergeCookies(id: SessionId, app: string, changes: readonly CookieChange[]): Promise<number> {
    if (!this.#living.has(id)) return 0;
    const jars = this.#jars.get(id) ?? new Map<string, Map<string, Uint8Array>>();
    const jar = new Map(jars.get(app)); // a copy, so that a change that fails leaves no half of its call
    for (const { key, sealed } of changes) {
      if (sealed === undefined) jar.delete(key);
      else jar.set(key, sealed);
    }
    if (jar.size > 0) jars.set(app, jar);
    else jars.delete(app);
    if (jars.size > 0) this.#jars.set(id, jars);
    else this.#jars.delete(id);
    return 1;
  }

  async appsWithCookies(id: SessionId): Promise<string[]> {
    return [...(this.#jars.get(id)?.keys() ?? [])];
  }

  async secured(): Promise<void> {}

  async bury(tombstones: readonly Tombstone[]): Promise<void> {
    for (const { subject, index, issuedAt, until } of tombstones) {
      const stood = this.#tombstones.get(key(subject, index ?? ''));
      this.#tombstones.set(key(subject, index ?? ''), {
        subject,
        index,
        issuedAt: Math.max(issuedAt, stood?.issuedAt ?? issuedAt) as EpochMs,
        until: Math.max(until, stood?.until ?? until) as EpochMs,
      });
    }
  }

  async once(kind: string, id: string, until: EpochMs, now: EpochMs): Promise<boolean> {
    const claimed = this.#once.get(key(kind, id));
    if (until <= now || (claimed !== undefined && now < claimed)) return false;
    this.#once.set(key(kind, id), until);
    return true;
  }

  async keep(kind: string, id: string, value: Uint8Array, until: EpochMs): Promise<void> {
    this.#kept.set(key(kind, id), { value, until });
  }

  async swap(
    kind: string,
    id: string,
    value: Uint8Array,
    until: EpochMs,
    now: EpochMs,
  ): Promise<Uint8Array | undefined> {
    const stood = this.#kept.get(key(kind, id));
    this.#kept.set(key(kind, id), { value, until });
    return stood !== undefined && now < stood.until ? stood.value : undefined;
  }

  async read(kind: string, id: string, now: EpochMs): Promise<Uint8Array | undefined> {
    const kept = this.#kept.get(key(kind, id));
    return kept !== undefined && now < kept.until ? kept.value : undefined;
  }

  async take(kind: string, id: string, now: EpochMs): Promise<Uint8Array | undefined> {
    const kept = this.#kept.get(key(kind, id));
    this.#kept.delete(key(kind, id));
    return kept !== undefined && now < kept.until ? kept.value : undefined;
  }

  async sweep(now: EpochMs): Promise<number> {
    let swept = 0;
    for (const [name, until] of this.#once) if (until <= now) swept += Number(this.#once.delete(name));
    for (const [name, { until }] of this.#kept) if (until <= now) swept += Number(this.#kept.delete(name));
    for (const [name, { until }] of this.#tombstones) {
      if (until <= now) swept += Number(this.#tombstones.delete(name));
    }
    return swept;
  }

  async count(): Promise<number> {
    return this.#living.size;
  }

  async ready(): Promise<void> {}

  async close(): Promise<void> {}
}

/** Two names as one, whatever characters they hold. */
const key = (a: string, b: string): string => JSON.stringify([a, b]);
