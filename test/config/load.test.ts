import { join } from 'node:path';
import test from 'ava';
import { configured, faultsOf, GATEWAY, keyPair, load, PAIR, SECRET, warningsOf, WIKI } from './folder.ts';

test('a sound folder makes a configuration with every default filled in', (t) => {
  const loaded = load(t);
  const configuration = configured(loaded);
  const root = join(loaded.dir, '..');
  t.is(configuration.publicUrl, 'https://login.example.com');
  t.deepEqual(configuration.listen, {
    http: { host: '0.0.0.0', port: 8080 },
    admin: { host: '127.0.0.1', port: 9090 },
  });
  t.is(configuration.saml.entityId, 'https://login.example.com/saml/metadata');
  t.is(configuration.saml.clockSkewMs, 180_000);
  t.regex(configuration.saml.keys[0]?.key ?? '', /^-----BEGIN PRIVATE KEY-----/);
  t.deepEqual(configuration.identityProviders, [
    {
      name: 'corp',
      metadata: { path: join(root, 'certs/corp-idp.xml'), text: '<EntityDescriptor/>' },
      signedBy: undefined,
      soapTls: undefined,
      revalidateMs: undefined,
      signOn: {
        responseBinding: 'post',
        binding: 'auto',
        force: false,
        contexts: [],
        comparison: 'exact',
        order: [],
        nameIdFormat: undefined,
        allowCreate: true,
      },
      refreshMs: 3_600_000,
      issuers: [],
      logout: { binding: 'auto', onTimeout: false, match: 'nameId' },
      wantAssertionsEncrypted: false,
      allow: {
        ...{ unsolicitedResponse: false, unsignedLogoutResponse: false },
        ...{ sha1: false, rsa15: false, tripleDes: false, tlsInsteadOfSignature: false },
      },
      clientCertificateNames: [],
    },
  ]);
  t.deepEqual(configuration.sessions, {
    store: { kind: 'file', path: join(root, 'data/curfew.db') },
    idleMs: 1_800_000,
    lifetimeMs: 36_000_000,
    leaseMs: 2000,
    redis: { prefix: 'curfew', waitReplicas: 0 },
    secrets: [SECRET],
  });
  t.deepEqual(configuration.log, { level: 'info' });
  t.like(configuration.apps[0], {
    app: 'wiki',
    path: '/',
    upstream: 'http://10.0.4.12',
    identityProviders: ['corp'],
    timeouts: { connectMs: 5000, responseMs: 60_000, idleMs: 300_000 },
    limits: { bodyBytes: 0, keptFormBytes: 262_144, connections: 256 },
    identity: { headers: [] },
    cookies: { keep: 'gateway', expose: [] },
    signOut: { paths: [], deadlineMs: 3000, required: false },
  });
  t.deepEqual(warningsOf(loaded), []);
});

test('nobody can change a configuration afterwards', (t) => {
  const configuration = configured(load(t));
  t.throws(() => Object.assign(configuration.sessions, { idleMs: 0 }), { instanceOf: TypeError });
  t.throws(() => (configuration.apps as unknown[]).push({}), { instanceOf: TypeError });
  t.throws(() => Object.assign(configuration.identityProviders[0]?.allow ?? {}, { sha1: true }), {
    instanceOf: TypeError,
  });
});

