// How long requests to apps took, by app and class of status.

import type { Registry } from 'prom-client';
import { Durations } from './durations.ts';

const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** By the first digit of the status; what was broken off has none. */
const CLASSES = ['broken-off', '1xx', '2xx', '3xx', '4xx', '5xx'];

/** Counts one request; those to apps that were not named at the start are not counted. Allocates nothing. */
export type CountRequest = (app: string, status: number | undefined, milliseconds: number) => void;

/** The histogram `curfew_request_duration_seconds`. */
export function requestDurations(apps: readonly string[], register: Registry): CountRequest {
  const durations = new Durations(
    {
      name: 'curfew_request_duration_seconds',
      help: 'How long requests to an app took, from admission to the last byte.',
      labelNames: ['app', 'class'],
      bounds: BOUNDS,
    },
    register,
  );
  const rows = new Map(apps.map((app) => [app, CLASSES.map((name) => durations.row({ app, class: name }))]));
  return (app, status, milliseconds) => rows.get(app)?.[classOf(status)]?.add(milliseconds);
}

function classOf(status: number | undefined): number {
  const first = status === undefined ? 0 : Math.trunc(status / 100);
  return first >= 0 && first < CLASSES.length ? first : 0;
}
