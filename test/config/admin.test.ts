// The administrators' own address: on a host of its own, over TLS, and for nobody who is not named.

import test, { type ExecutionContext } from 'ava';
import { servedHosts } from '../../gateway/config/served-hosts.ts';
import { configured, faultsOf, GATEWAY, load, WIKI } from './folder.ts';

const RULE = 'access: [{ allow: { attributes: { groups: [sre] } } }]';
const URL_LINE = 'url: https://admin.example.com';
const found = (t: ExecutionContext, admin: string, gateway = GATEWAY): string[] =>
  faultsOf(load(t, { 'policies/gateway.yaml': `${gateway}admin: { ${admin} }\n` }));

test('an address with a rule that names somebody is good', (t) => {
  const files = { 'policies/gateway.yaml': `${GATEWAY}admin: { ${URL_LINE}/, ${RULE} }\n` };
  const configuration = configured(load(t, files));
  const { admin } = configuration;
  t.deepEqual(servedHosts(configuration), ['login.example.com', 'wiki.example.com', 'admin.example.com']);
  t.is(admin.url, 'https://admin.example.com');
  t.like(admin.access?.[0]?.allow, { kind: 'attributes' });
});

test('without a rule it is for nobody, and a rule that names nobody is a fault', (t) => {
  t.deepEqual(found(t, URL_LINE), [
    'gateway.yaml:9 admin.url: is for nobody without admin.access; write "access: [{ allow: { attributes: { groups: [sre] } } }]"',
  ]);
  for (const allow of ['anyone', 'authenticated'])
    t.regex(
      found(t, `${URL_LINE}, access: [{ allow: ${allow} }]`).join('\n'),
      /admin\.access\[0\]\.allow: "\w+" names nobody/,
    );
  t.regex(found(t, `${URL_LINE}, access: []`).join('\n'), /admin\.access: has no rule/);
});

test('what belongs to it means nothing without it', (t) => {
  t.regex(found(t, RULE).join('\n'), /admin\.access: means nothing without admin\.url/);
  t.regex(found(t, 'identityProviders: [corp]').join('\n'), /admin\.identityProviders: means nothing/);
});

test('it has a host that is neither the gateway’s nor an app’s, in any spelling (P11)', (t) => {
  for (const [host, whose] of [
    ['login.example.com:8443', /has that of publicUrl/],
    ['wiki.example.com', /has that of wiki\.yaml/],
    ['WIKI.example.com:444', /has that of wiki\.yaml/],
  ] as const)
    t.regex(found(t, `url: "https://${host}", ${RULE}`).join('\n'), whose, host);
});

test('over the network it is https, and it is reached through the same listener as publicUrl', (t) => {
  const plain = GATEWAY.replace('https://login.example.com', 'http://login.localhost:8080');
  t.regex(found(t, `url: http://admin.example.com, ${RULE}`).join('\n'), /is http, where everybody on the way/);
  t.regex(found(t, `url: http://admin.example.com, ${RULE}`, plain).join('\n'), /is http, where everybody on the way/);
  t.regex(found(t, `${URL_LINE}, ${RULE}`, plain).join('\n'), /is https, and publicUrl is not/);
  t.regex(found(t, `url: https://admin.example.com/x, ${RULE}`).join('\n'), /is no origin/);
  t.deepEqual(found(t, `url: "http://admin.localhost:8080", ${RULE}`, plain), []);
});

test('of several identity providers those are named whose word makes an administrator', (t) => {
  const two = GATEWAY.replace('sessions:', '  - name: partner\n    metadata: ../certs/partner-idp.xml\nsessions:');
  const files = (admin: string) => ({
    'policies/gateway.yaml': `${two}admin: { ${URL_LINE}, ${RULE}${admin} }\n`,
    'policies/wiki.yaml': `${WIKI}identityProvider: corp\n`,
    'certs/partner-idp.xml': '<x/>',
  });
  t.deepEqual(faultsOf(load(t, files(''))), [
    'gateway.yaml:11 admin.url: needs "identityProviders" where there are several; write one or more of: corp, partner',
  ]);
  t.deepEqual(faultsOf(load(t, files(', identityProviders: [corp]'))), []);
  t.regex(faultsOf(load(t, files(', identityProviders: [partnr]'))).join('\n'), /did you mean "partner"/);
});
