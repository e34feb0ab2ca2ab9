// What an identity provider answers to an ArtifactResolve of ours (saml-core §3.5.2, bindings §3.6.6): out comes the one message in it, to be judged
// as if it had come by POST. Where the ArtifactResponse was signed, the message is read from the signed bytes.

import type { EpochMs } from '../../kernel/words.ts';
import { canonicalize, IMPLICIT_CANONICALIZATION } from '../algorithms.ts';
import type { ArrivedArtifact, ArrivedAsXml } from '../arrived.ts';
import { refuse } from '../codes.ts';
import { instant, LONGEST_WAY_MS } from '../guard/checks/issue-instant.ts';
import { isIssuer, issuerOf } from '../guard/checks/issuer.ts';
import { signatureParts } from '../guard/checks/signature-shape.ts';
import { statusCodes } from '../guard/checks/status.ts';
import type { TrustedIdp } from '../guard/message.ts';
import { MAX_RESPONSE_BYTES, RESPONSE_LIMITS, soapMessage } from '../guard/open.ts';
import { signedElement } from '../guard/signature.ts';
import { STATUS } from '../names.ts';
import { attribute, children, isElement } from '../xml/elements.ts';
import { decodeUtf8, forbidMarkup } from '../xml/lexical.ts';
import { namespacesInScope } from '../xml/namespaces.ts';
import { parseXml } from '../xml/parse.ts';
import type { XmlElement } from '../xml/tree.ts';

/** An ArtifactResolve of ours, and whom it goes to. */
export interface AskedForArtifact {
  readonly id: string;
  readonly idp: TrustedIdp;
  readonly url: string;
  /** SOAP. */
  readonly body: string;
}

/** What a response has around the message. */
const AROUND = [
  ['assertion', 'Issuer'],
  ['protocol', 'Extensions'],
  ['protocol', 'Status'],
] as const;
const FIELDS = { Response: 'SAMLResponse', LogoutResponse: 'SAMLResponse', LogoutRequest: 'SAMLRequest' } as const;

/**
 * The message that the artifact stood for. An ArtifactResponse without a signature vouches for nothing: the message in it must be signed itself, which
 * is for the guard to see. Throws SAML_* codes.
 */
export function messageInAnswer(
  answer: Buffer,
  { id, idp }: Pick<AskedForArtifact, 'id' | 'idp'>,
  { endpoint, relayState }: Pick<ArrivedArtifact, 'endpoint' | 'relayState'>,
  { now, clockSkewMs }: { readonly now: EpochMs; readonly clockSkewMs: number },
): ArrivedAsXml {
  const { response, isSigned } = signedResponse(envelopeContent(answer), idp);
  if (attribute(response, 'Version') !== '2.0') throw refuse('SAML_VERSION');
  if (!isIssuer(idp, issuerOf(response))) throw refuse('SAML_ISSUER', { detail: { part: 'ArtifactResponse' } });
  if (attribute(response, 'InResponseTo') !== id) {
    throw refuse('SAML_ARTIFACT_UNRESOLVED', { detail: { idp: idp.name, reason: 'answers another request' } });
  }
  const at = instant(attribute(response, 'IssueInstant'));
  if (at === undefined || Math.abs(now - at) > LONGEST_WAY_MS + clockSkewMs) throw refuse('SAML_ISSUE_INSTANT');
  const [status] = statusCodes(response);
  if (status !== STATUS.success) {
    throw refuse('SAML_ARTIFACT_UNRESOLVED', { detail: { idp: idp.name, status: status?.slice(0, 120) } });
  }
  const message = onlyMessage(response, idp);
  const field = fieldOf(message);
  // The whole of it with every namespace around it, so that its own signature means what it meant in its place.
  const text = canonicalize(message, IMPLICIT_CANONICALIZATION, namespacesInScope(message), []);
  return {
    ...{ binding: 'post', endpoint, field, relayState, xml: Buffer.from(text) },
    resolvedBy: { idp: idp.name, isSigned },
  };
}

function envelopeContent(answer: Buffer): XmlElement {
  if (answer.length > MAX_RESPONSE_BYTES) throw refuse('SAML_TOO_COMPLEX', { detail: { bytes: answer.length } });
  const text = decodeUtf8(answer);
  forbidMarkup(text);
  const found = soapMessage(parseXml(text, RESPONSE_LIMITS));
  if (isElement(found, 'protocol', 'ArtifactResponse')) return found;
  throw refuse('SAML_ARTIFACT_UNRESOLVED', { detail: { found: found.localName.slice(0, 80) } });
}

/** The response as it was signed, right after its Issuer; a signature anywhere else is none, and is refused as a second message. */
function signedResponse(
  response: XmlElement,
  idp: TrustedIdp,
): { readonly response: XmlElement; readonly isSigned: boolean } {
  const signature = children(response)[1];
  if (signature === undefined || !isElement(signature, 'signature', 'Signature')) return { response, isSigned: false };
  const id = attribute(response, 'ID');
  if (id === undefined || id === '') throw refuse('SAML_ID', { detail: { reason: 'missing' } });
  signatureParts(signature, id);
  return { response: signedElement(response, signature, idp), isSigned: true };
}

function onlyMessage(response: XmlElement, idp: TrustedIdp): XmlElement {
  const used = new Set<XmlElement>();
  for (const [namespace, name] of AROUND) {
    const [found] = children(response, namespace, name);
    if (found !== undefined) used.add(found);
  }
  const [message, second] = children(response).filter((element) => !used.has(element));
  // An artifact that is unknown, used or old is answered by no message (saml-core §3.5.3).
  if (message === undefined) {
    throw refuse('SAML_ARTIFACT_UNRESOLVED', { detail: { idp: idp.name, reason: 'no message for it' } });
  }
  if (second !== undefined) throw refuse('SAML_NESTED', { detail: { element: second.localName.slice(0, 80) } });
  return message;
}

function fieldOf(message: XmlElement): 'SAMLRequest' | 'SAMLResponse' {
  for (const [name, field] of Object.entries(FIELDS)) if (isElement(message, 'protocol', name)) return field;
  throw refuse('SAML_WRONG_KIND', { detail: { found: message.localName.slice(0, 80), expected: Object.keys(FIELDS) } });
}
