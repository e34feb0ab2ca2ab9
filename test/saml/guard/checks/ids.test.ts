import { lawsOf } from '../../laws.ts';
import { openBench } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);

const extensions = (id: string): string => `<x:y xmlns:x="urn:x" ${id}/>`;

const codePoints = (text: string): string =>
  Array.from(text, (character) => `U+${(character.codePointAt(0) ?? 0).toString(16)}`).join(' ');

accepts('further IDs that are NCNames and unique are accepted (saml-core §1.3.4)', () =>
  bench.logoutRequest({ fields: { id: 'ID_é.1-2', extensions: extensions('Id="_other"') } }),
);
refuses('SAML_ID', 'an ID that starts with a digit is refused (saml-core §1.3.4)', () =>
  bench.logoutRequest({ fields: { id: '1abc' } }),
);
refuses('SAML_ID', 'an ID with a colon in it is refused (saml-core §1.3.4)', () =>
  bench.logoutRequest({ fields: { id: 'a:b' } }),
);
for (const id of ['_\u00d7', '_\u00f7', '_\u037e', '_\u2000', '_\u3000', '\u00b7a', '\u0300a', '-a', '.a', '_ a', '']) {
  refuses('SAML_ID', `an ID that is no name is refused (${codePoints(id)}; xml-names §3)`, () =>
    bench.logoutRequest({ fields: { id, extensions: extensions('Id="_other"') } }),
  );
}
for (const id of ['_\u00b7\u0300\u203f', '\u037f', '\u{10000}\u{effff}', 'é-1.2', '\ufffd'])
  accepts(`an ID that is a name is accepted (${codePoints(id)}; xml-names §3)`, () =>
    bench.logoutRequest({ fields: { id } }),
  );
refuses('SAML_ID', 'an ID of more than 256 characters is refused', () =>
  bench.logoutRequest({ fields: { id: `_${'a'.repeat(256)}` } }),
);
refuses('SAML_ID', 'a LogoutRequest without ID is refused (saml-core §3.2.1)', () =>
  bench.logoutRequest({ fields: { id: undefined } }),
);
refuses('SAML_ID', 'an Assertion without ID is refused (saml-core §2.3.3)', () =>
  bench.response({ signs: 'response', assertion: { id: undefined } }),
);
for (const spelling of ['ID', 'Id', 'id', 'xml:id']) {
  refuses('SAML_ID', `an ID that occurs a second time as ${spelling} is refused (saml-core §1.3.4)`, () =>
    bench.logoutRequest({ fields: { id: '_twice', extensions: extensions(`${spelling}="_twice"`) } }),
  );
}
refuses('SAML_ID', 'a Response and its Assertion with the same ID are refused (saml-core §1.3.4)', () =>
  bench.response({ signs: false, fields: { id: '_twice' }, assertion: { id: '_twice' } }),
);
refuses('SAML_ID', 'an ID that occurs again in the SOAP Header is refused (saml-core §1.3.4)', () =>
  bench.logoutRequest({ binding: 'soap', fields: { id: '_twice' }, soap: { header: extensions('Id="_twice"') } }),
);
