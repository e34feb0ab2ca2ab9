// What a browser says of itself in a request, where a redirect takes it, and what a form becomes.

import { isIP, type LookupFunction } from 'node:net';
import type { Page, Visit } from './browser.ts';
import type { Form } from './forms.ts';

const NAVIGATION_ACCEPT = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

/** Headers a browser adds by itself (Fetch metadata, Accept, Origin, Referer). */
export function ownHeaders(
  url: URL,
  method: string,
  visit: Visit,
  siteOf: (host: string) => string,
): Record<string, string> {
  const mode = visit.mode ?? 'navigate';
  const from = visit.from === undefined ? undefined : addressOf(visit.from);
  const headers: Record<string, string> = {
    'user-agent': 'Mozilla/5.0 (test browser)',
    accept: mode === 'fetch' ? '*/*' : NAVIGATION_ACCEPT,
    'accept-language': 'en',
    'sec-fetch-mode': mode === 'fetch' ? 'cors' : 'navigate',
    'sec-fetch-dest': { navigate: 'document', iframe: 'iframe', fetch: 'empty' }[mode],
    'sec-fetch-site': fetchSite(url, from, siteOf),
  };
  if (mode !== 'fetch') headers['upgrade-insecure-requests'] = '1';
  if (method !== 'GET' && method !== 'HEAD') headers['origin'] = (from ?? url).origin;
  // The usual policy, strict-origin-when-cross-origin.
  if (from) headers['referer'] = from.origin === url.origin ? from.href : `${from.origin}/`;
  return headers;
}

/** Where a redirect leads, and as what: 303 always becomes GET, 301 and 302 make a POST a GET (RFC 9110 §15.4). */
export function redirected(page: Page, visit: Visit): { readonly url: string; readonly visit: Visit } | undefined {
  const { location } = page.headers;
  if (![301, 302, 303, 307, 308].includes(page.status) || location === undefined) return undefined;
  const url = new URL(location, page.url).href;
  const becomesGet =
    (page.status === 303 && page.method !== 'HEAD') ||
    ((page.status === 301 || page.status === 302) && page.method === 'POST');
  if (!becomesGet) return { url, visit };
  const { body: _body, headers = {}, ...rest } = visit;
  const kept = Object.entries(headers).filter(([name]) => !name.toLowerCase().startsWith('content-'));
  return { url, visit: { ...rest, method: 'GET', headers: Object.fromEntries(kept) } };
}

/** The form meant: by position, by id, or by a button's label, name or value. */
export function chooseForm(forms: readonly Form[], which: string | number): Form {
  const form =
    typeof which === 'number'
      ? forms[which]
      : (forms.find(({ id }) => id === which) ?? forms.find((one) => buttonOf(one, which) !== undefined));
  if (!form) throw new Error(`no form ${which} among ${forms.length}`);
  return form;
}

/** What the form sends. */
export function filledIn(form: Form, values: Readonly<Record<string, string>>, button?: string): URLSearchParams {
  const pressed = button === undefined ? form.buttons[0] : buttonOf(form, button);
  if (button !== undefined && !pressed) throw new Error(`the form has no button ${button}`);
  const fields = [...form.fields, ...(pressed && pressed.name !== '' ? [pressed] : [])];
  const filled = fields.map(({ name, value }) => [name, Object.hasOwn(values, name) ? (values[name] ?? '') : value]);
  const added = Object.entries(values).filter(([name]) => !fields.some((field) => field.name === name));
  return new URLSearchParams([...filled, ...added]);
}

/** Fields as `enctype=text/plain` sends them (HTML, plain text form data). */
export const plainText = (fields: URLSearchParams): string =>
  [...fields].map(([name, value]) => `${name}=${value}\r\n`).join('');

export const addressOf = (from: Page | string): URL => new URL(typeof from === 'string' ? from : from.url);

/** No test may leave this machine: an address in numbers must be loopback. */
export function refuseOutside({ hostname }: URL): void {
  const bare = hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0 && bare !== '::1' && !bare.startsWith('127.'))
    throw new Error(`${hostname} is not this machine`);
}

/** Every name is this machine. */
export const toLoopback: LookupFunction = (_hostname, options, callback) => {
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

const buttonOf = ({ buttons }: Form, which: string) =>
  buttons.find(({ label, name, value }) => [label, name, value].includes(which));

function fetchSite(url: URL, from: URL | undefined, siteOf: (host: string) => string): string {
  if (!from) return 'none';
  if (from.origin === url.origin) return 'same-origin';
  return siteOf(from.hostname) === siteOf(url.hostname) ? 'same-site' : 'cross-site';
}
