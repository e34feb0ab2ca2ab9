// Debian's DokuWiki and Adminer, unmodified: the gateway signs in as a person does, says goodbye, and the application itself then
// shows that nobody is signed in.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { AppClient } from '../../gateway/upstream/client.ts';
import { signInByForm } from '../../gateway/upstream/form-sign-in.ts';
import { sayGoodbye } from '../../gateway/upstream/goodbye.ts';
import type { FormSignInSettings } from '../../gateway/upstream/settings.ts';
import { startDokuWiki, type LegacyApplication } from '../interop/legacy.ts';
import { needing } from '../support/needing.ts';
import { startAdminer } from './adminer.ts';
import { clientOf, cookieOf } from './stage.ts';

const PUBLIC = 'http://wiki.example.com';
const BROWSER = ['User-Agent', 'Mozilla/5.0 (X11)', 'Accept-Language', 'en'];

async function started(t: ExecutionContext, start: (folder: string) => Promise<LegacyApplication>) {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-upstream-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const app = await start(folder);
  t.teardown(() => app.close());
  return { url: app.url, client: clientOf(app.url, BROWSER, PUBLIC) };
}

/** What the application shows to whoever has this Cookie header, past the gateway. */
async function shownTo(cookie: string, address: string): Promise<string> {
  const answer = await fetch(address, {
    headers: { Cookie: cookie, 'User-Agent': BROWSER[1] ?? '', 'Accept-Language': 'en' },
  });
  return answer.text();
}

const signIn = (settings: Omit<FormSignInSettings, 'fields'>, client: AppClient, values: Record<string, string>) =>
  signInByForm({ ...settings, fields: [] }, new Map(Object.entries(values)), client);

const goodbye = (page: string, follow: string) =>
  ({ call: { kind: 'follow', page, follow }, deadlineMs: 20_000 }) as const;

const WIKI = { page: '/doku.php?id=start&do=login', signedInWhen: { kind: 'cookie', cookie: 'DW*' } } as const;

needing('php', 'dokuwiki')('DokuWiki signs in by its form, and out by the link with its token (P7)', async (t) => {
  const { url, client } = await started(t, startDokuWiki);
  const wrong = await signIn(WIKI, client, { u: 'alice', p: 'wrong' });
  t.like(wrong, { kind: 'not-signed-in' });
  t.deepEqual(await signIn(WIKI, client, { u: 'alice', p: 'wikipw' }), { kind: 'signed-in' });
  const cookie = cookieOf(client);
  t.regex(cookie, /DW[0-9a-f]{32}=/);
  t.true((await shownTo(cookie, `${url}/doku.php`)).includes('Alice Moeller'));
  t.like(await sayGoodbye(goodbye('/doku.php', 'do=logout'), client), { kind: 'told', status: 302 });
  // DokuWiki's cookie holds the password, encrypted, and would let whoever kept it in again: all the more must it never leave the jar.
  t.notRegex(cookieOf(client), /DW[0-9a-f]{32}=/);
  t.false((await shownTo(cookieOf(client), `${url}/doku.php`)).includes('Alice Moeller'));
});

needing('php', 'dokuwiki')('DokuWiki is not called where nobody is signed in, and that is said', async (t) => {
  const { client } = await started(t, startDokuWiki);
  t.like(await sayGoodbye(goodbye('/doku.php', 'do=logout'), client), { kind: 'failed', reason: 'nothing-to-follow' });
});

const ADMINER = { page: '/', signedInWhen: { kind: 'text', text: 'name="logout"' } } as const;
const IN_ADMINER = {
  'auth[driver]': 'sqlite',
  'auth[username]': 'alice',
  'auth[password]': 'legacypw',
  'auth[db]': 'demo.sqlite',
};

needing('php', 'adminer')('Adminer signs in by its form, and out by the form with its token (P7)', async (t) => {
  const { url, client } = await started(t, startAdminer);
  t.like(await signIn(ADMINER, client, { ...IN_ADMINER, 'auth[password]': 'wrong' }), { kind: 'not-signed-in' });
  t.deepEqual(await signIn(ADMINER, client, IN_ADMINER), { kind: 'signed-in' });
  const cookie = cookieOf(client);
  const page = '/?sqlite=&username=alice&db=demo.sqlite';
  t.true((await shownTo(cookie, url + page)).includes('name="logout"'));
  t.like(await sayGoodbye(goodbye(page, 'logout=Logout'), client), { kind: 'told', status: 302 });
  t.false((await shownTo(cookie, url + page)).includes('name="logout"'), 'the old cookies open nothing');
});
