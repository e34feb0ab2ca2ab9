import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { identityOf, textOf } from '../../gateway/sessions/identity-text.ts';
import { sha256 } from '../../gateway/kernel/random.ts';
import { SqliteStore } from '../../gateway/sessions/sqlite.ts';
import { anna, begun, sessionsOver } from './people.ts';
import { at } from './records.ts';

test('the file shows no NameID, attribute, SessionIndex, token, message id or return address', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-open-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const { sessions, ledger } = sessionsOver(new SqliteStore(join(folder, 'curfew.db')));
  const identity = anna({ attributes: new Map([['department', ['attribute-value-7']]]) });
  const { id } = await begun(sessions, identity);
  const { id: ended } = await begun(sessions, identity);
  const token = (await sessions.mint(id, 'wiki.example.com')) ?? '';
  await sessions.end(ended, at(1));
  await sessions.bury(
    { idp: 'corp', nameIdValue: 'anna@example.com', sessionIndexes: ['_index-1'], issuedAt: at(0) },
    at(9),
  );
  await ledger.once('message', '_message-1', at(9), at(0));
  await ledger.keep('awaited', '_request-1', { returnTo: 'https://wiki.example.com/secret-page' }, at(9));

  const bytesOfAll = (): Buffer => Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
  const open = bytesOfAll();
  await sessions.close();
  const closed = bytesOfAll();
  const secrets = [
    'anna@example.com',
    'department',
    'attribute-value-7',
    '_index-1',
    token,
    '_message-1',
    '_request-1',
    'secret-page',
  ];
  for (const secret of secrets) {
    const readings = [
      Buffer.from(secret),
      Buffer.from(secret, 'utf16le'),
      Buffer.from(secret).toString('base64').slice(0, -4),
    ];
    for (const reading of readings) t.false(open.includes(reading) || closed.includes(reading), secret);
    t.false(open.includes(sha256(secret)) && secret !== token, `${secret} is hashed without the key`);
  }
  for (const there of [id, sha256(token)]) t.true(open.includes(there) && closed.includes(there));
});

test('a restart keeps sessions, tokens, logouts in force, used ids and awaited answers (P13)', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-open-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'curfew.db');
  const before = sessionsOver(new SqliteStore(path));
  const { id } = await begun(before.sessions);
  const token = await before.sessions.mint(id, 'wiki.example.com');
  await before.sessions.bury({ idp: 'corp', nameIdValue: 'berta', sessionIndexes: [], issuedAt: at(5) }, at(1000));
  await before.ledger.once('message', '_1', at(1000), at(0));
  await before.ledger.keep('awaited', '_2', { app: 'wiki' }, at(1000));
  await before.sessions.close();

  const { sessions, ledger } = sessionsOver(new SqliteStore(path));
  t.teardown(() => sessions.close());
  const found = token && (await sessions.find(token, 'wiki.example.com', at(10)));
  t.deepEqual(found && identityOf(textOf(found.identity)), anna());
  t.is(await sessions.begin(anna({ nameId: { value: 'berta' } }), undefined, at(10)), 'tombstoned');
  t.false(await ledger.once('message', '_1', at(1000), at(10)));
  t.deepEqual(await ledger.take('awaited', '_2', at(10)), { app: 'wiki' });
});
