import { lawsOf } from '../../laws.ts';
import { openBench } from '../../support.ts';
import { sealedAssertion, sealedNameId, sealedWay } from '../../encryption/sealing.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);

accepts('a message with nothing encrypted is accepted', () => bench.logoutRequest());
accepts('a LogoutRequest with an EncryptedID in its place is accepted (saml-core §3.7.1)', () =>
  bench.logoutRequest({ before: sealedNameId }),
);
accepts('a Response with an EncryptedAssertion in its place is accepted (saml-core §6)', () =>
  bench.response(sealedWay()),
);
refuses('SAML_ENCRYPTED', 'an EncryptedID of no known form is refused, not read as nobody or as everybody', () =>
  bench.logoutRequest({ fields: { identifier: '<saml:EncryptedID/>' } }),
);
refuses('SAML_ENCRYPTION_ALGORITHM', 'AES-CBC without a signature around it is refused (xmlenc-core1 §6.1)', () =>
  bench.response(sealedWay({ cipher: 'aes256-cbc' })),
);
refuses('SAML_UNSIGNED', 'an encrypted assertion that nobody signed is refused (P4)', () =>
  bench.response({ signs: false, between: (xml) => sealedAssertion(xml) }),
);
