// What no line of a log may hold: collected while a test runs, from whatever browsers and applications send and are sent, and looked for at its end.

import type { Recorded } from './upstream.ts';

/** One thing that nobody may read in a log. */
interface Secret {
  readonly what: string;
  readonly text: string;
}

export interface Secrets {
  add(what: string, text: string | undefined): void;
  /** What a browser sends: cookies, form, query. */
  sent(url: URL, headers: Readonly<Record<string, string>>, body: string | Buffer | undefined): void;
  /** A Set-Cookie header that came. */
  setCookie(text: string): void;
  /** What an application was sent. */
  reached(requests: readonly Recorded[]): void;
  /** What is found in a text, by kind, with the beginning of what it is; empty where nothing is. */
  foundIn(text: string): readonly string[];
}

/** Shorter values stand in every line by chance: a test that wants one found writes a longer one. */
const LEAST = 8;

/** Parameters whose values are names that lines may say. */
const OPEN_TO_ALL = new Set(['app', 'idp', 'lost', 'context', 'SigAlg', 'binding']);

/** What gives itself away wherever it came from. */
const SHAPES: readonly (readonly [what: string, shape: RegExp])[] = [
  ['a private key', /-----BEGIN|MII[A-Za-z0-9+/]{60}/],
  ['a JWT', /eyJ[\w-]{10,}\.eyJ/],
  ['a SAML message', /<(?:\w+:)?(?:Assertion|Response|LogoutRequest|LogoutResponse|AuthnRequest|NameID|Signature)[ >]/],
  ['a SAML message in base64', /PHNhbWw|PD94bWw|PFJlc3Bvb|PEF1dGhu|PExvZ291d/],
  ['a SAML parameter', /SAML(?:Request|Response|art)=/],
  ['a ticket', /ticket=/],
  ['basic credentials', /Basic [A-Za-z0-9+/]{8,}/],
  ['credentials in an address', /:\/\/[^\s/@"]*:[^\s/@"]+@/],
];

/** Nothing collected yet. */
export function collectSecrets(): Secrets {
  const secrets = new Map<string, Secret>();
  const add: Secrets['add'] = (what, text) => {
    if (text !== undefined && text.length >= LEAST) secrets.set(text, { what, text });
  };
  const fields = (what: string, text: string): void => {
    for (const [name, value] of new URLSearchParams(text)) {
      if (OPEN_TO_ALL.has(name)) continue;
      if (name === 'return') fields('the query of the address to return to', URL.parse(value)?.search ?? '');
      if (name === 'return') add('the user of the address to return to', URL.parse(value)?.password);
      if (name === 'return') continue;
      // A long value is found by its beginning, also where a line has cut it short.
      add(`${what} ${name}`, value.slice(0, 60));
      if (/pass|pw/i.test(name) && value.length >= 5) secrets.set(value, { what: `${what} ${name}`, text: value });
    }
  };
  const cookies = (what: string, text: string | undefined): void => {
    for (const pair of text?.split('; ') ?? []) add(what, pair.slice(pair.indexOf('=') + 1));
  };
  return {
    add,
    sent(url, headers, body) {
      cookies('a cookie of the browser', headers['cookie']);
      fields('the query', url.search);
      // Whom an administrator's form names is what the audit is to say.
      if (body !== undefined && url.hostname !== 'admin.localhost') fields('the form', body.toString('latin1'));
    },
    setCookie(text) {
      cookies('a cookie that was set', text.split(';', 1)[0]);
    },
    reached(requests) {
      for (const { rawHeaders, body } of requests) {
        for (let at = 0; at < rawHeaders.length; at += 2) {
          const [name = '', value] = [rawHeaders[at]?.toLowerCase(), rawHeaders[at + 1]];
          if (name === 'cookie') cookies('a cookie of the application', value);
          if (/^(?:authorization|x-curfew-assertion)$/.test(name)) add(name, value);
        }
        fields('what the application was sent:', body.toString('latin1'));
      }
    },
    foundIn(text) {
      const known = [...secrets.values()].filter((one) => text.includes(one.text) || text.includes(escaped(one.text)));
      const shaped = SHAPES.filter(([, shape]) => shape.test(text));
      return [
        ...known.map(({ what, text: secret }) => `${what}: ${secret.slice(0, 12)}…`),
        ...shaped.map(([what, shape]) => `${what}: ${around(text, shape)}`),
      ];
    },
  };
}

/** Throws where a line holds what nobody may read there; the audit alone may name people. */
export function refuseLeaks(secrets: Secrets, lines: readonly unknown[], audit: readonly unknown[]): void {
  const texts = [...lines, ...audit].map((line) => JSON.stringify(line));
  const found = texts.flatMap((text) => secrets.foundIn(text).map((secret) => `${secret} in ${text.slice(0, 400)}`));
  const named = texts.slice(0, lines.length).filter((text) => /(?:alice|bob)@example\.(?:test|org)/.test(text));
  const all = [...found, ...named.map((text) => `a NameID in ${text.slice(0, 400)}`)];
  if (all.length > 0) throw new Error(`the log holds what nobody may read there:\n${all.join('\n')}`);
}

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

const around = (text: string, shape: RegExp): string => {
  const at = text.search(shape);
  return text.slice(Math.max(0, at - 40), at + 40);
};
