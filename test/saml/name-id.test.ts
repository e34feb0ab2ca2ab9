import test from 'ava';
import type { NameId } from '../../gateway/kernel/words.ts';
import { sameNameId } from '../../gateway/saml/name-id.ts';

const IDP = 'https://idp.example.test/idp';
const SP = 'https://login.example.com/saml/metadata';
const same = (a: Partial<NameId>, b: Partial<NameId>): boolean => {
  const [one, two] = [a, b].map((some) => ({ value: 'alice', ...some })) as [NameId, NameId];
  const defaults = { idpEntityId: IDP, spEntityId: SP };
  const answer = sameNameId(one, two, defaults);
  if (sameNameId(two, one, defaults) !== answer) throw new Error('not the same both ways');
  return answer;
};
const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';

test('equal NameIDs name one person, white space around them aside (saml-core §3.3.4)', (t) => {
  t.true(same({}, {}));
  t.true(same({ value: '\n alice ' }, {}));
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
