// An answer of ours that nobody reads holds its connection, and what it was made of, for no longer than this. What an app answers is for the app to bound.

import type { ServerResponse } from 'node:http';

/** Ours are some KiB: enough for the slowest line. */
const READ_WITHIN_MS = 30_000;

/** Breaks the answer off where it has been written and is not on its way to the reader within `withinMs`; over HTTP/2 its stream alone. */
export function mustBeRead(response: ServerResponse, withinMs = READ_WITHIN_MS): void {
  // What the system has taken at once is known to be finished a moment later, and needs no timer.
  process.nextTick(watch, response, withinMs);
}

function watch(response: ServerResponse, withinMs: number): void {
  if (response.writableFinished || response.destroyed) return;
  const late = setTimeout(() => response.destroy(), withinMs).unref();
  response.once('close', () => clearTimeout(late));
}
