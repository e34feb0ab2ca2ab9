// The embedded store: one SQLite file, one process. Every row is a hash or sealed bytes.

import type { EpochMs, SessionId } from '../kernel/words.ts';
import { EndListeners } from './listeners.ts';
import { openDatabase } from './sqlite-file.ts';
import { markOf } from './sqlite-index.ts';
import { Indexes } from './sqlite-indexes.ts';
import { SqliteLedger } from './sqlite-ledger.ts';
import { recordOf, type Row } from './sqlite-statements.ts';
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
  readonly #wal: ReturnType<typeof walSync>;
  readonly #listeners = new EndListeners();
  #left: SessionRecord[];

  constructor(path: string, wal = walSync(path)) {
    const database = openDatabase(path);
    const indexes = new Indexes(database);
    const writes = new Writes(database, wal.sync, (outcome) => indexes.settle(outcome));
    super(database, indexes, writes);
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
      const mark = markOf(id);
      if (this.statements.finds('isTaken', this.indexes.ids.at(mark), id)) throw new Error('id is taken');
      const n = this.indexes.next;
      const said = JSON.stringify(indexes);
      this.statements.of('begin').run(n, id, subject, said, sealed, createdAt, lastUsedAt, expiresAt);
      this.indexes.ids.came(mark, n);
      this.indexes.named(n, subject, indexes);
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
      const found = this.#living(id);
      if (found === undefined) return 'ended';
      if (this.#forbids([{ subject, indexes }, ...former], authnInstant, now)) return 'tombstoned';
      const { n, row } = found;
      this.statements.of('renew').run(n, subject, JSON.stringify(indexes), sealed, expiresAt, now);
      const [subjectBefore, indexesBefore] = row;
      this.indexes.unnamed(n, subjectBefore, JSON.parse(indexesBefore) as string[]);
      this.indexes.named(n, subject, indexes);
      return 'renewed';
    });
  }

  /** Where a living session lies, and what it is found by. */
  #living(
    id: SessionId,
  ): { readonly n: number; readonly row: readonly [subject: string, indexes: string] } | undefined {
    const found = this.statements.first('lives', this.indexes.ids.at(markOf(id)), id);
    return found && { n: found.n, row: found.row as readonly [string, string] };
  }

  #forbids(names: readonly SubjectNames[], authnInstant: EpochMs, now: EpochMs): boolean {
    return names.some(({ subject, indexes }) =>
      ['', ...indexes].some((index) => this.isBuried(subject, index, authnInstant, now)),
    );
  }

  addToken({ hash, session, host }: TokenRecord): Promise<boolean> {
    return this.writes.run('opens', () => {
      const found = this.#living(session);
      if (found === undefined) return false;
      const mark = markOf(hash);
      if (this.statements.finds('isTokenTaken', this.indexes.tokens.at(mark), hash)) throw new Error('token is taken');
      this.statements.of('addToken').run(found.n, hash, host);
      this.indexes.tokens.came(mark, found.n);
      return true;
    });
  }

  findByToken(hash: string): Promise<Found | undefined> {
    return this.reading(() => {
      const rows = this.indexes.tokens.at(markOf(hash));
      const row = this.statements.first('findByToken', rows, hash)?.row as readonly [...Row, host: string] | undefined;
      return row && { record: recordOf(row), host: row[7] };
    });
  }

  find(id: SessionId): Promise<SessionRecord | undefined> {
    return this.reading(() => {
      const found = this.statements.first('find', this.indexes.ids.at(markOf(id)), id);
      return found && recordOf(found.row as Row);
    });
  }

  touch(id: SessionId, now: EpochMs): Promise<boolean> {
    return this.writes.run(
      'opens',
      () => this.statements.changed('touch', this.indexes.ids.at(markOf(id)), id, now) !== undefined,
    );
  }

  findBySubject(subject: string, indexes: readonly string[]): Promise<SessionRecord[]> {
    return this.reading(() => {
      const rows = this.indexes.subjects.at(markOf(subject));
      return this.statements.recordsAt('findBySubject', rows, subject).filter((record) => mayMean(indexes, record));
    });
  }

  findByIndexes(indexes: readonly string[]): Promise<SessionRecord[]> {
    const isNamed = (record: SessionRecord): boolean => record.indexes.some((index) => indexes.includes(index));
    return this.reading(() => {
      const rows = new Set(indexes.flatMap((index) => this.indexes.indexes.at(markOf(index))));
      return this.statements.recordsAt('findByNumber', rows).filter(isNamed);
    });
  }

  async end(id: SessionId, _now: EpochMs): Promise<SessionRecord | undefined> {
    let ended: SessionRecord | undefined;
    try {
      return await this.writes.run('closes', () => {
        const found = this.statements.first('find', this.indexes.ids.at(markOf(id)), id);
        ended = found && recordOf(found.row as Row);
        if (found === undefined || ended === undefined) return undefined;
        this.statements.of('end').run(found.n);
        this.indexes.unnamed(found.n, ended.subject, ended.indexes);
        return ended;
      });
    } finally {
      // Also where the disk failed after the commit: nobody finds it here any more, so nobody is served by it either (P12).
      if (ended !== undefined) this.#listeners.announce(id);
    }
  }

  forget(id: SessionId): Promise<void> {
    return this.writes.run('opens', () => {
      const mark = markOf(id);
      const n = this.statements.changed('forget', this.indexes.ids.at(mark), id);
      if (n !== undefined) {
        this.indexes.ids.went(mark, n);
        const tokens = this.statements.rows('tokensOf', n) as readonly (readonly [hash: string])[];
        for (const [hash] of tokens) this.indexes.tokens.went(markOf(hash), n);
        this.statements.of('forgetTokens').run(n);
      }
      // One that has just been forgotten had ended, and no other has its id.
      if (n !== undefined || this.#living(id) === undefined) this.statements.of('forgetCookies').run(id);
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
    return this.reading(() => {
      const rows = this.statements.rows('cookies', id, app) as readonly (readonly [key: string, sealed: Uint8Array])[];
      return rows.map(([key, sealed]) => ({ key, sealed }));
    });
  }

  mergeCookies(id: SessionId, app: string, changes: readonly CookieChange[]): Promise<number> {
    return this.writes.run('opens', () => {
      if (this.#living(id) === undefined) return 0;
      for (const { key, sealed } of changes) {
        if (sealed === undefined) this.statements.of('removeCookie').run(id, app, key);
        else this.statements.of('setCookie').run(id, app, key, sealed);
      }
      return 1;
    });
  }

  appsWithCookies(id: SessionId): Promise<string[]> {
    return this.reading(() => this.statements.rows('appsWithCookies', id).map(([app]) => app as string));
  }

  count(): Promise<number> {
    return this.reading(() => Number(this.statements.rows('count')[0]?.[0]));
  }

  /** Asks for the right to write as well: a store that can only be read ends no session. */
  async ready(): Promise<void> {
    await this.count();
    await this.take('ready', 'nothing', 0 as EpochMs);
  }

  async close(): Promise<void> {
    await this.writes.settle();
    if (this.database.isOpen) this.database.close();
    await this.#wal.close();
  }
}
