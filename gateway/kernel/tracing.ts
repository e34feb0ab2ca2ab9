// Where a request stands in a trace (W3C Trace Context), and which steps of it are timed one by one, so that a room can say what it does without knowing of
// any tracing library.

/** What is called a step. A table in ops has each one's kind. */
export type StepName =
  | 'admit'
  | 'store'
  | 'upstream'
  | 'verify'
  | 'end-session'
  | 'end-session.close'
  | 'end-session.cut'
  | 'end-session.goodbyes'
  | 'end-session.forget'
  | 'goodbye'
  | 'other-nodes'
  | 'tell-idp';

/**
 * All that a trace may say. Names and codes that are configured or ours, and numbers: never an address, a path, a query, a cookie, an id of a session or a
 * person. What is not in this list cannot be said.
 */
export interface StepFacts {
  readonly app?: string | undefined;
  /** As gateway.yaml names it; never what a message claims. */
  readonly idp?: string | undefined;
  /** Of the store. */
  readonly operation?: string;
  readonly binding?: string;
  /** The kind of a SAML message. */
  readonly message?: string;
  /** Why a session ends. */
  readonly reason?: string;
  readonly outcome?: string;
  /** A reason code. */
  readonly code?: string;
  /** Of an HTTP answer. */
  readonly status?: number | undefined;
  readonly connections?: number;
  /** That it failed: a code, the kind of an error, or a status. */
  readonly failure?: string;
}

/** One step while it lasts. */
export interface Step {
  /** What whoever is called within it is told as `traceparent`; undefined where nobody needs to know. */
  readonly traceparent: string | undefined;
  note(facts: StepFacts): void;
}

/** The place of one request. */
export interface Trace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** What an application is told where no step of its own is (W3C Trace Context §3.2). */
  readonly traceparent: string;
  /** Whether it was begun by whoever asks, so that their `tracestate` and `baggage` belong to it. */
  readonly isContinued: boolean;
  /** Whether its steps are timed. */
  readonly isSampled: boolean;
  note(facts: StepFacts): void;
  /** The request is over. What was begun within it may go on. */
  end(facts: StepFacts): void;
}

/** What every request has beside its trace. */
export interface Began {
  readonly method: string;
  readonly scheme: string;
}

/** Times what belongs to a trace. Never throws what `work` does not, and never waits. */
export interface Tracing {
  /** The trace of a request that arrives with this `traceparent`; undefined while nothing is traced. `isTrusted`: it comes from a trusted proxy. */
  arrive(traceparent: string | string[] | undefined, isTrusted: boolean): Trace | undefined;
  /** Runs `work` as the request, until `end`. */
  within<T>(trace: Trace, began: Began, work: () => T): T;
  /** Runs `work`, at once, as a step of what runs now; it lasts until what `work` answers is settled. Where nothing is timed it is run, and no more. */
  step<T>(name: StepName, facts: StepFacts, work: (step: Step) => T): T;
  /** Runs `work` as part of no trace: what is opened there goes on for others, and would carry this one along. */
  apart<T>(work: () => T): T;
  /** The trace of what runs now, for lines of the log. */
  traceId(): string | undefined;
}

const UNTIMED: Step = { traceparent: undefined, note: () => {} };

/** Traces nothing. */
export const untraced: Tracing = {
  arrive: () => undefined,
  within: (_trace, _began, work) => work(),
  step: (_name, _facts, work) => work(UNTIMED),
  apart: (work) => work(),
  traceId: () => undefined,
};
