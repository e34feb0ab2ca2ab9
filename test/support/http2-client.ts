// A client of HTTP/2: Node's own, whose connection goes to this machine whatever the name, and frames written by hand.

import { once } from 'node:events';
import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { ExecutionContext } from 'ava';

/** Where to, and whom to trust. */
export interface Peer {
  readonly port: number;
  /** PEM. */
  readonly ca: string;
  /** The name that is asked for in the handshake; empty for none, as where somebody goes to an address. */
  readonly servername: string;
}

/** What became of one request. */
export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly body: string;
  /** What the stream was closed with; 0 is a clean end. */
  readonly code: number;
}

/** A connection that has shaken hands and speaks HTTP/2; it is closed with the test. */
export async function openHttp2(t: ExecutionContext, peer: Peer): Promise<ClientHttp2Session> {
  const socket = await openTls(t, peer);
  const session = connect(`https://${peer.servername || '127.0.0.1'}:${peer.port}`, { createConnection: () => socket });
  session.on('error', () => {});
  t.teardown(() => session.destroy());
  await once(session, 'connect');
  return session;
}

/** A TLS connection that offers these protocols. */
export async function openTls(
  t: ExecutionContext,
  { port, ca, servername }: Peer,
  ALPNProtocols: readonly string[] = ['h2'],
): Promise<TLSSocket> {
  const socket = connectTls({
    ...{ port, host: '127.0.0.1', ca, servername, ALPNProtocols: [...ALPNProtocols] },
    checkServerIdentity: () => undefined,
  });
  socket.on('error', () => {});
  t.teardown(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

/** Sends one request; the body is written where there is one. */
export function send(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: string | Buffer) {
  const stream = session.request(headers, { endStream: body === undefined });
  stream.on('error', () => {});
  if (body !== undefined) stream.end(body);
  return stream;
}

/** Sends one request and waits for the end of its stream, however it comes. */
export const ask = (session: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: string | Buffer) =>
  answerOn(send(session, headers, body));

/** The answer on a stream, at its end. */
export function answerOn(stream: ClientHttp2Stream): Promise<Answer> {
  const chunks: Buffer[] = [];
  let headers: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  stream.on('response', (got) => (headers = got));
  stream.on('trailers', (got: IncomingHttpHeaders) => (trailers = got));
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    stream.once('close', () =>
      resolve({
        ...{ status: headers[':status'] as number | undefined, headers, trailers },
        ...{ body: Buffer.concat(chunks).toString(), code: stream.rstCode },
      }),
    );
  });
}

/** The name of a code of RST_STREAM or GOAWAY. */
export const codeName = (code: number): string | undefined => CODES[code];

/** In the order of their numbers (RFC 9113 §7). */
const CODES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
];
