// `curfew demo`: the gateway in front of two small applications, with an identity provider for demonstration.

import type { Command } from './command.ts';

export const demo: Command = {
  name: 'demo',
  summary: 'start a demonstration: an identity provider, two applications, and curfew before them',
  options: { walk: { type: 'boolean', help: 'do it all by itself, print each step and what proves it, and stop' } },
  run: async ({ options, output }) => {
    // Loaded only here: the demonstration is no part of the gateway.
    const { runDemo } = await import('../../demo/main.ts');
    return runDemo({ walk: options['walk'] === true, print: (text) => output.print(text) });
  },
};
