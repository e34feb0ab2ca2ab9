import test from 'ava';
import type { NameId } from '../../gateway/kernel/words.ts';
import { differences } from '../../gateway/saml/name-id.ts';

const IDP = 'https://idp.example.test/idp';
const ALIAS = 'https://alias.example.test';
const SP = 'https://login.example.com/saml/metadata';
const same = (a: Partial<NameId>, b: Partial<NameId>): boolean => {
  const [one, two] = [a, b].map((some) => ({ value: 'alice', ...some })) as [NameId, NameId];
  const own = { idp: [IDP, ALIAS], sp: SP };
  const found = differences(one, two, own);
  if (String(differences(two, one, own)) !== String(found)) throw new Error('not the same both ways');
  return found.length === 0;
};
const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';

test('equal NameIDs name one person, white space around them aside (saml-core §3.3.4)', (t) => {
  t.true(same({}, {}));
  t.true(same({ value: '\n alice ' }, {}));
  for (const space of ['\u00a0', '\ufeff', '\u2003', '\u3000', '\u0085', '\v'])
    t.false(same({ value: `alice${space}` }, {}), 'no white space to XML (XML 1.0 §2.3)');
});

test('another value is another person, also in other case (saml-core §3.3.4)', (t) => {
  t.false(same({ value: 'alice2' }, {}));
  t.false(same({ value: 'Alice' }, {}));
  t.false(same({ value: 'al ice' }, {}));
});

test('another Format is another person, but an unspecified or absent one fits every Format (saml-core §8.3.1)', (t) => {
  t.false(same({ format: EMAIL }, { format: PERSISTENT }));
  t.true(same({ format: EMAIL }, { format: EMAIL }));
  t.true(same({ format: EMAIL }, {}));
  t.true(same({ format: EMAIL }, { format: UNSPECIFIED }));
});

test('an absent qualifier stands for the identity provider, or for us (saml-core §8.3.7)', (t) => {
  t.true(same({ nameQualifier: IDP, spNameQualifier: SP }, {}));
  t.true(same({ nameQualifier: ALIAS }, {}), 'whatever it calls itself');
  t.true(same({ nameQualifier: ALIAS }, { nameQualifier: IDP }));
  t.false(same({ nameQualifier: 'urn:other' }, {}));
  t.false(same({ spNameQualifier: 'urn:other' }, {}));
  t.true(same({ nameQualifier: 'urn:other' }, { nameQualifier: 'urn:other' }));
});

test('what is empty is absent, and names nobody else (saml-core §1.3.1)', (t) => {
  t.true(same({ nameQualifier: '', spNameQualifier: '', format: '' }, { nameQualifier: IDP, spNameQualifier: SP }));
  t.true(same({ format: '' }, { format: EMAIL }));
  t.false(same({ nameQualifier: '' }, { nameQualifier: 'urn:other' }));
  t.false(same({ spNameQualifier: '' }, { spNameQualifier: 'urn:other' }));
  t.false(same({ value: '' }, {}));
});

test('an identifier of the service provider’s own does not tell people apart (saml-core §2.2.2)', (t) => {
  t.true(same({ spProvidedId: 'x' }, {}));
});

test('what differs is said', (t) => {
  const own = { idp: [IDP], sp: SP };
  const other = { value: 'bob', format: EMAIL, nameQualifier: 'urn:other', spNameQualifier: 'urn:other' };
  t.deepEqual(differences({ value: 'alice', format: PERSISTENT }, other, own), [
    'value',
    'Format',
    'NameQualifier',
    'SPNameQualifier',
  ]);
});
