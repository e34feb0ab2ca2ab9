// Debian's LemonLDAP::NG as an identity provider: its portal on Plack's own server, with a configuration of its own in a folder of the
// test. Its server calls curfew's, and no server knows the browser's names: so it is 127.0.0.2, another site than curfew on 127.0.0.1.

import { createPublicKey } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import { randomText } from '../../gateway/kernel/random.ts';
import type { Browser, Page } from '../support/browser.ts';
import { freePort } from '../support/gateway.ts';
import { startProgram, type Program } from './program.ts';
import { read } from './read.ts';
import { carryOn, stageWithMirror, type Stage } from './stage.ts';

/** What an administrator chooses in its Manager. */
export interface Behaviour {
  /** "Default NameID format"; `entity` and the like it has too, and nobody's name. */
  readonly nameId: 'email' | 'persistent' | 'transient' | 'unspecified' | 'x509' | 'windows';
  /** "Encryption mode". */
  readonly encrypt: 'none' | 'nameid' | 'assertion';
  /** "Sign SSO message" and "Sign SLO message": on, off, or as metadata says. */
  readonly signSso: 1 | 0 | -1;
  readonly signSlo: 1 | 0 | -1;
  /** Which of a service provider's logout addresses an administrator has left in its metadata; it takes the first. */
  readonly keeps: 'all' | 'SOAP' | 'HTTP-POST' | 'HTTP-Redirect';
  /** Our metadata, as it was registered there. */
  readonly serviceProvider: string;
  /** Whether Responses and metadata carry the certificate in their signature. */
  readonly certificateInResponse: boolean;
}

export interface LemonLdap {
  readonly origin: string;
  readonly metadata: () => Promise<string>;
  /** Changes how it behaves, by a restart. What it knows of people lives on. */
  behave(behaviour: Partial<Behaviour>): Promise<void>;
  /** Whether it shows this browser its own pages, and not its login form. */
  knows(person: Browser): Promise<boolean>;
  /** Has everybody signed in there an hour earlier, by a restart. */
  anHourLater(): Promise<void>;
  readonly logoutAddress: string;
  log(): string;
  close(): Promise<unknown>;
}

const HOST = '127.0.0.2';
const PORTAL = 'use Lemonldap::NG::Portal::Main; Lemonldap::NG::Portal::Main->run({});\n';

