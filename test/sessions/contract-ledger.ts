// The contract of a store's ledger: what is named once, and what is kept until it is taken.

import type { EpochMs } from '../../gateway/kernel/words.ts';
import { lawsOf, twenty, type Factory, type Usual } from './laws.ts';
import { at, bytes } from './records.ts';

/** Declares the ledger's laws for one backend. */
export function ledgerContract(backend: string, open: Factory, usual: Usual): void {
  const law = lawsOf(backend, open, usual);

  law('of twenty that name an id at once, one is the first (P5)', async (t, store) => {
    const answers = await twenty(() => store.once('message', 'id-1', at(100), at(0)));
    t.is(answers.filter(Boolean).length, 1);
    t.false(await store.once('message', 'id-1', at(900), at(99)));
    t.true(await store.once('message', 'id-2', at(100), at(0)));
    t.true(await store.once('other', 'id-1', at(100), at(0)));
  });

  law('an id may be named again when its time has passed, and never after its own', async (t, store) => {
    t.true(await store.once('message', 'id-1', at(100), at(0)));
    t.true(await store.once('message', 'id-1', at(200), at(100)));
    t.false(await store.once('message', 'id-1', at(200), at(199)));
    t.false(await store.once('message', 'late', at(50), at(50)));
  });

  law('what is kept is read until its time, and a second keeping replaces it', async (t, store) => {
    await store.keep('ticket', 'a', bytes('one'), at(100));
    await store.keep('ticket', 'a', bytes('two'), at(200));
    t.deepEqual(await store.read('ticket', 'a', at(199)), bytes('two'));
    t.is(await store.read('ticket', 'a', at(200)), undefined);
    t.is(await store.read('other', 'a', at(0)), undefined);
    t.is(await store.read('ticket', 'b', at(0)), undefined);
  });

  law('of twenty that take what is kept at once, one gets it', async (t, store) => {
    await store.keep('ticket', 'a', bytes('one'), at(100));
    const taken = await twenty(() => store.take('ticket', 'a', at(1)));
    t.deepEqual(
      taken.filter((value) => value !== undefined),
      [bytes('one')],
    );
    t.is(await store.read('ticket', 'a', at(1)), undefined);
  });

  law('of twenty that swap at once, each meets the one before and one meets nobody (P10)', async (t, store) => {
    const all = Array.from({ length: 20 }, (_, n) => String(n));
    const met = await Promise.all(all.map((name) => store.swap('browser', 'a', bytes(name), at(100), at(0))));
    const last = await store.take('browser', 'a', at(0));
    const seen = [...met, last].flatMap((value) => (value === undefined ? [] : [Buffer.from(value).toString()]));
    t.deepEqual(seen.sort(), all.sort());
    t.is(met.filter((value) => value === undefined).length, 1);
  });

  law('a swap meets nothing whose time has passed', async (t, store) => {
    await store.keep('browser', 'a', bytes('old'), at(100));
    t.is(await store.swap('browser', 'a', bytes('new'), at(300), at(100)), undefined);
    t.deepEqual(await store.read('browser', 'a', at(200)), bytes('new'));
  });

  law('of twenty that change what is kept at once, none undoes what another has done (P1)', async (t, store) => {
    const all = Array.from({ length: 20 }, (_, n) => `${n};`);
    const added = (more: string) => (stood: Uint8Array | undefined) => ({
      value: bytes(`${stood === undefined ? '' : Buffer.from(stood).toString()}${more}`),
      until: at(100),
    });
    await Promise.all(all.map((one) => store.change('list', 'a', added(one), at(0))));
    const kept = Buffer.from((await store.read('list', 'a', at(99))) ?? []).toString();
    t.deepEqual(kept.match(/\d+;/g)?.sort(), all.sort());
    t.is(await store.read('list', 'a', at(100)), undefined);
  });

  law('a change may leave nothing, and meets nothing whose time has passed', async (t, store) => {
    const met: (Uint8Array | undefined)[] = [];
    const changed = (kept?: { value: Uint8Array; until: EpochMs }) => (stood: Uint8Array | undefined) => {
      met.push(stood);
      return kept;
    };
    await store.change('list', 'a', changed(), at(0));
    await store.keep('list', 'a', bytes('old'), at(100));
    await store.change('list', 'a', changed({ value: bytes('new'), until: at(300) }), at(100));
    await store.change('list', 'a', changed(), at(200));
    t.is(await store.read('list', 'a', at(200)), undefined);
    await store.change('list', 'a', changed({ value: bytes('newer'), until: at(300) }), at(200));
    t.deepEqual(await store.take('list', 'a', at(200)), bytes('newer'));
    t.deepEqual(met, [undefined, undefined, bytes('new'), undefined]);
  });

  law('what has passed its time is not taken', async (t, store) => {
    await store.keep('ticket', 'a', bytes('one'), at(100));
    t.is(await store.take('ticket', 'a', at(100)), undefined);
  });

  law('what is named once and what is kept do not meet', async (t, store) => {
    await store.keep('k', 'a', bytes('one'), at(100));
    t.true(await store.once('k', 'a', at(100), at(0)));
    t.deepEqual(await store.take('k', 'a', at(0)), bytes('one'));
    t.false(await store.once('k', 'a', at(100), at(0)));
    t.is(await store.read('k', 'a', at(0)), undefined);
  });
}
