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
const TIMES = 300;
const REQUESTS = 60;

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
    const { works, close } = await listener(where, profile === undefined ? [] : ['--cpu-prof', profile]);
    const costs = await measured(works, ROUNDS, REQUESTS);
    const signIn = costs.slice(0, 3);
    const whole = { name: 'sign-in, all of it', ms: signIn.reduce((sum, { ms }) => sum + ms, 0), spread: NaN };
    console.log(table('over the listener', [...costs, whole]));
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
