// A SAML message keeps its place from before its body is read until it is judged.

import type { Context } from 'koa';
import { MAX_BODY_BYTES } from '../saml/bindings/receive.ts';
import type { Doors, State } from './doors.ts';
import type { Kind } from './lanes.ts';
import type { Place } from './turns.ts';

/** Does `work` with room taken for the body of the request. Throws MESSAGES_TOO_MANY where there is none. */
export async function inPlace(
  { enter }: Pick<Doors, 'enter'>,
  { req, method, state }: Context & { readonly state: State },
  work: (place: Place) => Promise<void>,
): Promise<void> {
  const announced = Number(req.headers['content-length'] ?? (method === 'POST' ? MAX_BODY_BYTES : 0));
  const bytes = Math.min(announced, MAX_BODY_BYTES) || 0;
  const place = enter(state.seen.client.address, bytes, (error) => void req.destroy(error));
  try {
    await work(place);
  } finally {
    place.judged(false);
  }
}

/**
 * What a message says it is, before anything of it is read. Only what can be nothing dearer counts as a LogoutRequest: SOAP, and what begins with its
 * field; beside that field no Response is taken.
 */
export const kindOf = (raw: Buffer | string): Kind =>
  /^(?:SAMLRequest=|[\s\u00ef\u00bb\u00bf]*<)/.test(
    typeof raw === 'string' ? raw.slice(0, 64) : raw.toString('latin1', 0, 64),
  )
    ? 'logout'
    : 'other';
