// `curfew demo`: the gateway in front of two small applications, with an identity provider for demonstration.

import { EXIT, type Command } from './command.ts';

/** `curfew demo`: runs until it is stopped, or with `--walk` until all is shown. */
export const demo: Command = {
  name: 'demo',
  summary: 'start a demonstration: an identity provider, two applications, and curfew before them',
  options: { walk: { type: 'boolean', help: 'do it all by itself, print each step and what proves it, and stop' } },
  run: async ({ options, output }) => {
    // Loaded only here: the demonstration is no part of the gateway.
    const loaded = await import('../../demo/main.ts').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
      throw error;
    });
    if (loaded === undefined) {
      output.complain(
        'The demonstration is not part of a production install. In a clone of the repository, run:\n  npm ci --include=dev && npm run demo',
      );
      return EXIT.failed;
    }
    return loaded.runDemo({ walk: options['walk'] === true, print: (text) => output.print(text) });
  },
};
