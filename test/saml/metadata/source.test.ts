// Metadata over TLS: the keys in it are the keys to every app, so it is taken from whom the operator has named and nobody else.

import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readText } from '../../../gateway/config/read.ts';
import { readPlace } from '../../../gateway/saml/metadata/source.ts';
import { newSigner } from '../../support/certificates.ts';

const signer = newSigner();
const stranger = newSigner('stranger');

async function published(t: ExecutionContext, names = ['localhost']): Promise<string> {
  const server = createServer(signer.sign(names), (_, response) => response.end('<EntityDescriptor/>'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return `https://localhost:${(server.address() as AddressInfo).port}/metadata`;
}

test('metadata is read over TLS from a server that the configured authority vouches for', async (t) => {
  const url = await published(t);
  t.is(await readPlace({ url, ca: signer.cert }, {}), '<EntityDescriptor/>');
});

for (const [what, ca, names] of [
  ['without that authority', undefined, ['localhost']],
  ['with another authority', stranger.cert, ['localhost']],
  ['from a server with a certificate for another name', signer.cert, ['idp.example.com']],
] as const)
  test(`${what} metadata is not read`, async (t) => {
    const url = await published(t, [...names]);
    await t.throwsAsync(readPlace({ url, ca }, {}), { message: /certificate|altnames/i });
  });

test('metadata may be UTF-16, as shells of Windows write it, with a byte order mark; anything else is UTF-8 (XML 1.0 §4.3.3)', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-metadata-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'idp.xml');
  const little = Buffer.from('\ufeff<Prüfstelle/>', 'utf16le');
  for (const bytes of [
    little,
    Buffer.from(little).swap16(),
    Buffer.from('\ufeff<Prüfstelle/>'),
    Buffer.from('<Prüfstelle/>'),
  ]) {
    await writeFile(path, bytes);
    t.is(await readPlace({ path, text: '' }, {}), '<Prüfstelle/>');
    t.is(readText(path), '<Prüfstelle/>');
  }
  await writeFile(path, Buffer.from('<Prüfstelle/>', 'latin1'));
  await t.throwsAsync(readPlace({ path, text: '' }, {}), { message: /neither UTF-8 nor UTF-16/ });
});
