// How many sign-ins may be begun. Nobody has signed in yet, so whoever asks is a stranger; and each costs a signature and an hour in the store.

import type { Allowances, Rate } from '../kernel/allowance.ts';
import type { Familiar } from '../kernel/familiar.ts';
import type { Measures } from '../kernel/measures.ts';
import { subscriber } from '../kernel/subscriber.ts';
import { refuseFlow } from './codes.ts';

/** What strangers may begin; undefined is no limit. */
export interface BeginningLimits {
  readonly perAddress: Rate | undefined;
  /** For strangers, and as much again for addresses from which somebody has signed in. */
  readonly all: Rate | undefined;
}

/** Counts one more sign-in begun from an address. Throws SIGN_INS_TOO_MANY, and has counted nothing then. */
export type MayBegin = (address: string) => void;

/** What limits of any size are judged by. */
export interface BeginningParts {
  readonly allowances: Allowances;
  readonly familiar: Familiar;
  readonly measures: Pick<Measures, 'count'>;
}

/** Makes it, for one configuration. */
export function limitBeginnings(
  { allowances, familiar, measures }: BeginningParts,
  { perAddress, all }: BeginningLimits,
): MayBegin {
  const refuse = (by: 'address' | 'all', waitMs: number, address: string): never => {
    measures.count('limited', { what: 'sign-ins', by });
    const retryAfterSeconds = Math.ceil(waitMs / 1000);
    throw refuseFlow('SIGN_INS_TOO_MANY', { detail: { by, address, retryAfterSeconds } });
  };
  return (address) => {
    const own = `sign-in ${subscriber(address)}`;
    const wait = allowances.wait(own, perAddress);
    if (wait > 0) refuse('address', wait, address);
    const waitOfAll = allowances.take(familiar.knows(address) ? 'sign-ins of the known' : 'sign-ins', all);
    if (waitOfAll > 0) refuse('all', waitOfAll, address);
    allowances.take(own, perAddress);
  };
}
