// Other nodes of other releases, and how long they are waited for.

import test from 'ava';
import { durationMs } from '../../gateway/kernel/units.ts';
import { silentLog } from '../../gateway/kernel/log.ts';
import { LONGEST_LEASE_MS } from '../../gateway/sessions/lease.ts';
import { margin, membersIn, Neighbours } from '../../gateway/sessions/neighbours.ts';
import { redisKeys } from '../../gateway/sessions/redis-keys.ts';
import { sessionsSettings } from '../../gateway/sessions/settings.ts';

const reply = (state: string): Buffer[] => [Buffer.from('other'), Buffer.from(state)];
const memberIn = (state: string) => membersIn(reply(state)).get('other');

test('what another release adds stands behind what is read; what cannot be read may have any lease, and has applied nothing (P1)', (t) => {
  t.like(memberIn('7:3:5000'), { applied: 3, leaseMs: 5000 });
  t.like(memberIn('7:3:5000:whatever'), { applied: 3, leaseMs: 5000 });
  for (const state of ['', '2;7;x', '7:3', '7:3:', '7:3:5000x', '7:-3:5000', 'v2:7:3:5000'])
    t.like(memberIn(state), { applied: -1, leaseMs: LONGEST_LEASE_MS }, state);
});

test('no lease may be set that is longer than a node is waited for whose lease cannot be read', (t) => {
  const lease = (text: string) => sessionsSettings.safeParse({ secret: 's'.repeat(32), lease: text }).success;
  t.is(durationMs('60s'), LONGEST_LEASE_MS);
  t.true(lease('60s'));
  t.false(lease('61s'));
});

test('an ending waits for a node that nobody here can read until the longest lease has run out, and no less (P1)', async (t) => {
  let now = 0;
  const done: string[] = [];
  const neighbours: Neighbours = new Neighbours({
    connection: {
      run: (script) => {
        done.push(`${script} at ${now}`);
        if (script !== 'nodes') return Promise.resolve(1);
        now += 20_000;
        // Instead of a word that may come: whoever waits looks again.
        setImmediate(() => neighbours.wake());
        return Promise.resolve(reply('2;7;unreadable'));
      },
    },
    ...{ keys: redisKeys('p'), leaseMs: 2000, elapsed: () => now, log: silentLog },
  });
  await neighbours.confirmed(1, membersIn(reply('2;7;unreadable')), 'self');
  t.true(margin(LONGEST_LEASE_MS) < 20_000);
  t.deepEqual(done, ['nodes at 0', 'nodes at 20000', 'nodes at 40000', 'nodes at 60000', 'expel at 80000']);
});
