// Taking over another configuration while the gateway runs: whole, or not at all with everything that is wrong; one after the other. Also where files have
// changed, once they have stood still.

import { formatFaults, formatWarnings, type Fault, type KeyPath } from './config/faults.ts';
import type { Configuration, Loaded } from './config/load.ts';
import { isSameSnapshot, snapshotNow, type Snapshot } from './config/snapshot.ts';
import { changesBetween, isNothing, needingRestart, type Changes, type Difference } from './changes.ts';
import type { Ground } from './ground.ts';
import type { EpochMs } from './kernel/words.ts';

/** What asked for it. */
export type ReloadedBy = 'signal' | 'files' | 'administrator';

/** What came of it. */
export type Reloaded =
  | {
      readonly result: 'applied';
      readonly changes: Changes;
      /** Connections that were open and that the new policies do not admit. */
      readonly connectionsClosed: number;
      /** Sessions that nobody could have signed out any more. */
      readonly sessionsEnded: number;
      readonly warnings: readonly Fault[];
    }
  | { readonly result: 'unchanged'; readonly warnings: readonly Fault[] }
  | { readonly result: 'refused'; readonly faults: readonly Fault[] };

/** Takes it over, or answers with what stands against it and has changed nothing. */
export type TakeOver = (
  next: Configuration,
  faultAt: (path: KeyPath, message: string) => Fault,
) => Promise<
  { readonly faults: readonly Fault[] } | { readonly connectionsClosed: number; readonly sessionsEnded: number }
>;

/** What reloading needs. */
export interface ReloadParts extends Pick<Ground, 'clock' | 'log' | 'audit' | 'measures'> {
  /** Reads what stands on disk. */
  readonly load: () => Loaded;
  readonly current: () => Configuration;
  readonly takeOver: TakeOver;
  /** Looks at what is re-read by itself as well: certificates and authorities. */
  readonly reread: () => Promise<void>;
  readonly digestOf: (configuration: Configuration) => string;
}

/** Reloading, and how things stand. */
export interface Reloads {
  /** Never rejects. Whoever asks while another one runs has their turn after it. */
  reload(by: ReloadedBy): Promise<Reloaded>;
  /** Looks whether files are others than those in use, and takes them over where they have been the same at two looks. */
  look(): Promise<void>;
  /** Lets the one that runs come to its end, and begins no other. */
  stop(): Promise<void>;
  state(): { readonly goodAt: EpochMs; readonly isFaulty: boolean };
  warnings(): readonly string[];
}

/** Makes it. What is in use is what `load` would have answered at this moment. */
export function openReloads(parts: ReloadParts): Reloads {
  const { clock, log, audit, measures, load, current, takeOver, reread, digestOf } = parts;
  let last: Promise<unknown> = Promise.resolve();
  let judged: Snapshot = load().snapshot;
  let standing: Snapshot | undefined;
  /** What was taken over, or refused, last: whatever cannot be read the same way twice must not be tried for ever. */
  let taken: Snapshot | undefined;
  let isStopped = false;
  let goodAt = clock.now();
  let faults: readonly Fault[] = [];

  async function once(): Promise<Reloaded> {
    if (isStopped) return { result: 'unchanged', warnings: [] };
    const loaded = load();
    judged = loaded.snapshot;
    if ('faults' in loaded) return { result: 'refused', faults: loaded.faults };
    const { configuration, faultAt, warnings } = loaded;
    const changes = changesBetween(current(), configuration);
    if (isNothing(changes)) {
      await reread();
      return { result: 'unchanged', warnings };
    }
    const fixed = needingRestart(current(), configuration, faultAt);
    if (fixed.length > 0) return { result: 'refused', faults: fixed };
    const taken = await takeOver(configuration, faultAt);
    if ('faults' in taken) return { result: 'refused', faults: taken.faults };
    await reread();
    return { result: 'applied', changes, ...taken, warnings };
  }

  /** A defect of ours must not end the turn of those who wait. */
  const attempt = (): Promise<Reloaded> =>
    once().catch((error: unknown) => {
      const reason = `could not be taken over: ${String(error)}; see the log, or restart`;
      log.error('configuration-not-taken-over', { error: error instanceof Error ? error.stack : String(error) });
      return { result: 'refused', faults: [{ file: 'gateway.yaml', line: undefined, key: '', message: reason }] };
    });

  function tell(by: ReloadedBy, reloaded: Reloaded): void {
    measures.count('reload', { result: reloaded.result });
    faults = reloaded.result === 'refused' ? reloaded.faults : [];
    if (reloaded.result === 'refused') {
      log.error('configuration-refused', { by, faults });
      return;
    }
    goodAt = clock.now();
    if (reloaded.result === 'unchanged') {
      log.info('configuration-unchanged', { by });
      return;
    }
    const { changes, connectionsClosed, sessionsEnded } = reloaded;
    audit.record({ event: 'configuration', what: 'reloaded', by, ...changes, digest: digestOf(current()) });
    log.info('configuration-reloaded', { by, ...changes, connectionsClosed, sessionsEnded });
  }

  const reload: Reloads['reload'] = (by) => {
    const turn = last.then(attempt).then((reloaded) => {
      tell(by, reloaded);
      return reloaded;
    });
    last = turn;
    return turn;
  };

  return {
    reload,
    async look() {
      const found = await snapshotNow(judged);
      const before = standing;
      standing = isSameSnapshot(found, judged) ? undefined : found;
      // Who writes a file may be in the middle of it.
      if (standing === undefined || before === undefined || !isSameSnapshot(standing, before)) return;
      if (taken !== undefined && isSameSnapshot(standing, taken)) return;
      taken = standing;
      standing = undefined;
      await reload('files');
    },
    async stop() {
      isStopped = true;
      await last;
    },
    state: () => ({ goodAt, isFaulty: faults.length > 0 }),
    warnings: () =>
      faults.length === 0
        ? []
        : [
            `the policies on disk are not in use: ${counted(faults.length, 'fault')}; run \`curfew check\` or \`curfew reload\``,
          ],
  };
}

/** For people: what is different, or everything that is wrong. */
export function toldReload(reloaded: Reloaded): string {
  if (reloaded.result === 'refused') return `${formatFaults(reloaded.faults, 'nothing was changed')}\n`;
  const warnings = formatWarnings(reloaded.warnings);
  const text = reloaded.result === 'unchanged' ? 'what stands on disk is in use already' : applied(reloaded);
  return `${[text, ...(warnings === '' ? [] : [warnings])].join('\n')}\n`;
}

function applied({ changes, connectionsClosed, sessionsEnded }: Extract<Reloaded, { result: 'applied' }>): string {
  const { apps, identityProviders, settings } = changes;
  return [
    'taken over',
    ...lines('app', apps),
    ...lines('identity provider', identityProviders),
    ...(settings.length > 0 ? [`  settings changed: ${settings.join(', ')}`] : []),
    `  ${counted(connectionsClosed, 'open connection')} closed, ${counted(sessionsEnded, 'session')} ended`,
  ].join('\n');
}

const lines = (what: string, { added, changed, removed }: Difference): string[] =>
  Object.entries({ added, changed, removed }).flatMap(([how, names]) =>
    names.length > 0 ? [`  ${what} ${how}: ${names.join(', ')}`] : [],
  );

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
