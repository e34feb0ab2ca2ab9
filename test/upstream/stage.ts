// An app of the test's own and a client towards it, with a jar, at a public address that is not where the app really is.

import type { ExecutionContext } from 'ava';
import { manualClock } from '../support/clock.ts';
import { startUpstream, type RecordingUpstream, type UpstreamListener } from '../support/upstream.ts';
import { openClient, type AppClient } from '../../gateway/upstream/client.ts';
import { openJar, type Jar } from '../../gateway/upstream/jar.ts';

export const PUBLIC = 'https://wiki.example.com';

export interface UpstreamStage {
  readonly app: RecordingUpstream;
  readonly client: AppClient;
  readonly jar: Jar;
  /** The Cookie header of a request to `/` now. */
  readonly cookie: () => string;
}

/** A client of the app at `origin`, with an empty jar. */
export function clientOf(origin: string, headers: readonly string[] = [], publicOrigin = PUBLIC): AppClient {
  const jar = openJar([], { public: [new URL(publicOrigin).hostname], upstream: new URL(origin).hostname });
  return openClient({ place: { publicOrigin, upstreamOrigin: origin }, jar, headers, clock: manualClock() });
}

/** The header a browser with this client's cookies would send. */
export const cookieOf = ({ jar, clock, place }: AppClient): string =>
  jar.header('/', place.publicOrigin.startsWith('https:'), clock.now());

/** Starts an app that answers as `listener` does; it is closed with the test. */
export async function stageApp(
  t: ExecutionContext,
  listener: UpstreamListener,
  headers: readonly string[] = [],
): Promise<UpstreamStage> {
  const app = await startUpstream(listener);
  t.teardown(() => app.close());
  const client = clientOf(app.url, headers);
  return { app, client, jar: client.jar, cookie: () => cookieOf(client) };
}

/** Long enough for anything on this machine, and an end for what never ends. */
export const soon = (): AbortSignal => AbortSignal.timeout(20_000);
