// What arrives, in order, for whoever waits for it: no test has to sleep until something has come.

export interface Inbox<T> {
  put(item: T): void;
  /** Nothing more will come: waiters, and those who ask once the inbox is empty, are told so. */
  close(): void;
  /** The next item, at once or when it comes; rejects where it never will. */
  next(): Promise<T>;
}

/** `what` names the items in the error. */
export function inbox<T>(what: string): Inbox<T> {
  const items: T[] = [];
  const waiting: PromiseWithResolvers<T>[] = [];
  let closed = false;
  const over = (): Error => new Error(`no further ${what}: it is closed`);
  return {
    put: (item) => {
      const first = waiting.shift();
      if (first) first.resolve(item);
      else items.push(item);
    },
    close: () => {
      closed = true;
      for (const waiter of waiting.splice(0)) waiter.reject(over());
    },
    next: () => {
      const [item] = items.splice(0, 1);
      if (item !== undefined) return Promise.resolve(item);
      if (closed) return Promise.reject(over());
      const waiter = Promise.withResolvers<T>();
      waiting.push(waiter);
      return waiter.promise;
    },
  };
}
