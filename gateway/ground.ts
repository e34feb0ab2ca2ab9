// What outlives a configuration: the store and everything that is remembered of sessions, open connections and logouts under way. What belongs to one
// configuration is built over it (parts.ts) and may be put in the place of another.

import { setTimeout as pause } from 'node:timers/promises';
import type { Configuration } from './config/load.ts';
import type { App } from './flows/app.ts';
import { openAppSignIns } from './flows/app-sign-in.ts';
import { openElsewhere } from './flows/elsewhere.ts';
import { openEndSession } from './flows/end-session.ts';
import { openEndings } from './flows/endings.ts';
import { expireSessions, finishEndings } from './flows/expire.ts';
import { openGoodbyes } from './flows/goodbyes.ts';
import type { LogoutsUnderWay } from './flows/idp-logout.ts';
import { openKeptForms } from './flows/kept-forms.ts';
import type { TellIdp } from './flows/tell-idp.ts';
import { openUntold } from './flows/untold.ts';
import { openAllowances } from './kernel/allowance.ts';
import { systemElapsed } from './kernel/clock.ts';
import { openFamiliar } from './kernel/familiar.ts';
import { uncounted } from './kernel/measures.ts';
import { untraced } from './kernel/tracing.ts';
import { openIds } from './kernel/random.ts';
import { liveConnections } from './live/connections.ts';
import { openTurns } from './http/turns.ts';
import { openRecent } from './ops/recent.ts';
import { watchForgeries } from './proxy/forgeries.ts';
import { measured } from './sessions/measured.ts';
import { openSessions, openStore } from './sessions/open.ts';
import type { Nodes } from './sessions/store.ts';
import type { Surroundings } from './surroundings.ts';
import type { AppHosts } from './upstream/cookie.ts';
import { openJars } from './upstream/keeper.ts';

/** What the ground asks of the configuration that holds at the moment. */
export interface InForce {
  readonly apps: readonly App[];
  readonly hostsOf: (app: string) => AppHosts;
  readonly tellIdp: Pick<TellIdp, 'ended'>;
}

/** Everything that outlives a configuration. */
export type Ground = ReturnType<typeof openGround>;

/** Sessions kept in this process's memory; some 0.9 KiB each with all that hangs on one (docs/decisions.md). More than this, and requests ask the store. */
const CACHED_SESSIONS = 120_000;

const JOIN_MS = 1000;
const TRY_EVERY_MS = 20;

/** The first request is to meet the time that the nodes agree on. A store that is away is waited for no longer than a second: /readyz says so. */
async function joined(nodes: Nodes | undefined): Promise<void> {
  const until = systemElapsed() + JOIN_MS;
  const isIn = (): Promise<boolean> =>
    nodes === undefined
      ? Promise.resolve(true)
      : nodes.regain().then(
          () => true,
          () => false,
        );
  while (!(await isIn()) && systemElapsed() < until) await pause(TRY_EVERY_MS);
}

/** Opens the store and everything over it. Throws SESSIONS_* where the store cannot be opened. */
export function openGround(configuration: Pick<Configuration, 'sessions'>, surroundings: Surroundings) {
  const { clock, log, audit, measures = uncounted, tracing = untraced, elapsed = systemElapsed } = surroundings;
  const familiar = openFamiliar(elapsed);
  const { sessions: kept } = configuration;
  const opened = openSessions({
    store: measured(openStore({ ...kept, clock, elapsed: systemElapsed, log }), { measures, tracing }, systemElapsed),
    secrets: kept.secrets,
    idleMs: kept.idleMs,
    lifetimeMs: kept.lifetimeMs,
    cacheMax: CACHED_SESSIONS,
    log,
  });
  const { sessions, ledger, nodes } = opened;
  let inForce: InForce = { apps: [], hostsOf: () => ({ public: [], upstream: '' }), tellIdp: { ended: () => {} } };
  const live = liveConnections(nodes && (() => nodes.holds()));
  // Without a lease nobody is served, and what is open may belong to a session that has ended (P8, P12).
  nodes?.onLost(() => void live.cutAll());
  const jars = openJars(opened.jars, { hostsOf: (app) => inForce.hostsOf(app), log, shared: nodes });
  const goodbyes = openGoodbyes({ apps: () => inForce.apps, jars, clock, log, measures, tracing });
  const endings = openEndings({ log });
  const elsewhere = openElsewhere({ sessions, ledger, nodes, clock, elapsed: systemElapsed });
  const untold = openUntold({ ledger, clock });
  const tellIdp: InForce['tellIdp'] = { ended: (session, reason) => inForce.tellIdp.ended(session, reason) };
  const endSession = openEndSession({
    ...{ sessions, live, goodbyes, endings, elsewhere, untold, tellIdp },
    ...{ clock, audit, tracing },
  });
  const logoutsUnderWay: LogoutsUnderWay = new Map();
  return {
    ...{ clock, log, audit, measures, tracing, recent: surroundings.recent ?? openRecent(clock) },
    ...{ sessions, ledger, marks: opened.marks, roll: opened.roll },
    ...{ live, jars, goodbyes, endings, elsewhere, untold, endSession, logoutsUnderWay },
    newRequestId: openIds(),
    ...{ allowances: openAllowances(elapsed), familiar, turns: openTurns({ elapsed, familiar, measures }) },
    onForgery: watchForgeries({ clock, log, measures }),
    keptForms: openKeptForms({ ledger, clock }),
    appSignIns: openAppSignIns({ sessions, clock, log }),
    holdsLease: nodes && (() => nodes.holds()),
    expire: () => expireSessions({ sessions, clock, endSession, endings }),
    /** Finishes what a process that died had begun to end, and joins the other nodes. */
    async begin(): Promise<void> {
      await finishEndings({ sessions, goodbyes, endings, elsewhere, untold });
      await joined(nodes);
    },
    /** Asks another configuration from now on. Jars of apps whose hosts are others are read anew. */
    follow(next: InForce): void {
      const before = inForce;
      inForce = next;
      for (const { app } of next.apps) {
        if (JSON.stringify(before.hostsOf(app)) !== JSON.stringify(next.hostsOf(app))) jars.reread(app);
      }
    },
    /** Goes by other settings of `sessions`, those that can be followed. Connections are closed whose sessions no secret opens any more. */
    followSessions(next: Configuration['sessions']): void {
      const { isSecretGone } = opened.follow(next);
      if (isSecretGone) void live.review(() => false);
    },
    async close(): Promise<void> {
      await jars.settled();
      await sessions.close();
    },
  };
}
