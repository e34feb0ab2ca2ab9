// One request as undici is asked for it.

import type { IncomingMessage } from 'node:http';
import type { Dispatcher } from 'undici';
import type { RequestBody } from './request-body.ts';
import { requestHeaders } from './request-headers.ts';
import type { Route } from './route.ts';
import type { Passage } from './upstream.ts';

/** What undici takes; its own type leaves the name out. */
export type DispatchOptions = Dispatcher.DispatchOptions & { readonly servername: string };

/** The path byte for byte, the header fields that the app may see, and the body where there is one. */
export function dispatchOptions(
  request: IncomingMessage,
  passage: Passage,
  { rules, servername }: Route,
  body: RequestBody | undefined,
): DispatchOptions {
  const { method = 'GET', url = '/' } = request;
  return {
    path: url,
    method,
    headers: requestHeaders(request, passage, rules),
    body: body ?? null,
    servername,
    // undici closes the connection after every HEAD unless told not to.
    ...(method === 'HEAD' && body === undefined ? { reset: false } : undefined),
  };
}
