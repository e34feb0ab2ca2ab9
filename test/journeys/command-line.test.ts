// The command line as operators meet it.

import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readServiceProvider } from '../../demo/identity-provider/service-provider.ts';
import { openBrowser } from '../support/browser.ts';
import { scenery, signIn } from '../support/gateway.ts';
import { curfew, serving } from './child.ts';
import { endlessApp } from './endless-app.ts';

async function emptyFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-command-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test.serial('check prints every fault of every file with its line, exits with 2 and touches nothing', async (t) => {
  const folder = await emptyFolder(t);
  await writeFile(
    join(folder, 'gateway.yaml'),
    'publicUrl: login.example.com\nlissten: {}\nsessions: { idle: 30, secret: short }\n',
  );
  await writeFile(join(folder, 'wiki.yaml'), 'app: wiki\nhosts: [wiki.example.com]\nupstream: 10.0.0.1\nacess: []\n');
  const { code, output, complaints } = await curfew(t, 'check', '--policies', folder);
  t.is(code, 2);
  t.is(output, '');
  for (const fault of [
    /gateway\.yaml:1\b.*publicUrl/,
    /gateway\.yaml:2\b.*lissten/,
    /gateway\.yaml:3\b.*idle/,
    /secret/,
    /wiki\.yaml:3\b.*upstream/,
    /wiki\.yaml:4\b.*acess/,
  ]) {
    t.regex(complaints, fault);
  }
  t.notRegex(complaints, /\n\s+at /);
  t.deepEqual(await readdir(folder), ['gateway.yaml', 'wiki.yaml']);
  const json = await curfew(t, 'check', '--policies', folder, '--json');
  t.is(json.code, 2);
  t.true((JSON.parse(json.complaints) as { faults: unknown[] }).faults.length >= 6);
});

test.serial('check of a good configuration says what it is for and exits with 0', async (t) => {
  const { folder } = await scenery(t);
  const { code, output } = await curfew(t, 'check', '--policies', folder);
  t.is(code, 0);
  t.regex(output, /no faults/);
  t.regex(output, /wiki: http:\/\/wiki\.test:\d+\/ → /);
  t.false((await readdir(folder)).some((name) => name.endsWith('.db')));
});

test.serial('keys makes what is needed, readable by its owner alone, and replaces nothing', async (t) => {
  const folder = await emptyFolder(t);
  const [policies, certs] = [join(folder, 'policies'), join(folder, 'certs')];
  await mkdir(policies);
  t.is((await curfew(t, 'keys', '--policies', policies)).code, 0);
  const names = await readdir(certs);
  t.deepEqual(names.toSorted(), ['jwt.key', 'session.secret', 'sp.crt', 'sp.key']);
  for (const name of ['jwt.key', 'session.secret', 'sp.key'])
    t.is((await stat(join(certs, name))).mode & 0o777, 0o600, name);
  const read = () => Promise.all(names.map((name) => readFile(join(certs, name), 'utf8')));
  const before = await read();
  const again = await curfew(t, 'keys', '--policies', policies);
  t.is(again.code, 0);
  t.regex(again.output, /kept .*sp\.key, which was there already/);
  t.deepEqual(await read(), before);
});

test.serial('metadata prints what an identity provider reads, the same as the gateway publishes', async (t) => {
  const { folder, port } = await scenery(t);
  const { code, output } = await curfew(t, 'metadata', '--policies', folder);
  t.is(code, 0);
  const read = readServiceProvider(output.trim());
  t.is(read.entityId, `http://login.test:${port}/saml/metadata`);
  t.is(read.signingCertificates.length, 1);
  await serving(t, folder);
  const browser = openBrowser();
  t.teardown(() => browser.close());
  const published = await browser.request(`http://login.test:${port}/saml/metadata`);
  t.is(published.headers['content-type'], 'application/samlmetadata+xml');
  t.is(published.body.trim(), output.trim());
});

