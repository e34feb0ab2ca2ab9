// Pipes and devices where the configuration names files: each would hold up the start, or a reload, for ever.

import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { scenery } from '../support/gateway.ts';
import { curfew } from './child.ts';

test.serial('check says of each file that is none what stands in its place, and waits for nobody', async (t) => {
  const { folder } = await scenery(t, {
    gateway:
      'tls: { certificates: tls, clientCa: pipe }\njwt: { keys: [pipe] }\npages: { logo: pipe, templates: pages }\naudit: { file: "${file:pipe}" }',
    apps: {
      wiki: 'app: wiki\nhosts: [wiki.test]\nupstream: https://127.0.0.1:1\nupstreamTls: { ca: pipe, cert: pipe, key: /dev/zero }\naccess: [{ allow: authenticated }]\nsignIn: { form: { page: /, fields: { u: x } }, credentials: pipe }\n',
    },
    metadata: () => '',
  });
  const at = (name: string): string => join(folder, name);
  execFileSync('mkfifo', [at('pipe')]);
  mkdirSync(at('tls'));
  symlinkSync(at('pipe'), at('tls/login.crt'));
  symlinkSync(at('pipe'), at('tls/login.key'));
  mkdirSync(at('pages'));
  execFileSync('mkfifo', [at('pages/refused.html')]);
  symlinkSync(at('pipe'), at('chat.yaml'));
  for (const name of ['sp.key', 'idp.xml']) execFileSync('ln', ['-sf', at('pipe'), at(name)]);
  const { code, complaints } = await curfew(t, 'check', '--policies', folder);
  t.is(code, 2);
  for (const place of [
    ...['chat.yaml', 'saml.keys', 'metadata', 'clientCa', 'jwt.keys', 'pages.logo', 'audit.file'],
    ...['upstreamTls.ca', 'upstreamTls.cert', 'upstreamTls.key', 'signIn.credentials', 'login.crt', 'refused.html'],
  ])
    t.regex(complaints, new RegExp(`${place.replaceAll('.', '\\.')}.* is a (pipe|device), and no file`), place);
});

for (const [what, file, said] of [
  ['a store', 'sessions.db', /SESSIONS_STORE_UNOPENED: .*sessions\.db: is a pipe, and no file/],
  [
    'an audit log',
    'audit.jsonl',
    /the audit log cannot be written: .*audit\.jsonl: is a pipe, and no file\n.*`audit\.file`/,
  ],
] as const)
  test.serial(`${what} that is a pipe is refused at the start, with what to write`, async (t) => {
    const { folder } = await scenery(t, { gateway: 'audit: { file: audit.jsonl }' });
    execFileSync('mkfifo', [join(folder, file)]);
    const { code, complaints } = await curfew(t, 'serve', '--policies', folder);
    t.is(code, 1, complaints);
    t.regex(complaints, said);
    t.notRegex(complaints, /\n\s+at /);
  });
