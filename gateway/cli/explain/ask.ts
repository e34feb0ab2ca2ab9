// Asks the gateway that runs which sessions a LogoutRequest would end: the embedded store belongs to its process.

import type { Named, ToldMeant } from '../../ops/meant.ts';
import type { RunningGateway } from '../running.ts';

/** What it said, or why nobody can say. */
export type Told = ToldMeant | { readonly unknown: string };

/** Never rejects. */
export async function askRunning(running: RunningGateway, named: Named): Promise<Told> {
  const answer = await running.ask('POST', '/sessions/meant', named);
  if ('unknown' in answer) return answer;
  return answer.status === 200
    ? (answer.body as ToldMeant)
    : { unknown: `the running gateway answered ${answer.status}` };
}
