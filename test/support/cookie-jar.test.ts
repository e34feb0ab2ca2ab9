import test from 'ava';
import { manualClock } from './clock.ts';
import { cookieJar, type CookieContext } from './cookie-jar.ts';

const TYPED: CookieContext = { method: 'GET', crossSite: false, topLevel: true };
const https = (address: string): URL => new URL(`https://${address}`);
const http = (address: string): URL => new URL(`http://${address}`);

test('a cookie without Domain goes to its own host only, whatever the port (RFC 6265 §5.4, §8.5)', (t) => {
  const jar = cookieJar(manualClock());
  jar.store(http('app.test:8080/'), 'a=1', TYPED);
  t.is(jar.header(http('app.test:9090/'), TYPED), 'a=1');
  t.is(jar.header(http('sub.app.test/'), TYPED), undefined);
});

test('a cookie with Domain goes to hosts under it, and another domain is refused (RFC 6265 §5.3)', (t) => {
  const jar = cookieJar(manualClock());
  t.true(jar.store(http('a.example.test/'), 'shared=1; Domain=.example.test', TYPED));
  t.is(jar.header(http('b.example.test/'), TYPED), 'shared=1');
  t.is(jar.header(http('notexample.test/'), TYPED), undefined);
  t.false(jar.store(http('a.example.test/'), 'x=1; Domain=other.test', TYPED));
  t.false(jar.store(http('a.example.test/'), 'x=1; Domain=b.example.test', TYPED));
  t.false(jar.store(http('a.example.test/'), 'x=1; Domain=test', TYPED));
});

test('a Path matches itself and what is below it (RFC 6265 §5.1.4)', (t) => {
  const jar = cookieJar(manualClock());
  jar.store(http('app.test/wiki/page'), 'deep=1', TYPED);
  jar.store(http('app.test/'), 'top=1; Path=/', TYPED);
  t.is(jar.header(http('app.test/wiki/other'), TYPED), 'deep=1; top=1', 'longest path first');
  t.is(jar.header(http('app.test/wikipedia'), TYPED), 'top=1');
});

test('a Secure cookie is neither set nor sent without TLS (6265bis)', (t) => {
  const jar = cookieJar(manualClock());
  t.false(jar.store(http('app.test/'), 'a=1; Secure', TYPED));
  t.true(jar.store(https('app.test/'), 'a=1; Secure', TYPED));
  t.is(jar.header(http('app.test/'), TYPED), undefined);
  t.is(jar.header(https('app.test/'), TYPED), 'a=1');
  t.false(jar.store(http('app.test/'), 'a=2', TYPED), 'a secure cookie is left alone by an insecure page');
});

test('__Host- demands Secure, Path=/ and no Domain (6265bis)', (t) => {
  const jar = cookieJar(manualClock());
  for (const attributes of ['Secure; Path=/; Domain=app.test', 'Secure; Path=/x', 'Path=/', 'Secure']) {
    t.false(jar.store(https('app.test/deep/page'), `__Host-a=1; ${attributes}`, TYPED), attributes);
  }
  t.true(jar.store(https('app.test/deep/page'), '__Host-a=1; Secure; Path=/', TYPED));
});

test('a cookie is gone when its time is over, and Max-Age wins over Expires (RFC 6265 §5.3)', (t) => {
  const clock = manualClock('2026-01-02T00:00:00Z');
  const jar = cookieJar(clock);
  jar.store(http('app.test/'), 'a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT', TYPED);
  jar.store(http('app.test/'), 'b=1; Expires=Fri, 02 Jan 2026 00:02:00 GMT', TYPED);
  t.is(jar.header(http('app.test/'), TYPED), 'a=1; b=1');
  clock.advance(60_000);
  t.is(jar.header(http('app.test/'), TYPED), 'b=1');
  jar.store(http('app.test/'), 'b=; Max-Age=0', TYPED);
  t.is(jar.header(http('app.test/'), TYPED), undefined);
});

test('another site’s form post carries only cookies with SameSite=None or without SameSite (6265bis)', (t) => {
  const jar = cookieJar(manualClock());
  for (const cookie of [
    'strict=1; SameSite=Strict',
    'lax=1; SameSite=Lax',
    'none=1; SameSite=None; Secure',
    'unset=1',
  ]) {
    t.true(jar.store(https('app.test/'), cookie, TYPED));
  }
  const from = (method: string, topLevel: boolean) =>
    jar.header(https('app.test/'), { method, crossSite: true, topLevel });
  t.is(from('POST', true), 'none=1; unset=1');
  t.is(from('GET', true), 'lax=1; none=1; unset=1', 'a link');
  t.is(from('GET', false), 'none=1; unset=1', 'a frame');
  t.false(jar.store(https('app.test/'), 'n=1; SameSite=None', TYPED), 'SameSite=None demands Secure');
});

test('a cookie above 4096 bytes is refused (6265bis)', (t) => {
  const jar = cookieJar(manualClock());
  t.false(jar.store(http('app.test/'), `a=${'x'.repeat(4096)}`, TYPED));
  t.true(jar.store(http('app.test/'), `a=${'x'.repeat(4095)}`, TYPED));
});
