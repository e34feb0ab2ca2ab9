// What operators see and do at the command line while the gateway runs.

import { once } from 'node:events';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { runCommand } from '../../gateway/cli/command.ts';
import { reload } from '../../gateway/cli/reload.ts';
import { logout, sessions, status } from '../../gateway/cli/sessions.ts';
import { stage, type Stage } from '../support/gateway.ts';

const TOKEN = 'a-token-of-thirty-two-characters';

async function run({ folder, running }: Pick<Stage, 'folder' | 'running'>, ...words: readonly string[]) {
  const [output, complaints] = [[] as string[], [] as string[]];
  const where = ['--policies', folder, '--admin', `127.0.0.1:${running.admin.port}`];
  const code = await runCommand(
    [status, sessions, logout, reload],
    [...words, ...where],
    {},
    {
      print: (text) => void output.push(text),
      complain: (text) => void complaints.push(text),
    },
  );
  return { code, output: output.join('\n'), complaints: complaints.join('\n') };
}

const withToken = (t: ExecutionContext): Promise<Stage> => stage(t, { gateway: `admin: { token: ${TOKEN} }` });

test('sessions lists who is signed in, and finds them by a part of the name', async (t) => {
  const scene = await withToken(t);
  await scene.signedIn('alice', scene.at('wiki'));
  await scene.signedIn('bob', scene.at('chat'));
  const all = await run(scene, 'sessions');
  t.is(all.code, 0);
  t.regex(all.output, /^WHO +IDENTITY PROVIDER/);
  t.regex(all.output, /alice@example\.test +corp/);
  t.regex(all.output, /\n2 in all, page 1 of 1$/);
  const one = await run(scene, 'sessions', 'BOB', '--json');
  const { sessions: found } = JSON.parse(one.output) as { sessions: { nameId: string }[] };
  t.deepEqual(
    found.map(({ nameId }) => nameId),
    ['bob@example.test'],
  );
});

test('logout ends all sessions of a person, and exits with 1 where nobody is of that name', async (t) => {
  const scene = await withToken(t);
  const alice = await scene.signedIn('alice', scene.at('wiki'));
  const elsewhere = await run(scene, 'logout', 'alice@example.test', '--idp', 'other');
  t.deepEqual([elsewhere.code, /^nobody of that name/.test(elsewhere.output)], [1, true]);
  const done = await run(scene, 'logout', 'alice@example.test');
  t.is(done.code, 0);
  t.regex(done.output, /^alice@example\.test \(corp\): session ended, 0 connections cut/);
  t.is((await alice.request(scene.at('wiki'))).status, 303);
  t.is((await run(scene, 'logout', 'alice@example.test')).code, 1);
  t.is((await run(scene, 'logout')).code, 2);
  t.like(
    scene.audit.find(({ event }) => event === 'administrator'),
    { by: 'token', action: 'end-person' },
  );
});

test('status tells whether the gateway is ready, and why not', async (t) => {
  const scene = await withToken(t);
  const well = await run(scene, 'status');
  t.deepEqual([well.code, well.output], [0, 'ready: 0 sessions, 0 connections on this node']);
  await scene.signedIn('alice', scene.at('wiki'));
  t.is((await run(scene, 'status')).output, 'ready: 1 session, 0 connections on this node');
  await scene.running.parts.doors.sessions.close();
  const ill = await run(scene, 'status');
  t.is(ill.code, 1);
  t.regex(ill.output, /^not ready\n {2}store: /);
});

test('where no gateway answers, or it wants another token, that is said, and what to do', async (t) => {
  const scene = await withToken(t);
  const other = await stage(t, { gateway: `admin: { token: ${TOKEN}-of-another }` });
  const foreign = await run({ folder: other.folder, running: scene.running }, 'sessions');
  t.is(foreign.code, 1);
  t.regex(foreign.complaints, /wants another admin\.token; use the policies/);
  await scene.running.close(0);
  for (const words of [['sessions'], ['status'], ['logout', 'alice@example.test']]) {
    const { code, complaints } = await run(scene, ...words);
    t.is(code, 1);
    t.regex(complaints, /no gateway answers at http:\/\/127\.0\.0\.1:\d+; run this where it runs/);
  }
});

test('whoever has to be signed out is, while what stands on disk is faulty and not in use', async (t) => {
  const scene = await withToken(t);
  const alice = await scene.signedIn('alice', scene.at('wiki'));
  await writeFile(join(scene.folder, 'wiki.yaml'), 'app: wiki\n\t- no yaml');
  await appendFile(join(scene.folder, 'gateway.yaml'), 'sesions: { idle: 30 }\n');
  const told = await run(scene, 'reload');
  t.deepEqual([told.code, /wiki\.yaml:2 .*no YAML/.test(told.complaints)], [2, true], told.complaints);
  t.regex(told.complaints, /^\d faults, nothing was changed\n/);
  t.is((await run(scene, 'status')).code, 0);
  t.is((await run(scene, 'logout', 'alice@example.test')).code, 0);
  t.is((await alice.request(scene.at('wiki'))).status, 303);
});

test('a token that cannot be read is a fault with its place, and nothing is asked', async (t) => {
  const scene = await withToken(t);
  const file = join(scene.folder, 'gateway.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace(TOKEN, '"${file:gone.token}"'));
  for (const words of [['status'], ['reload'], ['logout', 'alice@example.test']]) {
    const { code, complaints } = await run(scene, ...words);
    t.is(code, 2);
    t.regex(
      complaints,
      /^1 fault, nothing was asked\n.*gateway\.yaml:\d+ +admin\.token +\$\{file:gone\.token\} is not there; make that file, or correct its name$/,
    );
  }
});

test('where the system has chosen the port, it is said where that stands', async (t) => {
  const { folder } = await withToken(t);
  const complaints: string[] = [];
  const output = { print: t.fail, complain: (text: string) => void complaints.push(text) };
  t.is(await runCommand([status], ['status', '--policies', folder], {}, output), 1);
  t.regex(complaints.join(), /name the address of the log line "listening" by --admin$/);
});

test('a name that somebody chose does not steer the terminal', async (t) => {
  const scene = await withToken(t);
  const name = 'eve\u001b[2J\u202e\u{e0041}';
  const row = { id: 's', nameId: name, idp: 'corp', apps: [], since: 0, lastUse: 0, until: 0, connections: 0 };
  const server = createServer((_request, response) => {
    response.end(JSON.stringify({ sessions: [row], total: 1, page: 1, pages: 1, query: '', isCutShort: false }));
  }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const admin = server.address() as AddressInfo;
  for (const words of [[], ['--json']]) {
    const { output } = await run({ folder: scene.folder, running: { ...scene.running, admin } }, 'sessions', ...words);
    t.notRegex(output.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
    t.regex(output, /\\u001b\[2J\\u202e\\udb40\\udc41/);
    if (words.length > 0) t.is((JSON.parse(output) as { sessions: { nameId: string }[] }).sessions[0]?.nameId, name);
  }
});
