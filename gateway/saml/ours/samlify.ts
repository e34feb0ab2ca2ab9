// samlify builds and signs what we send. It is given entities made for this alone: its own reading of metadata mixes roles,
// and its flags about signing must agree on both sides or it refuses (docs/decisions.md).

import samlify from 'samlify';
import type { IdpMetadata } from '../idp-metadata.ts';
import { BINDING_URI, type Binding } from '../names.ts';
import type { Markup } from './markup.ts';

/** Our own side: names, addresses, and the key that signs. */
export interface OurSide {
  readonly entityId: string;
  readonly acs: string;
  readonly slo: string;
  readonly sloSoap: string;
  /** PEM. The first signs, all are published: that is key rollover. */
  readonly keys: readonly { readonly privateKey: string; readonly certificate: string }[];
}

/** A message ready to leave. */
export type Outgoing =
  | { readonly binding: 'redirect'; readonly url: string }
  | { readonly binding: 'post'; readonly url: string; readonly fields: Readonly<Record<string, string>> }
  | { readonly binding: 'soap'; readonly url: string; readonly body: string };

/** Signs for one identity provider. Made once at start-up: building the entities costs what ten messages cost. */
export function openSigner(ours: OurSide, idp: IdpMetadata) {
  const requests = entitiesFor(ours, idp, 'location');
  const responses = entitiesFor(ours, idp, 'responseLocation');
  return {
    authnRequest: (id: string, message: Markup, relayState: string): Outgoing => {
      const binding = idp.signOn.redirect === undefined ? 'post' : 'redirect';
      const url = idp.signOn[binding] ?? '';
      const made = requests.sp.createLoginRequest(requests.idp, binding, { relayState, ...replacedBy(id, message) });
      return outgoing(binding, url, 'SAMLRequest', made.context, relayState);
    },
    logoutRequest: (id: string, message: Markup, binding: Binding, relayState: string): Outgoing => {
      const made = requests.sp.createLogoutRequest(
        requests.idp,
        wire(binding),
        {},
        { relayState, ...replacedBy(id, message) },
      );
      return outgoing(binding, idp.logout[binding]?.location ?? '', 'SAMLRequest', made.context, relayState);
    },
    logoutResponse: (id: string, message: Markup, binding: Binding, relayState: string | undefined): Outgoing => {
      const url = idp.logout[binding]?.responseLocation ?? '';
      const made = responses.sp.createLogoutResponse(responses.idp, { extract: {} }, wire(binding), {
        relayState: relayState ?? '',
        ...replacedBy(id, message),
      });
      return outgoing(binding, url, 'SAMLResponse', made.context, relayState);
    },
  };
}

/** Writes what we send to one identity provider. */
export type Signer = ReturnType<typeof openSigner>;

/** SP metadata, built by samlify with all our certificates. An entity with two certificates cannot sign, so it is made apart. */
export function ourMetadata(ours: OurSide): string {
  return samlify
    .SPMetadata({
      ...addressesOf(ours),
      entityID: ours.entityId,
      authnRequestsSigned: true,
      wantAssertionsSigned: true,
      // The schema's order (saml-metadata §2.4.4); samlify's own is refused by whoever validates.
      // No NameIDFormat: on import SimpleSAMLphp would take it over what its administrator has chosen.
      elementsOrder: ['KeyDescriptor', 'SingleLogoutService', 'AssertionConsumerService'],
      signingCert: ours.keys.map(({ certificate }) => certificate),
    })
    .getMetadata();
}

function entitiesFor(ours: OurSide, idp: IdpMetadata, where: 'location' | 'responseLocation') {
  const [key] = ours.keys;
  if (key === undefined) throw new TypeError('a key to sign with is needed');
  const signed = { wantLogoutRequestSigned: true, wantLogoutResponseSigned: true };
  const logout = Object.entries(idp.logout).map(([binding, endpoint]) => ({
    Binding: BINDING_URI[binding as Binding],
    Location: endpoint[where],
  }));
  // SOAP travels as a POST message that is taken out of its base64; samlify must know an address for it.
  const post = idp.logout.post ?? idp.logout.soap ?? idp.logout.redirect;
  const postAddress = post === undefined ? 'urn:none' : post[where];
  return {
    sp: samlify.ServiceProvider({
      ...addressesOf(ours),
      ...signed,
      entityID: ours.entityId,
      authnRequestsSigned: true,
      privateKey: key.privateKey,
      signingCert: key.certificate,
      requestSignatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    }),
    idp: samlify.IdentityProvider({
      ...signed,
      entityID: idp.entityId,
      wantAuthnRequestsSigned: true,
      signingCert: idp.certificates[0] ?? '',
      singleSignOnService: Object.entries(idp.signOn).map(([binding, Location]) => ({
        Binding: BINDING_URI[binding as Binding],
        Location,
      })),
      singleLogoutService: [
        ...logout.filter(({ Binding }) => Binding !== BINDING_URI.post),
        { Binding: BINDING_URI.post, Location: postAddress },
      ],
    }),
  };
}

const addressesOf = (ours: OurSide) => ({
  assertionConsumerService: [{ Binding: BINDING_URI.post, Location: ours.acs }],
  // SOAP first: an identity provider that goes by the order of metadata calls us server to server (Shibboleth).
  singleLogoutService: [
    { Binding: BINDING_URI.soap, Location: ours.sloSoap },
    { Binding: BINDING_URI.redirect, Location: ours.slo },
    { Binding: BINDING_URI.post, Location: ours.slo },
  ],
});

const replacedBy = (id: string, message: Markup) => ({
  customTagReplacement: () => ({ id, context: message.text }),
});

const wire = (binding: Binding): 'redirect' | 'post' => (binding === 'redirect' ? 'redirect' : 'post');

function outgoing(
  binding: Binding,
  url: string,
  field: 'SAMLRequest' | 'SAMLResponse',
  context: string,
  relayState: string | undefined,
): Outgoing {
  switch (binding) {
    case 'redirect':
      return { binding, url: context };
    case 'post':
      return { binding, url, fields: { [field]: context, ...(relayState ? { RelayState: relayState } : {}) } };
    case 'soap':
      return { binding, url, body: envelope(Buffer.from(context, 'base64').toString('utf8')) };
  }
}

/** A SOAP 1.1 envelope around one signed message (bindings §3.2). */
export const envelope = (message: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>${message}</S:Body></S:Envelope>`;
