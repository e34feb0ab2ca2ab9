// Debian's SimpleSAMLphp as an identity provider, with a configuration of its own in a folder of the test.

import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newKeys, type IdentityProviderKeys } from '../../demo/identity-provider/keys.ts';
import { randomText } from '../../gateway/kernel/random.ts';
import { SIMPLESAMLPHP_FOLDER } from '../support/needs.ts';
import { startPhp } from './program.ts';
import { read } from './read.ts';

export interface Behaviour {
  /** One chain of redirects, or a page with a frame for each service provider. */
  readonly logout: 'traditional' | 'iframe';
  readonly sign: 'assertion' | 'response' | 'both';
  readonly nameId: 'transient' | 'persistent' | 'emailAddress';
  /** What it encrypts for a service provider whose metadata has a key for it: AES-128-CBC under RSA-OAEP. */
  readonly encrypt: 'nothing' | 'assertion' | 'nameId' | 'both';
  /** What it offers for logout, its own order. */
  readonly accepts: readonly ('HTTP-Redirect' | 'HTTP-POST')[];
  /** Which of a service provider's logout addresses an administrator has left in place; it prefers Redirect. */
  readonly keeps: 'all' | 'HTTP-POST';
  /** Whether it sends Responses by artifact to who asks for that. */
  readonly artifact: boolean;
}

export interface SimpleSamlPhp {
  readonly origin: string;
  /** What it signs with: it sends no SOAP itself, so a test does that for it. */
  readonly keys: IdentityProviderKeys;
  readonly entityId: string;
  /** Its metadata as it publishes it now. */
  metadata(): Promise<string>;
  /** Changes how it behaves from the next request on. */
  behave(behaviour: Partial<Behaviour>): Promise<void>;
  /** Lets its own parser read a service provider's metadata. */
  know(name: string, metadata: string): Promise<void>;
  /** Where the person begins a logout here. */
  readonly logoutAddress: string;
  /** A page of its own for people who are signed in; to all others it shows the login form. A logout ends on it. */
  readonly homeAddress: string;
  log(): Promise<string>;
  close(): Promise<unknown>;
}

const FORMATS = {
  transient: ['urn:oasis:names:tc:SAML:2.0:nameid-format:transient', "['class' => 'saml:TransientNameID']"],
  persistent: [
    'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    "['class' => 'saml:PersistentNameID', 'attribute' => 'uid']",
  ],
  emailAddress: [
    'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
    "['class' => 'saml:AttributeNameID', 'attribute' => 'mail', 'Format' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress']",
  ],
} as const;

const PEOPLE = `<?php
$config = ['admin' => ['core:AdminPassword'], 'people' => ['exampleauth:UserPass',
  'alice:alicepw' => ['uid' => ['alice'], 'mail' => ['alice@example.test'], 'displayName' => ['Alice Möller'], 'groups' => ['staff', 'admins']],
  'bob:bobpw' => ['uid' => ['bob'], 'mail' => ['bob@example.test'], 'displayName' => ['Bob Okafor'], 'groups' => ['staff']],
]];
`;

