// The measure of sign-ins and logouts still runs: it goes by the gateway's own parts, and nothing else would say that it has lost one.

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

const MAIN = join(import.meta.dirname, '../../bench/saml/main.ts');

const ROWS = [
  ...['Response, by POST', 'LogoutRequest, by redirect', 'LogoutRequest, by post', 'LogoutRequest, by soap'],
  ...['the whole guard', 'store: begin, find, end, forget', 'our AuthnRequest', 'our answer by soap'],
  ...['over the listener, 16 at a time', 'over the listener, one after the other'],
  ...['sign-in: page, AuthnRequest', 'sign-in: Response', 'sign-in: ticket', 'sign-in, all of it'],
  ...['logout by redirect', 'logout by post', 'logout by soap'],
];

test('the measure of sign-ins and logouts prints every row', async (t) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', MAIN, '--short'],
    { timeout: 60_000 },
  );
  for (const row of ROWS) t.true(stdout.includes(row), `${row} is missing in\n${stdout}`);
  const costs = [...stdout.matchAll(/^ {2}.* (\d+\.\d{3}) +\d+ /gm)].map(([, ms]) => Number(ms));
  t.true(costs.length >= ROWS.length, stdout);
});
