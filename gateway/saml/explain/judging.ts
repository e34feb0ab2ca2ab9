// Writes down how a message fares with each check, and goes on where the guard would stop.

import { CurfewError } from '../../kernel/errors.ts';
import type { MessageMemory } from '../guard/message.ts';
import { LAWS, type Law } from '../guard/laws.ts';

/** How one check came out. */
export interface Judgement {
  readonly law: Law;
  readonly outcome: 'passed' | 'failed' | 'not judged';
  /** Why it failed. */
  readonly error: CurfewError | undefined;
  /** Why it was not judged. */
  readonly why: string | undefined;
}

/** A notebook of judgements: the first word on a check stands, but for a failure, which always counts. */
export type Judging = ReturnType<typeof openJudging>;

const AFTER_A_FAILURE = 'what comes before it failed';
const ASKS_MEMORY = 'asks the running gateway’s memory';
const asked = new Error(ASKS_MEMORY);

const asks = (): never => {
  throw asked;
};

/** A memory that answers nothing and keeps nothing: a check that asks it is not judged. */
export const NO_MEMORY: MessageMemory = {
  readAuthnRequest: asks,
  takeAuthnRequest: asks,
  readLogoutRequest: asks,
  takeLogoutRequest: asks,
  useAssertion: asks,
};

/** Opens an empty notebook. */
export function openJudging() {
  const found = new Map<Law, Judgement>();
  const note = (law: Law, outcome: Judgement['outcome'], error?: CurfewError, why?: string): void => {
    if (outcome === 'failed' || !found.has(law)) found.set(law, { law, outcome, error, why });
  };
  const pass = (law: Law): void => note(law, 'passed');
  const unjudged = (law: Law, why = ASKS_MEMORY): void => note(law, 'not judged', undefined, why);

  /** What `error` means for the laws that were tried together, in order: those before the one it breaks are kept. */
  function settle(laws: readonly Law[], error: unknown): void {
    if (error === asked) {
      for (const law of laws) unjudged(law);
      return;
    }
    if (!(error instanceof CurfewError) || !error.code.startsWith('SAML_')) throw error;
    const breaks = (law: Law): boolean => law.codes.some((code) => code === error.code);
    const at = laws.findIndex(breaks);
    // A row may refuse in the name of another law; no refusal is lost for that.
    const broken = at < 0 ? (Object.values(LAWS).find(breaks) ?? laws.at(-1)) : laws[at];
    for (const law of laws.slice(0, Math.max(at, 0))) pass(law);
    if (broken !== undefined) note(broken, 'failed', error);
    if (at < 0 && laws.length === 1) laws.forEach(pass);
    else for (const law of laws) unjudged(law, AFTER_A_FAILURE);
  }

  return {
    pass,
    unjudged,
    has: (law: Law, outcome: Judgement['outcome']): boolean => found.get(law)?.outcome === outcome,
    /** Tries what several laws stand for; undefined where one of them is broken. */
    attempt<T>(laws: readonly Law[], work: () => T): T | undefined {
      try {
        const result = work();
        laws.forEach(pass);
        return result;
      } catch (error) {
        settle(laws, error);
        return undefined;
      }
    },
    /** The same for one row of the table. */
    async row(law: Law, check: () => void | Promise<void>): Promise<void> {
      try {
        await check();
        pass(law);
      } catch (error) {
        settle([law], error);
      }
    },
    /** Everything noted, in the order of docs/saml-guard.md. */
    all: (): Judgement[] => Object.values(LAWS).flatMap((law: Law) => found.get(law) ?? []),
  };
}
