// What primary and worker say to each other: questions with an answer, and news without one. Nothing waits for ever, and nothing piles up.

/** Where messages go in and out: a worker of node:cluster, or the process of one. */
export interface Wire {
  /** False where what was sent before has not gone out yet. Throws where nobody is there any more. */
  send(message: unknown, done: (error: Error | null) => void): boolean;
  listen(listener: (message: unknown) => void): void;
}

/** One end. */
export interface Line {
  /** Rejects where no answer comes in time, or where the other end failed. */
  ask(what: string, about?: unknown): Promise<unknown>;
  tell(what: string, about?: unknown): void;
  /** The same, and left out where the other end does not keep up. */
  mention(what: string, about?: unknown): void;
}

/** What this end does for the other: by question its answer, by news nothing. */
export type Answers = Readonly<Record<string, (about: unknown) => unknown>>;

type Message =
  | { readonly curfew: 'ask'; readonly id: number; readonly what: string; readonly about: unknown }
  | { readonly curfew: 'answer'; readonly id: number; readonly value?: unknown; readonly error?: string }
  | { readonly curfew: 'news'; readonly what: string; readonly about: unknown };

/** Longer than all checks of /readyz take together. */
const ANSWER_MS = 8000;

/** Opens one end over a wire. */
export function openLine(wire: Wire, answers: Answers): Line {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let isFull = false;
  let asked = 0;

  function send(message: Message): boolean {
    try {
      const hasRoom = wire.send(message, (error) => {
        if (error === null) isFull = false;
      });
      if (!hasRoom) isFull = true;
      return true;
    } catch {
      return false;
    }
  }

  async function answer({ id, what, about }: Extract<Message, { curfew: 'ask' }>): Promise<void> {
    try {
      send({ curfew: 'answer', id, value: await answers[what]?.(about) });
    } catch (error) {
      send({ curfew: 'answer', id, error: error instanceof Error ? error.message : String(error) });
    }
  }

  wire.listen((received) => {
    if (!isMessage(received)) return;
    if (received.curfew === 'ask') void answer(received);
    else if (received.curfew === 'news') void answers[received.what]?.(received.about);
    else if (received.error === undefined) waiting.get(received.id)?.resolve(received.value);
    else waiting.get(received.id)?.reject(new Error(received.error));
  });

  return {
    ask: (what, about) => {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      const id = (asked += 1);
      const late = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS} ms`)), ANSWER_MS);
      waiting.set(id, { resolve, reject });
      if (isFull || !send({ curfew: 'ask', id, what, about })) reject(new Error('nobody takes messages there'));
      return promise.finally(() => {
        clearTimeout(late);
        waiting.delete(id);
      });
    },
    tell: (what, about) => void send({ curfew: 'news', what, about }),
    mention: (what, about) => {
      if (!isFull) send({ curfew: 'news', what, about });
    },
  };
}

const isMessage = (received: unknown): received is Message =>
  typeof received === 'object' && received !== null && 'curfew' in received;
