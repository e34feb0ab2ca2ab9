// Sign-ins and logouts: what each stage costs in this process, and the whole over the real listener. Under two minutes.
//   npm run bench:saml -- [stages|listener] [--short] [--cpu-prof-dir=DIR]
// --short: every row, of a young process; to see that it runs.

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listener, WIDE } from './listener.ts';
import { measured, table, warm, type Cost, type Work } from './measure.ts';
import { scene } from './scene.ts';
import { stages } from './stages.ts';

/** How much is done: messages of each row in a round, and how long a process may warm up. */
interface Measure {
  readonly rounds: number;
  readonly here: number;
  readonly together: number;
  readonly alone: number;
  readonly warmMs: number;
}

const FULL: Measure = { rounds: 5, here: 100, together: 120, alone: 24, warmMs: 30_000 };
const SHORT: Measure = { rounds: 1, here: 1, together: 2, alone: 1, warmMs: 0 };

const words = process.argv.slice(2);
const only = words.find((word) => !word.startsWith('--'));
const profile = words.find((word) => word.startsWith('--cpu-prof-dir='));
const { rounds, here, together, alone, warmMs } = words.includes('--short') ? SHORT : FULL;

const tell = (line: string): void => console.error(line);

async function costsOf(title: string, works: readonly Work[], times: number, isWarm: boolean): Promise<Cost[]> {
  if (!isWarm) await warm(works, { times, mostMs: warmMs, tell });
  tell(`measuring: ${title}`);
  return measured(works, rounds, times);
}

const folder = await mkdtemp(join(tmpdir(), 'curfew-bench-'));
try {
  const where = await scene(folder, await freePort());
  if (only !== 'listener') {
    const { groups, close } = await stages(where.configuration, where.idp);
    for (const { title: what, works } of groups) {
      const title = `in this process, one after the other: ${what}`;
      console.log(`${table(title, await costsOf(title, works, here, false))}\n`);
    }
    await close();
  }
  if (only !== 'stages') {
    const gateway = await listener(where, profile === undefined ? [] : ['--cpu-prof', profile]);
    for (const [title, works, times] of [
      [`over the listener, ${WIDE} at a time`, gateway.together, together],
      ['over the listener, one after the other', gateway.alone, alone],
    ] as const) {
      const costs = await costsOf(title, works, times, works === gateway.alone);
      const whole = costs.slice(0, 3).reduce((sum, { ms }) => sum + ms, 0);
      console.log(`${table(title, [...costs, { name: 'sign-in, all of it', ms: whole, spread: NaN }])}\n`);
    }
    await gateway.close();
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
