// A legacy chat: one page with a WebSocket that echoes what is said and tells the time each second.

import { createServer, type IncomingMessage } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import { systemClock, type Clock } from '../../gateway/kernel/clock.ts';
import { escapeHtml } from '../page.ts';
import { appPage, appSessions, listen, remoteUser, type AppOptions } from './legacy-app.ts';

const COOKIE = 'CHATSESSION';
const MAX_MESSAGE_BYTES = 64 * 1024;

export interface Chat {
  readonly url: string;
  /** Requests and upgrades so far. */
  requests(): number;
  /** WebSockets open now. */
  connections(): number;
  /** Sessions it remembers. */
  sessions(): number;
  close(): Promise<void>;
}

/** Starts it; resolves when it listens. `tickMs` is the time between two times told, default 1 s. */
export async function startChat(options: AppOptions & { clock?: Clock; tickMs?: number }): Promise<Chat> {
  const clock = options.clock ?? systemClock;
  const sessions = appSessions(COOKIE);
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const { session, setCookie } = sessions.of(request);
    session.visits += 1;
    if (setCookie !== undefined) response.setHeader('set-cookie', setCookie);
    const user = remoteUser(request);
    response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
      .end(appPage({ title: 'Chat', accent: '#1c7a6b', user, body: roomHtml(session.beganFor) }));
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  // The cookie is set with the 101, too: that is where many gateways let it through to the browser.
  sockets.on('headers', (headers: string[], request: IncomingMessage) => {
    const { setCookie } = sessions.of(request);
    if (setCookie !== undefined) headers.push(`Set-Cookie: ${setCookie}`);
  });
  server.on('upgrade', (request, socket, head) => {
    requests += 1;
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?')[0] !== '/socket') {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => greet(webSocket, remoteUser(request)));
  });
  const listening = await listen(server, options);
  const tellTime = (): void =>
    sockets.clients.forEach((socket) => socket.send(`time ${new Date(clock.now()).toISOString()}`));
  const tick = setInterval(tellTime, options.tickMs ?? 1000);
  return {
    url: listening.url,
    requests: () => requests,
    connections: () => sockets.clients.size,
    sessions: () => sessions.count(),
    close: () => {
      clearInterval(tick);
      sockets.clients.forEach((socket) => socket.terminate());
      return listening.close();
    },
  };
}

function greet(socket: WebSocket, user: string): void {
  socket.on('error', () => socket.terminate());
  socket.on('message', (message: Buffer, isBinary: boolean) => {
    if (isBinary) socket.send(message);
    else socket.send(`echo ${message.toString()}`);
  });
  socket.send(`hello ${user}`);
}

const roomHtml = (beganFor: string): string => `<p id="state" class="good" role="status">connecting</p>
<div class="card"><p class="note">Server time: <span id="time">–</span></p><pre id="said"></pre>
<form id="say"><label>Say something <input name="words" autocomplete="off"></label><button>Send</button></form></div>
<p class="note">A chat session that began for <span id="began-for">${escapeHtml(beganFor)}</span>.</p>
<script>
const address = new URL('/socket', location.href);
address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
const socket = new WebSocket(address);
const state = document.getElementById('state');
const said = document.getElementById('said');
socket.addEventListener('open', () => { state.textContent = 'connected'; });
socket.addEventListener('close', () => { state.textContent = 'connection closed'; state.className = 'bad'; });
socket.addEventListener('message', ({ data }) => {
  if (data.startsWith('time ')) document.getElementById('time').textContent = data.slice(5);
  else said.textContent += data + '\\n';
});
document.getElementById('say').addEventListener('submit', (event) => {
  event.preventDefault();
  socket.send(event.target.elements.words.value);
  event.target.reset();
});
</script>`;
