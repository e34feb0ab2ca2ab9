// The stand that scenes are measured on: an application, an identity provider, and what is put in front for a while.

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openIdentityProvider, type IdentityProvider } from './identity-provider.ts';
import { signIn } from './people.ts';
import { startApache, type ApacheKind } from './peers/apache.ts';
import { startCurfew, type CurfewOptions } from './peers/curfew.ts';
import { startUpstream } from './peers/upstream.ts';
import { openFolder } from './program.ts';
import { withCookies, type Peer, type Target } from './target.ts';

/** What scenes are given. */
export interface Stand {
  readonly idp: IdentityProvider;
  readonly folder: string;
  /** The application, under as many addresses as anybody wants. */
  readonly upstreams: readonly string[];
  readonly upstream: string;
  /** Prints a line for whoever waits. */
  readonly say: (line: string) => void;
  /** Starts something for as long as `work` takes. */
  with<T>(
    start: () => Promise<readonly (Peer | undefined)[]>,
    work: (peers: readonly Peer[]) => Promise<T>,
  ): Promise<T>;
  curfew(options: CurfewOptions, upstreams?: readonly string[]): Promise<Peer>;
  apache(kind: ApacheKind): Promise<Peer | undefined>;
  /** The same peers with so many people signed in. */
  signedIn(peers: readonly Peer[], people: number): Promise<readonly Target[]>;
  close(): Promise<void>;
}

/** Opens it. Rejects where wrk or nginx is not installed. */
export async function openStand(say: (line: string) => void): Promise<Stand> {
  const folder = mkdtempSync(join(tmpdir(), 'curfew-bench-'));
  // Apache's and nginx's children look into it as another user.
  chmodSync(folder, 0o755);
  const clear = (): void => rmSync(folder, { recursive: true, force: true });
  // Whoever breaks it off leaves no files, either.
  process.once('exit', clear);
  const idp = await openIdentityProvider();
  const application = await startUpstream(folder, 10);
  const [upstream = ''] = application.urls;
  let runs = 0;
  const own = (): string => openFolder(folder, `run${(runs += 1)}`);
  return {
    ...{ idp, folder, say, upstream },
    upstreams: application.urls,
    async with(start, work) {
      const peers = (await start()).filter((peer) => peer !== undefined);
      try {
        return await work(peers);
      } finally {
        for (const peer of peers) await peer.stop();
      }
    },
    curfew: (options, upstreams = [upstream]) => startCurfew(own(), upstreams, idp.metadata, options),
    async apache(kind) {
      const peer = await startApache(own(), upstream, kind, idp.metadata);
      if (peer === undefined) say(`${kind.name} is not installed: left out`);
      return peer;
    },
    async signedIn(peers, count) {
      const targets: Target[] = [];
      for (const peer of peers) {
        if (peer.saml === undefined) {
          targets.push(peer);
          continue;
        }
        const { people } = await signIn(idp, peer.saml, count, peer.roots);
        targets.push(
          withCookies(
            peer,
            people.map(({ cookie }) => cookie),
          ),
        );
      }
      return targets;
    },
    async close() {
      await application.stop();
      process.off('exit', clear);
      clear();
    },
  };
}
