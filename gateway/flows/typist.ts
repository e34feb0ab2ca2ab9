// Who had typed what arrives after a session has ended: its cookie is still in the browser, and the ledger knows whose it was.

import { plus } from '../kernel/clock.ts';
import { sha256 } from '../kernel/random.ts';
import type { EpochMs, Identity, Token } from '../kernel/words.ts';
import type { Ledger } from '../sessions/sessions.ts';

/** A hash that stands for one person; equal for the same person only. */
export type Person = string;

/** How long after the end of the longest session a form may still be recognised as somebody's. */
const REMEMBERED_MS = 12 * 3_600_000;
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';

/** The person of an identity; undefined where the NameID is another at every sign-in, and so tells nobody apart (saml-core §8.3.8). */
export const personOf = ({ idp, nameId }: Identity): Person | undefined =>
  nameId.format === TRANSIENT ? undefined : sha256(JSON.stringify([idp, nameId.value]));

/** Notes whose cookie `token` is; outlasts the session, which may be long over when the person presses the button. */
export async function rememberTypist(
  ledger: Ledger,
  token: Token,
  person: Person | undefined,
  expiresAt: EpochMs,
): Promise<void> {
  if (person !== undefined) await ledger.keep('typist', sha256(token), person, plus(expiresAt, REMEMBERED_MS));
}

/** The person whose cookie this is or was; undefined where nobody knows. */
export async function typistOf(ledger: Ledger, token: Token | undefined, now: EpochMs): Promise<Person | undefined> {
  return token && ((await ledger.read('typist', sha256(token), now)) as Person | undefined);
}
