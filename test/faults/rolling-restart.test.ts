// Nodes are replaced one after the other while people work: no session is lost, no request fails (P13).

import { needing } from '../support/needing.ts';
import { startRedis } from '../support/redis.ts';
import { balancer } from './balancer.ts';
import { NODES, town } from './town.ts';

needing('redis-server')('three nodes are restarted one after the other, and nobody notices (P13)', async (t) => {
  t.timeout(60_000);
  const redis = await startRedis();
  t.teardown(() => redis.close());
  const scene = await town(t, {
    store: redis.url,
    names: ['ann', 'ben', 'cleo', 'dora', 'emil', 'finn'],
    // Both longer than a busy machine may keep a node or the balancer from being heard.
    leaseMs: 10_000,
    gateway: 'shutdown: { drain: 2s }',
    balancer: (nodes) => balancer(t, nodes),
  });
  for (const one of scene.people) one.forget();
  for (const number of NODES) {
    await scene.restart(number, [], 'SIGTERM');
    await scene.ready();
  }
  for (const one of scene.people) {
    t.deepEqual([...one.answers.keys()], [200], one.name);
    t.true((one.answers.get(200) ?? 0) > 50);
  }
  t.true((await scene.logout('ann', 1)).isSuccess);
  t.is(await scene.people[0]?.ask(0), 401);
  t.is(await scene.people[1]?.ask(0), 200);
});
