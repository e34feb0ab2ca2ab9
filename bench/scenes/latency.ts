// Half of what each can do, so that nothing queues for long: what it adds to the time of an answer.

import { interleaved, median, type Round } from '../load.ts';
import { startPlainProxy } from '../peers/bare.ts';
import { mellon } from '../peers/mellon.ts';
import type { Plan } from '../plan.ts';
import type { Stand } from '../stand.ts';
import type { Table } from '../table.ts';
import type { Target } from '../target.ts';
import { bareOne } from './requests.ts';

const COLUMNS = ['', 'requests/s', 'p50 ms', 'p99 ms', 'p99.9 ms'];

/** Finds each one's own rate first, then loads all of them in turns at half of it. */
export async function atHalfRate(stand: Stand, plan: Plan): Promise<readonly Table[]> {
  const start = async () => [
    await stand.curfew({ name: 'curfew' }),
    await startPlainProxy(stand.folder, stand.upstream),
    await stand.apache(mellon(100)),
    await bareOne(stand, 'nginx'),
  ];
  return stand.with(start, async (peers) => {
    stand.say('latency at half the rate');
    const upstream: Target = { name: 'the upstream itself', url: stand.upstream, roots: [] };
    const targets = [...(await stand.signedIn(peers, 100)), upstream];
    const load = { path: '/1k', connections: plan.connections, seconds: plan.seconds };
    // The first round is for the compiler.
    await interleaved(targets, load, 1);
    const full = await interleaved(targets, load, Math.ceil(plan.rounds / 2));
    const slower = targets.map((target) => {
      const perSecond = median((full.get(target.name) ?? []).map((one) => one.perSecond));
      return { ...target, load: { delayMs: Math.max(1, Math.round((plan.connections * 2 * 1000) / perSecond)) } };
    });
    const half = await interleaved(slower, load, plan.rounds);
    const rows = [...half].map(([name, rounds]) => {
      const middle = (of: (round: Round) => number, digits: number) => median(rounds.map(of)).toFixed(digits);
      const times = [middle((one) => one.p50Ms, 2), middle((one) => one.p99Ms, 2), middle((one) => one.p999Ms, 1)];
      return [name, middle((one) => one.perSecond, 0), ...times];
    });
    const note =
      'Each at half of its own requests/s, asked at random moments; the upstream alone answers in what the last row says. ' +
      'Requests are sent at whole milliseconds, those of one all at once.';
    return [{ title: 'Latency at half the rate', note, columns: COLUMNS, rows }];
  });
}
