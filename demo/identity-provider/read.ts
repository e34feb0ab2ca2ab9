// Reads what a service provider sends: XML to elements, elements to messages. Whether a trusted key signed it is for verify.ts.

import { DOMParser } from '@xmldom/xmldom';
import type { NameIdFields } from './messages.ts';
import { NS } from './names.ts';
import { Refusal } from './refusal.ts';

interface SpMessage {
  readonly id: string;
  readonly issuer: string;
  readonly destination: string | undefined;
  readonly issueInstant: string;
}

export interface AuthnRequest extends SpMessage {
  readonly kind: 'AuthnRequest';
  readonly assertionConsumer: string | undefined;
  readonly assertionConsumerIndex: string | undefined;
  readonly forceAuthn: boolean;
  readonly isPassive: boolean;
  readonly nameIdFormat: string | undefined;
  /** AuthnContextClassRefs asked for; none: any will do. */
  readonly contexts: readonly string[];
}

export interface LogoutRequest extends SpMessage {
  readonly kind: 'LogoutRequest';
  readonly nameId: NameIdFields & { readonly value: string };
  readonly sessionIndexes: readonly string[];
  readonly notOnOrAfter: string | undefined;
  readonly reason: string | undefined;
}

export interface LogoutResponse extends SpMessage {
  readonly kind: 'LogoutResponse';
  readonly inResponseTo: string | undefined;
  /** StatusCodes from the outermost in. */
  readonly codes: readonly string[];
  readonly statusMessage: string | undefined;
}

export type Message = AuthnRequest | LogoutRequest | LogoutResponse;

/** The root element of `xml`; throws a Refusal where it is not well-formed or has a document type. */
export function parseXml(xml: string): Element {
  if (xml.includes('<!')) throw new Refusal('The message has a document type, comment or CDATA section.');
  const complain = (_level: string, message: unknown): never => {
    throw new Refusal(`The message is not well-formed XML: ${String(message).split('\n')[0] ?? ''}`);
  };
  const document = new DOMParser({ errorHandler: complain }).parseFromString(xml, 'text/xml') as Document | undefined;
  const root = document?.documentElement as Element | null | undefined;
  if (!root) throw new Refusal('The message is empty.');
  return root;
}

/** Child elements with this name, in order. */
export const childrenOf = (parent: Element, namespace: string, name: string): Element[] =>
  elementsIn(parent).filter((child) => child.namespaceURI === namespace && child.localName === name);

/** Child elements, in order. */
export const elementsIn = (parent: Node): Element[] =>
  Array.from(parent.childNodes).filter((node): node is Element => node.nodeType === 1);

/** An attribute's value; undefined where it is absent, which is not the same as empty. */
export const attributeOf = (element: Element | undefined, name: string): string | undefined =>
  element?.hasAttribute(name) ? (element.getAttribute(name) ?? undefined) : undefined;

/** The message an element is; throws a Refusal where it is none, or lacks what its kind must have. */
export function readMessage(root: Element): Message {
  if (root.namespaceURI !== NS.protocol) throw new Refusal(`<${root.nodeName}> is no SAML protocol message.`);
  const version = attributeOf(root, 'Version');
  if (version !== '2.0') throw new Refusal(`The message has Version "${version ?? ''}" instead of "2.0".`);
  const common = {
    id: required(root, 'ID'),
    issueInstant: required(root, 'IssueInstant'),
    issuer: textOf(childrenOf(root, NS.assertion, 'Issuer')[0]) ?? '',
    destination: attributeOf(root, 'Destination'),
  };
  switch (root.localName) {
    case 'AuthnRequest':
      return { kind: 'AuthnRequest', ...common, ...authnRequest(root) };
    case 'LogoutRequest':
      return { kind: 'LogoutRequest', ...common, ...logoutRequest(root) };
    case 'LogoutResponse':
      return { kind: 'LogoutResponse', ...common, ...logoutResponse(root) };
    default:
      throw new Refusal(`This identity provider has no use for a <${root.localName}>.`);
  }
}

const textOf = (element: Element | undefined): string | undefined => element?.textContent ?? undefined;

function required(element: Element, name: string): string {
  const value = attributeOf(element, name);
  if (!value) throw new Refusal(`<${element.localName}> has no ${name}.`);
  return value;
}

const isTrue = (value: string | undefined): boolean => value === 'true' || value === '1';

const authnRequest = (root: Element) => ({
  assertionConsumer: attributeOf(root, 'AssertionConsumerServiceURL'),
  assertionConsumerIndex: attributeOf(root, 'AssertionConsumerServiceIndex'),
  forceAuthn: isTrue(attributeOf(root, 'ForceAuthn')),
  isPassive: isTrue(attributeOf(root, 'IsPassive')),
  nameIdFormat: attributeOf(childrenOf(root, NS.protocol, 'NameIDPolicy')[0], 'Format'),
  contexts: childrenOf(root, NS.protocol, 'RequestedAuthnContext').flatMap((wanted) =>
    childrenOf(wanted, NS.assertion, 'AuthnContextClassRef').map((one) => textOf(one) ?? ''),
  ),
});

function logoutRequest(root: Element) {
  const nameId = childrenOf(root, NS.assertion, 'NameID')[0];
  if (!nameId) throw new Refusal('The LogoutRequest has no NameID.');
  return {
    nameId: {
      value: textOf(nameId) ?? '',
      format: attributeOf(nameId, 'Format'),
      nameQualifier: attributeOf(nameId, 'NameQualifier'),
      spNameQualifier: attributeOf(nameId, 'SPNameQualifier'),
      spProvidedId: attributeOf(nameId, 'SPProvidedID'),
    },
    sessionIndexes: childrenOf(root, NS.protocol, 'SessionIndex').map((index) => textOf(index) ?? ''),
    notOnOrAfter: attributeOf(root, 'NotOnOrAfter'),
    reason: attributeOf(root, 'Reason'),
  };
}

function logoutResponse(root: Element) {
  const codes: string[] = [];
  const status = childrenOf(root, NS.protocol, 'Status')[0];
  for (let at = status; at; at = childrenOf(at, NS.protocol, 'StatusCode')[0]) {
    if (at !== status) codes.push(required(at, 'Value'));
  }
  return {
    inResponseTo: attributeOf(root, 'InResponseTo'),
    codes,
    statusMessage: status && textOf(childrenOf(status, NS.protocol, 'StatusMessage')[0]),
  };
}
