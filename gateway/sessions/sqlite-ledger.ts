// The part of the embedded store that is its ledger: what may happen once, what is kept for a while, and logouts in force.

import type { DatabaseSync } from 'node:sqlite';
import type { EpochMs } from '../kernel/words.ts';
import { sessionsError } from './codes.ts';
import { entryMark, tombstoneMark, type Indexes } from './sqlite-indexes.ts';
import { Statements } from './sqlite-statements.ts';
import type { Writes } from './sqlite-writes.ts';
import type { Kept, Secured, Store, Tombstone } from './store.ts';

/** The ledger of a database, and what the rest of the store shares with it. */
export class SqliteLedger implements Pick<
  Store,
  'bury' | 'once' | 'keep' | 'swap' | 'change' | 'read' | 'take' | 'sweep'
> {
  protected readonly database: DatabaseSync;
  protected readonly indexes: Indexes;
  protected readonly writes: Writes;
  protected readonly statements: Statements;

  constructor(database: DatabaseSync, indexes: Indexes, writes: Writes) {
    this.database = database;
    this.indexes = indexes;
    this.writes = writes;
    this.statements = new Statements(database);
  }

  bury(tombstones: readonly Tombstone[]): Promise<Secured> {
    return this.writes.later(() => {
      for (const tombstone of tombstones) this.#bury(tombstone);
    });
  }

  #bury({ subject, index = '', issuedAt, until }: Tombstone): void {
    const { tombstones } = this.indexes;
    const mark = tombstoneMark(subject, index);
    let n = this.statements.changed('buryLonger', tombstones.at(mark), subject, index, issuedAt, until);
    if (n === undefined) {
      n = tombstones.next;
      this.statements.of('bury').run(n, subject, index, issuedAt, until);
      tombstones.came(mark, n);
    }
    tombstones.ends.add(until, { mark, n });
  }

  /** Whether a logout in force forbids a session of this subject that has this SessionIndex; '' asks for one over all of the subject's. */
  protected isBuried(subject: string, index: string, authnInstant: EpochMs, now: EpochMs): boolean {
    const rows = this.indexes.tombstones.at(tombstoneMark(subject, index));
    return this.statements.finds('isBuried', rows, subject, index, now, authnInstant);
  }

  once(kind: string, id: string, until: EpochMs, now: EpochMs): Promise<boolean> {
    return this.writes.run('closes', () => {
      const { once } = this.indexes;
      const mark = entryMark(kind, id);
      if (until <= now || this.statements.finds('wasNamed', once.at(mark), kind, id, now)) return false;
      const n = once.next;
      this.statements.of('once').run(n, kind, id, until);
      once.came(mark, n);
      once.ends.add(until, { mark, n });
      return true;
    });
  }

  keep(kind: string, id: string, value: Uint8Array, until: EpochMs): Promise<void> {
    return this.writes.run('opens', () => this.#keep(kind, id, value, until));
  }

  swap(kind: string, id: string, value: Uint8Array, until: EpochMs, now: EpochMs): Promise<Uint8Array | undefined> {
    return this.writes.run('opens', () => {
      const stood = this.#read(kind, id, now);
      this.#keep(kind, id, value, until);
      return stood;
    });
  }

  change(...[kind, id, next, now]: Parameters<Store['change']>): Promise<void> {
    return this.writes.run('opens', () => {
      const changed = next(this.#read(kind, id, now));
      if (changed === undefined) this.#take(kind, id);
      else this.#keep(kind, id, changed.value, changed.until);
    });
  }

  #keep(kind: string, id: string, value: Uint8Array, until: EpochMs): void {
    const { kept } = this.indexes;
    const mark = entryMark(kind, id);
    let n = this.statements.changed('keepInstead', kept.at(mark), kind, id, value, until);
    if (n === undefined) {
      n = kept.next;
      this.statements.of('keep').run(n, kind, id, value, until);
      kept.came(mark, n);
    }
    kept.ends.add(until, { mark, n });
  }

  read(kind: string, id: string, now: EpochMs): Promise<Uint8Array | undefined> {
    return this.reading(() => this.#read(kind, id, now));
  }

  #read(kind: string, id: string, now: EpochMs): Uint8Array | undefined {
    const rows = this.indexes.kept.at(entryMark(kind, id));
    return this.statements.first('read', rows, kind, id, now)?.row[0] as Uint8Array | undefined;
  }

  take(kind: string, id: string, now: EpochMs): Promise<Uint8Array | undefined> {
    return this.writes.run('closes', () => {
      const taken = this.#take(kind, id);
      return taken && now < taken.until ? taken.value : undefined;
    });
  }

  #take(kind: string, id: string): Kept | undefined {
    const { kept } = this.indexes;
    const mark = entryMark(kind, id);
    const found = this.statements.first('stands', kept.at(mark), kind, id);
    if (found === undefined) return undefined;
    this.statements.of('take').run(found.n);
    kept.went(mark, found.n);
    const [value, until] = found.row as readonly [Uint8Array, EpochMs];
    return { value, until };
  }

  async sweep(now: EpochMs): Promise<number> {
    const tables = (
      [
        ['sweepOnce', this.indexes.once],
        ['sweepKept', this.indexes.kept],
        ['sweepTombstones', this.indexes.tombstones],
      ] as const
    ).map(([statement, table]) => ({ statement, table, passed: table.ends.passed(now) }));
    try {
      return await this.writes.run('opens', () => {
        let swept = 0;
        for (const { statement, table, passed } of tables) {
          const remove = this.statements.of(statement);
          for (const { mark, n } of passed.rows) {
            if (remove.run(n, now).changes === 0) continue;
            table.went(mark, n);
            swept += 1;
          }
        }
        return swept;
      });
    } catch (error) {
      for (const { passed } of tables) passed.putBack();
      throw error;
    }
  }

  /** Rejects where the database cannot be asked, also for what is known not to be in it. */
  protected async reading<T>(work: () => T): Promise<T> {
    try {
      if (!this.database.isOpen) throw new Error('the store is closed');
      return work();
    } catch (cause) {
      throw sessionsError('SESSIONS_STORE_UNAVAILABLE', { cause });
    }
  }
}
