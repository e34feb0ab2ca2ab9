// docs/quick-start.md as a newcomer follows it: its files, and its commands one after the other, with another identity provider and free ports.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ExecutionContext } from 'ava';
import { startIdentityProvider } from '../demo/identity-provider/server.ts';
import { openBrowser } from './support/browser.ts';
import { freePort, signIn } from './support/gateway.ts';
import { needing } from './support/needing.ts';

const TOP = join(import.meta.dirname, '..');

/** Runs one block as it stands; it is ended with the test where it does not end by itself. */
function shell(t: ExecutionContext, cwd: string, block: string) {
  const child = spawn('sh', ['-ec', block], { cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  t.teardown(() => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  });
  return child;
}

needing('openssl')(
  'a newcomer who follows docs/quick-start.md signs in over https and out at the identity provider (P1)',
  async (t) => {
    const page = await readFile(join(TOP, 'docs/quick-start.md'), 'utf8');
    const [https, http, admin, upstream] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    const ported = page
      .replaceAll('8443', `${https}`)
      .replaceAll('8080', `${http}`)
      .replaceAll('9090', `${admin}`)
      .replaceAll('8081', `${upstream}`);
    const blocks = [...ported.matchAll(/^```(sh|yaml)\n(.*?)^```$/gms)].map(([, kind = '', text = '']) => ({
      kind,
      text,
    }));
    const [keys, metadata, check, app, serve, nobody] = blocks
      .filter(({ kind }) => kind === 'sh')
      .map((one) => one.text);

    // A checkout of its own, so that `try` is made where nothing is.
    const checkout = await mkdtemp(join(tmpdir(), 'curfew-quick-'));
    t.teardown(() => rm(checkout, { recursive: true, force: true }));
    for (const name of ['gateway', 'package.json', 'node_modules'])
      await symlink(join(TOP, name), join(checkout, name));
    const run = async (block = ''): Promise<string> => {
      const child = shell(t, checkout, block);
      const [output, complaints, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'exit') as Promise<[number | null]>,
      ]);
      t.is(code, 0, `${block}\n${complaints}`);
      return output;
    };
    await run(keys);
    for (const { text: written } of blocks.filter(({ kind }) => kind === 'yaml')) {
      const [, name = ''] = /^# (\S+)/.exec(written) ?? [];
      await mkdir(dirname(join(checkout, name)), { recursive: true });
      await writeFile(join(checkout, name), written);
    }
    await run(metadata);
    const idp = await startIdentityProvider({ port: 0 });
    t.teardown(() => idp.close());
    idp.registerServiceProvider(await readFile(join(checkout, 'try/certs/curfew-metadata.xml'), 'utf8'));
    await writeFile(join(checkout, 'try/certs/corp-idp.xml'), idp.metadataXml);
    t.regex(await run(check), /^no faults/);

    const application = shell(t, checkout, app ?? '');
    await Promise.race([once(application.stderr, 'data'), once(application.stdout, 'data'), listens(upstream)]);
    const gateway = shell(t, checkout, serve ?? '');
    let said = '';
    for await (const piece of gateway.stdout) if ((said += String(piece)).includes('"event":"listening"')) break;
    t.regex(said, new RegExp(`"https":"127\\.0\\.0\\.1:${https}"`));

    const browser = openBrowser({ ca: await readFile(join(checkout, 'try/certs/tls/try.crt'), 'utf8') });
    t.teardown(() => browser.close());
    const [wiki = '', session = '', logout = ''] = [...ported.matchAll(/<(https:[^>]+)>/g)].map(([, at = '']) => at);
    const first = await signIn(browser, 'alice', wiki);
    t.is(first.status, 200);
    t.regex(first.body, /The wiki/, 'the application’s own page');
    t.regex((await browser.visit(session)).body, /alice@example\.test/);
    await browser.settle(await browser.submitForm(await browser.visit(idp.url), {}, { button: 'redirect' }));
    t.regex((await browser.request(session)).body, /"signedIn":false/, 'signed out at the identity provider');
    t.is((await browser.request(wiki)).status, 303);
    await signIn(browser, 'alice', wiki);
    const out = await browser.settle(await browser.visit(logout));
    t.regex(out.body, /Your session is over/);
    t.regex(out.body, /identity provider has signed you out as well/);
    t.regex(await run(nobody), /"signedIn":false/);
  },
);

/** Resolves when something takes connections there. */
async function listens(port: number): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    if (answer !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
