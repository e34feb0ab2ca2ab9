// A legacy wiki: pages, notes, a feed of events, a visit counter and a logout of its own.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { systemClock, type Clock } from '../../gateway/kernel/clock.ts';
import { escapeHtml } from '../page.ts';
import { appPage, appSessions, listen, remoteUser, type AppOptions, type AppSessions } from './legacy-app.ts';

const COOKIE = 'WIKISESSION';
const ACCENT = '#b3541e';

export interface Wiki {
  readonly url: string;
  /** Requests so far. */
  requests(): number;
  /** Event streams open now. */
  streams(): number;
  /** Sessions it remembers. */
  sessions(): number;
  /** How often its own logout ended a session. */
  logouts(): number;
  /** Notes that people posted, oldest first. */
  notes(): readonly Note[];
  close(): Promise<void>;
}

interface Note {
  readonly by: string;
  readonly text: string;
}

interface Shelf {
  readonly clock: Clock;
  readonly sessions: AppSessions;
  readonly notes: Note[];
  readonly streams: Set<ServerResponse>;
  logouts: number;
}

/** Starts it; resolves when it listens. `tickMs` is the time between events, default 1 s. */
export async function startWiki(options: AppOptions & { clock?: Clock; tickMs?: number }): Promise<Wiki> {
  const shelf: Shelf = {
    clock: options.clock ?? systemClock,
    sessions: appSessions(COOKIE),
    notes: [],
    streams: new Set(),
    logouts: 0,
  };
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    answer(shelf, request, response).catch(() => response.destroy());
  });
  const listening = await listen(server, options);
  const tick = setInterval(() => shelf.streams.forEach((stream) => sendTime(shelf, stream)), options.tickMs ?? 1000);
  return {
    url: listening.url,
    requests: () => requests,
    streams: () => shelf.streams.size,
    sessions: () => shelf.sessions.count(),
    logouts: () => shelf.logouts,
    notes: () => shelf.notes,
    close: () => {
      clearInterval(tick);
      return listening.close();
    },
  };
}

async function answer(shelf: Shelf, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (path === '/logout') {
    logOut(shelf, request, response);
    return;
  }
  const { session, setCookie } = shelf.sessions.of(request);
  session.visits += 1;
  const user = remoteUser(request);
  if (setCookie !== undefined) response.setHeader('set-cookie', setCookie);
  if (path === '/events') {
    openStream(shelf, response);
    return;
  }
  if (path === '/notes' && request.method === 'POST') {
    const note = new URLSearchParams(await text(request)).get('note') ?? '';
    shelf.notes.push({ by: user, text: note.slice(0, 2000) });
    response.writeHead(303, { location: '/notes' }).end();
    return;
  }
  const about = `<p class="note">Visit <span id="visits">${session.visits}</span> in a wiki session that began for
<span id="began-for">${escapeHtml(session.beganFor)}</span>.</p>`;
  const body = path === '/notes' ? notesHtml(shelf) : articleHtml(path);
  const page = appPage({ title: 'Wiki', accent: ACCENT, user, body: body + about });
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(page);
}

/** The wiki's own logout: it forgets the session, whoever calls with the cookie. */
function logOut(shelf: Shelf, request: IncomingMessage, response: ServerResponse): void {
  if (shelf.sessions.forget(request)) shelf.logouts += 1;
  response.writeHead(303, { location: '/', 'set-cookie': `${COOKIE}=; Path=/; Max-Age=0` }).end();
}

function openStream(shelf: Shelf, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  shelf.streams.add(response);
  response.on('close', () => shelf.streams.delete(response));
  sendTime(shelf, response);
}

const sendTime = (shelf: Shelf, stream: ServerResponse): void =>
  void stream.write(`event: time\ndata: ${new Date(shelf.clock.now()).toISOString()}\n\n`);

const notesHtml = (shelf: Shelf): string => `<h2>Notes</h2>
<div class="card">${
  shelf.notes.map(({ by, text: note }) => `<p><strong>${escapeHtml(by)}</strong>: ${escapeHtml(note)}</p>`).join('') ||
  '<p class="note">None yet.</p>'
}</div>
<form method="post" action="/notes"><label>A note <textarea name="note" rows="3" required></textarea></label><button>Post</button></form>
<p><a href="/">Front page</a></p>`;

const articleHtml = (path: string): string => `<h2>${escapeHtml(path === '/' ? 'Front page' : path.slice(1))}</h2>
<div class="card"><p>This page is as old as the application. It has not been changed for the gateway in front of it.</p>
<p><a href="/history">History</a> · <a href="/how-to">How to</a> · <a href="/notes">Notes</a></p></div>
<p class="note">Server time: <span id="time">–</span> <span id="stream" class="good">stream open</span></p>
<script>
const events = new EventSource('/events');
const state = document.getElementById('stream');
events.addEventListener('time', (event) => { document.getElementById('time').textContent = event.data; });
events.addEventListener('error', () => { state.textContent = 'stream closed'; state.className = 'bad'; events.close(); });
</script>`;
