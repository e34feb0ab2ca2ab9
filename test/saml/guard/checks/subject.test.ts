import test from 'ava';
import { lawsOf } from '../../laws.ts';
import { openBench } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);

const REFUSED = 'SAML_SUBJECT';
const NAME = /<saml:NameID.*<\/saml:NameID>/;
const with_ = (change: (xml: string) => string) => () => bench.response({ before: change });

accepts('an Assertion with one NameID is accepted (saml-core §2.4.1)', () => bench.response());
refuses(REFUSED, 'an Assertion without NameID is refused (saml-core §2.4.1)', () =>
  bench.response({ assertion: { nameId: undefined } }),
);
refuses(REFUSED, 'an empty NameID is refused (saml-core §2.2.3)', () =>
  bench.response({ assertion: { nameId: { value: '' } } }),
);
refuses(REFUSED, 'a NameID of white space is refused (saml-core §2.2.3)', () =>
  bench.response({ assertion: { nameId: { value: ' \n' } } }),
);
refuses(
  REFUSED,
  'two NameIDs are refused (saml-core §2.4.1)',
  with_((xml) => xml.replace(NAME, (one) => one + one)),
);
refuses(
  REFUSED,
  'a NameID with an element inside is refused (saml-core §2.2.3)',
  with_((xml) => xml.replace('alice@', 'alice<b/>@')),
);
refuses(
  REFUSED,
  'a NameID inside an element inside a NameID is refused',
  with_((xml) => xml.replace('alice@example.test', '<saml:NameID>bob</saml:NameID>')),
);
refuses(
  REFUSED,
  'a BaseID beside the NameID is refused (saml-core §2.4.1)',
  with_((xml) => xml.replace(NAME, (one) => `<saml:BaseID/>${one}`)),
);
refuses(
  REFUSED,
  'a BaseID in place of the NameID is refused (saml-core §2.2.1)',
  with_((xml) => xml.replace(NAME, '<saml:BaseID/>')),
);
refuses(
  REFUSED,
  'two Subjects are refused (saml-core §2.3.3)',
  with_((xml) => xml.replace(/<saml:Subject>.*<\/saml:Subject>/, (one) => one + one)),
);
refuses(
  REFUSED,
  'a NameID of another namespace names nobody',
  with_((xml) => xml.replace(NAME, '<x:NameID xmlns:x="urn:x">alice</x:NameID>')),
);
refuses(
  REFUSED,
  'a NameID in the SubjectConfirmation names nobody here (saml-core §2.4.1.1)',
  with_((xml) =>
    xml
      .replace(NAME, '')
      .replace('<saml:SubjectConfirmationData', () => '<saml:NameID>alice</saml:NameID><saml:SubjectConfirmationData'),
  ),
);

test('white space around a NameID is no part of the name, what only JavaScript takes for white space is (XML 1.0 §2.3)', async (t) => {
  const named = async (value: string): Promise<string> => {
    const result = await bench.judge(bench.response({ assertion: { nameId: { value } } }));
    return result.kind === 'Response' ? result.identity.nameId.value : result.kind;
  };
  t.is(await named('\n  admin\t '), 'admin');
  for (const space of ['\u00a0', '\ufeff', '\u3000']) t.is(await named(`admin${space}`), `admin${space}`);
});
