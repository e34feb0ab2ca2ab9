// What the proxy is told of a request that may pass.

import type { Admission } from '../flows/admit.ts';
import type { EpochMs } from '../kernel/words.ts';
import type { CookieJar, Passage } from '../proxy/engine.ts';
import type { Seen } from './doors.ts';

type Pass = Extract<Admission, { kind: 'pass' }>;

const NOBODY: readonly string[] = [];

/** The passage of an admitted request. */
export const passageOf = (
  { app, session, connection }: Pass,
  { requestId, client, trace }: Seen,
  now: EpochMs,
  jar: CookieJar | undefined,
  awaitsContinue = false,
): Passage => ({
  requestId,
  clientAddress: client.peer,
  forwardedFor: client.forwardedFor,
  proto: client.proto,
  host: client.host,
  identityHeaders: session === undefined ? NOBODY : app.identityHeaders(session, now),
  connection,
  jar,
  trace,
  awaitsContinue,
});
