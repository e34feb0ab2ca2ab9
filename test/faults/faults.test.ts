// Everything that can break between three nodes and one Redis, under load. `FAULTS=full` repeats each and prints what it took.

import test, { type ExecutionContext } from 'ava';
import { sha1 } from '../../gateway/sessions/redis-keys.ts';
import { SCRIPTS } from '../../gateway/sessions/redis-scripts.ts';
import { missing } from '../support/needs.ts';
import { needing } from '../support/needing.ts';
import { startRedis } from '../support/redis.ts';
import { distribution, judge, type Fault, type Figures } from './judge.ts';
import { LEASE_MS, town, type Town } from './town.ts';

const NAMES = ['ann', 'ben', 'cleo', 'dora', 'emil', 'finn', 'gil', 'hugo', 'ida', 'jan', 'kim', 'lea', 'max', 'noa'];
const IS_FULL = process.env['FAULTS'] === 'full';
const ROUNDS = IS_FULL ? 10 : 1;
/** A wait that ends with the lease: what is needed beyond it, on a machine with nothing else to do, and beside other tests. */
const LATE_MS = IS_FULL ? 400 : 5000;

const law = needing('redis-server');
const isThere = missing(['redis-server']).length === 0;
const takeDown: (() => unknown)[] = [];
const theatre = { teardown: (undo: () => unknown) => void takeDown.push(undo) } as unknown as ExecutionContext;
const redis = isThere ? await startRedis('--appendonly', 'yes', '--appendfsync', 'always') : undefined;
const scene = redis && (await town(theatre, { store: redis.url, redisPort: () => redis.port, names: NAMES }));
const report: string[] = [];

test.after.always(async () => {
  for (const undo of takeDown.toReversed()) await undo();
  await redis?.close();
});
test.after((t) => {
  t.log(['LogoutRequest to last served, and to Success: p50 / p95 / max in ms', ...report].join('\n'));
});

let turns = 0;

/** Runs a fault on the town with one person after the other. */
function fault(what: string, how: Fault, rounds = ROUNDS): void {
  law(`${what} (P1, P8)`, async (t) => {
    t.timeout(240_000);
    const figures: Figures[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const name = NAMES[turns % NAMES.length] ?? '';
      turns += 1;
      try {
        figures.push(await judge(t, scene as Town, name, how));
      } finally {
        await (scene as Town).people.find((one) => one.name === name)?.signIn();
      }
    }
    const [served, success] = [figures.map((one) => one.servedMs), figures.map((one) => one.successMs)];
    report.push(`${distribution(served).padEnd(26)} ${distribution(success).padEnd(26)} ${what}`);
  });
}

/** Only what tells the time of day; what measures how long something lasts is right. */
const wrongBy = (hours: number): string => `const now = Date.now; Date.now = () => now() + ${hours * 3_600_000};`;

const nothing = (): void => {};
const pidOf = (at: Town): number => at.node(2).pid;

fault('a logout under load leaves nothing served', { at: 0, begin: nothing, heal: nothing }, 5 * ROUNDS);

fault('a node that is stopped costs its lease and serves nothing when it wakes', {
  at: 0,
  begin: (at) => process.kill(pidOf(at), 'SIGSTOP'),
  heal: (at) => process.kill(pidOf(at), 'SIGCONT'),
  withinMs: LEASE_MS + LATE_MS,
});

fault('a node that Redis says nothing to any more is waited for and silent', {
  at: 0,
  begin: ({ networks }) => networks[2]?.hold(),
  heal: ({ networks }) => networks[2]?.heal(),
  withinMs: LEASE_MS + LATE_MS,
});

fault('a node whose connections to Redis are closed is waited for and silent', {
  at: 0,
  begin: ({ networks }) => networks[1]?.cut(),
  heal: ({ networks }) => networks[1]?.heal(),
  withinMs: LEASE_MS + LATE_MS,
});

fault('a node that is itself cut off from Redis answers no Success', {
  at: 1,
  begin: ({ networks }) => networks[1]?.cut(),
  heal: ({ networks }) => networks[1]?.heal(),
  mayFail: true,
});

fault('an ending whose answer is lost is taken up again', {
  at: 1,
  begin: ({ networks }) => void networks[1]?.loseAnswerTo(sha1(SCRIPTS.end)),
  heal: nothing,
  mayFail: true,
});

fault('a node that is killed while the app is told leaves its goodbye to another', {
  at: 1,
  begin: ({ slowByes }, name) => slowByes.add(name),
  meanwhile: async (at) => {
    await at.byes.next();
    await at.node(1).stop('SIGKILL');
  },
  heal: (at) => at.restart(1),
  mayFail: true,
});

fault('a Redis that is killed and comes back has lost nobody', {
  at: 0,
  begin: () => redis?.kill(),
  heal: () => redis?.start(),
  mayFail: true,
});

fault('a slow Redis makes logouts slow, not untrue', {
  at: 0,
  begin: ({ networks }) => networks.forEach((network) => network.delay(20)),
  heal: ({ networks }) => networks.forEach((network) => network.heal()),
  mayFail: true,
});

fault('one node with a slow way to Redis holds Success up, and is held to it', {
  at: 0,
  begin: ({ networks }) => networks[2]?.delay(100),
  heal: ({ networks }) => networks[2]?.heal(),
});

fault('a Redis that is full answers no Success and loses nobody', {
  at: 0,
  begin: () => redis?.ask('CONFIG', 'SET', 'maxmemory', '1'),
  heal: () => redis?.ask('CONFIG', 'SET', 'maxmemory', '0'),
  mayFail: true,
});

for (const hours of [1, -1]) {
  fault(`a node whose clock is ${hours} hour wrong ends what is to end`, {
    at: 0,
    begin: (at) => at.restart(2, ['--import', `data:text/javascript,${encodeURIComponent(wrongBy(hours))}`]),
    heal: nothing,
  });
}
