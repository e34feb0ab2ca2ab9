// Asks the gateway that runs which sessions a LogoutRequest would end: the embedded store belongs to its process.

import type { Configuration } from '../../config/load.ts';
import type { Named, ToldMeant } from '../../ops/meant.ts';

/** What it said, or why nobody can say. */
export type Told = ToldMeant | { readonly unknown: string };

const ANSWER_MS = 3000;

/** The admin address as one calls it from this machine. */
export function adminAddress({ listen }: Pick<Configuration, 'listen'>): string {
  const { host, port } = listen.admin;
  const called = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${called.includes(':') ? `[${called}]` : called}:${port}`;
}

/** Never rejects. */
export async function askRunning(admin: string, named: Named): Promise<Told> {
  try {
    const answer = await fetch(`${admin}/sessions/meant`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(named),
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (!answer.ok) return { unknown: `the gateway at ${admin} answered ${answer.status}` };
    return (await answer.json()) as ToldMeant;
  } catch {
    return { unknown: `no gateway answers at ${admin}; run this where it runs, or name its admin address by --admin` };
  }
}
