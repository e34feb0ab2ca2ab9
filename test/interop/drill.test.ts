// `curfew drill` as operators run it: SimpleSAMLphp signs the test person in, DokuWiki and Adminer are asked themselves.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../gateway/cli/command.ts';
import { drill } from '../../gateway/cli/drill.ts';
import type { Report } from '../../gateway/cli/drill/report.ts';
import { needing } from '../support/needing.ts';
import { ADMINER, ADMINER_PAGE, ADMINER_SIGN_IN } from './policies.ts';
import { stageWithLegacyApps, type Stage } from './stage.ts';
import type { SimpleSamlPhp } from './simplesamlphp.ts';

const law = needing('php', 'simplesamlphp', 'dokuwiki', 'adminer');

async function drilled({ folder, curfew }: Stage<SimpleSamlPhp>, words: readonly string[]) {
  const file = join(folder, 'password');
  await writeFile(file, 'alicepw\n');
  const lines: string[] = [];
  const output = { print: (line: string) => void lines.push(line), complain: (line: string) => void lines.push(line) };
  const account = ['--policies', curfew.policies, '--user', 'alice', '--password-file', file, '--json'];
  const code = await runCommand([drill], ['drill', ...account, ...words], {}, output);
  const report = JSON.parse(lines.at(-1) ?? '') as Report;
  const itself = report.findings.filter(({ kind }) => kind === 'itself');
  return { code, report, itself: itself.map(({ verdict, after }) => ({ verdict, after })) };
}

const pages = ({ curfew }: Stage<SimpleSamlPhp>) => ({
  wiki: ['--open', curfew.at('wiki', '/doku.php?id=start')],
  adminer: ['--open', curfew.at('adminer', ADMINER_PAGE)],
});

law('a LogoutRequest closes Adminer, and Adminer itself knows nobody by its old cookies (P1, P7)', async (t) => {
  const stage = await stageWithLegacyApps(t);
  const { code, report, itself } = await drilled(stage, pages(stage).adminer);
  t.is(code, 0, JSON.stringify(report));
  t.like(report, { nameId: 'alice@example.test', left: { outcome: 'Success', goodbyes: [{ outcome: 'told' }] } });
  t.deepEqual(itself, [{ verdict: 'closed', after: 'a stranger' }]);
  t.deepEqual(report.inBrowser, []);
});

law('a logout begun at SimpleSAMLphp closes as much, in a drill and at the gateway that runs (P1, P2)', async (t) => {
  const stage = await stageWithLegacyApps(t);
  const way = ['--sign-out', stage.idp.logoutAddress];
  const own = await drilled(stage, [...pages(stage).adminer, ...way]);
  t.is(own.code, 0, JSON.stringify(own.report));
  t.deepEqual(own.itself, [{ verdict: 'closed', after: 'a stranger' }]);
  const live = await drilled(stage, ['--live', ...pages(stage).adminer, ...pages(stage).wiki, ...way]);
  t.is(live.code, 0, JSON.stringify(live.report));
  t.deepEqual(live.itself, []);
});

law(
  'DokuWiki takes its old cookies again although it was told, and the drill passes only where that is known',
  async (t) => {
    const stage = await stageWithLegacyApps(t);
    const unknown = await drilled(stage, pages(stage).wiki);
    t.is(unknown.code, 1, JSON.stringify(unknown.report));
    t.is(unknown.itself[0]?.verdict, 'open');
    t.regex(unknown.itself[0]?.after ?? '', /shows .*although it was told/);
    const known = await drilled(stage, [...pages(stage).wiki, ...pages(stage).adminer, '--may-remember', 'wiki']);
    t.is(known.code, 0, JSON.stringify(known.report));
    t.deepEqual(known.itself.map(({ verdict }) => verdict).sort(), ['closed', 'known']);
  },
);

law('without its goodbye Adminer is still signed in, and the drill fails and says why (P7)', async (t) => {
  const stage = await stageWithLegacyApps(t, { adminer: ADMINER_SIGN_IN });
  const { code, itself } = await drilled(stage, [...pages(stage).adminer, '--may-remember', 'adminer']);
  t.is(code, 1);
  t.is(itself[0]?.verdict, 'open');
  t.regex(itself[0]?.after ?? '', /still signed in, shows .*its policy has no signOut\.call/);
  t.true(ADMINER.startsWith(ADMINER_SIGN_IN));
});
