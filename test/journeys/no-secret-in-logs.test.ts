// What was secret stays so in every line of the process, whatever goes wrong. Every journey searches its own log (support/gateway.ts); here is the process
// itself, with all it writes anywhere, and what it says of faults in its policies.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { soapEnvelope } from '../../demo/identity-provider/bindings.ts';
import { systemClock } from '../../gateway/kernel/clock.ts';
import { openBrowser } from '../support/browser.ts';
import { OPEN, scenery, signIn } from '../support/gateway.ts';
import { fieldsFor, post, signed } from '../support/logout-requests.ts';
import { collectSecrets } from '../support/secrets.ts';
import { startUpstream } from '../support/upstream.ts';
import { curfewWith, serving } from './child.ts';

const FORM = '<form method="post" action="/login"><input name="user"><input name="password" type="password"></form>';

const SIGNED_IN_BY_FORM = `${OPEN('wiki')}signIn:
  credentials: people.txt
  form: { page: /login, fields: { user: a, password: "\${credentials.password}" }, signedInWhen: { cookie: APPSESSION } }
`;
const TOLD = `${OPEN('chat')}  basic: { username: "\${nameId}", password: "\${env:SHARED_PASSWORD}" }
  jwt: { header: X-Curfew-Assertion }
`;
const NO_TLS = OPEN('vault').replace('${UPSTREAM}', 'https://127.0.0.1:${PORT}');

test.serial(
  'no line of the process holds a secret of its own, of a browser, of an app or of an identity provider',
  async (t) => {
    const upstream = await startUpstream((request, response) => {
      if (request.url === '/login' && request.method === 'POST')
        response.writeHead(302, { Location: '/', 'Set-Cookie': 'APPSESSION=cookie-of-the-application' }).end();
      else response.end(FORM);
    });
    t.teardown(() => upstream.close());
    const [sessionSecret, adminToken, shared] = [
      'secret-of-the-sessions'.padEnd(48, '-'),
      'a'.repeat(40),
      'shared-password',
    ];
    const vault = NO_TLS.replace('${PORT}', new URL(upstream.url).port);
    const scene = await scenery(t, {
      upstream,
      apps: { wiki: SIGNED_IN_BY_FORM, chat: TOLD, vault },
      files: { 'people.txt': 'alice@example.test: { password: password-in-a-file }\n', token: adminToken },
      gateway: 'log: { level: debug }\njwt: { keys: [jwt.key] }\nadmin: { token: "${file:token}" }',
    });
    const { folder, port, url, idp } = scene;
    const secrets = collectSecrets();
    const made = await mkdtemp(join(tmpdir(), 'curfew-secrets-'));
    t.teardown(() => rm(made, { recursive: true, force: true }));
    await mkdir(join(made, 'policies'));
    await curfewWith(t, {}, 'keys', '--policies', join(made, 'policies'));
    await writeFile(join(folder, 'jwt.key'), await readFile(join(made, 'certs/jwt.key')));
    const gateway = join(folder, 'gateway.yaml');
    const text = await readFile(gateway, 'utf8');
    await writeFile(gateway, text.replace(/secret: \w+/, 'secret: "${env:SESSION_SECRET}"'));
    const env = { SESSION_SECRET: sessionSecret, SHARED_PASSWORD: shared };
    for (const name of ['sp.key', 'jwt.key'])
      secrets.add(name, (await readFile(join(folder, name), 'utf8')).split('\n')[1]);
    for (const one of [sessionSecret, adminToken, shared, 'password-in-a-file', 'cookie-of-the-application'])
      secrets.add('what was configured', one);

    const child = await serving(t, folder, [], env);
    const browser = openBrowser({ secrets });
    t.teardown(() => browser.close());
    idp.registerServiceProvider((await browser.request(`${url}/saml/metadata`)).body);
    const at = (host: string, path: string): string => `http://${host}.test:${port}${path}`;
    const form = {
      method: 'POST',
      from: at('wiki', '/write'),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'text=what-somebody-wrote-in-a-form&password=typed-in-a-form',
    };
    const waiting = await browser.request(at('wiki', '/save?key=key-in-a-query'), form);
    t.is(waiting.status, 303, 'the form is kept');
    t.is((await signIn(browser, 'alice', at('wiki', '/page?token=token-in-a-query'))).status, 200);
    t.is((await browser.settle(await browser.visit(at('chat', '/')))).status, 200);
    t.is((await browser.settle(await browser.visit(at('vault', '/?key=key-in-a-query')))).status, 502);
    t.true(
      upstream.requests.some(({ body }) => body.includes('password-in-a-file')),
      'the form was filled in',
    );

    // What goes wrong has more to say.
    const posted = (xml: string) =>
      browser.request(`${url}/saml/acs`, {
        ...form,
        body: new URLSearchParams({ SAMLResponse: Buffer.from(xml).toString('base64') }).toString(),
      });
    await posted('<Response Secret="value-in-a-message"');
    await posted('<a b=value-in-a-message>&value-in-a-message;</a>');
    await posted('<Response xmlns="urn:oasis:names:tc:SAML:2.0:protocol" Destination="value-in-a-message"/>');
    await browser.request(
      `${url}/saml/login?app=wiki&return=${encodeURIComponent('http://u:user-password@evil.test/?t=in-an-address')}`,
    );
    await browser.request(at('wiki', '/.curfew/enter?ticket=ticket-that-somebody-tried'));
    await browser.request(at('nobody', '/?key=key-in-a-query'));
    for (const token of [adminToken, 'token-that-somebody-tried'])
      await fetch(`${child.admin}/sessions`, { headers: { authorization: `Bearer ${token}` } });
    const logout = soapEnvelope(signed(scene, fieldsFor({ ...scene, clock: systemClock }, 'alice')));
    t.is((await post(`${url}/saml/slo/soap`, logout, { 'content-type': 'text/xml' })).status, 200);
    t.is(await child.stop('SIGTERM'), 0);

    secrets.reached(upstream.requests);
    for (const one of ['value-in-a-message', 'user-password', 'in-an-address', 'that-somebody-tried', 'in-a-query'])
      secrets.add('what somebody sent', one);
    t.true(child.lines.length > 12, 'there is a log');
    const said = [...child.lines.map((line) => JSON.stringify(line)), child.complaints()];
    t.deepEqual(
      said.flatMap((line) => secrets.foundIn(line).map((secret) => `${secret} in ${line}`)),
      [],
    );
    t.true(
      secrets.foundIn(`x ${sessionSecret} password=typed-in-a-form`).length >= 2,
      'what is looked for would be found',
    );
  },
);

