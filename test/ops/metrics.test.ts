// Metrics: few labels, nothing of a person in them, and the hot path pays for nothing but an addition.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { EpochMs } from '../../gateway/kernel/words.ts';
import { openMetrics, type Metrics } from '../../gateway/ops/metrics.ts';

const open = (): Pick<Metrics, 'measures' | 'audit'> & { readonly text: () => Promise<string> } => {
  const metrics = openMetrics({ apps: ['wiki', 'chat'], identityProviders: ['corp'] }, { ofProcess: false });
  metrics.watch({
    sessions: { count: () => Promise.resolve(7) },
    live: { count: () => 3 },
    holdsLease: () => false,
    configuration: () => ({ goodAt: 1000 as EpochMs, isFaulty: false }),
    certificates: () => [{ name: 'login', notAfter: 5000 as EpochMs }],
    metadata: () => [
      { idp: 'corp', validUntil: 9000 as EpochMs, isCurrent: true },
      { idp: 'partner', validUntil: undefined, isCurrent: false },
    ],
  });
  return { measures: metrics.measures, audit: metrics.audit, text: () => metrics.text() };
};

/** The value of one line, by its name and labels as written. */
const valueIn = (text: string, line: string): number | undefined => {
  const found = text.split('\n').find((one) => one.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length));
};

test('a request is counted once in its class, in every bucket that it fits, and summed up', async (t) => {
  const { measures, text } = open();
  measures.served('wiki', 200, 30);
  measures.served('wiki', 204, 2000);
  measures.served('wiki', 200, 100_000);
  measures.served('wiki', undefined, 1);
  const name = (suffix: string, labels: string) => `curfew_request_duration_seconds_${suffix}{app="wiki",${labels}}`;
  const said = await text();
  t.is(valueIn(said, name('bucket', 'class="2xx",le="0.025"')), 0);
  t.is(valueIn(said, name('bucket', 'class="2xx",le="0.05"')), 1);
  t.is(valueIn(said, name('bucket', 'class="2xx",le="2.5"')), 2);
  t.is(valueIn(said, name('bucket', 'class="2xx",le="60"')), 2);
  t.is(valueIn(said, name('bucket', 'class="2xx",le="+Inf"')), 3);
  t.is(valueIn(said, name('count', 'class="2xx"')), 3);
  t.is(valueIn(said, name('sum', 'class="2xx"')), 102.03);
  t.is(valueIn(said, name('count', 'class="broken-off"')), 1);
  t.is(valueIn(said, name('count', 'class="5xx"')), undefined);
});

test('what a client makes up never becomes a label: apps and identity providers are those of the configuration', async (t) => {
  const { measures, audit, text } = open();
  for (let n = 0; n < 500; n += 1) {
    measures.served(`made-up-${n}`, 200, 1);
    measures.served('wiki', n * 1000, 1);
    audit.record({ event: 'refused', what: 'SAMLRequest', code: 'SAML_ISSUER_UNKNOWN', idp: `made-up-${n}` });
  }
  const said = await text();
  t.notRegex(said, /made-up/);
  t.is(valueIn(said, 'curfew_refusals_total{idp="unknown",code="SAML_ISSUER_UNKNOWN"}'), 500);
  t.true(said.split('\n').length < 300);
});

test('what alert rules ask about begins at nought, so that the first of its kind is an increase (P1)', async (t) => {
  const metrics = openMetrics({ apps: ['wiki'], identityProviders: ['corp'] }, { ofProcess: false });
  metrics.know({ apps: ['wiki', 'chat'], identityProviders: ['corp', 'partner'] });
  const said = await metrics.text();
  for (const idp of ['corp', 'partner']) {
    for (const binding of ['redirect', 'post', 'soap'])
      for (const status of ['success', 'partial', 'unavailable'])
        t.is(
          valueIn(
            said,
            `curfew_logout_requests_total{idp="${idp}",binding="${binding}",status="${status}",repeated="false"}`,
          ),
          0,
        );
    t.is(valueIn(said, `curfew_logout_success_seconds_count{idp="${idp}"}`), 0);
    t.is(valueIn(said, `curfew_logout_cut_seconds_bucket{le="2",idp="${idp}"}`), 0);
  }
  for (const app of ['wiki', 'chat']) t.is(valueIn(said, `curfew_identity_headers_forged_total{app="${app}"}`), 0);
  t.is(valueIn(said, 'curfew_limited_total{what="messages",by="address"}'), 0);
});

