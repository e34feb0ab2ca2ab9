// curfew in the place of another service provider: what the identity provider has registered of that one stays as it is.

import test, { type ExecutionContext } from 'ava';
import { BINDING } from '../../demo/identity-provider/names.ts';
import { OPEN, signIn, stage, type Stage } from '../support/gateway.ts';
import { fieldsFor, post, redirectFor, signed, soapCodes, SUCCESS } from '../support/logout-requests.ts';
import { soapEnvelope, postFields } from '../../demo/identity-provider/bindings.ts';

/** What a product publishes of itself, as its own metadata has it. */
interface Product {
  readonly acs: string;
  readonly slo: Readonly<Record<'redirect' | 'post' | 'soap', string>>;
}

const PRODUCTS: Readonly<Record<string, Product>> = {
  mod_auth_mellon: {
    acs: '/mellon/postResponse',
    slo: { redirect: '/mellon/logout', post: '/mellon/logout', soap: '/mellon/logout' },
  },
  Shibboleth: {
    acs: '/Shibboleth.sso/SAML2/POST',
    slo: {
      redirect: '/Shibboleth.sso/SLO/Redirect',
      post: '/Shibboleth.sso/SLO/POST',
      soap: '/Shibboleth.sso/SLO/SOAP',
    },
  },
};

const aliasesOf = ({ acs, slo }: Product): string =>
  `aliases: { acs: [${acs}], slo: [${[...new Set(Object.values(slo))].join(', ')}] }`;

/** What the identity provider knows: the old addresses and nothing else. */
function registered({ acs, slo }: Product, origin: string, scene: Stage): string {
  const key = (scene.configuration.saml.keys[0]?.cert ?? '').replaceAll(/-----.*?-----|\s/g, '');
  const logout = (['soap', 'redirect', 'post'] as const)
    .map((kind) => `<SingleLogoutService Binding="${BINDING[kind]}" Location="${origin}${slo[kind]}"/>`)
    .join('');
  return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="urn:old"><SPSSODescriptor AuthnRequestsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${key}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>${logout}<AssertionConsumerService index="0" Binding="${BINDING.post}" Location="${origin}${acs}"/></SPSSODescriptor></EntityDescriptor>`;
}

interface Replaced {
  readonly scene: Stage;
  /** Of the host that the old service provider was on. */
  readonly origin: string;
}

async function replaced(
  t: ExecutionContext,
  product: Product,
  where: 'the public host' | 'the app’s',
): Promise<Replaced> {
  const own = `{ entityId: 'urn:old', ${aliasesOf(product)} }`;
  const scene =
    where === 'the public host'
      ? await stage(t, { saml: `  entityId: urn:old\n  ${aliasesOf(product)}` })
      : await stage(t, { apps: { wiki: `${OPEN('wiki')}saml: ${own}\n` } });
  const origin = where === 'the public host' ? scene.url : scene.at('wiki', '');
  scene.idp.registerServiceProvider(registered(product, origin, scene));
  return { scene, origin };
}

for (const [name, product] of Object.entries(PRODUCTS))
  for (const where of ['the public host', 'the app’s'] as const) {
    test(`an identity provider that knows only the addresses of ${name} on ${where} signs people in (profiles §4.1.4.2)`, async (t) => {
      const { scene, origin } = await replaced(t, product, where);
      const page = await signIn(scene.browser(), 'alice', scene.at('wiki', '/page'));
      t.is(page.status, 200);
      t.is(page.url, scene.at('wiki', '/page'));
      t.true(page.hops.some(({ method, url }) => method === 'POST' && url.startsWith(`${origin}${product.acs}`)));
      t.deepEqual(
        scene.upstream.requests.map(({ url }) => url),
        ['/page'],
        'no application saw a message',
      );
    });

    test(`a LogoutRequest to the addresses of ${name} on ${where} ends the session, by every binding (P1, P2)`, async (t) => {
      const { scene, origin } = await replaced(t, product, where);
      const at = { ...scene, url: origin, idp: scene.idp, clock: scene.clock };
      for (const binding of ['soap', 'post', 'redirect'] as const) {
        // A sign-in after the logout before, and not the one that was signed out.
        const browser = scene.browser();
        scene.idp.forgetSessions();
        scene.clock.advance(1000);
        await signIn(browser, 'alice', scene.at('wiki'));
        t.is((await browser.request(scene.at('wiki'))).status, 200, binding);
        const path = product.slo[binding];
        const xml = signed(scene, fieldsFor(at, 'alice', [], path));
        if (binding === 'soap')
          t.deepEqual(soapCodes(scene, await post(`${origin}${path}`, soapEnvelope(xml))), SUCCESS);
        else if (binding === 'post') {
          const body = new URLSearchParams(postFields('SAMLRequest', xml, 'r')).toString();
          const form = { 'content-type': 'application/x-www-form-urlencoded' };
          t.is((await post(`${origin}${path}`, body, form)).headers['x-curfew'], 'OK');
        } else {
          const url = redirectFor(scene, 'alice', { destination: `${origin}${path}` });
          const answer = await browser.request(`${origin}${path}${new URL(url).search}`);
          t.is(answer.status, 302);
        }
        t.is((await browser.request(scene.at('wiki'))).status, 303, binding);
      }
    });
  }

const MELLON = PRODUCTS['mod_auth_mellon'] as Product;

test('a LogoutRequest for another of our addresses is refused at an old one: Destination is where it came to (bindings §3.5.5.2)', async (t) => {
  const { scene } = await replaced(t, MELLON, 'the public host');
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const elsewhere = soapEnvelope(signed(scene, fieldsFor(scene, 'alice', [], '/saml/slo')));
  const answer = await post(`${scene.url}/mellon/logout`, elsewhere, {});
  t.is(answer.headers['x-curfew'], 'SAML_DESTINATION_MISMATCH');
  t.is((await browser.request(scene.at('wiki'))).status, 200);
});

test('an old address is one on its own host only, in its plain spelling only, and no application is asked for it otherwise', async (t) => {
  const { scene } = await replaced(t, MELLON, 'the public host');
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const answers = async (url: string) => (await browser.request(url, { method: 'POST' })).headers['x-curfew'];
  for (const path of ['/mellon/%6cogout', '/mellon//logout', '/mellon/logout;x', '/%2fmellon/logout'])
    t.is(await answers(`${scene.url}${path}`), 'NOT_FOUND', path);
  const before = scene.upstream.requests.length;
  t.is((await browser.request(scene.at('wiki', '/mellon/logout'))).status, 200, 'at an app’s host it is the app’s');
  t.is(scene.upstream.requests.length, before + 1);
});

test('a link to the sign-out of the service provider before signs out everywhere', async (t) => {
  const { scene, origin } = await replaced(t, MELLON, 'the app’s');
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const page = await browser.visit(`${origin}/mellon/logout?ReturnTo=${encodeURIComponent(scene.at('wiki'))}`);
  t.true(page.hops.some(({ url }) => url === `${origin}/.curfew/logout`));
  t.is(await scene.running.parts.doors.sessions.count(), 0);
});

test('metadata names the old address for Responses first, and our own, so that registering it lets the old one go', async (t) => {
  const { scene } = await replaced(t, MELLON, 'the public host');
  const xml = (await scene.browser().request(`${scene.url}/saml/metadata`)).body;
  const consumers = [...xml.matchAll(/<AssertionConsumerService [^>]*Location="([^"]+)"/g)].map(([, at]) => at);
  t.deepEqual(consumers, [`${scene.url}/mellon/postResponse`, `${scene.url}/saml/acs`]);
  t.false(xml.includes('/mellon/logout'));
});
