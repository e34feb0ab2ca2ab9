// Traces: which request is in which, and what runs within it at this moment. Rooms see `kernel/tracing.ts` of it.

import { AsyncLocalStorage } from 'node:async_hooks';
import { isDeepStrictEqual } from 'node:util';
import type { Elapsed } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { untraced, type Began, type Step, type StepFacts, type Trace, type Tracing } from '../kernel/tracing.ts';
import { openPlacing, traceparentOf, type Place, type Placing } from './trace-context.ts';
import { openExporting, type Exporting } from './trace-export.ts';
import { beganAs, failureOf, isCall, noteOn, requestName, stepName, type Span } from './trace-words.ts';
import type { TracingSettings } from './tracing-settings.ts';

/** Traces of one process, whatever is configured. */
export interface Traces extends Tracing {
  /** Gets ready to go by other settings; what it answers makes them count. Nothing has changed before. */
  prepare(settings: TracingSettings | undefined): Promise<() => void>;
  /** Sends what is left, for so long at most. */
  close(ms: number): Promise<void>;
}

/** What runs at this moment. */
interface Around {
  readonly traceId: string;
  readonly timed: Timed | undefined;
}

/** Opens it, tracing nothing. */
export function openTraces(parts: { readonly log: Log; readonly elapsed: Elapsed }): Traces {
  const running = new AsyncLocalStorage<Around>();
  const outside = AsyncLocalStorage.snapshot();
  const closing = new Set<Promise<void>>();
  let settings: TracingSettings | undefined;
  let placing: Placing | undefined;
  let exporting: Exporting | undefined;

  const retire = (former: Exporting | undefined, ms: number): void => {
    if (former === undefined) return;
    const closed = former.close(ms).finally(() => closing.delete(closed));
    closing.add(closed);
  };

  return {
    arrive: (traceparent, isTrusted) =>
      placing === undefined ? undefined : new Arrived(placing(traceparent, isTrusted), exporting),
    within(trace, began, work) {
      if (!(trace instanceof Arrived)) return work();
      return running.run({ traceId: trace.traceId, timed: trace.begin(began) }, work);
    },
    step(name, facts, work) {
      const within = placing === undefined ? undefined : running.getStore()?.timed;
      // What is over has no more steps: a connection made within it may serve others later, and carries this along.
      if (within === undefined || within.isOver) return untraced.step(name, facts, work);
      const timed = within.begin(name, facts);
      try {
        const result = running.run({ traceId: timed.traceId, timed }, work, timed);
        if (!(result instanceof Promise)) timed.end();
        else
          result.then(
            () => timed.end(),
            (error: unknown) => timed.fail(error),
          );
        return result;
      } catch (error) {
        timed.fail(error);
        throw error;
      }
    },
    apart: (work) => outside(work),
    traceId: () => (placing === undefined ? undefined : running.getStore()?.traceId),
    async prepare(next) {
      if (isDeepStrictEqual(next, settings)) return () => {};
      const opened = next && (await openExporting(next, parts));
      return () => {
        retire(exporting, RETIRED_MS);
        [settings, exporting, placing] = [next, opened, next && openPlacing(next)];
      };
    },
    async close(ms) {
      retire(exporting, ms);
      [settings, exporting, placing] = [undefined, undefined, undefined];
      await Promise.all(closing);
    },
  };
}

/** How long what ended under settings that do not count any more is tried to be sent. */
const RETIRED_MS = 5000;

class Arrived implements Trace {
  readonly traceId: string;
  readonly traceparent: string;
  readonly isContinued: boolean;
  readonly isSampled: boolean;
  readonly #place: Place;
  readonly #exporting: Exporting | undefined;
  #timed: Timed | undefined;
  #method = '';

  constructor(place: Place, exporting: Exporting | undefined) {
    this.traceId = place.traceId;
    this.traceparent = traceparentOf(place.traceId, place.parentId, place.isSampled);
    this.isContinued = place.isContinued;
    this.isSampled = place.isSampled && exporting !== undefined;
    this.#place = place;
    this.#exporting = exporting;
  }

  /** Undefined where it is not timed. The same, however often it is asked for. */
  begin(began: Began): Timed | undefined {
    if (!this.isSampled || this.#exporting === undefined || this.#timed !== undefined) return this.#timed;
    const span = this.#exporting.arrive(this.#place);
    this.#method = beganAs(span, began);
    this.#timed = new Timed(this.traceId, span, this.#exporting);
    this.#timed.span.updateName(requestName(this.#method, undefined));
    return this.#timed;
  }

  note(facts: StepFacts): void {
    this.#timed?.note(facts);
    if (facts.app !== undefined) this.#timed?.span.updateName(requestName(this.#method, facts.app));
  }

  end(facts: StepFacts): void {
    this.note(facts);
    this.#timed?.end();
  }
}

class Timed implements Step {
  readonly traceId: string;
  readonly span: Span;
  readonly #exporting: Exporting;
  isOver = false;

  constructor(traceId: string, span: Span, exporting: Exporting) {
    this.traceId = traceId;
    this.span = span;
    this.#exporting = exporting;
  }

  get traceparent(): string {
    return traceparentOf(this.traceId, this.span.spanContext().spanId, true);
  }

  begin(name: Parameters<Tracing['step']>[0], facts: StepFacts): Timed {
    const span = this.#exporting.step(stepName(name, facts), isCall(name), this.span);
    const step = new Timed(this.traceId, span, this.#exporting);
    step.note(facts);
    return step;
  }

  note(facts: StepFacts): void {
    if (this.isOver) return;
    noteOn(this.span, facts);
    if (facts.failure !== undefined) this.#exporting.fail(this.span);
  }

  fail(error: unknown): void {
    this.note({ failure: failureOf(error) });
    this.end();
  }

  end(): void {
    this.isOver = true;
    this.span.end();
  }
}
