// The back side of an identity provider that sends artifacts: keeps messages, and answers an ArtifactResolve with the one it is about
// (saml-core §3.5), well or badly.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { ExecutionContext } from 'ava';
import { readSoap, soapEnvelope } from '../../demo/identity-provider/bindings.ts';
import { newId } from '../../demo/identity-provider/fields.ts';
import type { IdentityProviderKeys } from '../../demo/identity-provider/keys.ts';
import { NS, STATUS } from '../../demo/identity-provider/names.ts';
import { parseXml } from '../../demo/identity-provider/read.ts';
import { signEnveloped } from '../../demo/identity-provider/sign.ts';

/** What the ArtifactResponse is made of; each may be changed. */
export interface Facts {
  readonly id: string;
  readonly issuer: string;
  readonly inResponseTo: string;
  readonly issueInstant: string;
  readonly status: string;
  /** XML; empty where the artifact is of nobody. */
  readonly message: string;
  /** Whose signature it has; undefined leaves it out. */
  readonly keys: IdentityProviderKeys | undefined;
}

export interface ArtifactResolver {
  readonly url: string;
  /** Changes an answer: its facts, its XML, or all of it. */
  vary: { facts?: (facts: Facts) => Facts; xml?: (xml: string) => string; answer?: (response: ServerResponse) => void };
  /** Every ArtifactResolve that came, as it came. */
  readonly asked: string[];
  /** Puts a message there. Answers with its artifact. */
  keep(message: string): string;
  /** What its answers say unless they are varied. */
  usual: { issuer: string; keys: IdentityProviderKeys; now: () => number } | undefined;
}

/** An artifact of type 4 (bindings §3.6.4). */
export const artifact = (entityId: string, index = 3, handle = randomBytes(20), type = 4): string => {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(index, 2);
  return Buffer.concat([head, createHash('sha1').update(entityId).digest(), handle]).toString('base64');
};

/** Starts it, over TLS where it is told how, and stops it at the end of the test. */
export async function startArtifactResolver(t: ExecutionContext, tls?: ServerOptions): Promise<ArtifactResolver> {
  const messages = new Map<string, string>();
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    void text(request).then((body) => {
      made.asked.push(body);
      if (made.vary.answer !== undefined) made.vary.answer(response);
      else response.setHeader('content-type', 'text/xml').end(answerTo(made, messages, body));
    });
  };
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const made: ArtifactResolver = {
    url: `${tls === undefined ? 'http://127.0.0.1' : 'https://localhost'}:${(server.address() as AddressInfo).port}/resolve`,
    vary: {},
    asked: [],
    usual: undefined,
    keep(message) {
      const made = artifact(this.usual?.issuer ?? '');
      messages.set(made, message.replace(/^<\?xml[^>]*\?>/, ''));
      return made;
    },
  };
  return made;
}

function answerTo({ usual, vary }: ArtifactResolver, messages: ReadonlyMap<string, string>, body: string): string {
  if (usual === undefined) throw new Error('nobody has said who answers');
  const resolve = parseXml(readSoap(body).xml);
  const wanted = resolve.getElementsByTagNameNS(NS.protocol, 'Artifact')[0]?.textContent ?? '';
  const facts: Facts = {
    ...{ id: newId(), issuer: usual.issuer, keys: usual.keys, status: STATUS.success },
    inResponseTo: resolve.getAttribute('ID') ?? '',
    issueInstant: new Date(usual.now()).toISOString(),
    message: messages.get(wanted) ?? '',
  };
  const xml = artifactResponse(vary.facts?.(facts) ?? facts);
  return soapEnvelope(vary.xml?.(xml) ?? xml);
}

/** An ArtifactResponse with its signature, if it is to have one. */
export function artifactResponse({ id, issuer, inResponseTo, issueInstant, status, message, keys }: Facts): string {
  const xml =
    `<samlp:ArtifactResponse xmlns:samlp="${NS.protocol}" xmlns:saml="${NS.assertion}" ID="${id}" Version="2.0" IssueInstant="${issueInstant}" InResponseTo="${inResponseTo}">` +
    `<saml:Issuer>${issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="${status}"/></samlp:Status>${message}</samlp:ArtifactResponse>`;
  return keys === undefined ? xml : signEnveloped(xml, id, keys);
}
