// The walk proves the demonstration; here it is proved that the walk can fail.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { openScene, type Scene } from '../../demo/scene.ts';
import { walk } from '../../demo/walk.ts';

const MAIN = join(import.meta.dirname, '../../gateway/main.ts');

/** What a terminal that wants no colours would be. */
const PLAIN = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };

const curfew = (...argv: readonly string[]) =>
  promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', ...argv], {
    env: PLAIN,
    timeout: 30_000,
  });

/** The walk over a scene that `break_` has changed; answers with the exit code and every line. */
async function walkOver(t: ExecutionContext, break_: (scene: Scene) => void) {
  const lines: string[] = [];
  const scene = await openScene({ ports: { gateway: 0, idp: 0 }, complain: (text) => lines.push(text) });
  t.teardown(() => scene.close());
  break_(scene);
  const code = await walk(scene, (text) => lines.push(...stripVTControlCharacters(text).split('\n')));
  return { code, lines, failed: lines.flatMap((line) => /NOT SO: (.*)/.exec(line)?.[1] ?? []) };
}

test('the walk ends by itself, proves every step and says so in lines of at most 100 columns', async (t) => {
  const { stdout, stderr } = await curfew(MAIN, 'demo', '--walk');
  for (const law of [
    /✔ the wiki greets alice@example\.test +200/,
    /✔ no second password: .* 0 to the IdP/,
    /✔ the answer is a signed Success +Success after \d+ ms/,
    /✔ the WebSocket is cut +close code 4401/,
    /✔ her cookie for the wiki leads to sign-in +303 to \/saml\/login/,
    /✔ her cookie for the chat leads to sign-in +303 to \/saml\/login/,
    /✔ the answer is a signed Success, as before +Success/,
    /✔ it is refused for that +403, SAML_UNSIGNED/,
    /✔ he has to sign in himself/,
    /^\d+ proofs, and every one holds\./m,
  ]) {
    t.regex(stdout, law);
  }
  t.is(stderr, '');
  t.is(stdout, stripVTControlCharacters(stdout));
  t.deepEqual(
    stdout.split('\n').filter((line) => line.length > 100),
    [],
  );
});

test('the walk fails where the identity provider has no signed Success (P1)', async (t) => {
  const { code, lines, failed } = await walkOver(t, ({ idp }) => {
    idp.vary.signsLogout = false;
  });
  t.is(code, 1);
  t.true(failed.includes('the answer is a signed Success'));
  t.true(failed.includes('her cookie for the wiki leads to sign-in'));
  t.regex(lines.join('\n'), /^\d+ of \d+ proofs failed:$/m);
});

test('the walk fails where Success was said and a session lives on (P1)', async (t) => {
  const { code, failed } = await walkOver(t, ({ running }) => {
    // A store that lies: it has ended nothing, and denies that anything is left.
    const lies = { end: () => Promise.resolve(undefined), findByIndexes: () => Promise.resolve([]) };
    Object.assign(running.parts.doors.sessions, lies);
  });
  t.is(code, 1);
  t.false(failed.includes('the answer is a signed Success'));
  t.true(failed.includes('her cookie for the chat leads to sign-in'));
  t.true(failed.includes('her cookie for the chat opens no WebSocket'));
});

test('the walk fails where a WebSocket stays open after Success (P8)', async (t) => {
  const { code, failed } = await walkOver(t, ({ running }) => {
    Object.assign(running.parts.doors.live, { cut: () => 0 });
  });
  t.is(code, 1);
  t.deepEqual(failed, ['the WebSocket is cut', 'the chat has lost the WebSocket too']);
});

test('the walk fails where it cannot go on', async (t) => {
  const { code, failed } = await walkOver(t, (scene) => {
    Object.assign(scene.at, { chat: scene.at.idp });
  });
  t.is(code, 1);
  t.true(failed.includes('the walk goes on to its end'));
});

test('without the development dependencies the demonstration says what to do', async (t) => {
  const withoutWs = `import { registerHooks } from 'node:module';
    registerHooks({ resolve(name, context, next) {
      if (name !== 'ws') return next(name, context);
      throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    } });`;
  const hook = `data:text/javascript,${encodeURIComponent(withoutWs)}`;
  const failure = await t.throwsAsync(curfew('--import', hook, MAIN, 'demo', '--walk'));
  t.like(failure, { code: 1, stdout: '' });
  t.regex((failure as { stderr?: string }).stderr ?? '', /npm ci --include=dev && npm run demo/);
});
