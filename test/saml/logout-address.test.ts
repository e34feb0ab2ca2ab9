import test from 'ava';
import { logoutAddress, logoutAddressFault } from '../../gateway/saml/logout-address.ts';

const VALUES = { returnTo: 'https://wiki.example.com/?a=1&b=ü', entityId: 'https://login.example.com/saml/metadata' };

test('a plain logout address gets its values percent-encoded, so that they stay one parameter each', (t) => {
  const wso2 = 'https://idp.test/samlsso?slo=true&spEntityID=${entityId}&returnTo=${returnTo}';
  t.is(logoutAddressFault(wso2), undefined);
  const made = new URL(logoutAddress(wso2, VALUES));
  t.deepEqual(
    [...made.searchParams],
    [
      ['slo', 'true'],
      ['spEntityID', VALUES.entityId],
      ['returnTo', VALUES.returnTo],
    ],
  );
  t.is(logoutAddressFault('https://tenant.auth0.test/v2/logout?federated&returnTo=${returnTo}'), undefined);
  t.is(logoutAddress('https://idp.test/logout', VALUES), 'https://idp.test/logout');
});

for (const [what, template, fault] of [
  ['an unknown name', 'https://idp.test/?x=${nameId}', /\$\{nameId\} is not known here/],
  ['a name that does not end', 'https://idp.test/?x=${returnTo', /is not known here/],
  ['a value in the host', 'https://${returnTo}/?x', /behind "\?" only/],
  ['a value in the path', 'https://idp.test/${returnTo}', /behind "\?" only/],
  ['no scheme', 'idp.test/logout?x=${returnTo}', /is no address/],
  ['a script', 'javascript:alert(1)?x=${returnTo}', /is no address/],
  ['somebody’s name', 'https://me@idp.test/?x=${returnTo}', /is no address/],
  ['a line break', 'https://idp.test/?x=\nSet-Cookie: a', /is no address/],
  ['a fragment', 'https://idp.test/?x=${returnTo}#a', /fragment/],
] as const) {
  test(`a plain logout address with ${what} is refused at load`, (t) => {
    t.regex(logoutAddressFault(template) ?? '', fault);
  });
}
