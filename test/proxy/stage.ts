// The stage of this room's tests: a browser that writes bytes, a gateway that does nothing but forward, and apps that answer
// bytes. Real sockets on loopback, port 0, everything closed when the test ends.

import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import {
  connect,
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';
import { liveConnections } from '../../gateway/live/connections.ts';
import { silentLog } from '../../gateway/kernel/log.ts';
import type { SessionId } from '../../gateway/kernel/words.ts';
import {
  openUpstream,
  type EngineOptions,
  type Forwarded,
  type Passage,
  type Upstream,
  type UpstreamSettings,
} from '../../gateway/proxy/engine.ts';
import { Conversation } from './conversation.ts';

export { Conversation, takenMiB } from './conversation.ts';

export const SESSION = 'session-1' as SessionId;
const GATEWAY_COOKIES = ['__Host-curfew', 'curfew'];

export async function listening(t: ExecutionContext, server: Server | TcpServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** An app that speaks HTTP; answers its port. */
export const app = (t: ExecutionContext, listener: RequestListener): Promise<number> =>
  listening(t, createServer(listener));

export interface BytesApp {
  readonly port: number;
  /** Connections so far. */
  readonly sockets: Conversation[];
  /** The next connection, waited for. */
  next(): Promise<Conversation>;
}

/** An app that is nothing but a socket; `onConnection` is given each. */
export async function bytesApp(
  t: ExecutionContext,
  onConnection: (conversation: Conversation, index: number) => void = () => {},
): Promise<BytesApp> {
  const sockets: Conversation[] = [];
  const queue = new Queue<Conversation>();
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    t.teardown(() => socket.destroy());
    const conversation = new Conversation(socket);
    sockets.push(conversation);
    onConnection(conversation, sockets.length - 1);
    queue.put(conversation);
  });
  return { port: await listening(t, server), sockets, next: () => queue.take() };
}

/** An app that gives these bytes for an answer to every request on every connection. */
export const answering = (t: ExecutionContext, answer: string, thenEnd = false): Promise<BytesApp> =>
  bytesApp(t, (conversation) => {
    let from = 0;
    conversation.socket.on('data', () => {
      for (
        let at = conversation.text.indexOf('\r\n\r\n', from);
        at >= 0;
        at = conversation.text.indexOf('\r\n\r\n', from)
      ) {
        from = at + 4;
        conversation.socket.write(answer, 'latin1');
        if (thenEnd) conversation.socket.end();
      }
    });
  });

class Queue<T> {
  readonly #items: T[] = [];
  readonly #takers: ((item: T) => void)[] = [];

  put(item: T): void {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#items.push(item);
    else taker(item);
  }

  take(): Promise<T> {
    const item = this.#items.shift();
    return item === undefined ? new Promise((resolve) => this.#takers.push(resolve)) : Promise.resolve(item);
  }
}

export interface Stage {
  readonly port: number;
  readonly upstream: Upstream;
  readonly live: ReturnType<typeof liveConnections>;
  /** How the next request ended. */
  outcome(): Promise<Forwarded>;
  /** Opens a connection and writes. */
  send(text: string): Conversation;
}

export interface StageOptions {
  readonly settings?: Partial<UpstreamSettings>;
  readonly passage?: (request: IncomingMessage) => Partial<Passage>;
  /** Is given every response before it is forwarded. */
  readonly onResponse?: (response: ServerResponse) => void;
  /** The door comes by `checkContinue` and leaves the answer to the engine. */
  readonly leavesContinue?: boolean;
  readonly onForgery?: EngineOptions['onForgery'];
}

/** A gateway in front of the app at `appPort`: every request passes, every connection is registered for `SESSION`. */
export async function stage(t: ExecutionContext, appPort: number, options: StageOptions = {}): Promise<Stage> {
  const upstream = openUpstream(
    {
      app: 'wiki',
      origin: `http://127.0.0.1:${appPort}`,
      identityHeaderNames: ['Remote-User', 'X-Forwarded-Groups'],
      connectTimeoutMs: 2000,
      responseTimeoutMs: 5000,
      idleTimeoutMs: 0,
      maxBodyBytes: 0,
      ...options.settings,
    },
    { log: silentLog, gatewayCookieNames: GATEWAY_COOKIES, onForgery: options.onForgery },
  );
  const live = liveConnections();
  const outcomes = new Queue<Forwarded>();

  const passageOf = (request: IncomingMessage): Passage => ({
    requestId: 'request-1',
    clientAddress: '192.0.2.7',
    forwardedFor: '',
    proto: 'https',
    host: request.headers.host ?? '',
    identityHeaders: ['Remote-User', 'alice'],
    connection: live.register(SESSION, { destroy: () => {} }),
    ...options.passage?.(request),
  });

  const listener: RequestListener = (request, response) => {
    options.onResponse?.(response);
    const awaitsContinue = options.leavesContinue === true && request.headers.expect !== undefined;
    void upstream.forward(request, response, { awaitsContinue, ...passageOf(request) }).then((outcome) => {
      if (outcome.kind === 'failed') {
        response.writeHead(outcome.error.status, { 'X-Curfew': outcome.error.code }).end(outcome.error.publicMessage);
      }
      outcomes.put(outcome);
    });
  };
  const server = createServer(listener);
  if (options.leavesContinue === true) server.on('checkContinue', listener);
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    void upstream.upgrade(request, socket, head, passageOf(request)).then((outcome) => {
      if (outcome.kind === 'failed')
        socket.end(`HTTP/1.1 ${outcome.error.status} Failed\r\nX-Curfew: ${outcome.error.code}\r\n\r\n`);
      outcomes.put(outcome);
    });
  });
  const port = await listening(t, server);
  t.teardown(() => upstream.close());
  return {
    port,
    upstream,
    live,
    outcome: () => outcomes.take(),
    send: (text) => {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      t.teardown(() => socket.destroy());
      return new Conversation(socket).write(text);
    },
  };
}

/** The code of a failure, for `t.is`. */
export const codeOf = (outcome: Forwarded): string | undefined =>
  outcome.kind === 'failed' ? outcome.error.code : undefined;

/** A GET with further header lines, each ended by CR LF. */
export const get = (path = '/', lines = ''): string => `GET ${path} HTTP/1.1\r\nHost: wiki.example\r\n${lines}\r\n`;

/** The header lines of a message, without the first line. */
export const headerLines = (message: string): string[] => message.split('\r\n\r\n', 1)[0]?.split('\r\n').slice(1) ?? [];

/** The values of a header in a message, in order. */
export const valuesOf = (message: string, name: string): string[] =>
  headerLines(message)
    .filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
    .map((line) => line.slice(name.length + 1).trim());

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
