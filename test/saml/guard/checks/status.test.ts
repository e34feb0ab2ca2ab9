import { lawsOf } from '../../laws.ts';
import { openBench } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);

const STATUS = 'urn:oasis:names:tc:SAML:2.0:status:';
const says = (...codes: string[]) => ({ status: { codes: codes.map((code) => STATUS + code) } });

accepts('a Response that says Success is accepted (saml-core §3.2.2.2)', () =>
  bench.response({ fields: says('Success') }),
);
accepts('a second-level status under Success is passed over (saml-core §3.2.2.2)', () =>
  bench.response({ fields: says('Success', 'ProxyCountExceeded') }),
);
refuses(
  'SAML_STATUS',
  'a Response that says Requester is refused, though it has an Assertion (saml-core §3.2.2.2)',
  () => bench.response({ signs: 'response', fields: says('Requester') }),
);
refuses('SAML_STATUS', 'Success at the second level is no Success (saml-core §3.2.2.2)', () =>
  bench.response({ signs: 'response', fields: says('Responder', 'Success') }),
);
refuses('SAML_STATUS', 'a Response without Status is refused (saml-core §3.2.2)', () =>
  bench.response({ fields: { status: undefined } }),
);
refuses(
  'SAML_STATUS',
  'a refusal of the identity provider, without an Assertion, is refused as such (saml-core §3.2.2.2)',
  () => bench.response({ signs: 'response', fields: { ...says('Responder', 'AuthnFailed'), assertion: undefined } }),
);
accepts('a LogoutResponse that says Responder is taken for what it says (saml-core §3.7.3.2)', () =>
  bench.logoutResponse({ fields: says('Responder') }),
);
