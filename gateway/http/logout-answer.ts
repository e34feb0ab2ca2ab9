// How a LogoutRequest is answered, carried out or not: SOAP on its own connection, a server that posted a form by the bare message on
// that connection, a browser by a message that it carries on (profiles §4.4.3).

import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import type { LogoutStatus } from '../saml/ours/messages.ts';
import type { Answerable } from '../saml/service-provider.ts';
import type { Doors } from './doors.ts';
import { sendMessage } from './send-on.ts';
import { sendSoap } from './soap.ts';

/**
 * Sends the LogoutResponse; false, and nothing is sent, where a browser would have to carry it to an address that the identity provider does not
 * name. Never 204 and never without a body: WSO2 would not take that for an answer.
 */
export function answerLogout(
  doors: Pick<Doors, 'serviceProvider' | 'clock'>,
  ctx: Context,
  request: Omit<Answerable, 'fromServer'>,
  status: LogoutStatus,
): boolean {
  const fromServer = request.binding === 'post' && isServer(ctx.req);
  const answer = doors.serviceProvider.answer({ ...request, fromServer }, status, doors.clock.now());
  if (answer === undefined) return false;
  if (answer.binding === 'soap') sendSoap(ctx, 200, answer.body);
  else if (answer.binding === 'post' && fromServer) sendBare(ctx, answer.fields['SAMLResponse'] ?? '');
  else sendMessage(ctx, answer);
  return true;
}

/**
 * Whether a server posted the form: every browser asks for HTML when it submits one. WSO2 takes a page for Success, whatever is in it, and reads
 * the bare message (P1); Keycloak and authentik look at the status only. Whoever shows a client certificate is one: Java's own client asks for HTML.
 */
const isServer = ({ headers, socket }: IncomingMessage): boolean =>
  ('authorized' in socket && socket.authorized === true) ||
  (headers['sec-fetch-mode'] === undefined && headers.accept?.includes('text/html') !== true);

/** The base64 of a LogoutResponse and nothing beside it. */
function sendBare(ctx: Context, message: string): void {
  ctx.status = 200;
  ctx.set('Content-Type', 'text/plain; charset=utf-8');
  ctx.set('Cache-Control', 'no-store');
  ctx.body = message;
}
