// Who takes the most, known at once however many there are: in a flood it is asked for every message that finds no room.

/** Those that take something, by how much. */
export interface Ranks<T> {
  /** `one` took `was` bytes and takes `is` from now on; 0 is nothing. */
  move(one: T, was: number, is: number): void;
  /** One of those that take the most, to the nearest 4 KiB; undefined where nobody takes any. */
  most(): T | undefined;
}

const UNIT_BYTES = 4096;

/**
 * Makes them, empty. A rank for each number of units; the highest that is taken is looked for downwards, by no more steps than it has been raised before, which is
 * what messages were large.
 */
export function openRanks<T>(): Ranks<T> {
  const ranks = new Map<number, Set<T>>();
  let highest = 0;
  const rankOf = (bytes: number): number => Math.ceil(bytes / UNIT_BYTES);
  return {
    move(one, was, is) {
      const [from, to] = [rankOf(was), rankOf(is)];
      if (from === to) return;
      const left = ranks.get(from);
      if (left?.delete(one) === true && left.size === 0) ranks.delete(from);
      if (to === 0) return;
      const joined = ranks.get(to);
      if (joined === undefined) ranks.set(to, new Set([one]));
      else joined.add(one);
      highest = Math.max(highest, to);
    },
    most() {
      while (highest > 0 && !ranks.has(highest)) highest -= 1;
      for (const one of ranks.get(highest) ?? []) return one;
      return undefined;
    },
  };
}
