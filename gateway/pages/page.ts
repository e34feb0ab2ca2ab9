// The one look of every page we make ourselves, and the headers that go with it: no script but the one whose hash is named, no
// frame unless the page must work in one.

import { createHash } from 'node:crypto';

/** A finished page. */
export interface Page {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A piece of HTML that is safe to put into another. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | readonly Html[] | undefined;

/** HTML from a template; every interpolated text is escaped for element and attribute position alike. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(texts.reduce((before, text, at) => before + rendered(parts[at - 1]) + text));
}

function rendered(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(({ text }) => text).join('');
  return String(part).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

const STYLE = `:root{color-scheme:light dark;--ink:#1c2430;--soft:#5a6677;--paper:#f4f5f7;--card:#fff;--line:#d9dee5;--accent:#2d5bd0}
@media (prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa7b8;--paper:#12161c;--card:#1b2129;--line:#303945;--accent:#8fb0ff}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,sans-serif}
main{width:100%;max-width:34rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:2rem}
h1{margin:0 0 .75rem;font-size:1.4rem;line-height:1.25}p{margin:.75rem 0}a{color:var(--accent)}
.action{display:inline-block;margin-top:.5rem;padding:.6rem 1.1rem;border:0;border-radius:.5rem;background:var(--accent);color:var(--card);font:inherit;font-weight:600;text-decoration:none;cursor:pointer}
.action:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:3px}
ul.choices{list-style:none;margin:1.25rem 0 0;padding:0;display:grid;gap:.6rem}.choices a{display:flex;justify-content:space-between;gap:1rem;padding:.75rem 1rem;border:1px solid var(--line);border-radius:.5rem;color:var(--ink);font-weight:600;text-decoration:none;overflow-wrap:anywhere}.choices a:hover{border-color:var(--accent)}.choices small{color:var(--soft);font-weight:400;white-space:nowrap}
dl{display:grid;grid-template-columns:auto 1fr;gap:.2rem 1rem;margin:1.5rem 0 0;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.875rem}
dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere;font-family:ui-monospace,monospace}`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const STYLE_HASH = hashOf(STYLE);

/**
 * A whole page. `script` is the only script that may run in it. `framed`: an identity provider may show it in a hidden
 * frame during a logout, so framing is not forbidden.
 */
export function page(content: {
  readonly title: string;
  readonly body: Html;
  readonly script?: string | undefined;
  readonly framed?: boolean;
}): Page {
  const { title, body, script, framed = false } = content;
  const policy = [
    "default-src 'none'",
    `style-src ${STYLE_HASH}`,
    ...(script === undefined ? [] : [`script-src ${hashOf(script)}`]),
    "base-uri 'none'",
    ...(framed ? [] : ["frame-ancestors 'none'"]),
  ];
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>`;
  return {
    html: `<!doctype html>\n<html lang="en"><head>${head.text}<style>${STYLE}</style></head><body><main>${body.text}</main>${script === undefined ? '' : `<script>${script}</script>`}</body></html>\n`,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy.join('; '),
      'Cache-Control': 'no-store',
      // Addresses of these pages hold tickets and SAML messages; the origin alone is what a form's receiver may need.
      'Referrer-Policy': 'strict-origin',
      'X-Content-Type-Options': 'nosniff',
    },
  };
}
