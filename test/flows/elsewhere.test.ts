// What other nodes have under way: whoever waits for it learns how it ended, and says nothing that is not known (P1).

import test from 'ava';
import { openElsewhere, type ElsewhereParts } from '../../gateway/flows/elsewhere.ts';
import type { Goodbye } from '../../gateway/flows/goodbyes.ts';
import type { SessionId } from '../../gateway/kernel/words.ts';
import { MemoryStore } from '../../gateway/sessions/memory.ts';
import type { Session } from '../../gateway/sessions/sessions.ts';
import { sessionsOver } from '../sessions/people.ts';
import { manualClock } from '../support/clock.ts';

const SESSION = { id: 'one' as SessionId } as Session;
const FAILED: Goodbye = {
  app: 'wiki',
  required: true,
  outcome: { kind: 'failed', reason: 'unexpected', milliseconds: 1 },
};

/** Two nodes over one ledger; a session is being ended for so many looks. */
function waiting(looks: number, elapsed: () => number = () => 0) {
  let left = looks;
  const parts: ElsewhereParts = {
    sessions: { unfinished: async () => (left-- > 0 ? [SESSION] : []) },
    ledger: sessionsOver(new MemoryStore()).ledger,
    nodes: { claim: async () => undefined, settled: async () => {} },
    clock: manualClock(),
    elapsed,
  };
  return { here: openElsewhere(parts), there: openElsewhere(parts) };
}

test('an ending of another node is waited for, and counts as whole where its apps were told', async (t) => {
  const { here, there } = waiting(2);
  await there.told(SESSION.id, [{ ...FAILED, outcome: { kind: 'told', milliseconds: 1 } as Goodbye['outcome'] }]);
  t.deepEqual(await here.over(() => true), { sessions: 1, complete: true });
});

test('an app that another node could not tell is no Success here', async (t) => {
  const { here, there } = waiting(2);
  await there.told(SESSION.id, [FAILED]);
  t.deepEqual(await here.over(() => true), { sessions: 1, complete: false });
});

test('an ending that does not come to its end in time is not said to be over', async (t) => {
  let ms = 0;
  const { here } = waiting(Infinity, () => (ms += 10_000));
  t.deepEqual(await here.over(() => true), { sessions: 1, complete: false });
});

test('endings of others are not waited for', async (t) => {
  const { here } = waiting(Infinity);
  t.deepEqual(await here.over(() => false), { sessions: 0, complete: true });
});
