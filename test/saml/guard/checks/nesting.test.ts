import { lawsOf } from '../../laws.ts';
import { openBench } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);

import type { ResponseFields } from '../../../../demo/identity-provider/messages.ts';
import { assertionXml } from '../../../../demo/identity-provider/messages.ts';

const NESTED = '<samlp:LogoutRequest ID="_n" Version="2.0"/>';
const oneMore = ({ assertion }: ResponseFields) => ({ more: assertionXml({ ...assertion, id: '_second' }) });

accepts('a Response with one Assertion is accepted (saml-core §3.3.3)', () => bench.response({ signs: 'response' }));
refuses('SAML_NESTED', 'a Response with two Assertions is refused, signed or not (saml-guard check 11)', () =>
  bench.response({ signs: 'response', fields: oneMore }),
);
refuses('SAML_NESTED', 'a Response with an Assertion and an EncryptedAssertion is refused (saml-guard check 11)', () =>
  bench.response({ signs: 'response', fields: { more: '<saml:EncryptedAssertion/>' } }),
);
refuses('SAML_NESTED', 'an Assertion inside the Advice of an Assertion is refused (saml-guard check 11)', () =>
  bench.response({
    before: (xml) =>
      xml.replace(
        '<saml:AuthnStatement',
        '<saml:Advice><saml:Assertion ID="_a" Version="2.0"/></saml:Advice><saml:AuthnStatement',
      ),
  }),
);
refuses('SAML_NESTED', 'an Assertion in the Extensions of a Response is refused (saml-guard check 11)', () =>
  bench.response({ signs: 'response', fields: { extensions: '<saml:Assertion ID="_a" Version="2.0"/>' } }),
);
refuses('SAML_NESTED', 'an Assertion anywhere in a LogoutRequest is refused (saml-guard check 11)', () =>
  bench.logoutRequest({ fields: { extensions: '<saml:Assertion ID="_a" Version="2.0"/>' } }),
);
refuses('SAML_NESTED', 'a LogoutRequest inside a signed LogoutRequest is refused (saml-guard check 11)', () =>
  bench.logoutRequest({ fields: { extensions: NESTED } }),
);
refuses('SAML_NESTED', 'a LogoutRequest inside a Redirect message is refused (saml-guard check 11)', () =>
  bench.logoutRequest({ binding: 'redirect', fields: { extensions: NESTED } }),
);
refuses('SAML_NESTED', 'an ArtifactResponse inside a LogoutResponse is refused (saml-guard check 11)', () =>
  bench.logoutResponse({ fields: { extensions: '<samlp:ArtifactResponse/>' } }),
);
refuses('SAML_NESTED', 'a message hidden in the SOAP Header is refused (saml-guard check 11)', () =>
  bench.logoutRequest({
    binding: 'soap',
    soap: { header: '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"/>' },
  }),
);
refuses('SAML_NESTED', 'a Response without Assertion and without Status is refused (saml-core §3.2.2)', () =>
  bench.response({ signs: 'response', fields: { assertion: undefined, status: undefined } }),
);
