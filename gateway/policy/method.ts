// Every method that an application could read in a request. Frameworks take another one from a header or a parameter, so a rule about
// methods is judged on each.

import { METHODS, type IncomingHttpHeaders } from 'node:http';

/** The method itself where there is no other. */
export type Methods = string | readonly string[];

/** As Rails, Laravel, Symfony, Express, Spring and OData know them. */
const NAMES: ReadonlySet<string> = new Set(['x-http-method-override', 'x-http-method', 'x-method-override']);
const PARAMETERS: ReadonlySet<string> = new Set([
  '_method',
  ...[...NAMES].flatMap((name) => [name, name.replaceAll('-', '_')]),
]);
const LENGTHS: ReadonlySet<number> = new Set([...NAMES].map(({ length }) => length));
const KNOWN: ReadonlySet<string> = new Set(METHODS);

/** The method of a request, with those that its headers and its query name. What a body names is not known here: bodies are streamed. */
export function methodsOf(method: string, headers: IncomingHttpHeaders, target: string): Methods {
  let named: string[] | undefined;
  for (const name in headers) {
    // Looked at by length first: this runs for every request.
    if (!LENGTHS.has(name.length) || !NAMES.has(name.replace(ODD, '-'))) continue;
    (named ??= []).push(...String(headers[name]).split(','));
  }
  const query = target.indexOf('?');
  if (query >= 0 && /method|%/i.test(target)) {
    for (const [name, value] of new URLSearchParams(target.slice(query + 1)))
      if (PARAMETERS.has(name.toLowerCase())) (named ??= []).push(value);
  }
  if (named === undefined) return method;
  const others = named.map((text) => text.trim().toUpperCase()).filter((text) => KNOWN.has(text));
  return [...new Set([method, ...others])];
}

/** What CGI cannot tell from `-` (RFC 3875 §4.1.18), one by one: `x_http-method_override` is one of them too. */
const ODD = /[^a-z0-9]/g;
