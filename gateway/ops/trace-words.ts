// What spans are called and what is said in them: OpenTelemetry's words where it has some (semantic conventions for HTTP and databases), ours otherwise.

import { CurfewError } from '../kernel/errors.ts';
import type { Began, StepFacts, StepName } from '../kernel/tracing.ts';
import type { Span } from './trace-export.ts';

export type { Span } from './trace-export.ts';

const ATTRIBUTES = {
  app: 'curfew.app',
  idp: 'curfew.idp',
  operation: 'db.operation.name',
  binding: 'curfew.saml.binding',
  message: 'curfew.saml.message',
  reason: 'curfew.reason',
  outcome: 'curfew.outcome',
  code: 'curfew.code',
  status: 'http.response.status_code',
  connections: 'curfew.connections',
  failure: 'error.type',
} as const satisfies Record<keyof StepFacts, string>;

/** Steps in which somebody else is asked. */
const CALLS = {
  ...{ store: true, upstream: true, goodbye: true, 'tell-idp': true },
  ...{ admit: false, verify: false, 'other-nodes': false },
  ...{ 'end-session': false, 'end-session.close': false, 'end-session.cut': false },
  ...{ 'end-session.goodbyes': false, 'end-session.forget': false },
} as const satisfies Record<StepName, boolean>;

/** A client may send any word as a method: others are all called the same. */
const METHODS: ReadonlySet<string> = new Set([
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'],
]);

/** Whether somebody else is asked in it. */
export const isCall = (name: StepName): boolean => CALLS[name];

/** The name of a step: what it is, and with whom where that is configured. */
export function stepName(name: StepName, { app, operation }: StepFacts): string {
  const whom = app ?? operation;
  return whom === undefined ? name : `${name} ${whom}`;
}

/** The name of a request: method and app; ours where it is for no app. */
export const requestName = (method: string, app: string | undefined): string =>
  `${method === '_OTHER' ? 'HTTP' : method} ${app ?? 'curfew'}`;

/** Says what every request has; answers with the method as it is called. */
export function beganAs(span: Span, { method, scheme }: Began): string {
  const known = METHODS.has(method) ? method : '_OTHER';
  span.setAttribute('http.request.method', known);
  span.setAttribute('url.scheme', scheme);
  return known;
}

/** Says it. */
export function noteOn(span: Span, facts: StepFacts): void {
  for (const [fact, attribute] of Object.entries(ATTRIBUTES)) {
    const value = facts[fact as keyof StepFacts];
    if (value !== undefined) span.setAttribute(attribute, value);
  }
}

/** A reason code, a code of the system's, or the kind of error. Never its message, which may name anything. */
export function failureOf(error: unknown): string {
  if (error instanceof CurfewError) return error.code;
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && /^[A-Z][A-Z_]{2,40}$/.test(code) ? code : error.constructor.name;
}
