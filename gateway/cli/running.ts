// The gateway that runs, asked at its admin address: its store may belong to its process alone, so commands do nothing behind its back.

import type { AdminSide } from '../config/admin-side.ts';
import type { Given, Option } from './command.ts';

/** What was answered, or why nothing can be said, for whoever reads the terminal. */
export type Answered = { readonly status: number; readonly body: unknown } | { readonly unknown: string };

/** A gateway that may run. */
export interface RunningGateway {
  /** Never rejects. `body` is sent as JSON. */
  ask(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answered>;
}

/** For the options of a command. */
export const ADMIN_OPTION: Record<'admin', Option> = {
  admin: { type: 'string', help: 'admin address of the running gateway (default: listen.admin)' },
};

const ANSWER_MS = 3000;

/** The gateway of this configuration, or the one at `--admin`; `admin.token` is shown to either. Ending people may take as long as goodbyes do. */
export function runningGateway(
  { listen, admin: { token } }: AdminSide,
  { options }: Pick<Given, 'options'>,
  answerMs = ANSWER_MS,
): RunningGateway {
  const named = options['admin'];
  const address = typeof named === 'string' ? named.replace(/^(?!https?:)/, 'http://') : addressOf(listen);
  return {
    async ask(method, path, body) {
      try {
        const answer = await fetch(`${address}${path}`, {
          method,
          headers: {
            ...{ accept: 'application/json', 'content-type': 'application/json' },
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
          redirect: 'error',
          signal: AbortSignal.timeout(answerMs),
        });
        const text = await answer.text();
        if (answer.status === 401)
          return { unknown: `the gateway at ${address} wants another admin.token; use the policies that it runs with` };
        return { status: answer.status, body: jsonIn(text) };
      } catch (error) {
        if (error instanceof Error && error.name === 'TimeoutError')
          return { unknown: `the gateway at ${address} did not answer within ${answerMs / 1000} s` };
        const remedy = address.endsWith(':0')
          ? 'listen.admin lets the system choose the port; name the address of the log line "listening" by --admin'
          : 'run this where it runs, or name its admin address by --admin';
        return { unknown: `no gateway answers at ${address}; ${remedy}` };
      }
    },
  };
}

/** The admin address as one calls it from this machine. */
function addressOf({ admin: { host, port } }: AdminSide['listen']): string {
  const called = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${called.includes(':') ? `[${called}]` : called}:${port}`;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
