// SOAP's way of answering (bindings §3.2.3.3).

import type { Context } from 'koa';
import type { Refusal } from '../saml/guard/guard.ts';
import { envelope } from '../saml/ours/outgoing.ts';
import type { Doors } from './doors.ts';

const MALFORMED = new Set(['SAML_SOAP', 'SAML_NOT_XML', 'SAML_ENCODING', 'SAML_FORBIDDEN_MARKUP', 'SAML_TOO_COMPLEX']);

/** A SOAP body with the headers that forbid caching (bindings §3.2.3.2). */
export function sendSoap(ctx: Context, status: number, body: string): void {
  ctx.status = status;
  ctx.set('Content-Type', 'text/xml; charset=utf-8');
  ctx.set('Cache-Control', 'no-cache, no-store, must-revalidate, private');
  ctx.set('Pragma', 'no-cache');
  ctx.body = body;
}

/**
 * Malformed: 500 and a Fault. Signed by a trusted key, but not to be carried out: 200 and a LogoutResponse that says so. Anybody else: 403, and
 * nothing to learn from it.
 */
export function answerSoapRefusal(
  doors: Pick<Doors, 'log' | 'serviceProvider' | 'clock'>,
  ctx: Context,
  refusal: Refusal,
): void {
  const { error, signedBy, messageId } = refusal;
  doors.log.info('soap-refused', { code: error.code, ...error.detail });
  ctx.set('X-Curfew', error.code);
  const request =
    signedBy && messageId
      ? ({ id: messageId, idp: signedBy, binding: 'soap', relayState: undefined } as const)
      : undefined;
  const answer = request && doors.serviceProvider.answer(request, 'requester', doors.clock.now());
  if (answer?.binding === 'soap') sendSoap(ctx, 200, answer.body);
  else sendSoap(ctx, MALFORMED.has(error.code) ? 500 : 403, fault(error.publicMessage));
}

/** A SOAP 1.1 Fault (SOAP 1.1 §4.4). Always the sender's: a failure of ours goes through the error boundary. */
const fault = (text: string): string =>
  envelope(`<S:Fault><faultcode>S:Client</faultcode><faultstring>${text}</faultstring></S:Fault>`);
