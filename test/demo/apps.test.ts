import test from 'ava';
import { startChat } from '../../demo/apps/chat.ts';
import { startWiki } from '../../demo/apps/wiki.ts';
import { openBrowser } from '../support/browser.ts';
import { manualClock } from '../support/clock.ts';

test('the wiki believes Remote-User, counts visits by its own cookie and shows markup in notes as text', async (t) => {
  const wiki = await startWiki({ port: 0 });
  const browser = openBrowser();
  t.teardown(async () => {
    browser.close();
    await wiki.close();
  });
  const headers = { 'remote-user': Buffer.from('Zoë').toString('latin1') };
  const first = await browser.visit(wiki.url, { headers });
  t.regex(first.body, /id="user">Zoë</);
  t.regex(first.body, /href="\/\.curfew\/logout"/);
  const notes = await browser.visit(`${wiki.url}/notes`, { headers: { 'remote-user': 'bob' } });
  t.regex(notes.body, /id="visits">2</);
  t.regex(notes.body, /id="began-for">Zoë</);
  const posted = await browser.submitForm(notes, { note: '<script>' });
  t.regex(posted.body, /&lt;script&gt;/);
});

test('the wiki forgets a session once, at its own logout', async (t) => {
  const wiki = await startWiki({ port: 0 });
  const browser = openBrowser();
  t.teardown(async () => {
    browser.close();
    await wiki.close();
  });
  await browser.visit(wiki.url);
  await browser.request(`${wiki.url}/logout`);
  await browser.request(`${wiki.url}/logout`);
  t.deepEqual([wiki.logouts(), wiki.sessions()], [1, 0]);
});

test('the wiki streams the time until the browser leaves', async (t) => {
  const wiki = await startWiki({ port: 0, clock: manualClock('2026-01-02T03:04:05.000Z'), tickMs: 10 });
  const browser = openBrowser();
  t.teardown(async () => {
    browser.close();
    await wiki.close();
  });
  const stream = await browser.openStream(`${wiki.url}/events`);
  t.regex(await stream.next(), /data: 2026-01-02T03:04:05\.000Z/);
  t.regex(await stream.next(), /event: time/);
  t.is(wiki.streams(), 1);
  await wiki.close();
  t.is(await stream.closed, 'cut');
});

test('the chat greets, echoes and sets its cookie with the 101', async (t) => {
  const chat = await startChat({ port: 0, tickMs: 3_600_000 });
  const browser = openBrowser();
  t.teardown(async () => {
    browser.close();
    await chat.close();
  });
  const socket = await browser.openWebSocket(`${chat.url}/socket`, { headers: { 'remote-user': 'alice' } });
  t.is(await socket.next(), 'hello alice');
  socket.send('good evening');
  t.is(await socket.next(), 'echo good evening');
  t.is(browser.cookies('127.0.0.1')[0]?.name, 'CHATSESSION');
  t.is(chat.connections(), 1);
  await chat.close();
  t.deepEqual(await socket.closed, { code: 1006 });
});

test('an upgrade the chat does not know is refused with its status', async (t) => {
  const chat = await startChat({ port: 0, tickMs: 3_600_000 });
  const browser = openBrowser();
  t.teardown(() => chat.close());
  await t.throwsAsync(browser.openWebSocket(`${chat.url}/elsewhere`), { name: 'UpgradeRefused', message: /404/ });
});
