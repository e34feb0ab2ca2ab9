// What a browser posts in the place of a form that is kept: the id alone, to the address of the form itself. So the app's answer stands at the
// right address, and loading it again sends nothing twice.

import { IncomingMessage } from 'node:http';
import type { PostedForm } from '../flows/kept-forms.ts';
import { STAND_IN_FIELD } from '../pages/form-pages.ts';

const STAND_IN = new RegExp(`^${STAND_IN_FIELD}=([A-Za-z0-9_-]{43})\r\n$`);

/** Its length in bytes, always the same. */
export const STAND_IN_BYTES = STAND_IN_FIELD.length + '='.length + 43 + '\r\n'.length;

/** Whether a request may be a stand-in; its body tells. Costs a POST one comparison, as a rule. */
export const isStandIn = ({ method, headers }: IncomingMessage): boolean =>
  method === 'POST' &&
  headers['content-length'] === String(STAND_IN_BYTES) &&
  headers['content-type']?.startsWith('text/plain') === true;

/** The id of the form that is meant; undefined where the body is none of ours. */
export const standInId = (body: Buffer): string | undefined => STAND_IN.exec(body.toString('latin1'))?.[1];

/**
 * The request as it would have come with another body: everything the browser says of itself now, and the fields that belong to the body
 * from then.
 */
export function withBody(
  request: IncomingMessage,
  { contentType, referer, body }: Pick<PostedForm, 'contentType' | 'referer' | 'body'>,
): IncomingMessage {
  const { rawHeaders, method, url, httpVersion, httpVersionMajor, httpVersionMinor, socket } = request;
  const kept: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (!REPLACED.has(name.toLowerCase())) kept.push(name, value);
  }
  kept.push('Content-Type', contentType, 'Content-Length', String(body.length));
  if (referer !== undefined) kept.push('Referer', referer);
  const made = new IncomingMessage(socket);
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !REPLACED.has(name)));
  headers['content-length'] = String(body.length);
  Object.assign(made, { method, url, httpVersion, httpVersionMajor, httpVersionMinor, rawHeaders: kept, headers });
  made.complete = true;
  made.push(body);
  made.push(null);
  return made;
}

/** What says how the body is framed and coded, and where it came from. All of it was read here. */
const REPLACED = new Set(['content-type', 'content-length', 'referer', 'expect', 'transfer-encoding']);
