// The audit file: what was changed, removed or added shows, whatever happened to the file in between.

import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { silentLog } from '../../gateway/kernel/log.ts';
import { openAuditFile, type AuditFile } from '../../gateway/ops/audit-file.ts';
import { auditKeys, pseudonymOf } from '../../gateway/ops/audit-line.ts';
import { verifyAudit } from '../../gateway/ops/audit-verify.ts';
import { manualClock } from '../support/clock.ts';

const keys = auditKeys('a secret of thirty-two bytes or more');
const others = auditKeys('another secret of thirty-two bytes');

const placeOf = (t: ExecutionContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-audit-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'deep/audit.jsonl');
};

const opened = (
  t: ExecutionContext,
  file: string,
  differing: Partial<Parameters<typeof openAuditFile>[0]> = {},
): AuditFile => {
  const audit = openAuditFile({
    ...{ file, chain: true, isPseudonymous: false, keys, clock: manualClock(), log: silentLog },
    ...differing,
  });
  t.teardown(() => audit.close());
  return audit;
};

const signIn = (nameId: string) => ({ event: 'sign-in', idp: 'corp', nameId, session: 's', messageId: '_1' }) as const;

const linesOf = (file: string): string[] => readFileSync(file, 'utf8').split('\n').slice(0, -1);

/** Four lines: the file's own, and three sign-ins. */
const written = (t: ExecutionContext): { file: string; lines: string[] } => {
  const file = placeOf(t);
  const audit = opened(t, file);
  for (const name of ['anna', 'berta', 'carla']) audit.record(signIn(name), `r-${name}`);
  return { file, lines: linesOf(file) };
};

test('a line holds the event, when it was and of which request, and is readable by its owner alone', (t) => {
  const { file, lines } = written(t);
  t.is(statSync(file).mode & 0o777, 0o600);
  const { at, chain, ...rest } = JSON.parse(lines[1] ?? '') as Record<string, string>;
  t.deepEqual(rest, { ...signIn('anna'), requestId: 'r-anna' });
  t.is(at, new Date(at ?? '').toISOString());
  t.is(chain?.length, 43);
});

test('a file that nobody touched verifies, with the last link', async (t) => {
  const { file, lines } = written(t);
  const { chain } = JSON.parse(lines[3] ?? '') as { chain: string };
  t.deepEqual(await verifyAudit([file], [others, keys]), { lines: 4, last: chain, fault: undefined });
});

const TAMPERINGS: Record<string, readonly [(lines: string[]) => string[], number]> = {
  'a changed name': [(lines) => lines.map((line) => line.replace('berta', 'bertha')), 3],
  'a removed line': [(lines) => lines.toSpliced(2, 1), 3],
  'two lines in another order': [([file = '', a = '', b = '', c = '']) => [file, b, a, c], 2],
  'a line twice': [(lines) => lines.toSpliced(2, 0, lines[2] ?? ''), 4],
  'a line without a link': [(lines) => lines.toSpliced(2, 0, JSON.stringify(signIn('mallory'))), 3],
  'a removed beginning': [(lines) => lines.slice(1), 1],
  'a beginning of its own': [(lines) => [lines[0] ?? '', lines[0] ?? '', ...lines.slice(1)], 2],
  'a member added': [(lines) => lines.map((line) => line.replace('"idp":"corp"', '"idp":"corp","x":1')), 2],
  'a line cut off': [(lines) => lines.map((line, at) => (at === 3 ? line.slice(0, 40) : line)), 4],
};
for (const [what, [tamper, line]] of Object.entries(TAMPERINGS))
  test(`${what} shows, with the line`, async (t) => {
    const { file, lines } = written(t);
    writeFileSync(file, `${tamper(lines).join('\n')}\n`);
    const { fault } = await verifyAudit([file], [keys]);
    t.like(fault, { file, line });
  });

const LINE_ENDS = { 'U+2028': '\u2028', 'U+2029': '\u2029', 'U+0085': '\u0085', 'a carriage return': '\r' };
for (const [what, end] of Object.entries(LINE_ENDS))
  test(`a stranger’s ID with ${what} in it ends no line, and its line verifies, also after a restart (P13)`, async (t) => {
    const file = placeOf(t);
    const stranger = { event: 'refused', what: 'SAMLRequest', code: 'SAML_ID', messageId: `_a${end}b` } as const;
    opened(t, file).record(stranger);
    opened(t, file).record(signIn('anna'));
    t.like(await verifyAudit([file], [keys]), { lines: 3, fault: undefined });
    t.like(JSON.parse(linesOf(file)[1] ?? ''), stranger);
  });

