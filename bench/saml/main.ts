// Sign-ins and logouts on one core: what each stage costs in this process, and the whole over the real listener. Under a minute.
//   node bench/saml/main.ts [stages|listener] [--cpu-prof-dir=DIR]

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listener } from './listener.ts';
import { measured, table } from './measure.ts';
import { scene } from './scene.ts';
import { stages } from './stages.ts';

const ROUNDS = 5;
const TIMES = 100;
const REQUESTS = 48;

const [only, profile] = [process.argv[2], process.argv.find((word) => word.startsWith('--cpu-prof-dir='))];
const folder = await mkdtemp(join(tmpdir(), 'curfew-bench-'));
try {
  const where = await scene(folder, await freePort());
  if (only !== 'listener') {
    const { groups, close } = await stages(where.configuration, where.idp);
    for (const { title, works } of groups) console.log(`${table(title, await measured(works, ROUNDS, TIMES))}\n`);
    await close();
  }
  if (only !== 'stages') {
    const { alone, together, close } = await listener(where, profile === undefined ? [] : ['--cpu-prof', profile]);
    for (const [title, works] of [
      ['over the listener, 16 at a time', together],
      ['over the listener, one after the other', alone],
    ] as const) {
      const costs = await measured(works, ROUNDS, works === together ? REQUESTS : REQUESTS / 4);
      const whole = costs.slice(0, 3).reduce((sum, { ms }) => sum + ms, 0);
      console.log(`${table(title, [...costs, { name: 'sign-in, all of it', ms: whole, spread: NaN }])}\n`);
    }
    await close();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
