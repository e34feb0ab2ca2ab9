// No check without its tests, and no check that the table forgot.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
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

test('a LogoutRequest is judged by every check but those of sign-in and of answers (P4)', (t) => {
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
    'inResponseTo',
    'usedOnce',
  ];
  t.deepEqual(
    names,
    rows.filter((name) => !others.includes(name)),
  );
});
