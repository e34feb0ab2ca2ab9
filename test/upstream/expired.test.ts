// How it is seen from the head of an answer that an app has ended its own session.

import test from 'ava';
import { compileExpiry } from '../../gateway/upstream/expired.ts';

const OWN = ['wiki.example', '10.0.4.12'];

for (const [redirect, status, location, expected] of [
  ['/login', 302, '/login', true],
  ['/login', 302, '/login?next=/a', true],
  ['/login', 302, 'http://10.0.4.12:8080/login', true],
  ['/login', 302, '//wiki.example/login', true],
  ['/login', 302, 'https://elsewhere.example/login', false],
  ['/login', 302, '/login/other', false],
  ['/login', 302, 'login', false],
  ['/deep/login', 302, 'login', true],
  ['/login*', 307, '/login/other', true],
  ['/login', 200, '/login', false],
  ['/login', 302, undefined, false],
  ['/login', 302, 'http://[', false],
  ['/?page=login*', 302, '/?page=login&next=x', true],
  ['/?page=login*', 302, '/?page=other', false],
  [undefined, 401, undefined, true],
  [undefined, 403, undefined, false],
  [undefined, 302, '/login', false],
] as const) {
  test(`${status} to ${location} is ${expected ? 'an' : 'no'} end where the policy says 401 or ${redirect}`, (t) => {
    t.is(compileExpiry({ statuses: [401], redirect }, OWN)(status, location, '/deep/page?x=/'), expected);
  });
}
