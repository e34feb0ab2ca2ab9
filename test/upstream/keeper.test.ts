// Jars in memory over a store: what is written, what is forgotten, and what a late answer cannot do.

import test from 'ava';
import type { Log } from '../../gateway/kernel/log.ts';
import { silentLog } from '../../gateway/kernel/log.ts';
import type { EpochMs, SessionId } from '../../gateway/kernel/words.ts';
import type { StoredCookie } from '../../gateway/upstream/contents.ts';
import type { CookieChange, Jar, SharedJar } from '../../gateway/upstream/jar.ts';
import { openJars, type JarKeeper, type JarsPort, type KeeperOptions } from '../../gateway/upstream/keeper.ts';
import { inbox } from '../support/inbox.ts';

const NOW = Date.UTC(2026, 0, 2) as EpochMs;
const A = 'a' as SessionId;
const B = 'b' as SessionId;

/** A store in memory that can be made to fail, to wait, and to end sessions. */
function store() {
  const kept = new Map<string, Map<string, string>>();
  const ended = new Set<SessionId>();
  const merged: (readonly CookieChange[])[] = [];
  const gate = { reads: 0, tries: 0, open: Promise.resolve(), fails: false, failsToWrite: false };
  const port: JarsPort = {
    async read(session, app): Promise<StoredCookie[]> {
      gate.reads += 1;
      const found = [...(kept.get(`${session} ${app}`) ?? [])].map(([name, text]) => ({ name, text }));
      await gate.open;
      if (gate.fails) throw new Error('the store is down');
      return found;
    },
    async merge(session, app, changes) {
      gate.tries += 1;
      await gate.open;
      if (gate.fails || gate.failsToWrite) throw new Error('the store is down');
      if (ended.has(session)) return 0;
      merged.push(changes);
      const cookies = kept.get(`${session} ${app}`) ?? new Map<string, string>();
      kept.set(`${session} ${app}`, cookies);
      for (const { name, text } of changes) {
        if (text === undefined) cookies.delete(name);
        else cookies.set(name, text);
      }
      return 1;
    },
    apps: async (session) =>
      [...kept.keys()].filter((key) => key.startsWith(`${session} `)).map((key) => key.split(' ')[1] ?? ''),
  };
  return { port, ended, merged, gate };
}

const open = (port: JarsPort, options: Partial<KeeperOptions> = {}) =>
  openJars(port, {
    hostsOf: (app) => ({ public: [`${app}.example.com`], upstream: 'x' }),
    log: silentLog,
    ...options,
  });

const take = (jar: Jar, ...lines: string[]) => jar.take(lines, '/', true, NOW);
const sent = (jar: Jar): string => jar.header('/', true, NOW);

test('a jar that is in memory is there at once, and is read once', async (t) => {
  const { port, gate } = store();
  const keeper = open(port);
  const [one, same] = [keeper.jarFor(A, 'wiki'), keeper.jarFor(A, 'wiki')];
  t.true(one instanceof Promise);
  const jar = await one;
  t.is(await same, jar);
  t.is(keeper.jarFor(A, 'wiki'), jar);
  t.is(gate.reads, 1);
});

test('sessions and apps have jars of their own (P10, P11)', async (t) => {
  const keeper = open(store().port);
  take(await keeper.jarFor(A, 'wiki'), 'SID=1');
  t.is(sent(await keeper.jarFor(B, 'wiki')), '');
  t.is(sent(await keeper.jarFor(A, 'mail')), '');
  t.is(sent(await keeper.jarFor(A, 'wiki')), 'SID=1');
});

test('what a jar takes is written, and another process reads it (P13)', async (t) => {
  const { port, merged } = store();
  const keeper = open(port);
  const jar = await keeper.jarFor(A, 'wiki');
  take(jar, 'SID=1', 'x=2');
  take(jar, 'x=; Max-Age=0');
  take(jar, 'SID=1');
  await keeper.settled();
  t.deepEqual(
    merged.map((changes) => changes.length),
    [2, 1],
  );
  t.is(sent(await open(port).jarFor(A, 'wiki')), 'SID=1');
});

