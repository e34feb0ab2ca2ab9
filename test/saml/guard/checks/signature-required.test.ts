import { lawsOf } from '../../laws.ts';
import { allowing, keysCalled, openBench } from '../../support.ts';

const bench = await openBench();
const { accepts, refuses } = lawsOf(bench);
const lenient = await openBench(allowing('unsignedLogoutResponse', 'sha1', 'unsolicitedResponse'));
const forger = await keysCalled('forger');
const leniently = lawsOf(lenient);

for (const signs of ['response', 'both', undefined] as const) {
  accepts(`a Response whose ${signs ?? 'assertion'} is signed is accepted (P4)`, () => bench.response({ signs }));
}
refuses('SAML_UNSIGNED', 'a Response with no signature at all is refused (P4)', () => bench.response({ signs: false }));
for (const binding of ['post', 'redirect', 'soap'] as const) {
  accepts(`a signed LogoutRequest by ${binding} is accepted (P4)`, () => bench.logoutRequest({ binding }));
  refuses('SAML_UNSIGNED', `an unsigned LogoutRequest by ${binding} is refused (P4, profiles §4.4.4.1)`, () =>
    bench.logoutRequest({ binding, signs: false }),
  );
  refuses('SAML_UNSIGNED', `an unsigned LogoutResponse by ${binding} is refused (P4, profiles §4.4.4.2)`, () =>
    bench.logoutResponse({ binding, signs: false }),
  );
  leniently.accepts(`an unsigned LogoutResponse by ${binding} is accepted where the operator allows it`, () =>
    lenient.logoutResponse({ binding, signs: false }),
  );
  leniently.refuses('SAML_UNSIGNED', `no permission makes an unsigned LogoutRequest by ${binding} good (P4)`, () =>
    lenient.logoutRequest({ binding, signs: false }),
  );
  leniently.refuses(
    'SAML_SIGNATURE_INVALID',
    `a bad signature on a LogoutResponse by ${binding} is refused where none would be accepted (P4)`,
    () => lenient.logoutResponse({ binding, keys: forger }),
  );
}
leniently.refuses('SAML_UNSIGNED', 'no permission makes an unsigned Response good (P4)', () =>
  lenient.response({ signs: false }),
);
