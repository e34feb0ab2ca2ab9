import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'ava';
import { sha256 } from '../../gateway/kernel/random.ts';
import type { SessionId } from '../../gateway/kernel/words.ts';
import { MemoryStore } from '../../gateway/sessions/memory.ts';
import { SqliteStore } from '../../gateway/sessions/sqlite.ts';
import type { Jars } from '../../gateway/sessions/sessions.ts';
import { begun, FORMER_SECRET, SECRET, sessionsOver } from './people.ts';
import { at } from './records.ts';

/** A jar as `name=text`, sorted. */
async function jar(jars: Jars, id: SessionId, app = 'wiki'): Promise<string[]> {
  return (await jars.read(id, app)).map(({ name, text }) => `${name}=${text}`).sort();
}

test('a cookie comes back as it went in, whatever its name and text hold', async (t) => {
  const { sessions, jars } = sessionsOver(new MemoryStore());
  const { id } = await begun(sessions);
  const odd = [
    { name: 'SID', text: '{"value":"a=b; c","path":"/"}' },
    { name: '__proto__', text: '' },
    { name: '', text: 'nameless' },
    { name: 'ä\0"', text: 'ö\n€ \u{1F36A}' },
  ];
  t.truthy(await jars.merge(id, 'wiki', odd));
  const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
  t.deepEqual([...(await jars.read(id, 'wiki'))].sort(byName), odd.toSorted(byName));
  t.deepEqual(await jars.apps(id), ['wiki']);
  t.deepEqual(await jars.read(id, 'mail'), []);
});

test('the same name set twice is one cookie, and a removal removes it', async (t) => {
  const { sessions, jars } = sessionsOver(new MemoryStore());
  const { id } = await begun(sessions);
  await jars.merge(id, 'wiki', [{ name: 'SID', text: '1' }]);
  await jars.merge(id, 'wiki', [
    { name: 'SID', text: '2' },
    { name: 'sid', text: '3' },
  ]);
  t.deepEqual(await jar(jars, id), ['SID=2', 'sid=3']);
  await jars.merge(id, 'wiki', [{ name: 'SID', text: undefined }]);
  t.deepEqual(await jar(jars, id), ['sid=3']);
});

test('an ended session has its jar for the goodbye, takes nothing more, and leaves nothing when forgotten (P7)', async (t) => {
  const { sessions, jars } = sessionsOver(new MemoryStore());
  const { id } = await begun(sessions);
  await jars.merge(id, 'wiki', [{ name: 'SID', text: '1' }]);
  await sessions.end(id, at(1));
  t.falsy(await jars.merge(id, 'wiki', [{ name: 'SID', text: 'late' }]));
  t.deepEqual(await jar(jars, id), ['SID=1']);
  t.deepEqual(await jars.apps(id), ['wiki']);
  await sessions.forget(id);
  t.deepEqual([await jar(jars, id), await jars.apps(id)], [[], []]);
});

test('whoever signs in next, and be it the same person, has an empty jar (P10)', async (t) => {
  const { sessions, jars } = sessionsOver(new MemoryStore());
  const [one, two] = [await begun(sessions), await begun(sessions)];
  await jars.merge(one.id, 'wiki', [{ name: 'SID', text: '1' }]);
  t.deepEqual([await jar(jars, two.id), await jars.apps(two.id)], [[], []]);
});

test('under a rotated secret a cookie is read, replaced without being doubled, and removed (P13)', async (t) => {
  const store = new MemoryStore();
  const before = sessionsOver(store, { secrets: [FORMER_SECRET] });
  const { id } = await begun(before.sessions);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ name, text: 'old' }));
  if (a && b && c) await before.jars.merge(id, 'wiki', [a, b, c]);

  const { jars } = sessionsOver(store, { secrets: [SECRET, FORMER_SECRET] });
  t.deepEqual(await jar(jars, id), ['a=old', 'b=old', 'c=old']);
  await jars.merge(id, 'wiki', [
    { name: 'a', text: 'new' },
    { name: 'b', text: undefined },
  ]);
  t.deepEqual(await jar(jars, id), ['a=new', 'c=old']);
  await jars.merge(id, 'wiki', [{ name: 'a', text: undefined }]);
  t.deepEqual(await jar(jars, id), ['c=old']);
});

