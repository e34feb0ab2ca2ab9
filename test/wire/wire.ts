// One gateway, one person signed in as an identity provider names people, and its messages sent as bytes on a socket.

import type { ExecutionContext } from 'ava';
import { readQuery, readSoap, soapEnvelope } from '../../demo/identity-provider/bindings.ts';
import { readMessage, parseXml } from '../../demo/identity-provider/read.ts';
import { signEnveloped, type SigningOptions } from '../../demo/identity-provider/sign.ts';
import { checkQuerySignature, signedRoot } from '../../demo/identity-provider/verify.ts';
import { raw, reasonOf, request, statusOf } from '../journeys/raw.ts';
import type { Browser } from '../support/browser.ts';
import { stage, type Stage, type StageOptions } from '../support/gateway.ts';
import { queryOf, type QueryWay } from './query.ts';
import { SHAPES, type Facts, type Shape } from './shapes.ts';

/** An answer as its bytes say it. */
export interface RawAnswer {
  readonly status: number;
  readonly reason: string | undefined;
  /** The value of a header; undefined where there is none. */
  readonly header: (name: string) => string | undefined;
  readonly body: string;
}

export type Wire = Awaited<ReturnType<typeof openWire>>;

const FORM = 'Content-Type: application/x-www-form-urlencoded; charset=UTF-8';
/** What every browser sends with a form or a link. */
export const BROWSER = ['Accept: text/html,application/xhtml+xml,*/*;q=0.8', 'Sec-Fetch-Mode: navigate'];

/** Opens it, with nobody signed in yet. */
export async function openWire(t: ExecutionContext, shape: Shape = SHAPES.wso2, options: StageOptions = {}) {
  const scene = await stage(t, options);
  const { port } = scene.running.http;
  const host = `Host: ${new URL(scene.url).host}`;
  const name = shape.name(scene.idp.entityId, `${scene.url}/saml/metadata`);
  scene.idp.vary.response = (fields) => ({ ...fields, assertion: { ...fields.assertion, nameId: name } });
  let alice: Browser | undefined;

  const answerOf = (text: string): RawAnswer => {
    const [head = '', ...body] = text.split('\r\n\r\n');
    const header = (wanted: string): string | undefined =>
      new RegExp(`^${wanted}: (.*)$`, 'im').exec(head.replaceAll('\r', ''))?.[1];
    return { status: statusOf(text), reason: reasonOf(text), header, body: body.join('\r\n\r\n') };
  };
  const send = async (method: string, target: string, headers: readonly string[], body?: string): Promise<RawAnswer> =>
    answerOf(await raw(port, request(method, target, [host, ...headers], body)));

  const wire = {
    scene,
    shape,
    send,
    /** A living session for alice, begun anew where hers is over. Time passes, as it does between two sign-ins. */
    async signedIn(): Promise<string> {
      scene.clock.advance(1000);
      if (!(await wire.isIn())) alice = await scene.signedIn('alice', scene.at('wiki'));
      return scene.idp.sessions().at(-1)?.sessionIndex ?? '';
    },
    isIn: async (): Promise<boolean> => (await alice?.request(scene.at('wiki')))?.status === 200,
    /** What a LogoutRequest of this moment says; `change` replaces a part of it. */
    facts: (change: Partial<Facts> = {}): Facts => ({
      id: shape.id(),
      now: scene.clock.now(),
      destination: `${scene.url}/saml/slo`,
      issuer: scene.idp.entityId,
      name,
      sessionIndexes: scene.idp
        .sessions()
        .slice(-1)
        .map(({ sessionIndex }) => sessionIndex),
      ...change,
    }),
    /** The message as the identity provider writes it, unsigned; `edit` changes its text. */
    xml: (change?: Partial<Facts>, edit: (xml: string) => string = (text) => text): string =>
      edit(shape.write(wire.facts(change))),
    /** The same, signed inside. */
    signed: (change?: Partial<Facts>, edit?: (xml: string) => string, signing: SigningOptions = {}): string => {
      const text = wire.xml(change, edit);
      const [, id = ''] = /\sID="([^"]*)"/.exec(text) ?? [];
      const declaration = /^<\?xml[^>]*\?>/.exec(text)?.[0] ?? '';
      const signed = signEnveloped(text, id, scene.idp.keys, { ...shape.signing, ...signing });
      return signed.startsWith('<?xml') ? signed : declaration + signed;
    },
    query: (xml: string, way: Partial<QueryWay> = {}): string =>
      queryOf(xml, { key: scene.idp.keys.privateKey, ...way }),
    /** As a server posts a form: no cookie, no Accept. */
    form: (xml: string, more = '', headers: readonly string[] = [], path = '/saml/slo'): Promise<RawAnswer> =>
      send(
        'POST',
        path,
        [FORM, ...headers],
        `SAMLRequest=${encodeURIComponent(Buffer.from(xml).toString('base64'))}${more}`,
      ),
    soap: (body: string, headers: readonly string[] = ['Content-Type: text/xml'], path = '/saml/slo/soap') =>
      send('POST', path, headers, body),
    get: (query: string, path = '/saml/slo', headers: readonly string[] = BROWSER): Promise<RawAnswer> =>
      send('GET', `${path}?${query}`, headers),
    /** Of a LogoutResponse that the gateway signed, however it came back; throws where it did not. */
    said: (answer: RawAnswer): readonly string[] => said(scene, answer).codes,
    /** Signs alice in, sends, and holds the answer to Success and alice to be out. */
    async ends(what: string, sending: (sessionIndex: string) => Promise<RawAnswer>): Promise<RawAnswer> {
      const answer = await sending(await wire.signedIn());
      t.is(answer.reason, 'OK', what);
      t.deepEqual(wire.said(answer), ['Success'], what);
      t.false(await wire.isIn(), what);
      return answer;
    },
    /** Signs alice in, sends, and holds the answer to a refusal with this code, written down, and alice to be in. */
    async leaves(
      what: string,
      code: string,
      sending: (sessionIndex: string) => Promise<RawAnswer>,
    ): Promise<RawAnswer> {
      const index = await wire.signedIn();
      const before = scene.audit.length;
      const answer = await sending(index);
      t.is(answer.reason, code, what);
      t.true(await wire.isIn(), what);
      const lines = scene.audit.slice(before);
      t.deepEqual(
        lines.map((line) => [line.event, 'code' in line ? line.code : '']),
        [['refused', code]],
        what,
      );
      return answer;
    },
  };
  return wire;
}

