// Fills in an identity provider's sign-in form as a person would, whatever it is made of.

import type { PageForm } from '../../upstream/form.ts';
import { seenPage, type Landed, type Visitor } from '../../upstream/visitor.ts';
import type { Wish } from './wish.ts';

/** Why nobody could be signed in, in words for the operator. */
export class SignInTrouble extends Error {}

const TEXTUAL = new Set(['text', 'email', 'tel']);
/** Some ask for the name first and for the password on the next page, some whether to stay signed in. */
const MOST_FORMS = 4;

/**
 * Goes on from where the gateway has sent the browser until it is back at one of `ours`. The password is given once, and to nobody who would
 * get it in clear over a network. Throws SignInTrouble.
 */
export async function signInAtIdp(
  visitor: Visitor,
  landed: Landed,
  wish: Pick<Wish, 'user' | 'password' | 'fields'>,
  ours: ReadonlySet<string>,
): Promise<Landed> {
  let hasGiven = false;
  let page = landed;
  for (let forms = 0; !ours.has(page.url.origin); forms += 1) {
    const where = `${page.url.origin}${page.url.pathname}`;
    const found = forms < MOST_FORMS ? fieldsOf(page, wish) : undefined;
    if (found === undefined) {
      throw new SignInTrouble(
        `the identity provider's page at ${where} (status ${page.status}) has no sign-in form that can be filled in without a script; name its fields with --user-field and --password-field, or choose a test account that is asked for a password only`,
      );
    }
    if (found.values.has(found.password ?? '')) {
      if (hasGiven) throw new SignInTrouble(`${where} asks for the password again: is it right?`);
      hasGiven = true;
    }
    const wanted = visitor.filled(page, found.form, found.values);
    if (wanted === undefined || !(isSafe(wanted.url) && isSafe(page.url))) {
      throw new SignInTrouble(
        `the form at ${where} would send the password in clear; the drill does that on this machine only`,
      );
    }
    page = await visitor.go(wanted);
  }
  return page;
}

interface Found {
  readonly form: PageForm;
  readonly values: ReadonlyMap<string, string>;
  readonly password: string | undefined;
}

/** The form with one password field, or else the one that asks for nothing but a name. */
function fieldsOf(
  page: Landed,
  { user, password, fields }: Pick<Wish, 'user' | 'password' | 'fields'>,
): Found | undefined {
  const candidates = seenPage(page).forms.map((form) => {
    const types = [...form.types];
    const secrets = types.filter(([name, type]) =>
      fields.password === undefined ? type === 'password' : name === fields.password,
    );
    const names = types.filter(([name, type]) =>
      fields.user === undefined ? TEXTUAL.has(type) : name === fields.user,
    );
    return { form, secrets: secrets.map(([name]) => name), names: names.map(([name]) => name) };
  });
  const whole = candidates.find(({ secrets }) => secrets.length === 1);
  const chosen = whole ?? candidates.find(({ secrets, names }) => secrets.length === 0 && names.length === 1);
  if (chosen === undefined) return undefined;
  const [secret] = chosen.secrets;
  const [name] = chosen.names;
  const values = new Map<string, string>();
  if (name !== undefined) values.set(name, user);
  if (secret !== undefined) values.set(secret, password);
  return { form: chosen.form, values, password: secret };
}

const isSafe = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' ||
  hostname === 'localhost' ||
  hostname.endsWith('.localhost') ||
  /^127\.|^\[::1\]$/.test(hostname);
