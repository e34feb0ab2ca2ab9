import { lawsOf } from '../../laws.ts';
import { openBench } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);

accepts('a LogoutRequest of Version 2.0 is accepted (saml-core §3.2.1)', () => bench.logoutRequest());
accepts('a Response of Version 2.0 is accepted (saml-core §3.2.2)', () => bench.response());
accepts('a LogoutResponse of Version 2.0 is accepted (saml-core §3.2.2)', () => bench.logoutResponse());
refuses('SAML_VERSION', 'a LogoutRequest of Version 1.1 is refused (saml-core §3.2.1)', () =>
  bench.logoutRequest({ fields: { version: '1.1' } }),
);
refuses('SAML_VERSION', 'a LogoutResponse of Version 2.1 is refused (saml-core §3.2.2)', () =>
  bench.logoutResponse({ fields: { version: '2.1' } }),
);
refuses('SAML_VERSION', 'a Response without Version is refused (saml-core §3.2.2)', () =>
  bench.response({ fields: { version: undefined } }),
);
refuses('SAML_VERSION', 'an Assertion of Version 9.9 is refused (saml-core §2.3.3)', () =>
  bench.response({ assertion: { version: '9.9' } }),
);