test('writes of one jar keep their order, however long the first takes', async (t) => {
  const { port, gate } = store();
  const keeper = open(port);
  const jar = await keeper.jarFor(A, 'wiki');
  const held = Promise.withResolvers<undefined>();
  gate.open = held.promise;
  take(jar, 'SID=1');
  await Promise.resolve();
  gate.open = Promise.resolve();
  take(jar, 'SID=2');
  held.resolve(undefined);
  await keeper.settled();
  t.is(sent(await open(port).jarFor(A, 'wiki')), 'SID=2');
});

test('an answer that comes after the session has ended revives no cookie (P6, P7)', async (t) => {
  const { port, ended, gate } = store();
  const keeper = open(port);
  const jar = await keeper.jarFor(A, 'wiki');
  ended.add(A);
  take(jar, 'SID=late');
  await keeper.settled();
  t.is(sent(await keeper.jarFor(A, 'wiki')), '');
  t.is(gate.reads, 2, 'the jar was forgotten');
});

test('a dropped session is read anew, also where its jar was just being read', async (t) => {
  const { port, gate } = store();
  const keeper = open(port);
  const held = Promise.withResolvers<undefined>();
  gate.open = held.promise;
  const reading = keeper.jarFor(A, 'wiki');
  keeper.drop(A);
  held.resolve(undefined);
  const jar = await reading;
  t.not(await keeper.jarFor(A, 'wiki'), jar);
});

/** A log that hands out its lines, but for those that say nothing about cookies. */
function heard() {
  const lines = inbox<readonly [string, unknown]>('line of the log');
  const put = (event: string, facts?: unknown): void => lines.put([event, facts]);
  const log: Log = { ...silentLog, error: put, warn: put, info: put };
  return { log, next: () => lines.next() };
}

test('a write that fails is logged without the cookie, and is tried again until it works (P13)', async (t) => {
  const { port, gate, merged } = store();
  const { log, next } = heard();
  const keeper = open(port, { log });
  const jar = await keeper.jarFor(A, 'wiki');
  gate.fails = true;
  take(jar, 'SID=secret');
  t.deepEqual(await next(), ['cookies-wait', { app: 'wiki', error: 'Error: the store is down' }]);
  take(jar, 'SID=newer');
  take(await keeper.jarFor(A, 'wiki'), 'x=1');
  t.is(sent(await keeper.jarFor(A, 'wiki')), 'SID=newer; x=1');
  gate.fails = false;
  t.deepEqual(await next(), ['cookies-written-late', {}]);
  await keeper.settled();
  t.is(merged.length, 3, 'as many versions as browsers were told of');
  t.is(sent(await open(port).jarFor(A, 'wiki')), 'SID=newer; x=1');
});

test('what waits to be written is in the jar of whoever has to read it meanwhile', async (t) => {
  const { port, gate } = store();
  const { log, next } = heard();
  const keeper = open({ ...port, apps: () => Promise.resolve([]) }, { log, maxSessions: 1 });
  const jar = await keeper.jarFor(A, 'wiki');
  take(jar, 'SID=1', 'gone=1');
  await keeper.settled();
  gate.failsToWrite = true;
  take(jar, 'SID=2', 'gone=; Max-Age=0');
  await next();
  await keeper.jarFor(B, 'wiki');
  t.deepEqual(await keeper.apps(A), ['wiki'], 'who says goodbye knows of it (P7)');
  const anew = await keeper.jarFor(A, 'wiki');
  t.is(sent(anew), 'SID=2');
  take(jar, 'x=1');
  t.is(sent(await keeper.jarFor(A, 'wiki')), 'SID=2; x=1');
  gate.failsToWrite = false;
  await keeper.settled();
});

test('a process that leaves tries once more what waits, and says what it could not write', async (t) => {
  const { port, gate } = store();
  const { log, next } = heard();
  const keeper = open(port, { log });
  const jar = await keeper.jarFor(A, 'wiki');
  gate.fails = true;
  take(jar, 'SID=secret');
  await next();
  await keeper.settled();
  t.deepEqual(await next(), ['cookies-not-written', { app: 'wiki', error: 'Error: the store is down' }]);
  t.is(sent(await keeper.jarFor(A, 'wiki')), 'SID=secret');
});

