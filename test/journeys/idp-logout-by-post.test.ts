// The identity provider signs a person out by a form: a browser's, or one that a server posts without any cookie.

import test from 'ava';
import { soapEnvelope } from '../../demo/identity-provider/bindings.ts';
import { stage } from '../support/gateway.ts';
import { formCodes, formFor, post, SUCCESS } from '../support/logout-requests.ts';
import { linksIn } from '../support/forms.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' };

test('a LogoutRequest by a browser’s form ends the session, and the answer goes back by form (P1)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const home = await browser.visit(scene.idp.url);
  const done = await browser.settle(await browser.submitForm(home, {}, { button: 'post' }));
  t.true(done.url.startsWith(`${scene.idp.url}/slo`), done.url);
  t.regex(done.body, /signed out here and everywhere/);
  t.true(done.hops.some(({ method, url }) => method === 'POST' && url === `${scene.url}/saml/slo`));
  t.is((await browser.request(scene.at('wiki'))).status, 303);
});

test('a LogoutRequest in a frame of the identity provider’s page needs no cookie (P2)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const framed = await scene.browser().request(`${scene.url}/saml/slo`, {
    method: 'POST',
    mode: 'iframe',
    from: scene.idp.url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: formFor(scene, 'alice'),
  });
  t.is(framed.status, 200);
  t.notRegex(framed.headers['content-security-policy']?.toString() ?? '', /frame-ancestors|form-action/);
  t.is(framed.headers['x-frame-options'], undefined);
  t.deepEqual(formCodes(scene, framed), SUCCESS);
  t.is((await browser.request(scene.at('wiki'))).status, 303);
});

for (const [who, path, headers] of [
  ['a server without cookies', '/saml/slo', FORM],
  ['WSO2, with an empty session cookie', '/saml/slo', { ...FORM, cookie: 'JSESSIONID=null' }],
  ['WSO2, at the address for Responses', '/saml/acs', { ...FORM, cookie: 'JSESSIONID=null' }],
  ['Keycloak, from its back channel', '/saml/slo', { ...FORM, 'user-agent': 'Apache-HttpClient/4.5.14 (Java/21)' }],
] as const) {
  test(`a LogoutRequest in a form posted by ${who} at ${path} ends the session and is answered 200 with Success (P1, P2)`, async (t) => {
    const scene = await stage(t);
    const browser = await scene.signedIn('alice', scene.at('wiki'));
    const body = formFor(scene, 'alice', [scene.idp.sessions()[0]?.sessionIndex ?? ''], path);
    const answer = await post(`${scene.url}${path}`, body, headers);
    t.is(answer.status, 200);
    t.deepEqual(formCodes(scene, answer), SUCCESS);
    t.is((await browser.request(scene.at('wiki'))).status, 303);
  });
}

test('a SOAP envelope inside a form field, as WSO2 has sent it, is read (P2)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const fields = new URLSearchParams(formFor(scene, 'alice'));
  const xml = Buffer.from(fields.get('SAMLRequest') ?? '', 'base64').toString();
  fields.set('SAMLRequest', Buffer.from(soapEnvelope(xml)).toString('base64'));
  t.is((await post(`${scene.url}/saml/slo`, fields.toString(), FORM)).status, 200);
  t.is((await browser.request(scene.at('wiki'))).status, 303);
});

test('a refused form is a page with the reason, or JSON for a server, and the person stays signed in (P4)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const good = new URLSearchParams(formFor(scene, 'alice'));
  const bent = new URLSearchParams(good);
  const xml = Buffer.from(good.get('SAMLRequest') ?? '', 'base64').toString();
  bent.set('SAMLRequest', Buffer.from(xml.replace('alice@', 'alicf@')).toString('base64'));
  const page = await scene.browser().request(`${scene.url}/saml/slo`, { method: 'POST', body: bent.toString() });
  t.is(page.status, 403);
  t.regex(page.body, /<dd>SAML_SIGNATURE_INVALID<\/dd>/);
  t.deepEqual(linksIn(page.body, page.url), []);
  const both = `${good.toString()}&SAMLResponse=x`;
  const twice = `${good.toString()}&${good.toString()}`;
  for (const body of [
    both,
    twice,
    '',
    'SAMLRequest=',
    'SAMLRequest=%%%',
    'RelayState=x',
    good.toString().replace('relay', 'r'.repeat(1025)),
  ]) {
    const answer = await post(`${scene.url}/saml/slo`, body, { ...FORM, accept: 'application/json' });
    t.is(answer.status, 400, body.slice(0, 40));
    t.like(JSON.parse(answer.body), { error: answer.headers['x-curfew'] });
  }
  t.is((await browser.request(scene.at('wiki'))).status, 200);
});
