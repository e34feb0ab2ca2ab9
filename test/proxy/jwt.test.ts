import { spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, verify, type JsonWebKey } from 'node:crypto';
import test from 'ava';
import { silentLog } from '../../gateway/kernel/log.ts';
import type { EpochMs, SessionId } from '../../gateway/kernel/words.ts';
import { openSigner, type JwtSettings, type Person } from '../../gateway/proxy/jwt.ts';
import { compilePersonHeaders, type PersonSettings } from '../../gateway/proxy/person.ts';

const newKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const [KEY, OTHER] = [newKey(), newKey()];
const NOW = 1_800_000_000_000 as EpochMs;
const HOUR = 3_600_000;

const alice = (attributes: Record<string, string[]> = {}, expiresAt = NOW + HOUR): Person => ({
  id: 'the session’s own id' as SessionId,
  identity: {
    idp: 'corp',
    nameId: { value: 'alice' },
    sessionIndexes: [],
    attributes: new Map(Object.entries(attributes)),
    authnInstant: NOW,
  },
  expiresAt: expiresAt as EpochMs,
});

function tells(jwt: Partial<JwtSettings> = {}, more: Partial<PersonSettings> = {}) {
  const signer = openSigner([KEY]);
  let signed = 0;
  const counting = { ...signer, sign: (claims: Readonly<Record<string, unknown>>) => (signed++, signer.sign(claims)) };
  const compiled = compilePersonHeaders({
    app: 'wiki',
    headers: [],
    jwt: { header: 'X-Curfew-Assertion', claims: {}, lifetimeMs: 300_000, ...jwt },
    people: new Map(),
    issuer: 'https://login.example',
    signer: counting,
    log: silentLog,
    ...more,
  });
  return {
    compiled,
    signed: () => signed,
    token: (person: Person, at: number = NOW) => compiled(person, at as EpochMs)[1] ?? '',
  };
}

const part = (token: string, at: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[at] ?? '', 'base64url').toString()) as Record<string, unknown>;

/** As RFC 7515 §5.2 has it, by the key that the kid names. */
function isVerified(token: string, jwks: string): boolean {
  const { keys } = JSON.parse(jwks) as { keys: (JsonWebKey & { kid: string })[] };
  const jwk = keys.find(({ kid }) => kid === part(token, 0)['kid']);
  if (jwk === undefined) return false;
  const [head = '', body = '', signature = ''] = token.split('.');
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
}

test('a JWT says who, to whom, by whom and how long, and names its session by a hash only (RFC 7519 §4.1)', (t) => {
  const token = tells().token(alice());
  const iat = NOW / 1000;
  const { sid, ...claims } = part(token, 1);
  t.deepEqual(claims, { iss: 'https://login.example', aud: 'wiki', sub: 'alice', iat, nbf: iat - 60, exp: iat + 300 });
  t.regex(String(sid), /^[\w-]{43}$/);
  t.false(
    Buffer.from(token.split('.')[1] ?? '', 'base64url')
      .toString()
      .includes(alice().id),
  );
  t.like(part(token, 0), { alg: 'ES256', typ: 'JWT' });
});

test('it verifies with the published keys, and nothing of it can be changed (RFC 7515 §5.2)', (t) => {
  const { jwks } = openSigner([KEY]);
  const token = tells().token(alice());
  t.true(isVerified(token, jwks));
  const [head = '', , signature = ''] = token.split('.');
  const forged = Buffer.from(JSON.stringify({ ...part(token, 1), sub: 'admin' })).toString('base64url');
  t.false(isVerified(`${head}.${forged}.${signature}`, jwks));
  t.false(isVerified(token, openSigner([OTHER]).jwks));
});

test('the first key signs and all are published, so that keys roll over (RFC 7517)', (t) => {
  const [before, meanwhile, after] = [[KEY], [KEY, OTHER], [OTHER, KEY]].map((pems) => openSigner(pems));
  const old = before?.sign({ sub: 'a' }) ?? '';
  const fresh = after?.sign({ sub: 'a' }) ?? '';
  for (const token of [old, fresh])
    for (const { jwks } of [meanwhile, after].filter((one) => one !== undefined)) t.true(isVerified(token, jwks));
  t.false(isVerified(fresh, before?.jwks ?? ''));
});

