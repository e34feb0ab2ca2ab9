// `curfew check`: every fault of the configuration, in one run. Touches nothing and connects to nothing.

import { EXIT, type Command } from './command.ts';
import { configured } from './configured.ts';

/** `curfew check`: exit 2 where there is a fault, 0 otherwise. */
export const check: Command = {
  name: 'check',
  summary: 'show every fault in the configuration; exit 2 if there is one',
  run: (given) => {
    const configuration = configured(given);
    if (configuration === undefined) return Promise.resolve(EXIT.fault);
    const { apps, identityProviders, publicUrl } = configuration;
    const facts = {
      publicUrl,
      identityProviders: identityProviders.map(({ name }) => name),
      apps: apps.map(({ app, hosts, path, upstream }) => ({
        app,
        at: hosts.map(({ name }) => `${name}${path}`),
        upstream,
      })),
    };
    if (given.json) given.output.print(JSON.stringify(facts));
    else {
      given.output.print(`no faults: ${publicUrl}, signing people in at ${facts.identityProviders.join(', ')}, for`);
      for (const { app, at, upstream } of facts.apps) given.output.print(`  ${app}: ${at.join(', ')} → ${upstream}`);
    }
    return Promise.resolve(EXIT.done);
  },
};
