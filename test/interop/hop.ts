// A hop between curfew and an application that passes everything on and remembers the cookies on the way: what the application asks a
// browser to keep, and what it is sent.

import { once } from 'node:events';
import { createServer, request as requestHttp } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request on its way to the application. */
export interface Passed {
  readonly method: string;
  readonly target: string;
  /** The Cookie header; empty where there was none. */
  readonly cookie: string;
  /** The value of `Remote-User`; empty where there was none. */
  readonly remoteUser: string;
  /** Name, value, name, value; as curfew sent them. */
  readonly rawHeaders: readonly string[];
}

export interface Hop {
  readonly url: string;
  /** Oldest first. */
  readonly passed: readonly Passed[];
  /** Every Set-Cookie line of the application. */
  readonly setCookies: readonly string[];
  close(): Promise<unknown>;
}

/** Starts it before the application at `upstream`, on a free port of 127.0.0.1. */
export async function startHop(upstream: string): Promise<Hop> {
  const passed: Passed[] = [];
  const setCookies: string[] = [];
  const server = createServer((request, response) => {
    const { method = '', url: target = '', headers, rawHeaders } = request;
    const remoteUser = String(headers['remote-user'] ?? '');
    passed.push({ method, target, cookie: headers.cookie ?? '', remoteUser, rawHeaders });
    const onward = requestHttp(new URL(upstream), { method, path: target, headers: rawHeaders, agent: false });
    onward.on('response', (answer) => {
      setCookies.push(...(answer.headers['set-cookie'] ?? []));
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    setCookies,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
