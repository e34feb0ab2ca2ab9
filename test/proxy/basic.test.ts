import test from 'ava';
import type { EpochMs, Identity } from '../../gateway/kernel/words.ts';
import { compileBasic } from '../../gateway/proxy/basic.ts';
import { bytesApp, get, headerLines, OK, stage, valuesOf } from './stage.ts';

const person = (nameId: string, attributes: Record<string, string[]> = {}): Identity => ({
  idp: 'corp',
  nameId: { value: nameId },
  sessionIndexes: [],
  attributes: new Map(Object.entries(attributes)),
  authnInstant: 0 as EpochMs,
});
const people = new Map([
  [
    'corp/alice',
    new Map([
      ['user', 'al'],
      ['password', 'pässword:ü'],
    ]),
  ],
]);
const OWN = { username: '${credentials.user}', password: '${credentials.password}' };

test('name and password of the person go out in UTF-8, a colon in the password included (RFC 7617 §2.1)', (t) => {
  const told = compileBasic(OWN, people)(person('alice'));
  t.deepEqual(told, { value: `Basic ${Buffer.from('al:pässword:ü').toString('base64')}` });
});

for (const [what, settings, identity, missing] of [
  ['nobody in the credentials file', OWN, person('bob'), 'username'],
  ['somebody of the same name at another identity provider', OWN, { ...person('alice'), idp: 'partner' }, 'username'],
  ['a name that reads as another’s', OWN, { ...person('corp/alice'), idp: '' }, 'username'],
  ['an account without a password', { ...OWN, username: '${nameId}' }, person('constructor'), 'password'],
  ['an empty name', { username: '${nameId}', password: 'p' }, person(''), 'username'],
  ['no such attribute', { username: '${attributes.uid}', password: 'p' }, person('a'), 'username'],
  ['several values', { username: '${attributes.uid}', password: 'p' }, person('a', { uid: ['a', 'b'] }), 'username'],
] as const) {
  test(`for ${what} nothing is sent (P11)`, (t) => {
    t.deepEqual(compileBasic(settings, people)(identity), { missing });
  });
}

for (const name of ['admin:x', 'a\nb', 'a\u0000', 'a\u007f', 'a\u0085', ' admin', 'admin\u00a0']) {
  test(`the user name ${JSON.stringify(name)} is refused (RFC 7617 §2, P11)`, (t) => {
    const compiled = compileBasic({ username: '${nameId}', password: 'p' }, people);
    t.like(
      t.throws(() => compiled(person(name))),
      { code: 'IDENTITY_UNSENDABLE' },
    );
  });
}

test('a password with a control character is refused (RFC 7617 §2)', (t) => {
  const compiled = compileBasic({ username: 'x', password: '${attributes.pin}' }, people);
  t.like(
    t.throws(() => compiled(person('a', { pin: ['1\r2'] }))),
    { code: 'IDENTITY_UNSENDABLE' },
  );
});

for (const [named, isStripped] of [
  [['Authorization'], true],
  [['Remote-User'], false],
] as const) {
  test(`an app that is told ${named[0]} ${isStripped ? 'asks no browser for a password' : 'may ask for a password'}`, async (t) => {
    const wiki = await bytesApp(t);
    const gateway = await stage(t, wiki.port, {
      settings: { identityHeaderNames: named },
      passage: () => ({ identityHeaders: [] }),
    });
    const client = gateway.send(get('/', 'Authorization: Basic Zm9yZ2Vk\r\nauthorization_: x\r\n'));
    const conversation = await wiki.next();
    const asked = await conversation.until('\r\n\r\n');
    // The browser's own passes where it is the browser's to speak, and nowhere else, without a session either (P11).
    t.deepEqual(valuesOf(asked, 'authorization'), isStripped ? [] : ['Basic Zm9yZ2Vk']);
    conversation.write(
      OK.replace('200 OK', '401 No').replace('\r\n\r\n', '\r\nWWW-Authenticate: Negotiate, Basic realm="n"\r\n\r\n'),
    );
    const answer = await client.until('ok');
    t.true(answer.startsWith('HTTP/1.1 401'));
    t.is(
      headerLines(answer).some((line) => /^www-authenticate/i.test(line)),
      !isStripped,
    );
  });
}
