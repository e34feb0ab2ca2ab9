// A master dies under load, and the Sentinels make its replica the master (P1, P12, P13).

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../support/gateway.ts';
import { needing } from '../support/needing.ts';
import { untilReady } from '../support/nodes.ts';
import { startRedis } from '../support/redis.ts';
import { judge } from './judge.ts';
import { town } from './town.ts';

needing('redis-server', 'redis-sentinel')(
  'a failover loses nobody, and answers no Success too early (P1)',
  async (t) => {
    t.timeout(60_000);
    const [master, replica] = [await startRedis('--repl-diskless-sync-delay', '0'), await startRedis()];
    t.teardown(() => Promise.all([master.close(), replica.close()]));
    await replica.ask('REPLICAOF', '127.0.0.1', String(master.port));
    const folder = mkdtempSync(join(tmpdir(), 'curfew-sentinel-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const port = await freePort();
    const file = join(folder, 'sentinel.conf');
    writeFileSync(
      file,
      `port ${port}
bind 127.0.0.1
dir ${folder}
sentinel monitor mine 127.0.0.1 ${master.port} 1
sentinel down-after-milliseconds mine 500
sentinel failover-timeout mine 3000
`,
    );
    const sentinel = spawn('redis-sentinel', [file], { stdio: 'ignore' });
    t.teardown(async () => {
      const gone = once(sentinel, 'exit');
      sentinel.kill('SIGKILL');
      await gone;
    });
    const scene = await town(t, {
      store: `redis+sentinel://127.0.0.1:${port}/mine`,
      names: ['ann', 'ben', 'cleo', 'dora'],
    });
    await untilReady(async () => {
      if (!(await replica.ask('ROLE')).includes('connected')) throw new Error('not in step yet');
    });
    await judge(t, scene, 'ann', {
      at: 0,
      begin: () => master.kill(),
      heal: () =>
        untilReady(async () => {
          if (!(await replica.ask('ROLE')).includes('master')) throw new Error('no new master yet');
        }),
      mayFail: true,
    });
  },
);
