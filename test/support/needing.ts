// Tests that need more than npm brings: skipped where it is missing, and saying so; in CI being skipped is a failure.

import test, { type Implementation } from 'ava';
import { missing, type Need } from './needs.ts';

/** Declares a serial test of this name. */
export type Law = (title: string, implementation: Implementation<[]>) => void;

/** Tests that need these things. */
export function needing(...needs: readonly Need[]): Law {
  const lacking = missing(needs);
  if (lacking.length === 0) return (title, implementation) => test.serial(title, implementation);
  const reason = `needs ${lacking.join(' and ')}; npm test installs it where it may`;
  if (process.env['CI']) return (title) => test.serial(title, (t) => t.fail(reason));
  return (title, implementation) => test.serial.skip(`${title} [${reason}]`, implementation);
}
