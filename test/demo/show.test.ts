import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'ava';
import { narrate } from '../../demo/narrate.ts';
import { choosePort } from '../../demo/ports.ts';
import type { SessionId } from '../../gateway/kernel/words.ts';

const MAIN = join(import.meta.dirname, '../../gateway/main.ts');

test('the demonstration prints where everything is, and on Ctrl-C stops and leaves nothing behind', async (t) => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, 'demo'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let printed = '';
  for await (const line of createInterface(child.stdout)) {
    printed += `${line}\n`;
    if (line.startsWith('Ctrl-C')) break;
  }
  for (const name of ['wiki', 'chat'])
    t.regex(printed, new RegExp(`^ +${name} +http://${name}\\.localhost:\\d+/$`, 'm'));
  t.regex(printed, /^ +identity provider +http:\/\/idp\.login\.localhost:\d+\/$/m);
  const policies = /^ +curfew's policies +(.+)$/m.exec(printed)?.[1] ?? '';
  t.true(existsSync(join(policies, 'gateway.yaml')));
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  t.deepEqual(await ended, [0, null]);
  t.false(existsSync(join(policies, '..')));
});

for (const host of ['127.0.0.1', '::1']) {
  test(`a port that another program has on ${host} is not chosen`, async (t) => {
    const other = createServer();
    t.teardown(() => other.close());
    other.listen(0, host);
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    t.not(await choosePort(port), port);
    other.close();
    await once(other, 'close');
    t.is(await choosePort(port), port);
  });
}

const logout = {
  event: 'logout-request',
  idp: 'demo-idp',
  nameId: 'alice@example.test',
  messageId: '_1',
  binding: 'soap',
  repeated: false,
  sessionsEnded: 1,
  connectionsCut: 2,
  goodbyes: [],
  milliseconds: 3,
  status: 'success',
} as const;

test('a logout is told once, in a line that counts what it ended', (t) => {
  t.is(narrate(logout), 'LogoutRequest from demo-idp by SOAP: 1 session ended, 2 connections cut, Success in 3 ms');
  t.is(
    narrate({ ...logout, repeated: true, sessionsEnded: 0, connectionsCut: 0 }),
    'LogoutRequest from demo-idp by SOAP, the same as before: Success again, nothing left to do',
  );
  const ended = {
    event: 'session-ended',
    idp: 'demo-idp',
    nameId: 'alice@example.test',
    session: 'x' as SessionId,
    connectionsCut: 0,
    goodbyes: [],
    cutMilliseconds: 1,
    milliseconds: 1,
  } as const;
  t.is(narrate({ ...ended, reason: 'idp-logout' }), undefined);
  t.is(narrate({ ...ended, reason: 'person' }), 'alice@example.test is out (person), 0 connections cut');
});
