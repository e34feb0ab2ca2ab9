// What a browser posts in the place of a form that is kept: its id, and whose page that was, to the address of the form itself. So the app's
// answer stands at the right address, and loading it again sends nothing twice.

import { IncomingMessage } from 'node:http';
import type { PostedForm } from '../flows/kept-forms.ts';
import { sha256 } from '../kernel/random.ts';
import type { SessionId } from '../kernel/words.ts';
import { STAND_IN_FIELD } from '../pages/form-pages.ts';

const STAND_IN = new RegExp(`^${STAND_IN_FIELD}=([A-Za-z0-9_-]{43})\\.([A-Za-z0-9_-]{43})\r\n$`);

/** Its length in bytes, always the same. */
export const STAND_IN_BYTES = STAND_IN_FIELD.length + '='.length + 43 + '.'.length + 43 + '\r\n'.length;

/** What a stand-in says. */
export interface StandIn {
  /** The form that is meant. */
  readonly id: string;
  /** The session that was shown the page, as a hash: nobody else's press sends the form. */
  readonly shownTo: string;
}

/** Whether a request may be a stand-in; its body tells. Costs a POST one comparison, as a rule. */
export const isStandIn = ({ method, headers }: IncomingMessage): boolean =>
  method === 'POST' &&
  headers['content-length'] === String(STAND_IN_BYTES) &&
  headers['content-type']?.startsWith('text/plain') === true;

/** Reads a body; undefined where it is none of ours. */
export function standInOf(body: Buffer): StandIn | undefined {
  const [, id, shownTo] = STAND_IN.exec(body.toString('latin1')) ?? [];
  return id === undefined || shownTo === undefined ? undefined : { id, shownTo };
}

/** The session that is shown a form's page, as its stand-in says it. */
export const shownTo = (id: string, session: SessionId): string => sha256(`${id} ${session}`);

/** What the page for a form has the browser post. */
export const standInValue = (id: string, session: SessionId): string => `${id}.${shownTo(id, session)}`;

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
