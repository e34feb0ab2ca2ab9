// What the doors say of a request in its trace: when it begins and ends, what was decided, and what the app is told (docs/tracing.md).

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Admission } from '../flows/admit.ts';
import type { CurfewError } from '../kernel/errors.ts';
import type { StepFacts, Trace } from '../kernel/tracing.ts';
import type { Forwarded, Passage } from '../proxy/engine.ts';
import type { Arrived } from '../saml/arrived.ts';
import type { Soon } from '../sessions/sessions.ts';
import type { Doors, Seen } from './doors.ts';

type TracedDoors = Pick<Doors, 'tracing'>;

/** Runs `work` as the request that `seen` is of, so that what is written in the log meanwhile names its trace. */
export function within<T>(
  { tracing }: TracedDoors,
  { trace, client }: Seen,
  request: IncomingMessage,
  work: () => T,
): T {
  if (trace === undefined) return work();
  return tracing.within(trace, { method: request.method ?? '', scheme: client.proto }, work);
}

/** The same, where it may be timed: it lasts until the answer is over. */
export function serving(
  doors: TracedDoors,
  seen: Seen,
  request: IncomingMessage,
  response: ServerResponse,
  work: () => void,
): void {
  const { trace } = seen;
  if (trace?.isSampled === true) response.once('close', () => trace.end(answeredBy(response)));
  within(doors, seen, request, work);
}

/** Asks the one admission, as a step. */
export function admitting({ tracing }: TracedDoors, trace: Trace, ask: () => Soon<Admission>): Soon<Admission> {
  return tracing.step('admit', {}, (step) => {
    const noted = (admission: Admission): Admission => {
      const { kind, app } = admission;
      step.note({ outcome: kind, app: app?.app, ...(kind === 'refused' && { code: admission.code }) });
      trace.note({ app: app?.app });
      return admission;
    };
    const admission = ask();
    return admission instanceof Promise ? admission.then(noted) : noted(admission);
  });
}

/** Asks the app, as a step: the app's own part of the trace begins under it. */
export function asking(
  { tracing }: TracedDoors,
  app: string,
  trace: Trace,
  passage: Passage,
  ask: (passage: Passage) => Promise<Forwarded>,
): Promise<Forwarded> {
  return tracing.step('upstream', { app }, (step) => {
    const { traceparent = trace.traceparent } = step;
    const told = { ...passage, trace: { traceparent, isContinued: trace.isContinued } };
    // The connection to the app outlives the request.
    return tracing
      .apart(() => ask(told))
      .then((outcome) => {
        step.note(forwardedAs(outcome));
        return outcome;
      });
  });
}

/** Runs what goes to the app by way of ours; steps are only taken note of where the request is timed. */
export const goingOn = <T>({ tracing }: TracedDoors, { trace }: Seen, work: () => T): T =>
  trace === undefined || trace.isSampled ? work() : tracing.apart(work);

/** Has a SAML message judged. What it claims is said only once it is believed. */
export const inspected = (
  { tracing, serviceProvider, clock }: Pick<Doors, 'tracing' | 'serviceProvider' | 'clock'>,
  arrived: Arrived,
  browser: string | undefined,
) =>
  tracing.step('verify', { binding: arrived.binding }, async (step) => {
    const message = await serviceProvider.inspect(arrived, browser, clock.now());
    if (message.kind !== 'refused') step.note({ message: message.kind, idp: message.idp.name });
    else step.note({ outcome: 'refused', code: message.error.code, idp: message.signedBy?.name });
    return message;
  });

/** How an upgrade came to its end. */
export const refusedAs = ({ status, code }: CurfewError): StepFacts => ({ status, code, ...failedBy(status, code) });

/** How the app answered. */
export function forwardedAs(outcome: Forwarded): StepFacts {
  switch (outcome.kind) {
    case 'done':
      return { status: outcome.status, ...(outcome.status >= 400 && { failure: String(outcome.status) }) };
    case 'cut':
      return { outcome: `cut by ${outcome.by}` };
    case 'lapsed':
      return { outcome: 'lapsed' };
    case 'failed':
      return { failure: outcome.error.code };
  }
}

function answeredBy(response: ServerResponse): StepFacts {
  const code = response.getHeader('x-curfew');
  const own = typeof code === 'string' ? { code } : {};
  if (!response.headersSent) return { outcome: 'broken off', ...own };
  const { statusCode: status } = response;
  return {
    ...own,
    ...{ status, ...failedBy(status, own.code) },
    ...(!response.writableFinished && { outcome: 'broken off' }),
  };
}

const failedBy = (status: number, code: string | undefined): StepFacts =>
  status >= 500 ? { failure: code ?? String(status) } : {};
