// When two NameIDs mean the same person (saml-core §3.3.4, "strongly matches"; §8.3.7 for what an absent qualifier means).

import { withoutSpaceAround } from '../kernel/white-space.ts';
import type { NameId } from '../kernel/words.ts';
import { FORMAT } from './names.ts';

/** The names of both sides: what an absent qualifier stands for. */
export interface OwnNames {
  /** Its entityID, and whatever else it calls itself. */
  readonly idp: readonly string[];
  readonly sp: string;
}

/** In what two NameIDs may differ. */
export type NameIdPart = 'value' | 'Format' | 'NameQualifier' | 'SPNameQualifier';

/**
 * In what a LogoutRequest's NameID differs from that of a session; in nothing where it names that person. Values must be equal but for surrounding white
 * space. An unspecified or absent Format fits every Format, because identity providers leave it out on one side only; an absent qualifier stands for a
 * side's own name. What is empty is absent: no string of SAML's has nothing in it (saml-core §1.3.1, §1.3.2), and libraries write attributes that they
 * have no value for.
 */
export function differences(a: NameId, b: NameId, own: OwnNames): NameIdPart[] {
  const found: NameIdPart[] = [];
  if (withoutSpaceAround(a.value) !== withoutSpaceAround(b.value)) found.push('value');
  if (!sameFormat(a.format, b.format)) found.push('Format');
  if (!sameQualifier(a.nameQualifier, b.nameQualifier, own.idp)) found.push('NameQualifier');
  if (!sameQualifier(a.spNameQualifier, b.spNameQualifier, [own.sp])) found.push('SPNameQualifier');
  return found;
}

function sameQualifier(a: string | undefined, b: string | undefined, own: readonly string[]): boolean {
  const isOwn = (one: string | undefined): boolean => one === undefined || one === '' || own.includes(one);
  return a === b || (isOwn(a) && isOwn(b));
}

const isUnspecified = (format: string | undefined): boolean =>
  format === undefined || format === '' || format === FORMAT.unspecified;

const sameFormat = (a: string | undefined, b: string | undefined): boolean =>
  a === b || isUnspecified(a) || isUnspecified(b);
