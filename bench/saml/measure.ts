// CPU time of something done many times: medians of interleaved rounds, so that whatever else the machine does meets every row alike.

/** One row of a table. */
export interface Cost {
  readonly name: string;
  /** Median CPU time of one, in milliseconds. */
  readonly ms: number;
  /** Slowest round over fastest. */
  readonly spread: number;
}

/** Something to be measured: does it `times` times and answers with the CPU milliseconds that all of it took. */
export interface Work {
  readonly name: string;
  readonly run: (times: number) => number | Promise<number>;
}

/**
 * Rounds over all works in turn until two have been no cheaper than the cheapest before them: a young process pays for its compilers. `mostMs`: no further round
 * begins after so much time. `tell` hears of each.
 */
export async function warm(
  works: readonly Work[],
  { times, mostMs, tell }: { readonly times: number; readonly mostMs: number; readonly tell: (line: string) => void },
): Promise<void> {
  const begunAt = performance.now();
  let cheapest = Infinity;
  let misses = 0;
  for (let round = 1; performance.now() - begunAt < mostMs; round += 1) {
    let ms = 0;
    for (const work of works) ms += (await work.run(times)) / times;
    tell(`warming up, round ${round}: ${ms.toFixed(3)} ms for one of each`);
    if (ms >= cheapest) misses += 1;
    if (misses === 2) return;
    cheapest = Math.min(cheapest, ms);
  }
}

/** Rounds over all works in turn. */
export async function measured(works: readonly Work[], rounds: number, times: number): Promise<Cost[]> {
  const taken = works.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, work] of works.entries()) taken[at]?.push((await work.run(times)) / times);
  }
  return works.map(({ name }, at) => {
    const sorted = (taken[at] ?? []).toSorted((a, b) => a - b);
    return {
      name,
      ms: sorted[Math.floor(sorted.length / 2)] ?? NaN,
      spread: (sorted.at(-1) ?? NaN) / (sorted[0] ?? NaN),
    };
  });
}

/** A function of this process, by its own CPU clock. */
export const here = (name: string, once: () => unknown): Work => ({
  name,
  run: async (times) => {
    const before = process.cpuUsage();
    for (let at = 0; at < times; at += 1) {
      const result = once();
      if (result instanceof Promise) await result;
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  },
});

/** A table for people. */
export function table(title: string, costs: readonly Cost[]): string {
  const width = Math.max(...costs.map(({ name }) => name.length), title.length);
  const rows = costs.map(
    ({ name, ms, spread }) =>
      `  ${name.padEnd(width)}  ${ms.toFixed(3).padStart(7)}  ${Math.round(1000 / ms)
        .toString()
        .padStart(7)}  ${spread.toFixed(2).padStart(5)}`,
  );
  return [`${title.padEnd(width + 2)}  ms CPU  a core/s  spread`, ...rows].join('\n');
}