for (const [args, code, words] of [
  [['--help'], 0, /usage: curfew <command>/],
  [['help'], 0, /usage: curfew <command>/],
  [['serve', '--help'], 0, /--policies VALUE/],
  [[], 2, /usage: curfew <command>/],
  [['serv'], 2, /There is no command "serv"/],
  [['check', '--polices', 'x'], 2, /There is no option --polices; did you mean --policies/],
  [['check', 'x'], 2, /Unexpected argument 'x'/],
  [['check', '--policies', '/nonexistent'], 2, /\/nonexistent/],
] as const) {
  test.serial(`curfew ${args.join(' ')} exits with ${code} and says what it means`, async (t) => {
    const { code: exit, output, complaints } = await curfew(t, ...args);
    t.is(exit, code);
    t.regex(output + complaints, words);
    t.notRegex(complaints, /\n\s+at /);
  });
}

test.serial(
  'serve on an address that the machine does not have says so and what to write, and exits with 1',
  async (t) => {
    const { folder } = await scenery(t);
    const file = join(folder, 'gateway.yaml');
    // 192.0.2.0/24 is nobody's (RFC 5737 §3).
    await writeFile(file, (await readFile(file, 'utf8')).replace(/http: 127\.0\.0\.1:\d+/, 'http: 192.0.2.1:8080'));
    const { code, complaints } = await curfew(t, 'serve', '--policies', folder);
    t.is(code, 1);
    t.regex(complaints, /192\.0\.2\.1:8080: this machine has no such address; write 0\.0\.0\.0/);
    t.notRegex(complaints, /\n\s+at /);
  },
);

