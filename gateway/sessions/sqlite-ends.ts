// Which rows of a table may have passed their time. One that has gone, or was given more time, is among them all the same: whoever removes them looks.

import type { Change } from './sqlite-index.ts';

const MINUTE_MS = 60_000;

/** Rows by the minute in which their time ends, each as mark and number one after the other. */
export class RowEnds {
  readonly #minutes = new Map<number, number[]>();

  /** The row lasts until then. */
  add(until: number, { mark, n }: Change): void {
    const minute = Math.floor(until / MINUTE_MS);
    const those = this.#minutes.get(minute);
    if (those === undefined) this.#minutes.set(minute, [mark, n]);
    else those.push(mark, n);
  }

  /** Rows whose minute has begun. Those whose minute is over are told once; `putBack` has them told again. */
  passed(now: number): { readonly rows: readonly Change[]; readonly putBack: () => void } {
    const minute = Math.floor(now / MINUTE_MS);
    const begun = [...this.#minutes].filter(([of]) => of <= minute);
    const over = begun.filter(([of]) => of < minute);
    for (const [of] of over) this.#minutes.delete(of);
    const rows: Change[] = [];
    for (const [, those] of begun) {
      for (let at = 0; at < those.length; at += 2) rows.push({ mark: those[at] ?? 0, n: those[at + 1] ?? 0 });
    }
    const putBack = (): void => {
      for (const [of, those] of over) this.#minutes.set(of, [...those, ...(this.#minutes.get(of) ?? [])]);
    };
    return { rows, putBack };
  }
}
