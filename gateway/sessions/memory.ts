// The store that forgets with the process: for tests and for trying things out. It shares no line with the embedded
// store, so that the contract suite has two opinions to compare.

import type { EpochMs, SessionId } from '../kernel/words.ts';
import { EndListeners } from './listeners.ts';
import { MemoryLedger } from './memory-ledger.ts';
import {
  mayMean,
  type CookieChange,
  type Found,
  type SessionRecord,
  type Store,
  type StoredCookie,
  type SubjectNames,
  type TokenRecord,
} from './store.ts';

/** A Store in this process's memory. Nothing survives a restart. */
export class MemoryStore extends MemoryLedger implements Store {
  readonly #living = new Map<SessionId, SessionRecord>();
  readonly #ended = new Map<SessionId, SessionRecord>();
  readonly #bySubject = new Map<string, Set<SessionId>>();
  readonly #tokens = new Map<string, TokenRecord>();
  /** Session, app, key. A jar that is empty is not here. */
  readonly #jars = new Map<SessionId, Map<string, Map<string, Uint8Array>>>();
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

  #forbids({ subject, indexes }: SubjectNames, authnInstant: EpochMs, now: EpochMs): boolean {
    const all = this.buried(subject, undefined, now);
    return (
      (all !== undefined && authnInstant <= all.issuedAt) ||
      indexes.some((index) => this.buried(subject, index, now) !== undefined)
    );
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

  async count(): Promise<number> {
    return this.#living.size;
  }

  async ready(): Promise<void> {}

  async close(): Promise<void> {}
}
