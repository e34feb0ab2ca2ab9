// Files with secrets that every account of the machine may read are warned of, whatever names them.

import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { loadConfiguration } from '../../gateway/config/load.ts';
import { curveKey, GATEWAY, keyPair, load, PAIR, warningsOf, WIKI } from './folder.ts';

const JUDGES = { idpMetadata: () => undefined, template: () => undefined, certificates: () => [] };

const OF_GATEWAY = GATEWAY.replace(
  'metadata: ../certs/corp-idp.xml',
  'metadata: ../certs/corp-idp.xml\n    soapTls: { ca: ../certs/sp.crt, cert: ../certs/client.crt, key: ../certs/client.key }',
)
  .replace('${file:../certs/session.secret}', '["${file:../certs/session.secret}", "${file:../certs/old.secret}"]')
  .concat(
    '  store: "redis://:${file:../certs/redis.password}@redis.example.com"\n',
    '  redis: { ca: "${file:../certs/sp.crt}", certificate: "${file:../certs/client.crt}", key: "${file:../certs/client.key}" }\n',
    'jwt: { keys: [../certs/jwt.key] }\n',
    'admin: { token: "${file:../certs/admin.token}" }\n',
    'listen: { http: 127.0.0.1:8080, https: 127.0.0.1:8443 }\n',
    'tls: { certificates: ../certs/tls }\n',
  );
const OF_APP = WIKI.replace('http://10.0.4.12:80', 'https://10.0.4.12').concat(
  'upstreamTls: { ca: ../certs/sp.crt, cert: ../certs/client.crt, key: ../certs/client.key }\n',
  'identity: { basic: { username: wiki, password: "${file:../certs/shared.password}" } }\n',
  'signIn: { credentials: ../certs/people.yaml }\n',
);

test('a secret that every account may read is warned of where it is named, and what is public is not', (t) => {
  const client = keyPair();
  const files = {
    'policies/gateway.yaml': OF_GATEWAY,
    'policies/wiki.yaml': OF_APP,
    'certs/client.key': client.key,
    'certs/client.crt': client.cert,
    'certs/old.secret': 'another secret of thirty-two bytes',
    'certs/redis.password': 'sesame',
    'certs/shared.password': 'sesame',
    'certs/people.yaml': 'alice@example.com: { password: sesame }\n',
    'certs/tls/login.key': curveKey(),
    'certs/tls/login.crt': PAIR.cert,
  };
  const loaded = load(t, files);
  t.deepEqual(warningsOf(loaded), []);
  const certs = join(loaded.dir, '../certs');
  for (const folder of [certs, join(certs, 'tls')])
    for (const { name } of readdirSync(folder, { withFileTypes: true }).filter((one) => one.isFile()))
      chmodSync(join(folder, name), 0o644);
  const open = warningsOf({ ...loadConfiguration(loaded.dir, {}, JUDGES), dir: loaded.dir });
  t.deepEqual(
    open.map((line) => /: "(\S+)" may be read by every account/.exec(line)?.[1]).toSorted(),
    [
      ...['admin.token', 'client.key', 'client.key', 'client.key', 'jwt.key', 'old.secret', 'people.yaml'],
      ...['redis.password', 'session.secret', 'shared.password', 'sp.key', 'tls/login.key'],
    ].map((name) => `../certs/${name}`),
  );
  t.notRegex(open.join(), /sesame/);
});
