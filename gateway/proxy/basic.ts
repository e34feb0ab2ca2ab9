// HTTP Basic for an app that knows no other sign-in: its own name and password for the person, which no browser ever sees (RFC 7617).

import { credentialsOf, fillIn, onlyValue, parseTemplate, type People } from '../kernel/template.ts';
import type { Identity } from '../kernel/words.ts';
import { proxyError } from './codes.ts';

/** `identity.basic` of an app: two templates. */
export interface BasicSettings {
  readonly username: string;
  readonly password: string;
}

/** The field's value, or which of the two is not known of this person. */
export type Authorization = { readonly value: string } | { readonly missing: keyof BasicSettings };

/**
 * Makes the function that gives a person's `Authorization`, in UTF-8. An attribute must have exactly one value: as whom somebody signs
 * in is no matter of choice. What it returns throws `IDENTITY_UNSENDABLE` for a colon in the user name, which would make the rest of it
 * part of the password, for control characters (RFC 7617 §2), and for white space at the ends of the name.
 */
export function compileBasic(settings: BasicSettings, people: People) {
  const username = parseTemplate(settings.username, 'with credentials').parts;
  const password = parseTemplate(settings.password, 'with credentials').parts;
  return (identity: Identity): Authorization => {
    const only = onlyValue(identity, credentialsOf(people, identity));
    const name = fillIn(username, only);
    const secret = fillIn(password, only);
    // Without a name it would be whoever the app takes for nobody.
    if (name === undefined || name === '') return { missing: 'username' };
    if (secret === undefined) return { missing: 'password' };
    const isSendable = !name.includes(':') && name.trim() === name && !CONTROL.test(name) && !CONTROL.test(secret);
    if (!isSendable) throw proxyError('IDENTITY_UNSENDABLE', { detail: { header: 'Authorization' } });
    return { value: `Basic ${Buffer.from(`${name}:${secret}`, 'utf8').toString('base64')}` };
  };
}

/** C0, DEL, C1. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
