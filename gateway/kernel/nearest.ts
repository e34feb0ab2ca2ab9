// "Did you mean …?"

/** The word of `known` that is at most two slips of the finger away from `word`, the nearest first; undefined where none is. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  // In a short word two slips make a different word.
  const limit = word.length < 4 ? 1 : 2;
  const [best] = known
    .map((candidate) => ({ candidate, slips: slips(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter((found) => found.slips <= limit)
    .sort((a, b) => a.slips - b.slips);
  return best?.candidate;
}

/**
 * How many slips of the finger lie between two words: letters left out, put in, exchanged, or swapped with their neighbour
 * (Damerau-Levenshtein, optimal alignment). Capitals count; costs the product of the lengths.
 */
export function slips(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const exchanged = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, exchanged, isSwapped ? at(i - 2, j - 2) + 1 : Infinity);
    }
  }
  return at(a.length, b.length);
}
