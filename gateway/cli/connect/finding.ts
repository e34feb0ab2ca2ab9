// One question to one place, and what came of it: found, found with something to put right, or not to be had.

import { CurfewError } from '../../kernel/errors.ts';
import type { Elapsed } from '../../kernel/clock.ts';

/** What was asked, and what came of it. */
export interface Finding {
  /** The part of the configuration, as `app wiki`. */
  readonly what: string;
  /** Where was asked. */
  readonly at: string;
  /** `note`: it works, and something should be put right. `fault`: it does not. */
  readonly state: 'good' | 'note' | 'fault';
  /** What was found, or what is wrong. */
  readonly text: string;
  /** Of docs/errors.md, where there is one. */
  readonly code?: string | undefined;
  /** What to put right. */
  readonly notes: readonly string[];
  readonly ms: number;
}

/** What a place answered. */
export interface Answer {
  readonly text: string;
  readonly notes?: readonly string[];
}

/** One question. Rejecting is a fault; its words are the reason. */
export interface Question {
  readonly what: string;
  readonly at: string;
  readonly ask: () => Promise<Answer>;
  /** What to write where it fails with no code of ours. */
  readonly remedy?: string;
}

/** Nothing is waited for longer; each way to a place has a shorter deadline of its own where it can. */
export const DEADLINE_MS = 12_000;

/** Asks, and tells what came of it. Never rejects. */
export type Asker = (question: Question) => Promise<Finding>;

/** Measures by `elapsed` and shows `told` each finding when it is there. */
export function asker(elapsed: Elapsed, told: (finding: Finding) => void): Asker {
  return async ({ what, at, ask, remedy }) => {
    const begunAt = elapsed();
    const outcome = await inTime(ask()).then(
      ({ text, notes = [] }) => ({ state: notes.length > 0 ? ('note' as const) : ('good' as const), text, notes }),
      (error: unknown) => ({ state: 'fault' as const, ...reasonOf(error, remedy) }),
    );
    const finding = { what, at, ...outcome, ms: Math.round(elapsed() - begunAt) };
    told(finding);
    return finding;
  };
}

async function inTime(asked: Promise<Answer>): Promise<Answer> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${DEADLINE_MS / 1000} s`)), DEADLINE_MS);
  try {
    return await Promise.race([asked, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(error: unknown, remedy: string | undefined): Pick<Finding, 'text' | 'code' | 'notes'> {
  if (error instanceof CurfewError) {
    const cause = error.cause instanceof Error ? error.cause.message : error.detail['cause'];
    const because = typeof cause === 'string' && cause !== '' ? ` (${cause})` : '';
    return { code: error.code, text: `${error.meaning}${because}`, notes: [error.remedy] };
  }
  const text = error instanceof Error ? error.message : String(error);
  return { text, notes: remedy === undefined ? [] : [remedy] };
}
