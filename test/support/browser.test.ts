import test from 'ava';
import { openBrowser } from './browser.ts';
import { headerValues, startUpstream } from './upstream.ts';

test('a redirect chain is followed across hosts, cookies staying with theirs', async (t) => {
  const upstream = await startUpstream((request, response, { url }) => {
    const port = request.socket.localPort ?? 0;
    if (url === '/start') response.writeHead(303, { location: `http://b.test:${port}/end`, 'set-cookie': 'a=1' });
    response.end(url);
  });
  const browser = openBrowser();
  t.teardown(async () => {
    browser.close();
    await upstream.close();
  });
  const start = upstream.url.replace('127.0.0.1', 'a.test');
  const page = await browser.visit(`${start}/start`, { method: 'POST', body: 'x' });
  t.deepEqual(
    page.hops.map(({ method, status }) => [method, status]),
    [
      ['POST', 303],
      ['GET', 200],
    ],
  );
  t.is(page.body, '/end');
  const [, second] = upstream.requests;
  t.deepEqual(second && headerValues(second, 'cookie'), []);
  t.deepEqual(second && headerValues(second, 'content-length'), []);
  t.is((await browser.request(`${start}/x`)).status, 200);
  t.deepEqual(
    upstream.requests.slice(2).flatMap((request) => headerValues(request, 'cookie')),
    ['a=1'],
  );
});

test('an endless redirect is given up after 20 hops', async (t) => {
  const upstream = await startUpstream((_request, response) => {
    response.writeHead(302, { location: '/again' }).end();
  });
  const browser = openBrowser();
  t.teardown(async () => {
    browser.close();
    await upstream.close();
  });
  await t.throwsAsync(browser.visit(`${upstream.url}/`), { message: /more than 20 hops/ });
  t.is(upstream.requests.length, 20);
});

test('a form another site posts says so and carries no Lax cookie', async (t) => {
  const upstream = await startUpstream((_request, response, { url }) => {
    response.setHeader('set-cookie', 'lax=1; SameSite=Lax');
    response.end(url === '/form' ? `<form method=post action="/in"><input name=a value=b></form>` : 'ok');
  });
  const browser = openBrowser();
  t.teardown(async () => {
    browser.close();
    await upstream.close();
  });
  const app = upstream.url.replace('127.0.0.1', 'app.test');
  await browser.visit(app);
  const page = await browser.visit(`${upstream.url.replace('127.0.0.1', 'evil.test')}/form`);
  await browser.submitForm({ ...page, body: page.body.replace('/in', `${app}/in`) });
  const posted = upstream.requests.at(-1);
  t.is(posted?.body.toString(), 'a=b');
  t.deepEqual(posted && headerValues(posted, 'sec-fetch-site'), ['cross-site']);
  t.deepEqual(posted && headerValues(posted, 'origin'), [new URL(page.url).origin]);
  t.deepEqual(posted && headerValues(posted, 'cookie'), []);
});

test('a stream that is cut is told apart from one that ended', async (t) => {
  const upstream = await startUpstream((_request, response, { url }) => {
    response.write('first');
    if (url === '/ends') response.end();
  });
  const browser = openBrowser();
  t.teardown(async () => {
    browser.close();
    await upstream.close();
  });
  const whole = await browser.openStream(`${upstream.url}/ends`);
  t.is(await whole.closed, 'ended');
  const open = await browser.openStream(`${upstream.url}/stays`);
  t.is(await open.next(), 'first');
  const next = t.throwsAsync(open.next(), { message: /no further piece/ });
  await upstream.close();
  t.is(await open.closed, 'cut');
  await next;
});

test('no address outside this machine is asked', async (t) => {
  const browser = openBrowser();
  await t.throwsAsync(browser.visit('http://192.0.2.1/'), { message: /not this machine/ });
});
