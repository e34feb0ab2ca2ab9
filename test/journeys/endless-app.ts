// An application whose answers come to no end by themselves, and that notes how each of them ended.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionContext } from 'ava';
import { WebSocketServer } from 'ws';
import { inbox, type Inbox } from '../support/inbox.ts';
import { startUpstream, type RecordingUpstream } from '../support/upstream.ts';

export interface EndlessApp {
  readonly upstream: RecordingUpstream;
  /** Paths whose exchange was broken off, in order. */
  readonly broken: readonly string[];
  /** A path for each upload of which the first piece has arrived. */
  readonly uploads: Inbox<string>;
  /** Answers to `/public/slow` and `/public/ticks`, for the test to end. */
  readonly held: Inbox<ServerResponse>;
  /** What browsers have said by WebSocket. */
  readonly heard: readonly string[];
  /** WebSockets open now. */
  webSockets(): number;
}

/** `/events`, `/download` and `/upload` never end, `/socket` echoes, everything else is `ok`. */
export async function endlessApp(t: ExecutionContext): Promise<EndlessApp> {
  const broken: string[] = [];
  const heard: string[] = [];
  const uploads = inbox<string>('upload');
  const held = inbox<ServerResponse>('answer');
  const sockets = new WebSocketServer({ noServer: true });
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const [path = '/'] = (request.url ?? '').split('?');
    response.on('close', () => {
      if (!response.writableFinished) broken.push(path);
    });
    switch (path) {
      case '/public/ticks':
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
        held.put(response);
        break;
      case '/events':
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
        break;
      case '/download':
        response.writeHead(200, { 'content-length': '1000000' }).write('first piece');
        break;
      case '/upload':
        request.on('error', () => {});
        request.once('data', () => uploads.put(path));
        break;
      case '/public/slow':
        held.put(response);
        break;
      default:
        response.end('ok');
    }
  };
  const upstream = await startUpstream(answer, {
    readsBodies: false,
    upgrade: (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on('message', (words: Buffer) => {
          heard.push(words.toString());
          webSocket.send(`echo ${words.toString()}`);
        });
        webSocket.on('close', () => broken.push('/socket'));
        webSocket.on('error', () => {});
      });
    },
  });
  t.teardown(() => upstream.close());
  return { upstream, broken, uploads, held, heard, webSockets: () => sockets.clients.size };
}
