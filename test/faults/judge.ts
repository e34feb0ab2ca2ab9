// What is asked of every logout, whatever is broken at the moment.

import { setTimeout as pause } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { untilReady } from '../support/nodes.ts';
import type { Person } from './crowd.ts';
import { NODES, type Logout, type NodeNumber, type Town } from './town.ts';

/** Something that breaks, and how it is whole again. */
export interface Fault {
  readonly at: NodeNumber;
  readonly begin: (town: Town, victim: string) => unknown;
  /** While the LogoutRequest is under way, and before its answer is waited for. */
  readonly meanwhile?: (town: Town) => unknown;
  readonly heal: (town: Town) => unknown;
  /** Whether an honest failure will do at first. Default: Success at once. */
  readonly mayFail?: boolean;
  /** Success has to be there within this. */
  readonly withinMs?: number;
}

/** How long after the LogoutRequest was sent the person was served last, and `Success` came. */
export interface Figures {
  readonly servedMs: number;
  readonly successMs: number;
}

/** So long is looked for whether anything is served after all. */
const LOOK_MS = 300;

/** Breaks it, logs `name` out, heals it; holds everything to the promises. */
export async function judge(t: ExecutionContext, town: Town, name: string, fault: Fault): Promise<Figures> {
  const victim = town.people.find((one) => one.name === name) as Person;
  const others = town.people.filter((one) => one !== victim);
  t.is(await toldOf(victim, fault.at), 200, `${name} is signed in`);
  for (const one of town.people) one.forget();
  await fault.begin(town, name);
  const asked = town.logout(name, fault.at);
  await fault.meanwhile?.(town);
  const first = await asked;
  const firstMs = first.answeredAt - first.sentAt;
  if (!first.isSuccess) {
    t.true(fault.mayFail, `no Success: ${first.status} after ${firstMs} ms`);
    t.true([0, 503].includes(first.status), `a failure that says so: ${first.status}`);
  }
  if (first.isSuccess && fault.withinMs !== undefined) t.true(firstMs < fault.withinMs, `took ${firstMs} ms`);
  await pause(LOOK_MS);
  if (first.isSuccess) nobodyServes(t, town, victim, first);
  await fault.heal(town);
  await town.ready();
  // An identity provider that was told of a failure tries again.
  const last = first.isSuccess ? first : await town.logout(name, 0);
  t.true(last.isSuccess, `again: ${last.status}`);
  await pause(LOOK_MS);
  nobodyServes(t, town, victim, last);
  for (const node of NODES) t.is(await toldOf(victim, node), 401);
  // A request that was under way when the session ended is refused, and no word is left on the way.
  nobodyServes(t, town, victim, last);
  for (const other of others) {
    for (const node of NODES) t.is(await toldOf(other, node), 200, `${other.name} at node ${node}`);
    for (const status of other.answers.keys()) t.true([0, 200, 503].includes(status), `${other.name}: ${status}`);
  }
  return { servedMs: town.lastServedAt(name) - first.sentAt, successMs: last.answeredAt - last.sentAt };
}

/** What a node says that knows: on a busy machine its lease may lapse, and then it rightly says 503 until it has heard from the store (P12). */
async function toldOf(one: Person, at: NodeNumber): Promise<number> {
  let status = 503;
  await untilReady(async () => {
    status = await one.ask(at);
    if (status === 503) throw new Error(`${one.name} at node ${at}: 503`);
  });
  return status;
}

/** By one clock, in the order in which the bytes came here. */
function nobodyServes(t: ExecutionContext, town: Town, victim: Person, { answeredAt }: Logout): void {
  const lateMs = town.lastServedAt(victim.name) - answeredAt;
  t.true(lateMs <= 0, `the app was asked ${lateMs} ms after Success`);
  const byteMs = victim.lastByteAt() - answeredAt;
  t.true(byteMs <= 0, `a byte came ${byteMs} ms after Success`);
}

/** `p50/p95/max` in milliseconds. */
export function distribution(figures: readonly number[]): string {
  const sorted = figures.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.ceil(sorted.length * share) - 1] ?? NaN).toFixed(1);
  return `${at(0.5)} / ${at(0.95)} / ${at(1)}`;
}
