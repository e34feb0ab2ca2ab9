// One of many: asks one node after the other without an end, has cookies of the app, and keeps a WebSocket open.

import { setTimeout as pause } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { openBrowser, type Browser } from '../support/browser.ts';
import type { BrowserSocket } from '../support/browser-socket.ts';
import { untilReady } from '../support/nodes.ts';
import { NODES, type NodeNumber } from './town.ts';

export interface Person {
  readonly name: string;
  /** How often each status was answered since the last `forget`; 0 stands for no answer. */
  readonly answers: ReadonlyMap<number, number>;
  /** When the last byte that an app said was here, over a WebSocket or as an answer of 200. */
  lastByteAt(): number;
  /** One request to a node, besides the others. */
  ask(at: NodeNumber): Promise<number>;
  forget(): void;
  signIn(): Promise<void>;
}

const THINKS_MS = 25;
const SPEAKS_MS = 20;

/** Signs in and begins to ask; stops with the test. */
export async function person(t: ExecutionContext, name: string, at: (node: NodeNumber) => string): Promise<Person> {
  const browser = openBrowser();
  const answers = new Map<number, number>();
  let lastByteAt = 0;
  let isOver = false;
  let isSigningIn = false;
  const underWay = new Set<Promise<unknown>>();
  t.teardown(() => {
    isOver = true;
    browser.close();
  });
  const ask = async (node: NodeNumber, path = '/page'): Promise<number> => {
    const status = await browser.request(`${at(node)}${path}`, { mode: 'fetch' }).then(
      (page) => page.status,
      () => 0,
    );
    if (status === 200) lastByteAt = performance.now();
    return status;
  };
  const asking = async (): Promise<void> => {
    for (let turn = Math.floor(Math.random() * 3); !isOver; turn += 1) {
      if (isSigningIn) {
        await pause(THINKS_MS);
        continue;
      }
      // A node that is stopped answers nobody: who waits for it still asks the others.
      const asked = ask(NODES[turn % 3] ?? 0, turn % 8 === 0 ? '/set' : '/page');
      underWay.add(asked);
      void asked.then((status) => {
        underWay.delete(asked);
        answers.set(status, (answers.get(status) ?? 0) + 1);
      });
      await Promise.race([asked, pause(100)]);
      await pause(THINKS_MS * (0.5 + Math.random()));
    }
  };
  const speaking = async (node: NodeNumber): Promise<void> => {
    while (!isOver) {
      const socket = await browser.openWebSocket(`${at(node)}/socket`).catch(() => undefined);
      if (socket !== undefined) await converse(socket);
      await pause(200);
    }
  };
  const converse = async (socket: BrowserSocket): Promise<void> => {
    const ended = new AbortController();
    void socket.closed.then(() => ended.abort());
    void (async () => {
      for (;;) {
        await socket.next();
        lastByteAt = performance.now();
      }
    })().catch(() => {});
    while (!ended.signal.aborted && !isOver) {
      socket.send('hello');
      await pause(SPEAKS_MS);
    }
    socket.close();
  };
  /** Nothing is asked meanwhile: an answer to the session before would speak of the new one's cookies. */
  const signIn = async (): Promise<void> => {
    isSigningIn = true;
    await Promise.allSettled([...underWay]);
    // On a busy machine the lease of a node may lapse; it says 503 then, and to come again (P12).
    await untilReady(() => signedIn(browser, name, at(0)));
    isSigningIn = false;
  };
  await signIn();
  void asking();
  void speaking(NODES[name.charCodeAt(0) % 3] ?? 0);
  return { name, answers, lastByteAt: () => lastByteAt, ask, forget: () => answers.clear(), signIn };
}

async function signedIn(browser: Browser, name: string, address: string): Promise<void> {
  // At the identity provider they have been signed out as well: a Response of before would be refused (P6).
  browser.forget();
  const form = await browser.visit(`${address}/set`);
  const page = await browser.settle(await browser.submitForm(form, { username: name, password: `${name}pw` }));
  if (page.status !== 200) throw new Error(`${name} is not signed in: ${page.status}`);
}
