// Durations, sizes and rates as people write them: a number and a unit. `30` without a unit is a fault, because nobody
// can tell whether it is seconds or minutes.

const DURATION_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SIZE_BYTES = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** Milliseconds of `30s`, `15m`, `1h30m`, `10h`; undefined where the text is no duration. */
export function durationMs(text: string): number | undefined {
  if (!/^(\d+(ms|s|m|h|d))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|s|m|h|d)/g)) {
    total += Number(count) * DURATION_MS[unit as keyof typeof DURATION_MS];
  }
  return total;
}

/** Bytes of `64KiB`, `1MiB`, `10GiB`, `500B`; undefined where the text is no size. */
export function sizeBytes(text: string): number | undefined {
  const match = /^(\d+)(B|KiB|MiB|GiB)$/.exec(text);
  return match ? Number(match[1]) * SIZE_BYTES[match[2] as keyof typeof SIZE_BYTES] : undefined;
}

const PERIOD_MS = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** How often in how many milliseconds, of `10/s`, `600/m`, `5000/h`; undefined where the text is no rate. */
export function rateOf(text: string): { readonly times: number; readonly periodMs: number } | undefined {
  const match = /^([1-9]\d{0,8})\/(s|m|h)$/.exec(text);
  return match ? { times: Number(match[1]), periodMs: PERIOD_MS[match[2] as keyof typeof PERIOD_MS] } : undefined;
}
