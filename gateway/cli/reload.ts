// `curfew reload`: the gateway that runs takes over the policies as they stand on disk, or says everything that is wrong with them.

import { toldReload, type Reloaded } from '../reload.ts';
import { EXIT, type Command } from './command.ts';
import { configured } from './configured.ts';
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
    const configuration = configured(given);
    if (configuration === undefined) return EXIT.fault;
    const answer = await runningGateway(configuration, given, TAKING_OVER_MS).ask('POST', '/reload');
    if ('unknown' in answer || (answer.status !== 200 && answer.status !== 422)) {
      const why = 'unknown' in answer ? answer.unknown : `the gateway answered ${answer.status}`;
      output.complain(json ? JSON.stringify({ error: why }) : why);
      return EXIT.failed;
    }
    const told = answer.body as Reloaded;
    const text = json ? JSON.stringify(told) : toldReload(told).trimEnd();
    if (told.result === 'refused') output.complain(text);
    else output.print(text);
    return told.result === 'refused' ? EXIT.fault : EXIT.done;
  },
};