test('what is written is what is configured', (t) => {
  const app = `${WIKI.replace('[wiki.example.com]', '[Wiki.Example.com., "localhost:8080", "[::1]"]')}path: /w/
identity: { headers: { Remote-User: "\${nameId}", X-G: "\${attributes.groups}" } }
timeouts: { connect: 1s500ms, response: 1h, idle: 0s }
limits: { body: 1MiB, keptForm: off }
signOut: { returnTo: https://portal.example.com/a?b }
`.replace(
    '  - { allow: authenticated }\n',
    '  - { paths: [/a/**], methods: [GET], allow: { attributes: { constructor: [x], groups: [a, b] } } }\n  - { allow: { nameIds: ["1"] } }\n',
  );
  const [wiki] = configured(load(t, { 'policies/wiki.yaml': app })).apps;
  t.deepEqual(wiki?.hosts, [
    { name: 'wiki.example.com', port: undefined },
    { name: 'localhost', port: 8080 },
    { name: '[::1]', port: undefined },
  ]);
  t.is(wiki?.path, '/w');
  t.deepEqual(wiki?.access[0], {
    paths: ['/a/**'],
    methods: ['GET'],
    authnContext: undefined,
    forceAuthnAfterMs: undefined,
    allow: {
      kind: 'attributes',
      required: [
        ['constructor', ['x']],
        ['groups', ['a', 'b']],
      ],
    },
  });
  t.deepEqual(wiki?.access[1]?.allow, { kind: 'nameIds', values: ['1'] });
  t.deepEqual(wiki?.identity.headers, [
    { name: 'Remote-User', template: '${nameId}' },
    { name: 'X-G', template: '${attributes.groups}' },
  ]);
  t.deepEqual(wiki?.timeouts, { connectMs: 1500, responseMs: 3_600_000, idleMs: 0, clientMs: 60_000 });
  t.deepEqual(wiki?.limits, { bodyBytes: 1_048_576, keptFormBytes: 0, connections: 256 });
  t.is(wiki?.signOut.returnTo, 'https://portal.example.com/a?b');
});

test('trusted proxies are addresses and ranges of both families', (t) => {
  const gateway = `${GATEWAY}trustedProxies: [10.0.0.0/8, 192.0.2.7, "2001:db8::/32", "::1"]\n`;
  const { trustedProxies } = configured(load(t, { 'policies/gateway.yaml': gateway }));
  for (const [address, family] of [
    ['10.255.0.1', 'ipv4'],
    ['192.0.2.7', 'ipv4'],
    ['2001:db8:1::1', 'ipv6'],
    ['::1', 'ipv6'],
    ['::ffff:10.1.1.1', 'ipv6'],
  ] as const) {
    t.true(trustedProxies.check(address, family), address);
  }
  for (const [address, family] of [
    ['11.0.0.1', 'ipv4'],
    ['192.0.2.8', 'ipv4'],
    ['2001:db9::1', 'ipv6'],
    ['::2', 'ipv6'],
  ] as const) {
    t.false(trustedProxies.check(address, family), address);
  }
});

test('secrets come from the environment and from files, without the newline at the end', (t) => {
  const both = GATEWAY.replace(
    '${file:../certs/session.secret}',
    '["${env:NEW_SECRET}", "${file:../certs/session.secret}"]',
  );
  const { sessions } = configured(load(t, { 'policies/gateway.yaml': both }, { NEW_SECRET: 'n'.repeat(32) }));
  t.deepEqual(sessions.secrets, ['n'.repeat(32), SECRET]);
});

test('a reference is filled in once: what it brings is not read again', (t) => {
  const app = `${WIKI}identity: { headers: { X-A: "\${env:A}/\${nameId}" } }\n`;
  const [wiki] = configured(load(t, { 'policies/wiki.yaml': app }, { A: '${env:B}' })).apps;
  t.deepEqual(wiki?.identity.headers, [{ name: 'X-A', template: '${env:B}/${nameId}' }]);
});

test('sessions may be kept in memory', (t) => {
  t.deepEqual(configured(load(t, { 'policies/gateway.yaml': `${GATEWAY}  store: "memory:"\n` })).sessions.store, {
    kind: 'memory',
  });
});

test('hidden files, other kinds of files and sub-folders are not read', (t) => {
  const loaded = load(t, {
    'policies/.wiki.yaml.swp': '{',
    'policies/.x.yaml': '{',
    'policies/schema/x.yaml': '{',
    'policies/README.md': '{',
  });
  t.deepEqual(faultsOf(loaded), []);
});

