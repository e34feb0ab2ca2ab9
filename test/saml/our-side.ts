// Our side for tests: a service provider with two keys, and an identity provider that takes what it sends and says what it makes of it.

import type { ExecutionContext } from 'ava';
import { readForm, readQuery, readSoap, type Arrival } from '../../demo/identity-provider/bindings.ts';
import { metadataXml, type Endpoint } from '../../demo/identity-provider/metadata.ts';
import { BINDING } from '../../demo/identity-provider/names.ts';
import { readMessage, parseXml, type Message } from '../../demo/identity-provider/read.ts';
import { checkQuerySignature, signedRoot } from '../../demo/identity-provider/verify.ts';
import type { Identity, NameId } from '../../gateway/kernel/words.ts';
import { readIdpMetadata } from '../../gateway/saml/idp-metadata.ts';
import type { Binding } from '../../gateway/saml/names.ts';
import type { Outgoing } from '../../gateway/saml/ours/outgoing.ts';
import { openServiceProvider, type IdentityProvider, type LogoutBinding } from '../../gateway/saml/service-provider.ts';
import { rememberedMessages } from './memory.ts';
import { ACS, ENTITY_ID, IDP, keysCalled, NOW, SKEW_MS, SLO, trusted } from './support.ts';
import { hasXmlsec1, verifiesByXmlsec1 } from './xmlsec1.ts';

const [idpKeys, first, second] = await Promise.all([keysCalled('corp'), keysCalled('ours'), keysCalled('next')]);
/** Our two keys: the first signs, both are published. */
export const ours = first;
export const next = second;
/** As configuration hands them over. */
export const ourKeys = [ours, next].map(({ privateKey, certificate }) => ({
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  certificate,
}));
/** How a message may travel. */
export const BINDINGS = ['redirect', 'post', 'soap'] as const;
/** One of the identity provider's addresses, with a query of its own and another place for answers. */
export const endpoint = (binding: Binding, path: string): Endpoint => ({
  binding: BINDING[binding],
  location: `${IDP}/${path}?of=${binding}`,
  responseLocation: `${IDP}/${path}/answer`,
});

/** A service provider, and the identity provider as configured there. */
export function setUp(
  singleLogout: readonly Endpoint[],
  logoutBinding: LogoutBinding = 'auto',
  signOn: readonly Binding[] = ['redirect'],
) {
  const metadata = readIdpMetadata(
    metadataXml({
      entityId: IDP,
      signingCertificates: [idpKeys.certificate],
      singleLogout,
      singleSignOn: signOn.map((binding) => endpoint(binding, 'sso')),
    }),
  );
  const idp: IdentityProvider = {
    ...trusted([idpKeys]),
    title: 'IdP',
    signOn: {
      binding: 'auto',
      responseBinding: 'post',
      force: false,
      contexts: [],
      comparison: 'exact',
      order: [],
      nameIdFormat: undefined,
      allowCreate: true,
    },
    revalidateMs: undefined,
    metadata,
    soapTls: undefined,
    logoutBinding,
    logoutMatch: 'nameId',
    logoutOnTimeout: false,
    logoutUrl: undefined,
  };
  const sp = openServiceProvider({
    ...{ entityId: ENTITY_ID, acs: ACS, slo: SLO, sloSoap: `${SLO}/soap`, keys: ourKeys, offersEncryption: true },
    ...{ identityProviders: [idp], clockSkewMs: SKEW_MS, memory: rememberedMessages().memory },
  });
  return { sp, idp };
}

/** A NameID with everything a NameID can have. */
export const NAME_ID: NameId = {
  value: 'alice@example.test',
  format: 'urn:f',
  nameQualifier: 'urn:nq',
  spNameQualifier: 'urn:sq',
  spProvidedId: 'p',
};
/** Who signed in. */
export const identity = (nameId: NameId = NAME_ID, sessionIndexes: readonly string[] = ['_s1']): Identity => ({
  ...{ idp: 'corp', nameId, sessionIndexes, attributes: new Map(), authnInstant: NOW },
});

/** What the identity provider makes of it: verified by our first certificate, and by no other. */
export function received(
  t: ExecutionContext,
  outgoing: Outgoing | undefined,
): { message: Message; arrival: Arrival; url: string } {
  if (outgoing === undefined) throw new Error('nothing was sent');
  const arrival = arrivalOf(outgoing);
  const verify = (certificates: readonly string[]): Element => {
    if (arrival.binding !== 'redirect') return signedRoot(arrival.xml, certificates);
    checkQuerySignature(arrival.signed, certificates);
    return parseXml(arrival.xml);
  };
  t.throws(() => verify([next.certificate, idpKeys.certificate]), { message: /No certificate/ });
  if ((hasXmlsec1 || process.env['CI']) && outgoing.binding !== 'redirect') {
    t.true(
      verifiesByXmlsec1(outgoing.binding === 'soap' ? outgoing.body : arrival.xml, ours.certificate),
      'xmlsec1 verifies it',
    );
  }
  return { message: readMessage(verify([ours.certificate])), arrival, url: outgoing.url };
}

function arrivalOf(outgoing: Outgoing): Arrival {
  switch (outgoing.binding) {
    case 'redirect':
      return readQuery(outgoing.url.slice(outgoing.url.search(/SAMLRe/)));
    case 'post':
      return readForm(new URLSearchParams(outgoing.fields));
    case 'soap':
      // The octets as they left: written out anew, a CR in a value would be an LF, and the signature not ours.
      return { ...readSoap(outgoing.body), xml: /<S:Body>(.*)<\/S:Body>/s.exec(outgoing.body)?.[1] ?? '' };
  }
}
