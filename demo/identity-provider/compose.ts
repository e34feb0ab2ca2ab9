// From fields to signed messages on their way. Tests step in here: `Variations` can change any field and any signature.

import { type Answer, html, seeOther } from './answers.ts';
import { postFields, redirectAddress, soapEnvelope } from './bindings.ts';
import {
  logoutRequestXml,
  logoutResponseXml,
  responseXml,
  type LogoutRequestFields,
  type LogoutResponseFields,
  type ResponseFields,
} from './messages.ts';
import { autoPostPage } from './pages.ts';
import { signedQuery, signEnveloped, type ParameterName, type QueryOptions, type SigningOptions } from './sign.ts';
import type { State } from './state.ts';

/** How this identity provider departs from its usual ways. Read anew for each message, so it may be changed at any time. */
export interface Variations {
  response?: ((fields: ResponseFields) => ResponseFields) | undefined;
  logoutRequest?: ((fields: LogoutRequestFields) => LogoutRequestFields) | undefined;
  logoutResponse?: ((fields: LogoutResponseFields) => LogoutResponseFields) | undefined;
  /** What of a Response is signed. Default `assertion`. */
  signs?: 'assertion' | 'response' | 'both' | 'nothing' | undefined;
  /** Whether LogoutRequests and LogoutResponses are signed. Default true. */
  signsLogout?: boolean | undefined;
  /** Enveloped signatures. */
  signing?: SigningOptions | undefined;
  /** Redirect signatures. */
  query?: QueryOptions | undefined;
}

/** A logout message before it is signed: how it is signed depends on how it travels. */
export interface Unsigned {
  readonly parameter: ParameterName;
  readonly id: string | undefined;
  readonly xml: string;
}

/** The Response, signed as the variations say. */
export function composeResponse(state: State, valid: ResponseFields): string {
  const fields = state.vary.response?.(valid) ?? valid;
  const signs = state.vary.signs ?? 'assertion';
  const sign = (xml: string, id: string | undefined): string =>
    id === undefined ? xml : signEnveloped(xml, id, state.keys, state.vary.signing);
  const plain = responseXml(fields);
  const inner = signs === 'assertion' || signs === 'both' ? sign(plain, fields.assertion?.id) : plain;
  // Without an assertion there is only the Response to sign.
  const signsRoot = signs === 'response' || signs === 'both' || (signs === 'assertion' && !fields.assertion);
  return signsRoot ? sign(inner, fields.id) : inner;
}

export function composeLogoutRequest(state: State, valid: LogoutRequestFields): Unsigned {
  const fields = state.vary.logoutRequest?.(valid) ?? valid;
  return { parameter: 'SAMLRequest', id: fields.id, xml: logoutRequestXml(fields) };
}

export function composeLogoutResponse(state: State, valid: LogoutResponseFields): Unsigned {
  const fields = state.vary.logoutResponse?.(valid) ?? valid;
  return { parameter: 'SAMLResponse', id: fields.id, xml: logoutResponseXml(fields) };
}

/** The message signed in its XML, for form POST and SOAP. */
export function signedXml(state: State, message: Unsigned): string {
  if (state.vary.signsLogout === false || message.id === undefined) return message.xml;
  return signEnveloped(message.xml, message.id, state.keys, state.vary.signing);
}

export const inSoap = (state: State, message: Unsigned): string => soapEnvelope(signedXml(state, message));

/** The answer that makes the browser carry the message to `location`. */
export function byBrowser(
  state: State,
  binding: 'redirect' | 'post',
  location: string,
  message: Unsigned,
  relayState: string | undefined,
): Answer {
  if (binding === 'post') {
    return html(autoPostPage(location, postFields(message.parameter, signedXml(state, message), relayState)));
  }
  const options = state.vary.signsLogout === false ? { ...state.vary.query, signed: false } : state.vary.query;
  const query = signedQuery(message.parameter, message.xml, relayState, state.keys, options);
  return seeOther(redirectAddress(location, query));
}
