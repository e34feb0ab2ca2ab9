// An application that knows only HTTP Basic, as Debian ships it: Nagios, which shows each person the hosts that are theirs.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stage } from '../support/gateway.ts';
import { needing } from '../support/needing.ts';
import { startNagios } from './nagios.ts';

const law = needing('nagios');

const policy = (upstream: string): string => `app: nagios
hosts: [nagios.test]
upstream: ${upstream}
access: [{ paths: [/cgi-bin/nagios4/objectjson.cgi], allow: anyone }, { allow: authenticated }]
identity:
  basic: { username: "\${credentials.user}", password: "\${credentials.password}" }
signIn: { credentials: people.txt }
`;
const STATUS = '/cgi-bin/nagios4/status.cgi?host=all';

law('Nagios takes a person for who they are, and shows each their own hosts (RFC 7617, P11)', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-nagios-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const nagios = await startNagios(folder);
  t.teardown(() => nagios.close());
  const scene = await stage(t, {
    apps: { nagios: policy(nagios.url) },
    files: {
      'people.txt': `alice@example.test: { user: alice, password: alicepw }\nbob@example.test: { user: bob, password: wrong }\n`,
    },
  });
  const alice = await scene.signedIn('alice', scene.at('nagios', STATUS));
  // What the browser says of itself counts for nothing.
  const forged = { authorization: `Basic ${Buffer.from('bob:bobpw').toString('base64')}` };
  for (const headers of [{}, forged]) {
    const page = await alice.visit(scene.at('nagios', STATUS), { headers });
    t.is(page.status, 200);
    t.regex(page.body, /Logged in as <i>alice<\/i>/);
    t.regex(page.body, /host-of-alice/);
    t.notRegex(page.body, /host-of-bob/);
  }

  // Whom it does not know sees its own page of refusal, and is asked for no password.
  const bob = await scene.signedIn('bob', scene.at('nagios', STATUS));
  const refused = await bob.visit(scene.at('nagios', STATUS), { headers: forged });
  t.is(refused.status, 401);
  t.is(refused.headers['www-authenticate'], undefined);
  t.regex(refused.body, /Unauthorized/);

  const stranger = await scene
    .browser()
    .visit(scene.at('nagios', '/cgi-bin/nagios4/objectjson.cgi'), { headers: forged });
  t.is(stranger.status, 401);
});
