// What a browser sends when a form is submitted (HTML, "form submission algorithm").

import { encodeText } from './charset.ts';
import type { Call } from './client.ts';
import type { Button, Field, PageForm } from './form.ts';
import { randomText } from '../kernel/random.ts';
import { addressInside, type AppPlace } from './place.ts';

/** Where a form stands. */
export interface FormPlace {
  readonly place: AppPlace;
  /** The page's address. */
  readonly page: URL;
  /** What the page's addresses are relative to. */
  readonly base: URL;
  readonly encoding: string;
}

/** The call that submitting the form with these fields makes; undefined where it would leave the app. */
export function submission(
  form: PageForm,
  fields: readonly Field[],
  button: Button | undefined,
  { place, page, base, encoding }: FormPlace,
): Call | undefined {
  const action = button?.action ?? form.action;
  const url = addressInside(place, action === '' ? page.href : action, action === '' ? page : base);
  if (url === undefined) return undefined;
  const entries = [...fields, ...(button?.fields ?? [])];
  if ((button?.method ?? form.method) !== 'post') {
    url.search = urlEncoded(entries, encoding);
    return { method: 'GET', url, from: page };
  }
  const body =
    form.enctype === 'multipart/form-data' ? multipart(entries, encoding) : urlEncodedBody(entries, encoding);
  return { method: 'POST', url, body, from: page };
}

function urlEncodedBody(entries: readonly Field[], encoding: string): Call['body'] {
  return { type: 'application/x-www-form-urlencoded', bytes: Buffer.from(urlEncoded(entries, encoding)) };
}

function urlEncoded(entries: readonly Field[], encoding: string): string {
  const escaped = (text: string): string =>
    Array.from(encodeText(crlf(text), encoding), (byte) => {
      if (byte === 0x20) return '+';
      const character = String.fromCharCode(byte);
      return /[*\-.0-9A-Z_a-z]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    }).join('');
  return entries.map(({ name, value }) => `${escaped(name)}=${escaped(value)}`).join('&');
}

function multipart(entries: readonly Field[], encoding: string): Call['body'] {
  // Longer than anything it could meet by chance, and not for others to know.
  const boundary = `curfew-${randomText(144)}`;
  const quoted = (name: string): string => crlf(name).replaceAll('\r\n', '%0D%0A').replaceAll('"', '%22');
  const parts = entries.map(({ name, value }) =>
    Buffer.concat([
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="`),
      encodeText(quoted(name), encoding),
      Buffer.from('"\r\n\r\n'),
      encodeText(crlf(value), encoding),
      Buffer.from('\r\n'),
    ]),
  );
  const bytes = Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]);
  return { type: `multipart/form-data; boundary=${boundary}`, bytes };
}

/** Line breaks in a form are CRLF, whatever they were. */
const crlf = (text: string): string => text.replace(/\r\n?|\n/g, '\r\n');
