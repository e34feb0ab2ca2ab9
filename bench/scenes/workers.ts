// One process and several on the same Redis: at an even pace that all can keep, and at all they can do.

import type { Plan } from '../plan.ts';
import type { Stand } from '../stand.ts';
import { comparison, type Table } from '../table.ts';

const PEOPLE = 100;
/** So that every connection asks some thirty times a second. */
const DELAY_MS = 32;

/** `serve` against `serve --workers 2`. Nothing where there is no Redis. */
export async function byWorkers(stand: Stand, plan: Plan, redis: string | undefined): Promise<readonly Table[]> {
  if (redis === undefined) {
    stand.say('redis-server is not installed: left out');
    return [];
  }
  const start = async () => [
    await stand.curfew({ name: 'one process', store: redis }),
    await stand.curfew({ name: 'two workers', store: redis, given: ['--workers', '2'] }),
  ];
  return stand.with(start, async (peers) => {
    stand.say('workers');
    const targets = await stand.signedIn(peers, PEOPLE);
    const load = { path: '/1k', connections: plan.connections, seconds: plan.seconds };
    const slower = targets.slice(0, 1).map((one) => ({
      ...one,
      ...{ name: 'one process at half the pace', load: { delayMs: 2 * DELAY_MS } },
    }));
    const paced = await comparison([...targets, ...slower], { ...load, delayMs: DELAY_MS }, plan, {
      title: 'Workers at an even pace, 1 KiB',
      note: `Each of ${plan.connections} connections waits ${DELAY_MS} ms in the middle between two requests; store in Redis. Fewer requests at once cost more each, in one process and in two: see the last row.`,
    });
    const full = await comparison(targets, load, plan, {
      title: 'Workers at full load, 1 KiB',
      note: 'Load, application and gateway share the processors: where these are two, a second worker has none of its own, and requests/s cannot double.',
    });
    return [paced, full];
  });
}
