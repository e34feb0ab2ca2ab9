// The embedded store: one SQLite file, one process. Every row is a hash or sealed bytes.

import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs, SessionId } from '../kernel/words.ts';
import { EndListeners } from './listeners.ts';
import { openDatabase } from './sqlite-file.ts';
import { SqliteLedger } from './sqlite-ledger.ts';
import { recordOf, Statements, type Row } from './sqlite-statements.ts';
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
} from './store.ts';

/** A Store in one file, which belongs to this process until `close`. Throws where the file cannot be had. */
export class SqliteStore extends SqliteLedger implements Store {
  readonly #database: DatabaseSync;
  readonly #wal: ReturnType<typeof walSync>;
  readonly #listeners = new EndListeners();
  #left: SessionRecord[];

  constructor(path: string, wal = walSync(path)) {
    const database = openDatabase(path);
    super(new Statements(database), new Writes(database, wal.sync));
    this.#database = database;
    this.#wal = wal;
    this.#left = this.statements.records('unfinished');
  }

  begin(
    record: SessionRecord,
    authnInstant: EpochMs,
    now: EpochMs,
    former: readonly SubjectNames[] = [],
  ): Promise<'begun' | 'tombstoned'> {
    return this.writes.run('opens', () => {
      if (this.#forbids([record, ...former], authnInstant, now)) return 'tombstoned';
      const { id, subject, indexes, sealed, createdAt, lastUsedAt, expiresAt } = record;
      this.statements.of('begin').run(id, subject, JSON.stringify(indexes), sealed, createdAt, lastUsedAt, expiresAt);
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
    return this.writes.run('closes', () => {
      if (!this.#lives(id)) return 'ended';
      if (this.#forbids([{ subject, indexes }, ...former], authnInstant, now)) return 'tombstoned';
      this.statements.of('renew').run(id, subject, JSON.stringify(indexes), sealed, expiresAt, now);
      return 'renewed';
    });
  }

  #lives(id: SessionId): boolean {
    return this.statements.of('lives').get(id)?.['n'] !== null;
  }

  #forbids(names: readonly SubjectNames[], authnInstant: EpochMs, now: EpochMs): boolean {
    const forbidden = this.statements.of('forbidden');
    return names.some(({ subject, indexes }) => forbidden.get(subject, now, authnInstant, JSON.stringify(indexes)));
  }

  addToken({ hash, session, host }: TokenRecord): Promise<boolean> {
    return this.writes.run('opens', () => this.statements.of('addToken').run(session, hash, host).changes === 1);
  }

  findByToken(hash: string): Promise<Found | undefined> {
    return this.reading(() => {
      const row = this.statements.of('findByToken').get(hash) as unknown as
        (Row & { readonly host: string }) | undefined;
      return row && { record: recordOf(row), host: row.host };
    });
  }

  find(id: SessionId): Promise<SessionRecord | undefined> {
    return this.reading(() => this.statements.records('find', id)[0]);
  }

  touch(id: SessionId, now: EpochMs): Promise<boolean> {
    return this.writes.run('opens', () => this.statements.of('touch').run(id, now).changes === 1);
  }

  findBySubject(subject: string, indexes: readonly string[]): Promise<SessionRecord[]> {
    return this.reading(() =>
      this.statements.records('findBySubject', subject).filter((record) => mayMean(indexes, record)),
    );
  }

  findByIndexes(indexes: readonly string[]): Promise<SessionRecord[]> {
    const isNamed = (record: SessionRecord): boolean => record.indexes.some((index) => indexes.includes(index));
    return this.reading(() => this.statements.records('findByIndexes', JSON.stringify(indexes)).filter(isNamed));
  }

  async end(id: SessionId, _now: EpochMs): Promise<SessionRecord | undefined> {
    let ended: SessionRecord | undefined;
    try {
      return await this.writes.run('closes', () => {
        ended = this.statements.records('end', id)[0];
        return ended;
      });
    } finally {
      // Also where the disk failed after the commit: nobody finds it here any more, so nobody is served by it either (P12).
      if (ended !== undefined) this.#listeners.announce(id);
    }
  }

  forget(id: SessionId): Promise<void> {
    return this.writes.run('opens', () => {
      this.statements.of('forget').run(id);
      this.statements.of('forgetCookies').run(id);
    });
  }

  unfinished(): Promise<SessionRecord[]> {
    return this.reading(() => this.statements.records('unfinished'));
  }

  /** What the process before this one has left, once. */
  async adopt(): Promise<SessionRecord[]> {
    const left = this.#left;
    this.#left = [];
    return left;
  }

  due(idleSince: EpochMs, now: EpochMs, limit: number): Promise<SessionRecord[]> {
    return this.reading(() => this.statements.records('due', idleSince, now, limit));
  }

  list(offset: number, limit: number): Promise<SessionRecord[]> {
    return this.reading(() => this.statements.records('list', limit, offset));
  }

  onEnded(listener: (id: SessionId) => void): () => void {
    return this.#listeners.add(listener);
  }

  cookies(id: SessionId, app: string): Promise<StoredCookie[]> {
    return this.reading(() => this.statements.of('cookies').all(id, app) as unknown as StoredCookie[]);
  }

  mergeCookies(id: SessionId, app: string, changes: readonly CookieChange[]): Promise<number> {
    return this.writes.run('opens', () => {
      if (!this.#lives(id)) return 0;
      for (const { key, sealed } of changes) {
        if (sealed === undefined) this.statements.of('removeCookie').run(id, app, key);
        else this.statements.of('setCookie').run(id, app, key, sealed);
      }
      return 1;
    });
  }

  appsWithCookies(id: SessionId): Promise<string[]> {
    return this.reading(() =>
      this.statements
        .of('appsWithCookies')
        .all(id)
        .map(({ app }) => app as string),
    );
  }

  count(): Promise<number> {
    return this.reading(() => Number(this.statements.of('count').get()?.['sessions']));
  }

  /** Asks for the right to write as well: a store that can only be read ends no session. */
  async ready(): Promise<void> {
    await this.reading(() => void this.statements.of('find').get(''));
    await this.take('ready', 'nothing', 0 as EpochMs);
  }

  async close(): Promise<void> {
    await this.writes.settle();
    if (this.#database.isOpen) this.#database.close();
    await this.#wal.close();
  }
}
