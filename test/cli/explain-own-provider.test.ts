// `curfew explain` where apps have service providers of their own, and for artifacts, which are read and never resolved.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { runCommand } from '../../gateway/cli/command.ts';
import { explain } from '../../gateway/cli/explain.ts';
import { artifact, startArtifactResolver } from '../support/artifact-resolver.ts';
import { OPEN, stage, type Stage } from '../support/gateway.ts';
import { soapFor } from '../support/logout-requests.ts';

interface Said {
  readonly codes?: readonly string[];
  readonly notes?: readonly string[];
  readonly sessions?: { readonly meant: readonly unknown[] };
  readonly [more: string]: unknown;
}

async function run(scene: Stage, capture: string, ...words: readonly string[]) {
  const file = join(scene.folder, 'capture');
  await writeFile(file, capture);
  const output: string[] = [];
  const admin = `127.0.0.1:${scene.running.admin.port}`;
  const argv = ['explain', file, '--policies', scene.folder, '--at', 'issued', '--admin', admin, ...words];
  const print = (text: string): void => void output.push(text);
  return { code: await runCommand([explain], argv, {}, { print, complain: print }), output: output.join('\n') };
}

const said = async (scene: Stage, capture: string, ...words: readonly string[]): Promise<Said> =>
  JSON.parse((await run(scene, capture, '--json', ...words)).output) as Said;

/** alice is signed in at wiki, by the gateway's own service provider, and at vault, by vault's. */
async function withAlice(t: ExecutionContext): Promise<Stage> {
  const scene = await stage(t, {
    apps: { wiki: OPEN('wiki'), vault: `${OPEN('vault')}saml: { entityId: 'urn:vault' }\n` },
  });
  for (const { serviceProvider } of scene.running.parts.doors.ownDoors)
    scene.idp.registerServiceProvider(serviceProvider.metadata);
  const browser = await scene.signedIn('alice', scene.at('wiki'));
  await browser.settle(await browser.visit(scene.at('vault')));
  return scene;
}

const toVault = (scene: Stage): string =>
  soapFor({ idp: scene.idp, clock: scene.clock, url: scene.at('vault', '') }, 'alice', [], '/.curfew/saml/slo/soap');

test('a LogoutRequest to an app’s own service provider is judged there, and would end its sessions alone', async (t) => {
  const scene = await withAlice(t);
  t.is(await scene.running.parts.doors.sessions.count(), 2);
  const found = await said(scene, toVault(scene));
  t.deepEqual(found.codes, []);
  t.is(found.sessions?.meant.length, 1);
  t.deepEqual(found.notes, ["it is for vault's own service provider"]);
  const gateways = await said(scene, soapFor(scene, 'alice'));
  t.deepEqual([gateways.codes, gateways.notes, gateways.sessions?.meant.length], [[], [], 1]);
});

test('the whole HTTP request names it by Host, and --app by its name', async (t) => {
  const scene = await withAlice(t);
  const { host } = new URL(scene.at('vault'));
  const body = soapFor(scene, 'alice').replace(/ Destination="[^"]*"/, '');
  const request = `POST /.curfew/saml/slo/soap HTTP/1.1\r\nHost: ${host}\r\nContent-Type: text/xml\r\n\r\n${body}`;
  t.true((await said(scene, request)).notes?.includes("it is for vault's own service provider"));
  t.deepEqual((await said(scene, soapFor(scene, 'alice'), '--app', 'vault')).codes, ['SAML_DESTINATION_MISMATCH']);
  const { code, output } = await run(scene, toVault(scene), '--app', 'wiki');
  t.is(code, 2);
  t.regex(output, /no app called "wiki" has a service provider of its own/);
});

test('which sessions are meant is asked of that service provider, and there must be one', async (t) => {
  const scene = await withAlice(t);
  const meant = async (sp: string | undefined) =>
    (
      await scene.running.parts.wouldEnd({
        idp: 'corp',
        sp,
        nameId: { value: 'alice@example.test' },
        sessionIndexes: [],
      })
    )?.meant.map(({ identity }) => identity.sp);
  t.deepEqual(await meant(undefined), [undefined]);
  t.deepEqual(await meant('vault'), ['vault']);
  t.is(await meant('wiki'), undefined);
});

test('an artifact says who made it and where its message is, and nobody is asked for it (bindings §3.6.4)', async (t) => {
  const resolver = await startArtifactResolver(t);
  const service = `<md:ArtifactResolutionService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" index="3" Location="${resolver.url}"/>`;
  const scene = await stage(t, {
    idp: '    signOn: { responseBinding: artifact }',
    metadata: (xml) => xml.replace('<md:SingleLogoutService', `${service}<md:SingleLogoutService`),
  });
  const capture = (text: string): string => `${scene.url}/saml/acs?SAMLart=${encodeURIComponent(text)}&RelayState=x`;
  const good = artifact(scene.idp.entityId);
  t.like(await said(scene, capture(good)), { idp: 'corp', address: resolver.url, endpointIndex: 3, code: undefined });
  t.deepEqual(resolver.asked, []);
  const { code, output } = await run(scene, capture(good));
  t.is(code, 0);
  t.regex(output, /would be resolved/);
  for (const [text, why] of [
    [artifact(scene.idp.entityId, 4), /no ArtifactResolutionService of index 4/],
    [artifact('https://other.test'), /no entityID/],
    [artifact(scene.idp.entityId, 3, undefined, 5), /not of type 4/],
    ['###', /unreadable/],
  ] as const) {
    const refused = await run(scene, capture(text));
    t.is(refused.code, 1);
    t.regex(refused.output, why);
  }
});

test('an artifact from an identity provider that may send none is refused, and what to set is said', async (t) => {
  const scene = await stage(t);
  const { code, output } = await run(scene, `SAMLart=${encodeURIComponent(artifact(scene.idp.entityId))}`);
  t.is(code, 1);
  t.regex(output, /corp may send none; set its signOn\.responseBinding/);
});
