// What a scene shows: a table of cells, with a bar for each row where a chart makes sense.

import { interleaved, median, type Load, type Round } from './load.ts';
import type { Plan } from './plan.ts';
import type { Target } from './target.ts';

/** One table of the report. */
export interface Table {
  readonly title: string;
  /** How it was measured, in a sentence or two. */
  readonly note: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Processor time by name, for the chart. */
  readonly bars?: readonly { readonly name: string; readonly value: number }[];
}

const COLUMNS = ['', 'CPU µs', 'ratio', 'requests/s', 'p50 ms', 'p99 ms', 'MiB', 'faults'];

/** Loads all targets in turns; `ratio` is the first one's processor time to the row's, of the same round, in the middle. */
export async function comparison(
  targets: readonly Target[],
  load: Load,
  plan: Plan,
  about: Pick<Table, 'title' | 'note'>,
): Promise<Table> {
  // One round that does not count: what has just started is still being compiled.
  await interleaved(targets, load, 1);
  const found = await interleaved(targets, load, plan.rounds);
  const first = found.get(targets[0]?.name ?? '') ?? [];
  const measured = targets.map(({ name }) => ({ name, rounds: found.get(name) ?? [] }));
  return {
    ...about,
    columns: COLUMNS,
    rows: measured.map(({ name, rounds }) => [name, ...cells(rounds, first)]),
    bars: measured.map(({ name, rounds }) => ({ name, value: median(rounds.map((one) => one.cpuMicroseconds)) })),
  };
}

function cells(rounds: readonly Round[], first: readonly Round[]): string[] {
  const cpu = rounds.map((one) => one.cpuMicroseconds);
  const ratios = rounds.map((one, at) => (first[at]?.cpuMicroseconds ?? Number.NaN) / one.cpuMicroseconds);
  const middle = (of: (round: Round) => number, digits: number): string => median(rounds.map(of)).toFixed(digits);
  return [
    `${median(cpu).toFixed(0)} (${Math.min(...cpu).toFixed(0)}–${Math.max(...cpu).toFixed(0)})`,
    median(ratios).toFixed(2),
    middle((one) => one.perSecond, 0),
    middle((one) => one.p50Ms, 2),
    middle((one) => one.p99Ms, 1),
    (rounds.at(-1)?.mebibytes ?? 0).toFixed(0),
    rounds.reduce((sum, one) => sum + one.faults, 0).toFixed(0),
  ];
}
