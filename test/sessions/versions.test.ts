import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type ExecutionContext } from 'ava';
import { sha256 } from '../../gateway/kernel/random.ts';
import type { Token } from '../../gateway/kernel/words.ts';
import { identityOf, textOf } from '../../gateway/sessions/identity-text.ts';
import { openDatabase } from '../../gateway/sessions/sqlite-file.ts';
import { SqliteStore } from '../../gateway/sessions/sqlite.ts';
import { anna, HOST, sessionsOver } from './people.ts';
import { at, bytes, idOf } from './records.ts';
import { writeVersion } from './old-file.ts';

const TOKEN = 'a token of the time of version 1' as Token;

function pathOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-version-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'curfew.db');
}

/** All tables and indexes by name, and what makes each, without regard to spacing. */
function schemaOf(database: DatabaseSync): unknown[] {
  const spaceless = "replace(replace(sql, ' ', ''), char(10), '')";
  return database.prepare(`SELECT name, ${spaceless} AS text FROM sqlite_schema ORDER BY name`).all();
}

for (const version of [1, 2, 3]) {
  test(`a file of version ${version} keeps its sessions, tokens, logouts and used ids, and takes cookies (P13)`, async (t) => {
    const path = pathOf(t);
    const old = writeVersion(version, path, sha256(TOKEN));
    for (const time of ['first', 'second']) {
      const store = new SqliteStore(path);
      const { sessions, ledger, jars } = sessionsOver(store);
      t.teardown(() => sessions.close());
      const found = await sessions.find(TOKEN, HOST, at(10));
      t.is(found?.id, idOf(old.id), time);
      t.deepEqual(found && identityOf(textOf(found.identity)), anna());
      t.deepEqual(
        (await sessions.findByIndexes('corp', anna().sessionIndexes)).map(({ id }) => id),
        [idOf(old.id)],
      );
      t.deepEqual(
        (await sessions.unfinished()).map(({ id }) => id),
        [idOf(old.ended)],
      );
      t.is(
        await sessions.begin(anna({ nameId: { value: 'berta' }, authnInstant: at(5) }), undefined, at(10)),
        'tombstoned',
      );
      t.false(await ledger.once('message', '_1', at(1000), at(10)));
      t.deepEqual(await store.read('awaited', 'response', at(10)), bytes('kept'));

      t.deepEqual(await jars.apps(idOf(old.id)), time === 'first' ? [] : ['wiki']);
      t.truthy(await jars.merge(idOf(old.id), 'wiki', [{ name: 'SID', text: time }]));
      t.falsy(await jars.merge(idOf(old.ended), 'wiki', [{ name: 'SID', text: time }]));
      t.deepEqual(await jars.read(idOf(old.id), 'wiki'), [{ name: 'SID', text: time }]);
      await sessions.close();
    }
  });
}

test('a file that was of an earlier version has the schema of a new one', (t) => {
  const paths = [0, 1, 2, 3].map((version) => {
    const path = pathOf(t);
    if (version > 0) writeVersion(version, path, 'hash');
    return path;
  });
  const databases = paths.map(openDatabase);
  t.teardown(() => databases.forEach((database) => database.close()));
  const told = databases.map((database) => [schemaOf(database), database.prepare('PRAGMA user_version').get()]);
  for (const one of told) t.deepEqual(one, told[0]);
  t.like(told[0]?.[1], { user_version: 4 });
});

for (const [version, inTheWay] of [
  [1, 'CREATE TABLE cookies (in_the_way)'],
  // When some of the last step is done.
  [3, 'CREATE TABLE once_3 (in_the_way)'],
] as const) {
  test(`a step from version ${version} that fails leaves the file as it was (P13)`, (t) => {
    const path = pathOf(t);
    const { id } = writeVersion(version, path, 'hash');
    const before = new DatabaseSync(path);
    before.exec(inTheWay);
    const schema = schemaOf(before);
    before.close();
    t.throws(() => new SqliteStore(path), { code: 'SESSIONS_STORE_UNOPENED' });
    const after = new DatabaseSync(path);
    t.teardown(() => after.close());
    t.is(after.prepare('PRAGMA user_version').get()?.['user_version'], version);
    t.deepEqual(schemaOf(after), schema);
    t.is(after.prepare('SELECT id FROM sessions').get()?.['id'], id);
  });
}
