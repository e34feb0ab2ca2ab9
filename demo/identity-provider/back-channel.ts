// Telling service providers server to server: no browser, no cookie, an answer on the same exchange.

import { readForm, readSoap, postFields } from './bindings.ts';
import { composeLogoutRequest, inSoap, signedXml } from './compose.ts';
import { deliver, type Posting } from './deliver.ts';
import { logoutRequestFields } from './fields.ts';
import type { LogoutRequestFields } from './messages.ts';
import { readMessage } from './read.ts';
import { Refusal } from './refusal.ts';
import { logoutAddress, type ServiceProvider } from './service-provider.ts';
import type { State } from './state.ts';
import type { Target } from './targets.ts';
import { signedRoot } from './verify.ts';

/** `soap`: an envelope, as Keycloak and Shibboleth send it. `form`: a form posted by a server, as WSO2 does. */
export type BackChannel = 'soap' | 'form';

/** What came of one LogoutRequest. */
export interface SignOutReport {
  readonly sp: string;
  readonly binding: BackChannel | 'redirect' | 'post';
  readonly requestId: string | undefined;
  readonly milliseconds: number;
  /** StatusCodes of a LogoutResponse that the service provider signed; empty where there was none. */
  readonly codes: readonly string[];
  /** Why there was none. */
  readonly problem?: string | undefined;
  /** Back channel only. */
  readonly httpStatus?: number | undefined;
  /** What was posted, so that it can be posted again; back channel only. */
  readonly sent?: Posting | undefined;
}

export interface BackChannelOptions {
  /** Default `soap`. */
  readonly binding?: BackChannel | undefined;
  /** Replaces fields of the LogoutRequest; one that is undefined is left out. */
  readonly fields?: LogoutRequestFields | undefined;
}

/** Sends one LogoutRequest and reports; never rejects. */
export async function tellByBackChannel(
  state: State,
  target: Target,
  options: BackChannelOptions = {},
): Promise<SignOutReport> {
  const binding = options.binding ?? 'soap';
  const about = { sp: target.sp.entityId, binding };
  const location = logoutAddress(target.sp, binding === 'soap' ? 'soap' : 'post', 'request');
  if (location === undefined) {
    const problem = `its metadata has no address for logout by ${binding}`;
    return { ...about, requestId: undefined, milliseconds: 0, codes: [], problem };
  }
  const valid = logoutRequestFields({
    issuer: state.entityId,
    destination: location,
    now: state.clock.now(),
    nameId: target.nameId,
    sessionIndexes: target.sessionIndexes,
  });
  const message = composeLogoutRequest(state, { ...valid, ...options.fields });
  const sent =
    binding === 'soap'
      ? soapPosting(location, inSoap(state, message))
      : formPosting(location, signedXml(state, message));
  const begun = performance.now();
  try {
    const { status, body, milliseconds } = await deliver(sent, state.tls);
    const told = { ...about, requestId: message.id, milliseconds, httpStatus: status, sent };
    try {
      return { ...told, codes: codesIn(body, binding, target.sp, message.id) };
    } catch (error) {
      return { ...told, codes: [], problem: reason(error) };
    }
  } catch (error) {
    const milliseconds = Math.round(performance.now() - begun);
    return { ...about, requestId: message.id, milliseconds, codes: [], problem: reason(error), sent };
  }
}

/** An envelope on its way to `url`, with the headers that SOAP over HTTP comes with. */
export const soapPosting = (url: string, body: string): Posting => ({
  url,
  headers: {
    'content-type': 'text/xml; charset=utf-8',
    soapaction: 'http://www.oasis-open.org/committees/security',
    'cache-control': 'no-cache, no-store',
  },
  body,
});

const formPosting = (url: string, xml: string): Posting => ({
  url,
  headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
  body: new URLSearchParams(postFields('SAMLRequest', xml, undefined)).toString(),
});

/** StatusCodes of the LogoutResponse in `body`; throws a Refusal unless the service provider signed it, for this request. */
export function codesIn(
  body: string,
  binding: BackChannel,
  sp: ServiceProvider,
  requestId: string | undefined,
): readonly string[] {
  const xml = binding === 'soap' ? readSoap(body).xml : formAnswer(body);
  const message = readMessage(signedRoot(xml, sp.signingCertificates));
  if (message.kind !== 'LogoutResponse') throw new Refusal(`The answer is a ${message.kind}.`);
  if (message.issuer !== sp.entityId) throw new Refusal(`The answer is from "${message.issuer}".`);
  if (message.inResponseTo !== requestId) throw new Refusal('The answer is to another request.');
  return message.codes;
}

/** The body of an answer to a form: bare base64, as WSO2 reads it, or a page with a form in it. */
function formAnswer(body: string): string {
  const [, value = body] = /name="SAMLResponse"\s+value="([^"]*)"/.exec(body) ?? [];
  return readForm(new URLSearchParams({ SAMLResponse: value.trim() })).xml;
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
