// What is collected when bytes go through the process: counted in a process of its own, because V8's flags are everybody's.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';

const COLLECTION = join(import.meta.dirname, '../gateway/collection.ts');

/** Collections of the whole heap while a gibibyte goes by in pieces of 64 KiB, one alive at a time. */
function wholeCollections(tuned: boolean): number {
  const script = `
    import { PerformanceObserver, constants } from 'node:perf_hooks';
    ${tuned ? `(await import(${JSON.stringify(COLLECTION)})).tuneCollection();` : ''}
    const kept = Array.from({ length: 1_000_000 }, (_, at) => ({ name: 'n' + at }));
    let whole = 0;
    const seen = (list) => list.getEntries().forEach(({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR && whole++);
    new PerformanceObserver(seen).observe({ entryTypes: ['gc'] });
    for (let piece = 0; piece < 16_384; piece += 1) {
      Buffer.alloc(65_536);
      if (piece % 8 === 0) await new Promise(setImmediate);
    }
    await new Promise(setImmediate);
    console.log(whole, kept.length);`;
  const text = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return Number.parseInt(text, 10);
}

test('bodies in passage do not have the whole heap looked through, again and again', (t) => {
  const [tuned, untold] = [wholeCollections(true), wholeCollections(false)];
  t.true(tuned * 3 < untold, `${tuned} collections of the whole heap, ${untold} where V8 is told nothing`);
});
