// LogoutRequests as identity providers send them server to server, byte for byte as a test wants them, and what comes back.

import { request as requestHttp, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  postFields,
  readForm,
  readSoap,
  redirectAddress,
  soapEnvelope,
} from '../../demo/identity-provider/bindings.ts';
import { logoutRequestFields } from '../../demo/identity-provider/fields.ts';
import { logoutRequestXml, type LogoutRequestFields } from '../../demo/identity-provider/messages.ts';
import { FORMAT } from '../../demo/identity-provider/names.ts';
import { readMessage } from '../../demo/identity-provider/read.ts';
import { signedQuery, signEnveloped } from '../../demo/identity-provider/sign.ts';
import { signedRoot } from '../../demo/identity-provider/verify.ts';
import { toLoopback } from './browser-request.ts';
import type { Clock } from '../../gateway/kernel/clock.ts';
import type { Stage } from './gateway.ts';

/** An answer as a server reads it. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** StatusCodes without the common beginning of their URNs. */
type Codes = readonly string[];

export const SUCCESS: Codes = ['Success'];

/** Of whom, for whom and when. */
export type Asked = Pick<Stage, 'idp' | 'url'> & { readonly clock: Clock };

/** Fields of a LogoutRequest for a person, with SessionIndexes where some are named, for `path` of the gateway. */
export function fieldsFor(
  scene: Asked,
  user: string,
  sessionIndexes: readonly string[] = [],
  path = '/saml/slo/soap',
): LogoutRequestFields {
  return logoutRequestFields({
    issuer: scene.idp.entityId,
    destination: `${scene.url}${path}`,
    now: scene.clock.now(),
    nameId: { value: `${user}@example.test`, format: FORMAT.emailAddress },
    sessionIndexes,
  });
}

/** The message, signed in its XML by the identity provider's key. */
export const signed = ({ idp }: Pick<Stage, 'idp'>, fields: LogoutRequestFields): string =>
  signEnveloped(logoutRequestXml(fields), fields.id ?? '', idp.keys);

/** The SOAP body of a signed LogoutRequest for a person. */
export const soapFor = (scene: Asked, user: string, sessionIndexes: readonly string[] = [], path?: string): string =>
  soapEnvelope(signed(scene, fieldsFor(scene, user, sessionIndexes, path)));

/** The form body of a signed LogoutRequest for a person. */
export function formFor(
  scene: Stage,
  user: string,
  sessionIndexes: readonly string[] = [],
  path = '/saml/slo',
): string {
  const xml = signed(scene, fieldsFor(scene, user, sessionIndexes, path));
  return new URLSearchParams(postFields('SAMLRequest', xml, 'relay')).toString();
}

/** The address of a LogoutRequest by Redirect, signed in the query. */
export function redirectFor(scene: Stage, user: string, fields: LogoutRequestFields = {}): string {
  const xml = logoutRequestXml({ ...fieldsFor(scene, user, [], '/saml/slo'), ...fields });
  return redirectAddress(`${scene.url}/saml/slo`, signedQuery('SAMLRequest', xml, 'relay', scene.idp.keys));
}

/** Posts as a server does: exactly these headers, no cookie, a connection of its own. */
export async function post(url: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = requestHttp(
    url,
    {
      method: 'POST',
      lookup: toLoopback,
      agent: false,
      headers: { 'content-length': Buffer.byteLength(body), ...headers },
    },
    resolve,
  );
  request.on('error', reject);
  if (headers['expect'] === undefined) request.end(body);
  else request.on('continue', () => request.end(body));
  const response = await promise;
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}

export const SOAP = { 'content-type': 'text/xml; charset=utf-8' };

/** Posts a SOAP body to the gateway's SOAP address. */
export const postSoap = (
  scene: Pick<Stage, 'url'>,
  body: string,
  headers: Readonly<Record<string, string>> = SOAP,
): Promise<Answer> => post(`${scene.url}/saml/slo/soap`, body, headers);

/** Status codes of the LogoutResponse in a SOAP answer. Throws unless the gateway's key signed it. */
export const soapCodes = (scene: Stage, { body }: Answer): Codes => codesOf(scene, readSoap(body).xml);

/** Status codes of the LogoutResponse in the form of a page, or bare as a server gets it. Throws unless the gateway's key signed it. */
export function formCodes(scene: Stage, { body }: Pick<Answer, 'body'>): Codes {
  const [, value = body] = /name="SAMLResponse"\s+value="([^"]*)"/.exec(body) ?? [];
  const plain = value.replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)));
  return codesOf(scene, readForm(new URLSearchParams({ SAMLResponse: plain })).xml);
}

function codesOf({ configuration }: Stage, xml: string): Codes {
  const message = readMessage(
    signedRoot(
      xml,
      configuration.saml.keys.map(({ cert }) => cert),
    ),
  );
  if (message.kind !== 'LogoutResponse') throw new Error(`a ${message.kind}`);
  return message.codes.map((code) => code.slice(code.lastIndexOf(':') + 1));
}
