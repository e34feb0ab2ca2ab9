// All that an app is told about a person, worked out once per session and not for every request.

import type { Log } from '../kernel/log.ts';
import { plus } from '../kernel/clock.ts';
import type { People } from '../kernel/template.ts';
import type { EpochMs, Told } from '../kernel/words.ts';
import { compileBasic, type BasicSettings } from './basic.ts';
import { compileIdentityHeaders } from './identity.ts';
import { compileJwt, type JwtSettings, type JwtSigner, type Person } from './jwt.ts';
import type { IdentityHeader } from './identity-faults.ts';

/** `identity` of an app, and what belongs to it. */
export interface PersonSettings {
  readonly app: string;
  readonly headers: readonly IdentityHeader[];
  readonly basic?: BasicSettings | undefined;
  readonly jwt?: JwtSettings | undefined;
  readonly people: People;
  /** Our public address: who says what stands in a JWT. */
  readonly issuer: string;
  readonly signer: JwtSigner;
  readonly log: Log;
}

/** A flat list name, value, name, value. The same session is given the same list until a JWT in it has lived half its life. */
export type PersonHeaders = (person: Person, now: EpochMs) => readonly string[];

/** Every header a person may be told by: forgeries of these are removed (P11), for requests without a session as well. */
export const headerNames = ({ headers, basic, jwt }: Pick<PersonSettings, 'headers' | 'basic' | 'jwt'>): string[] => [
  ...headers.map(({ name }) => name),
  ...(basic === undefined ? [] : ['Authorization']),
  ...(jwt === undefined ? [] : [jwt.header]),
];

/**
 * Makes the function. What it remembers hangs on the session as this process knows it, and goes with it: no list to bound, none to
 * forget. It throws what `compileIdentityHeaders` and `compileBasic` throw.
 */
export function compilePersonHeaders(settings: PersonSettings): PersonHeaders {
  const { app, jwt, log } = settings;
  const named = compileIdentityHeaders(new Map(settings.headers.map(({ name, template }) => [name, template])));
  const basic = settings.basic && compileBasic(settings.basic, settings.people);
  const token = jwt && compileJwt(jwt, { issuer: settings.issuer, audience: app, signer: settings.signer });
  function tell(person: Person, now: EpochMs): readonly string[] {
    const headers = [...named(person.identity)];
    const authorization = basic?.(person.identity);
    if (authorization !== undefined && 'value' in authorization) headers.push('Authorization', authorization.value);
    else if (authorization !== undefined) {
      // The app answers as it answers strangers; only here can it be seen why.
      log.warn('identity-basic-missing', { app, session: person.id, reason: `no ${authorization.missing} known` });
    }
    if (jwt !== undefined && token !== undefined) {
      const scheme = jwt.header.toLowerCase() === 'authorization' ? 'Bearer ' : '';
      headers.push(jwt.header, scheme + token(person, now));
    }
    return headers;
  }

  return (person, now) => {
    for (let told = person.told; told !== undefined; told = told.next) {
      if (told.by === settings && isGood(told, now)) return told.headers;
    }
    const headers = tell(person, now);
    const good = jwt && { from: now, until: plus(now, jwt.lifetimeMs / 2) };
    person.told = { app, by: settings, headers, good, next: without(person.told, app) };
    return headers;
  };
}

/** A clock that was put back makes words from the future, which no app believes. */
const isGood = ({ good }: Told, now: EpochMs): boolean => good === undefined || (now >= good.from && now < good.until);

/** What the others are told: nothing of an app stays beside what it is told now. */
const without = (told: Told | undefined, app: string): Told | undefined =>
  told && (told.app === app ? told.next : { ...told, next: without(told.next, app) });