/** The LogoutResponse of an answer and its RelayState, verified by our certificate; status codes without their common beginning. */
export function said(scene: Stage, answer: RawAnswer) {
  const certificates = scene.configuration.saml.keys.map(({ cert }) => cert);
  const { xml, relayState, binding } = carried(answer, certificates);
  const message = readMessage(binding === 'redirect' ? parseXml(xml) : signedRoot(xml, certificates));
  if (message.kind !== 'LogoutResponse') throw new Error(`a ${message.kind}`);
  const codes = message.codes.map((code) => code.slice(code.lastIndexOf(':') + 1));
  return { ...message, codes, relayState, binding };
}

function carried({ header, body }: RawAnswer, certificates: readonly string[]) {
  const location = header('location');
  if (location !== undefined) {
    const arrival = readQuery(location.slice(location.indexOf('?') + 1));
    checkQuerySignature(arrival.signed, certificates);
    return { ...arrival, binding: 'redirect' };
  }
  if (body.includes('Envelope')) return { xml: readSoap(body).xml, relayState: undefined, binding: 'soap' };
  const field = (name: string): string | undefined =>
    new RegExp(`name="${name}"\\s+value="([^"]*)"`)
      .exec(body)?.[1]
      ?.replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)));
  const value = field('SAMLResponse');
  const decoded = Buffer.from(value ?? body, 'base64').toString();
  return { xml: decoded, relayState: field('RelayState'), binding: value === undefined ? 'bare' : 'post' };
}

/** A SOAP envelope as its sender writes it; `prefix` is the sender's. */
export const enveloped = (xml: string, prefix = 'SOAP-ENV', header?: string): string =>
  soapEnvelope(xml, { prefix, ...(header === undefined ? {} : { header }) });
