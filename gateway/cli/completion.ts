// `curfew completion`: a script by which a shell completes commands, options, and what they name. Made from the one table of commands.

import { EXIT, optionsOf, type Command } from './command.ts';
import { bashScript } from './completion/bash.ts';
import { fishScript } from './completion/fish.ts';
import type { Described } from './completion/described.ts';
import { zshScript } from './completion/zsh.ts';

const SCRIPTS: Readonly<Record<string, (commands: readonly Described[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** `curfew completion SHELL`: exit 2 for a shell that is not known. `commands` are asked for when it runs. */
export const completionOf = (commands: () => readonly Command[]): Command => ({
  name: 'completion',
  summary: 'print a script for completion by the shell: source <(curfew completion bash)',
  operands: Object.keys(SCRIPTS).join('|'),
  run: ({ operands, output }) => {
    const [shell = '', ...rest] = operands;
    const script = rest.length === 0 && Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
    if (script === undefined) output.complain(`write one of: ${Object.keys(SCRIPTS).join(', ')}`);
    else output.print(script(commands().map(described)));
    return Promise.resolve(script === undefined ? EXIT.fault : EXIT.done);
  },
});

/** Words in small letters are written as they are; those in capitals stand for something. */
const described = (command: Command): Described => ({
  name: command.name,
  summary: command.summary,
  options: Object.entries(optionsOf(command)).map(([name, { type, help, names }]) => ({
    ...{ name, help, takesValue: type === 'string', names },
  })),
  words: command.operands?.match(/\b[a-z]+\b/g) ?? [],
  takesFiles: command.operands?.includes('FILE') === true,
});
