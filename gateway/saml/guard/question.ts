// Which AuthnRequest a Response answers. It is said twice, in the Response and in the confirmation of the Subject, and some identity providers leave out
// the former; what is empty is not said (saml-core §1.3.2): pysaml2 writes it so where nobody asked.

import { BEARER } from '../names.ts';
import { attribute, child, children } from '../xml/elements.ts';
import type { Signed } from './message.ts';
import { sameAddress } from './checks/destination.ts';

type Said = Pick<Signed, 'root' | 'assertion' | 'endpoint'>;

const named = (element: Element): string | undefined => attribute(element, 'InResponseTo') || undefined;

/** The SubjectConfirmationData of every bearer, whatever address it is for. */
export function bearersOf({ assertion }: Pick<Said, 'assertion'>): Element[] {
  const found = child(assertion, 'assertion', 'Subject');
  return (found === undefined ? [] : children(found, 'assertion', 'SubjectConfirmation')).flatMap((confirmation) => {
    const facts = child(confirmation, 'assertion', 'SubjectConfirmationData');
    return facts !== undefined && attribute(confirmation, 'Method') === BEARER ? [facts] : [];
  });
}

/** Those for our address (profiles §4.1.4.2). */
export const confirmationsOf = ({ assertion, endpoint }: Omit<Said, 'root'>): Element[] =>
  bearersOf({ assertion }).filter((facts) => sameAddress(attribute(facts, 'Recipient') ?? '', endpoint));

/** The ID of the AuthnRequest; undefined where nobody asked. Of a Response that does not say it, what its one confirmation says. */
export function questionOf(message: Said): string | undefined {
  const [only, second] = new Set(confirmationsOf(message).flatMap((facts) => named(facts) ?? []));
  return named(message.root) ?? (second === undefined ? only : undefined);
}

/** Whether a confirmation is about that question. */
export const confirms = (facts: Element, question: string | undefined): boolean => named(facts) === question;
