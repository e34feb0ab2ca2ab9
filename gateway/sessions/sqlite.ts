// The embedded store: one SQLite file, one process. Every row is a hash or sealed bytes.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EpochMs, SessionId } from '../kernel/words.ts';
import { sessionsError } from './codes.ts';
import { EndListeners } from './listeners.ts';
import { openDatabase } from './sqlite-file.ts';
import { recordOf, STATEMENTS, type Row } from './sqlite-statements.ts';
import { walSync, Writes } from './sqlite-writes.ts';
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

/** A Store in one file, which belongs to this process until `close`. Throws where the file cannot be had. */
export class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #wal: ReturnType<typeof walSync>;
  readonly #writes: Writes;
  readonly #listeners = new EndListeners();
  #left: SessionRecord[];

  constructor(path: string, wal = walSync(path)) {
    this.#database = openDatabase(path);
    this.#wal = wal;
    this.#writes = new Writes(this.#database, this.#wal.sync);
    this.#left = this.#records('unfinished');
  }

  begin(
    record: SessionRecord,
    authnInstant: EpochMs,
    now: EpochMs,
    former: readonly SubjectNames[] = [],
  ): Promise<'begun' | 'tombstoned'> {
    return this.#writes.run('opens', () => {
      if (this.#forbids([record, ...former], authnInstant, now)) return 'tombstoned';
      const { id, subject, indexes, sealed, createdAt, lastUsedAt, expiresAt } = record;
      this.#sql('begin').run(id, subject, JSON.stringify(indexes), sealed, createdAt, lastUsedAt, expiresAt);
      this.#sql('addIndexes').run(id, JSON.stringify(indexes));
      return 'begun';
    });
  }

  renew(
    { id, subject, indexes, sealed, expiresAt }: Parameters<Store['renew']>[0],
    authnInstant: EpochMs,
    now: EpochMs,
    former: readonly SubjectNames[] = [],
  ): Promise<'renewed' | 'tombstoned' | 'ended'> {
    // A session that lost its new SessionIndex with the power would live on where the identity provider ends it by that one (P3).
    return this.#writes.run('closes', () => {
      if (this.#sql('lives').get(id) === undefined) return 'ended';
      if (this.#forbids([{ subject, indexes }, ...former], authnInstant, now)) return 'tombstoned';
      this.#sql('renew').run(subject, JSON.stringify(indexes), sealed, expiresAt, now, id);
      this.#sql('addIndexes').run(id, JSON.stringify(indexes));
      return 'renewed';
    });
  }

  #forbids(names: readonly SubjectNames[], authnInstant: EpochMs, now: EpochMs): boolean {
    const forbidden = this.#sql('forbidden');
    return names.some(({ subject, indexes }) => forbidden.get(subject, now, authnInstant, JSON.stringify(indexes)));
  }

  addToken({ hash, session, host }: TokenRecord): Promise<boolean> {
    return this.#writes.run('opens', () => this.#sql('addToken').run(hash, host, session).changes === 1);
  }

  findByToken(hash: string): Promise<Found | undefined> {
    return this.#read(() => {
      const row = this.#sql('findByToken').get(hash) as unknown as (Row & { readonly host: string }) | undefined;
      return row && { record: recordOf(row), host: row.host };
    });
  }

  find(id: SessionId): Promise<SessionRecord | undefined> {
    return this.#read(() => this.#records('find', id)[0]);
  }

  touch(id: SessionId, now: EpochMs): Promise<boolean> {
    return this.#writes.run('opens', () => this.#sql('touch').run(now, id).changes === 1);
  }

  findBySubject(subject: string, indexes: readonly string[]): Promise<SessionRecord[]> {
    return this.#read(() => this.#records('findBySubject', subject).filter((record) => mayMean(indexes, record)));
  }

  findByIndexes(indexes: readonly string[]): Promise<SessionRecord[]> {
    return this.#read(() => this.#records('findByIndexes', JSON.stringify(indexes)));
  }

  async end(id: SessionId, _now: EpochMs): Promise<SessionRecord | undefined> {
    let ended: SessionRecord | undefined;
    try {
      return await this.#writes.run('closes', () => {
        this.#sql('setAside').run(id);
        ended = this.#records('end', id)[0];
        return ended;
      });
    } finally {
      // Also where the disk failed after the commit: nobody finds it here any more, so nobody is served by it either (P12).
      if (ended !== undefined) this.#listeners.announce(id);
    }
  }

  forget(id: SessionId): Promise<void> {
    return this.#writes.run('opens', () => {
      this.#sql('forget').run(id);
      this.#sql('forgetCookies').run(id);
    });
  }

  unfinished(): Promise<SessionRecord[]> {
    return this.#read(() => this.#records('unfinished'));
  }

  /** What the process before this one has left, once. */
  async adopt(): Promise<SessionRecord[]> {
    const left = this.#left;
    this.#left = [];
    return left;
  }

  due(idleSince: EpochMs, now: EpochMs, limit: number): Promise<SessionRecord[]> {
    return this.#read(() => this.#records('due', idleSince, now, limit));
  }

  list(offset: number, limit: number): Promise<SessionRecord[]> {
    return this.#read(() => this.#records('list', limit, offset));
  }

  onEnded(listener: (id: SessionId) => void): () => void {
    return this.#listeners.add(listener);
  }

  cookies(id: SessionId, app: string): Promise<StoredCookie[]> {
    return this.#read(() => this.#sql('cookies').all(id, app) as unknown as StoredCookie[]);
  }

  mergeCookies(id: SessionId, app: string, changes: readonly CookieChange[]): Promise<number> {
    return this.#writes.run('opens', () => {
      if (this.#sql('lives').get(id) === undefined) return 0;
      for (const { key, sealed } of changes) {
        if (sealed === undefined) this.#sql('removeCookie').run(id, app, key);
        else this.#sql('setCookie').run(id, app, key, sealed);
      }
      return 1;
    });
  }

  appsWithCookies(id: SessionId): Promise<string[]> {
    return this.#read(() =>
      this.#sql('appsWithCookies')
        .all(id)
        .map(({ app }) => app as string),
    );
  }

  bury(tombstones: readonly Tombstone[]): Promise<void> {
    return this.#writes.run('closes later', () => {
      for (const { subject, index, issuedAt, until } of tombstones) {
        this.#sql('bury').run(subject, index ?? '', issuedAt, until);
      }
    });
  }

  readonly secured = (): Promise<void> => this.#writes.secured();

  once(kind: string, id: string, until: EpochMs, now: EpochMs): Promise<boolean> {
    return this.#writes.run('closes', () => until > now && this.#sql('once').run(kind, id, until, now).changes === 1);
  }

  keep(kind: string, id: string, value: Uint8Array, until: EpochMs): Promise<void> {
    return this.#writes.run('opens', () => void this.#sql('keep').run(kind, id, value, until));
  }

  swap(kind: string, id: string, value: Uint8Array, until: EpochMs, now: EpochMs): Promise<Uint8Array | undefined> {
    return this.#writes.run('opens', () => {
      const stood = this.#sql('read').get(kind, id, now)?.['value'] as Uint8Array | undefined;
      this.#sql('keep').run(kind, id, value, until);
      return stood;
    });
  }

  read(kind: string, id: string, now: EpochMs): Promise<Uint8Array | undefined> {
    return this.#read(() => this.#sql('read').get(kind, id, now)?.['value'] as Uint8Array | undefined);
  }

  take(kind: string, id: string, now: EpochMs): Promise<Uint8Array | undefined> {
    return this.#writes.run('closes', () => {
      const row = this.#sql('take').get(kind, id) as { value: Uint8Array; until: EpochMs } | undefined;
      return row !== undefined && now < row.until ? row.value : undefined;
    });
  }

  sweep(now: EpochMs): Promise<number> {
    return this.#writes.run('opens', () => {
      const tables = ['sweepOnce', 'sweepKept', 'sweepTombstones'] as const;
      return tables.reduce((swept, table) => swept + Number(this.#sql(table).run(now).changes), 0);
    });
  }

  count(): Promise<number> {
    return this.#read(() => Number(this.#sql('count').get()?.['sessions']));
  }

  /** Asks for the right to write as well: a store that can only be read ends no session. */
  async ready(): Promise<void> {
    await this.#read(() => void this.#sql('find').get(''));
    await this.take('ready', 'nothing', 0 as EpochMs);
  }

  async close(): Promise<void> {
    await this.#writes.settle();
    if (this.#database.isOpen) this.#database.close();
    await this.#wal.close();
  }

  async #read<T>(work: () => T): Promise<T> {
    try {
      return work();
    } catch (cause) {
      throw sessionsError('SESSIONS_STORE_UNAVAILABLE', { cause });
    }
  }

  #records(name: keyof typeof STATEMENTS, ...values: (string | number)[]): SessionRecord[] {
    return (this.#sql(name).all(...values) as unknown as Row[]).map(recordOf);
  }

  /** Prepared at first use, then kept: preparing costs more than running. */
  #sql(name: keyof typeof STATEMENTS): StatementSync {
    const known = this.#statements.get(name);
    if (known !== undefined) return known;
    const prepared = this.#database.prepare(STATEMENTS[name]);
    this.#statements.set(name, prepared);
    return prepared;
  }
}
