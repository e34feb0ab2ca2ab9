// What Prometheus reads at /metrics. Counts and durations come from the measures and the audit lines, states are asked for when they
// are read. No label names a person, a path or anything else that a client chooses.

import {
  collectDefaultMetrics,
  Counter,
  Histogram,
  Registry,
  type MetricObjectWithValues,
  type MetricValue,
} from 'prom-client';
import type { Audit, AuditEvent } from '../kernel/audit.ts';
import type { Counted, Measures } from '../kernel/measures.ts';
import type { Binding } from '../saml/names.ts';
import { Durations, type Row } from './durations.ts';
import { watchStates, type MetricSources } from './metric-states.ts';
import { requestDurations } from './request-durations.ts';

/** Names that labels may have; whatever else a message claims becomes `unknown`. */
export interface MetricNames {
  readonly apps: readonly string[];
  readonly identityProviders: readonly string[];
}

/** One metric with its values, as workers hand it on. */
export type CountedMetric = MetricObjectWithValues<MetricValue<string>>;

/** The metrics of one gateway. */
export interface Metrics {
  readonly measures: Measures;
  readonly audit: Audit;
  /** Labels may have these names as well from now on; those there were stay, because what was counted stays. */
  know(names: MetricNames): void;
  /** Says from now on how things stand as well. */
  watch(sources: MetricSources): void;
  readonly contentType: string;
  /** Everything, in Prometheus's text format. */
  text(): Promise<string>;
  /** The same for whoever adds up those of several workers. */
  counted(): Promise<CountedMetric[]>;
}

const STORE_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const LOGOUT_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20];

// What alert rules ask about begins at nought: of a series that appears with its first count Prometheus sees no increase, and the first
// logout that was not carried out would wake nobody.
const BINDINGS: readonly Binding[] = ['redirect', 'post', 'soap'];
const STATUSES: readonly Extract<AuditEvent, { event: 'logout-request' }>['status'][] = [
  'success',
  'partial',
  'unavailable',
];
const LIMITS: readonly Counted['limited']['what'][] = ['sign-ins', 'messages', 'connections', 'admin-tokens'];

/** Opens them. `ofProcess`: also memory, CPU and event loop of the process, which only the one gateway of a process should tell. */
export function openMetrics(names: MetricNames, { ofProcess }: { readonly ofProcess: boolean }): Metrics {
  const register = new Registry();
  if (ofProcess) collectDefaultMetrics({ register });
  const requests = requestDurations(names.apps, register);
  const counts = countersIn(register);
  const storeSeconds = storeDurations(register);
  const { audit, know } = auditCounter(register, names);
  const forgeriesFrom0 = (apps: readonly string[]): void => {
    for (const app of apps) counts['identity-header-forged'].inc({ app }, 0);
  };
  forgeriesFrom0(names.apps);
  for (const what of LIMITS) for (const by of ['address', 'all']) counts.limited.inc({ what, by }, 0);
  return {
    measures: {
      count: (name, labels) => counts[name].inc(labels as Partial<Record<string, string>>),
      time: (_name, { operation }, milliseconds) => storeSeconds(operation, milliseconds),
      served: requests.count,
    },
    audit,
    know: (more) => {
      requests.know(more.apps);
      forgeriesFrom0(more.apps);
      know(more);
    },
    watch: (sources) => watchStates(register, sources),
    contentType: register.contentType,
    text: () => register.metrics(),
    counted: () => register.getMetricsAsJSON(),
  };
}

/** Six calls of the store belong to a logout. */
function storeDurations(register: Registry): (operation: string, milliseconds: number) => void {
  const name = 'curfew_store_duration_seconds';
  const help = 'How long the store took, by call.';
  const durations = new Durations({ name, help, labelNames: ['operation'], bounds: STORE_SECONDS }, register);
  const rows = new Map<string, Row<'operation'>>();
  return (operation, milliseconds) => {
    let row = rows.get(operation);
    if (row === undefined) rows.set(operation, (row = durations.row({ operation })));
    row.add(milliseconds);
  };
}

