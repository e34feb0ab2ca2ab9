// A whole logout, as /metrics tells it.

import test from 'ava';
import { stage, type Stage } from '../support/gateway.ts';
import { postSoap, soapFor } from '../support/logout-requests.ts';

const read = async ({ running }: Stage): Promise<string> =>
  (await fetch(`http://127.0.0.1:${running.admin.port}/metrics`)).text();

test('/metrics tells of sign-ins, requests, refusals and LogoutRequests, and of nobody by name', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('bob', scene.at('wiki'));
  await browser.request(scene.at('wiki', '/secret-page?q=1'));
  t.is((await browser.request(scene.at('wiki', '/admin/x'))).status, 403);
  t.regex(await read(scene), /^curfew_sessions 1$/m);
  t.is((await postSoap(scene, soapFor(scene, 'bob'))).status, 200);
  const said = await read(scene);
  for (const line of [
    'curfew_sign_ins_total{idp="corp"} 1',
    'curfew_access_denied_total{app="wiki",code="ACCESS_DENIED"} 1',
    'curfew_sessions_ended_total{idp="corp",reason="idp-logout"} 1',
    'curfew_logout_requests_total{idp="corp",binding="soap",status="success",repeated="false"} 1',
    'curfew_logout_success_seconds_count{idp="corp"} 1',
    'curfew_logout_cut_seconds_count{idp="corp"} 1',
    'curfew_request_duration_seconds_count{app="wiki",class="2xx"} 2',
    'curfew_sessions 0',
    'curfew_lease_held 1',
    'curfew_idp_metadata_current{idp="corp"} 1',
  ])
    t.true(said.includes(`${line}\n`), line);
  t.regex(said, /^curfew_store_duration_seconds_count\{operation="end"\} 1$/m);
  t.notRegex(said, /bob|secret-page|q=1/);
  const denied = scene.audit.find(({ event }) => event === 'access-denied');
  t.like(denied, { app: 'wiki', nameId: 'bob@example.test', path: '/admin/x', method: 'GET', code: 'ACCESS_DENIED' });
});

test('a LogoutRequest that the store did not let be carried out is written down as unavailable, and answered by no Success (P1)', async (t) => {
  const scene = await stage(t);
  await scene.signedIn('alice', scene.at('wiki'));
  const body = soapFor(scene, 'alice');
  await scene.running.parts.doors.sessions.close();
  await postSoap(scene, body);
  const line = scene.audit.find(({ event }) => event === 'logout-request');
  t.like(line, { status: 'unavailable', sessionsEnded: 0 });
  t.regex(await read(scene), /curfew_store_errors_total\{operation="\w+"\} [1-9]/);
});
