// Signs what we send. A message is canonical as it is written (messages.ts), so its text is what the digest is over and
// nothing has to be parsed or canonicalized again: a tenth of what a signature costs by samlify (docs/decisions.md).

import { createHash, createPrivateKey, sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { NS } from '../names.ts';
import { Markup, xml } from './markup.ts';

/** A key that signs, as PEM, with its certificate. */
export interface SigningKey {
  readonly privateKey: string;
  readonly certificate: string;
}

/** Signs with one RSA key. */
export interface Signing {
  /** The message with an enveloped signature after its Issuer (saml-core §5.4, §3.2.1). */
  enveloped(id: string, message: Markup): string;
  /** The query of the Redirect binding, signed as a whole (bindings §3.4.4.1). */
  query(field: 'SAMLRequest' | 'SAMLResponse', message: Markup, relayState: string | undefined): string;
}

const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = `${NS.signature}enveloped-signature`;
const DECLARED = new Markup(` xmlns:ds="${NS.signature}"`);
const NOTHING = new Markup('');
const ISSUER_END = '</saml:Issuer>';

/** Reads the key once. Throws where it is no private key. */
export function openSigning({ privateKey, certificate }: SigningKey): Signing {
  const key = createPrivateKey(privateKey);
  const certified = certificate.replace(/-----[A-Z ]+-----|\s/g, '');
  return {
    enveloped(id, { text }) {
      const digest = createHash('sha256').update(text).digest('base64');
      const value = sign('sha256', Buffer.from(signedInfo(DECLARED, id, digest).text), key).toString('base64');
      const at = text.indexOf(ISSUER_END) + ISSUER_END.length;
      const signature = xml`<ds:Signature${DECLARED}>${signedInfo(NOTHING, id, digest)}<ds:SignatureValue>${value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certified}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>`;
      return text.slice(0, at) + signature.text + text.slice(at);
    },
    query(field, { text }, relayState) {
      const message = encodeURIComponent(deflateRawSync(text).toString('base64'));
      const state = relayState ? `&RelayState=${encodeURIComponent(relayState)}` : '';
      const signed = `${field}=${message}${state}&SigAlg=${encodeURIComponent(RSA_SHA256)}`;
      return `${signed}&Signature=${encodeURIComponent(sign('sha256', Buffer.from(signed), key).toString('base64'))}`;
    },
  };
}

/** In canonical form where it declares its namespace itself; inside Signature it inherits that. */
const signedInfo = (declared: Markup, id: string, digest: string): Markup =>
  xml`<ds:SignedInfo${declared}><ds:CanonicalizationMethod Algorithm="${EXCLUSIVE}"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="${RSA_SHA256}"></ds:SignatureMethod><ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="${ENVELOPED}"></ds:Transform><ds:Transform Algorithm="${EXCLUSIVE}"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="${SHA256}"></ds:DigestMethod><ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`;
