// A LogoutRequest of the identity provider, from verified message to what is answered (docs/architecture.md, "The way of a logout").

import type { Audit, AuditEvent } from '../kernel/audit.ts';
import { plus, type Clock } from '../kernel/clock.ts';
import { CurfewError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Tracing } from '../kernel/tracing.ts';
import { issuedNameId, realmOf, type EpochMs } from '../kernel/words.ts';
import { refuse } from '../saml/codes.ts';
import { LONGEST_WAY_MS } from '../saml/guard/checks/issue-instant.ts';
import type { VerifiedLogoutRequest } from '../saml/guard/message.ts';
import type { LogoutStatus } from '../saml/ours/messages.ts';
import type { ServiceProvider } from '../saml/service-provider.ts';
import type { Ledger, Session, Sessions } from '../sessions/sessions.ts';
import { lookForAlike, type AlikeParts, type LookForAlike } from './alike.ts';
import { isComplete, type Elsewhere } from './elsewhere.ts';
import type { EndSession, Ended } from './end-session.ts';
import type { Endings } from './endings.ts';
import { goodbyeLine } from './goodbyes.ts';
import { underAnotherName, whoIsMeant, type Meant } from './meant.ts';
import type { Untold } from './untold.ts';

/** What carrying out a LogoutRequest needs. */
export interface IdpLogoutParts {
  readonly sessions: Sessions;
  readonly roll: AlikeParts['roll'];
  readonly ledger: Ledger;
  readonly serviceProvider: ServiceProvider;
  readonly endSession: EndSession;
  readonly endings: Endings;
  readonly elsewhere: Elsewhere;
  readonly untold: Untold;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly log: Log;
  readonly tracing: Tracing;
  readonly clockSkewMs: number;
  /** Requests being answered, so that the same one at the same time is carried out once (P5); whoever answers by other settings shares it. */
  readonly underWay: LogoutsUnderWay;
}

/** The memory of requests that are being answered at this moment. Empty at first. */
export type LogoutsUnderWay = Map<string, Promise<LogoutAnswer>>;

/** Carries one out and says what to answer. Rejects where the store cannot be asked: then nothing may be answered but "try again". */
export type IdpLogout = (request: VerifiedLogoutRequest, requestId: string) => Promise<LogoutStatus>;

/** How long a logout stays in force, and an answer is kept, at the least: WSO2 asks for four minutes. */
const IN_FORCE_MS = 10 * 60_000;
/** No identity provider's NotOnOrAfter keeps anything longer than this. */
const LONGEST_MS = 24 * 3_600_000;

type LogoutRequestLine = Extract<AuditEvent, { event: 'logout-request' }>;

/** What is remembered of one. */
export interface LogoutAnswer {
  readonly digest: string;
  readonly status: Extract<LogoutStatus, 'success' | 'partial'>;
}

/** Makes it. */
export function openIdpLogout(parts: IdpLogoutParts): IdpLogout {
  const { ledger, clock, audit, underWay } = parts;
  const alike = lookForAlike(parts);

  /** What was answered before. One ID is one message (saml-core §1.3.4): another under the same ID is nobody's retry. */
  function again(request: VerifiedLogoutRequest, answer: LogoutAnswer, requestId: string): LogoutAnswer {
    if (answer.digest !== request.digest) throw refuse('SAML_ID_REUSED', { detail: { messageId: request.id } });
    audit.record(line(request, [], clock.now(), 0, answer.status, true), requestId);
    return answer;
  }

  async function answerTo(request: VerifiedLogoutRequest, key: string, requestId: string): Promise<LogoutAnswer> {
    const begunAt = clock.now();
    const known = async (): Promise<LogoutAnswer | undefined> => {
      const answer = (await ledger.read('logout-answer', key, begunAt)) as LogoutAnswer | undefined;
      return answer && again(request, answer, requestId);
    };
    return parts.elsewhere.once(key, known, () => carryOut({ ...parts, alike }, request, key, begunAt, requestId));
  }

  const answered = async (request: VerifiedLogoutRequest, requestId: string): Promise<LogoutStatus> => {
    const key = `${realmOf({ idp: request.idp.name, sp: parts.serviceProvider.app })} ${request.id}`;
    const first = underWay.get(key);
    if (first !== undefined) return again(request, await first, requestId).status;
    const work = answerTo(request, key, requestId);
    // Before anything is waited for: two at the same moment would otherwise both find nobody at work.
    underWay.set(key, work);
    try {
      return (await work).status;
    } finally {
      underWay.delete(key);
    }
  };

  return async (request, requestId) => {
    const begunAt = clock.now();
    try {
      return await answered(request, requestId);
    } catch (error) {
      // A refusal has a line of its own. What could not be carried out is written down too: it is to be tried again.
      if (!(error instanceof CurfewError) || !error.code.startsWith('SAML_'))
        audit.record(line(request, [], begunAt, clock.now() - begunAt, 'unavailable', false), requestId);
      throw error;
    }
  };
}

