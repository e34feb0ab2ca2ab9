// `curfew metadata`: our SP metadata, to be registered at the identity provider. The same as GET /saml/metadata, and to be had before
// the identity provider's own metadata is there.

import { loadOurSide } from '../config/load.ts';
import { ourSide } from '../parts.ts';
import { ourMetadata } from '../saml/ours/metadata.ts';
import { EXIT, type Command } from './command.ts';
import { complainOfFaults } from './configured.ts';

/** `curfew metadata`: exit 2 where our own side is not configured. */
export const metadata: Command = {
  name: 'metadata',
  summary: 'print the SP metadata to register at the identity provider',
  run: (given) => {
    const configuration = loadOurSide(given.policies, given.env);
    if ('faults' in configuration) {
      complainOfFaults(given, configuration.faults);
      return Promise.resolve(EXIT.fault);
    }
    const ours = ourSide(configuration);
    const { entityId, acs, slo, sloSoap, sloBackchannel } = ours;
    const xml = ourMetadata(ours);
    given.output.print(
      given.json ? JSON.stringify({ entityId, acs, slo, sloSoap, sloBackchannel, metadata: xml }) : xml,
    );
    return Promise.resolve(EXIT.done);
  },
};
