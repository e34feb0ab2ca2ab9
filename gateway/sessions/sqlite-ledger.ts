// The part of the embedded store that is its ledger: what may happen once, what is kept for a while, and logouts in force.

import type { EpochMs } from '../kernel/words.ts';
import { sessionsError } from './codes.ts';
import type { Statements } from './sqlite-statements.ts';
import type { Writes } from './sqlite-writes.ts';
import type { Store, Tombstone } from './store.ts';

/** The ledger of a database. */
export class SqliteLedger implements Pick<
  Store,
  'bury' | 'secured' | 'once' | 'keep' | 'swap' | 'read' | 'take' | 'sweep'
> {
  protected readonly statements: Statements;
  protected readonly writes: Writes;

  constructor(statements: Statements, writes: Writes) {
    this.statements = statements;
    this.writes = writes;
  }

  bury(tombstones: readonly Tombstone[]): Promise<void> {
    return this.writes.run('closes later', () => {
      for (const { subject, index, issuedAt, until } of tombstones) {
        this.statements.of('bury').run(subject, index ?? '', issuedAt, until);
      }
    });
  }

  readonly secured = (): Promise<void> => this.writes.secured();

  once(kind: string, id: string, until: EpochMs, now: EpochMs): Promise<boolean> {
    return this.writes.run(
      'closes',
      () => until > now && this.statements.of('once').run(kind, id, until, now).changes === 1,
    );
  }

  keep(kind: string, id: string, value: Uint8Array, until: EpochMs): Promise<void> {
    return this.writes.run('opens', () => void this.statements.of('keep').run(kind, id, value, until));
  }

  swap(kind: string, id: string, value: Uint8Array, until: EpochMs, now: EpochMs): Promise<Uint8Array | undefined> {
    return this.writes.run('opens', () => {
      const stood = this.statements.of('read').get(kind, id, now)?.['value'] as Uint8Array | undefined;
      this.statements.of('keep').run(kind, id, value, until);
      return stood;
    });
  }

  read(kind: string, id: string, now: EpochMs): Promise<Uint8Array | undefined> {
    return this.reading(() => this.statements.of('read').get(kind, id, now)?.['value'] as Uint8Array | undefined);
  }

  take(kind: string, id: string, now: EpochMs): Promise<Uint8Array | undefined> {
    return this.writes.run('closes', () => {
      const row = this.statements.of('take').get(kind, id) as { value: Uint8Array; until: EpochMs } | undefined;
      return row !== undefined && now < row.until ? row.value : undefined;
    });
  }

  sweep(now: EpochMs): Promise<number> {
    return this.writes.run('opens', () => {
      const tables = ['sweepOnce', 'sweepKept', 'sweepTombstones'] as const;
      return tables.reduce((swept, table) => swept + Number(this.statements.of(table).run(now).changes), 0);
    });
  }

  /** Rejects where the database cannot be asked. */
  protected async reading<T>(work: () => T): Promise<T> {
    try {
      return work();
    } catch (cause) {
      throw sessionsError('SESSIONS_STORE_UNAVAILABLE', { cause });
    }
  }
}
