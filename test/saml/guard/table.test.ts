// No check without its tests, and no check that the table forgot.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { LAWS, type Law } from '../../../gateway/saml/guard/laws.ts';
import { checksFor, MEANING, STRUCTURE } from '../../../gateway/saml/guard/table.ts';

const TESTS = join(import.meta.dirname, 'checks');
const CHECKS = join(import.meta.dirname, '../../../gateway/saml/guard/checks');

const rows: readonly string[] = [...STRUCTURE, ...MEANING].map(([check]) => check.name);
const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

test('every row of the guard’s tables has a test file of its name', (t) => {
  t.true(rows.length > 15);
  const tests = new Set(readdirSync(TESTS));
  t.deepEqual(
    rows.filter((name) => !tests.has(`${kebab(name)}.test.ts`)),
    [],
  );
});

test('every check is a row of the guard’s tables, once', (t) => {
  const files = readdirSync(CHECKS).map((file) => file.replace(/\.ts$/, ''));
  t.deepEqual(rows.map(kebab).toSorted(), files.toSorted());
});

test('what uses something up comes last, so that a message that fails has used up nothing', (t) => {
  t.deepEqual(
    checksFor(MEANING, 'Response')
      .map((check) => check.name)
      .slice(-2),
    ['inResponseTo', 'usedOnce'],
  );
});

test('a LogoutRequest is judged by every check but those of sign-in, of metadata’s age and of answers (P4)', (t) => {
  const names = [...checksFor(STRUCTURE, 'LogoutRequest'), ...checksFor(MEANING, 'LogoutRequest')].map(
    ({ name }) => name,
  );
  const others = [
    'awaited',
    // Who was signed in by metadata that was good then can still be signed out.
    'metadataValid',
    'status',
    'subject',
    'subjectConfirmation',
    'conditions',
    'authnStatement',
    'authnContext',
    'forceAuthn',
    'inResponseTo',
    'usedOnce',
  ];
  t.deepEqual(
    names,
    rows.filter((name) => !others.includes(name)),
  );
});

const laws: readonly Law[] = Object.values(LAWS);

test('every row has a law of its own, with a number, a title and a sentence that names a rule', (t) => {
  const ofRows = [...STRUCTURE, ...MEANING].map(([, law]) => law);
  t.is(new Set(ofRows).size, ofRows.length);
  for (const { number, title, sentence, codes } of laws) {
    t.true(Number.isInteger(number) && number > 0, title);
    t.regex(title, /^\S.{5,60}$/);
    t.regex(sentence, /^[A-Z].+\.$/);
    t.true(codes.length > 0, title);
  }
  for (const [check, law] of [...STRUCTURE, ...MEANING])
    t.regex(law.sentence, /\((?:saml-|bindings |profiles )[^)]*§/, check.name);
});

test('docs/saml-guard.md lists every law by its number, with the codes it refuses with', (t) => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/saml-guard.md'), 'utf8');
  const rows = page.split('\n').flatMap((line) => {
    const [, number, , , , codes = ''] = line.split('|').map((cell) => cell.trim());
    return /^\d+$/.test(number ?? '') && codes !== ''
      ? [`${number ?? ''} ${codes.split(', ').toSorted().join(', ')}`]
      : [];
  });
  const ours = laws.map(({ number, codes }) => `${number} ${codes.toSorted().join(', ')}`);
  t.deepEqual(
    ours.toSorted(),
    rows.map((row) => row.replace(', BODY_TOO_LONG', '').replace('BODY_TOO_LONG, ', '')).toSorted(),
  );
});
