// `npm run bench`: measures curfew beside what else does its job, and writes docs/performance.md.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { watchMachine } from './proc.ts';
import { commandAt, freePort, startProgram } from './program.ts';
import { FULL, SHORT, type Plan } from './plan.ts';
import { writeReport } from './report.ts';
import { byProtocol } from './scenes/http2.ts';
import { atHalfRate } from './scenes/latency.ts';
import { messages } from './scenes/messages.ts';
import { byApplications, byPolicy, bySessions, bySize } from './scenes/requests.ts';
import { idleWebSockets } from './scenes/web-sockets.ts';
import { byWorkers } from './scenes/workers.ts';
import { openStand, type Stand } from './stand.ts';
import type { Table } from './table.ts';

const HELP = `npm run bench -- [--short] [--only NAME,NAME] [--rounds N] [--seconds N] [--into FOLDER]
  --short       minutes instead of hours: fewer sessions, shorter rounds
  --only        some of: sessions, size, policy, http2, workers, applications, latency, messages, websockets
  --rounds N    of each measurement; five at the least, for a middle that means something
  --seconds N   each round
  --into        where performance.md and performance.svg go; default docs`;

/** What was typed, but for where the report goes. */
const TYPED = process.argv.slice(2).filter((word, at, all) => word !== '--into' && all[at - 1] !== '--into');
const COMMAND = ['npm run bench', ...(TYPED.length > 0 ? ['--', ...TYPED] : [])].join(' ');

type Scene = (stand: Stand, plan: Plan, redis: string | undefined) => Promise<readonly Table[]>;

const SCENES: Readonly<Record<string, Scene>> = {
  sessions: bySessions,
  size: bySize,
  policy: byPolicy,
  http2: byProtocol,
  workers: byWorkers,
  applications: byApplications,
  latency: atHalfRate,
  messages,
  websockets: idleWebSockets,
};

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    into: { type: 'string', default: join(import.meta.dirname, '../docs') },
    help: { type: 'boolean', default: false },
  },
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
process.setMaxListeners(50);

if (values.help) console.log(HELP);
else if (commandAt('wrk') === undefined) {
  console.error('wrk is not installed: `apt-get install wrk`');
  process.exitCode = 1;
} else await bench(planFor(values.short ? SHORT : FULL), values.only?.split(',') ?? Object.keys(SCENES), values.into);

function planFor(plan: Plan): Plan {
  const wanted = { rounds: Number(values.rounds ?? plan.rounds), seconds: Number(values.seconds ?? plan.seconds) };
  if (!Object.values(wanted).every((one) => Number.isSafeInteger(one) && one > 0))
    throw new Error(`--rounds and --seconds are whole numbers from 1 on\n${HELP}`);
  return { ...plan, ...wanted };
}

async function bench(plan: Plan, names: readonly string[], into: string): Promise<void> {
  const unknown = names.filter((name) => !(name in SCENES));
  if (unknown.length > 0) throw new Error(`no such part: ${unknown.join(', ')}\n${HELP}`);
  const busy = watchMachine();
  const stand = await openStand((line) => console.error(line));
  const redis = await startRedis();
  const tables: Table[] = [];
  try {
    for (const name of names) {
      const measured = (await SCENES[name]?.(stand, plan, redis?.url)) ?? [];
      for (const { title, columns, rows } of measured) {
        console.log(`\n${title}`);
        console.table(rows.map((row) => Object.fromEntries(row.map((cell, at) => [columns[at] || `(${at})`, cell]))));
      }
      tables.push(...measured);
      // After each part: whoever breaks it off keeps what there is.
      writeReport(into, COMMAND, plan, tables, busy());
    }
  } finally {
    await redis?.stop();
    await stand.close();
  }
}

async function startRedis() {
  const command = commandAt('redis-server');
  if (command === undefined) return undefined;
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'curfew-bench-redis-'));
  const given = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const { stop } = await startProgram(folder, port, [command, ...given]);
  return { url: `redis://127.0.0.1:${port}`, stop };
}
