// Our own SOAP calls to identity providers, with a deadline and a limit: an identity provider that hangs holds nobody up.

import { request as requestPlain, type IncomingMessage } from 'node:http';
import { request as requestTls } from 'node:https';
import { connect, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { SoapCall } from '../flows/tell-idp.ts';
import type { UpstreamTls } from '../kernel/words.ts';

const DEADLINE_MS = 5000;
const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * Posts SOAP and answers with the body, whatever the status but a redirect: a LogoutResponse is judged by its signature, and where we may be sent stands in
 * metadata.
 */
export const soapCall: SoapCall = async (url, body, tls = {}) => {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const options = {
    method: 'POST',
    signal: AbortSignal.timeout(DEADLINE_MS),
    headers: {
      'Content-Type': 'text/xml; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
      SOAPAction: '"http://www.oasis-open.org/committees/security"',
      'Cache-Control': 'no-cache, no-store',
      Pragma: 'no-cache',
    },
  };
  const request = url.startsWith('https:') ? requestTls(url, { ...options, ...tls }) : requestPlain(url, options);
  request.on('error', reject).on('response', resolve).end(body);
  const answer = await promise;
  const { statusCode = 0 } = answer;
  if (statusCode >= 300 && statusCode < 400) {
    answer.destroy();
    throw new Error(`the answer is a redirect (${statusCode})`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/**
 * Whether a call could be made there: connects as `soapCall` does and says nothing. Rejects with the reason.
 */
export async function reachSoap(url: string, tls: UpstreamTls = {}): Promise<void> {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const isSecure = protocol === 'https:';
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const at = { host, port: Number(port || (isSecure ? 443 : 80)) };
  const socket = isSecure ? connectTls({ ...at, servername: isIP(host) === 0 ? host : '', ...tls }) : connect(at);
  socket.once(isSecure ? 'secureConnect' : 'connect', () => resolve(undefined));
  socket.once('error', reject);
  socket.setTimeout(DEADLINE_MS, () => reject(new Error(`no connection within ${DEADLINE_MS / 1000} s`)));
  await promise.finally(() => socket.destroy());
}
