// A law of the guard in one line: what is sent, and that it is accepted, or refused for the one reason given.

import test from 'ava';
import { CurfewError } from '../../gateway/kernel/errors.ts';
import type { Arrived } from '../../gateway/saml/arrived.ts';
import type { SamlCode } from '../../gateway/saml/codes.ts';
import type { Expected, TrustedIdp } from '../../gateway/saml/guard/message.ts';
import { explained } from './explain/explained.ts';
import type { Bench } from './support.ts';

/** What the guard is told differently from usual. */
export interface Differently {
  readonly expected?: Partial<Expected>;
  readonly idps?: readonly TrustedIdp[];
}

/** Tests for one bench. `send` makes the message when the test runs; a binding that refuses it counts as refused. */
export function lawsOf(bench: Bench) {
  const law = (verdict: string, name: string, send: () => Arrived, { expected, idps }: Differently = {}): void => {
    test(name, async (t) => {
      t.is(await judged(bench, send, expected, idps), verdict);
      await explained(t, bench, send, verdict, { expected, idps });
    });
  };
  return {
    accepts: (name: string, send: () => Arrived, differently?: Differently) => law('accepted', name, send, differently),
    refuses: (code: SamlCode, name: string, send: () => Arrived, differently?: Differently) =>
      law(code, name, send, differently),
  };
}

async function judged(
  bench: Bench,
  send: () => Arrived,
  expected?: Partial<Expected>,
  idps?: readonly TrustedIdp[],
): Promise<string> {
  let arrived: Arrived;
  try {
    arrived = send();
  } catch (error) {
    if (error instanceof CurfewError) return error.code;
    throw error;
  }
  return bench.verdict(arrived, expected, idps);
}
