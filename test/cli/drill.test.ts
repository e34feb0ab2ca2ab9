// `curfew drill` against the identity provider and the applications of the demonstration: a drill that cannot fail proves nothing, so most
// of these are drills that must.

import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openScene, type Scene } from '../../demo/scene.ts';
import { runCommand } from '../../gateway/cli/command.ts';
import { drill } from '../../gateway/cli/drill.ts';
import { metadata } from '../../gateway/cli/metadata.ts';
import { marksOf, stillShown } from '../../gateway/cli/drill/app-itself.ts';
import { signInAtIdp } from '../../gateway/cli/drill/idp-form.ts';
import type { Report } from '../../gateway/cli/drill/report.ts';
import { openVisitor, type Landed } from '../../gateway/upstream/visitor.ts';

async function stage(t: ExecutionContext): Promise<Scene> {
  const scene = await openScene({ ports: { gateway: 0, idp: 0 }, complain: (text) => t.log(text) });
  t.teardown(() => scene.close());
  return scene;
}

const PASSWORD = 'alicepw';

/** Runs a drill as alice; `onLine` is told every line as it is printed. */
async function drilled(
  { policies }: Pick<Scene, 'policies'>,
  words: readonly string[],
  { password = PASSWORD, onLine = () => {} }: { password?: string; onLine?: (line: string) => void } = {},
) {
  const lines: string[] = [];
  const line = (text: string): void => {
    lines.push(text);
    onLine(text);
  };
  const account = ['--policies', policies, '--user', 'alice', '--password-env', 'DRILL_PASSWORD'];
  const output = { print: line, complain: line };
  const code = await runCommand([drill], ['drill', ...account, ...words], { DRILL_PASSWORD: password }, output);
  const text = lines.join('\n');
  return { code, text, report: (): Report => JSON.parse(text) as Report };
}

/** Findings that are not closed: `page open`. */
const notClosed = ({ findings }: Report): string[] =>
  findings.flatMap(({ kind, verdict }) => (verdict === 'closed' ? [] : [`${kind} ${verdict}`])).sort();

test.serial('what is told of a drill does not steer the terminal, by line or as JSON', async (t) => {
  const scene = await stage(t);
  const page = `${scene.at.wiki}/\u202e`;
  for (const words of [[], ['--json']]) {
    const { code, text } = await drilled(scene, ['--app', 'wiki', '--user', 'al\u009b2Jice', '--open', page, ...words]);
    t.is(code, 1);
    t.regex(text, /al\\u009b2Jice/);
    t.notRegex(text, /[\u0080-\u009f\u202e]/);
  }
});

const websocket = ({ at }: Scene): string => `${at.chat.replace('http', 'ws')}/socket`;

test.serial(
  'after a LogoutRequest nothing that was kept opens anything, and the drill says so with 0 (P1, P7, P8)',
  async (t) => {
    const scene = await stage(t);
    const { code, report } = await drilled(scene, ['--app', 'wiki', '--stream', `${scene.at.wiki}/events`, '--json']);
    const found = report();
    t.is(code, 0, JSON.stringify(found));
    t.like(found, { mode: 'rehearsal', user: 'alice', nameId: 'alice@example.test', isClosed: true, inBrowser: [] });
    t.like(found.left, { outcome: 'Success', isGood: true });
    const kinds = found.findings.map(({ kind, verdict }) => `${kind} ${verdict}`);
    t.deepEqual(
      [...new Set(kinds)].sort(),
      ['cookie', 'itself', 'page', 'replay', 'stream'].map((kind) => `${kind} closed`),
    );
    t.is(kinds.filter((kind) => kind.startsWith('stream')).length, 2);
    for (const { milliseconds } of found.findings) t.is(typeof milliseconds, 'number');
    // All of it happened in the drill's own gateway.
    t.is(await scene.running.parts.doors.sessions.count(), 0);
    t.deepEqual(scene.audit, []);
  },
);

