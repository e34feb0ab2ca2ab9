// How long things took. prom-client's own histogram makes objects and a text at every observation; this one adds to numbers that stand
// ready, and makes what prom-client prints when it is asked.

import { Histogram, type Registry } from 'prom-client';

/** What a histogram is called, and what it tells apart. */
export interface DurationsOptions<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
  /** Upper bounds in seconds, ascending. */
  readonly bounds: readonly number[];
}

/** A histogram of seconds in Prometheus's sense. */
export class Durations<L extends string> extends Histogram<L> {
  readonly #options: DurationsOptions<L>;
  readonly #rows: Row<L>[] = [];

  constructor(options: DurationsOptions<L>, register: Registry) {
    const { name, help, labelNames, bounds } = options;
    super({ name, help, labelNames, buckets: [...bounds], registers: [register] });
    this.#options = options;
  }

  /** A row of its own for these labels, to be made once and added to from then on. One that never counted is not printed. */
  row(labels: Readonly<Record<L, string>>): Row<L> {
    const row = new Row(labels, this.#options.bounds);
    this.#rows.push(row);
    return row;
  }

  /** What the registry asks for when it prints, and `get` as well. */
  getForPromString() {
    const { name, help, bounds } = this.#options;
    const values = this.#rows.flatMap((row) => row.series(name, bounds));
    return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values });
  }
}

/** The counts of one combination of labels. */
export class Row<L extends string> {
  readonly #labels: Readonly<Record<L, string>>;
  readonly #bounds: readonly number[];
  /** One count for each bound, and one for what took longer. */
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(labels: Readonly<Record<L, string>>, bounds: readonly number[]) {
    this.#labels = labels;
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  /** Counts one; less than nothing, by a clock that was put back, is nothing. Allocates nothing. */
  add(milliseconds: number): void {
    const seconds = Math.max(0, milliseconds) / 1000;
    let bucket = 0;
    while (bucket < this.#bounds.length && seconds > (this.#bounds[bucket] ?? 0)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += seconds;
  }

  series(name: string, bounds: readonly number[]) {
    let count = 0;
    const buckets = [...bounds, '+Inf' as const].map((le, index) => {
      count += this.#counts[index] ?? 0;
      return { metricName: `${name}_bucket`, labels: { ...this.#labels, le }, value: count };
    });
    if (count === 0) return [];
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: this.#labels, value: this.#sum },
      { metricName: `${name}_count`, labels: this.#labels, value: count },
      // Without it whoever adds up several workers leaves the series out.
    ].map((value) => ({ ...value, sharedLabels: {} }));
  }
}
