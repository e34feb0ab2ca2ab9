// The one death of a session, whoever asks for it: the identity provider, the person, an administrator, the clock.

import type { Audit } from '../kernel/audit.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Tracing } from '../kernel/tracing.ts';
import type { EndReason, EpochMs, SessionId } from '../kernel/words.ts';
import type { LiveConnections } from '../live/registry.ts';
import type { Session, Sessions } from '../sessions/sessions.ts';
import { isComplete, type Elsewhere } from './elsewhere.ts';
import type { Endings } from './endings.ts';
import type { TellIdp } from './tell-idp.ts';
import type { Untold } from './untold.ts';
import { goodbyeLine, type Goodbye, type Goodbyes } from './goodbyes.ts';

/** What became of a session that was ended. */
export interface Ended {
  readonly session: Session;
  /** Connections that were open and are not any more. */
  readonly connectionsCut: number;
  /** When the last of them was closed. */
  readonly cutAt: EpochMs;
  readonly goodbyes: readonly Goodbye[];
}

/** Ends one session; undefined where somebody else already has. Rejects where the store cannot be asked. */
export type EndSession = (
  id: SessionId,
  why: { readonly reason: EndReason; readonly requestId?: string | undefined },
) => Promise<Ended | undefined>;

/** What ending a session needs. */
export interface EndSessionParts {
  readonly sessions: Sessions;
  readonly live: LiveConnections;
  readonly goodbyes: Goodbyes;
  readonly endings: Endings;
  readonly elsewhere: Pick<Elsewhere, 'told'>;
  readonly untold: Pick<Untold, 'note'>;
  readonly tellIdp: Pick<TellIdp, 'ended'>;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly tracing: Tracing;
}

/** The order a, b, c, d is the design: docs/architecture.md. */
export function openEndSession(parts: EndSessionParts): EndSession {
  const { sessions, endings, clock, live, tracing } = parts;
  /** Sessions that are being ended here, and how many of their connections went with the word of it. */
  const closingHere = new Map<SessionId, number>();
  // Whoever ends it, on whichever node: its connections go before anybody is told that it is over (P8).
  sessions.onEnded((id) => {
    const cut = live.cut(id);
    const before = closingHere.get(id);
    if (before !== undefined) closingHere.set(id, before + cut);
  });
  const end: EndSession = (id, why) => {
    closingHere.set(id, closingHere.get(id) ?? 0);
    const begunAt = clock.now();
    // a  The door closes: from here on no token opens anything, on any node.
    const closing = tracing.step('end-session.close', {}, () => sessions.end(id, begunAt));
    const cutAlready = (): number => {
      const cut = closingHere.get(id) ?? 0;
      closingHere.delete(id);
      return cut;
    };
    const ended = afterClosing(parts, id, closing, cutAlready, begunAt, why);
    endings.follow(closing, ended);
    return ended;
  };
  return (id, why) => tracing.step('end-session', { reason: why.reason }, () => end(id, why));
}

async function afterClosing(
  { sessions, live, goodbyes, endings, elsewhere, untold, tellIdp, clock, audit, tracing }: EndSessionParts,
  id: SessionId,
  closing: Promise<Session | undefined>,
  cutAlready: () => number,
  begunAt: EpochMs,
  { reason, requestId }: Parameters<EndSession>[1],
): Promise<Ended | undefined> {
  let session: Session | undefined;
  let connectionsCut = 0;
  try {
    session = await closing;
  } finally {
    // b  The room empties: WebSockets, streams, downloads. Also for whoever comes second, whose answer must not leave before it is
    // empty, and where the store fails: in doubt nothing stays open.
    connectionsCut = tracing.step('end-session.cut', {}, (step) => {
      const cut = cutAlready() + live.cut(id);
      step.note({ connections: cut });
      return cut;
    });
  }
  if (session === undefined) return undefined;
  const cutAt = clock.now();
  // c  The app forgets: its own sign-out is called, with the cookies it set.
  const going = session;
  const said = await tracing.step('end-session.goodbyes', {}, () => goodbyes.say(going));
  // d  The last of it goes. Until the LogoutRequest is answered, whoever asks again after a crash must hear of what was not told (P1).
  const isToBeSaid = reason === 'idp-logout' && !isComplete(said);
  const forget = async (): Promise<void> => {
    if (isToBeSaid) await untold.note(going, said);
    await sessions.forget(id);
  };
  await endings.last(id, () => tracing.step('end-session.forget', {}, () => elsewhere.told(id, said).then(forget)));
  const { idp, nameId } = session.identity;
  const milliseconds = clock.now() - begunAt;
  audit.record(
    {
      event: 'session-ended',
      reason,
      idp,
      nameId: nameId.value,
      session: id,
      connectionsCut,
      goodbyes: said.map(goodbyeLine),
      cutMilliseconds: cutAt - begunAt,
      milliseconds,
    },
    requestId,
  );
  tellIdp.ended(session, reason);
  return { session, connectionsCut, cutAt, goodbyes: said };
}
