// Identity providers that do not tell us when somebody leaves: they are asked again, on the way to the next page, whether the person is
// still there (`revalidate`).

import test, { type ExecutionContext } from 'ava';
import type { Browser, Page } from '../support/browser.ts';
import { stage, type Stage, type StageOptions } from '../support/gateway.ts';
import { postSoap, soapCodes, soapFor, SUCCESS } from '../support/logout-requests.ts';

const MINUTE = 60_000;
const asking = (t: ExecutionContext, options: StageOptions = {}): Promise<Stage> =>
  stage(t, { idp: '    revalidate: 10m', sessions: '  idle: 5h', ...options });

/** Goes to a page, through whatever is posted by itself on the way. */
const go = async (browser: Browser, address: string): Promise<Page> => browser.settle(await browser.visit(address));
const asked = (scene: Stage): boolean[] =>
  scene.idp.received.flatMap(({ message }) => (message.kind === 'AuthnRequest' ? [message.isPassive] : []));
const sessionsOf = async (scene: Stage) =>
  scene.running.parts.doors.sessions.findBySubject('corp', 'alice@example.test', []);
test('after the time the next page asks the identity provider, without showing anything, and the session goes on', async (t) => {
  const scene = await asking(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const [before] = await sessionsOf(scene);
  scene.clock.advance(9 * MINUTE);
  t.is((await go(browser, scene.at('wiki', '/a'))).hops.length, 1, 'its word is still good');
  scene.clock.advance(2 * MINUTE);
  const page = await go(browser, scene.at('wiki', '/b?c=d'));
  t.is(page.status, 200);
  t.is(page.url, scene.at('wiki', '/b?c=d'));
  t.deepEqual(asked(scene), [false, true]);
  const [after, second] = await sessionsOf(scene);
  t.is(second, undefined);
  t.is(after?.id, before?.id, 'the same session');
  t.is((await go(browser, scene.at('wiki', '/e'))).hops.length, 1, 'and now its word is good again');
  t.deepEqual(
    scene.audit.map(({ event }) => event),
    ['sign-in', 'proven'],
  );
});

test('the application keeps its session while its person is asked after (P7)', async (t) => {
  const scene = await asking(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const [session] = await sessionsOf(scene);
  const id = session?.id;
  if (id === undefined) return t.fail();
  scene.clock.advance(11 * MINUTE);
  await go(browser, scene.at('wiki'));
  await go(browser, scene.at('chat'));
  t.is((await sessionsOf(scene))[0]?.id, id);
  return undefined;
});

test('who has left at the identity provider is out here with the next page, and is asked to sign in', async (t) => {
  const scene = await asking(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.idp.forgetSessions();
  scene.clock.advance(11 * MINUTE);
  const page = await go(browser, scene.at('wiki', '/secret'));
  t.true(page.url.startsWith(scene.idp.url), 'the login form');
  t.deepEqual(asked(scene), [false, true, false]);
  t.is(await scene.running.parts.doors.sessions.count(), 0);
  t.like(
    scene.audit.find(({ event }) => event === 'session-ended'),
    { reason: 'unproven', nameId: 'alice@example.test' },
  );
  const back = await browser.settle(await browser.submitForm(page, { username: 'alice', password: 'alicepw' }));
  t.is(back.url, scene.at('wiki', '/secret'), 'and comes back to the page');
});

test('an answer without success ends the session also where nobody signed it: whoever knows the ID has it from there', async (t) => {
  const scene = await asking(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.idp.forgetSessions();
  scene.idp.vary.signs = 'nothing';
  scene.clock.advance(11 * MINUTE);
  const page = await go(browser, scene.at('wiki', '/secret'));
  t.true(page.url.startsWith(scene.idp.url));
  t.is(await scene.running.parts.doors.sessions.count(), 0);
});

test('somebody else at the identity provider begins a session of their own, and the old one ends (P10)', async (t) => {
  const scene = await asking(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const form = await browser.visit(`${scene.idp.url}/login`);
  await browser.submitForm(form, { username: 'bob', password: 'bobpw' });
  scene.clock.advance(11 * MINUTE);
  await go(browser, scene.at('wiki', '/mine'));
  const names = scene.upstream.requests.map(({ rawHeaders }) => rawHeaders[rawHeaders.indexOf('Remote-User') + 1]);
  t.deepEqual(names, ['alice@example.test', 'bob@example.test']);
  t.is(await scene.running.parts.doors.sessions.count(), 1);
  t.deepEqual(await sessionsOf(scene), []);
});

test('scripts go on for as long again, and then get 401; the next page still finds the session', async (t) => {
  const scene = await asking(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const script = () => browser.request(scene.at('wiki', '/api'), { mode: 'fetch' });
  scene.clock.advance(19 * MINUTE);
  t.is((await script()).status, 200);
  scene.clock.advance(2 * MINUTE);
  t.is((await script()).status, 401);
  const [session] = await sessionsOf(scene);
  t.is((await go(browser, scene.at('wiki'))).status, 200);
  t.is((await script()).status, 200);
  t.is((await sessionsOf(scene))[0]?.id, session?.id);
});

test('a frame in a page is left alone as long as a script would be: identity providers do not let themselves be framed', async (t) => {
  const scene = await asking(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.clock.advance(11 * MINUTE);
  const inFrame = { mode: 'iframe', from: scene.at('wiki') } as const;
  t.is((await browser.request(scene.at('wiki', '/frame'), inFrame)).status, 200);
  t.is((await browser.request(scene.at('wiki', '/page'))).status, 303);
});

test('a form is sent on while the identity provider’s word is a little old, and kept when it is too old', async (t) => {
  const scene = await asking(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const post = async (): Promise<Page> =>
    browser.settle(
      await browser.visit(scene.at('wiki', '/save'), {
        method: 'POST',
        body: 'text=hello',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        from: scene.at('wiki', '/edit'),
      }),
    );
  scene.clock.advance(11 * MINUTE);
  t.is((await post()).hops.length, 1);
  scene.clock.advance(10 * MINUTE);
  const page = await post();
  t.is(page.status, 200);
  t.is(page.url, scene.at('wiki', '/save'));
  t.deepEqual(
    scene.upstream.requests.filter(({ method }) => method === 'POST').map(({ body }) => body.toString()),
    ['text=hello', 'text=hello'],
  );
});

/** Every answer has a SessionIndex of its own, which is noted. */
const numbering = (t: ExecutionContext, indexes: string[] = []): Promise<Stage> =>
  asking(t, {
    identityProvider: {
      vary: {
        response: (fields) => {
          const index = `_index-${indexes.length}`;
          indexes.push(index);
          const [statement] = fields.assertion?.authnStatements ?? [];
          return {
            ...fields,
            assertion: { ...fields.assertion, authnStatements: [{ ...statement, sessionIndex: index }] },
          };
        },
      },
    },
  });

test('a renewed session is found by the SessionIndex of either answer (P2)', async (t) => {
  for (const which of [0, 1]) {
    const indexes: string[] = [];
    const scene = await numbering(t, indexes);
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    scene.clock.advance(11 * MINUTE);
    await go(browser, scene.at('wiki'));
    t.is(indexes.length, 2);
    scene.idp.vary.logoutRequest = (fields) => ({ ...fields, sessionIndexes: [indexes[which] ?? ''] });
    const [report] = await scene.idp.signOutEverywhere('alice');
    t.is(report?.codes[0], 'urn:oasis:names:tc:SAML:2.0:status:Success');
    t.is(await scene.running.parts.doors.sessions.count(), 0, `found by ${indexes[which] ?? ''}`);
  }
});

test('a session that was signed out while the question was out is not begun by the answer', async (t) => {
  const scene = await asking(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.clock.advance(11 * MINUTE);
  const answer = await browser.visit(scene.at('wiki'));
  t.true(answer.url.startsWith(scene.idp.url), 'its page is about to post the Response');
  const [session] = await sessionsOf(scene);
  if (session === undefined) return t.fail();
  await scene.running.parts.endSession(session.id, { reason: 'person' });
  const page = await browser.submitForm(answer, {}, { follow: false });
  const posted = page.status === 303 ? page : await browser.submitForm(page, {}, { follow: false });
  t.regex(String(posted.headers.location), /\/saml\/login\?/);
  t.is(await scene.running.parts.doors.sessions.count(), 0);
  return undefined;
});

test('a session ends whose answer is about one that was logged out before the answer came (P1, P6)', async (t) => {
  const scene = await numbering(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.clock.advance(11 * MINUTE);
  const answer = await browser.visit(scene.at('wiki'));
  t.true(answer.url.startsWith(scene.idp.url), 'its page is about to post the Response');
  t.deepEqual(soapCodes(scene, await postSoap(scene, soapFor(scene, 'alice', ['_index-1']))), SUCCESS);
  t.is((await browser.settle(await browser.submitForm(answer))).headers['x-curfew'], 'SAML_LOGGED_OUT');
  t.is(await scene.running.parts.doors.sessions.count(), 0);
});

test('a failure is believed from the browser that asked alone: nobody else ends the session with it', async (t) => {
  const scene = await asking(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.idp.forgetSessions();
  scene.clock.advance(11 * MINUTE);
  const answer = await browser.visit(scene.at('wiki'));
  const thief = scene.browser();
  await thief.visit(`${scene.url}/saml/login?app=wiki`);
  const page = await thief.settle(await thief.submitForm(answer));
  t.is(page.headers['x-curfew'], 'SAML_STATUS');
  t.is(await scene.running.parts.doors.sessions.count(), 1);
});

test('an identity provider that is down serves no page any more once its word is too old, and the session lives (P9, P12)', async (t) => {
  const scene = await asking(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.clock.advance(11 * MINUTE);
  const page = await browser.request(scene.at('wiki', '/a'));
  t.is(page.status, 303);
  t.is(await scene.running.parts.doors.sessions.count(), 1);
  t.is(scene.upstream.requests.length, 1);
});

test('an identity provider that refuses whatever it is asked leads to an error page, not to a loop', async (t) => {
  const scene = await asking(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.idp.vary.response = ({ assertion: _assertion, ...fields }) => ({
    ...fields,
    status: { codes: ['urn:oasis:names:tc:SAML:2.0:status:Responder'] },
  });
  scene.clock.advance(11 * MINUTE);
  const page = await go(browser, scene.at('wiki'));
  t.is(page.headers['x-curfew'], 'SAML_STATUS');
  t.deepEqual(asked(scene), [false, true, false]);
});

test('`passive` asks nobody anything: who is signed in nowhere comes back without a session', async (t) => {
  const scene = await stage(t);
  const address = `${scene.url}/saml/login?app=wiki&passive&return=${encodeURIComponent(scene.at('wiki', '/public/x'))}`;
  const stranger = await go(scene.browser(), address);
  t.is(stranger.url, scene.at('wiki', '/public/x'));
  t.is(await scene.running.parts.doors.sessions.count(), 0);
  const known = scene.browser();
  await known.submitForm(await known.visit(`${scene.idp.url}/login`), { username: 'bob', password: 'bobpw' });
  t.is((await go(known, address)).url, scene.at('wiki', '/public/x'));
  t.is(await scene.running.parts.doors.sessions.count(), 1);
});

test('a clock that is set back does not make a word good for longer', async (t) => {
  const scene = await asking(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  scene.clock.advance(-60 * MINUTE);
  t.is((await browser.request(scene.at('wiki'))).status, 303);
});