test.serial(
  'an application that was not told is still signed in, and the drill fails and names the setting (P7)',
  async (t) => {
    const scene = await stage(t);
    const file = join(scene.policies, 'wiki.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace(/^signOut:[^]*/m, ''));
    const { code, text } = await drilled(scene, ['--app', 'wiki']);
    t.is(code, 1);
    t.regex(text, /NOT CLOSED:\n {2}- wiki itself, .*still signed in, shows “alice”.*its policy has no signOut\.call/);
  },
);

test.serial('an application may remember only where it was told, whatever the operator allows', async (t) => {
  const scene = await stage(t);
  const { code, report } = await drilled(scene, ['--app', 'chat', '--may-remember', 'chat', '--json']);
  t.is(code, 1);
  t.deepEqual(notClosed(report()), ['itself open']);
});

test.serial('where no LogoutRequest comes everything still opens, and the drill fails for each of it', async (t) => {
  const scene = await stage(t);
  const words = [
    '--app',
    'wiki',
    '--stream',
    `${scene.at.wiki}/events`,
    '--sign-out',
    `${scene.at.idp}/nowhere`,
    '--json',
  ];
  const { code, report } = await drilled(scene, words);
  t.is(code, 1);
  t.deepEqual(notClosed(report()), ['cookie open', 'itself open', 'page open', 'stream open', 'stream open']);
  t.like(report().left, { isGood: false });
});

test.serial('a LogoutRequest that names the person in other letters is said, with the remedy', async (t) => {
  const scene = await stage(t);
  scene.idp.vary.logoutRequest = (fields) => ({
    ...fields,
    nameId: { ...fields.nameId, value: 'ALICE@example.test' },
    sessionIndexes: [],
  });
  // The identity provider's own logout page.
  const page = createServer((_request, response) => {
    const { status, headers, body } = scene.idp.signOutInBrowser('alice', 'redirect');
    response.writeHead(status, headers).end(body);
  }).listen(0, '127.0.0.1');
  t.teardown(() => page.close());
  await once(page, 'listening');
  const at = `http://127.0.0.1:${(page.address() as AddressInfo).port}/`;
  const { code, text } = await drilled(scene, ['--app', 'wiki', '--sign-out', at]);
  t.is(code, 1);
  t.regex(text, /NOT CLOSED:\n {2}- the LogoutRequest names nobody here, and one session in other letters; have the /);
});

test.serial(
  'a gateway that people reach by https is rehearsed without certificates (RFC 6265bis §4.1.3.2)',
  async (t) => {
    const scene = await stage(t);
    const file = join(scene.policies, 'gateway.yaml');
    const { host } = new URL(scene.at.login);
    await writeFile(file, (await readFile(file, 'utf8')).replace(`http://${host}`, 'https://login.localhost'));
    const printed: string[] = [];
    const output = { print: (line: string) => void printed.push(line), complain: (line: string) => t.log(line) };
    await runCommand([metadata], ['metadata', '--policies', scene.policies], {}, output);
    scene.idp.registerServiceProvider(printed.join(''));
    const { code, text } = await drilled(scene, ['--app', 'wiki', '--stream', 'https://wiki.localhost/events']);
    t.is(code, 0, text);
    t.regex(text, /closed {4}page https:\/\/wiki\.localhost\/: 200, then 303/);
  },
);

test.serial('a sign-out by the person closes as much (P9)', async (t) => {
  const scene = await stage(t);
  const { code, text } = await drilled(scene, ['--app', 'wiki', '--sign-out', 'person']);
  t.is(code, 0, text);
  t.regex(text, /\nclosed: nothing that was kept opens anything/);
});

test.serial(
  '--live drills the gateway that runs, while the identity provider signs out by SOAP (P1, P2)',
  async (t) => {
    const scene = await stage(t);
    let signedOut = Promise.resolve<unknown>(undefined);
    const onLine = (line: string): void => {
      if (line.includes('now end the session')) signedOut = scene.idp.signOutEverywhere('alice');
    };
    const { code, text } = await drilled(scene, ['--live', '--sign-out', 'wait', '--stream', websocket(scene)], {
      onLine,
    });
    await signedOut;
    t.is(code, 0, text);
    t.is(scene.audit.filter(({ event }) => event === 'session-ended').length, 1);
    t.regex(text, /not seen from outside: what the applications themselves remember/);
  },
);

test.serial('--live finds the gateway where --connect-to says it is', async (t) => {
  const scene = await stage(t);
  const file = join(scene.policies, 'gateway.yaml');
  const { host, port } = new URL(scene.at.login);
  // A name that nobody resolves, and the real gateway behind it.
  await writeFile(file, (await readFile(file, 'utf8')).replace(`http://${host}`, `http://login.localhost:1`));
  await writeFile(
    join(scene.policies, 'chat.yaml'),
    (await readFile(join(scene.policies, 'chat.yaml'), 'utf8')).replace('chat.localhost', 'chat.invalid'),
  );
  const { text } = await drilled(scene, [
    '--live',
    '--app',
    'chat',
    '--connect-to',
    `chat.invalid:1:127.0.0.1:${port}`,
  ]);
  t.regex(text, /NOT OPEN {2}page http:\/\/chat\.invalid:1\/: 404/);
});

/** Gives the wiki a service provider of its own, and lets the identity provider know it. */
async function withOwnProvider(t: ExecutionContext, scene: Scene): Promise<void> {
  const file = join(scene.policies, 'wiki.yaml');
  await writeFile(file, `${await readFile(file, 'utf8')}saml: { aliases: { acs: [/Shibboleth.sso/SAML2/POST] } }\n`);
  const printed: string[] = [];
  const output = { print: (line: string) => void printed.push(line), complain: (line: string) => t.log(line) };
  await runCommand([metadata], ['metadata', '--app', 'wiki', '--policies', scene.policies], {}, output);
  scene.idp.registerServiceProvider(printed.join(''));
}

const cookies = ({ findings }: Report): string[] =>
  findings.flatMap(({ kind, what, verdict }) => (kind === 'cookie' ? [`${what}: ${verdict}`] : [])).sort();

test.serial(
  'an app with a service provider of its own gets a LogoutRequest of its own, and its Response and its cookie are tried again (P1, P3)',
  async (t) => {
    const scene = await stage(t);
    await withOwnProvider(t, scene);
    const { code, report } = await drilled(scene, ['--app', 'wiki', '--json']);
    t.is(code, 0, JSON.stringify(report()));
    t.like(report().left, { how: 'a LogoutRequest by SOAP', outcome: 'Success', goodbyes: [{ app: 'wiki' }] });
    t.deepEqual(cookies(report()), ['cookie of the sign-in to wiki: closed']);
    const replays = report().findings.filter(({ kind }) => kind === 'replay');
    t.deepEqual(replays.map(({ what, after }) => [what, after]), [['Response of the identity provider, again', '400 SAML_IN_RESPONSE_TO']]); // prettier-ignore
    const both = await drilled(scene, ['--json']);
    t.like(both.report().left, { how: 'LogoutRequests by SOAP', outcome: 'Success', isGood: true });
    t.deepEqual(notClosed(both.report()), ['itself open'], 'the chat, which is not told');
    t.deepEqual(cookies(both.report()), [
      'cookie of the sign-in host: closed',
      'cookie of the sign-in to wiki: closed',
    ]);
  },
);

test.serial(
  'where an app’s own service provider is not told, the app is found open; a person who leaves both leaves both',
  async (t) => {
    const scene = await stage(t);
    await withOwnProvider(t, scene);
    const words = ['--sign-out', `${scene.at.idp}/nowhere`, '--app', 'wiki', '--json'];
    const { code, report } = await drilled(scene, words);
    t.is(code, 1);
    t.deepEqual(notClosed(report()), ['cookie open', 'itself open', 'page open']);
    const person = await drilled(scene, ['--sign-out', 'person', '--json']);
    t.deepEqual(notClosed(person.report()), ['itself open'], 'the chat, which is not told');
  },
);

test.serial('a page that opens to strangers proves nothing, and alone it is no drill', async (t) => {
  const scene = await stage(t);
  const file = join(scene.policies, 'wiki.yaml');
  await writeFile(
    file,
    (await readFile(file, 'utf8')).replace('access:', 'access:\n  - { paths: [/public], allow: anyone }'),
  );
  const { code, text } = await drilled(scene, ['--open', `${scene.at.wiki}/public`]);
  t.is(code, 1);
  t.regex(text, /no page that needs a sign-in was opened|there is no session to sign out/);
});

test.serial('a wrong password is said, and the password is in no line', async (t) => {
  const scene = await stage(t);
  const { code, text } = await drilled(scene, ['--app', 'wiki'], { password: 'not-her-password' });
  t.is(code, 1);
  t.regex(text, /asks for the password again/);
  t.false(text.includes('not-her-password'));
});

test.serial('every fault of the words is said at once, with 2, and nothing is started', async (t) => {
  const scene = await stage(t);
  const { code, text } = await drilled(scene, [
    ...['--app', 'wikki', '--open', 'wiki', '--live', '--sign-out', 'back-channel', '--connect-to', 'login'],
    ...['--password-file', '/nowhere'],
  ]);
  t.is(code, 2);
  for (const fault of [
    /there is no app "wikki"; the policies have chat, wiki/,
    /--open "wiki" is no address/,
    /a running gateway takes no LogoutRequest of ours; write --sign-out person/,
    /--connect-to "login" is not HOST:PORT:HOST2:PORT2/,
    /one source of the password is needed/,
  ]) {
    t.regex(text, fault);
  }
  // A word on the command line is everybody's to read.
  t.is((await drilled(scene, ['--password', PASSWORD])).code, 2);
});

test('the password is sent in clear to no other machine', async (t) => {
  const visitor = openVisitor({ placeOf: () => ({ host: '127.0.0.1', port: 1 }), signal: AbortSignal.timeout(5000) });
  const page = (address: string, action: string): Landed => ({
    ...{ url: new URL(address), status: 200, header: () => undefined, contentType: 'text/html', way: [] },
    body: Buffer.from(`<form method=post action="${action}"><input name=u><input type=password name=p></form>`),
  });
  const wish = { user: 'alice', password: PASSWORD, fields: { user: undefined, password: undefined } };
  for (const [address, action] of [
    ['http://idp.example.com/', ''],
    ['https://idp.example.com/', 'http://idp.example.com/'],
    ['http://idp.example.com/', 'https://idp.example.com/'],
  ] as const) {
    await t.throwsAsync(
      signInAtIdp(visitor, page(address, action), wish, new Set()),
      { message: /in clear/ },
      address + action,
    );
  }
  // Over https it is tried, and nobody listens there.
  await t.throwsAsync(signInAtIdp(visitor, page('https://idp.example.com/', ''), wish, new Set()), {
    message: /refused/,
  });
});

test('what tells a person from a stranger is words, not tokens, times or numbers', (t) => {
  const inside = (token: string, time: string): string => `Legacy wiki. Logged in as: Alice. Log Out ${token} ${time}`;
  const marks = marksOf([inside('a3f9bc', '12:31'), inside('b7c1dd', '12:32')], ['Legacy wiki. Log In 12:31']);
  t.deepEqual(marks, ['Logged', 'Alice', 'Out']);
  t.deepEqual(stillShown(marks, 'Legacy wiki. Log In a3f9bc 12:32'), []);
  t.deepEqual(stillShown(marks, 'Welcome back, Alice!'), ['Alice']);
  t.deepEqual(stillShown(marks, 'Alicealice'), []);
});
