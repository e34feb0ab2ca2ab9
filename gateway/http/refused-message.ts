// What becomes of a SAML message that is refused: written down, and answered with as little as can be said.

import type { Context } from 'koa';
import type { AuditEvent } from '../kernel/audit.ts';
import type { CurfewError } from '../kernel/errors.ts';
import type { Arrived } from '../saml/arrived.ts';
import type { Refusal } from '../saml/guard/guard.ts';
import { statusFor } from '../saml/ours/messages.ts';
import type { Doors, State } from './doors.ts';
import { asCurfewError } from './error-boundary.ts';
import { answerLogout } from './logout-answer.ts';
import { sendFault } from './soap.ts';

type Ctx = Context & { state: State };

/** What is refused before anybody can have signed it is written down as well; the error boundary answers it. */
export async function orAudited<T>(doors: Doors, ctx: Ctx, arrive: () => T | Promise<T>): Promise<T> {
  try {
    return await arrive();
  } catch (error) {
    doors.audit.record(refusalLine('message', asCurfewError(error)), ctx.state.seen.requestId);
    throw error;
  }
}

/**
 * Written down, and answered with as little as can be said. A LogoutRequest that its identity provider did sign is answered by a LogoutResponse that
 * says so, because an identity provider that signs people out one service after the other stops at one that does not answer (profiles §4.4.3).
 */
export function refused(doors: Doors, ctx: Ctx, arrived: Arrived, refusal: Refusal): void {
  const { error, messageId: id, signedBy: idp } = refusal;
  const { requestId } = ctx.state.seen;
  doors.audit.record(refusalLine(arrived.field, error, refusal), requestId);
  const { binding, relayState } = arrived;
  const isAnswered =
    arrived.field === 'SAMLRequest' &&
    idp !== undefined &&
    id !== undefined &&
    answerLogout(doors, ctx, { id, idp, binding, relayState }, statusFor(error));
  if (!isAnswered && binding !== 'soap') throw error;
  if (!isAnswered) sendFault(ctx, error);
  ctx.set('X-Curfew', error.code);
  doors.log.info('request-refused', { code: error.code, requestId, ...error.detail });
}

/** Which message of whom failed which check, and why: `idp` is only claimed where nothing was signed. */
function refusalLine(what: string, error: CurfewError, refusal: Partial<Refusal> = {}): AuditEvent {
  const { reason } = error.detail;
  const { messageId, signedBy, claimed } = refusal;
  return {
    event: 'refused',
    what,
    code: error.code,
    ...(typeof reason === 'string' && { reason }),
    ...(messageId !== undefined && { messageId }),
    ...(claimed !== undefined && { idp: claimed, signed: signedBy !== undefined }),
  };
}