/** Starts it in `folder`. Before 2.0.10 its Manager made keys without a certificate (`bareKey`). */
export async function startLemonLdap(folder: string, bareKey = false): Promise<LemonLdap> {
  const at = (path: string): string => join(folder, path);
  for (const path of ['conf', 'sessions/lock', 'psessions/lock', 'cache']) await mkdir(at(path), { recursive: true });
  const keys = await newKeys('LemonLDAP', new Date('2026-01-01T00:00:00Z'));
  const signing = {
    samlServicePrivateKeySig: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    samlServicePublicKeySig: bareKey
      ? createPublicKey(keys.certificate).export({ type: 'spki', format: 'pem' })
      : keys.certificate,
  };
  const port = await freePort();
  const origin = `http://${HOST}:${port}`;
  await writeFile(at('portal.psgi'), PORTAL);
  await writeFile(at('lemonldap-ng.ini'), iniFile(folder));
  let now: Behaviour = {
    nameId: 'persistent',
    encrypt: 'none',
    signSso: 1,
    signSlo: 1,
    keeps: 'all',
    serviceProvider: '',
    certificateInResponse: false,
  };
  let portal: Program | undefined;
  let earlier = '';
  const stop = async (): Promise<void> => {
    await portal?.close();
    earlier += portal?.output() ?? '';
    portal = undefined;
  };
  const behave: LemonLdap['behave'] = async (behaviour) => {
    now = { ...now, ...behaviour };
    await stop();
    await rm(at('cache'), { recursive: true, force: true });
    await writeFile(
      at('conf/lmConf-1.json'),
      JSON.stringify({ ...settings(folder, origin), ...signing, ...partner(now) }),
    );
    portal = await startProgram({
      command: 'plackup',
      words: ['--host', HOST, '--port', String(port), '--no-default-middleware', at('portal.psgi')],
      ready: /Accepting connections at/,
      env: {
        LLNG_DEFAULTCONFFILE: at('lemonldap-ng.ini'),
        LLNG_DEFAULTLOGGER: 'Lemonldap::NG::Common::Logger::Std',
      },
    });
  };
  await behave({});
  return {
    origin,
    metadata: async () => (await read(`${origin}/saml/metadata`)).body,
    behave,
    knows: async (person) => !isLoginForm(await person.visit(`${origin}/`)),
    anHourLater: async () => {
      for (const name of await readdir(at('sessions'))) {
        if (!/^[0-9a-f]+$/.test(name)) continue;
        const session = await readFile(at(`sessions/${name}`), 'utf8');
        const earlier = session.replaceAll(
          /("_(?:utime|lastAuthnUTime)":"?)(\d+)/g,
          (_all, key: string, time: string) => `${key}${Number(time) - 3600}`,
        );
        await writeFile(at(`sessions/${name}`), earlier);
      }
      await behave({});
    },
    logoutAddress: `${origin}/?logout=1`,
    log: () => earlier + (portal?.output() ?? ''),
    close: stop,
  };
}

/** It shows its login form to whoever has no session there. */
export const isLoginForm = ({ body }: Page): boolean => /id="passwordfield"/.test(body);

const iniFile = (folder: string): string => `[all]
logLevel = debug
[configuration]
type = File
dirName = ${folder}/conf
localStorage = Cache::FileCache
localStorageOptions = { namespace => 'conf', cache_root => '${folder}/cache' }
[portal]
staticPrefix = /static
templateDir = /usr/share/lemonldap-ng/portal/templates
languages = en
`;

const store = (folder: string) => ({ Directory: folder, LockDirectory: `${folder}/lock` });

/** A portal with the people of its demonstration (`dwho`, password `dwho`) that is a SAML identity provider. */
const settings = (folder: string, origin: string) => ({
  cfgNum: 1,
  cfgVersion: '2.16.1',
  cfgDate: '1',
  portal: `${origin}/`,
  domain: HOST,
  cookieName: 'lemonldap',
  securedCookie: 0,
  // By itself it says None, which browsers do not take without https.
  sameSite: 'Lax',
  key: randomText(192),
  authentication: 'Demo',
  userDB: 'Same',
  demoExportedVars: { cn: 'cn', mail: 'mail', uid: 'uid' },
  macros: { _whatToTrace: 'lc($_user)', team: '"staff; admins"' },
  whatToTrace: '_whatToTrace',
  locationRules: { [HOST]: { default: 'accept' } },
  globalStorage: 'Apache::Session::File',
  globalStorageOptions: store(`${folder}/sessions`),
  persistentStorage: 'Apache::Session::File',
  persistentStorageOptions: store(`${folder}/psessions`),
  localSessionStorage: 'Cache::FileCache',
  localSessionStorageOptions: { cache_root: `${folder}/cache`, namespace: 'sessions' },
  // Its own module for captchas wants ImageMagick although none is shown.
  captcha: '::UserDB::Null',
  // "Authentication contexts": its demonstration signs people in at level 1.
  samlAuthnContextMapPasswordProtectedTransport: 1,
  issuerDBSAMLActivation: 1,
  issuerDBSAMLRule: '1',
});

/** curfew among its service providers. */
function partner({ serviceProvider, keeps, nameId, encrypt, signSso, signSlo, certificateInResponse }: Behaviour) {
  const common = { samlServiceUseCertificateInResponse: Number(certificateInResponse) };
  if (serviceProvider === '') return common;
  const registered = serviceProvider.replaceAll(
    /<SingleLogoutService [^>]*?(?:\/>|><\/SingleLogoutService>)/g,
    (service) => (keeps === 'all' || service.includes(`bindings:${keeps}"`) ? service : ''),
  );
  return {
    ...common,
    samlSPMetaDataXML: { curfew: { samlSPMetaDataXML: registered } },
    samlSPMetaDataExportedAttributes: { curfew: { uid: '1;uid', cn: '1;displayName', team: '0;groups' } },
    samlSPMetaDataOptions: {
      curfew: {
        samlSPMetaDataOptionsNameIDFormat: nameId,
        samlSPMetaDataOptionsEncryptionMode: encrypt,
        samlSPMetaDataOptionsSignSSOMessage: signSso,
        samlSPMetaDataOptionsSignSLOMessage: signSlo,
        samlSPMetaDataOptionsCheckSSOMessageSignature: 1,
        samlSPMetaDataOptionsCheckSLOMessageSignature: 1,
      },
    },
  };
}

/** With LemonLDAP::NG, in front of a page that shows its headers (`mirror`). */
export async function stageWithLemonLdap(
  t: ExecutionContext,
  behaviour: Partial<Behaviour> = {},
  {
    idp: idpSettings,
    by,
    bareKey,
  }: { readonly idp?: string; readonly by?: 'address'; readonly bareKey?: boolean } = {},
): Promise<Stage<LemonLdap>> {
  const stage = await stageWithMirror<LemonLdap>(t, (folder) => startLemonLdap(folder, bareKey), {
    host: '127.0.0.1',
    idp: idpSettings,
    ...(by === 'address' && { metadataAt: ({ origin }) => `${origin}/saml/metadata` }),
  });
  const serviceProvider = (await read(`${stage.curfew.origin}/saml/metadata`)).body;
  await stage.idp.behave({ serviceProvider, ...behaviour });
  const signIn = async (person: Browser, address: string): Promise<Page> => {
    const form = await carryOn(person, await person.visit(address));
    return carryOn(person, await person.submitForm(form, { user: 'dwho', password: 'dwho' }));
  };
  return { ...stage, signIn };
}

/** Loads what a page of its shows by itself: a frame or a picture for each service provider. */
export async function loadParts(person: Browser, page: Page): Promise<Page[]> {
  const parts = [...page.body.matchAll(/<(iframe|img)\b[^>]*?\ssrc="([^"]+)"/g)]
    .map(([, tag, source = '']) => ({
      mode: tag === 'img' ? ('fetch' as const) : ('iframe' as const),
      url: new URL(source.replaceAll('&amp;', '&'), page.url),
    }))
    .filter(({ url }) => !url.pathname.startsWith('/static/'));
  return Promise.all(
    parts.map(async ({ mode, url }) => carryOn(person, await person.visit(url.href, { mode, from: page }), mode)),
  );
}
