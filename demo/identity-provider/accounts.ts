// The people this identity provider knows, and the names it gives them.

import { createHash } from 'node:crypto';
import { sameSecret } from '../../gateway/kernel/random.ts';
import type { Attributes } from '../../gateway/kernel/words.ts';
import type { NameIdFields } from './messages.ts';
import { FORMAT } from './names.ts';

export interface Account {
  readonly username: string;
  /** In the clear: these are people of a demonstration. */
  readonly password: string;
  readonly email: string;
  readonly attributes: Attributes;
}

/** `persistent`: an opaque name that differs for each service provider (saml-core §8.3.7). */
export type NameIdKind = 'emailAddress' | 'persistent';

/** alice (staff, admins) and bob (staff). */
export const DEMO_ACCOUNTS: readonly Account[] = [
  account('alice', 'alicepw', 'Alice Möller', ['staff', 'admins']),
  account('bob', 'bobpw', 'Bob Okafor', ['staff']),
];

/** An account with the attributes the demonstration uses: groups, displayName and mail. */
export function account(username: string, password: string, displayName: string, groups: readonly string[]): Account {
  const email = `${username}@example.test`;
  const attributes = new Map<string, readonly string[]>([
    ['groups', groups],
    ['displayName', [displayName]],
    ['mail', [email]],
  ]);
  return { username, password, email, attributes };
}

/** The account whose name and password these are. */
export const authenticate = (accounts: readonly Account[], username: string, password: string): Account | undefined =>
  accounts.find((one) => one.username === username && sameSecret(one.password, password));

/** What `sp` is told the person is called; the same each time, also after a restart. */
export function nameIdOf(person: Account, kind: NameIdKind, idp: string, sp: string): NameIdFields & { value: string } {
  if (kind === 'emailAddress') return { value: person.email, format: FORMAT.emailAddress };
  const value = createHash('sha256').update(`${idp}!${sp}!${person.username}`).digest('base64url');
  return { value, format: FORMAT.persistent, nameQualifier: idp, spNameQualifier: sp };
}
