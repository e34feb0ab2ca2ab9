// The small judgements about requests and answers: sign-out addresses.

import test from 'ava';
import type { SignOutPath } from '../../gateway/upstream/settings.ts';
import { compileSignOutPaths } from '../../gateway/upstream/sign-out-paths.ts';

const path = (of: string, query: SignOutPath['query'] = [], method?: string): SignOutPath => ({
  method,
  path: of,
  query,
});

const isSignOut = compileSignOutPaths([
  path('/doku.php', [['do', 'logout']]),
  path('/out'),
  path('/leave', [], 'POST'),
  path('/ab meld\u00fcng'),
]);

for (const [method, target, expected] of [
  ['GET', '/doku.php?do=logout', true],
  ['GET', '/doku.php?id=start&do=logout&sectok=1', true],
  ['GET', '/doku.php?do=lo%67out', true],
  ['GET', '/doku%2Ephp?do=logout', true],
  ['GET', '/doku.php', false],
  ['GET', '/doku.php?do=login', false],
  ['GET', '/doku.php?do=login&do=logout', true],
  ['GET', '/doku.php?redo=logout', false],
  ['GET', '/other.php?do=logout', false],
  ['GET', '/out', true],
  ['POST', '/out?x', true],
  ['HEAD', '/out', false],
  ['PUT', '/out', false],
  ['GET', '/out/', false],
  ['GET', '/outside', false],
  ['GET', '/OUT', false],
  ['POST', '/leave', true],
  ['GET', '/leave', false],
  ['GET', '/ab%20meld%C3%BCng', true],
  ['GET', '/%zz', false],
  ['GET', '/', false],
] as const) {
  test(`${method} ${target} is ${expected ? 'the' : 'not the'} app's own sign-out`, (t) => {
    t.is(isSignOut(method, target), expected);
  });
}

test('where no path is named no request is a sign-out', (t) => {
  t.false(compileSignOutPaths([])('GET', '/logout'));
});
