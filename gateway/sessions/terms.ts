// How long sessions last. May be changed while they live.

/** How long sessions last. */
export interface Terms {
  readonly idleMs: number;
  readonly lifetimeMs: number;
}

const WRITE_EVERY_MS = 60_000;

/** How often a use is written at most: with a short idle time oftener, or another node would take a session in use for idle. */
export const writeEveryMs = ({ idleMs }: Terms): number => Math.min(WRITE_EVERY_MS, idleMs / 4);
