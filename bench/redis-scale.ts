// A million sessions in one Redis: what one weighs, what a logout costs among them, and whether a person with a thousand holds
// anybody up. `node bench/redis-scale.ts [sessions [arguments of redis-server]]`; starts one of its own.

import { Redis } from 'ioredis';
import { silentLog } from '../gateway/kernel/log.ts';
import { systemClock, systemElapsed } from '../gateway/kernel/clock.ts';
import type { Identity, EpochMs } from '../gateway/kernel/words.ts';
import { openSessions, openStore } from '../gateway/sessions/open.ts';
import { readRedisAddress } from '../gateway/sessions/redis-address.ts';
import type { StoreAddress } from '../gateway/sessions/settings.ts';
import { startRedis } from '../test/support/redis.ts';

const WANTED = Number(process.argv[2] ?? 1_000_000);
const AT_ONCE = 500;
const HOST = 'wiki.example.com';

const server = await startRedis(...process.argv.slice(3));
const store = openStore({
  store: readRedisAddress(server.url) as StoreAddress,
  redis: { prefix: 'curfew', waitReplicas: 0 },
  ...{ leaseMs: 10_000, clock: systemClock, elapsed: systemElapsed, log: silentLog },
});
const { sessions } = openSessions({
  ...{ store, secrets: ['0123456789abcdef0123456789abcdef'], log: silentLog },
  ...{ idleMs: 1_800_000, lifetimeMs: 36_000_000, cacheMax: 1000 },
});
const redis = new Redis(server.url);
await redis.ping();
while (
  !(await store.ready().then(
    () => true,
    () => false,
  ))
)
  await new Promise((resolve) => setTimeout(resolve, 20));

const now = (): EpochMs => systemClock.now();
const identity = (person: string, index: string): Identity => ({
  idp: 'corp',
  nameId: { value: `${person}@example.com`, format: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress' },
  sessionIndexes: [index],
  attributes: new Map([
    ['groups', ['staff', 'editors', 'wiki-users']],
    ['displayName', [`Person ${person}`]],
    ['mail', [`${person}@example.com`]],
  ]),
  authnInstant: now(),
});

async function signIn(person: string, index: string): Promise<string> {
  const session = await sessions.begin(identity(person, index), undefined, now());
  if (session === 'tombstoned') throw new Error('tombstoned');
  return (await sessions.mint(session.id, HOST)) ?? '';
}

async function fill(from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, to - at) }, (_one, more) => at + more);
    await Promise.all(some.map((one) => signIn(`p${one}`, `_i${one}`)));
  }
}

async function logout(person: string): Promise<number> {
  const begunAt = performance.now();
  const found = await sessions.findBySubject('corp', `${person}@example.com`, []);
  await Promise.all(found.map(({ id }) => sessions.end(id, now()).then(() => sessions.forget(id))));
  return performance.now() - begunAt;
}

const ms = (figures: readonly number[]): string => {
  const sorted = figures.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.ceil(sorted.length * share) - 1] ?? NaN).toFixed(2);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
};

async function logouts(from: number, count: number): Promise<string> {
  const took: number[] = [];
  for (let one = from; one < from + count; one += 1) took.push(await logout(`p${one}`));
  return ms(took);
}

const used = async (): Promise<number> => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);

const empty = await used();
await fill(0, 150);
console.log(`logout of one person among 100: ${await logouts(0, 50)}`);
const begunAt = performance.now();
await fill(150, WANTED);
const tookS = (performance.now() - begunAt) / 1000;
console.log(
  `${WANTED} sessions, each with a token, begun in ${tookS.toFixed(0)} s: ${(((await used()) - empty) / WANTED) | 0} B each`,
);
console.log(`logout of one person among ${WANTED}: ${await logouts(1000, 200)}`);

const tokens = await Promise.all(Array.from({ length: 300 }, (_one, at) => signIn(`t${at}`, `_t${at}`)));
const looks: number[] = [];
for (const token of tokens) {
  const at = performance.now();
  await sessions.find(token as never, HOST, now());
  looks.push(performance.now() - at);
}
console.log(`look-up by cookie that this node does not remember: ${ms(looks)}`);

await Promise.all(Array.from({ length: 1000 }, (_one, at) => signIn('many', `_m${at}`)));
await redis.config('SET', 'slowlog-log-slower-than', '2000');
await redis.slowlog('RESET');
const pings: number[] = [];
const over = new AbortController();
const pinging = (async () => {
  while (!over.signal.aborted) {
    const at = performance.now();
    await redis.get('nothing');
    pings.push(performance.now() - at);
  }
})();
const manyMs = await logout('many');
over.abort();
await pinging;
const slow = (await redis.slowlog('GET', 100)) as unknown[];
console.log(
  `a person with 1000 sessions signed out in ${manyMs.toFixed(0)} ms; other commands meanwhile: ${ms(pings)} (${pings.length}); over 2 ms in Redis: ${slow.length}`,
);

redis.disconnect();
await sessions.close();
await server.close();
