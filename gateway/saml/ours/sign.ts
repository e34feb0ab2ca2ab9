// Signs what we send. A message is canonical as it is written (messages.ts), so its text is what the digest is over and
// nothing has to be parsed or canonicalized again: a tenth of what a signature costs by samlify (docs/decisions.md).

import { createPrivateKey, hash, sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { encodedAsInXml } from '../algorithms.ts';
import { NS } from '../names.ts';
import { Markup, xml } from './markup.ts';

/** A key that signs, as PEM, with its certificate. */
export interface SigningKey {
  readonly privateKey: string;
  readonly certificate: string;
}

/** Signs with one key, RSA or EC (P-256). */
export interface Signing {
  /** The message with an enveloped signature after its Issuer (saml-core §5.4, §3.2.1). */
  enveloped(id: string, message: Markup): string;
  /** The query of the Redirect binding, signed as a whole (bindings §3.4.4.1). */
  query(field: 'SAMLRequest' | 'SAMLResponse', message: Markup, relayState: string | undefined): string;
}

const MORE = 'http://www.w3.org/2001/04/xmldsig-more#';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = `${NS.signature}enveloped-signature`;
const DECLARED = new Markup(` xmlns:ds="${NS.signature}"`);
const NOTHING = new Markup('');
/** What zlib writes into at a time: by itself it takes 16 KiB for each message, which is twenty times what one needs. */
const DEFLATED = { chunkSize: 2048 };
const ISSUER_END = '</saml:Issuer>';

/** Reads the key once. Throws where it is no private key. */
export function openSigning({ privateKey, certificate }: SigningKey): Signing {
  const key = createPrivateKey(privateKey);
  const algorithm = `${MORE}${key.asymmetricKeyType === 'ec' ? 'ecdsa' : 'rsa'}-sha256`;
  const signer = encodedAsInXml(key);
  const signed = (text: string): string => sign('sha256', Buffer.from(text), signer).toString('base64');
  const certified = certificate.replace(/-----[A-Z ]+-----|\s/g, '');
  return {
    enveloped(id, { text }) {
      const digest = hash('sha256', text, 'base64');
      const value = signed(signedInfo(DECLARED, algorithm, id, digest).text);
      const at = text.indexOf(ISSUER_END) + ISSUER_END.length;
      const signature = xml`<ds:Signature${DECLARED}>${signedInfo(NOTHING, algorithm, id, digest)}<ds:SignatureValue>${value}</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certified}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>`;
      return text.slice(0, at) + signature.text + text.slice(at);
    },
    query(field, { text }, relayState) {
      const message = encodeURIComponent(deflateRawSync(text, DEFLATED).toString('base64'));
      const state = relayState ? `&RelayState=${encodeURIComponent(relayState)}` : '';
      const octets = `${field}=${message}${state}&SigAlg=${encodeURIComponent(algorithm)}`;
      return `${octets}&Signature=${encodeURIComponent(signed(octets))}`;
    },
  };
}

/** In canonical form where it declares its namespace itself; inside Signature it inherits that. */
const signedInfo = (declared: Markup, algorithm: string, id: string, digest: string): Markup =>
  xml`<ds:SignedInfo${declared}><ds:CanonicalizationMethod Algorithm="${EXCLUSIVE}"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="${algorithm}"></ds:SignatureMethod><ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="${ENVELOPED}"></ds:Transform><ds:Transform Algorithm="${EXCLUSIVE}"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="${SHA256}"></ds:DigestMethod><ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`;
