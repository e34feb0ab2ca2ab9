// What an identity provider calls things, and what they are called here: attributes by names of the operator's, people by an attribute.

import test from 'ava';
import type { ResponseFields } from '../../demo/identity-provider/messages.ts';
import { stage } from '../support/gateway.ts';
import { headerValues } from '../support/upstream.ts';

const GROUPS = 'urn:oid:1.3.6.1.4.1.5923.1.5.1.1';
const saying =
  (...attributes: NonNullable<NonNullable<ResponseFields['assertion']>['attributes']>) =>
  (fields: ResponseFields): ResponseFields => ({ ...fields, assertion: { ...fields.assertion, attributes } });

test('an attribute goes by the name it was given here, and what comes under that name by itself does not count', async (t) => {
  const scene = await stage(t, {
    idp: `    attributes: { groups: "${GROUPS}", displayName: cn }`,
    identityProvider: {
      vary: {
        response: saying(
          { name: 'groups', values: ['admins'] },
          { name: GROUPS, friendlyName: 'isMemberOf', values: ['staff', 'wiki'] },
          { name: 'urn:oid:2.5.4.3', friendlyName: 'cn', values: ['Alice'] },
        ),
      },
    },
  });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const [request] = scene.upstream.requests;
  t.deepEqual(request && headerValues(request, 'x-forwarded-groups'), ['staff,wiki']);
  t.deepEqual(request && headerValues(request, 'x-display-name'), ['Alice'], 'found by its FriendlyName');
  t.is((await browser.request(scene.at('wiki', '/admin/x'))).status, 403);
});

test('where the attribute is not there, nothing takes its place', async (t) => {
  const scene = await stage(t, {
    idp: `    attributes: { groups: "${GROUPS}" }`,
    identityProvider: { vary: { response: saying({ name: 'groups', values: ['admins'] }) } },
  });
  await scene.signedIn('alice', scene.at('wiki'));
  const [request] = scene.upstream.requests;
  t.deepEqual(request && headerValues(request, 'x-forwarded-groups'), []);
});

test('people are known by an attribute, and their identity provider’s logout finds them by its NameID (P2)', async (t) => {
  const scene = await stage(t, {
    idp: '    nameId: ${attributes.uid}',
    identityProvider: { vary: { response: saying({ name: 'uid', values: ['alice'] }) } },
  });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const [request] = scene.upstream.requests;
  t.deepEqual(request && headerValues(request, 'remote-user'), ['alice']);
  t.is(await scene.running.parts.doors.sessions.count(), 1);
  const [report] = await scene.idp.signOutEverywhere('alice');
  t.is(report?.codes[0], 'urn:oasis:names:tc:SAML:2.0:status:Success');
  t.is(await scene.running.parts.doors.sessions.count(), 0);
  t.is((await browser.request(scene.at('wiki'))).status, 303);
});

test('our LogoutRequest names people as their identity provider does, byte for byte (saml-core §3.3.4)', async (t) => {
  const scene = await stage(t, {
    idp: '    nameId: ${attributes.uid}',
    identityProvider: { vary: { response: saying({ name: 'uid', values: ['alice'] }) } },
  });
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  await browser.visit(scene.at('wiki', '/.curfew/logout'));
  const request = scene.idp.received.map(({ message }) => message).find(({ kind }) => kind === 'LogoutRequest');
  t.is(request?.kind === 'LogoutRequest' ? request.nameId.value : undefined, 'alice@example.test');
});

for (const [what, attributes] of [
  ['no such attribute', []],
  ['two values', [{ name: 'uid', values: ['alice', 'root'] }]],
  ['an empty value', [{ name: 'uid', values: [' '] }]],
] as const) {
  test(`whoever comes with ${what} to be known by does not get in`, async (t) => {
    const scene = await stage(t, {
      idp: '    nameId: ${attributes.uid}',
      identityProvider: { vary: { response: saying(...attributes) } },
    });
    const browser = scene.browser();
    const form = await browser.visit(scene.at('wiki'));
    const page = await browser.settle(await browser.submitForm(form, { username: 'alice', password: 'alicepw' }));
    t.is(page.headers['x-curfew'], 'SAML_SUBJECT');
    t.is(await scene.running.parts.doors.sessions.count(), 0);
  });
}