/** Starts it in `folder` under a host name of the test browser's choosing. */
export async function startSimpleSamlPhp(folder: string, host: string): Promise<SimpleSamlPhp> {
  const at = (path: string): string => join(folder, path);
  for (const path of ['config/metadata', 'cert', 'data', 'log', 'tmp', 'php-sessions', 'www', 'sps']) {
    await mkdir(at(path), { recursive: true });
  }
  await symlink(join(SIMPLESAMLPHP_FOLDER, 'www'), at('www/simplesaml'));
  const keys = await newKeys('SimpleSAMLphp', new Date('2026-01-01T00:00:00Z'));
  await writeFile(at('cert/idp.key'), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(at('cert/idp.crt'), keys.certificate);
  await writeFile(at('config/authsources.php'), PEOPLE);
  // PHP reads its configuration with each request, so the port can be taken first and the configuration written after.
  const php = await startPhp(
    at('www'),
    { 'session.save_path': at('php-sessions') },
    { SIMPLESAMLPHP_CONFIG_DIR: at('config') },
  );
  const origin = `http://${host}:${php.announced[1] ?? ''}`;
  await writeFile(at('config/config.php'), configPhp(folder, origin));
  let now: Behaviour = {
    logout: 'traditional',
    sign: 'assertion',
    nameId: 'transient',
    encrypt: 'nothing',
    accepts: ['HTTP-Redirect', 'HTTP-POST'],
    keeps: 'all',
    artifact: false,
  };
  const behave: SimpleSamlPhp['behave'] = async (behaviour) => {
    now = { ...now, ...behaviour };
    await writeFile(at('config/metadata/saml20-idp-hosted.php'), hostedPhp(origin, now));
    await writeFile(at('config/metadata/saml20-sp-remote.php'), remotePhp(folder, now));
  };
  await behave({});
  const base = `${origin}/simplesaml`;
  const home = `${base}/module.php/core/authenticate.php?as=people`;
  return {
    origin,
    keys,
    entityId: `${origin}/idp`,
    // Servers do not know the browser's name for it.
    metadata: async () =>
      (await read(`${base}/saml2/idp/metadata.php`)).body.replace(
        /(<md:ArtifactResolutionService[^>]*Location="http:\/\/)[^:]*/,
        '$1127.0.0.1',
      ),
    behave,
    know: (name, metadata) => writeFile(at(`sps/${name}.xml`), metadata),
    logoutAddress: `${base}/saml2/idp/initSLO.php?${new URLSearchParams({ RelayState: home }).toString()}`,
    homeAddress: home,
    log: () => readFile(at('log/simplesamlphp.log'), 'utf8'),
    close: () => php.close(),
  };
}

/** Debian's own defaults, then what differs here. */
const configPhp = (folder: string, origin: string): string => `<?php
require '/etc/simplesamlphp/config.php';
$config = array_merge($config, [
  'baseurlpath' => '${origin}/simplesaml/',
  'certdir' => '${folder}/cert/', 'loggingdir' => '${folder}/log/', 'datadir' => '${folder}/data/', 'tempdir' => '${folder}/tmp',
  'metadatadir' => '${folder}/config/metadata', 'metadata.sources' => [['type' => 'flatfile']],
  'secretsalt' => '${randomText(192)}', 'auth.adminpassword' => '${randomText(192)}',
  'logging.handler' => 'file', 'logging.level' => SimpleSAML\\Logger::DEBUG, 'debug' => ['saml' => true],
  'enable.saml20-idp' => true, 'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
  'store.type' => 'sql', 'store.sql.dsn' => 'sqlite:${folder}/data/store.sqlite',
  'session.cookie.secure' => false, 'session.cookie.samesite' => null, 'session.phpsession.savepath' => '${folder}/php-sessions',
  'production' => false,
]);
`;

const hostedPhp = (origin: string, { logout, nameId, accepts, artifact }: Behaviour): string => `<?php
$metadata['${origin}/idp'] = [
  'host' => '__DEFAULT__', 'privatekey' => 'idp.key', 'certificate' => 'idp.crt', 'auth' => 'people',
  'logouttype' => '${logout}', 'NameIDFormat' => '${FORMATS[nameId][0]}', 'authproc' => [10 => ${FORMATS[nameId][1]}],
  'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'sign.logout' => true, 'saml20.sendartifact' => ${String(artifact)},
  'SingleLogoutServiceBinding' => [${accepts.map((name) => `'urn:oasis:names:tc:SAML:2.0:bindings:${name}'`).join(', ')}],
  'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic',
];
`;

/** What its parser reads from metadata, with what an administrator sets beside it: every signature of ours is checked. */
const remotePhp = (folder: string, { sign, keeps, nameId, encrypt }: Behaviour): string => `<?php
foreach (glob('${folder}/sps/*.xml') as $file) {
  foreach (\\SimpleSAML\\Metadata\\SAMLParser::parseDescriptorsFile($file) as $id => $entity) {
    $sp = $entity->getMetadata20SP();
    if ($sp === null) { continue; }
    unset($sp['entityDescriptor'], $sp['expire']);
    $sp['SingleLogoutService'] = array_values(array_filter($sp['SingleLogoutService'], function ($service) {
      return '${keeps}' === 'all' || $service['Binding'] === 'urn:oasis:names:tc:SAML:2.0:bindings:${keeps}';
    }));
    $metadata[$id] = array_merge($sp, [
      'NameIDFormat' => '${FORMATS[nameId][0]}',
      'saml20.sign.assertion' => ${String(sign !== 'response')}, 'saml20.sign.response' => ${String(sign !== 'assertion')},
      'assertion.encryption' => ${String(encrypt === 'assertion' || encrypt === 'both')}, 'nameid.encryption' => ${String(encrypt === 'nameId' || encrypt === 'both')},
      'validate.authnrequest' => true, 'validate.logout' => true, 'simplesaml.nameidattribute' => 'uid',
    ]);
  }
}
`;
