// `npm run bench`: measures curfew beside what else does its job, and writes docs/performance.md.

import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { watchMachine } from './proc.ts';
import { commandAt, freePort, openFolder, startProgram } from './program.ts';
import { FULL, SHORT, type Plan } from './plan.ts';
import { writeReport } from './report.ts';
import { SCENES } from './scenes/all.ts';
import { openStand } from './stand.ts';
import type { Table } from './table.ts';

const HELP = `npm run bench -- [--short] [--only NAME,NAME] [--rounds N] [--seconds N] [--into FOLDER]
  --short       minutes instead of hours: fewer sessions, shorter rounds
  --only        some of: ${Object.keys(SCENES).join(', ')}
  --rounds N    of each measurement; five at the least, for a middle that means something
  --seconds N   each round
  --into        where performance.md and performance.svg go; default docs`;

/** What was typed, but for where the report goes. */
const TYPED = process.argv.slice(2).filter((word, at, all) => word !== '--into' && all[at - 1] !== '--into');
const COMMAND = ['npm run bench', ...(TYPED.length > 0 ? ['--', ...TYPED] : [])].join(' ');

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

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
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
  foretell(plan, names, into);
  const busy = watchMachine();
  const begunAt = performance.now();
  const stand = await openStand((line) => console.error(line));
  const redis = await startRedis(stand.folder);
  const tables: Table[] = [];
  try {
    for (const [at, name] of names.entries()) {
      const soFar = minutes((performance.now() - begunAt) / 1000);
      console.error(
        `\n[${at + 1} of ${names.length}, ${soFar} so far] ${name}: ${minutes(SCENES[name]?.seconds(plan) ?? 0)}`,
      );
      const measured = await attempt(name, async () => (await SCENES[name]?.run(stand, plan, redis?.url)) ?? []);
      for (const { title, columns, rows } of measured) {
        console.log(`\n${title}`);
        console.table(rows.map((row) => Object.fromEntries(row.map((cell, at) => [columns[at] || `(${at})`, cell]))));
      }
      tables.push(...measured);
      // After each part: whoever breaks it off keeps what there is.
      if (tables.length > 0) writeReport(into, COMMAND, plan, tables, busy());
    }
  } finally {
    await redis?.stop();
    await stand.close();
  }
}

/** What somebody wants to know before they wait. */
function foretell(plan: Plan, names: readonly string[], into: string): void {
  const seconds = names.reduce((sum, name) => sum + (SCENES[name]?.seconds(plan) ?? 0), 0);
  console.error(
    `${names.length} parts, ${minutes(seconds)} in all; ${join(into, 'performance.md')} is written after each`,
  );
  const load = loadavg()[0] ?? 0;
  if (load > cpus().length / 4)
    console.error(`this machine is doing other things (load ${load.toFixed(1)}): only ratios will mean anything`);
}

function minutes(seconds: number): string {
  return seconds < 60 ? 'less than a minute' : `about ${Math.ceil(seconds / 60)} minutes`;
}

/** One part that fails must not cost the others. */
async function attempt(name: string, run: () => Promise<readonly Table[]>): Promise<readonly Table[]> {
  try {
    return await run();
  } catch (error) {
    console.error(`${name} is left out:`, error);
    process.exitCode = 1;
    return [];
  }
}

async function startRedis(within: string) {
  const command = commandAt('redis-server');
  if (command === undefined) return undefined;
  const port = await freePort();
  const folder = openFolder(within, 'redis');
  const given = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const { stop } = await startProgram(folder, port, [command, ...given]);
  return { url: `redis://127.0.0.1:${port}`, stop };
}
