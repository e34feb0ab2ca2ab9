// `curfew check`: every fault of the configuration, in one run. Touches nothing and connects to nothing, unless it is asked to connect.

import { originsOf } from '../apps.ts';
import { formatWarnings, printable } from '../config/faults.ts';
import { systemClock, systemElapsed } from '../kernel/clock.ts';
import { EXIT, type Command, type Given } from './command.ts';
import { complainOfFaults, loadedFrom, WORKERS_OPTION } from './configured.ts';
import type { Finding } from './connect/finding.ts';
import { reach } from './connect/reach.ts';
import { providerWarnings } from './provider-warnings.ts';

/** `curfew check`: exit 2 where there is a fault, 0 otherwise; with `--connect` 1 where something cannot be used that serving needs. */
export const check: Command = {
  name: 'check',
  summary: 'show every fault in the configuration; exit 2 if there is one',
  options: {
    ...WORKERS_OPTION,
    connect: {
      type: 'boolean',
      help: 'also ask the apps, the store and the identity providers whether they are there; exit 1 if one is not',
    },
  },
  run: async (given) => {
    const loaded = loadedFrom(given);
    if ('faults' in loaded) {
      complainOfFaults(given, loaded.faults);
      return EXIT.fault;
    }
    const { configuration } = loaded;
    const warnings = [...loaded.warnings, ...providerWarnings(configuration, loaded.faultAt)];
    const { admin, apps, identityProviders, publicUrl } = configuration;
    const facts = {
      publicUrl,
      identityProviders: identityProviders.map(({ name }) => name),
      apps: apps.map(({ app, hosts, path, upstream }) => ({
        app,
        at: originsOf({ hosts }, publicUrl).map((origin) => `${origin}${path}`),
        upstream,
      })),
      administratorsAt: admin.url,
      warnings,
    };
    const { output, json } = given;
    if (!json) {
      if (warnings.length > 0) output.complain(formatWarnings(warnings));
      output.print(`no faults: ${publicUrl}, signing people in at ${facts.identityProviders.join(', ')}, for`);
      for (const { app, at, upstream } of facts.apps) output.print(`  ${app}: ${at.join(', ')} → ${upstream}`);
      if (admin.url !== undefined) output.print(`  administrators: ${admin.url}`);
    }
    if (given.options['connect'] !== true) {
      if (json) output.print(JSON.stringify(facts));
      return EXIT.done;
    }
    if (!json) output.print('asking everything that serving needs:');
    const found = await reach(configuration, { clock: systemClock, elapsed: systemElapsed }, teller(given));
    const faults = found.filter(({ state }) => state === 'fault').length;
    if (json) output.print(JSON.stringify({ ...facts, connect: found }));
    else output.print(faults === 0 ? 'everything answers' : `${faults} of ${found.length} cannot be used`);
    return faults === 0 ? EXIT.done : EXIT.failed;
  },
};

const MARKS = { good: 'good ', note: 'note ', fault: 'FAULT' } as const;

/** Shows each finding when it is there, so that somebody who waits sees for what. */
const teller =
  ({ json, output }: Given) =>
  ({ state, what, at, code, text, notes, ms }: Finding): void => {
    if (json) return;
    const found = code === undefined ? text : `${code}: ${text}`;
    output.print(printable(`  ${MARKS[state]}  ${what} (${at}): ${found}, ${ms} ms`));
    for (const note of notes) output.print(printable(`         ${note}`));
  };
