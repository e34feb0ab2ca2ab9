// The metrics of several workers as those of one gateway. What a worker has counted that has died stays counted: otherwise the sums would
// fall, and Prometheus would take what is left of them for an increase.

import { AggregatorRegistry, Gauge, Counter } from 'prom-client';
import type { CountedMetric } from './metrics.ts';

/** How many there are. */
export interface WorkerCounts {
  readonly serving: number;
  readonly of: number;
  /** Since the start. */
  readonly restarts: number;
}

/** Adds up what workers say, by their numbers. */
export interface Totals {
  /** What a worker says now. */
  note(worker: number, metrics: readonly CountedMetric[]): void;
  /** It has died. What it had counted when it was asked last is kept, how it stood is not. */
  left(worker: number): void;
  /** Everything, in Prometheus's text format. */
  text(counts: WorkerCounts): Promise<string>;
}

/** Opens them, at nothing. */
export function openTotals(): Totals {
  const latest = new Map<number, readonly CountedMetric[]>();
  let gone: Promise<readonly CountedMetric[]> = Promise.resolve([]);
  const sum = (all: readonly (readonly CountedMetric[])[]) => AggregatorRegistry.aggregate([...all]);
  return {
    note: (worker, metrics) => void latest.set(worker, metrics),
    left: (worker) => {
      const last = (latest.get(worker) ?? []).filter(({ type }) => COUNTED.has(String(type)));
      latest.delete(worker);
      // Of all that are gone there is one, however many die.
      gone = gone.then((before) => sum([before, last]).getMetricsAsJSON());
    },
    text: async (counts) => {
      const dead = await gone;
      // The living first: of what is not added up, theirs is said.
      const all = sum([...latest.values(), dead]);
      const gauge = (name: string, help: string, value: number): void =>
        new Gauge({ name, help, registers: [all] }).set(value);
      gauge('curfew_workers', 'Processes that should serve.', counts.of);
      gauge('curfew_workers_serving', 'Processes that serve.', counts.serving);
      new Counter({
        ...{ name: 'curfew_worker_restarts_total', help: 'Workers started anew after they ended.', registers: [all] },
      }).inc(counts.restarts);
      return all.metrics();
    },
  };
}

/** The types as they are called in an exported registry. */
const COUNTED = new Set(['counter', 'histogram', 'summary']);
