// What is around every page we make ourselves, and the headers that go with it: no script but the one whose hash is named, nothing
// loaded from anywhere, no frame unless the page must work in one.

import { createHash } from 'node:crypto';
import { html, type Html } from './html.ts';

/** A finished page. */
export interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The style of all pages, with its name in the policy. */
export interface Style {
  readonly text: string;
  readonly hash: string;
}

/** The one script there is: submits the form of the page. */
export const SUBMIT = 'document.forms[0].submit()';

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const SUBMIT_HASH = hashOf(SUBMIT);

/** Hashes it once. */
export const styled = (text: string): Style => ({ text, hash: hashOf(text) });

/** What a whole page is made of. */
export interface Content {
  readonly language: string;
  readonly dir: 'ltr' | 'rtl';
  readonly title: string;
  readonly body: Html;
  readonly style: Style;
  /** Has pictures, all of them within the page. */
  readonly hasPictures: boolean;
  /** Posts something, by itself where scripts are on or when a button is pressed; undefined posts nothing. */
  readonly posts: 'by itself' | 'when asked' | undefined;
  /** An identity provider may show it in a hidden frame during a logout, so framing is not forbidden. */
  readonly framed: boolean;
}

/** A whole page. */
export function wholePage(content: Content): Page {
  const { language, dir, title, body, style, hasPictures, posts, framed } = content;
  const byItself = posts === 'by itself';
  const policy = [
    "default-src 'none'",
    `style-src ${style.hash}`,
    ...(hasPictures ? ['img-src data:'] : []),
    ...(byItself ? [`script-src ${SUBMIT_HASH}`] : []),
    // A form goes to an identity provider or an app, and from there by redirects that nobody here knows.
    ...(posts === undefined ? ["form-action 'none'"] : []),
    "base-uri 'none'",
    ...(framed ? [] : ["frame-ancestors 'none'"]),
  ];
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>`;
  return {
    html: `<!doctype html>\n<html lang="${language}" dir="${dir}"><head>${head.text}<style>${style.text}</style></head><body>${body.text}${byItself ? `<script>${SUBMIT}</script>` : ''}</body></html>\n`,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Language': language,
      Vary: 'Accept-Language',
      'Content-Security-Policy': policy.join('; '),
      'Cache-Control': 'no-store',
      // Addresses of these pages hold tickets and SAML messages; the origin alone is what a form's receiver may need.
      'Referrer-Policy': 'strict-origin',
      'X-Content-Type-Options': 'nosniff',
    },
  };
}