const countersIn = (register: Registry) => {
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers: [register] });
  return {
    'identity-header-forged': counter(
      'curfew_identity_headers_forged_total',
      'Request fields that imitated an identity header of the app, and were removed.',
      ['app'],
    ),
    goodbye: counter('curfew_goodbyes_total', 'Apps told that a person has left, by what came of it.', [
      'app',
      'outcome',
    ]),
    limited: counter('curfew_limited_total', 'Requests and connections over one of `limits`, by what was limited.', [
      'what',
      'by',
    ]),
    'store-error': counter('curfew_store_errors_total', 'Calls that the store answered with an error.', ['operation']),
    reload: counter('curfew_config_reloads_total', 'Configurations read while curfew ran, by what came of it.', [
      'result',
    ]),
  };
};

/** Counts what is written into the audit log, so that the two cannot say different things. */
function auditCounter(register: Registry, names: MetricNames): Pick<Metrics, 'audit' | 'know'> {
  const [apps, identityProviders] = [new Set<string>(), new Set<string>()];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name, help, labelNames, registers: [register] });
  const seconds = (name: string, help: string) =>
    new Histogram({ name, help, labelNames: ['idp'], buckets: LOGOUT_SECONDS, registers: [register] });
  const signIns = counter('curfew_sign_ins_total', 'Sessions begun.', ['idp']);
  const refusals = counter('curfew_refusals_total', 'SAML messages refused, by the check that refused them.', [
    'idp',
    'code',
  ]);
  const denials = counter('curfew_access_denied_total', 'Pages refused to people who are signed in.', ['app', 'code']);
  const endings = counter('curfew_sessions_ended_total', 'Sessions ended, by reason.', ['idp', 'reason']);
  const requests = counter('curfew_logout_requests_total', 'LogoutRequests, by what was answered.', [
    'idp',
    'binding',
    'status',
    'repeated',
  ]);
  const actions = counter('curfew_administrator_actions_total', 'What administrators did.', ['action']);
  const success = seconds('curfew_logout_success_seconds', 'From LogoutRequest to the answer Success.');
  const cut = seconds('curfew_logout_cut_seconds', 'From LogoutRequest to the last connection cut.');
  const know = (more: MetricNames): void => {
    for (const app of more.apps) apps.add(app);
    for (const idp of more.identityProviders) {
      if (identityProviders.has(idp)) continue;
      identityProviders.add(idp);
      signIns.inc({ idp }, 0);
      for (const binding of BINDINGS)
        for (const status of STATUSES) requests.inc({ idp, binding, status, repeated: 'false' }, 0);
      for (const histogram of [success, cut]) histogram.zero({ idp });
    }
  };
  know(names);
  const idpLabel = (idp: string | undefined) => (idp !== undefined && identityProviders.has(idp) ? idp : 'unknown');
  const appLabel = (app: string) => (apps.has(app) ? app : 'unknown');

  const audit: Audit = {
    record: (event: AuditEvent) => {
      switch (event.event) {
        case 'sign-in':
          signIns.inc({ idp: idpLabel(event.idp) });
          break;
        case 'refused':
          refusals.inc({ idp: idpLabel(event.idp), code: event.code });
          break;
        case 'access-denied':
          denials.inc({ app: appLabel(event.app), code: event.code });
          break;
        case 'session-ended':
          endings.inc({ idp: idpLabel(event.idp), reason: event.reason });
          break;
        case 'administrator':
          actions.inc({ action: event.action });
          break;
        case 'proven':
        case 'summed-up':
        case 'configuration':
          break;
        case 'logout-request': {
          const { binding, status, repeated, milliseconds, cutMilliseconds } = event;
          const idp = idpLabel(event.idp);
          requests.inc({ idp, binding, status, repeated: String(repeated) });
          if (repeated) return;
          // A wall clock may be put back in between.
          if (status === 'success') success.observe({ idp }, Math.max(0, milliseconds) / 1000);
          if (cutMilliseconds !== undefined) cut.observe({ idp }, Math.max(0, cutMilliseconds) / 1000);
        }
      }
    },
  };
  return { audit, know };
}