test('to know a name again takes nothing back that was counted', async (t) => {
  const metrics = openMetrics({ apps: ['wiki'], identityProviders: ['corp'] }, { ofProcess: false });
  metrics.audit.record(logout);
  metrics.know({ apps: ['wiki'], identityProviders: ['corp'] });
  t.is(valueIn(await metrics.text(), 'curfew_logout_success_seconds_count{idp="corp"}'), 1);
});

const logout = {
  event: 'logout-request',
  idp: 'corp',
  nameId: 'alice@example.test',
  messageId: '_1',
  binding: 'soap',
  repeated: false,
  sessionsEnded: 1,
  connectionsCut: 2,
  goodbyes: [],
  cutMilliseconds: 40,
  milliseconds: 900,
  status: 'success',
} as const;

test('a LogoutRequest is timed to its Success and to its last cut; a repeated one is only counted (P1, P5)', async (t) => {
  const { audit, text } = open();
  audit.record(logout);
  audit.record({ ...logout, repeated: true });
  audit.record({ ...logout, status: 'partial', cutMilliseconds: -5 });
  const said = await text();
  const count = 'curfew_logout_requests_total{idp="corp",binding="soap"';
  t.is(valueIn(said, `${count},status="success",repeated="false"}`), 1);
  t.is(valueIn(said, `${count},status="success",repeated="true"}`), 1);
  t.is(valueIn(said, `${count},status="partial",repeated="false"}`), 1);
  t.is(valueIn(said, 'curfew_logout_success_seconds_count{idp="corp"}'), 1);
  t.is(valueIn(said, 'curfew_logout_success_seconds_sum{idp="corp"}'), 0.9);
  t.is(valueIn(said, 'curfew_logout_cut_seconds_count{idp="corp"}'), 2);
  t.notRegex(said, /alice/);
});

test('it says how things stand at the moment of reading', async (t) => {
  const said = await open().text();
  t.is(valueIn(said, 'curfew_sessions'), 7);
  t.is(valueIn(said, 'curfew_live_connections'), 3);
  t.is(valueIn(said, 'curfew_lease_held'), 0);
  t.is(valueIn(said, 'curfew_certificate_expiry_timestamp_seconds{certificate="login"}'), 5);
  t.is(valueIn(said, 'curfew_idp_metadata_current{idp="partner"}'), 0);
  t.is(valueIn(said, 'curfew_idp_metadata_expiry_timestamp_seconds{idp="corp"}'), 9);
});

test('a store that does not say how many sessions there are keeps nobody from the rest', async (t) => {
  const metrics = openMetrics({ apps: [], identityProviders: [] }, { ofProcess: false });
  const sessions = { count: () => Promise.reject(new Error('away')) };
  const configuration = () => ({ goodAt: 1000 as EpochMs, isFaulty: false });
  const none = { configuration, certificates: () => [], metadata: () => [], holdsLease: undefined };
  metrics.watch({ sessions, live: { count: () => 4 }, ...none });
  const said = await metrics.text();
  t.is(valueIn(said, 'curfew_sessions'), NaN);
  t.is(valueIn(said, 'curfew_live_connections'), 4);
});

for (const file of ['grafana.json', 'alerts.yaml'])
  test(`every metric that deploy/${file} names is one of ours, and each of ours is shown somewhere`, async (t) => {
    const said = await open().text();
    const made = new Set([...said.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    const read = (name: string) => readFileSync(join(import.meta.dirname, '../../deploy', name), 'utf8');
    const namedIn = (text: string) =>
      [...text.matchAll(/\bcurfew_\w+/g)].map(([name]) => name.replace(/_(?:bucket|count|sum)$/, ''));
    const named = namedIn(read(file));
    t.true(named.length > 10);
    t.deepEqual(
      named.filter((name) => !made.has(name)),
      [],
    );
    const shown = new Set([...named, ...namedIn(read('grafana.json'))]);
    t.deepEqual(
      [...made].filter((name) => !shown.has(name ?? '')),
      [],
    );
  });
