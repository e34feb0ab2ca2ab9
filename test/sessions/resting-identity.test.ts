// Identities that rest as text: they say what they said, however many others were asked about meanwhile.

import test from 'ava';
import { identityOf, textOf } from '../../gateway/sessions/identity-text.ts';
import { RestingIdentities } from '../../gateway/sessions/resting-identity.ts';
import { anna } from './people.ts';
import { at } from './records.ts';

const whole = anna({
  sp: 'wiki',
  issuedNameId: { value: 'x17', format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' },
  authnContext: 'urn:oasis:names:tc:SAML:2.0:ac:classes:X509',
  provenAt: at(5),
  attributes: new Map([
    ['__proto__', ['a']],
    ['groups', ['wiki', 'mail']],
  ]),
});

test('an identity that rests says what it said, and is written as it was', (t) => {
  const identities = new RestingIdentities();
  const resting = [whole, anna()].map((identity) => ({ identity, rested: identities.of(textOf(identity)) }));
  for (let others = 0; others < 5000; others += 1) identities.of(textOf(anna({ sessionIndexes: [`_${others}`] })));
  for (const { identity, rested } of resting) {
    t.deepEqual(identityOf(textOf(rested)), identity);
    t.is(rested.nameId.value, identity.nameId.value);
    t.is(rested.issuedNameId?.value, identity.issuedNameId?.value);
    t.deepEqual(rested.attributes, identity.attributes);
    t.deepEqual([rested.idp, rested.sp, rested.provenAt], [identity.idp, identity.sp, identity.provenAt]);
    t.is(rested.authnContext, identity.authnContext);
    t.is(rested.authnInstant, identity.authnInstant);
  }
});

test('an identity that is asked about is read once, not at every question', (t) => {
  const identity = new RestingIdentities().of(textOf(whole));
  t.is(identity.attributes, identity.attributes);
});

test('an identity stays in parts while 2,000 others are asked about, and rests sooner where those are long', (t) => {
  const identities = new RestingIdentities();
  const long = ['x'.repeat(100_000)];
  const [one, two] = [identities.of(textOf(whole)), identities.of(textOf(whole))];
  const { attributes } = one;
  for (let others = 0; others < 2000; others += 1) identities.of(textOf(anna()));
  t.is(one.attributes, attributes);
  const again = two.attributes;
  for (let others = 0; others < 50; others += 1)
    identities.of(textOf(anna({ attributes: new Map([['groups', long]]) })));
  t.not(one.attributes, attributes);
  t.deepEqual(one.attributes, attributes);
  t.not(two.attributes, again);
});

test('text that is no identity makes none', (t) => {
  t.throws(() => new RestingIdentities().of('{'), { instanceOf: SyntaxError });
});
