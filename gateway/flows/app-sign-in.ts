// Signs people in to apps that have accounts of their own, before their first request goes out: done here, so that no browser sees the
// password. A sign-in that fails shows the app's own page.

import { plus, type Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { credentialsOf } from '../kernel/template.ts';
import type { EpochMs, SessionId } from '../kernel/words.ts';
import type { Session, Sessions } from '../sessions/sessions.ts';
import { openClient } from '../upstream/client.ts';
import { fieldValues, signInByForm } from '../upstream/form-sign-in.ts';
import type { Jar } from '../upstream/jar.ts';
import { namedBy } from '../upstream/names.ts';
import type { App } from './app.ts';

/** Signs in where it is due. */
export interface AppSignIns {
  /** Resolves when the request may go out; undefined where nothing has to be waited for. Never rejects. */
  ensure(session: Session, app: App, jar: Jar, browser: readonly string[]): Promise<void> | undefined;
  /**
   * For an answer to a request that went out at `since` and says that the app has forgotten the person: signs in again. True where that
   * runs, or was done while the request was under way: `ensure` then waits for it. False where it is too soon for another attempt.
   */
  again(session: Session, app: App, jar: Jar, browser: readonly string[], since: EpochMs): boolean;
}

/** What signing in to apps needs. */
export interface AppSignInParts {
  readonly sessions: Pick<Sessions, 'onEnded'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Sessions of which it is remembered. Default 120,000, as many as are known themselves; one that is forgotten may be signed in once more. */
  readonly most?: number | undefined;
}

const MOST = 120_000;
/** Neither an app that is down nor one that ends its sessions at once is asked more often than this. */
const AGAIN_MS = 60_000;

interface Attempt {
  readonly at: EpochMs;
  running: Promise<void> | undefined;
  isIn: boolean;
  /** While it runs: what is over has nothing to stop, and an AbortController takes more than all else here. */
  stop: AbortController | undefined;
}

/** Makes it. Attempts are remembered as long as the session lives, in this process. */
export function openAppSignIns({ sessions, clock, log, most = MOST }: AppSignInParts): AppSignIns {
  const attempts = new Map<SessionId, Map<string, Attempt>>();
  // No password goes out for a person who has left (P1).
  sessions.onEnded((id) => {
    for (const { stop } of attempts.get(id)?.values() ?? []) stop?.abort();
    attempts.delete(id);
  });

  async function attempt(
    session: Session,
    app: App,
    jar: Jar,
    browser: readonly string[],
    stop: AbortSignal,
  ): Promise<boolean> {
    const { formSignIn, origins, upstreamOrigin, upstreamTls } = app;
    if (formSignIn === undefined) return false;
    const { form, credentials } = formSignIn;
    const { identity } = session;
    const found = fieldValues(form, identity, credentialsOf(credentials, identity));
    if ('missing' in found) {
      log.warn('app-sign-in-failed', { app: app.app, reason: 'nothing known for a field', field: found.missing });
      return false;
    }
    const place = { publicOrigin: origins[0] ?? '', upstreamOrigin, tls: upstreamTls };
    const headers = [...browser, ...app.identityHeaders(session, clock.now())];
    const outcome = await signInByForm(form, found.values, openClient({ place, jar, headers, clock }), stop);
    if (outcome.kind === 'signed-in') log.info('app-sign-in', { app: app.app });
    else if (!stop.aborted) log.warn('app-sign-in-failed', { app: app.app, ...outcome });
    return outcome.kind === 'signed-in';
  }

  /** Begins an attempt; undefined where it is too soon for one. */
  function begin(session: Session, app: App, jar: Jar, browser: readonly string[]): Promise<void> | undefined {
    const now = clock.now();
    const ofSession = attempts.get(session.id) ?? new Map<string, Attempt>();
    const last = ofSession.get(app.app);
    // A clock that was put back is not waited for.
    if (last !== undefined && now >= last.at && now < plus(last.at, AGAIN_MS)) return undefined;
    const stop = new AbortController();
    const current: Attempt = { at: now, running: undefined, isIn: false, stop };
    current.running = attempt(session, app, jar, browser, stop.signal)
      .then(
        (isIn) => {
          current.isIn = isIn;
        },
        // A name that cannot be sent: the app shows its own page, and the proxy says why.
        (error: unknown) => log.warn('app-sign-in-failed', { app: app.app, reason: String(error) }),
      )
      .finally(() => {
        current.running = current.stop = undefined;
      });
    if (ofSession.size === 0) makeRoom();
    attempts.set(session.id, ofSession.set(app.app, current));
    return current.running;
  }

  /** The word of an ending may be lost between nodes: then nothing else would take it away. What runs must stay, to be stopped (P1). */
  function makeRoom(): void {
    for (const [oldest, those] of attempts) {
      if (attempts.size < most) return;
      if ([...those.values()].every(({ running }) => running === undefined)) attempts.delete(oldest);
    }
  }

  return {
    ensure(session, app, jar, browser) {
      if (app.formSignIn === undefined) return undefined;
      const last = attempts.get(session.id)?.get(app.app);
      // Ten requests of one page sign in once, and all wait for it.
      if (last?.running !== undefined) return last.running;
      if (isStillIn(app.formSignIn.form, jar, clock.now()) ?? last?.isIn) return undefined;
      return begin(session, app, jar, browser);
    },
    again(session, app, jar, browser, since) {
      const last = attempts.get(session.id)?.get(app.app);
      if (last?.running !== undefined) return true;
      // What went out before the person was signed in again knows nothing of it.
      if (last?.isIn === true && last.at >= since) return true;
      return begin(session, app, jar, browser) !== undefined;
    },
  };
}

/** Whether the app's cookie still stands for a sign-in; undefined where the policy names no cookie that would tell. */
function isStillIn({ signedInWhen }: NonNullable<App['formSignIn']>['form'], jar: Jar, now: EpochMs) {
  if (signedInWhen.kind !== 'cookie') return undefined;
  const isNamed = namedBy([signedInWhen.cookie]);
  return jar.cookies(now).some(({ name }) => isNamed(name));
}
