// Looking at a store before serving: what it says, and that it leaves everything as it was.

import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { CurfewError } from '../../gateway/kernel/errors.ts';
import { lookAtStore, type Looked } from '../../gateway/sessions/look.ts';
import { readRedisAddress } from '../../gateway/sessions/redis-address.ts';
import { SqliteStore } from '../../gateway/sessions/sqlite.ts';
import { freePort } from '../support/gateway.ts';
import { missing } from '../support/needs.ts';
import { needing } from '../support/needing.ts';
import { newSigner } from '../support/certificates.ts';
import { startRedis } from '../support/redis.ts';
import { newPrefix } from './redis-stage.ts';

const law = needing('redis-server');
const server = missing(['redis-server']).length === 0 ? await startRedis('--requirepass', 'right') : undefined;
test.after.always(() => server?.close());

function newFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-look-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const atFile = (path: string): Promise<Looked> =>
  lookAtStore({ store: { kind: 'file', path }, redis: { prefix: 'p', waitReplicas: 0 } });

const codeOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'found',
    (error: unknown) => (error instanceof CurfewError ? error.code : String(error)),
  );

test('a file that is not there yet will be made, and looking makes nothing', async (t) => {
  const folder = newFolder(t);
  const file = join(folder, 'data/curfew.db');
  t.deepEqual(await atFile(file), { found: `${file}, which will be made`, notes: [] });
  t.deepEqual(readdirSync(folder), []);
});

test('a file that a gateway has open is told, and one that it has left is found good; neither gains or loses a byte', async (t) => {
  const folder = newFolder(t);
  const file = join(folder, 'curfew.db');
  const store = new SqliteStore(file);
  t.regex((await atFile(file)).found, /curfew\.db, in use by a running gateway$/);
  await store.ready();
  await store.close();
  const before = readFileSync(file);
  t.deepEqual(await atFile(file), { found: file, notes: [] });
  t.deepEqual(readdirSync(folder), ['curfew.db']);
  t.deepEqual(readFileSync(file), before);
  await t.notThrowsAsync(async () => new SqliteStore(file).close());
});

test('a file of an earlier version is told and not changed', async (t) => {
  const file = join(newFolder(t), 'curfew.db');
  await new SqliteStore(file).close();
  const bytes = readFileSync(file);
  bytes.writeUInt32BE(1, 60);
  writeFileSync(file, bytes);
  t.regex((await atFile(file)).notes.join(), /an earlier version/);
  bytes.writeUInt32BE(99, 60);
  writeFileSync(file, bytes);
  t.is(await codeOf(atFile(file)), 'SESSIONS_STORE_FOREIGN');
  t.deepEqual(readFileSync(file), bytes);
});

test('what is no store of ours is SESSIONS_STORE_FOREIGN, what cannot be had SESSIONS_STORE_UNOPENED', async (t) => {
  const folder = newFolder(t);
  writeFileSync(join(folder, 'letter'), 'Dear Sir or Madam,\n'.repeat(20));
  t.is(await codeOf(atFile(join(folder, 'letter'))), 'SESSIONS_STORE_FOREIGN');
  t.is(await codeOf(atFile(join(folder, 'letter/curfew.db'))), 'SESSIONS_STORE_UNOPENED');
  t.is(await codeOf(atFile(folder)), 'SESSIONS_STORE_UNOPENED');
  chmodSync(folder, 0o500);
  // root may write all the same.
  if (process.getuid?.() !== 0) t.is(await codeOf(atFile(join(folder, 'new.db'))), 'SESSIONS_STORE_UNOPENED');
});

async function atRedis(
  url: string,
  further: { ca?: string; waitReplicas?: number; prefix?: string } = {},
): Promise<Looked> {
  const store = readRedisAddress(url);
  if (typeof store === 'string') throw new Error(store);
  return lookAtStore({ store, redis: { prefix: newPrefix(), waitReplicas: 0, ...further } });
}

law('a Redis tells its version, that it forgets and that it may evict, and keeps no key of ours', async (t) => {
  const redis = await startRedis('--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru');
  t.teardown(() => redis.close());
  const { found, notes } = await atRedis(redis.url);
  t.regex(found, new RegExp(`^(Redis|Valkey) [\\d.]+ at 127\\.0\\.0\\.1:${redis.port}$`));
  t.is(notes.length, 2);
  t.regex(notes[0] ?? '', /^maxmemory-policy is allkeys-lru: .*tombstones.*set it to noeviction/);
  t.regex(notes[1] ?? '', /appendonly/);
  t.is((await redis.ask('DBSIZE')).trim(), ':0');
});