test('what the store has not taken in a quarter of an hour is given up, with all that came after it', async (t) => {
  const { port, gate, merged } = store();
  const { log, next } = heard();
  let now = 0;
  const keeper = open(port, { log, elapsed: () => now });
  const jar = await keeper.jarFor(A, 'wiki');
  gate.fails = true;
  take(jar, 'SID=1');
  take(jar, 'SID=2');
  t.is((await next())[0], 'cookies-wait');
  now = 15 * 60_000 + 1;
  t.is((await next())[0], 'cookies-not-written');
  gate.fails = false;
  await keeper.settled();
  t.deepEqual(merged.flat().length, 1, 'the second had its one try');
});

test('of what waits for the store there is a bound, and the rest waits on', async (t) => {
  const { port, gate, merged } = store();
  const lost: unknown[] = [];
  const keeper = open(port, { log: { ...silentLog, error: (event) => lost.push(event) }, maxSessions: 6000 });
  gate.failsToWrite = true;
  for (let at = 0; at < 5010; at += 1) take(await keeper.jarFor(`s${at}` as SessionId, 'wiki'), 'SID=1');
  while (gate.tries < 5010) await new Promise(setImmediate);
  gate.failsToWrite = false;
  await keeper.settled();
  t.deepEqual([merged.length, lost.length], [5000, 10]);
});

test('a jar that cannot be read is no jar, and is tried again the next time (P12)', async (t) => {
  const { port, gate } = store();
  const keeper = open(port);
  gate.fails = true;
  await t.throwsAsync(async () => keeper.jarFor(A, 'wiki'), { message: 'the store is down' });
  gate.fails = false;
  t.is(sent(await keeper.jarFor(A, 'wiki')), '');
});

test('a refused cookie is logged by its reason and name', async (t) => {
  const logged: unknown[] = [];
  const keeper = open(store().port, { log: { ...silentLog, warn: (event, facts) => logged.push([event, facts]) } });
  take(await keeper.jarFor(A, 'wiki'), 'SID=secret; Domain=mail.example.com');
  t.deepEqual(logged, [['cookie-refused', { app: 'wiki', reason: 'foreign-domain', cookie: 'SID' }]]);
});

test('memory is bounded: of the sessions those go that nobody has asked for, and nothing is lost', async (t) => {
  const { port, gate } = store();
  const keeper = open(port, { maxSessions: 3 });
  const jarOf = async (name: string): Promise<Jar> => keeper.jarFor(name as SessionId, 'wiki');
  /** Whether it was in memory. */
  const isHeld = async (name: string): Promise<boolean> => {
    const before = gate.reads;
    t.is(sent(await jarOf(name)), `SID=${name}`);
    return gate.reads === before;
  };
  for (const name of ['1', '2', '3', '4']) take(await jarOf(name), `SID=${name}`);
  await keeper.settled();
  t.true(await isHeld('2'));
  take(await jarOf('5'), 'SID=5');
  await keeper.settled();
  t.deepEqual([await isHeld('2'), await isHeld('4'), await isHeld('5')], [true, true, true]);
  t.deepEqual([await isHeld('1'), await isHeld('3')], [false, false]);
});

/** How many of these sessions are in memory. */
async function heldOf(keeper: JarKeeper, gate: { reads: number }, names: readonly string[]): Promise<number> {
  const before = gate.reads;
  for (const name of names) await keeper.jarFor(name as SessionId, 'wiki');
  return names.length - (gate.reads - before);
}

