import { lawsOf } from '../../laws.ts';
import { openBench } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);

const ENCRYPTED =
  '<saml:EncryptedID><xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"/></saml:EncryptedID>';
const WITHOUT = { fields: { assertion: undefined, more: '<saml:EncryptedAssertion/>' } };

accepts('a message with nothing encrypted is accepted', () => bench.logoutRequest());
refuses(
  'SAML_ENCRYPTED',
  'an EncryptedID in a LogoutRequest is refused, not read as nobody or as everybody (saml-core §3.7.1)',
  () => bench.logoutRequest({ fields: { identifier: ENCRYPTED } }),
);
refuses('SAML_ENCRYPTED', 'an EncryptedID beside a NameID is refused (saml-core §3.7.1)', () =>
  bench.logoutRequest({ before: (xml) => xml.replace('<samlp:SessionIndex>', `${ENCRYPTED}<samlp:SessionIndex>`) }),
);
refuses('SAML_ENCRYPTED', 'an EncryptedID in the Subject of an Assertion is refused (saml-core §2.4.1)', () =>
  bench.response({ before: (xml) => xml.replace(/<saml:NameID.*<\/saml:NameID>/, ENCRYPTED) }),
);
refuses('SAML_ENCRYPTED', 'a signed Response with an EncryptedAssertion is refused (saml-core §6)', () =>
  bench.response({ signs: 'response', ...WITHOUT }),
);
refuses(
  'SAML_ENCRYPTED',
  'an EncryptedAssertion in an unsigned Response is called encrypted, not unsigned: its signature may be inside',
  () => bench.response({ signs: false, ...WITHOUT }),
);
