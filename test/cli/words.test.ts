// The words of the command line: what is asked for, and what somebody mistyped.

import { chmodSync } from 'node:fs';
import test from 'ava';
import { check } from '../../gateway/cli/check.ts';
import { runCommand } from '../../gateway/cli/command.ts';
import { keys } from '../../gateway/cli/keys.ts';
import { load } from '../config/folder.ts';

async function run(...words: readonly string[]) {
  const said: string[] = [];
  const complaints: string[] = [];
  const output = {
    print: (text: string) => void said.push(text),
    complain: (text: string) => void complaints.push(text),
  };
  const code = await runCommand([check, keys], words, {}, output);
  return { code, said: said.join('\n'), complaints: complaints.join('\n') };
}

test('a mistyped command or option is answered with the one that was meant, and ends with 2', async (t) => {
  t.deepEqual(await run('chekc'), {
    code: 2,
    said: '',
    complaints: 'There is no command "chekc"; did you mean "check"?',
  });
  const { code, complaints } = await run('check', '--polices', 'x');
  t.is(code, 2);
  t.regex(complaints, /^There is no option --polices; did you mean --policies\?\n/);
  t.regex((await run('zzz')).complaints, /^There is no command "zzz"\.\n\nusage: /);
});

test('help and version are had in every spelling that people try', async (t) => {
  for (const words of [['--help'], ['-h'], ['help']]) t.regex((await run(...words)).said, /^usage: curfew/);
  for (const words of [
    ['check', '--help'],
    ['check', '-h'],
    ['help', 'check'],
  ])
    t.regex((await run(...words)).said, /^curfew check: /);
  for (const word of ['--version', '-V', 'version'])
    t.regex((await run(word)).said, /^curfew \d+\.\d+\.\d+\S*, Node\.js v/);
});

const GATEWAY = `publicUrl: https://login.example.com:8443
saml: { keys: [{ key: ../certs/sp.key, cert: ../certs/sp.crt }] }
identityProviders: [{ name: corp, metadata: https://idp.example.com/metadata }]
sessions: { secret: "\${file:../certs/session.secret}" }
`;

test('check shows where browsers find each app as a whole address, and its warnings to programs as well', async (t) => {
  const wiki =
    'app: wiki\nhosts: [wiki.example.com, "alt.example.com:444"]\npath: /w\nupstream: http://10.0.4.12:80\naccess: [{ allow: authenticated }]\n';
  const { dir } = load(t, { 'policies/gateway.yaml': GATEWAY, 'policies/wiki.yaml': wiki });
  for (const name of ['sp.key', 'session.secret']) chmodSync(`${dir}/../certs/${name}`, 0o644);
  const { code, said, complaints } = await run('check', '--policies', dir);
  t.is(code, 0);
  t.is(
    said,
    'no faults: https://login.example.com:8443, signing people in at corp, for\n' +
      '  wiki: https://wiki.example.com:8443/w, https://alt.example.com:444/w → http://10.0.4.12',
  );
  t.regex(complaints, /saml\.keys\[0\]\.key\s+"\.\.\/certs\/sp\.key" may be read by every account/);
  const facts = JSON.parse((await run('check', '--policies', dir, '--json')).said) as Record<string, unknown>;
  t.like(facts, { apps: [{ at: ['https://wiki.example.com:8443/w', 'https://alt.example.com:444/w'] }] });
  t.like(facts, { warnings: [{ key: 'saml.keys[0].key' }, { key: 'sessions.secret' }] });
});

test('a folder of policies that is a file, or not there, is one fault that names --policies', async (t) => {
  const { dir } = load(t);
  t.regex(
    (await run('check', '--policies', `${dir}/gateway.yaml`)).complaints,
    /^1 fault, .*\n.* is a file; name the folder/,
  );
  t.regex((await run('check', '--policies', `${dir}/no`)).complaints, /^1 fault, .*\n.* is not there; name the folder/);
});