test.serial('serve without the metadata of an identity provider says whose and why, and exits with 2', async (t) => {
  const { folder } = await scenery(t, { metadataAt: 'http://127.0.0.1:1/metadata' });
  const { code, complaints } = await curfew(t, 'serve', '--policies', folder);
  t.is(code, 2);
  t.regex(complaints, /SAML_METADATA_UNREADABLE: .*\(corp: .*ECONNREFUSED/);
  t.regex(complaints, /Make the address reachable from here/);
});

test.serial('serve on a port that is taken says so and what to do, and exits with 1', async (t) => {
  const { folder, port } = await scenery(t);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  t.teardown(() => other.close());
  const { code, complaints } = await curfew(t, 'serve', '--policies', folder);
  t.is(code, 1);
  t.regex(complaints, /another program listens there; stop it, or change that line of `listen`/);
});

test.serial('serve of a store that another process has open says so and exits with 1', async (t) => {
  const { folder, port } = await scenery(t);
  await serving(t, folder);
  const text = await readFile(join(folder, 'gateway.yaml'), 'utf8');
  await writeFile(join(folder, 'gateway.yaml'), text.replaceAll(`${port}`, `${port + 20_000}`));
  const { code, complaints } = await curfew(t, 'serve', '--policies', folder);
  t.is(code, 1);
  t.regex(complaints, /^SESSIONS_STORE_LOCKED: .*\.db/m);
  t.notRegex(complaints, /\n\s+at /);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test.serial(`${signal} ends the gateway cleanly within seconds although a WebSocket is open`, async (t) => {
    const app = await endlessApp(t);
    const { folder, port, idp } = await scenery(t, { upstream: app.upstream });
    const child = await serving(t, folder);
    const browser = openBrowser();
    t.teardown(() => browser.close());
    const metadata = await browser.request(`http://login.test:${port}/saml/metadata`);
    idp.registerServiceProvider(metadata.body);
    await signIn(browser, 'alice', `http://wiki.test:${port}/`);
    const socket = await browser.openWebSocket(`http://wiki.test:${port}/socket`);
    const begunAt = performance.now();
    t.is(await child.stop(signal), 0);
    t.true(performance.now() - begunAt < 8000);
    await socket.closed;
    t.deepEqual(child.lines.at(-1)?.['event'], 'stopping');
    await serving(t, folder);
    t.is((await browser.request(`http://wiki.test:${port}/`)).status, 200, 'the session is lost');
  });
}

test.serial(
  'a request that is under way when SIGTERM comes is finished first, and nothing waits longer than that',
  async (t) => {
    const app = await endlessApp(t);
    const { folder, port } = await scenery(t, { upstream: app.upstream });
    const child = await serving(t, folder);
    const browser = openBrowser();
    t.teardown(() => browser.close());
    const answer = browser.request(`http://wiki.test:${port}/public/slow`);
    const waiting = await app.held.next();
    const begunAt = performance.now();
    const gone = child.stop('SIGTERM');
    // It takes no new connection: then it has begun to stop.
    while (await accepts(port));
    waiting.end('finished');
    t.is((await answer).body, 'finished');
    t.is(await gone, 0);
    t.true(performance.now() - begunAt < 8000);
  },
);

/** Whether a new connection is taken. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}

const CASES = `- case: strangers sign in
  request: GET https://wiki.test/page
  expect: sign-in
- case: strangers read what is public
  request: https://wiki.test/public/a
  expect: pass
  app: wiki
  headers: { Remote-User: null }
- case: staff read the wiki in their own name
  person: { nameId: ada@example.com, attributes: { groups: [staff], displayName: Áda } }
  request: GET https://wiki.test/page
  expect: pass
  headers: { remote-user: ada@example.com, X-Display-Name: Áda }
- case: staff do not administrate, however they spell it
  person: { nameId: ada@example.com, attributes: { groups: staff } }
  request: GET https://wiki.test/%61dmin/x
  expect: ACCESS_DENIED
- case: somebody of another identity provider is a stranger
  person: { nameId: ada@example.com, idp: other }
  request: GET https://wiki.test/page
  expect: sign-in
- case: nobody climbs out of the public part
  request: GET https://wiki.test/public/%2e%2e/admin
  expect: PATH_AMBIGUOUS
`;

test.serial(
  'policies test tries every case by the admission itself and exits with 0 where all are as expected',
  async (t) => {
    const { folder } = await scenery(t);
    await mkdir(join(folder, 'tests'));
    await writeFile(join(folder, 'tests/wiki.yaml'), CASES);
    const { code, output } = await curfew(t, 'policies', 'test', '--policies', folder);
    t.regex(output, /passed {2}staff read the wiki in their own name\n/);
    t.regex(output, /\n6 passed, 0 failed\n$/);
    t.is(code, 0);
  },
);

test.serial(
  'policies test says of a case that comes out otherwise where it stands and what it is, and exits with 1',
  async (t) => {
    const { folder } = await scenery(t);
    await mkdir(join(folder, 'tests'));
    const file = join(folder, 'tests/mine.yaml');
    await writeFile(
      file,
      CASES.replace('expect: ACCESS_DENIED', 'expect: pass\n  app: chat').replace(
        'remote-user: ada',
        'remote-user: eve',
      ),
    );
    const { code, output } = await curfew(t, 'policies', 'test', file, '--policies', folder);
    t.is(code, 1);
    t.true(
      output.includes(`${file}:9: expected remote-user to be "eve@example.com", and it is "ada@example.com"`),
      output,
    );
    t.true(output.includes(`${file}:14: expected pass, and it is ACCESS_DENIED`), output);
    t.true(output.includes(`${file}:14: expected app chat, and it is wiki`), output);
    t.regex(output, /\n4 passed, 2 failed\n$/);
    const json = await curfew(t, 'policies', 'test', file, '--policies', folder, '--json');
    t.is((JSON.parse(json.output) as { failed: unknown[] }).failed.length, 2);
  },
);

test.serial(
  'policies test shows every fault of its cases, and how to write one where there is none; exit 2',
  async (t) => {
    const { folder } = await scenery(t);
    const none = await curfew(t, 'policies', 'test', '--policies', folder);
    t.is(none.code, 2);
    t.regex(none.complaints, /write one into .*tests\/NAME\.yaml:\n- case: /);
    await mkdir(join(folder, 'tests'));
    await writeFile(
      join(folder, 'tests/wiki.yaml'),
      '- case: a\n  request: /page\n  expct: pass\n- { case: b, request: GET https://wiki.test/, expect: allow }\n',
    );
    const { code, complaints } = await curfew(t, 'policies', 'test', '--policies', folder);
    t.is(code, 2);
    for (const fault of [
      /wiki\.yaml:2 .*is no method with an address/,
      /wiki\.yaml:3 .*did you mean "expect"/,
      /wiki\.yaml:4 .*"allow"/,
    ]) {
      t.regex(complaints, fault);
    }
  },
);
