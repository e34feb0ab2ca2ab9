// What a signed-in person was shown is nobody else's: shared caches keep none of it unless the app says so itself, and browsers keep no
// page. A sign-out by the back channel meets no browser, so the answer must have said it beforehand.

import type { IncomingMessage } from 'node:http';
import type { HeaderRules } from './header-rules.ts';
import type { Passage } from './upstream.ts';

/**
 * Adds to Cache-Control, in a flat list, what the app has not said: `no-store` for pages, because it alone keeps a browser from showing
 * them by Back; `private` for everything else, so that pictures, scripts and styles stay as fast as the app made them (RFC 9111
 * §5.2.2.5, §5.2.2.7). Nothing the app says is taken away. Answers to people without a session are not touched.
 */
export function keepFromCaches(
  headers: string[],
  { connection }: Passage,
  { keepsPages }: HeaderRules,
  request: IncomingMessage | undefined,
): void {
  if (connection === undefined) return;
  let said = '';
  let at = -1;
  let contentType = '';
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const written = headers[index] as string;
    // Looked at by length first: this runs for every answer.
    if (written.length !== CACHE_CONTROL.length && written.length !== CONTENT_TYPE.length) continue;
    const name = written.toLowerCase();
    if (name === CACHE_CONTROL) {
      said += `,${headers[index + 1]}`;
      at = index + 1;
    } else if (name === CONTENT_TYPE) contentType = headers[index + 1] as string;
  }
  const directive = missing(said.toLowerCase(), !keepsPages && isPage(contentType, request));
  if (directive === undefined) return;
  if (at < 0) headers.push('Cache-Control', directive);
  else headers[at] = `${headers[at]}, ${directive}`;
}

const CACHE_CONTROL = 'cache-control';
const CONTENT_TYPE = 'content-type';

function missing(said: string, isPage: boolean): 'no-store' | 'private' | undefined {
  if (said === '') return isPage ? 'no-store' : 'private';
  // In `no-cache="private"` it is the name of a field.
  const plain = said.includes('"') ? said.replace(/"[^"]*"/g, '""') : said;
  if (NO_STORE.test(plain)) return undefined;
  if (isPage) return 'no-store';
  return PRIVATE_OR_SHARED.test(plain) ? undefined : 'private';
}

const NO_STORE = /,\s*no-store\s*(?:,|$)/;
/** RFC 9111 §5.2.2.7, §5.2.2.9, §5.2.2.10. */
const PRIVATE_OR_SHARED = /,\s*(?:(?:private|public)\s*(?:,|$)|s-maxage\s*=)/;

/**
 * Whether a person will find the answer in the history of a tab. HTML counts however it was asked for: scripts fetch pages ahead into
 * the cache that Back reads from. Browsers leave Sec-Fetch-Dest out where the gateway is reached by http.
 */
function isPage(contentType: string, request: IncomingMessage | undefined): boolean {
  if (/^\s*(?:text\/html|application\/xhtml\+xml)/i.test(contentType)) return true;
  if (request === undefined) return false;
  const destination = request.headers['sec-fetch-dest'];
  if (typeof destination === 'string') return DOCUMENTS.has(destination);
  return request.headers.accept?.includes('text/html') === true;
}

/** What fills a tab or a frame (Fetch §2.2.5). */
const DOCUMENTS: ReadonlySet<string> = new Set(['document', 'iframe', 'frame', 'embed', 'object', 'fencedframe']);
