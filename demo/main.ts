// The demonstration: everything on this machine, to be looked at with a browser, or walking by itself.

import { systemClock } from '../gateway/kernel/clock.ts';
import { narrate } from './narrate.ts';
import { openScene, type Scene } from './scene.ts';
import { walk } from './walk.ts';

export interface DemoOptions {
  /** Tell the story without a browser, and stop. */
  readonly walk: boolean;
  /** To standard output, with a line end. */
  readonly print: (text: string) => void;
}

const PORTS = { gateway: 8080, idp: 8081 } as const;
const FREE = { gateway: 0, idp: 0 } as const;

/** Runs until Ctrl-C, or until the walk is over. Resolves with the exit code: 1 where a proof of the walk failed. */
export async function runDemo({ walk: walks, print }: DemoOptions): Promise<number> {
  return walks ? await walkAlone(print) : await showToPeople(print);
}

async function walkAlone(print: DemoOptions['print']): Promise<number> {
  const scene = await openScene({ ports: FREE, complain: print });
  try {
    print('curfew, an identity provider and two legacy applications, all on this machine.');
    return await walk(scene, print);
  } finally {
    await scene.close();
  }
}

async function showToPeople(print: DemoOptions['print']): Promise<number> {
  const stopped = stopSignal();
  const timed = (text: string): void => print(`${new Date(systemClock.now()).toTimeString().slice(0, 8)}  ${text}`);
  const scene = await openScene({
    ports: PORTS,
    complain: timed,
    onAudit: (event) => {
      const told = narrate(event);
      if (told !== undefined) timed(told);
    },
  });
  print(welcome(scene));
  await stopped;
  await scene.close();
  print('\nStopped.');
  return 0;
}

const stopSignal = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });

function welcome({ at, policies }: Scene): string {
  const moved = [
    [at.wiki, PORTS.gateway],
    [at.idp, PORTS.idp],
  ] as const;
  const taken = moved.filter(([url, port]) => new URL(url).port !== String(port)).map(([, port]) => port);
  const names = [at.login, at.wiki, at.chat, at.idp].map((url) => new URL(url).hostname);
  return `curfew is running, with a small identity provider and two legacy applications.
${taken.length === 0 ? '' : `(Another program has port ${taken.join(' and port ')}; these are free ones.)\n`}
  wiki               ${at.wiki}/
  chat               ${at.chat}/
  identity provider  ${at.idp}/
  accounts           alice / alicepw, bob / bobpw
  curfew's policies  ${policies}

  1. Open the wiki and sign in as alice.
  2. Open the chat in a second tab: no password is asked; its WebSocket tells the time.
  3. Open the identity provider in a third tab and press "Sign out everywhere".
  4. Watch: the wiki says "stream closed", the chat "connection closed", and a line below
     says how long it took. Reload either: you are asked to sign in.

Chrome, Chromium, Edge and Firefox know that names under .localhost are this machine. Safari asks the
system, which may not know; this line in /etc/hosts helps:
  127.0.0.1 ${names.join(' ')}

Ctrl-C stops everything and removes the policies.
`;
}
