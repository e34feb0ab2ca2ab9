// The configuration as every command gets it: whole, or all its faults on standard error.

import { formatFaults, formatWarnings, type Fault } from '../config/faults.ts';
import { loadConfiguration, type Configuration, type Judges } from '../config/load.ts';
import { parseTemplate } from '../proxy/identity.ts';
import { IdpMetadataFault, readIdpMetadata } from '../saml/idp-metadata.ts';
import type { Given } from './command.ts';

/** What the rooms say about contents that the configuration only carries. */
const judges: Judges = {
  idpMetadata: (text) => {
    try {
      readIdpMetadata(text);
      return undefined;
    } catch (error) {
      if (error instanceof IdpMetadataFault) return error.message;
      throw error;
    }
  },
  template: (text) => {
    const [fault] = parseTemplate(text).faults;
    return fault && `${fault.reference} ${fault.problem}; ${fault.remedy}`;
  },
};

/** The configuration, or undefined after its faults were shown. Warnings are shown either way. */
export function configured({ policies, env, json, output }: Given): Configuration | undefined {
  const loaded = loadConfiguration(policies, env, judges);
  if ('faults' in loaded) {
    complainOfFaults({ json, output }, loaded.faults);
    return undefined;
  }
  if (loaded.warnings.length > 0 && !json) output.complain(formatWarnings(loaded.warnings));
  return loaded.configuration;
}

/** Every fault, for people or for programs, on standard error. */
export function complainOfFaults({ json, output }: Pick<Given, 'json' | 'output'>, faults: readonly Fault[]): void {
  output.complain(json ? JSON.stringify({ faults }) : formatFaults(faults));
}