test('whoever lacks the secret makes no line that fits', async (t) => {
  const { file } = written(t);
  opened(t, file, { keys: others }).record(signIn('mallory'));
  t.like((await verifyAudit([file], [keys])).fault, { line: 5 });
});

test('a restart goes on where the file ends (P13)', async (t) => {
  const { file } = written(t);
  opened(t, file).record(signIn('dora'));
  t.like(await verifyAudit([file], [keys]), { lines: 5, fault: undefined });
});

test('what a crash cut off is kept, and found; the lines after it follow the one before', async (t) => {
  const { file } = written(t);
  writeFileSync(file, `${readFileSync(file, 'utf8')}{"at":"2026`);
  opened(t, file).record(signIn('dora'));
  t.is(linesOf(file)[4], '{"at":"2026');
  t.like((await verifyAudit([file], [keys])).fault, { line: 5 });
  writeFileSync(file, `${linesOf(file).toSpliced(4, 1).join('\n')}\n`);
  t.is((await verifyAudit([file], [keys])).fault, undefined);
});

test('a file that was moved away is left alone, and the new one says which it follows', async (t) => {
  const file = placeOf(t);
  const audit = opened(t, file);
  audit.record(signIn('anna'));
  renameSync(file, `${file}.1`);
  audit.record(signIn('berta'));
  audit.record(signIn('carla'));
  t.like(await verifyAudit([`${file}.1`, file], [keys]), { lines: 5, fault: undefined });
  t.is((await verifyAudit([file], [keys])).fault, undefined);
  t.like((await verifyAudit([file, `${file}.1`], [keys])).fault, { file: `${file}.1`, line: 1 });
  writeFileSync(`${file}.1`, `${linesOf(`${file}.1`).slice(0, -1).join('\n')}\n`);
  t.like((await verifyAudit([`${file}.1`, file], [keys])).fault, { file, line: 1 });
});

test('where a line cannot be written nobody is held up, it is said, and the next ones are written again', (t) => {
  const file = placeOf(t);
  const said: unknown[] = [];
  const log = { ...silentLog, error: (...given: unknown[]) => void said.push(given) };
  const audit = opened(t, file, { log });
  renameSync(join(file, '..'), join(file, '../../gone'));
  writeFileSync(join(file, '..'), 'in the way');
  t.notThrows(() => audit.record(signIn('anna')));
  t.regex(audit.trouble?.() ?? '', /cannot be written/);
  t.is(said.length, 1);
  t.notRegex(JSON.stringify(said), /anna/);
  rmSync(join(file, '..'));
  audit.record(signIn('berta'));
  t.is(audit.trouble?.(), undefined);
  t.true(existsSync(file));
  chmodSync(file, 0o600);
});

test('a person is one pseudonym, another at another identity provider, and no name', (t) => {
  const file = placeOf(t);
  const audit = opened(t, file, { isPseudonymous: true });
  audit.record(signIn('anna'));
  audit.record(signIn('anna'));
  audit.record({ ...signIn('anna'), idp: 'partner' });
  const [, a, b, c] = linesOf(file).map((line) => (JSON.parse(line) as { nameId?: string }).nameId);
  t.is(a, pseudonymOf(keys, 'corp', 'anna'));
  t.deepEqual([a === b, a === c], [true, false]);
  const administrator = { idp: 'corp', nameId: 'anna', session: 's' };
  const action = { action: 'end-person', nameId: 'berta', idp: 'corp', sessionsEnded: 1 } as const;
  audit.record({ event: 'administrator', by: 'saml', administrator, ...action });
  const line = JSON.parse(linesOf(file).at(-1) ?? '') as { readonly nameId: string; administrator: object };
  t.is(line.nameId, pseudonymOf(keys, 'corp', 'berta'));
  t.deepEqual(line.administrator, { ...administrator, nameId: a });
  t.notRegex(readFileSync(file, 'utf8'), /anna|berta/);
});
