// How long a browser may stop in the middle, sending or reading: a connection to the app is held for it meanwhile, and there are only so many.

/** Who is told that it took too long. */
export interface Stalled {
  stalled(): void;
}

/**
 * What a body has to come by, on the average of each limit: as Apache's mod_reqtimeout has it. Otherwise a byte a minute would hold a connection for ever;
 * a modem is four times as fast.
 */
const LEAST_BYTES_PER_MS = 0.5;

/** Waits for a browser, now and then. Without a limit (0) it never loses patience. */
export class Patience {
  readonly #limitMs: number;
  readonly #who: Stalled;
  #timer: NodeJS.Timeout | undefined;
  #bytes = 0;

  constructor(limitMs: number, who: Stalled) {
    this.#limitMs = limitMs;
    this.#who = who;
  }

  /** It is the browser's turn, or still is. */
  begin(): void {
    if (this.#timer !== undefined || this.#limitMs === 0) return;
    // Nothing that is waited for may keep the process.
    this.#timer = setTimeout(stalled, this.#limitMs, this.#who).unref();
  }

  /** Something has come, and more is to come: once there is enough of it, the browser has as much time again. */
  come(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < this.#limitMs * LEAST_BYTES_PER_MS) return;
    this.#bytes = 0;
    this.#timer?.refresh();
  }

  /** It is somebody else's turn, or over. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#bytes = 0;
  }
}

const stalled = (who: Stalled): void => who.stalled();
