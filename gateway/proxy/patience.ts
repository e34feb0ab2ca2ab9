// How long a browser may stop in the middle, sending or reading: a connection to the app is held for it meanwhile, and there are only so many.

/** Who is told that it took too long. */
export interface Stalled {
  stalled(): void;
}

/** Waits for a browser, now and then. Without a limit (0) it never loses patience. */
export class Patience {
  readonly #limitMs: number;
  readonly #who: Stalled;
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number, who: Stalled) {
    this.#limitMs = limitMs;
    this.#who = who;
  }

  /** It is the browser's turn; whenever something has come, and more is to come, once more. */
  begin(): void {
    if (this.#timer !== undefined) this.#timer.refresh();
    // Nothing that is waited for may keep the process.
    else if (this.#limitMs > 0) this.#timer = setTimeout(stalled, this.#limitMs, this.#who).unref();
  }

  /** It is somebody else's turn, or over. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

const stalled = (who: Stalled): void => who.stalled();