law('a wrong password, no password and nobody there are told apart', async (t) => {
  const at = (person: string): string => `redis://${person}127.0.0.1:${server?.port}`;
  t.regex((await atRedis(at(':right@'))).found, /^Redis/);
  t.is(await codeOf(atRedis(at(':wrong@'))), 'SESSIONS_REDIS_REFUSED');
  t.is(await codeOf(atRedis(at(''))), 'SESSIONS_REDIS_REFUSED');
  t.is(await codeOf(atRedis('redis://127.0.0.1:1')), 'SESSIONS_REDIS_UNREACHABLE');
});

law(
  'the user of docs/nodes.md is enough, and one that may not write, run scripts, publish or use the prefix is refused',
  async (t) => {
    const redis = await startRedis();
    t.teardown(() => redis.close());
    const page = readFileSync(join(import.meta.dirname, '../../docs/nodes.md'), 'utf8');
    const [, rule = ''] = /^(ACL SETUSER curfew on .*)$/m.exec(page) ?? [];
    const url = `redis://curfew:PASSWORD@127.0.0.1:${redis.port}`;
    const asUser = async (...further: string[]): Promise<string> => {
      await redis.ask('ACL', 'DELUSER', 'curfew');
      t.regex(await redis.ask(...rule.split(' '), ...further), /^\+OK/);
      return codeOf(atRedis(url, { prefix: 'curfew' }));
    };
    t.is(await asUser(), 'found');
    for (const less of ['-@write', '-eval', '-publish', '-set'])
      t.is(await asUser(less), 'SESSIONS_REDIS_REFUSED', less);
    t.is(await asUser('resetkeys', '~other:*'), 'SESSIONS_REDIS_REFUSED');
  },
);

law('a Redis Cluster is asked as nodes ask it, and Sentinels that nobody reaches are told', async (t) => {
  const redis = await startRedis('--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1');
  t.teardown(() => redis.close());
  await redis.ask('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
  t.regex(
    (await atRedis(`redis+cluster://127.0.0.1:${redis.port}`)).found,
    /^(Redis|Valkey) [\d.]+ at 127\.0\.0\.1:\d+$/,
  );
  t.is(await codeOf(atRedis('redis+cluster://127.0.0.1:1')), 'SESSIONS_REDIS_UNREACHABLE');
  t.is(await codeOf(atRedis('redis+sentinel://127.0.0.1:1/mymaster')), 'SESSIONS_REDIS_UNREACHABLE');
});

law('a replica that is wanted and not there is told', async (t) => {
  const url = `redis://:right@127.0.0.1:${server?.port}`;
  t.is(await codeOf(atRedis(url, { waitReplicas: 1 })), 'SESSIONS_STORE_UNAVAILABLE');
});

needing('redis-server', 'openssl')('over TLS the certificate has to be trusted and to name the host', async (t) => {
  const folder = newFolder(t);
  const signer = newSigner();
  const { cert, key } = signer.sign(['localhost']);
  writeFileSync(join(folder, 'c'), cert);
  writeFileSync(join(folder, 'k'), key);
  writeFileSync(join(folder, 'ca'), signer.cert);
  const port = await freePort();
  const files = ['--tls-cert-file', join(folder, 'c'), '--tls-key-file', join(folder, 'k')];
  const redis = await startRedis(
    ...['--tls-port', String(port), '--tls-auth-clients', 'no', '--tls-ca-cert-file', join(folder, 'ca'), ...files],
  );
  t.teardown(() => redis.close());
  t.regex((await atRedis(`rediss://localhost:${port}`, { ca: signer.cert })).found, /, over TLS$/);
  t.is(await codeOf(atRedis(`rediss://localhost:${port}`)), 'SESSIONS_REDIS_UNTRUSTED');
  t.is(await codeOf(atRedis(`rediss://127.0.0.1:${port}`, { ca: signer.cert })), 'SESSIONS_REDIS_UNTRUSTED');
  t.is(await codeOf(atRedis(`rediss://127.0.0.1:${redis.port}`, { ca: signer.cert })), 'SESSIONS_REDIS_UNREACHABLE');
});
