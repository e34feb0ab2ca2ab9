// A gateway that browsers reach over HTTP/2, and a connection to it.

import type { ExecutionContext } from 'ava';
import { newSigner } from '../support/certificates.ts';
import { ask, openHttp2 } from '../support/http2-client.ts';
import { SOAP, soapCodes, soapFor } from '../support/logout-requests.ts';
import { cookieOf, overTls } from '../support/over-tls.ts';
import { startUpstream, type UpstreamListener, type UpstreamOptions } from '../support/upstream.ts';

export const HOSTS = ['login.test', 'wiki.test', 'chat.test'];

/** A gateway with one certificate for all hosts, an application that answers as told, and a connection for `wiki.test`. */
export async function openForHttp2(
  t: ExecutionContext,
  listener?: UpstreamListener,
  options?: UpstreamOptions,
  tls = '',
) {
  const signer = newSigner();
  const upstream = await startUpstream(listener, options);
  t.teardown(() => upstream.close());
  const stage = await overTls(t, { one: signer.sign(HOSTS) }, tls, { upstream });
  const { port, scene } = stage;
  const peer = (servername: string) => ({ port, ca: signer.cert, servername });
  const at = (host: string, path = '/') => ({ ':path': path, ':authority': `${host}:${port}` });
  const session = await openHttp2(t, peer('wiki.test'));
  return {
    ...{ port, scene, upstream, peer, at, stage, ca: signer.cert },
    session,
    /** The identity provider signs somebody out, over this very connection. */
    logout: async (user: 'alice' | 'bob') => {
      const sent = { ':method': 'POST', ...at('login.test', '/saml/slo/soap'), ...SOAP };
      return soapCodes(scene, (await ask(session, sent, soapFor(scene, user))) as never);
    },
    cookie: (user: 'alice' | 'bob', host: string) => cookieOf(t, stage, signer.cert, user, host),
  };
}
