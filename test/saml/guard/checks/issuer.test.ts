import { lawsOf } from '../../laws.ts';
import { openBench } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);

import { IDP, OTHER_IDP } from '../../support.ts';

const ENTITY = 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity';

accepts('the Issuer of the identity provider whose key signed is accepted (saml-core §2.2.5)', () =>
  bench.logoutRequest(),
);
accepts('an Issuer with Format entity is accepted (saml-core §8.3.6)', () =>
  bench.logoutRequest({ fields: { issuerFormat: ENTITY } }),
);
accepts('white space around the Issuer is passed over', () =>
  bench.logoutRequest({ fields: { issuer: `\n ${IDP}\n` } }),
);
accepts('a Response without Issuer is accepted where its signed Assertion has one (profiles §4.1.4.2)', () =>
  bench.response({ fields: { issuer: undefined } }),
);
for (const binding of ['post', 'redirect', 'soap'] as const) {
  refuses('SAML_ISSUER', `an Issuer that is nobody we know is refused by ${binding} (saml-core §2.2.5)`, () =>
    bench.logoutRequest({ binding, fields: { issuer: OTHER_IDP } }),
  );
}
refuses('SAML_ISSUER', 'an Issuer of another Format is refused (saml-core §2.2.5)', () =>
  bench.logoutRequest({ fields: { issuerFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' } }),
);
refuses('SAML_ISSUER', 'a LogoutRequest without Issuer is refused (profiles §4.4.4.1)', () =>
  bench.logoutRequest({ binding: 'redirect', fields: { issuer: undefined } }),
);
refuses('SAML_ISSUER', 'a Response signed as a whole and without Issuer is refused (profiles §4.1.4.2)', () =>
  bench.response({
    signs: 'response',
    before: (xml) => xml.replace(/<saml:Issuer>[^<]*<\/saml:Issuer>/, '<saml:Issuer Format="urn:x">x</saml:Issuer>'),
  }),
);
refuses('SAML_ISSUER', 'an Issuer in different case is another one (saml-core §1.3.2)', () =>
  bench.logoutRequest({ fields: { issuer: IDP.toUpperCase() } }),
);
refuses(
  'SAML_ISSUER',
  'an Assertion of another Issuer inside a Response that is signed as a whole is refused (profiles §4.1.4.2)',
  () => bench.response({ signs: 'response', assertion: { issuer: OTHER_IDP } }),
);
refuses(
  'SAML_ISSUER',
  'a signed Assertion of another Issuer inside a Response of the right one is refused (profiles §4.1.4.2)',
  () => bench.response({ assertion: { issuer: OTHER_IDP } }),
);
refuses('SAML_ISSUER', 'a LogoutRequest with two Issuers is refused (saml-core §3.2.1)', () =>
  bench.logoutRequest({
    binding: 'redirect',
    before: (xml) => xml.replace('<saml:NameID', `<saml:Issuer>${IDP}</saml:Issuer><saml:NameID`),
  }),
);

const aliased = await openBench({ issuers: ['urn:alias'] });
const withAlias = lawsOf(aliased);
withAlias.accepts('a configured further Issuer is accepted (Entra, WSO2)', () =>
  aliased.logoutRequest({ fields: { issuer: 'urn:alias' } }),
);
withAlias.refuses('SAML_ISSUER', 'an Issuer that is no configured further one is refused', () =>
  aliased.logoutRequest({ fields: { issuer: 'urn:alia' } }),
);
