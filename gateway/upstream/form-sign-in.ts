// Signs a person in to an app by the app's own form, as they would do it.

import { fillIn, onlyValue, parseTemplate, type Credentials } from '../kernel/template.ts';
import type { Identity } from '../kernel/words.ts';
import type { Answered, AppClient, Unanswered } from './client.ts';
import type { CallFailure } from './exchange.ts';
import type { Field, PageForm } from './form.ts';
import { namedBy } from './names.ts';
import { fetchPage, pageOf, type FetchedPage } from './page-call.ts';
import type { FormSignInSettings, SignedInWhen } from './settings.ts';
import { submission } from './submission.ts';

/** What came of filling in the app's form; anything but `signed-in` leaves the person to do it. */
export type SignInOutcome =
  | { readonly kind: 'signed-in' }
  /** The app took the form and did not sign in: a wrong password looks like that. */
  | { readonly kind: 'not-signed-in'; readonly status: number }
  /** The page has the form, without this field. */
  | { readonly kind: 'failed'; readonly reason: 'no-such-field'; readonly field: string }
  | {
      readonly kind: 'failed';
      /** `no-such-form`: also where the page shows none, because somebody is signed in already. */
      readonly reason: CallFailure | 'no-such-form' | 'leads-outside' | 'unexpected';
      /** Of the page, where there was one. */
      readonly status?: number | undefined;
    };

const DEADLINE_MS = 10_000;

/**
 * Signs in with these values. Hidden fields and tokens of the page go with them, and the button that the Enter key presses.
 * Never rejects, and is over after 10 seconds, or when `stop` aborts. Values go to the app and nowhere else.
 */
export async function signInByForm(
  settings: FormSignInSettings,
  values: ReadonlyMap<string, string>,
  client: AppClient,
  stop?: AbortSignal,
): Promise<SignInOutcome> {
  const late = AbortSignal.timeout(DEADLINE_MS);
  try {
    return await signedIn(settings, values, client, stop === undefined ? late : AbortSignal.any([late, stop]));
  } catch {
    return { kind: 'failed', reason: 'unexpected' };
  }
}

/** The values of the fields for a person; `missing` names the first field for which something is not known. */
export function fieldValues(
  { fields }: Pick<FormSignInSettings, 'fields'>,
  identity: Identity,
  credentials: Credentials | undefined,
): { readonly values: ReadonlyMap<string, string> } | { readonly missing: string } {
  const values = new Map<string, string>();
  for (const { name, template } of fields) {
    const value = fillIn(parseTemplate(template, 'with credentials').parts, onlyValue(identity, credentials));
    if (value === undefined) return { missing: name };
    values.set(name, value);
  }
  return { values };
}

async function signedIn(
  settings: FormSignInSettings,
  values: ReadonlyMap<string, string>,
  client: AppClient,
  signal: AbortSignal,
): Promise<SignInOutcome> {
  const page = await fetchPage(client, settings.page, signal);
  if ('kind' in page) return unanswered(page);
  const form = formFor(page, settings.form, [...values.keys()]);
  if ('reason' in form) return form;
  const call = submission(form, filledIn(form, values), form.buttons[0], page);
  if (call === undefined) return { kind: 'failed', reason: 'leads-outside' };
  const before = cookiesNow(client);
  const answer = await client.send(call, signal);
  if (answer.kind === 'failed') return unanswered(answer);
  if (isSignedIn(settings.signedInWhen, answer, client, before)) return { kind: 'signed-in' };
  return { kind: 'not-signed-in', status: answer.statuses.at(-1) ?? 0 };
}

const unanswered = ({ reason, statuses }: Unanswered): SignInOutcome => ({
  kind: 'failed',
  reason,
  status: statuses.at(-1),
});

/** The first form with all the fields; where there is none, what is missing in the one that has most of them. */
function formFor(
  { forms, status }: FetchedPage,
  text: string | undefined,
  wanted: readonly string[],
): PageForm | Extract<SignInOutcome, { kind: 'failed' }> {
  const lacking = ({ names }: PageForm): string[] => wanted.filter((name) => !names.has(name));
  const [best] = forms
    .filter(
      (form) =>
        text === undefined ||
        [...form.marks, form.words, ...form.buttons.flatMap(({ marks }) => marks)].some((mark) => mark.includes(text)),
    )
    .toSorted((a, b) => lacking(a).length - lacking(b).length);
  const field = best && lacking(best)[0];
  if (best === undefined || lacking(best).length === wanted.length)
    return { kind: 'failed', reason: 'no-such-form', status };
  return field === undefined ? best : { kind: 'failed', reason: 'no-such-field', field };
}

function filledIn({ fields }: PageForm, values: ReadonlyMap<string, string>): Field[] {
  const others = fields.filter(({ name }) => !values.has(name));
  return [...others, ...[...values].map(([name, value]) => ({ name, value }))];
}

/** Cookies with their values: what counts is that the answer to the form set one, not that one is there. */
const cookiesNow = ({ jar, clock }: AppClient): ReadonlySet<string> =>
  new Set(jar.cookies(clock.now()).map(({ name, value }) => `${name}=${value}`));

function isSignedIn(when: SignedInWhen, answer: Answered, client: AppClient, before: ReadonlySet<string>): boolean {
  if (when.kind === 'status') return answer.statuses.at(-1) === when.status;
  if (when.kind === 'text') return pageOf(client, answer).text.includes(when.text);
  const isNamed = namedBy([when.cookie]);
  return [...cookiesNow(client)].some((cookie) => !before.has(cookie) && isNamed(cookie.slice(0, cookie.indexOf('='))));
}
