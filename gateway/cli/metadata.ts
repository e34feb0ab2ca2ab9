// `curfew metadata`: our SP metadata, to be registered at the identity provider. The same as GET /saml/metadata, and to be had before
// the identity provider's own metadata is there.

import { originOf } from '../apps.ts';
import { loadOurSide } from '../config/load.ts';
import { loadOwnSide } from '../config/own-side.ts';
import { ownSide } from '../own-providers.ts';
import { ourSide } from '../parts.ts';
import { ourMetadata } from '../saml/ours/metadata.ts';
import { EXIT, type Command } from './command.ts';
import { complainOfFaults } from './configured.ts';

/** `curfew metadata`: exit 2 where our own side is not configured. */
export const metadata: Command = {
  name: 'metadata',
  summary: 'print the SP metadata to register at the identity provider',
  options: { app: { type: 'string', names: 'app', help: 'of the app that has a service provider of its own' } },
  run: (given) => {
    const configuration = loadOurSide(given.policies, given.env);
    if ('faults' in configuration) {
      complainOfFaults(given, configuration.faults);
      return Promise.resolve(EXIT.fault);
    }
    const { app } = given.options;
    const gateway = ourSide(configuration);
    const own = typeof app === 'string' ? loadOwnSide(given.policies, given.env, app) : undefined;
    if (own !== undefined && 'faults' in own) {
      complainOfFaults(given, own.faults);
      return Promise.resolve(EXIT.fault);
    }
    const ours = own === undefined ? gateway : ownSide(own, originOf(own, configuration.publicUrl), gateway);
    const { entityId, acs, slo, sloSoap, sloBackchannel } = ours;
    const xml = ourMetadata(ours);
    given.output.print(
      given.json ? JSON.stringify({ entityId, acs, slo, sloSoap, sloBackchannel, metadata: xml }) : xml,
    );
    return Promise.resolve(EXIT.done);
  },
};
