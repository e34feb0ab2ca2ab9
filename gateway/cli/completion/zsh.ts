// Completion for zsh.

import { APPS_IN_FOLDER, quoted, type Described, type DescribedOption } from './described.ts';

/** The script; it works sourced, and as a file \`_curfew\` in \`fpath\`. */
export function zshScript(commands: readonly Described[]): string {
  const cases = commands.map(({ name, options, words, takesFiles }) => {
    const operand = [
      ...(words.length > 0 ? [quoted(`1: :(${words.join(' ')})`)] : []),
      ...(takesFiles ? [quoted('*:file:_files')] : []),
    ];
    return `    ${name}) _arguments -S ${[...options.map(argumentOf), ...operand].join(' ')} ;;`;
  });
  return `#compdef curfew
# Completion for curfew in zsh: source <(curfew completion zsh), after compinit
_curfew() {
  local folder=policies at
  local -a commands
  commands=(${commands.map(({ name, summary }) => quoted(`${name}:${summary}`)).join(' ')})
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  at=\${words[(I)--policies]}
  if (( at > 0 && at + 1 < CURRENT )); then folder=\${(Q)words[at+1]}; fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${cases.join('\n')}
  esac
}
_curfew_apps() {
  local -a apps
  apps=(\${(f)"$(${APPS_IN_FOLDER})"})
  compadd -a apps
}
if [[ $funcstack[1] == _curfew ]]; then _curfew "$@"; else compdef _curfew curfew; fi`;
}

function argumentOf({ name, help, takesValue, names }: DescribedOption): string {
  const text = help.replaceAll(/[[\]\\]/g, String.raw`\$&`);
  return quoted(`*--${name}${takesValue ? '=' : ''}[${text}]${takesValue ? `:${name}:${valueOf(names)}` : ''}`);
}

function valueOf(names: DescribedOption['names']): string {
  switch (names) {
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'app':
      return '_curfew_apps';
    case undefined:
      return ' ';
  }
}