async function carryOut(
  parts: IdpLogoutParts & { readonly alike: LookForAlike },
  request: VerifiedLogoutRequest,
  key: string,
  begunAt: EpochMs,
  requestId: string,
): Promise<LogoutAnswer> {
  const { sessions, ledger, clock, audit, endSession, endings, elsewhere } = parts;
  const until = inForceUntil(request, begunAt, parts.clockSkewMs);
  const { nameId, sessionIndexes, issueInstant } = request;
  const whom = whoIsMeant(parts.serviceProvider, request);
  const { byIndex, realm, isMeant, find } = whom;
  // The tombstone stands before we look: a sign-in that comes later is refused, one that came earlier is found (P6).
  const buried = { idp: realm, nameIdValue: nameId.value, sessionIndexes, issuedAt: issueInstant, anybody: byIndex };
  const secured = await sessions.bury(buried, until);
  const found = await find(sessions);
  // What somebody else is ending is in the store no more, and its apps may not know yet: Success waits for that as well (P1).
  const [before, ended] = await Promise.all([endings.of(isMeant), endAll(found, endSession, requestId)]);
  const over = [...ended, ...before, ...(await endings.of(isMeant))];
  const others = await parts.tracing.step('other-nodes', {}, () => elsewhere.over(isMeant));
  // Last: whoever has just taken over what another left half done has noted it by now.
  const untold = await parts.untold.of(whom, request);
  const complete = others.complete && untold.sessions === 0 && over.every(({ goodbyes }) => isComplete(goodbyes));
  const isNobody = over.length + others.sessions + untold.sessions === 0;
  const doubtful = isNobody && (await livesUnderAnotherName(parts, whom, request));
  const alike = isNobody && !doubtful ? await parts.alike(request) : undefined;
  // What could not be ended is said (P1): an app that had to be told and was not, a session that was meant and is another's by name.
  const answer: LogoutAnswer = { digest: request.digest, status: complete && !doubtful ? 'success' : 'partial' };
  // Also where nothing was ended, a power cut must not let in who comes late (P6).
  await secured();
  await ledger.keep('logout-answer', key, answer, plus(until, IN_FORCE_MS));
  await untold.said();
  const told = line(request, ended, begunAt, clock.now() - begunAt, answer.status, false);
  audit.record(alike === undefined ? told : { ...told, sessionsAlike: alike }, requestId);
  return answer;
}

/** Whether nobody's session was meant by name, and somebody's by SessionIndex or by value alone: then the operator is told what differs. */
async function livesUnderAnotherName(
  { sessions, log, serviceProvider }: IdpLogoutParts,
  whom: Meant,
  request: VerifiedLogoutRequest,
): Promise<boolean> {
  const others = await underAnotherName(sessions, whom, request);
  const [first] = others;
  if (first === undefined) return false;
  const setting = 'where this identity provider means them, set logout: { match: sessionIndex }';
  const { idp, id, nameId } = request;
  const differs = serviceProvider.differences(idp, nameId, issuedNameId(first.identity));
  log.warn('logout-names-somebody-else', { idp: idp.name, messageId: id, sessions: others.length, differs, setting });
  return true;
}

/** All at once. One that cannot be ended fails the whole, after the others are done: Success would not be true (P1). */
async function endAll(meant: readonly Session[], endSession: EndSession, requestId: string): Promise<Ended[]> {
  const ending = meant.map(({ id }) => endSession(id, { reason: 'idp-logout', requestId }));
  if (ending.length < 2) return (await Promise.all(ending)).filter((ended) => ended !== undefined);
  const results = await Promise.allSettled(ending);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return results.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : []));
}

function inForceUntil({ notOnOrAfter }: VerifiedLogoutRequest, now: EpochMs, clockSkewMs: number): EpochMs {
  // As long as an assertion from before may still arrive, each clock off by as much as it may be: a NotOnOrAfter can be sooner (P6).
  const least = plus(now, Math.max(IN_FORCE_MS, LONGEST_WAY_MS + 2 * clockSkewMs));
  const wanted = plus(notOnOrAfter ?? now, clockSkewMs);
  return Math.max(least, Math.min(wanted, now + LONGEST_MS)) as EpochMs;
}

function line(
  request: VerifiedLogoutRequest,
  ended: readonly Ended[],
  begunAt: EpochMs,
  milliseconds: number,
  status: LogoutRequestLine['status'],
  repeated: boolean,
): LogoutRequestLine {
  const goodbyes: LogoutRequestLine['goodbyes'][number][] = [];
  let connectionsCut = 0;
  let cutMilliseconds: number | undefined;
  for (const one of ended) {
    connectionsCut += one.connectionsCut;
    cutMilliseconds = Math.max(cutMilliseconds ?? -Infinity, one.cutAt - begunAt);
    for (const goodbye of one.goodbyes) goodbyes.push(goodbyeLine(goodbye));
  }
  return {
    event: 'logout-request',
    idp: request.idp.name,
    nameId: request.nameId.value,
    messageId: request.id,
    binding: request.binding,
    repeated,
    sessionsEnded: ended.length,
    connectionsCut,
    goodbyes,
    ...(cutMilliseconds !== undefined && { cutMilliseconds }),
    milliseconds,
    status,
  };
}