test('memory is bounded in bytes: jars with much in them leave room for fewer than empty ones', async (t) => {
  const names = Array.from({ length: 40 }, (_, at) => `s${at}`);
  const filled = async (fill: (jar: SharedJar) => unknown): Promise<number> => {
    const { port, gate } = store();
    const keeper = open(port, { maxBytes: 64 * 1024 });
    for (const name of names) {
      fill(await keeper.jarFor(name as SessionId, 'wiki'));
      await keeper.jarFor(name as SessionId, 'wiki');
    }
    await keeper.settled();
    return heldOf(keeper, gate, names.slice(-3)).then((last) => (last === 3 ? heldOf(keeper, gate, names) : -1));
  };
  t.is(await filled(() => {}), 40, 'sessions that were never set a cookie');
  const short = await filled((jar) => take(jar, 'SID=1'));
  t.is(short, 40);
  t.true((await filled((jar) => take(jar, `SID=${'x'.repeat(4000)}`))) < 10, 'a cookie each as long as may be');
  const paths = Array.from({ length: 100 }, (_, at) => `/${at}`);
  t.true((await filled((jar) => jar.sight.note('wiki.example.com', paths, []))) < 10, 'a hundred addresses each');
});

test('what is dropped, read anew and changed again counts once', async (t) => {
  const { port, gate } = store();
  const keeper = open(port, { maxBytes: 8 * 1024 });
  for (let times = 0; times < 50; times += 1) {
    const jar = await keeper.jarFor(A, 'wiki');
    take(jar, `SID=${times}`);
    keeper.drop(A);
    take(jar, `SID=${times + 1000}`);
    await keeper.settled();
  }
  await keeper.jarFor(A, 'wiki');
  await keeper.jarFor(B, 'wiki');
  t.is(await heldOf(keeper, gate, [A, B]), 2);
});

test('a jar that had to make room while it was in use loses nothing for those who come after', async (t) => {
  const { port } = store();
  const keeper = open(port, { maxSessions: 1 });
  const inUse = await keeper.jarFor(A, 'wiki');
  await keeper.jarFor(B, 'wiki');
  t.is(sent(await keeper.jarFor(A, 'wiki')), '');
  take(inUse, 'SID=1');
  await keeper.settled();
  t.is(sent(await keeper.jarFor(A, 'wiki')), 'SID=1');
});

test('a jar read while another of the same app was being written does not stay', async (t) => {
  const { port, gate } = store();
  const keeper = open(port, { maxSessions: 1 });
  const inUse = await keeper.jarFor(A, 'wiki');
  await keeper.jarFor(B, 'wiki');
  const held = Promise.withResolvers<undefined>();
  gate.open = held.promise;
  const reading = keeper.jarFor(A, 'wiki');
  gate.open = Promise.resolve();
  take(inUse, 'SID=1');
  await keeper.settled();
  held.resolve(undefined);
  t.is(sent(await reading), '');
  t.is(sent(await keeper.jarFor(A, 'wiki')), 'SID=1');
});

test('a jar that was being read while another of the same app was written does not stay either', async (t) => {
  const { port, gate } = store();
  const keeper = open(port, { maxSessions: 1 });
  const inUse = await keeper.jarFor(A, 'wiki');
  await keeper.jarFor(B, 'wiki');
  const [written, read] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  gate.open = written.promise;
  take(inUse, 'SID=1');
  while (gate.tries === 0) await Promise.resolve();
  gate.open = read.promise;
  const reading = keeper.jarFor(A, 'wiki');
  written.resolve(undefined);
  await keeper.settled();
  read.resolve(undefined);
  t.is(sent(await reading), '');
  t.is(sent(await keeper.jarFor(A, 'wiki')), 'SID=1');
});

test('the apps of a session are those that set cookies, those just being written too (P7)', async (t) => {
  const { port, gate } = store();
  const keeper = open(port);
  take(await keeper.jarFor(A, 'wiki'), 'SID=1');
  await keeper.settled();
  const mail = await keeper.jarFor(A, 'mail');
  await keeper.jarFor(A, 'silent');
  const held = Promise.withResolvers<undefined>();
  gate.open = held.promise;
  take(mail, 'SID=2');
  t.deepEqual([...(await keeper.apps(A))].sort(), ['mail', 'wiki']);
  held.resolve(undefined);
  await keeper.settled();
});
