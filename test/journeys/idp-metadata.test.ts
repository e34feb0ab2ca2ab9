// The identity provider changes its key while the gateway runs.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { newKeys, certificateBase64 } from '../../demo/identity-provider/keys.ts';
import { stage } from '../support/gateway.ts';

const HOUR = 3_600_000;
const CERTIFICATE = /(X509Certificate>)[^<]+/;

/** Serves a text under an address of its own; undefined answers with 500. */
async function published(t: ExecutionContext) {
  const served: { text: string | undefined } = { text: undefined };
  const server = createServer((_, response) => {
    response.writeHead(served.text === undefined ? 500 : 200).end(served.text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return { served, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

test('a new key of the identity provider is believed and an old one no longer, without a restart', async (t) => {
  const { served, url } = await published(t);
  const set = await stage(t, {
    metadata: (xml) => (served.text = xml),
    metadataAt: url,
  });
  const alice = await set.signedIn('alice', set.at('wiki'));
  t.is((await alice.visit(set.at('wiki'))).status, 200);

  const stranger = await newKeys('stranger', new Date('2026-01-01T00:00:00Z'));
  const original = served.text ?? '';
  served.text = original.replace(CERTIFICATE, `$1${certificateBase64(stranger.certificate)}`);
  set.clock.advance(HOUR);
  await set.running.parts.refreshMetadata();
  const refused = set.browser();
  const form = await refused.visit(set.at('wiki'));
  const page = await refused.settle(await refused.submitForm(form, { username: 'bob', password: 'bobpw' }));
  t.is(page.headers['x-curfew'], 'SAML_SIGNATURE_INVALID');

  served.text = original;
  set.clock.advance(HOUR);
  await set.running.parts.refreshMetadata();
  const again = await set.signedIn('bob', set.at('wiki'));
  t.is((await again.visit(set.at('wiki'))).status, 200);
  t.is(await readFile(join(set.configuration.saml.metadataCopies, 'corp.xml'), 'utf8'), original);

  served.text = undefined;
  await set.restart();
  t.deepEqual(set.running.parts.warnings().length, 1);
  const later = await set.signedIn('alice', set.at('wiki'));
  t.is((await later.visit(set.at('wiki'))).status, 200);
});

test('metadata that runs out closes signing in, and is a reason not to be ready', async (t) => {
  const set = await stage(t, {
    metadata: (xml) => xml.replace(' entityID=', ' validUntil="2026-01-02T04:04:05Z" entityID='),
  });
  await t.notThrowsAsync(set.running.parts.checks.metadata());
  set.clock.advance(2 * HOUR);
  const page = await set.browser().visit(set.at('wiki'));
  t.is(page.status, 503);
  t.is(page.headers['x-curfew'], 'SAML_METADATA_EXPIRED');
  await t.throwsAsync(set.running.parts.checks.metadata(), { message: /no longer valid/ });
});
