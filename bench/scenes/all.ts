// Every part of the benchmark by its name, in the order of the report, and about how long each takes.

import type { Plan } from '../plan.ts';
import type { Stand } from '../stand.ts';
import type { Table } from '../table.ts';
import { byProtocol } from './http2.ts';
import { atHalfRate } from './latency.ts';
import { messages } from './messages.ts';
import { byApplications, byPolicy, bySessions, bySize } from './requests.ts';
import { idleWebSockets } from './web-sockets.ts';
import { byWorkers } from './workers.ts';

/** One part. */
export interface Scene {
  readonly run: (stand: Stand, plan: Plan, redis: string | undefined) => Promise<readonly Table[]>;
  /** About how long it takes, where everything it needs is installed. */
  readonly seconds: (plan: Plan) => number;
}

/** Starting and stopping what is measured. */
const SETTING_UP = 10;
const SIGN_INS_A_SECOND = 300;
const signIns = (count: number): number => count / SIGN_INS_A_SECOND;
/** So many rows, in turns, and a round that does not count. */
const rows = (count: number, { rounds, seconds }: Plan): number => count * (rounds + 1) * (seconds + 0.3) + SETTING_UP;

/** By name. */
export const SCENES: Readonly<Record<string, Scene>> = {
  sessions: {
    run: bySessions,
    seconds: (plan) =>
      plan.sessions
        .map((count, at) => ({ count, peers: (count <= plan.peerSessions ? 3 : 1) + (at === 0 ? 5 : 0) }))
        .reduce((sum, { count, peers }) => sum + rows(peers, plan) + signIns(Math.min(3, peers) * count), 0),
  },
  size: { run: bySize, seconds: (plan) => rows(9, plan) },
  policy: { run: byPolicy, seconds: (plan) => rows(5, plan) + signIns(5 * Math.min(1000, plan.peerSessions)) },
  http2: { run: byProtocol, seconds: (plan) => rows(3, plan) },
  workers: { run: byWorkers, seconds: (plan) => rows(5, plan) },
  applications: { run: byApplications, seconds: (plan) => rows(2, plan) },
  latency: { run: atHalfRate, seconds: (plan) => rows(5, plan) * 1.5 },
  messages: {
    run: messages,
    // Beside its own rounds, whoever leaves in them signs in first: 100 a second.
    seconds: (plan) => signIns(10 * plan.messages) + 2 * rows(2, plan) + signIns(2 * plan.rounds * plan.seconds * 100),
  },
  websockets: { run: idleWebSockets, seconds: (plan) => SETTING_UP + plan.webSockets / 250 },
};
