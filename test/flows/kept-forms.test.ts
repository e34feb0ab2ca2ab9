// Whose a kept form is, and for how long.

import test from 'ava';
import { openKeptForms, type PostedForm } from '../../gateway/flows/kept-forms.ts';
import { personOf, rememberTypist } from '../../gateway/flows/typist.ts';
import { plus } from '../../gateway/kernel/clock.ts';
import type { Identity, Token } from '../../gateway/kernel/words.ts';
import { MemoryStore } from '../../gateway/sessions/memory.ts';
import { sessionsOver } from '../sessions/people.ts';
import { manualClock } from '../support/clock.ts';

const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
const HOUR = 3_600_000;
const PLACE = { hostName: 'wiki.test', bind: 'nonce' };
const FORM: PostedForm = {
  app: 'wiki',
  hostName: 'wiki.test',
  target: '/save?x',
  contentType: 'text/plain',
  referer: undefined,
  body: Buffer.from('text=\u0000\u00ff secret', 'latin1'),
};
const COOKIE = 'the cookie' as Token;

const person = (value: string, idp = 'corp', format?: string): Identity => ({
  idp,
  nameId: { value, format },
  sessionIndexes: [],
  attributes: new Map(),
  authnInstant: manualClock().now(),
});
const ALICE = person('alice');

/** Forms over a store of their own; alice's cookie is known for a session that may last an hour. */
async function keeping() {
  const clock = manualClock();
  const store = new MemoryStore();
  const { ledger } = sessionsOver(store);
  await rememberTypist(ledger, COOKIE, personOf(ALICE), plus(clock.now(), HOUR));
  const forms = openKeptForms({ ledger, clock });
  const kept = async (token: Token | undefined = COOKIE): Promise<string> => {
    const id = forms.claim('192.0.2.1', FORM.body.length) ?? '';
    await forms.keep(id, FORM, PLACE.bind, token);
    return id;
  };
  return { clock, store, forms, kept };
}

test('a form comes out as it went in, once', async (t) => {
  const { forms, kept } = await keeping();
  const id = await kept();
  t.deepEqual((await forms.look(id, PLACE))?.posted, FORM);
  const taken = await Promise.all([1, 2, 3].map(() => forms.take(id, { ...PLACE, ...FORM }, ALICE)));
  t.deepEqual(
    taken.filter((one) => one !== 'gone'),
    [FORM],
  );
  t.is(await forms.look(id, PLACE), undefined);
});

for (const [what, differing] of [
  ['browser', { bind: 'another nonce' }],
  ['host', { hostName: 'chat.test' }],
  ['application', { app: 'chat' }],
  ['address', { target: '/delete?x' }],
] as const) {
  test(`a form is not to be had for another ${what}, and trying costs it nothing`, async (t) => {
    const { forms, kept } = await keeping();
    const id = await kept();
    const place = { ...PLACE, app: FORM.app, target: FORM.target };
    t.is(await forms.take(id, { ...place, ...differing }, ALICE), 'gone');
    t.deepEqual(await forms.take(id, place, ALICE), FORM);
  });
}

for (const [whose, identity, expected] of [
  ['its own person', ALICE, 'own'],
  ['another person', person('bob'), 'another'],
  ['somebody of the same name at another identity provider', person('alice', 'other'), 'another'],
  ['somebody with a name for this sign-in only', person('_x1', 'corp', TRANSIENT), 'unknown'],
] as const) {
  test(`a form is ${expected} to ${whose} (P10)`, async (t) => {
    const { forms, kept } = await keeping();
    const id = await kept();
    t.is((await forms.look(id, PLACE))?.ownership(identity), expected);
    const taken = await forms.take(id, { ...PLACE, ...FORM }, identity);
    t.deepEqual(taken, expected === 'another' ? 'another' : FORM);
  });
}

test('a form that came with no cookie, an unknown one or one of long ago is nobody’s', async (t) => {
  const { forms, kept, clock } = await keeping();
  const ownership = async (id: string) => (await forms.look(id, PLACE))?.ownership(ALICE);
  clock.advance(13 * HOUR - 1);
  t.is(await ownership(await kept()), 'own');
  t.is(await ownership(await kept('stranger' as Token)), 'unknown');
  clock.advance(1);
  t.is(await ownership(await kept()), 'unknown');
});

test('a form waits for 15 minutes, and as long again where the app did not answer', async (t) => {
  const { forms, kept, clock } = await keeping();
  const id = await kept();
  clock.advance(900_000 - 1);
  t.truthy(await forms.look(id, PLACE));
  t.deepEqual(await forms.take(id, { ...PLACE, ...FORM }, ALICE), FORM);
  await forms.putBack(id, FORM, PLACE.bind, ALICE, '192.0.2.1');
  clock.advance(900_000 - 1);
  t.is((await forms.look(id, PLACE))?.ownership(ALICE), 'own');
  t.is((await forms.look(id, PLACE))?.ownership(person('bob')), 'another');
  clock.advance(1);
  t.is(await forms.look(id, PLACE), undefined);
});

test('forms that apps do not answer take room like others: nobody fills the store by sending them again and again', async (t) => {
  const { forms } = await keeping();
  const large: PostedForm = { ...FORM, body: Buffer.alloc(3 * 1024 ** 2) };
  const waiting: string[] = [];
  for (let sent = 0; sent < 4; sent += 1) {
    const id = forms.claim('192.0.2.1', large.body.length);
    if (id === undefined) break;
    await forms.keep(id, large, PLACE.bind, COOKIE);
    t.deepEqual(await forms.take(id, { ...PLACE, ...large }, ALICE), large);
    await forms.putBack(id, large, PLACE.bind, ALICE, '192.0.2.1');
    waiting.push(id);
  }
  t.is(waiting.length, 2, 'more than 8 MiB wait');
  for (const id of waiting) t.truthy(await forms.look(id, PLACE));
});

test('the store sees neither what was typed nor who typed it nor where it goes', async (t) => {
  const clock = manualClock();
  const store = new MemoryStore();
  const seen: string[] = [];
  const keep = store.keep.bind(store);
  store.keep = async (kind, id, value, until) => {
    seen.push(id, Buffer.from(value).toString('latin1'));
    await keep(kind, id, value, until);
  };
  const { ledger } = sessionsOver(store);
  const person = personOf(ALICE) ?? '';
  await rememberTypist(ledger, COOKIE, person, plus(clock.now(), HOUR));
  const forms = openKeptForms({ ledger, clock });
  const id = forms.claim('192.0.2.1', 1) ?? '';
  await forms.keep(id, FORM, PLACE.bind, COOKIE);
  t.is(seen.length, 4);
  for (const secret of ['secret', FORM.body.toString('base64'), '/save', 'nonce', id, person]) {
    t.false(seen.join('\n').includes(secret), secret);
  }
});
