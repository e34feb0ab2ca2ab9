// What kind of answer a request can use: a page, a redirect, or a plain refusal that a script can read.

import type { IncomingMessage } from 'node:http';

/** Whether a person will see the answer. */
export function wantsPage({ headers }: IncomingMessage): boolean {
  const accept = headers.accept ?? '*/*';
  return accept.includes('text/html') || (accept.includes('*/*') && headers['sec-fetch-mode'] === undefined);
}

/** What a form can send its fields as (HTML, `enctype`). */
export const isFormType = (type: string | undefined): boolean =>
  /^(?:application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(?:;|$)/i.test(type ?? '');

/** Whether somebody goes there with a browser, which asks for HTML; a probe takes anything, and is told what it was told. */
export const isVisit = (request: IncomingMessage): boolean =>
  isNavigation(request) && request.method !== 'POST' && request.headers.accept?.includes('text/html') === true;

/**
 * Whether a browser is going somewhere, so that it may be sent to sign in. A script, image or event stream must never be redirected
 * to another origin: it could do nothing with what it finds there.
 */
export function isNavigation(request: IncomingMessage): boolean {
  const { headers, method } = request;
  if (headers['x-requested-with'] !== undefined || headers.upgrade !== undefined) return false;
  // Links and forms send nothing else.
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return false;
  const mode = headers['sec-fetch-mode'];
  if (mode !== undefined) return mode === 'navigate';
  return wantsPage(request) && (method !== 'POST' || isFormType(headers['content-type']));
}
