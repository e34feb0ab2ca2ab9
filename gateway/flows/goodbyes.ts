// Tells the apps that a person has left, each by its own way of signing out and with the cookies it set (P7): all at once, each
// within its deadline, each with an outcome.

import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Measures } from '../kernel/measures.ts';
import type { Tracing } from '../kernel/tracing.ts';
import type { SessionId } from '../kernel/words.ts';
import type { Session } from '../sessions/sessions.ts';
import { openClient } from '../upstream/client.ts';
import { sayGoodbye, type GoodbyeOutcome } from '../upstream/goodbye.ts';
import type { JarKeeper } from '../upstream/keeper.ts';
import type { App } from './app.ts';

/** How one app was told. */
export interface Goodbye {
  readonly app: string;
  /** A failure makes the answer to the identity provider PartialLogout. */
  readonly required: boolean;
  readonly outcome: GoodbyeOutcome;
}

/** `told`, or why the app may not know: for audit lines and counts. */
const outcomeWord = ({ outcome }: Goodbye): string => (outcome.kind === 'told' ? 'told' : outcome.reason);

/** A goodbye as audit lines have it. */
export const goodbyeLine = (goodbye: Goodbye) => ({ app: goodbye.app, outcome: outcomeWord(goodbye) });

/** Goodbyes of all apps. */
export interface Goodbyes {
  /** Notes what the app knows this browser by: some apps end a session, or show it to nobody, where these change. */
  meet(session: SessionId, app: App, browser: readonly string[]): void;
  /** Tells every app that knows the session and can be told, then lets go of its cookies. Never rejects. */
  say(session: Session): Promise<readonly Goodbye[]>;
}

/** What saying goodbye needs. */
export interface GoodbyeParts {
  /** The apps there are now. */
  readonly apps: () => readonly App[];
  readonly jars: JarKeeper;
  readonly clock: Clock;
  readonly log: Log;
  readonly measures: Measures;
  readonly tracing: Tracing;
}

/** Sessions whose browser is remembered; of older ones the app is told without. */
const MAX_MET = 20_000;

/** Makes it. What browsers are known by is forgotten with the process: apps are then told without. */
export function openGoodbyes({ apps, jars, clock, log, measures, tracing }: GoodbyeParts): Goodbyes {
  const met = new Map<SessionId, readonly string[]>();

  const tell = (session: Session, app: App, call: NonNullable<App['goodbye']>): Promise<Goodbye> =>
    tracing.step('goodbye', { app: app.app }, async (step) => {
      const goodbye = await told(session, app, call, step.traceparent);
      const word = outcomeWord(goodbye);
      step.note({ outcome: word, ...(word !== 'told' && { failure: word }) });
      return goodbye;
    });

  async function told(
    session: Session,
    app: App,
    call: NonNullable<App['goodbye']>,
    traceparent: string | undefined,
  ): Promise<Goodbye> {
    const begunAt = clock.now();
    const { required, deadlineMs } = call;
    try {
      const client = openClient({
        place: { publicOrigin: app.origins[0] ?? '', upstreamOrigin: app.upstreamOrigin, tls: app.upstreamTls },
        jar: await jars.jarFor(session.id, app.app),
        headers: [
          ...(met.get(session.id) ?? []),
          ...app.identityHeaders(session, clock.now()),
          ...(traceparent === undefined ? [] : ['traceparent', traceparent]),
        ],
        clock,
      });
      return { app: app.app, required, outcome: await sayGoodbye({ call: call.how, deadlineMs }, client) };
    } catch (error) {
      // The jar cannot be read, or the person's name cannot be sent: the app has not been told.
      log.error('goodbye-failed', { app: app.app, error: String(error) });
      const milliseconds = clock.now() - begunAt;
      return { app: app.app, required, outcome: { kind: 'failed', reason: 'unexpected', milliseconds } };
    }
  }

  return {
    meet(session, app, browser) {
      if (app.goodbye === undefined || met.has(session)) return;
      for (const oldest of met.keys()) {
        if (met.size < MAX_MET) break;
        met.delete(oldest);
      }
      met.set(session, browser);
    },
    async say(session) {
      // What cannot be asked for is told to all that can be told: once too often rather than not at all.
      const known = await jars.apps(session.id).catch(() => apps().map(({ app }) => app));
      const telling = apps().flatMap((app) =>
        app.goodbye !== undefined && known.includes(app.app) ? [tell(session, app, app.goodbye)] : [],
      );
      const goodbyes = telling.length === 0 ? [] : await Promise.all(telling);
      for (const goodbye of goodbyes) measures.count('goodbye', { app: goodbye.app, outcome: outcomeWord(goodbye) });
      jars.drop(session.id);
      met.delete(session.id);
      return goodbyes;
    },
  };
}
