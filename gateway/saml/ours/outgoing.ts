// Puts a message of ours on its way: signed, and in the shape its binding asks for (bindings §3.2, §3.4, §3.5).

import type { IdpMetadata } from '../idp-metadata.ts';
import type { Binding } from '../names.ts';
import type { Markup } from './markup.ts';
import { openSigning, type SigningKey } from './sign.ts';

/** A message ready to leave. */
export type Outgoing =
  | { readonly binding: 'redirect'; readonly url: string }
  | { readonly binding: 'post'; readonly url: string; readonly fields: Readonly<Record<string, string>> }
  | { readonly binding: 'soap'; readonly url: string; readonly body: string };

type Field = 'SAMLRequest' | 'SAMLResponse';

/** Signs for one identity provider; opened once, at start-up. Requests of ours carry no RelayState: the ledger knows what they are about. */
export function openSigner(key: SigningKey, idp: IdpMetadata) {
  const signing = openSigning(key);
  const leave = (
    binding: Binding,
    url: string,
    field: Field,
    id: string,
    message: Markup,
    state: string | undefined,
  ): Outgoing => {
    switch (binding) {
      case 'redirect':
        return { binding, url: `${url}${url.includes('?') ? '&' : '?'}${signing.query(field, message, state)}` };
      case 'post': {
        const value = Buffer.from(signing.enveloped(id, message)).toString('base64');
        return { binding, url, fields: { [field]: value, ...(state === undefined ? {} : { RelayState: state }) } };
      }
      case 'soap':
        return { binding, url, body: envelope(signing.enveloped(id, message)) };
    }
  };
  return {
    authnRequest: (id: string, message: Markup, binding: 'redirect' | 'post'): Outgoing =>
      leave(binding, idp.signOn[binding] ?? '', 'SAMLRequest', id, message, undefined),
    /** SOAP. */
    artifactResolve: (id: string, message: Markup): string => envelope(signing.enveloped(id, message)),
    logoutRequest: (id: string, message: Markup, binding: Binding): Outgoing =>
      leave(binding, idp.logout[binding]?.location ?? '', 'SAMLRequest', id, message, undefined),
    /** `state` is the request's RelayState, given back as it came (bindings §3.4.3); an empty one only by form: a query is signed without it. */
    logoutResponse: (id: string, message: Markup, binding: Binding, state: string | undefined): Outgoing =>
      leave(binding, idp.logout[binding]?.responseLocation ?? '', 'SAMLResponse', id, message, state),
  };
}

/** Writes what we send to one identity provider. */
export type Signer = ReturnType<typeof openSigner>;

/** A SOAP 1.1 envelope around one signed message (bindings §3.2). */
export const envelope = (message: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>${message}</S:Body></S:Envelope>`;