test('what is published has no private half, and a kid of the key’s own (RFC 7518 §6.2.2, RFC 7638)', (t) => {
  const { keys } = JSON.parse(openSigner([KEY]).jwks) as { keys: JsonWebKey[] };
  t.deepEqual(Object.keys(keys[0] ?? {}).toSorted(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  t.is(openSigner([KEY]).jwks, openSigner([KEY]).jwks);
  t.is(openSigner([]).jwks, '{"keys":[]}');
});

test('openssl verifies the signature, once it is in the form that openssl reads', (t) => {
  const token = tells().token(alice());
  const [head = '', body = '', signature = ''] = token.split('.');
  const half = (from: number): Buffer => {
    const bytes = Buffer.from(signature, 'base64url').subarray(from, from + 32);
    const positive = Buffer.concat([Buffer.alloc((bytes[0] ?? 0) >= 0x80 ? 1 : 0), bytes]);
    let zeros = 0;
    while (positive[zeros] === 0 && (positive[zeros + 1] ?? 0x80) < 0x80) zeros += 1;
    const least = positive.subarray(zeros);
    return Buffer.concat([Buffer.from([0x02, least.length]), least]);
  };
  const pair = Buffer.concat([half(0), half(32)]);
  const der = Buffer.concat([Buffer.from([0x30, pair.length]), pair]).toString('base64');
  const { keys } = JSON.parse(openSigner([KEY]).jwks) as { keys: JsonWebKey[] };
  const pem = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' })
    .export({ type: 'spki', format: 'pem' })
    .toString();
  const script =
    'd=$(mktemp -d); printf %s "$1" >$d/pem; printf %s "$2" | base64 -d >$d/sig; printf %s "$3" | openssl dgst -sha256 -verify $d/pem -signature $d/sig; rm -r $d';
  const { stdout } = spawnSync('sh', ['-c', script, 'sh', pem, der, `${head}.${body}`], { encoding: 'utf8' });
  t.is(stdout.trim(), 'Verified OK');
});

test('a text claim needs one value, a list claim is a list even of one (P11)', (t) => {
  const claims = {
    mail: '${attributes.mail}',
    who: '${idp}/${nameId}',
    groups: ['${attributes.groups}'],
    all: ['x', '${nameId}'],
  };
  const { token } = tells({ claims });
  const said = part(token(alice({ mail: ['a@x', 'b@x'], groups: ['staff'] })), 1);
  t.like(said, { who: 'corp/alice', groups: ['staff'], all: ['x', 'alice'] });
  t.false('mail' in said);
  t.like(part(token(alice({ mail: ['a@x'] })), 1), { mail: 'a@x', groups: [] });
});

test('one JWT serves every request of a session for half its life, and another session gets its own', (t) => {
  const { token, signed } = tells();
  const person = alice();
  const first = token(person);
  t.is(token(person, NOW + 149_999), first);
  t.is(signed(), 1);
  t.not(token(person, NOW + 150_000), first);
  t.not(token(alice(), NOW), '');
  t.is(signed(), 3);
});

test('after a clock was put back a JWT is made anew: nobody believes one from the future (RFC 7519 §4.1.5)', (t) => {
  const { token } = tells();
  const person = alice();
  token(person);
  t.is(part(token(person, NOW - HOUR), 1)['iat'], (NOW - HOUR) / 1000);
});

test('a JWT outlives no session, but for what its app needs to be told goodbye', (t) => {
  const { token } = tells();
  t.is(part(token(alice({}, NOW + 90_000)), 1)['exp'], NOW / 1000 + 90);
  t.is(part(token(alice({}, NOW - HOUR)), 1)['exp'], NOW / 1000 + 30);
});

test('in Authorization it follows Bearer (RFC 6750 §2.1)', (t) => {
  t.regex(tells({ header: 'Authorization' }).token(alice()), /^Bearer ey/);
});

test('a person without an account at the app is logged once, by session, and without a name', (t) => {
  const lines: unknown[] = [];
  const log = { ...silentLog, warn: (...line: unknown[]) => void lines.push(line) };
  const basic = { username: '${nameId}', password: '${credentials.password}' };
  const { compiled } = tells({}, { jwt: undefined, basic, log });
  const person = alice();
  for (let requests = 0; requests < 3; requests += 1) t.deepEqual(compiled(person, NOW), []);
  t.deepEqual(lines, [['identity-basic-missing', { app: 'wiki', session: person.id, reason: 'no password known' }]]);
});

test('what one app is told of a person no other is told, nor the same one under another policy (P11)', (t) => {
  const common = { people: new Map(), issuer: 'https://login.example', signer: openSigner([KEY]), log: silentLog };
  const named = (app: string, header: string): ReturnType<typeof compilePersonHeaders> =>
    compilePersonHeaders({ ...common, app, headers: [{ name: header, template: '${nameId}' }] });
  const apps = [named('wiki', 'Remote-User'), named('mail', 'X-Mail'), named('wiki', 'X-Later'), named('crm', 'X-Crm')];
  const person = alice();
  for (let round = 0; round < 3; round += 1)
    t.deepEqual(
      apps.map((told) => told(person, NOW)),
      ['Remote-User', 'X-Mail', 'X-Later', 'X-Crm'].map((header) => [header, 'alice']),
    );
});
