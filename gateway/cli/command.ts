// What every command is: a name, a line of help, and something to run. Output for people, or for programs with `--json`.

import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

/** Where a command writes; a test reads it there. */
export interface Output {
  /** To standard output, with a line end. */
  print(text: string): void;
  /** To standard error, with a line end. */
  complain(text: string): void;
}

/** What a command is called with. */
export interface Given {
  readonly policies: string;
  readonly json: boolean;
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  /** The words that are no options; none where the command takes none. */
  readonly operands: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly output: Output;
}

/** One option. `multiple`: it may be given again, and its value is a list. */
export interface Option {
  readonly type: 'string' | 'boolean';
  readonly help: string;
  readonly multiple?: boolean;
  /** What its value names, so that shells can complete it. */
  readonly names?: 'file' | 'folder' | 'app';
}

/** One command. */
export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** The words it takes beside options, as its help shows them; without this it takes none. */
  readonly operands?: string;
  /** Options of its own, with their line of help. */
  readonly options?: Readonly<Record<string, Option>>;
  /** Resolves with the exit code. */
  run(given: Given): Promise<number>;
}

/** Exit codes: done, failed on the way, or not begun because of a fault in the words or the configuration. */
export const EXIT = { done: 0, failed: 1, fault: 2 } as const;

const COMMON = {
  policies: { type: 'string', names: 'folder', help: 'folder with gateway.yaml and the apps (default: policies)' },
  json: { type: 'boolean', help: 'print for programs' },
  help: { type: 'boolean', help: 'print this' },
} as const satisfies Readonly<Record<string, Option>>;

/** All that a command takes: its own, then those of every command. */
export const optionsOf = ({ options }: Command): Readonly<Record<string, Option>> => ({ ...options, ...COMMON });

/** Runs the command that `argv` names. Resolves with the exit code; 2 where the words are wrong. */
export async function runCommand(
  commands: readonly Command[],
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  output: Output,
): Promise<number> {
  const [name, ...rest] = argv;
  const command = commands.find((known) => known.name === name);
  if (command === undefined) {
    const wanted = name === undefined || name === '--help' || name === 'help';
    if (wanted) output.print(overview(commands));
    else output.complain(`There is no command "${name}".\n\n${overview(commands)}`);
    return name === undefined || !wanted ? EXIT.fault : EXIT.done;
  }
  const config: ParseArgsOptionsConfig = Object.fromEntries(
    Object.entries(optionsOf(command)).map(([key, { type, multiple = false }]) => [key, { type, multiple }]),
  );
  let values: Given['options'];
  let operands: readonly string[];
  try {
    const parsed = parseArgs({ args: rest, options: config, strict: true, allowPositionals: 'operands' in command });
    values = parsed.values as Given['options'];
    operands = parsed.positionals;
  } catch (error) {
    output.complain(`${error instanceof Error ? error.message : String(error)}\n\n${helpOf(command)}`);
    return EXIT.fault;
  }
  if (values['help'] === true) {
    output.print(helpOf(command));
    return EXIT.done;
  }
  const policies = values['policies'];
  return command.run({
    policies: typeof policies === 'string' ? policies : 'policies',
    json: values['json'] === true,
    options: values,
    operands,
    env,
    output,
  });
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'usage: curfew <command> [--policies DIR] [--json]',
    '',
    ...lines,
    '',
    '`curfew <command> --help` tells more.',
  ].join('\n');
}

function helpOf(command: Command): string {
  const { name, summary, operands } = command;
  const all = Object.entries(optionsOf(command)).map(
    ([key, { type, help }]) => [`--${key}${type === 'string' ? ' VALUE' : ''}`, help] as const,
  );
  const width = Math.max(...all.map(([left]) => left.length));
  const called = operands === undefined ? name : `${name} ${operands}`;
  return [`curfew ${called}: ${summary}`, '', ...all.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`)].join(
    '\n',
  );
}
