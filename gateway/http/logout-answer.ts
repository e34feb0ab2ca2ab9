// How a LogoutRequest is answered, carried out or not: SOAP on its own connection, a server that posted a form on that connection as
// well, a browser by a message that it carries on (profiles §4.4.3).

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
  doors: Pick<Doors, 'serviceProvider' | 'clock' | 'pages' | 'table'>,
  ctx: Context,
  request: Omit<Answerable, 'fromServer'>,
  status: LogoutStatus,
): boolean {
  const isForm = request.binding === 'post';
  const isKnown = isForm && showsCertificate(ctx.req);
  const fromServer = isKnown || (isForm && !asksForPage(ctx.req));
  const answer = doors.serviceProvider.answer({ ...request, fromServer }, status, doors.clock.now());
  if (answer === undefined) return false;
  if (answer.binding === 'soap') sendSoap(ctx, 200, answer.body);
  else if (answer.binding === 'post' && fromServer && (isKnown || !mayBePage(status, answer)))
    sendBare(ctx, answer.fields['SAMLResponse'] ?? '');
  else sendMessage(doors, ctx, answer);
  return true;
}

/** Whoever shows a client certificate is a server, whatever it asks for: Java's own client asks for HTML. */
const showsCertificate = ({ socket }: IncomingMessage): boolean => 'authorized' in socket && socket.authorized === true;

/** Every browser asks for HTML when it submits a form; WSO2, Keycloak and authentik do not. */
const asksForPage = ({ headers }: IncomingMessage): boolean =>
  headers['sec-fetch-mode'] !== undefined || headers.accept?.includes('text/html') === true;

/**
 * WSO2 takes a page for Success, whatever is in it, and reads the bare message (P1); so a page may say Success and nothing else. It
 * also serves a browser that did not say it is one, and brings RelayState back.
 */
const mayBePage = (status: LogoutStatus, { url }: { readonly url: string }): boolean =>
  status === 'success' && url !== '';

/** The base64 of a LogoutResponse and nothing beside it. */
function sendBare(ctx: Context, message: string): void {
  ctx.status = 200;
  ctx.set('Content-Type', 'text/plain; charset=utf-8');
  ctx.set('Cache-Control', 'no-store');
  ctx.body = message;
}
