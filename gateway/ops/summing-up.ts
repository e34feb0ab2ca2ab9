// Refusals in the audit log: each has a line of its own, until somebody sends so many that they would fill a disk. Those are counted, and the count is
// written. Metrics count every one.

import type { AuditEvent, Audit, SummedUp } from '../kernel/audit.ts';
import { openAllowances, type Rate } from '../kernel/allowance.ts';
import type { Clock, Elapsed } from '../kernel/clock.ts';
import type { EpochMs } from '../kernel/words.ts';

/** An audit that sums up what is beyond `WRITTEN_WHOLE`. */
export interface SummingUp extends Audit {
  /** Writes what has been counted since the last time. */
  tell(): void;
}

/**
 * Of each identity provider's signed messages, of all others together, and of each person's pages: 600 at once, then two a second. That is some 60 MB a
 * day, where a thousand a second would be 30 GB.
 */
export const WRITTEN_WHOLE: Rate = { times: 600, periodMs: 300_000 };

/** Beyond it what was counted is written early. */
const MOST_COUNTED = 10_000;

type Refusal = Extract<AuditEvent, { event: 'refused' | 'access-denied' }>;
type Told = Omit<SummedUp, 'event' | 'times' | 'since'>;

interface Counted {
  readonly told: Told;
  readonly since: EpochMs;
  times: number;
}

/** Puts it before `audit`. Of each reason the first since the last summing up is written whole, so that a flood hides no other reason. */
export function summingUp(audit: Audit, { clock, elapsed }: { clock: Clock; elapsed: Elapsed }): SummingUp {
  const allowances = openAllowances(elapsed);
  const counted = new Map<string, Counted>();

  function tell(): void {
    for (const { told, since, times } of counted.values())
      if (times > 0) audit.record({ event: 'summed-up', times, since: new Date(since).toISOString(), ...told });
    counted.clear();
  }

  /** Whether it is counted in the place of a line. */
  function isCounted(refusal: Refusal): boolean {
    if (allowances.take(senderOf(refusal), WRITTEN_WHOLE) === 0) return false;
    const told = withoutItsOwn(refusal);
    const key = JSON.stringify(told);
    const known = counted.get(key);
    if (known !== undefined) {
      known.times += 1;
      return true;
    }
    if (counted.size >= MOST_COUNTED) tell();
    counted.set(key, { told, since: clock.now(), times: 0 });
    return false;
  }

  return {
    record(event, requestId, traceId) {
      if ((event.event !== 'refused' && event.event !== 'access-denied') || !isCounted(event))
        audit.record(event, requestId, traceId);
    },
    trouble: () => audit.trouble?.(),
    tell,
  };
}

/** Whose allowance it takes: what strangers send leaves that of identity providers and of people as it is. */
function senderOf(refusal: Refusal): string {
  if (refusal.event === 'access-denied') return `session ${refusal.session}`;
  return refusal.signed === true ? `signed ${refusal.idp}` : 'stranger';
}

/** What many have in common. */
function withoutItsOwn(refusal: Refusal): Told {
  const { event: of, code, idp } = refusal;
  if (of === 'access-denied')
    return { of, code, idp, app: refusal.app, nameId: refusal.nameId, session: refusal.session };
  return { of, code, idp, what: refusal.what, signed: refusal.signed, app: refusal.app };
}
