// A LogoutRequest over SOAP, timed where it leaves and where its answer arrives.

import { request as requestHttp } from 'node:http';
import { text } from 'node:stream/consumers';
import { toLoopback } from '../support/browser-request.ts';
import type { Logout } from './town.ts';

/** Posts it; an answer that does not come is one without status. Never rejects. */
export function postTimed(url: string, body: string): Promise<Logout> {
  const sentAt = performance.now();
  return new Promise((resolve) => {
    const none = (): void => resolve({ status: 0, isSuccess: false, sentAt, answeredAt: performance.now() });
    const headers = { 'content-type': 'text/xml; charset=utf-8', 'content-length': Buffer.byteLength(body) };
    const request = requestHttp(url, { method: 'POST', lookup: toLoopback, agent: false, headers }, (response) => {
      const answeredAt = performance.now();
      const status = response.statusCode ?? 0;
      text(response)
        .then((said) => resolve({ status, isSuccess: isSuccess(said), sentAt, answeredAt }))
        .catch(none);
    });
    request.on('error', none);
    request.end(body);
  });
}

/** The first StatusCode is the one that counts (saml-core §3.2.2.2). */
const isSuccess = (body: string): boolean =>
  /StatusCode Value="([^"]*)"/.exec(body)?.[1]?.endsWith(':Success') === true;
