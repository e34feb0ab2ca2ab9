// `curfew reload`: the gateway that runs takes over the policies as they stand on disk, or says everything that is wrong with them.

import { toldReload, type Reloaded } from '../reload.ts';
import { EXIT, type Command, type Given } from './command.ts';
import { adminSideOf } from './configured.ts';
import { plain, plainLines } from './plain.ts';
import { ADMIN_OPTION, runningGateway } from './running.ts';

/** Metadata of an identity provider that is new may have to be fetched first. */
const TAKING_OVER_MS = 60_000;

/** `curfew reload`: exit 0 where they are in use now, 2 where they are faulty, 1 where no gateway says. */
export const reload: Command = {
  name: 'reload',
  summary: 'have the running gateway take over the policies as they are now',
  options: ADMIN_OPTION,
  run: async (given) => {
    const { json, output } = given;
    // What is wrong with the policies the gateway says: by its own environment, and with its own right to read.
    const side = adminSideOf(given);
    if (side === undefined) return EXIT.fault;
    const answer = await runningGateway(side, given, TAKING_OVER_MS).ask('POST', '/reload');
    if ('unknown' in answer || (answer.status !== 200 && answer.status !== 422)) {
      const why = 'unknown' in answer ? answer.unknown : `the gateway answered ${answer.status}`;
      output.complain(json ? JSON.stringify({ error: why }) : why);
      return EXIT.failed;
    }
    return say(given, answer.body as Reloaded);
  },
};

function say({ json, output }: Given, told: Reloaded): number {
  const text = json ? plain(JSON.stringify(told)) : plainLines(toldReload(told).trimEnd());
  if (told.result !== 'refused') {
    output.print(text);
    return EXIT.done;
  }
  output.complain(text);
  return EXIT.fault;
}
