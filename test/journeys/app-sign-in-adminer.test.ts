// Debian's Adminer, unmodified, whose own session is ended behind our back: it answers 403 with its form, and keeps its cookie.

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OPEN, stage } from '../support/gateway.ts';
import { needing } from '../support/needing.ts';
import { startAdminer } from '../upstream/adminer.ts';

const PAGE = '/?sqlite=&username=alice&db=demo.sqlite';

const policy = (upstream: string): string => `app: wiki
hosts: [wiki.test]
upstream: ${upstream}
access: [{ allow: authenticated }]
signIn:
  form:
    page: /
    fields: { "auth[driver]": sqlite, "auth[username]": alice, "auth[password]": legacypw, "auth[db]": demo.sqlite }
    signedInWhen: { text: 'name="logout"' }
    expiredWhen: { status: [403] }
`;

needing('php', 'adminer')('Adminer that has lost its sessions is signed in to again, and the page comes', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-adminer-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const adminer = await startAdminer(folder);
  t.teardown(() => adminer.close());
  const scene = await stage(t, { apps: { wiki: policy(adminer.url), chat: OPEN('chat') } });
  const browser = await scene.signedIn('alice', scene.at('chat'));
  const before = await browser.visit(scene.at('wiki', PAGE));
  t.regex(before.body, /name="logout"/);

  const sessions = await readdir(join(folder, 'sessions'));
  t.true(sessions.length > 0);
  for (const name of sessions) await rm(join(folder, 'sessions', name));
  const tooSoon = await browser.request(scene.at('wiki', PAGE));
  t.is(tooSoon.status, 403, 'at most once a minute');
  t.notRegex(tooSoon.body, /name="logout"/);

  scene.clock.advance(61_000);
  const after = await browser.request(scene.at('wiki', PAGE));
  t.is(after.status, 200);
  t.regex(after.body, /name="logout"/);
  t.is(scene.lines.filter(({ event }) => event === 'app-sign-in').length, 2);
});
