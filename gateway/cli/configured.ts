// The configuration as every command gets it: whole, or all its faults on standard error.

import { X509Certificate } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { loadAdminSide, type AdminSide } from '../config/admin-side.ts';
import { formatFaults, formatWarnings, type Fault } from '../config/faults.ts';
import type { Judges } from '../config/judges.ts';
import { loadConfiguration, type Configuration, type Loaded } from '../config/load.ts';
import { servedHosts } from '../config/served-hosts.ts';
import { certificateWarnings, readCertificates } from '../http/certificates.ts';
import { systemClock } from '../kernel/clock.ts';
import { parseTemplate } from '../kernel/template.ts';
import { readWorkers } from '../ops/settings.ts';
import { readIdpMetadata } from '../saml/idp-metadata.ts';
import { IdpMetadataFault } from '../saml/metadata/fault.ts';
import type { Given, Option } from './command.ts';

/** What the rooms say about contents that the configuration only carries. */
export const JUDGES: Judges = {
  idpMetadata: (text, { entityId, signedBy, artifacts }) => {
    try {
      const key = signedBy === undefined ? undefined : new X509Certificate(signedBy).publicKey;
      const { validUntil, artifactResolution } = readIdpMetadata(text, { entityId, signedBy: key });
      if (artifacts === true && artifactResolution.size === 0)
        return 'has no ArtifactResolutionService for SOAP; leave signOn.responseBinding out';
      const isOver = validUntil !== undefined && validUntil <= systemClock.now();
      return isOver ? `was valid until ${new Date(validUntil).toISOString()} only; fetch it anew` : undefined;
    } catch (error) {
      if (error instanceof IdpMetadataFault) return error.message;
      throw error;
    }
  },
  template: (text) => {
    const [fault] = parseTemplate(text).faults;
    return fault && `${fault.reference} ${fault.problem}; ${fault.remedy}`;
  },
  certificates: (folder) => readCertificates(folder).faults,
};

/** For the options of commands that start the gateway, or say whether it would start. */
export const WORKERS_OPTION: Record<'workers', Option> = {
  workers: { type: 'string', help: 'how many processes serve, or auto (default: workers of gateway.yaml, or 1)' },
};

const MOST_WORKERS = 64;

/** How many processes are to serve. `auto` asks for no more than can be had: one, where the store is one's own. */
export function workersOf({ workers, sessions }: Configuration, { options }: Pick<Given, 'options'>): number {
  const asked = options['workers'];
  const wanted = (typeof asked === 'string' ? readWorkers(asked) : undefined) ?? workers;
  if (wanted !== 'auto') return wanted;
  return sessions.store.kind === 'redis' ? Math.min(availableParallelism(), MOST_WORKERS) : 1;
}

/** What stands in the policies folder now, judged by every room. */
export function loadedFrom({ policies, env, options }: Pick<Given, 'policies' | 'env' | 'options'>): Loaded {
  const { workers } = options;
  const line = { workers: typeof workers === 'string' ? workers : undefined };
  const loaded = loadConfiguration(policies, env, JUDGES, line);
  if ('faults' in loaded) return loaded;
  return { ...loaded, warnings: [...loaded.warnings, ...tlsWarnings(policies, loaded.configuration)] };
}

/** The configuration, or undefined after its faults were shown. Warnings are shown either way. */
export function configured({ policies, env, json, output, options }: Given): Configuration | undefined {
  const loaded = loadedFrom({ policies, env, options });
  if ('faults' in loaded) {
    complainOfFaults({ json, output }, loaded.faults);
    return undefined;
  }
  if (loaded.warnings.length > 0 && !json) output.complain(formatWarnings(loaded.warnings));
  return loaded.configuration;
}

function tlsWarnings(policies: string, configuration: Configuration): Fault[] {
  const { listen, tls } = configuration;
  if (listen.https === undefined || tls === undefined) return [];
  const { certificates } = readCertificates(tls.certificates);
  const file = join(policies, 'gateway.yaml');
  return certificateWarnings(certificates, servedHosts(configuration), systemClock.now()).map((message) => ({
    ...{ file, line: undefined, key: 'tls.certificates', message },
  }));
}

/** How the gateway that runs is asked, or undefined after what stands in the way was shown. Other faults on disk do not: it runs with what it took over. */
export function adminSideOf({ policies, env, json, output }: Given): AdminSide | undefined {
  const side = loadAdminSide(policies, env);
  if (!('faults' in side)) return side;
  complainOfFaults({ json, output }, side.faults, 'nothing was asked');
  return undefined;
}

/** Every fault, for people or for programs, on standard error. */
export function complainOfFaults(
  { json, output }: Pick<Given, 'json' | 'output'>,
  faults: readonly Fault[],
  outcome?: string,
): void {
  output.complain(json ? JSON.stringify({ faults }) : formatFaults(faults, outcome));
}
