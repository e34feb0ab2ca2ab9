// How things stand, for Prometheus: asked for when it reads.

import { Gauge, type Aggregator, type Registry } from 'prom-client';
import type { EpochMs } from '../kernel/words.ts';

/** What is asked for at each reading. */
export interface MetricSources {
  readonly sessions: { count(): Promise<number> };
  readonly live: { count(): number };
  /** Whether this node may serve from memory; undefined where the store is its own. */
  readonly holdsLease: (() => boolean) | undefined;
  /** The configuration in use: when it was last found good, and whether what stands on disk is faulty. */
  readonly configuration: () => { readonly goodAt: EpochMs; readonly isFaulty: boolean };
  /** Certificates that we show, by the name of their file. */
  readonly certificates: () => readonly { readonly name: string; readonly notAfter: EpochMs }[];
  readonly metadata: () => readonly {
    readonly idp: string;
    readonly validUntil: EpochMs | undefined;
    /** Whether the last look at it went well. */
    readonly isCurrent: boolean;
  }[];
}

/** A store that hangs must not keep Prometheus from reading the rest. */
const COUNT_MS = 1000;

/** Has the registry ask for them from now on. */
export function watchStates(
  register: Registry,
  { sessions, live, holdsLease, configuration, certificates, metadata }: MetricSources,
): void {
  // How what several workers say becomes one: see totals.ts.
  const gauge = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    aggregator: Aggregator,
    collect: (it: Gauge<L>) => void | Promise<void>,
  ) =>
    new Gauge<L>({
      ...{ name, help, labelNames, aggregator, registers: [register] },
      collect() {
        this.reset();
        return collect(this);
      },
    });
  gauge(
    'curfew_sessions',
    'Sessions that live, on all nodes; NaN where the store does not say.',
    [],
    'max',
    async (it) => {
      const late = new Promise<number>((resolve) => setTimeout(resolve, COUNT_MS, NaN).unref());
      it.set(await Promise.race([sessions.count().catch(() => NaN), late]));
    },
  );
  gauge('curfew_live_connections', 'Connections open for sessions on this node.', [], 'sum', (it) =>
    it.set(live.count()),
  );
  gauge(
    'curfew_lease_held',
    'Whether this node may serve: 1, or 0 while it does not hear from the store.',
    [],
    'min',
    (it) => it.set(holdsLease === undefined || holdsLease() ? 1 : 0),
  );
  gauge(
    'curfew_config_last_success_timestamp_seconds',
    'When the configuration was last found good.',
    [],
    'min',
    (it) => it.set(configuration().goodAt / 1000),
  );
  gauge(
    'curfew_config_faulty',
    'Whether what stands on disk is not in use because it is faulty: 1, or 0.',
    [],
    'max',
    (it) => it.set(configuration().isFaulty ? 1 : 0),
  );
  gauge(
    'curfew_certificate_expiry_timestamp_seconds',
    'When a certificate of ours ends.',
    ['certificate'],
    'min',
    (it) => {
      for (const { name, notAfter } of certificates()) it.set({ certificate: name }, notAfter / 1000);
    },
  );
  gauge('curfew_idp_metadata_current', 'Whether the last look at the metadata went well.', ['idp'], 'min', (it) => {
    for (const { idp, isCurrent } of metadata()) it.set({ idp }, isCurrent ? 1 : 0);
  });
  gauge(
    'curfew_idp_metadata_expiry_timestamp_seconds',
    'When the metadata ends, where it says.',
    ['idp'],
    'min',
    (it) => {
      for (const { idp, validUntil } of metadata()) if (validUntil !== undefined) it.set({ idp }, validUntil / 1000);
    },
  );
}
