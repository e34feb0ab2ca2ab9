// What V8 does with what requests leave behind: counted in processes of their own, because V8's flags are everybody's.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'ava';

const COLLECTION = join(import.meta.dirname, '../gateway/collection.ts');
const LIVE = join(import.meta.dirname, '../gateway/live/connections.ts');

/** The number that a script of its own process prints; `whole` in it counts collections of the whole heap. */
function counted(tuned: boolean, script: string): number {
  const text = execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { PerformanceObserver, constants } from 'node:perf_hooks';
      ${tuned ? `(await import(${JSON.stringify(COLLECTION)})).tuneCollection();` : ''}
      let whole = 0;
      const seen = (list) => list.getEntries().forEach(({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR && whole++);
      new PerformanceObserver(seen).observe({ entryTypes: ['gc'] });
      const turn = () => new Promise(setImmediate);
      ${script}`,
    ],
    { encoding: 'utf8' },
  );
  return Number.parseInt(text, 10);
}

test('bodies in passage do not have the whole heap looked through, again and again', (t) => {
  const script = `
    const kept = Array.from({ length: 1_000_000 }, (_, at) => ({ name: 'n' + at }));
    for (let piece = 0; piece < 16_384; piece += 1) {
      Buffer.alloc(65_536);
      if (piece % 8 === 0) await turn();
    }
    await turn();
    console.log(whole, kept.length);`;
  const [tuned, untold] = [counted(true, script), counted(false, script)];
  t.true(tuned * 3 < untold, `${tuned} collections of the whole heap, ${untold} where V8 is told nothing`);
});

test('what lived long while something was waited for does not make old what comes after it', (t) => {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8';
    const made = (at) => ({ at, parts: [at, at + 1, at + 2] });
    const old = () => getHeapSpaceStatistics().find((space) => space.space_name === 'old_space').space_used_size;
    const kept = [];
    let last;
    for (let at = 0; at < 600_000; at += 1) {
      kept.push(made(at));
      if (at % 1000 === 0) await turn();
    }
    const before = old();
    let most = 0;
    for (let at = 0; at < 1_000_000; at += 1) {
      last = made(at);
      if (at % 10_000 === 0) await turn();
      if (at % 10_000 === 0) most = Math.max(most, old() - before);
    }
    console.log(Math.round(most / 2 ** 20), kept.length, last);`;
  // Some 35 of what is kept, which was young still; 106 in nearly every run where V8 is told nothing.
  const grown = counted(true, script);
  t.true(grown < 70, `${grown} MiB grew old`);
});

test('connections that come and go leave nothing behind that a look through all of the heap has to find', (t) => {
  const script = `
    const { liveConnections } = await import(${JSON.stringify(LIVE)});
    const live = liveConnections();
    const open = [];
    for (let at = 0; at < 1_000_000; at += 1) {
      open.push(live.register('s' + (at % 1000), { destroy() {} }, Array.from({ length: 20 }, () => at)));
      if (open.length === 64) open.shift().release();
      if (at % 1000 === 0) await turn();
    }
    await turn();
    console.log(whole);`;
  // A map of sessions made nine; the start of the process makes one.
  t.true(counted(true, script) < 4);
});