test.serial('no fault of a configuration shows a secret, wherever in a file it stands', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-secrets-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'named'), 'named-secret-in-a-file');
  const env = '${env:NAMED}';
  const file = '${file:named}';
  await writeFile(
    join(folder, 'gateway.yaml'),
    `publicUrl: ${env}
backchannelUrl: https://user:written-secret@login.test
listen: { http: "user:written-secret@127.0.0.1:80", https: "${file}" }
tls: { certificates: "${env}", hsts: "${env}" }
trustedProxies: ["${env}"]
saml: { entityId: "${env} x", clockSkew: "${env}", keys: [{ key: "${env}", cert: "${file}" }] }
identityProviders:
  - { name: corp, metadata: "https://user:written-secret@idp.test/x?token=written-secret", logout: { url: "${env}" } }
  - { name: two, metadata: "ftp://idp.test/x?token=written-secret", refresh: "${env}" }
sessions: { secret: "written-secret", store: "redis://:written-secret@host:notaport", idle: "${file}" }
admin: { token: "written-secret" }
jwt: { keys: ["${env}"] }
log: { level: "${env}" }
`,
  );
  await writeFile(
    join(folder, 'wiki.yaml'),
    `app: wiki
hosts: ["${env} x", "user:written-secret@x"]
upstream: http://user:written-secret@10.0.0.1
access: [{ allow: "${env}" }, { paths: ["${env}"], allow: { attributes: { groups: "${env}" } } }]
identity: { headers: { "X Y": "${env}", X-Z: "\${nope} written-secret" }, basic: { username: x, password: "written-secret-\${bad}" } }
cookies: { keep: "${env}", expose: ["${env} ;"] }
signIn: { credentials: people.txt, form: { page: "${env}", fields: { p: "written-secret-\${nope}" } } }
signOut: { call: { path: "http://u:written-secret@x/" }, returnTo: "http://u:written-secret@:x/", deadline: "${env}" }
`,
  );
  await writeFile(
    join(folder, 'people.txt'),
    "alice: { password: written-secret: oops }\nbob: { password: 'written-secret\n",
  );
  await writeFile(
    join(folder, 'bad.yaml'),
    'app: bad\nsignIn: { form: { p: written-secret: x } }\n  q: "written-secret\n',
  );
  for (const words of [['check'], ['check', '--json'], ['serve'], ['metadata'], ['policies', 'test'], ['drill']]) {
    const { code, output, complaints } = await curfewWith(t, { NAMED: 'named-secret' }, ...words, '--policies', folder);
    t.not(code, 0, words.join(' '));
    t.notRegex(output + complaints, /(?:named|written)-secret/, words.join(' '));
  }
});