test('a jar that cannot be read whole is an error, not a jar that lacks something (P12)', async (t) => {
  const store = new MemoryStore();
  const right = sessionsOver(store, { secrets: [FORMER_SECRET] });
  const { id } = await begun(right.sessions);
  await right.jars.merge(id, 'wiki', [{ name: 'SID', text: '1' }]);
  const { jars } = sessionsOver(store);
  await t.throwsAsync(jars.read(id, 'wiki'), { code: 'SESSIONS_SEAL_BROKEN' });
  t.deepEqual(await jar(right.jars, id), ['SID=1']);
});

test('a cookie moved to another session, app or name does not open (P10, P11)', async (t) => {
  const store = new MemoryStore();
  const { sessions, jars } = sessionsOver(store);
  const [one, two] = [await begun(sessions), await begun(sessions)];
  await jars.merge(one.id, 'wiki', [
    { name: 'SID', text: '1' },
    { name: 'other', text: '2' },
  ]);
  const [first, second] = await store.cookies(one.id, 'wiki');
  if (first === undefined || second === undefined) throw new Error('two cookies were to be here');
  await store.mergeCookies(two.id, 'wiki', [first]);
  await store.mergeCookies(one.id, 'mail', [first]);
  await t.throwsAsync(jars.read(two.id, 'wiki'), { code: 'SESSIONS_SEAL_BROKEN' });
  await t.throwsAsync(jars.read(one.id, 'mail'), { code: 'SESSIONS_SEAL_BROKEN' });
  await store.mergeCookies(one.id, 'wiki', [{ key: first.key, sealed: second.sealed }]);
  await t.throwsAsync(jars.read(one.id, 'wiki'), { code: 'SESSIONS_SEAL_BROKEN' });
});

test('the file shows no cookie name or text, and no two sessions the same key (P7)', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-jars-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const store = new SqliteStore(join(folder, 'curfew.db'));
  const { sessions, jars } = sessionsOver(store);
  const [one, two] = [await begun(sessions), await begun(sessions)];
  const cookie = { name: 'WIKISESSION_of_this_app', text: '{"value":"s3cr3t-cookie-value","path":"/wiki-path"}' };
  const gone = { name: 'gone-cookie-name', text: 'gone-cookie-text' };
  for (const { id } of [one, two]) await jars.merge(id, 'wiki', [cookie, gone]);
  await jars.merge(one.id, 'wiki', [{ name: gone.name, text: undefined }]);
  await sessions.end(two.id, at(1));
  const keys = [...(await store.cookies(one.id, 'wiki')), ...(await store.cookies(two.id, 'wiki'))].map(
    ({ key }) => key,
  );
  t.is(new Set(keys).size, 3);

  const bytesOfAll = (): Buffer => Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
  const open = bytesOfAll();
  await sessions.close();
  const closed = bytesOfAll();
  for (const secret of [cookie.name, cookie.text, 's3cr3t-cookie-value', '/wiki-path', gone.name, gone.text]) {
    const readings = [
      Buffer.from(secret),
      Buffer.from(secret, 'utf16le'),
      Buffer.from(secret).toString('base64').slice(0, -4),
      sha256(secret),
    ];
    for (const reading of readings) t.false(open.includes(reading) || closed.includes(reading), secret);
  }
  for (const there of [one.id, two.id, ...keys]) t.true(open.includes(there) && closed.includes(there));
});

test('a restart keeps cookies, of living and of unfinished sessions; forgetting leaves no row (P13, P7)', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-jars-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'curfew.db');
  const before = sessionsOver(new SqliteStore(path));
  const [one, two] = [await begun(before.sessions), await begun(before.sessions)];
  for (const { id } of [one, two]) await before.jars.merge(id, 'wiki', [{ name: 'SID', text: id }]);
  await before.sessions.end(two.id, at(1));
  await before.sessions.close();

  const { sessions, jars } = sessionsOver(new SqliteStore(path));
  t.teardown(() => sessions.close());
  for (const { id } of [one, two]) t.deepEqual(await jar(jars, id), [`SID=${id}`]);
  await sessions.end(one.id, at(2));
  for (const { id } of await sessions.unfinished()) await sessions.forget(id);
  await sessions.close();
  const database = new DatabaseSync(path);
  t.teardown(() => database.close());
  t.is(database.prepare('SELECT count(*) AS n FROM cookies').get()?.['n'], 0);
});
