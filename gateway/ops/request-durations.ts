// How long requests to apps took, by app and class of status.

import type { Registry } from 'prom-client';
import { Durations, type Row } from './durations.ts';

const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** By the first digit of the status; what was broken off has none. */
const CLASSES = ['broken-off', '1xx', '2xx', '3xx', '4xx', '5xx'];

/** Counts one request; those to apps that were not named are not counted. Allocates nothing. */
export type CountRequest = (app: string, status: number | undefined, milliseconds: number) => void;

/** The histogram `curfew_request_duration_seconds`; `know` has it count requests to these apps as well. */
export function requestDurations(
  apps: readonly string[],
  register: Registry,
): { readonly count: CountRequest; readonly know: (apps: readonly string[]) => void } {
  const durations = new Durations(
    {
      name: 'curfew_request_duration_seconds',
      help: 'How long requests to an app took, from admission to the last byte.',
      labelNames: ['app', 'class'],
      bounds: BOUNDS,
    },
    register,
  );
  const rows = new Map<string, readonly Row<'app' | 'class'>[]>();
  const know = (more: readonly string[]): void => {
    for (const app of more)
      if (!rows.has(app))
        rows.set(
          app,
          CLASSES.map((name) => durations.row({ app, class: name })),
        );
  };
  know(apps);
  return { know, count: (app, status, milliseconds) => rows.get(app)?.[classOf(status)]?.add(milliseconds) };
}

function classOf(status: number | undefined): number {
  const first = status === undefined ? 0 : Math.trunc(status / 100);
  return first >= 0 && first < CLASSES.length ? first : 0;
}
