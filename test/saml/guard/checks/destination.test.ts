import { lawsOf } from '../../laws.ts';
import { openBench } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);

import { ACS, SLO } from '../../support.ts';

const MISMATCH = 'SAML_DESTINATION_MISMATCH';
const ELSEWHERE = 'https://elsewhere.example/slo';

for (const binding of ['post', 'redirect', 'soap'] as const) {
  accepts(`a LogoutRequest by ${binding} for the address it arrives at is accepted (bindings §3.4.5.2, §3.5.5.2)`, () =>
    bench.logoutRequest({ binding }),
  );
  refuses(MISMATCH, `a LogoutRequest by ${binding} for another service is refused (bindings §3.4.5.2, §3.5.5.2)`, () =>
    bench.logoutRequest({ binding, fields: { destination: ELSEWHERE } }),
  );
}
accepts('a LogoutRequest that arrives at the ACS address and names it is accepted (WSO2)', () =>
  bench.logoutRequest({ endpoint: ACS }),
);
accepts(
  'a Destination that spells out the default port and the host in capitals is the same address (RFC 3986 §6.2.2)',
  () => bench.logoutRequest({ fields: { destination: SLO.replace('login.example.com', 'LOGIN.example.com:443') } }),
);
for (const [difference, destination] of [
  ['with a slash behind it', `${SLO}/`],
  ['with a query', `${SLO}?x=1`],
  ['by http', SLO.replace('https', 'http')],
  ['with another port', SLO.replace('.com', '.com:8443')],
  ['with the path in capitals', SLO.replace('/slo', '/SLO')],
  ['with our host as a subdomain', SLO.replace('.com', '.com.attacker.example')],
  ['with our host as a user name', SLO.replace('login.example.com', 'login.example.com@attacker.example')],
  ['of our other endpoint', ACS],
] as const) {
  refuses(MISMATCH, `a Destination ${difference} is another address (bindings §3.5.5.2)`, () =>
    bench.logoutRequest({ fields: { destination } }),
  );
}
refuses(MISMATCH, 'a signed LogoutRequest by post without Destination is refused (bindings §3.5.5.2)', () =>
  bench.logoutRequest({ fields: { destination: undefined } }),
);
refuses(MISMATCH, 'a signed LogoutRequest by redirect without Destination is refused (bindings §3.4.5.2)', () =>
  bench.logoutRequest({ binding: 'redirect', fields: { destination: '' } }),
);
accepts('a LogoutRequest by SOAP needs no Destination (bindings §3.2)', () =>
  bench.logoutRequest({ binding: 'soap', fields: { destination: undefined } }),
);
accepts('a LogoutResponse needs no Destination: Entra sends none, and it ends nothing', () =>
  bench.logoutResponse({ fields: { destination: undefined } }),
);
refuses(MISMATCH, 'a LogoutResponse for another service is refused (bindings §3.5.5.2)', () =>
  bench.logoutResponse({ fields: { destination: ELSEWHERE } }),
);
accepts('a Response whose Assertion alone is signed needs no Destination (bindings §3.5.5.2)', () =>
  bench.response({ fields: { destination: undefined } }),
);
refuses(MISMATCH, 'a Response that is signed needs a Destination (bindings §3.5.5.2)', () =>
  bench.response({ signs: 'response', fields: { destination: undefined } }),
);
refuses(
  MISMATCH,
  'a Response for another service is refused, although only its Assertion is signed (bindings §3.5.5.2)',
  () => bench.response({ fields: { destination: ELSEWHERE } }),
);
