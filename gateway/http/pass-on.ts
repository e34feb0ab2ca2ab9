// The way of an admitted request to its application and back, without Koa: nothing here is about an answer of our own. It is every
// request's way, so nothing is awaited where nothing has to be waited for (docs/performance.md).

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Admission } from '../flows/admit.ts';
import type { Forwarded, Passage } from '../proxy/engine.ts';
import { awaitsContinue } from './body.ts';
import type { Doors, Seen } from './doors.ts';
import { jarFor } from './jar.ts';
import { passageOf } from './passage.ts';
import { asking } from './traced.ts';

/** One request that may pass, and what is known of it. */
export interface Passing {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly seen: Seen;
  readonly admission: Extract<Admission, { kind: 'pass' }>;
}

/**
 * Passes it on, again where the app had forgotten the person, and writes the line in the log. `failed`: nothing was sent yet, so whoever
 * asked for this answers. The connection is released by then, however it ends. Rejects where the jar cannot be read.
 */
export async function passOn(doors: Doors, passing: Passing): Promise<Forwarded> {
  const { request, seen, admission } = passing;
  const { app, connection } = admission;
  const begunAt = performance.now();
  try {
    const jar = jarFor(doors, admission, request, seen);
    const kept = jar instanceof Promise ? await jar : jar;
    const passage = passageOf(admission, seen, doors.clock.now(), kept, awaitsContinue(request));
    const first = await forward(doors, passing, passage);
    const outcome = first.kind === 'lapsed' ? await again(doors, passing) : first;
    const milliseconds = performance.now() - begunAt;
    doors.measures.served(app.app, statusOf(outcome), milliseconds);
    const query = seen.target.indexOf('?');
    doors.log.info('request', {
      requestId: seen.requestId,
      app: app.app,
      method: request.method,
      path: query < 0 ? seen.target : seen.target.slice(0, query),
      client: seen.client.address,
      trace_id: seen.trace?.traceId,
      outcome: outcome.kind === 'done' ? outcome.status : outcome.kind,
      milliseconds: Math.round(milliseconds),
    });
    return outcome;
  } finally {
    connection?.release();
  }
}

/** What the browser is answered with; undefined where the answer was broken off. */
function statusOf(outcome: Forwarded): number | undefined {
  if (outcome.kind === 'done') return outcome.status;
  return outcome.kind === 'failed' ? outcome.error.status : undefined;
}

/** Once more, with the cookies of the new sign-in to the app. Whatever it says this time is the answer. */
async function again(doors: Doors, passing: Passing): Promise<Forwarded> {
  const { request, seen, admission } = passing;
  const jar = await jarFor(doors, admission, request, seen);
  const passage = passageOf(admission, seen, doors.clock.now(), jar && { ...jar, signInAgain: undefined });
  return forward(doors, passing, passage);
}

/** To the app; as a step where the request is timed. */
function forward(doors: Doors, { request, response, seen, admission }: Passing, passage: Passage): Promise<Forwarded> {
  const { app, upstream } = admission.app;
  if (seen.trace?.isSampled !== true) return upstream.forward(request, response, passage);
  return asking(doors, app, seen.trace, passage, (to) => upstream.forward(request, response, to));
}
