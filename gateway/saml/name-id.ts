// When two NameIDs mean the same person (saml-core §3.3.4, "strongly matches"; §8.3.7 for what an absent qualifier means).

import type { NameId } from '../kernel/words.ts';
import { FORMAT } from './names.ts';

/** What an absent qualifier stands for. */
export interface QualifierDefaults {
  readonly idpEntityId: string;
  readonly spEntityId: string;
}

/**
 * Whether a LogoutRequest's NameID names the person of a session. Values must be equal but for surrounding white space. An unspecified or absent
 * Format fits every Format, because identity providers leave it out on one side only; an absent qualifier stands for its default. What is empty is absent:
 * no string of SAML's has nothing in it (saml-core §1.3.1, §1.3.2), and libraries write attributes that they have no value for.
 */
export function sameNameId(a: NameId, b: NameId, defaults: QualifierDefaults): boolean {
  return (
    a.value.trim() === b.value.trim() &&
    sameFormat(a.format, b.format) &&
    orDefault(a.nameQualifier, defaults.idpEntityId) === orDefault(b.nameQualifier, defaults.idpEntityId) &&
    orDefault(a.spNameQualifier, defaults.spEntityId) === orDefault(b.spNameQualifier, defaults.spEntityId)
  );
}

const orDefault = (qualifier: string | undefined, instead: string): string =>
  qualifier === undefined || qualifier === '' ? instead : qualifier;

const isUnspecified = (format: string | undefined): boolean =>
  format === undefined || format === '' || format === FORMAT.unspecified;

const sameFormat = (a: string | undefined, b: string | undefined): boolean =>
  a === b || isUnspecified(a) || isUnspecified(b);
