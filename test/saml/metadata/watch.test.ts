// Metadata that is kept current, from an address and from a file.

import { execFileSync } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { metadataXml, type MetadataFields } from '../../../demo/identity-provider/metadata.ts';
import type { EpochMs } from '../../../gateway/kernel/words.ts';
import { BINDING_URI } from '../../../gateway/saml/names.ts';
import { watchMetadata, type WatchedMetadata } from '../../../gateway/saml/metadata/watch.ts';
import { at, IDP, keysCalled, NOW } from '../support.ts';

const [first, second] = await Promise.all([keysCalled('corp'), keysCalled('second')]);
const written = (change: MetadataFields = {}): string =>
  metadataXml({
    ...{ entityId: IDP, signingCertificates: [first.certificate] },
    ...{ singleSignOn: [{ binding: BINDING_URI.redirect, location: `${IDP}/sso` }] },
    ...change,
  });
const rolled = written({ signingCertificates: [first.certificate, second.certificate] });
const HOUR = 3_600_000;

type Answer = (request: IncomingMessage, response: ServerResponse) => void;
const text =
  (body: string): Answer =>
  (_, response) =>
    void response.end(body);

async function source(t: ExecutionContext, change: Partial<WatchedMetadata> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-metadata-'));
  let answer = text(written());
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  let now: number = NOW;
  const events: string[] = [];
  const say = (event: string, facts = {}) => void events.push(`${event} ${JSON.stringify(facts)}`);
  const log = { debug: say, info: say, warn: say, error: say };
  const copy = join(folder, 'copies/corp.xml');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metadata`;
  const wanted: WatchedMetadata = { name: 'corp', place: { url, ca: undefined }, refreshMs: HOUR, copy, ...change };
  return {
    ...{ copy, folder, events, url },
    open: (other: Partial<WatchedMetadata> = {}) =>
      watchMetadata({ ...wanted, ...other }, { clock: { now: () => now as EpochMs }, log }),
    answers: (next: Answer) => void (answer = next),
    later: (ms: number) => void (now += ms),
    asked: () => asked,
  };
}

test('a change at the address is taken over when it is time, without a restart, and logged with fingerprints', async (t) => {
  const at = await source(t);
  const watch = await at.open();
  at.answers(text(rolled));
  t.false(await watch.refresh());
  t.is(watch.current().keys.length, 1);
  at.later(HOUR);
  t.true(await watch.refresh());
  t.is(watch.current().keys.length, 2);
  const changed = at.events.find((line) => line.startsWith('metadata-changed')) ?? '';
  t.regex(changed, /"added":\["([0-9A-F]{2}:){31}[0-9A-F]{2}"\],"removed":\[\]/);
  t.is(await readFile(at.copy, 'utf8'), rolled);
  t.is((await stat(at.copy)).mode & 0o777, 0o600);
});

test('what has not changed changes nothing', async (t) => {
  const at = await source(t);
  const watch = await at.open();
  const before = watch.current();
  at.later(HOUR);
  t.false(await watch.refresh());
  t.is(watch.current(), before);
  t.is(at.asked(), 2);
});

const FAILURES: Readonly<Record<string, Answer>> = {
  'status 500': (_, response) => void response.writeHead(500).end(rolled),
  'a redirect': (_, response) => void response.writeHead(302, { Location: 'https://evil.example/' }).end(),
  'no metadata': text('<html/>'),
  'half of it': (_, response) =>
    void response
      .writeHead(200, { 'Content-Length': rolled.length })
      .end(rolled.slice(0, 500), () => response.destroy()),
  'more than there may be': text(rolled + ' '.repeat(5_000_000)),
  'metadata that is over': text(written({ validUntil: at(-1) })),
  'another identity provider': text(written({ entityId: 'urn:other' })),
  nothing: (request) => void request.socket.destroy(),
};
for (const [what, answer] of Object.entries(FAILURES)) {
  test(`where the address answers with ${what}, the last good metadata stays, and it is said`, async (t) => {
    const at = await source(t);
    const watch = await at.open();
    at.answers(answer);
    at.later(HOUR);
    t.false(await watch.refresh());
    t.is(watch.current().entityId, IDP);
    t.is(watch.current().keys.length, 1);
    t.is(await readFile(at.copy, 'utf8'), written());
    t.true(at.events.some((line) => line.startsWith('metadata-not-refreshed')));
    t.is(typeof watch.trouble(), 'string');
    at.answers(text(rolled));
    at.later(5 * 60_000);
    t.true(await watch.refresh());
    t.is(watch.trouble(), undefined);
  });
  if (what === 'another identity provider') continue;
  test(`where the address answers with ${what} at start, the copy of an earlier time serves`, async (t) => {
    const at = await source(t);
    await at.open();
    at.answers(answer);
    const watch = await at.open();
    t.is(watch.current().entityId, IDP);
    t.true(at.events.some((line) => line.startsWith('metadata-from-copy')));
    t.is(typeof watch.trouble(), 'string');
  });
  test(`where the address answers with ${what} at start and there is no copy, nothing starts`, async (t) => {
    const at = await source(t);
    at.answers(answer);
    const error = await t.throwsAsync(at.open());
    t.like(error, { code: 'SAML_METADATA_UNREADABLE' });
  });
}

test('cacheDuration makes the next look come sooner, but not all the time (saml-metadata §2.3.2)', async (t) => {
  const at = await source(t);
  at.answers(text(written().replace(' entityID=', ' cacheDuration="PT1S" entityID=')));
  const watch = await at.open();
  at.later(59_000);
  await watch.refresh();
  t.is(at.asked(), 1);
  at.later(1000);
  await watch.refresh();
  t.is(at.asked(), 2);
});

test('a pipe in the place of a file, or of a copy, is said to be one and never waited for', async (t) => {
  const at = await source(t);
  const pipe = join(at.folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const watch = await at.open({ place: { path: pipe, text: written() } });
  at.later(HOUR);
  t.false(await watch.refresh());
  t.regex(watch.trouble() ?? '', /is a pipe, and no file/);
  at.answers((_, response) => void response.writeHead(503).end());
  await t.throwsAsync(at.open({ copy: pipe }), { code: 'SAML_METADATA_UNREADABLE' });
});

test('a copy is judged as strictly as what is fetched: its signature too', async (t) => {
  const at = await source(t);
  await at.open();
  at.answers((request) => void request.socket.destroy());
  await t.throwsAsync(at.open({ signedBy: second.privateKey }), { message: /not signed/ });
});

test('a file that has changed is read again; one that is no metadata leaves what there is', async (t) => {
  const at = await source(t);
  const path = join(at.folder, 'idp.xml');
  await writeFile(path, written());
  const watch = await at.open({ place: { path, text: written() } });
  at.later(HOUR);
  t.false(await watch.refresh());
  await writeFile(path, rolled);
  at.later(HOUR);
  t.true(await watch.refresh());
  t.is(watch.current().keys.length, 2);
  await writeFile(path, 'no metadata');
  at.later(HOUR);
  t.false(await watch.refresh());
  t.regex(watch.trouble() ?? '', /not well-formed/);
  t.is(watch.current().keys.length, 2);
  at.later(HOUR);
  t.false(await watch.refresh());
  t.is(typeof watch.trouble(), 'string');
  await writeFile(path, rolled);
  await utimes(path, 1, 1);
  at.later(HOUR);
  await watch.refresh();
  t.is(watch.trouble(), undefined);
});