for (const [what, line, replacement, warning] of [
  [
    'publicUrl by http on a host others reach',
    'publicUrl: https://login',
    'publicUrl: http://login',
    /^gateway\.yaml:1 publicUrl: is http/,
  ],
  [
    'a secret in the file',
    '${file:../certs/session.secret}',
    'x'.repeat(40),
    /^gateway\.yaml:8 sessions\.secret: stands in the file/,
  ],
] as const) {
  test(`${what} is a warning, not a fault`, (t) => {
    const loaded = load(t, { 'policies/gateway.yaml': GATEWAY.replace(line, replacement) });
    configured(loaded);
    const [first, ...more] = warningsOf(loaded);
    t.regex(first ?? '', warning);
    t.deepEqual(more, []);
  });
}

test('publicUrl by http on this machine is not even a warning', (t) => {
  for (const host of ['localhost:8080', 'login.localhost', '127.0.0.1:3000', '[::1]']) {
    const loaded = load(t, { 'policies/gateway.yaml': GATEWAY.replace('https://login.example.com', `http://${host}`) });
    t.is(configured(loaded).publicUrl, `http://${host}`);
    t.deepEqual(warningsOf(loaded), []);
  }
});

test('a fault never repeats the name and password of an address', (t) => {
  const faults = faultsOf(
    load(t, { 'policies/gateway.yaml': `${GATEWAY}  store: redis://curfew:hunter2@redis.example.com:6379/zero\n` }),
  );
  t.is(faults.length, 1);
  t.regex(faults.join(), /gateway\.yaml:\d+ sessions\.store: "redis:\/\/…@redis\.example\.com/);
  t.notRegex(faults.join(), /hunter2/);
});

test('metadata at an https address is not asked for when the configuration is read', (t) => {
  const gateway = GATEWAY.replace('../certs/corp-idp.xml', 'https://idp.example.com/metadata');
  const { identityProviders, saml } = configured(load(t, { 'policies/gateway.yaml': gateway }));
  t.deepEqual(identityProviders[0]?.metadata, { url: 'https://idp.example.com/metadata', ca: undefined });
  t.regex(saml.metadataCopies, /\/data\/metadata$/);
});

test('what upstreamTls names is read, and judged in the place where it stands', (t) => {
  const TLS = { 'certs/client.crt': PAIR.cert, 'certs/client.key': PAIR.key, 'certs/ca.crt': PAIR.cert };
  const wiki = (keys: string, scheme = 'https') => ({
    ...TLS,
    'policies/wiki.yaml': `${WIKI.replace('http:', `${scheme}:`)}upstreamTls: { ${keys} }\n`,
  });
  const pair = 'cert: ../certs/client.crt, key: ../certs/client.key';
  const { apps } = configured(load(t, wiki(`ca: ../certs/ca.crt, ${pair}, serverName: wiki.internal`)));
  t.deepEqual(apps[0]?.upstreamTls, { ca: PAIR.cert, cert: PAIR.cert, key: PAIR.key, servername: 'wiki.internal' });
  const at = (fault: string) => [`wiki.yaml:6 upstreamTls${fault}`];
  t.deepEqual(
    faultsOf(load(t, wiki('cert: ../certs/client.crt'))),
    at('.cert: "../certs/client.crt" needs key beside it; write both, or neither'),
  );
  t.deepEqual(
    faultsOf(load(t, { ...wiki(pair), 'certs/client.crt': keyPair().cert })),
    at('.cert: does not belong to the key; name the pair that was made together'),
  );
  t.deepEqual(
    faultsOf(load(t, { ...wiki('ca: ../certs/ca.crt'), 'certs/ca.crt': 'nonsense' })),
    at('.ca: holds no PEM certificate; put that of the authority into it'),
  );
  t.deepEqual(
    faultsOf(load(t, wiki('ca: ../certs/ca.crt', 'http'))),
    at(': means nothing where upstream is http; write https there, or leave it out'),
  );
});
