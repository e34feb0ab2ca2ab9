// What every command is: a name, a line of help, and something to run. Output for people, or for programs with `--json`.

import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { nearest } from '../kernel/nearest.ts';
import { versionLine } from './version.ts';

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
  /** One letter that stands for it. */
  readonly short?: string;
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
  help: { type: 'boolean', short: 'h', help: 'print this' },
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
  if (command === undefined) return withoutCommand(commands, name, rest, output);
  const config: ParseArgsOptionsConfig = Object.fromEntries(
    Object.entries(optionsOf(command)).map(([key, { type, multiple = false, short }]) => [
      key,
      { type, multiple, ...(short === undefined ? {} : { short }) },
    ]),
  );
  let values: Given['options'];
  let operands: readonly string[];
  try {
    const parsed = parseArgs({ args: rest, options: config, strict: true, allowPositionals: 'operands' in command });
    values = parsed.values as Given['options'];
    operands = parsed.positionals;
  } catch (error) {
    output.complain(`${wrongWords(error, command)}\n\n${helpOf(command)}`);
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

const HELP = ['--help', '-h', 'help'];
const VERSION = ['--version', '-V', 'version'];

function withoutCommand(
  commands: readonly Command[],
  name: string | undefined,
  rest: readonly string[],
  output: Output,
): number {
  if (name !== undefined && VERSION.includes(name)) {
    output.print(versionLine());
    return EXIT.done;
  }
  if (name === undefined || HELP.includes(name)) {
    const asked = commands.find((command) => command.name === rest[0]);
    output.print(asked === undefined ? overview(commands) : helpOf(asked));
    return name === undefined ? EXIT.fault : EXIT.done;
  }
  const known = commands.map((command) => command.name);
  const meant = nearest(name, known);
  if (meant !== undefined) output.complain(`There is no command "${name}"; did you mean "${meant}"?`);
  else output.complain(`There is no command "${name}".\n\n${overview(commands)}`);
  return EXIT.fault;
}

/** What Node says of the words, and the option that was meant where one is near. */
function wrongWords(error: unknown, command: Command): string {
  const message = error instanceof Error ? error.message : String(error);
  const [, option] = /^Unknown option '--([^']+)'/.exec(message) ?? [];
  if (option === undefined) return message;
  const meant = nearest(option, Object.keys(optionsOf(command)));
  return `There is no option --${option}${meant === undefined ? '' : `; did you mean --${meant}?`}`;
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    'usage: curfew <command> [--policies DIR] [--json]',
    '',
    ...lines,
    '',
    '`curfew <command> --help` tells more. `curfew --version` tells which this is.',
    '',
    'Every command ends with 0 where it has done what it was asked, 1 where something failed on the way, and 2 where the',
    'words or the configuration are wrong.',
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
