// Three gateway processes on one Redis, an app that notes when it was asked on whose behalf, and a crowd that never stops asking.

import type { ServerResponse } from 'node:http';
import type { ExecutionContext } from 'ava';
import { WebSocketServer } from 'ws';
import { account } from '../../demo/identity-provider/accounts.ts';
import { openBrowser } from '../support/browser.ts';
import { OPEN, scenery, type Scenery, type Stage } from '../support/gateway.ts';
import { inbox, type Inbox } from '../support/inbox.ts';
import { soapFor } from '../support/logout-requests.ts';
import { nodeProcess, untilReady } from '../support/nodes.ts';
import { headerValues, startUpstream } from '../support/upstream.ts';
import type { Serving } from '../journeys/child.ts';
import { person, type Person } from './crowd.ts';
import { networkTo, type Network } from '../support/network.ts';
import { postTimed } from './timed.ts';

export const LEASE_MS = 1000;
export const NODES = [0, 1, 2] as const;
export type NodeNumber = (typeof NODES)[number];

export interface TownNode extends Serving {
  readonly port: number;
}

/** One LogoutRequest and what came back; times as `performance.now` tells them. */
export interface Logout {
  /** 0 where no answer came. */
  readonly status: number;
  readonly isSuccess: boolean;
  readonly sentAt: number;
  /** When the first byte of the answer was here. */
  readonly answeredAt: number;
}

export interface Town {
  readonly scene: Scenery;
  readonly people: readonly Person[];
  /** Between each node and Redis. */
  readonly networks: readonly Network[];
  readonly byes: Inbox<ServerResponse>;
  /** People whose goodbye the app leaves unanswered, for the test to answer. */
  readonly slowByes: Set<string>;
  node(number: NodeNumber): TownNode;
  /** Kills it where it lives, or stops it in order, and starts it anew on its port. */
  restart(number: NodeNumber, nodeArguments?: readonly string[], signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** When the app was last asked, or heard a word, on a person's behalf; 0 where never. */
  lastServedAt(name: string): number;
  logout(name: string, at: NodeNumber): Promise<Logout>;
  ready(): Promise<void>;
}

const WIKI = `${OPEN('wiki')}signOut: { call: { method: GET, path: /bye }, deadline: 5s }\n`;

export interface TownOptions {
  readonly store: string;
  /** Where `networks` lead; undefined where nodes reach the store by its own address. */
  readonly redisPort?: () => number;
  readonly names: readonly string[];
  /** Default: LEASE_MS. */
  readonly leaseMs?: number;
  /** Further lines of `sessions.redis`. */
  readonly redis?: string;
  readonly gateway?: string;
  /** Opens what people reach the nodes by, and answers its port; without it they go to each node. */
  readonly balancer?: (nodes: () => readonly TownNode[]) => Promise<number>;
}

/** Builds the town, signs everybody in, and lets them ask. */
export async function town(t: ExecutionContext, options: TownOptions): Promise<Town> {
  const servedAt = new Map<string, number>();
  const byes = inbox<ServerResponse>('goodbye');
  const slowByes = new Set<string>();
  const sockets = new WebSocketServer({ noServer: true });
  const upstream = await startUpstream(
    (request, response) => {
      const name = String(request.headers['remote-user'] ?? '').split('@')[0] ?? '';
      if (request.url === '/bye') {
        const [, who = ''] = /who=(\w+)/.exec(request.headers.cookie ?? '') ?? [];
        if (slowByes.delete(who)) byes.put(response);
        else response.end('bye');
        return;
      }
      servedAt.set(name, performance.now());
      if (request.url === '/set')
        response.setHeader('set-cookie', [`who=${name}; Path=/`, `n=${Math.random()}; Path=/`]);
      response.end(request.headers.cookie ?? '');
    },
    {
      readsBodies: false,
      upgrade: (request, socket, head) => {
        const name = String(headerValues({ rawHeaders: request.rawHeaders }, 'remote-user')[0]).split('@')[0] ?? '';
        servedAt.set(name, performance.now());
        sockets.handleUpgrade(request, socket, head, (webSocket) => {
          webSocket.on('message', (words: Buffer) => {
            servedAt.set(name, performance.now());
            webSocket.send(words.toString());
          });
          webSocket.on('error', () => {});
        });
      },
    },
  );
  t.teardown(() => upstream.close());
  const scene = await scenery(t, {
    upstream,
    apps: { wiki: WIKI },
    store: options.store,
    sessions: `  lease: ${options.leaseMs ?? LEASE_MS}ms\n  idle: 30m\n  redis: { ${options.redis ?? 'prefix: town'} }`,
    ...(options.gateway === undefined ? {} : { gateway: options.gateway }),
    identityProvider: { accounts: options.names.map((name) => account(name, `${name}pw`, name, ['staff'])) },
  });
  const networks: Network[] = [];
  for (const _node of NODES) {
    const network = await networkTo(options.redisPort ?? (() => 0));
    t.teardown(() => network.close());
    networks.push(network);
  }
  const nodes = new Map<NodeNumber, TownNode>();
  const begin = async (number: NodeNumber, nodeArguments: readonly string[] = []): Promise<void> => {
    const port = number === 0 ? scene.port : nodes.get(number)?.port;
    const way = options.redisPort === undefined ? {} : { redis: `redis://127.0.0.1:${networks[number]?.port}` };
    nodes.set(number, await nodeProcess(t, scene, port, { ...way, nodeArguments }));
  };
  for (const number of NODES) await begin(number);
  const node = (number: NodeNumber): TownNode => nodes.get(number) as TownNode;
  const visitor = openBrowser();
  scene.idp.registerServiceProvider((await visitor.request(`${scene.url}/saml/metadata`)).body);
  visitor.close();
  const balancer = await options.balancer?.(() => [...nodes.values()]);
  const people: Person[] = [];
  for (const name of options.names) {
    people.push(await person(t, name, (number) => `http://wiki.test:${balancer ?? node(number).port}`));
  }
  const stageLike = { ...scene, clock: { now: () => Date.now() } } as unknown as Stage;
  return {
    scene,
    people,
    networks,
    byes,
    slowByes,
    node,
    restart: async (number, nodeArguments, signal = 'SIGKILL') => {
      await node(number).stop(signal);
      await begin(number, nodeArguments);
    },
    lastServedAt: (name) => servedAt.get(name) ?? 0,
    logout: (name, at) => postTimed(`http://login.test:${node(at).port}/saml/slo/soap`, soapFor(stageLike, name)),
    ready: async () => {
      for (const number of NODES) {
        await untilReady(async () => {
          const { status } = await fetch(`${node(number).admin}/readyz`);
          if (status !== 200) throw new Error(`node ${number}: ${status}`);
        });
      }
    },
  };
}
