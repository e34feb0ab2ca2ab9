// SOAP's way of answering (bindings §3.2.3.3).

import type { Context } from 'koa';
import type { CurfewError } from '../kernel/errors.ts';
import { envelope } from '../saml/ours/outgoing.ts';

const MALFORMED = new Set(['SAML_SOAP', 'SAML_NOT_XML', 'SAML_ENCODING', 'SAML_FORBIDDEN_MARKUP', 'SAML_TOO_COMPLEX']);

/** A SOAP body with the headers that forbid caching (bindings §3.2.3.2). */
export function sendSoap(ctx: Context, status: number, body: string): void {
  ctx.status = status;
  ctx.set('Content-Type', 'text/xml; charset=utf-8');
  ctx.set('Cache-Control', 'no-cache, no-store, must-revalidate, private');
  ctx.set('Pragma', 'no-cache');
  ctx.body = body;
}

/** What cannot even be read is answered 500, a stranger 403, and both learn no more than that it was refused. */
export function sendFault(ctx: Context, error: CurfewError): void {
  sendSoap(ctx, MALFORMED.has(error.code) ? 500 : 403, fault(faultCode(error), error.publicMessage));
}

/** What SOAP itself has a word for; who speaks another version learns that it is 1.1 here (SOAP 1.1 §4.4.1, bindings §3.2). */
function faultCode({ code, detail }: CurfewError): 'VersionMismatch' | 'MustUnderstand' | 'Client' {
  if (code !== 'SAML_SOAP') return 'Client';
  if (detail['reason'] === 'another version of SOAP') return 'VersionMismatch';
  return detail['reason'] === 'mustUnderstand' ? 'MustUnderstand' : 'Client';
}

/** A SOAP 1.1 Fault (SOAP 1.1 §4.4). Always the sender's: a failure of ours goes through the error boundary. */
const fault = (code: string, text: string): string =>
  envelope(`<S:Fault><faultcode>S:${code}</faultcode><faultstring>${text}</faultstring></S:Fault>`);
