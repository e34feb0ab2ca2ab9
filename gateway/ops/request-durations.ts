// How long requests to apps took, by app and class of status. prom-client's own histogram makes objects and a text at every observation;
// this one adds to numbers that stand ready, and makes what prom-client prints when it is asked.

import { Histogram, type Registry } from 'prom-client';

const NAME = 'curfew_request_duration_seconds';
const HELP = 'How long requests to an app took, from admission to the last byte.';

type Label = 'app' | 'class';

/** Upper bounds in seconds. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** By the first digit of the status; what was broken off has none. */
const CLASSES = ['broken-off', '1xx', '2xx', '3xx', '4xx', '5xx'];

/** For each class: a count for each bound, one for what took longer, and the sum of all in seconds. */
const WIDTH = BOUNDS.length + 2;

/** The histogram `curfew_request_duration_seconds`. Requests to apps that were not named at the start are not counted. */
export class RequestDurations extends Histogram<Label> {
  readonly #apps: ReadonlyMap<string, Float64Array>;

  constructor(apps: readonly string[], register: Registry) {
    super({
      name: NAME,
      help: HELP,
      labelNames: ['app', 'class'],
      buckets: BOUNDS,
      registers: [register],
    });
    this.#apps = new Map(apps.map((app) => [app, new Float64Array(CLASSES.length * WIDTH)]));
  }

  /** Counts one. Allocates nothing. */
  add(app: string, status: number | undefined, milliseconds: number): void {
    const numbers = this.#apps.get(app);
    if (numbers === undefined) return;
    const seconds = milliseconds / 1000;
    const at = classOf(status) * WIDTH;
    let bucket = 0;
    while (bucket < BOUNDS.length && seconds > (BOUNDS[bucket] ?? 0)) bucket += 1;
    numbers[at + bucket] = (numbers[at + bucket] ?? 0) + 1;
    numbers[at + WIDTH - 1] = (numbers[at + WIDTH - 1] ?? 0) + seconds;
  }

  /** What the registry asks for when it prints, and `get` as well. */
  getForPromString() {
    const values = [...this.#apps].flatMap(([app, numbers]) =>
      CLASSES.flatMap((name, index) => series({ app, class: name }, numbers.subarray(index * WIDTH))),
    );
    return Promise.resolve({ name: NAME, help: HELP, type: 'histogram', aggregator: 'sum', values });
  }
}

function series(labels: { readonly app: string; readonly class: string }, numbers: Float64Array) {
  let count = 0;
  const buckets = [...BOUNDS, '+Inf' as const].map((le, index) => {
    count += numbers[index] ?? 0;
    return { metricName: `${NAME}_bucket`, labels: { ...labels, le }, value: count };
  });
  // A class that never came is left out: six for each app would be said over and over.
  if (count === 0) return [];
  return [
    ...buckets,
    { metricName: `${NAME}_sum`, labels, value: numbers[WIDTH - 1] ?? 0 },
    { metricName: `${NAME}_count`, labels, value: count },
  ].map((value) => ({ ...value, sharedLabels: {} }));
}

function classOf(status: number | undefined): number {
  const first = status === undefined ? 0 : Math.trunc(status / 100);
  return first >= 0 && first < CLASSES.length ? first : 0;
}
