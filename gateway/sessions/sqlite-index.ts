// Where the rows of a table lie, by name: an index in memory, because on the disk each would cost a page for every row that comes and every row that goes.
//
// It holds 30 bits of a name and a row's number, so whoever looks compares the row itself. That makes one too many harmless, and the rule is that a row is
// never there without its entry: one that comes is found at once and forgotten if the transaction is undone, one that goes is forgotten when that is committed.

/** What is told of a row. */
export interface Change {
  readonly mark: number;
  readonly n: number;
}

/** How a transaction ended; unknown where SQLite failed to commit and has none to undo any more. */
export type Outcome = 'committed' | 'undone' | 'unknown';

const FREE = 0;
const GONE = 1;
const LEAST_SLOTS = 256;

/** What is held of a name. FNV-1a: names are keyed hashes or random, so that nobody can choose such as fall together. */
export function markOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 2) + GONE + 1;
}

/** The index of one table. 18 to 36 bytes a row, outside the heap, where no collection looks through them. */
export class RowIndex {
  #marks = new Uint32Array(LEAST_SLOTS);
  #numbers = new Float64Array(LEAST_SLOTS);
  /** Slots that are not free. */
  #taken = 0;
  #held = 0;
  #came: Change[] = [];
  #went: Change[] = [];

  /** The numbers of rows that may have the name of this mark, each once. */
  at(mark: number): number[] {
    const found: number[] = [];
    for (let slot = this.#first(mark); this.#marks[slot] !== FREE; slot = this.#next(slot)) {
      const n = this.#numbers[slot];
      if (this.#marks[slot] === mark && n !== undefined && !found.includes(n)) found.push(n);
    }
    return found;
  }

  /** The row `n` is there, under a name of this mark. */
  holds(mark: number, n: number): void {
    this.#add(mark, n);
  }

  /** It has come. */
  came(mark: number, n: number): void {
    this.#add(mark, n);
    this.#came.push({ mark, n });
  }

  /** It goes. */
  went(mark: number, n: number): void {
    this.#went.push({ mark, n });
  }

  /** The transaction is over. Where nobody knows how, all stays: one too many is harmless. */
  settle(outcome: Outcome): void {
    const over = { committed: this.#went, undone: this.#came, unknown: [] }[outcome];
    for (const { mark, n } of over) this.#remove(mark, n);
    if (this.#came.length > 0) this.#came = [];
    if (this.#went.length > 0) this.#went = [];
  }

  /** How many entries there are. */
  get size(): number {
    return this.#held;
  }

  #first(mark: number): number {
    return mark & (this.#marks.length - 1);
  }

  #next(slot: number): number {
    return (slot + 1) & (this.#marks.length - 1);
  }

  #add(mark: number, n: number): void {
    // A third of the slots stays free, or else looking takes long.
    if (3 * (this.#taken + 1) > 2 * this.#marks.length) this.#rebuild();
    let slot = this.#first(mark);
    while (this.#marks[slot] !== FREE) slot = this.#next(slot);
    this.#marks[slot] = mark;
    this.#numbers[slot] = n;
    this.#taken += 1;
    this.#held += 1;
  }

  #remove(mark: number, n: number): void {
    for (let slot = this.#first(mark); this.#marks[slot] !== FREE; slot = this.#next(slot)) {
      if (this.#marks[slot] !== mark || this.#numbers[slot] !== n) continue;
      this.#marks[slot] = GONE;
      this.#held -= 1;
      return;
    }
  }

  /** Without what has gone, and with room for what comes. */
  #rebuild(): void {
    const [marks, numbers] = [this.#marks, this.#numbers];
    let slots = LEAST_SLOTS;
    while (slots < 2 * (this.#held + 1)) slots *= 2;
    this.#marks = new Uint32Array(slots);
    this.#numbers = new Float64Array(slots);
    this.#taken = this.#held = 0;
    // Everybody waits for this: by an iterator it takes more than twice as long.
    for (let slot = 0; slot < marks.length; slot += 1) {
      const mark = marks[slot] ?? FREE;
      if (mark > GONE) this.#add(mark, numbers[slot] ?? 0);
    }
  }
}
