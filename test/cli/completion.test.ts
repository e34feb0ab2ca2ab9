// Completion, by the shells themselves.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { curfew } from '../journeys/child.ts';
import { needing } from '../support/needing.ts';

type Shell = 'bash' | 'zsh' | 'fish';

/** A folder to complete in, with the script for a shell. One app has a name that a shell would run. */
async function stage(t: ExecutionContext, shell: Shell): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-completion-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const { code, output } = await curfew(t, 'completion', shell);
  t.is(code, 0);
  writeFileSync(join(folder, 'script'), output);
  for (const name of ['policies', 'elsewhere']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'policies/gateway.yaml'), 'publicUrl: https://login.example.com\n');
  writeFileSync(join(folder, 'policies/wiki.yaml'), 'app: wiki\nhosts: [wiki.example.com]\n');
  writeFileSync(join(folder, 'policies/evil.yaml'), 'app: $(touch evil)\n');
  writeFileSync(join(folder, 'elsewhere/chat.yaml'), 'app: chat\n');
  writeFileSync(join(folder, 'captured message.xml'), '');
  return folder;
}

/** What the last word of a line could become. */
type Complete = (folder: string, line: string) => string[] | Promise<string[]>;

const found = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .toSorted();

const clean = { PATH: process.env['PATH'], HOME: '/nonexistent', TERM: 'dumb', LC_ALL: 'C.UTF-8' };

/** As readline calls it: words broken at `=` as well. */
const BASH = `
source ./script
line=$1
COMP_LINE=$line COMP_POINT=\${#line} COMP_WORDS=()
for word in \${line//=/ = }; do COMP_WORDS+=("$word"); done
[[ $line == *' ' || $line == *= ]] && COMP_WORDS+=('')
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_curfew
printf '%s\\n' "\${COMPREPLY[@]}"
complete -p curfew >/dev/null
`;

const byBash: Complete = (cwd, line) =>
  found(execFileSync('bash', ['--norc', '-c', BASH, 'bash', line], { cwd, env: clean, encoding: 'utf8' }));

const byFish: Complete = (cwd, line) =>
  found(
    execFileSync('fish', ['--no-config', '-c', 'source ./script; complete -C $argv[1]', line], {
      cwd,
      env: clean,
      encoding: 'utf8',
    }),
  ).map((one) => one.split('\t')[0] ?? '');

/** zsh completes where somebody types: in a terminal of its own (zsh/zpty). `complete` is what stands there afterwards, `shown` what was offered. */
const ZSH = `
zmodload zsh/zpty
zpty terminal zsh -f -i
expect() { local read all; while [[ $all != *$1* ]]; do zpty -r terminal read || return 1; all+=$read; done; print -r -- $all >shown; }
zpty -w terminal 'PROMPT= RPROMPT=; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -D -u; source ./script'
zpty -w terminal 'keep() { print -r -- $BUFFER >complete; zle kill-whole-line }; zle -N keep; bindkey "^X" keep'
zpty -w terminal 'print rea""dy'
expect ready
zpty -n -w terminal "$1"$'\\t'
zpty -n -w terminal $'\\C-x'
zpty -w terminal 'print do""ne'
expect done
zpty -d terminal
`;

const byZsh: Complete = async (cwd, line) => {
  const child = spawn('zsh', ['-f', '-c', ZSH, 'zsh', line], { cwd, env: clean, stdio: 'ignore' });
  await once(child, 'exit');
  const typed = readFileSync(join(cwd, 'complete'), 'utf8').trim();
  if (typed !== line.trim()) return [typed.replace(/^.*(?<!\\) /, '')];
  return [...readFileSync(join(cwd, 'shown'), 'utf8').matchAll(/^(\w+) +-- /gm)].map(([, name = '']) => name);
};

const SHELLS = { bash: byBash, zsh: byZsh, fish: byFish } as const;

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  needing(shell)(
    `${shell} completes commands, options and what they name, and runs nothing that stands in a policy`,
    async (t) => {
      const folder = await stage(t, shell);
      const complete = (line: string) => SHELLS[shell](folder, line);
      t.deepEqual(await complete('curfew ch'), ['check']);
      const all = await complete('curfew ');
      for (const name of ['serve', 'completion', 'logout']) t.true(all.includes(name), `${name}: ${all.join()}`);
      t.deepEqual(
        (await complete('curfew check --c')).map((one) => one.replace('--', '')),
        ['connect'],
      );
      t.deepEqual(await complete('curfew audit ver'), ['verify']);
      t.deepEqual(await complete('curfew completion f'), ['fish']);
      t.deepEqual(await complete('curfew metadata --app '), ['wiki']);
      t.deepEqual(await complete('curfew metadata --policies elsewhere --app '), ['chat']);
      t.deepEqual(
        (await complete('curfew check --policies el')).map((one) => one.replace('/', '')),
        ['elsewhere'],
      );
      t.regex((await complete('curfew explain cap')).join(), /captured.*message\.xml/);
      // A NameID is nobody's business but the gateway's.
      t.deepEqual(
        (await complete('curfew logout ')).filter((one) => !one.startsWith('--')),
        [],
      );
      t.deepEqual(
        (await complete('curfew metadata --app=')).map((one) => one.replace('--app=', '')),
        ['wiki'],
      );
      t.notRegex(execFileSync('ls', [folder], { encoding: 'utf8' }), /evil/);
    },
  );
}

test('completion for a shell that is not known says which are, and exits with 2', async (t) => {
  for (const args of [['tcsh'], [], ['constructor'], ['bash', 'zsh']]) {
    const { code, output, complaints } = await curfew(t, 'completion', ...args);
    t.deepEqual([code, output, complaints], [2, '', 'write one of: bash, zsh, fish\n']);
  }
});
