import test from 'ava';
import { formatFaults, formatKey, formatWarnings } from '../../gateway/config/faults.ts';
import { nearest } from '../../gateway/kernel/nearest.ts';
import { configured, curveKey, faultsOf, GATEWAY, keyPair, load, PAIR, WIKI } from './folder.ts';

const gateway = (from: string, to: string): Record<string, string> => ({
  'policies/gateway.yaml': GATEWAY.replace(from, to),
});
const wiki = (from: string, to: string): Record<string, string> => ({ 'policies/wiki.yaml': WIKI.replace(from, to) });
const more = (text: string): Record<string, string> => ({ 'policies/wiki.yaml': WIKI + text });
const moreGateway = (text: string): Record<string, string> => ({ 'policies/gateway.yaml': GATEWAY + text });

/** One thing broken in a sound folder, and the one fault that must come of it. */
const FAULTS: Record<string, [files: Record<string, string | undefined>, fault: string]> = {
  'an unknown key': [
    moreGateway('  lifetme: 1h\n'),
    'gateway.yaml:9 sessions.lifetme: unknown name; did you mean "lifetime"?',
  ],
  'an unknown key far from any': [
    more('zzz: 1\n'),
    'wiki.yaml:6 zzz: unknown name; known here: title, contact, app, hosts, path, identityProvider, identityProviders, access, saml, upstream, upstreamTls, identity, caching, timeouts, limits, cookies, signIn, signOut',
  ],
  'an unknown key in a rule': [
    wiki('{ allow: authenticated }', '{ allow: { atributes: { a: [b] } } }'),
    'wiki.yaml:5 access[0].allow.atributes: unknown name; did you mean "attributes"?',
  ],
  'several workers on a store of one process': [
    moreGateway('workers: 4\n'),
    'gateway.yaml:9 workers: asks for 4 processes, and sessions.store (the default) belongs to one; write "redis://host:6379/0" there, or let one process serve',
  ],
  'a number of workers that is none': [
    moreGateway('workers: 0\n'),
    'gateway.yaml:9 workers: is no number of workers; write a number from 1 to 64, or auto',
  ],
  'a word for workers that is none': [
    moreGateway('workers: many\n'),
    'gateway.yaml:9 workers: "many" is no number of workers; write a number from 1 to 64, or auto',
  ],
  'a duration without unit': [
    moreGateway('  idle: 30\n'),
    'gateway.yaml:9 sessions.idle: "30" has no unit; write "30m" for minutes, or ms, s, h, d',
  ],
  'a duration without unit in quotes': [
    moreGateway('  idle: "30"\n'),
    'gateway.yaml:9 sessions.idle: "30" has no unit; write "30m" for minutes, or ms, s, h, d',
  ],
  'what is no duration': [
    moreGateway('  idle: soon\n'),
    'gateway.yaml:9 sessions.idle: "soon" is no duration; write "30m"',
  ],
  'an idle time nobody could live with': [
    moreGateway('  idle: 0s\n'),
    'gateway.yaml:9 sessions.idle: "0s" is out of bounds: at least 1s, at most 365d; write "30m"',
  ],
  'a timeout that setTimeout would turn into none': [
    more('timeouts: { response: 30d }\n'),
    'wiki.yaml:6 timeouts.response: "30d" is out of bounds: at least 1ms, at most 24d; write "60s"',
  ],
  'a sign-in anew that clocks cannot tell from an old one': [
    wiki('{ allow: authenticated }', '{ forceAuthnAfter: 1m, allow: authenticated }'),
    'wiki.yaml:5 access[0].forceAuthnAfter: "1m" is out of bounds: at least 5m, at most 365d; clocks of identity providers differ, and the person would be asked without end',
  ],
  'a sign-in anew where nobody signs in': [
    wiki('{ allow: authenticated }', '{ forceAuthnAfter: 1h, allow: anyone }'),
    'wiki.yaml:5 access[0].forceAuthnAfter: "1h" has no meaning where nobody signs in; leave it out, or write "allow: authenticated"',
  ],
  'contexts that are to be compared by an order nobody knows': [
    gateway('name: corp', 'name: corp\n    signOn: { authnContext: [urn:a], comparison: minimum }'),
    'gateway.yaml:6 identityProviders[0].signOn.comparison: cannot be judged by us; write order, the contexts from the weakest to the strongest',
  ],
  'a comparison with nothing': [
    gateway('name: corp', 'name: corp\n    signOn: { comparison: maximum, order: [urn:a] }'),
    'gateway.yaml:6 identityProviders[0].signOn.comparison: compares with nothing; write authnContext beside it',
  ],
  'an order without what is asked for': [
    gateway('name: corp', 'name: corp\n    signOn: { authnContext: [urn:a], comparison: minimum, order: [urn:b] }'),
    'gateway.yaml:6 identityProviders[0].signOn.order: lacks "urn:a" of authnContext; put it in its place',
  ],
  'better than the strongest': [
    gateway(
      'name: corp',
      'name: corp\n    signOn: { authnContext: [urn:a], comparison: better, order: [urn:b, urn:a] }',
    ),
    'gateway.yaml:6 identityProviders[0].signOn.order: has nothing stronger than "urn:a", so nobody could sign in; write what is',
  ],
  'an order where none counts': [
    gateway('name: corp', 'name: corp\n    signOn: { authnContext: [urn:a], order: [urn:b, urn:a] }'),
    'gateway.yaml:6 identityProviders[0].signOn.order: means nothing where comparison is exact; leave it out',
  ],
  'a certificate for SOAP calls without its key': [
    gateway('name: corp', 'name: corp\n    soapTls: { cert: ../certs/sp.crt }'),
    'gateway.yaml:6 identityProviders[0].soapTls.cert: "../certs/sp.crt" needs key beside it; write both, or neither',
  ],
  'authorities for SOAP calls that are none': [
    gateway('name: corp', 'name: corp\n    soapTls: { ca: ../certs/sp.key }'),
    'gateway.yaml:6 identityProviders[0].soapTls.ca: holds something else than PEM certificates (block 1); leave it out',
  ],
  'too much clock skew': [
    gateway('saml:', 'saml:\n  clockSkew: 6m'),
    'gateway.yaml:3 saml.clockSkew: "6m" is out of bounds: at least 0s, at most 5m; more keeps stolen messages good for longer',
  ],
  'a size without unit': [
    more('limits: { body: 10 }\n'),
    'wiki.yaml:6 limits.body: "10" has no unit; write "10MiB", or B, KiB, GiB',
  ],
  'a kept form that two of would not fit': [
    more('limits: { keptForm: 5MiB }\n'),
    'wiki.yaml:6 limits.keptForm: "5MiB" is out of bounds: at least 1B, at most 4MiB; write "256KiB"',
  ],
  'no size for kept forms': [
    more('limits: { keptForm: never }\n'),
    'wiki.yaml:6 limits.keptForm: "never" is no size; write "256KiB"',
  ],
  'no body at all allowed by mistake': [
    more('limits: { body: 0B }\n'),
    'wiki.yaml:6 limits.body: "0B" is out of bounds: at least 1B; write "10MiB"',
  ],
  'a missing key': [
    gateway('publicUrl: https://login.example.com\n', ''),
    'gateway.yaml:1 publicUrl: is missing; write "publicUrl: https://login.example.com"',
  ],
  'missing rules': [
    wiki('access:\n  - { allow: authenticated }\n', ''),
    'wiki.yaml:1 access: is missing; write "access: [ { allow: authenticated } ]"',
  ],
  'no rule': [
    wiki('access:\n  - { allow: authenticated }\n', 'access: []\n'),
    'wiki.yaml:4 access: has no rule, so nobody would be let in; write "- { allow: authenticated }"',
  ],
  'an empty value': [more('path:\n'), 'wiki.yaml:6 path: is empty; expected path, such as /'],
  'a number where text is wanted': [wiki('app: wiki', 'app: 7'), 'wiki.yaml:1 app: is a number; put it in quotes'],
  'text where a list is wanted': [
    wiki('[wiki.example.com]', 'wiki.example.com'),
    'wiki.yaml:2 hosts: is text; expected list of host names, such as [ wiki.example.com ]',
  ],
  'text where yes or no is wanted': [
    gateway('sessions:', '    allow: { sha1: yes }\nsessions:'),
    'gateway.yaml:7 identityProviders[0].allow.sha1: is text; expected true or false',
  ],
  'a word nobody knows': [
    gateway('sessions:', '    logout: { binding: sope }\nsessions:'),
    'gateway.yaml:7 identityProviders[0].logout.binding: "sope" is not known here; did you mean "soap"?',
  ],
  'a key that is no text': [more('1: x\n'), 'wiki.yaml:6 : has a key that is not text; put it in quotes'],
  'a key that would change every object': [
    more('identity: { headers: { __proto__: x } }\n'),
    'wiki.yaml:6 identity.headers: has a key that is not text; put it in quotes',
  ],
  'an alias': [
    wiki('[wiki.example.com]', '[&a wiki.example.com, *a]'),
    'wiki.yaml:2 hosts[1]: is an alias, which is not read here; write it out, or put it in quotes where the star is meant',
  ],
  'a key written twice': [
    more('app: wiki\n'),
    'wiki.yaml:6 : is no YAML: Map keys must be unique; leave one of the two out',
  ],
  'an unfinished file': [
    { 'policies/wiki.yaml': 'app: [wiki' },
    'wiki.yaml:1 : is no YAML: Flow sequence in block collection must be sufficiently indented and end with a ]; indent the keys of one section alike, by spaces, and write a colon and a space after each',
  ],
  'a tab': [
    wiki('  - { allow: authenticated }', '\t- { allow: authenticated }'),
    'wiki.yaml:5 : is no YAML: Tabs are not allowed as indentation; write spaces',
  ],
  'braces that are no section': [
    more('identity: { headers: { Remote-User: ${nameId} } }\n'),
    'wiki.yaml:6 : is no YAML: Unexpected flow-map-start at node end; between { and } a value such as "${nameId}" stands in quotes',
  ],
  'a second document in a file, which nobody would read': [
    more('---\napp: hr\n'),
    'wiki.yaml:6 : is no YAML: Source contains multiple documents; one file is one document: leave "---" out, and give each app a file of its own',
  ],
  'a key that stands too far to the left': [
    moreGateway('http: 127.0.0.1:8080\n'),
    'gateway.yaml:9 http: unknown name here; it is known in "listen": indent it below that',
  ],
  'a port in the place of an address': [
    moreGateway('listen: { http: 8080 }\n'),
    'gateway.yaml:9 listen.http: is a number; expected address:port, such as 0.0.0.0:8080',
  ],
  'a certificate in the place of a key': [
    { 'certs/sp.key': PAIR.cert },
    'gateway.yaml:3 saml.keys[0].key: is a certificate; name the private key that belongs to it',
  ],
  'a key in the place of a certificate': [
    { 'certs/sp.crt': PAIR.key },
    'gateway.yaml:3 saml.keys[0].cert: is a private key; name the certificate that belongs to it',
  ],
  'a key with a passphrase': [
    { 'certs/sp.key': '-----BEGIN ENCRYPTED PRIVATE KEY-----\n' },
    'gateway.yaml:3 saml.keys[0].key: has a passphrase; write it anew without one: openssl pkey -in OLD -out NEW',
  ],
  'a file with another ending': [{ 'policies/hr.yml': '' }, 'hr.yml : is not read; call it hr.yaml'],
  'an unset variable': [
    moreGateway('  store: ${env:NOPE}\n'),
    'gateway.yaml:9 sessions.store: ${env:NOPE} is not set in the environment; set it for the process that runs curfew',
  ],
  'a secret file that is not there': [
    { 'certs/session.secret': undefined },
    'gateway.yaml:8 sessions.secret: ${file:../certs/session.secret} is not there; make that file, or correct its name',
  ],
  'no gateway.yaml': [
    { 'policies/gateway.yaml': undefined },
    'gateway.yaml : is missing; write at least publicUrl, saml.keys, identityProviders and sessions.secret, as docs/configuration.md shows',
  ],
  'no app': [
    { 'policies/wiki.yaml': undefined },
    '*.yaml : there is no app; write one file for each, such as wiki.yaml, as docs/configuration.md shows',
  ],
  'publicUrl with a path': [
    gateway('login.example.com', 'login.example.com/sso'),
    'gateway.yaml:1 publicUrl: "https://login.example.com/sso" is no origin; write scheme and host only, such as "https://login.example.com"',
  ],
  'publicUrl with a name in front': [
    gateway('login.example.com', 'u:p@login.example.com'),
    'gateway.yaml:1 publicUrl: "https://…@login.example.com" is no origin; write scheme and host only, such as "https://login.example.com"',
  ],
  'no keys': [
    gateway('  keys: [{ key: ../certs/sp.key, cert: ../certs/sp.crt }]', '  keys: []'),
    'gateway.yaml:3 saml.keys: names no key; run `curfew keys`, which makes a key and its certificate, and write "keys: [{ key: ../certs/sp.key, cert: ../certs/sp.crt }]"',
  ],
  'a key file that is not there': [
    { 'certs/sp.key': undefined },
    'gateway.yaml:3 saml.keys[0].key: "../certs/sp.key" is not there; `curfew keys` makes it',
  ],
  'a key that is none': [
    { 'certs/sp.key': 'x' },
    'gateway.yaml:3 saml.keys[0].key: is no PEM private key; write one that begins with "-----BEGIN PRIVATE KEY-----", or move it away and let `curfew keys` make another',
  ],
  'a key that is too short': [
    { 'certs/sp.key': keyPair(1024).key },
    'gateway.yaml:3 saml.keys[0].key: has 1024 bits, and at least 2048 are needed; move it away and let `curfew keys` make another',
  ],
  'a key that is not RSA': [
    { 'certs/sp.key': curveKey('P-384') },
    'gateway.yaml:3 saml.keys[0].key: is neither RSA nor EC on the curve P-256; move it away and let `curfew keys` make another',
  ],
  'a certificate that is none': [
    { 'certs/sp.crt': 'x' },
    'gateway.yaml:3 saml.keys[0].cert: is no PEM certificate; write the one that was made with the key, beginning with "-----BEGIN CERTIFICATE-----"',
  ],
  'a certificate of another key': [
    { 'certs/sp.crt': keyPair().cert },
    'gateway.yaml:3 saml.keys[0].cert: does not belong to the key; name the pair that was made together',
  ],
  'metadata that is not there': [
    { 'certs/corp-idp.xml': undefined },
    'gateway.yaml:6 identityProviders[0].metadata: "../certs/corp-idp.xml" is not there; save the metadata of the identity provider there, or write its https address',
  ],
  'metadata from an address that anybody on the way can answer for': [
    gateway('../certs/corp-idp.xml', 'http://corp/metadata'),
    'gateway.yaml:6 identityProviders[0].metadata: "http://corp/metadata" is no file and no https address; write "https://idp.example.com/metadata"',
  ],
  'metadata that is looked at all the time': [
    gateway('sessions:', '    refresh: 1s\nsessions:'),
    'gateway.yaml:7 identityProviders[0].refresh: "1s" is out of bounds: at least 1m, at most 365d; write "1h"',
  ],
  'a signer of metadata that is no certificate': [
    gateway('sessions:', '    signedBy: ../certs/sp.key\nsessions:'),
    'gateway.yaml:7 identityProviders[0].signedBy: is no PEM certificate',
  ],
  'two identity providers of one name': [
    gateway('sessions:', '  - { name: corp, metadata: ../certs/corp-idp.xml }\nsessions:'),
    'gateway.yaml:7 identityProviders[1].name: "corp" is already the name at gateway.yaml:5; choose another',
  ],
  'several identity providers and none chosen': [
    gateway('sessions:', '  - { name: home, metadata: ../certs/corp-idp.xml }\nsessions:'),
    'wiki.yaml:1 identityProvider: is missing where there are several; write one of: corp, home, or "identityProviders" with several',
  ],
  'an unknown identity provider': [
    more('identityProvider: crop\n'),
    'wiki.yaml:6 identityProvider: unknown name; did you mean "corp"?',
  ],
  'an unknown identity provider among several': [
    more('identityProviders: [corp, crop]\n'),
    'wiki.yaml:6 identityProviders[1]: unknown name; did you mean "corp"?',
  ],
  'one identity provider and several': [
    more('identityProvider: corp\nidentityProviders: [corp]\n'),
    'wiki.yaml:6 identityProvider: stands beside identityProviders; leave one of them out',
  ],
  'a service provider of its own by the name of the gateway’s': [
    more('saml: { entityId: "https://login.example.com/saml/metadata" }\n'),
    'wiki.yaml:6 saml.entityId: "https://login.example.com/saml/metadata" is already that of gateway.yaml; choose another',
  ],
  'a service provider of its own on a host that is shared': [
    { ...more('saml: {}\n'), 'policies/x.yaml': WIKI.replace('app: wiki', 'app: x\npath: /x') },
    'wiki.yaml:6 saml: needs a host of the app’s own, and x.yaml has the same; leave it out, or give it another host',
  ],
  'a service provider of its own on the public host': [
    { 'policies/wiki.yaml': `${WIKI.replace('wiki.example.com', 'login.example.com')}saml: {}\n` },
    'wiki.yaml:6 saml: cannot be on the host of publicUrl, which has the gateway’s; leave it out',
  ],
  'an identity provider offered twice': [
    more('identityProviders: [corp, corp]\n'),
    'wiki.yaml:6 identityProviders: names one twice',
  ],
  'a short secret': [
    { 'certs/session.secret': 'short' },
    'gateway.yaml:8 sessions.secret: ${file:../certs/session.secret} is shorter than 32 bytes; let `openssl rand -base64 32` make one, and name it as ${file:PATH} or ${env:NAME}',
  ],
  'a short secret in the file': [
    gateway('${file:../certs/session.secret}', 'hunter2'),
    'gateway.yaml:8 sessions.secret: is shorter than 32 bytes; let `openssl rand -base64 32` make one, and name it as ${file:PATH} or ${env:NAME}',
  ],
  'a store that is none': [
    moreGateway('  store: mysql://localhost\n'),
    'gateway.yaml:9 sessions.store: "mysql://localhost" is no store known here; write "file:../data/curfew.db", "redis://host:6379/0" or "memory:"',
  ],
  'several hosts of one Redis': [
    moreGateway('  store: redis://one,two\n'),
    'gateway.yaml:9 sessions.store: "redis://one,two" names several hosts; write "redis+sentinel://" or "redis+cluster://" in front of them',
  ],
  'a certificate for Redis without its key': [
    moreGateway('  redis: { certificate: "-----BEGIN CERTIFICATE-----" }\n'),
    'gateway.yaml:9 sessions.redis: needs both certificate and key, or neither',
  ],
  'replicas of a Redis Cluster': [
    moreGateway('  store: redis+cluster://one\n  redis: { waitReplicas: 1 }\n'),
    'gateway.yaml:10 sessions.redis.waitReplicas: cannot be had with a Redis Cluster; write 0, or use Sentinel',
  ],
  'a proxy that is no address': [
    moreGateway('trustedProxies: [10.0.0.0/33]\n'),
    'gateway.yaml:9 trustedProxies[0]: "10.0.0.0/33" is no address and no CIDR range; write "10.0.0.7" or "10.0.0.0/8"',
  ],
  'one socket for two doors': [
    moreGateway('listen: { admin: 127.0.0.1:8080 }\n'),
    'gateway.yaml:9 listen.admin: is where listen.http listens; choose another port',
  ],
  'an admin address that others reach, without a token': [
    moreGateway('listen: { admin: "0.0.0.0:9090" }\n'),
    'gateway.yaml:9 listen.admin: is open to the network without a token: write "127.0.0.1:9090", or "admin: { token: ${file:../certs/admin.token} }"',
  ],
  'a socket without address': [
    moreGateway('listen: { http: ":8080" }\n'),
    'gateway.yaml:9 listen.http: ":8080" is no address with a port; write "0.0.0.0:8080", or "[::]:8080" for IPv6',
  ],
  'a host with a scheme': [
    wiki('wiki.example.com', 'https://wiki.example.com'),
    'wiki.yaml:2 hosts[0]: "https://wiki.example.com" is no host name; write it without scheme and path, such as "wiki.example.com" (international names as xn--…)',
  ],
  'an upstream with a path': [
    wiki('12:80', '12:80/wiki'),
    'wiki.yaml:3 upstream: "http://10.0.4.12:80/wiki" is no origin; write scheme, host and port only, such as "http://10.0.4.12:80"',
  ],
  'an upstream that is the gateway': [
    wiki('10.0.4.12:80', '127.0.0.1:8080'),
    'wiki.yaml:3 upstream: is the gateway itself; write where the application is',
  ],
  'an upstream that is the admin address': [
    wiki('10.0.4.12:80', 'localhost:9090'),
    'wiki.yaml:3 upstream: is the gateway itself; write where the application is',
  ],
  'an upstream that is publicUrl': [
    wiki('http://10.0.4.12:80', 'https://login.example.com'),
    'wiki.yaml:3 upstream: is the gateway itself; write where the application is',
  ],
  'an app under the gateway’s own path': [
    more('path: /.curfew/x\n'),
    'wiki.yaml:6 path: belongs to the gateway; choose another',
  ],
  'an app under /saml on the public host': [
    { 'policies/wiki.yaml': `${WIKI.replace('wiki.example', 'login.example')}path: /saml\n` },
    'wiki.yaml:6 path: belongs to the gateway; choose another',
  ],
  'a rule that is never reached': [
    more('  - { paths: [/admin/**], allow: nobody }\n'),
    'wiki.yaml:6 access[1]: is never reached: access[0] matches everything; move that rule to the end',
  ],
  'a pattern with a star in a segment': [
    wiki('{ allow', '{ paths: ["/*.css"], allow'),
    'wiki.yaml:5 access[0].paths[0]: "/*.css" has a "*" inside a segment; "*" stands for one whole segment, "**" for any number',
  ],
  'attributes that everybody has': [
    wiki('authenticated', '{ attributes: {} }'),
    'wiki.yaml:5 access[0].allow.attributes: names no attribute, so everybody would match it',
  ],
  'attributes and NameIDs at once': [
    wiki('authenticated', '{ attributes: { a: [b] }, nameIds: [c] }'),
    'wiki.yaml:5 access[0].allow: needs either "attributes" or "nameIds"',
  ],
  'a method in small letters': [
    wiki('{ allow', '{ methods: [get], allow'),
    'wiki.yaml:5 access[0].methods[0]: "get" is no method; write "GET"',
  ],
  'an identity header that frames the message': [
    more('identity: { headers: { Content-Length: x } }\n'),
    'wiki.yaml:6 identity.headers.Content-Length: the name is one the gateway sets or forwards itself; choose another',
  ],
  'an identity header in two spellings': [
    more('identity: { headers: { X-User: x, x_user: y } }\n'),
    'wiki.yaml:6 identity.headers.x_user: the name reads the same as "X-User" to an application; choose another',
  ],
  'an identity header that is none': [
    more('identity: { headers: { "X User": x } }\n'),
    'wiki.yaml:6 identity.headers["X User"]: the name is no header name (RFC 9110 §5.1)',
  ],
  'a header value with a line break': [
    more('identity: { headers: { X-User: "a\\nb" } }\n'),
    'wiki.yaml:6 identity.headers.X-User: the template has a control character',
  ],
  'a place to return to that is a script': [
    more('signOut: { returnTo: "javascript:alert(1)" }\n'),
    'wiki.yaml:6 signOut.returnTo: "javascript:alert(1)" is no address; write a whole one, such as "https://portal.example.com/"',
  ],
};
for (const [what, [files, fault]] of Object.entries(FAULTS)) {
  test(`${what} is one fault, with its line and a remedy`, (t) => {
    t.deepEqual(faultsOf(load(t, files)), [fault]);
  });
}

