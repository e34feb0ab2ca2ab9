// Completion for bash, from 3.2 on.

import { APPS_IN_FOLDER, quoted, type Described, type DescribedOption } from './described.ts';

/** The script. */
export function bashScript(commands: readonly Described[]): string {
  const values = commands.flatMap(({ name, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map((option) => `    ${quoted(`${name} --${option.name}`)}) ${valueOf(option)} return ;;`),
  );
  const rest = commands.map(
    ({ name, options, words, takesFiles }) =>
      `    ${name}) known=${quoted([...words, ...options.map((option) => `--${option.name}`)].join(' '))} files=${takesFiles ? 1 : 0} ;;`,
  );
  return `# Completion for curfew in bash: source <(curfew completion bash)
_curfew() {
  local cur prev known= files=0 folder=policies at IFS=$'\\n'
  cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]}
  # bash takes --app=wiki for three words.
  if [[ $cur == '=' ]]; then cur=; elif [[ $prev == '=' ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    [[ \${COMP_WORDS[at]} == --policies ]] || continue
    folder=\${COMP_WORDS[at+1]}
    if [[ $folder == '=' ]]; then folder=\${COMP_WORDS[at+2]}; fi
  done
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    _curfew_words ${quoted([...commands.map(({ name }) => name), '--help'].join(' '))}
    return
  fi
  case "\${COMP_WORDS[1]} $prev" in
${values.join('\n')}
  esac
  case "\${COMP_WORDS[1]}" in
${rest.join('\n')}
  esac
  _curfew_words "$known"
  if [[ $files -eq 1 && $cur != -* ]]; then
    compopt -o filenames 2>/dev/null
    COMPREPLY+=($(compgen -f -- "$cur"))
  fi
}
_curfew_words() {
  local IFS=$' \\n'
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
}
complete -F _curfew curfew`;
}

function valueOf({ names }: DescribedOption): string {
  const reply = (made: string): string => `compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen ${made} -- "$cur"));`;
  switch (names) {
    case 'file':
      return reply('-f');
    case 'folder':
      return reply('-d');
    case 'app':
      return `_curfew_words "$(${APPS_IN_FOLDER})";`;
    case undefined:
      return '';
  }
}
