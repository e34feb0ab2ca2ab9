// Our own SOAP calls to identity providers, with a deadline and a limit: an identity provider that hangs holds nobody up.

import type { SoapCall } from '../flows/tell-idp.ts';

const DEADLINE_MS = 5000;
const MAX_ANSWER_BYTES = 256 * 1024;

/** Posts SOAP and answers with the body, whatever the status: a LogoutResponse is judged by its signature. */
export const soapCall: SoapCall = async (url, body) => {
  const answer = await fetch(url, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(DEADLINE_MS),
    headers: {
      'Content-Type': 'text/xml; charset=utf-8',
      SOAPAction: '"http://www.oasis-open.org/committees/security"',
      'Cache-Control': 'no-cache, no-store',
      Pragma: 'no-cache',
    },
    body,
  });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};