test('listen.https needs certificates and an https publicUrl, and a socket of its own', (t) => {
  const gateway = (listen: string, url = 'https://login.example.com') => ({
    'policies/gateway.yaml': GATEWAY.replace('https://login.example.com', url) + listen,
  });
  t.deepEqual(faultsOf(load(t, gateway('listen: { https: "0.0.0.0:8080" }\n', 'http://login.example.com'))), [
    'gateway.yaml:1 publicUrl: is http where listen.https is set; write the https address browsers use',
    'gateway.yaml:9 listen.https: is where listen.http listens; choose another port',
  ]);
  t.deepEqual(faultsOf(load(t, gateway('listen: { https: "0.0.0.0:8443" }\n'))), [
    'gateway.yaml:9 listen.https: needs certificates; write "tls: { certificates: ../certs/tls }"',
  ]);
  const judges = {
    certificates: () => ['has one.crt, which is no PEM certificate', 'has two.key without two.crt beside it'],
  };
  t.deepEqual(faultsOf(load(t, gateway('tls: { certificates: ../certs/tls }\n'), {}, judges)), [
    'gateway.yaml:9 tls.certificates: "../certs/tls" has one.crt, which is no PEM certificate; it has two.key without two.crt beside it',
  ]);
});

const WITH_KEY = { 'policies/gateway.yaml': `${GATEWAY}jwt: { keys: [../certs/jwt.key] }\n` };
const JWT = 'jwt: { header: X-Who }';
const asks = (part: string): Record<string, string> => more(`identity: { ${part} }\n`);

