// Completion for fish.

import { APPS_IN_FOLDER, type Described, type DescribedOption } from './described.ts';

/** The script. */
export function fishScript(commands: readonly Described[]): string {
  const lines = commands.flatMap(({ name, summary, options, words, takesFiles }) => [
    `complete -c curfew -n __fish_use_subcommand -a ${name} -d ${literal(summary)}`,
    ...options.map((option) => `${after(name)} -l ${option.name} -d ${literal(option.help)}${valueOf(option)}`),
    ...(words.length > 0 ? [`${after(name)} -a ${literal(words.join(' '))}`] : []),
    ...(takesFiles ? [`${after(name)} -F`] : []),
  ]);
  return `# Completion for curfew in fish: curfew completion fish | source
function __curfew_apps
    set -l folder policies
    set -l words (commandline -opc)
    if set -l at (contains -i -- --policies $words)
        set folder $words[(math $at + 1)]
    end
    test -d "$folder"; and ${APPS_IN_FOLDER}
end
complete -c curfew -f
${lines.join('\n')}`;
}

const after = (command: string): string => `complete -c curfew -n ${literal(`__fish_seen_subcommand_from ${command}`)}`;

/** In fish's single quotes only \\ and ' mean something. */
const literal = (text: string): string => `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;

function valueOf({ takesValue, names }: DescribedOption): string {
  if (!takesValue) return '';
  switch (names) {
    case 'file':
      return ' -r -F';
    case 'folder':
      return ` -x -a '(__fish_complete_directories)'`;
    case 'app':
      return ` -x -a '(__curfew_apps)'`;
    case undefined:
      return ' -x';
  }
}
