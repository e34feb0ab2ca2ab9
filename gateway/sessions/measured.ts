// A store whose calls are timed, in sums and as steps of a trace, and whose failures are counted.

import type { Elapsed } from '../kernel/clock.ts';
import type { Measures } from '../kernel/measures.ts';
import type { Tracing } from '../kernel/tracing.ts';
import type { Store } from './store.ts';

/** Every method that asks the store something; a table, so that one without an entry does not compile. */
const OPERATIONS = {
  ...{ begin: true, renew: true, addToken: true, findByToken: true, find: true, touch: true, list: true },
  ...{ findBySubject: true, findByIndexes: true, end: true, forget: true, unfinished: true, adopt: true, due: true },
  ...{ cookies: true, mergeCookies: true, appsWithCookies: true, bury: true },
  ...{ once: true, keep: true, swap: true, change: true, read: true, take: true },
  ...{ sweep: true, count: true, ready: true },
} as const satisfies Record<Exclude<keyof Store, 'onEnded' | 'close' | 'nodes'>, true>;

/** The same store, measured. What is answered is not touched. */
export function measured(
  store: Store,
  { measures, tracing }: { readonly measures: Pick<Measures, 'count' | 'time'>; readonly tracing: Tracing },
  elapsed: Elapsed,
): Store {
  const timed = Object.keys(OPERATIONS).map((operation) => {
    const labels = { operation };
    const call = store[operation as keyof typeof OPERATIONS].bind(store) as (...given: unknown[]) => Promise<unknown>;
    const instead = (...given: unknown[]): Promise<unknown> => {
      const begunAt = elapsed();
      const over = (): void => measures.time('store', labels, elapsed() - begunAt);
      const failed = (): void => {
        measures.count('store-error', labels);
        over();
      };
      const answer = tracing.step('store', labels, () => asked(call, given));
      answer.then(over, failed);
      return answer;
    };
    return [operation, instead] as const;
  });
  return {
    ...(Object.fromEntries(timed) as unknown as Pick<Store, keyof typeof OPERATIONS>),
    onEnded: (listener) => store.onEnded(listener),
    close: () => store.close(),
    ...(store.nodes && { nodes: store.nodes }),
  };
}

/** What is thrown at once is answered as all else that fails. */
function asked(call: (...given: unknown[]) => Promise<unknown>, given: readonly unknown[]): Promise<unknown> {
  try {
    return call(...given);
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}