for (const [what, files, key, message] of [
  ['a JWT without a key', asks(JWT), 'identity.jwt', /needs a key; run `curfew keys` and write "jwt: /],
  ['a JWT key that is not there', { ...WITH_KEY, 'certs/jwt.key': undefined }, 'jwt.keys[0]', /is not there/],
  ['an RSA key for JWTs', { ...WITH_KEY, 'certs/jwt.key': keyPair().key }, 'jwt.keys[0]', /no EC key on P-256/],
  ['no key for JWTs at all', { ...WITH_KEY, 'certs/jwt.key': 'x' }, 'jwt.keys[0]', /no PEM private key/],
  [
    'a JWT that holds too long',
    { ...WITH_KEY, ...asks('jwt: { header: X-Who, lifetime: 2h }') },
    'identity.jwt.lifetime',
    /at most 1h/,
  ],
  [
    'a JWT that holds for no time',
    { ...WITH_KEY, ...asks('jwt: { header: X-Who, lifetime: 1s }') },
    'identity.jwt.lifetime',
    /at least 1m/,
  ],
  [
    'a claim that is ours',
    { ...WITH_KEY, ...asks('jwt: { header: X-Who, claims: { sub: x } }') },
    'identity.jwt.claims.sub',
    /makes itself/,
  ],
  [
    'a claim about nothing',
    { ...WITH_KEY, ...asks('jwt: { header: X-Who, claims: { a: ["${mail}"] } }') },
    'identity.jwt.claims.a[0]',
    /names nothing known/,
  ],
  [
    'a JWT in a field of the gateway’s',
    { ...WITH_KEY, ...asks('jwt: { header: Cookie }') },
    'identity.jwt.header',
    /sets or forwards itself/,
  ],
  [
    'a JWT in another header’s place',
    { ...WITH_KEY, ...asks(`headers: { x_who: a }, ${JWT}`) },
    'identity.jwt.header',
    /identity\.headers sends/,
  ],
  [
    'two words in Authorization',
    { ...WITH_KEY, ...asks('basic: { username: a, password: b }, jwt: { header: Authorization }') },
    'identity.jwt.header',
    /identity\.basic sends/,
  ],
  [
    'Authorization twice',
    asks('headers: { authorization: x }, basic: { username: a, password: b }'),
    'identity.basic',
    /identity\.headers sends/,
  ],
  [
    'credentials out of nowhere',
    asks('basic: { username: a, password: "${credentials.p}" }'),
    'identity.basic.password',
    /asks for credentials; write where they are/,
  ],
  [
    'a person of nobody knows which identity provider',
    {
      ...more('identityProviders: [corp, partner]\nsignIn: { credentials: people.txt }\n'),
      'policies/people.txt': 'corp/a@b.test: { user: a }\nb@b.test: { user: hunter2 }\n',
      'policies/gateway.yaml': GATEWAY.replace(
        'sessions:',
        '  - { name: partner, metadata: ../certs/corp-idp.xml }\nsessions:',
      ),
    },
    'signIn.credentials',
    /write "corp\/alice@example\.com"/,
  ],
  [
    'a user name about nothing',
    asks('basic: { username: "${nameid}", password: b }'),
    'identity.basic.username',
    /did you mean/,
  ],
] as const) {
  test(`${what} is one fault, with a remedy`, (t) => {
    const found = faultsOf(load(t, files));
    t.is(found.length, 1, found.join('\n'));
    t.true(found[0]?.includes(` ${key}: `), found[0]);
    t.regex(found[0] ?? '', message);
  });
}

test('two apps that claim one host and path are told of each other, whatever the spelling', (t) => {
  const hr = WIKI.replace('app: wiki', 'app: hr').replace('wiki.example.com', 'a.example.com, WIKI.example.com.');
  t.deepEqual(faultsOf(load(t, { 'policies/hr.yaml': hr })), [
    'wiki.yaml:2 hosts[0]: "wiki.example.com" is already claimed by hr.yaml:2',
  ]);
  const one = { 'policies/hr.yaml': `${hr}path: /HR/\n`, 'policies/wiki.yaml': `${WIKI}path: /hr\n` };
  t.deepEqual(faultsOf(load(t, one)), [
    'wiki.yaml:2 hosts[0]: "wiki.example.com" with path "/hr" is already claimed by hr.yaml:2',
  ]);
  t.deepEqual(faultsOf(load(t, { 'policies/hr.yaml': `${hr}path: /hr\n` })), []);
});

test('two apps of one name are a fault', (t) => {
  const hr = WIKI.replace('wiki.example.com', 'hr.example.com');
  t.deepEqual(faultsOf(load(t, { 'policies/hr.yaml': hr })), [
    'wiki.yaml:1 app: "wiki" is already the app at hr.yaml:1; choose another',
  ]);
});

test('what the rooms say about metadata and templates is a fault at its key', (t) => {
  const files = more('identity: { headers: { X-A: "${nameid}", X-B: "${env:B}" } }\n');
  const judges = {
    idpMetadata: () => 'has no signing key',
    template: (text: string) => (/nameid|hunter2/.test(text) ? 'knows no ${nameid}' : undefined),
  };
  t.deepEqual(faultsOf(load(t, files, { B: 'hunter2' }, judges)), [
    'gateway.yaml:6 identityProviders[0].metadata: has no signing key',
    'wiki.yaml:6 identity.headers.X-A: knows no ${nameid}',
    'wiki.yaml:6 identity.headers.X-B: ${env:B} makes no template',
  ]);
});

test('every fault of every file is found in one run, the gateway first', (t) => {
  const found = faultsOf(
    load(t, {
      'policies/a.yaml': 'app: [',
      'policies/gateway.yaml': `${GATEWAY.replace('corp-idp', 'no-idp')}  idle: 30\n`,
      'policies/wiki.yaml': `${WIKI}identityProvider: crop\npth: /\n`,
    }),
  );
  t.deepEqual(
    found.map((fault) => fault.split(': ')[0]),
    [
      'gateway.yaml:6 identityProviders[0].metadata',
      'gateway.yaml:9 sessions.idle',
      'a.yaml:1 ',
      'wiki.yaml:6 identityProvider',
      'wiki.yaml:7 pth',
    ],
  );
});

test('no secret stands in any fault, wherever it was put', (t) => {
  const secret = 'hunter2';
  const keys = [
    'publicUrl',
    'saml.entityId',
    'saml.clockSkew',
    'log.level',
    'sessions.store',
    'sessions.idle',
    'sessions.secret',
    'listen.http',
    'trustedProxies',
    'identityProviders',
  ];
  const nested = (path: string, value: string): string =>
    path.split('.').reduceRight((inner, key) => `{ ${key}: ${inner} }`, value);
  for (const key of keys) {
    for (const value of ['"${env:S}"', '["${env:S}"]', '"x${env:S}y"', '{ name: "${env:S}" }']) {
      const loaded = load(t, { 'policies/gateway.yaml': nested(key, value) }, { S: secret });
      t.false(faultsOf(loaded).join('\n').includes(secret), `${key}: ${value}`);
    }
  }
  for (const key of [
    'app',
    'hosts',
    'path',
    'upstream',
    'identityProvider',
    'access',
    'limits.body',
    'timeouts.idle',
    'signOut.returnTo',
    'identity.headers.Host',
    'identity.basic.password',
    'identity.basic.username',
    'identity.jwt.header',
  ]) {
    for (const value of [
      '"${env:S}"',
      '["${env:S}"]',
      '[{ allow: "${env:S}", paths: ["${env:S}"], methods: ["${env:S}"] }]',
    ]) {
      const files = { 'policies/a.yaml': nested(key, value), 'policies/b.yaml': nested(key, value) };
      t.false(
        faultsOf(load(t, files, { S: secret }))
          .join('\n')
          .includes(secret),
        `${key}: ${value}`,
      );
    }
  }
  for (const value of [
    'hunter2',
    '[hunter2]',
    '*hunter2',
    '{ a: hunter2 }',
    '!hunter2 x',
    '"hunter2',
    '@hunter2',
    '[[hunter2]]',
  ]) {
    const loaded = load(t, { 'policies/gateway.yaml': GATEWAY.replace('${file:../certs/session.secret}', value) });
    t.not(faultsOf(loaded).length, 0);
    t.false(faultsOf(loaded).join('\n').includes(secret), value);
  }
});

test('faults are shown in columns under their number', (t) => {
  const fault = (file: string, line: number | undefined, key: string, message: string) => ({
    file,
    line,
    key,
    message,
  });
  t.is(
    formatFaults([
      fault('gateway.yaml', 14, 'sessions.idle', 'a'),
      fault('policies/hr.yaml', undefined, '', 'b'),
      fault('c', 9, 'k', 'd'),
    ]),
    [
      '3 faults, nothing was started',
      'gateway.yaml:14   sessions.idle  a',
      'policies/hr.yaml                 b',
      'c:9               k              d',
    ].join('\n'),
  );
  t.true(formatFaults([fault('a', 1, 'k', 'm')]).startsWith('1 fault, nothing was started\n'));
  t.is(formatWarnings([]), '');
  t.is(formatWarnings([fault('a', 1, 'k', 'm')]), '1 warning\na:1  k  m');
});

test('a fault cannot move the cursor of the terminal that shows it', (t) => {
  const shown = formatFaults([{ file: 'a', line: 1, key: 'k\u001b[2J', message: 'x\u202ey\r' }]);
  t.false(/[\u001b\u202e\r]/.test(shown));
});

test('a key is shown as people write it', (t) => {
  t.is(formatKey(['a', 0, 'b-c', 'd e']), 'a[0].b-c["d e"]');
});

test('the nearest name is at most two slips away, one in a short word', (t) => {
  const known = ['lifetime', 'idle', 'store', 'secret', 'id'];
  for (const [word, meant] of [
    ['lifetme', 'lifetime'],
    ['liftime', 'lifetime'],
    ['lfietime', 'lifetime'],
    ['IDLE', 'idle'],
    ['sotre', 'store'],
    ['secrets', 'secret'],
    ['lfietmie', 'lifetime'],
  ] as const) {
    t.is(nearest(word, known), meant, word);
  }
  for (const word of ['life', 'xyz', '', 'timelife', 'abc']) t.is(nearest(word, known), undefined, word);
});

test('listen.backchannel needs certificates and authorities, and nothing is set for one that is not there', (t) => {
  const gateway = (text: string) => ({ 'policies/gateway.yaml': GATEWAY + text, 'certs/ca.crt': keyPair().cert });
  const listener = 'listen: { backchannel: 0.0.0.0:8444 }\n';
  const write = 'write "tls: { certificates: ../certs/tls, clientCa: ../certs/idp-ca.crt }"';
  t.deepEqual(faultsOf(load(t, gateway(listener))), [
    `gateway.yaml:9 listen.backchannel: needs tls.certificates and tls.clientCa; ${write}`,
  ]);
  t.deepEqual(faultsOf(load(t, gateway(`${listener}tls: { certificates: ../certs/tls }\n`))), [
    `gateway.yaml:9 listen.backchannel: needs tls.clientCa; ${write}`,
  ]);
  const whole = `${listener}tls: { certificates: ../certs/tls, clientCa: ../certs/ca.crt }\n`;
  const { backchannelUrl, tls } = configured(load(t, gateway(whole)));
  t.is(backchannelUrl, 'https://login.example.com:8444');
  t.regex(tls?.clientCa ?? '', /^\/.*\/certs\/ca\.crt$/);
  t.deepEqual(faultsOf(load(t, gateway(`${whole}backchannelUrl: http://login.example.com\n`))), [
    'gateway.yaml:11 backchannelUrl: "http://login.example.com" is no https origin; write "https://login.example.com:8444"',
  ]);
  for (const [text, fault] of [
    ['', 'holds no PEM certificate; put that of the authority into it'],
    [
      '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
      'holds something else than PEM certificates (block 1); leave it out',
    ],
  ] as const) {
    t.deepEqual(faultsOf(load(t, { ...gateway(whole), 'certs/ca.crt': text })), [
      `gateway.yaml:10 tls.clientCa: ${fault}`,
    ]);
  }
  const idle =
    'means nothing without listen.backchannel; write "listen: { backchannel: 0.0.0.0:8444 }", or leave it out';
  t.deepEqual(faultsOf(load(t, gateway('backchannelUrl: https://login.example.com:8444\n'))), [
    `gateway.yaml:9 backchannelUrl: ${idle}`,
  ]);
});

test('tracing goes to an http address, for a share of requests, with headers that can be sent', (t) => {
  const tracing = (text: string) => load(t, { 'policies/gateway.yaml': `${GATEWAY}tracing: ${text}\n` });
  const faultOf = (text: string) => faultsOf(tracing(text))[0]?.replace('gateway.yaml:9 tracing.', '');
  const at = 'endpoint: "http://collector:4318/v1/traces"';
  t.is(faultOf('{ endpoint: collector }')?.split(';')[0], 'endpoint: "collector" is no http address');
  t.regex(
    faultOf('{ endpoint: "http://me:pass@collector:4318/v1/traces" }') ?? '',
    /^endpoint: .*has a name or a pass/,
  );
  t.regex(faultOf(`{ ${at}, sample: 10 }`) ?? '', /^sample: .*is no share; write a number from 0 to 1/);
  t.regex(faultOf(`{ ${at}, trust: everybody }`) ?? '', /^trust: /);
  t.regex(faultOf(`{ ${at}, headers: { "bad name": x } }`) ?? '', /is no header name/);
  const split = faultOf(`{ ${at}, headers: { Authorization: "ab\\r\\nword" } }`) ?? '';
  t.regex(split, /^headers\.Authorization: .*visible ASCII/);
  t.notRegex(split, /word/);
  t.regex(faultOf(`{ ${at}, ca: ../certs/sp.key }`) ?? '', /^ca: holds something else than PEM certificates/);
  t.like(configured(tracing(`{ ${at} }`)).tracing, { sample: 0.1, service: 'curfew', trust: 'proxies', ca: undefined });
  t.is(configured(load(t)).tracing, undefined);
});
