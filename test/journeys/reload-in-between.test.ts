// Other policies in the middle of something: what is under way comes to its end by what holds then, where somebody could be hurt otherwise.

import { readFile, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { certificateBase64, newKeys } from '../../demo/identity-provider/keys.ts';
import { OPEN, stage, type Stage } from '../support/gateway.ts';
import { formFor, SUCCESS, formCodes } from '../support/logout-requests.ts';

const HOUR = 3_600_000;

/** The same metadata with the key of somebody else. */
async function withStrangersKey(metadata: string): Promise<string> {
  const stranger = await newKeys('stranger', new Date('2026-01-01T00:00:00Z'));
  return metadata.replace(/(X509Certificate>)[^<]+/, `$1${certificateBase64(stranger.certificate)}`);
}

const change = ({ folder, upstream }: Stage) =>
  writeFile(join(folder, 'wiki.yaml'), `${OPEN('wiki').replaceAll('${UPSTREAM}', upstream.url)}title: Wiki\n`);

/** Serves metadata; `hold` keeps the next one who asks waiting, and resolves with what answers. */
async function published(t: ExecutionContext) {
  let served = '';
  let held: ((response: ServerResponse) => void) | undefined;
  const server = createServer((_, response) => {
    if (held === undefined) response.end(served);
    else held(response);
    held = undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    serve: (xml: string) => (served = xml),
    hold: () => new Promise<ServerResponse>((resolve) => (held = resolve)),
  };
}

test('a key that is fetched while other policies are taken over is believed, and the one before no longer (P4)', async (t) => {
  const place = await published(t);
  const scene = await stage(t, { metadata: place.serve, metadataAt: place.url });
  await scene.signedIn('alice', scene.at('wiki'));
  scene.clock.advance(HOUR);
  const asking = place.hold();
  const fetched = scene.running.parts.refreshMetadata();
  const answer = await asking;
  await change(scene);
  t.is((await scene.running.reload('signal')).result, 'applied');
  answer.end(await withStrangersKey(scene.idp.metadataXml));
  await fetched;
  await scene.running.parts.refreshMetadata();
  const bob = scene.browser();
  const form = await bob.visit(scene.at('wiki'));
  const page = await bob.settle(await bob.submitForm(form, { username: 'bob', password: 'bobpw' }));
  t.is(page.headers['x-curfew'], 'SAML_SIGNATURE_INVALID');
});

/** Posts to our SAML address, in two parts: sends the first, and answers with how to send the rest. */
async function postInParts(scene: Stage, body: string) {
  const { port, host } = new URL(scene.url);
  const headers = {
    host,
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': Buffer.byteLength(body),
    expect: '100-continue',
  };
  const request = httpRequest({ port, host: '127.0.0.1', path: '/saml/slo', method: 'POST', headers, agent: false });
  const answered = new Promise<IncomingMessage>((resolve, reject) =>
    request.on('response', resolve).on('error', reject),
  );
  request.flushHeaders();
  // The gateway reads the body, so the request has met the policies of this moment.
  await new Promise((resolve) => request.once('continue', resolve));
  request.write(body.slice(0, 100));
  return async () => {
    request.end(body.slice(100));
    const answer = await answered;
    return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
  };
}

test('a LogoutRequest that comes in slowly is judged by the keys there are when it is whole (P4)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const finish = await postInParts(scene, formFor(scene, 'alice'));
  const idp = join(scene.folder, 'idp.xml');
  await writeFile(idp, await withStrangersKey(await readFile(idp, 'utf8')));
  t.like(await scene.running.reload('signal'), {
    result: 'applied',
    changes: { identityProviders: { changed: ['corp'] } },
  });
  const answer = await finish();
  t.is(answer.headers['x-curfew'], 'SAML_SIGNATURE_INVALID');
  t.is((await browser.request(scene.at('wiki'))).status, 200);
});

test('a LogoutRequest that comes in slowly while an app changes ends whom it means (P1)', async (t) => {
  const scene = await stage(t);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  const finish = await postInParts(scene, formFor(scene, 'alice'));
  await change(scene);
  t.is((await scene.running.reload('signal')).result, 'applied');
  t.deepEqual(formCodes(scene, await finish()), SUCCESS);
  t.is((await browser.request(scene.at('wiki'))).status, 303);
});
