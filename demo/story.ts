// A story in steps, each with its proofs. A proof that does not hold is said plainly, and the exit code says so too.

import { styleText } from 'node:util';

export interface Story {
  /** Begins the next step. */
  step(title: string): void;
  /** States a claim and what was seen of it; remembers where it does not hold. */
  prove(claim: string, holds: boolean, seen: string): void;
  /** Sums up. Returns the exit code: 0 where something was proved and everything held, otherwise 1. */
  end(): 0 | 1;
}

const CLAIM_COLUMNS = 58;
const SEEN_COLUMNS = 36;

/** A story told line by line to `print`. Colours are for terminals that want them (NO_COLOR is heeded). */
export function tellStory(print: (text: string) => void): Story {
  const failed: string[] = [];
  let steps = 0;
  let proofs = 0;
  return {
    step: (title) => {
      steps += 1;
      print(`\n${steps}. ${styleText('bold', title)}`);
    },
    prove: (claim, holds, seen) => {
      if (holds) {
        proofs += 1;
        print(line(styleText('green', '✔'), claim, seen));
        return;
      }
      failed.push(claim);
      // Whole, however long: this is what has to be looked into.
      print(`   ${styleText('red', '✘')} NOT SO: ${claim}\n     seen: ${seen}`);
    },
    end: () => {
      if (failed.length === 0 && proofs > 0) {
        print(`\n${styleText('green', `${proofs} proofs, and every one holds.`)}`);
        return 0;
      }
      const verdict =
        proofs + failed.length === 0
          ? 'Nothing was proved.'
          : `${failed.length} of ${proofs + failed.length} proofs failed:`;
      print(`\n${styleText('red', verdict)}${failed.map((claim) => `\n   ✘ ${claim}`).join('')}`);
      return 1;
    },
  };
}

const line = (mark: string, claim: string, seen: string): string =>
  `   ${mark} ${claim.padEnd(CLAIM_COLUMNS)} ${styleText('dim', seen.length > SEEN_COLUMNS ? `${seen.slice(0, SEEN_COLUMNS - 1)}…` : seen)}`;
