// The values of a message that decide what becomes of it, by the standard's names: what two people compare on the phone.

import { X509Certificate } from 'node:crypto';
import type { EpochMs } from '../../kernel/words.ts';
import { statusCodes } from '../guard/checks/status.ts';
import { instant } from '../guard/checks/issue-instant.ts';
import { issuerOf } from '../guard/checks/issuer.ts';
import type { TrustedIdp } from '../guard/message.ts';
import { attribute, child, children, eachElement, isElement, plainText } from '../xml/elements.ts';
import type { Read } from './explain.ts';
import type { XmlElement } from '../xml/tree.ts';

/** One value, by its name in the standard. */
export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** Most values of one attribute that are shown. */
const MOST_VALUES = 20;

/** The decisive values of a message, in the order in which one asks for them. */
export function factsOf({ arrived, message, shown, endpoint, at, idp }: Read<TrustedIdp>): Fact[] {
  const { root, assertion, kind } = message;
  const facts: Fact[] = [];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) facts.push({ name, value });
  };
  const time = (name: string, text: string | undefined): void => add(name, text && withDistance(text, at));
  add('Issuer', issuerOf(root) ?? issuerOf(assertion) ?? 'none');
  add('ID', attribute(root, 'ID'));
  time('IssueInstant', attribute(root, 'IssueInstant'));
  add('Destination', attribute(root, 'Destination') ?? 'none');
  add('arrived at', endpoint);
  add('InResponseTo', attribute(root, 'InResponseTo'));
  add('RelayState', arrived.relayState);
  time('NotOnOrAfter', attribute(root, 'NotOnOrAfter'));
  add('Reason', attribute(root, 'Reason'));
  if (kind !== 'LogoutRequest') add('Status', statusCodes(root).map(lastPart).join(', ') || 'none');
  const subject = kind === 'Response' ? child(assertion, 'assertion', 'Subject') : root;
  for (const nameId of subject === undefined ? [] : children(subject, 'assertion', 'NameID')) {
    add('NameID', plainText(nameId) ?? 'with markup inside');
    for (const name of ['Format', 'NameQualifier', 'SPNameQualifier'] as const)
      add(`NameID ${name}`, attribute(nameId, name));
  }
  if (kind === 'LogoutRequest') {
    const indexes = children(root, 'protocol', 'SessionIndex');
    for (const index of indexes) add('SessionIndex', plainText(index));
    if (indexes.length === 0) add('SessionIndex', 'none: all sessions of this person');
  }
  if (kind === 'Response' && assertion !== root) assertionFacts(assertion, add, time);
  signatureFacts(shown, idp, add);
  return facts;
}

type Add = (name: string, value: string | undefined) => void;

function assertionFacts(assertion: XmlElement, add: Add, time: Add): void {
  eachElement(assertion, (element) => {
    if (isElement(element, 'assertion', 'SubjectConfirmationData')) {
      add('Recipient', attribute(element, 'Recipient') ?? 'none');
      time('SubjectConfirmation NotOnOrAfter', attribute(element, 'NotOnOrAfter'));
    } else if (isElement(element, 'assertion', 'Conditions')) {
      time('Conditions NotBefore', attribute(element, 'NotBefore'));
      time('Conditions NotOnOrAfter', attribute(element, 'NotOnOrAfter'));
    } else if (isElement(element, 'assertion', 'Audience')) add('Audience', plainText(element));
    else if (isElement(element, 'assertion', 'AuthnStatement')) {
      time('AuthnInstant', attribute(element, 'AuthnInstant'));
      add('SessionIndex', attribute(element, 'SessionIndex') ?? 'none: it will not be found by one');
      time('SessionNotOnOrAfter', attribute(element, 'SessionNotOnOrAfter'));
    } else if (isElement(element, 'assertion', 'Attribute')) {
      const values = children(element, 'assertion', 'AttributeValue').map((value) => plainText(value) ?? '(markup)');
      const more = values.length > MOST_VALUES ? ` and ${values.length - MOST_VALUES} more` : '';
      add(`attribute ${attribute(element, 'Name') ?? ''}`, values.slice(0, MOST_VALUES).join(' │ ') + more);
    }
  });
}

/** What signed and what is trusted, side by side: another certificate than expected is the most usual reason for a refusal. */
function signatureFacts(root: XmlElement, idp: TrustedIdp | undefined, add: Add): void {
  for (const holder of [root, ...children(root, 'assertion', 'Assertion')]) {
    const signature = child(holder, 'signature', 'Signature');
    if (signature === undefined) continue;
    const [algorithms, certificates]: [string[], string[]] = [[], []];
    eachElement(signature, (element) => {
      if (['SignatureMethod', 'DigestMethod'].includes(element.localName))
        algorithms.push(lastPart(attribute(element, 'Algorithm') ?? ''));
      if (isElement(element, 'signature', 'X509Certificate'))
        certificates.push(certificateLine(plainText(element) ?? '', idp));
    });
    add(`signature of the ${holder.localName}`, algorithms.join(', '));
    for (const certificate of certificates) add('its certificate', certificate);
  }
}

function certificateLine(base64: string, idp: TrustedIdp | undefined): string {
  try {
    const certificate = new X509Certificate(Buffer.from(base64, 'base64'));
    const isKnown = idp?.keys.some((key) => key.equals(certificate.publicKey)) === true;
    const whose = idp === undefined ? '' : ` (${isKnown ? 'in' : 'NOT in'} the metadata of ${idp.name})`;
    return `${certificate.fingerprint256}${whose}`;
  } catch {
    return 'that cannot be read';
  }
}

/** `rsa-sha256` of a URI, `Success` of a URN. */
const lastPart = (uri: string): string => /[^#:/]*$/.exec(uri)?.[0] ?? uri;

/** As seen from the moment it is judged at. */
function withDistance(text: string, at: EpochMs): string {
  const then = instant(text);
  if (then === undefined) return `${text} (not a time of SAML: UTC with Z)`;
  const seconds = Math.round((then - at) / 1000);
  const far = Math.abs(seconds) < 120 ? `${Math.abs(seconds)} s` : `${Math.round(Math.abs(seconds) / 60)} min`;
  return `${text} (${then > at ? `in ${far}` : `${far} ago`})`;
}
