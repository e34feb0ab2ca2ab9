// Opens everything and closes it again, in an order in which nobody is left hanging.

import type { AddressInfo } from 'node:net';
import type { Configuration, Loaded } from './config/load.ts';
import { systemElapsed } from './kernel/clock.ts';
import type { Facade, Front } from './front.ts';
import { openGround } from './ground.ts';
import { buildHouse, openSuccession, type House, type HouseParts } from './house.ts';
import { adminServer, backchannelServer, plainServer, tlsServer } from './listeners.ts';
import { openOperations } from './operations.ts';
import type { CountedMetric } from './ops/metrics.ts';
import type { Readiness } from './ops/readiness.ts';
import type { Parts } from './parts.ts';
import { openReloads, toldReload, type Reloaded, type ReloadedBy } from './reload.ts';
import type { Surroundings } from './surroundings.ts';
import { openSockets, SocketRefused, type Made, type SocketName } from './sockets.ts';

/** Where another configuration comes from while the gateway runs. */
export interface Source {
  /** Reads what stands on disk. */
  readonly load: () => Loaded;
  /** Gets ready for what belongs to the process (log, audit file), and answers with what makes it count. Throws where it cannot. */
  readonly prepare?: (next: Configuration) => () => void;
  readonly digestOf: (configuration: Configuration) => string;
}

/** A gateway that takes requests. */
export interface Running {
  /** Where requests are taken, with the port that was really opened. */
  readonly http: AddressInfo;
  readonly https: AddressInfo | undefined;
  readonly backchannel: AddressInfo | undefined;
  readonly admin: AddressInfo;
  /** What runs behind the sockets at this moment. */
  readonly parts: Parts;
  /** How this process stands by itself, whatever others serve beside it. */
  readonly own: { readiness(): Promise<Readiness>; metrics(): Promise<CountedMetric[]> };
  /** Looks at the folder of certificates and at the authorities of client certificates at once. */
  reread(): Promise<void>;
  /** Takes over what stands on disk, or says everything that is wrong with it. Never rejects. */
  reload(by: ReloadedBy): Promise<Reloaded>;
  /** Looks once whether what stands on disk has changed, whatever `reload.onChange` says; it is taken over at the second look that finds the same. */
  look(): Promise<void>;
  /** Serves on for `ms`, but says at /readyz that it stops, and closes each connection after its answer. */
  drain(ms: number): Promise<void>;
  /** Takes no new connection, closes WebSockets with 1001, lets requests finish for up to `graceMs`, then cuts what is left. */
  close(graceMs?: number): Promise<void>;
}

/** How often certificates are looked at: a few small files. */
const REREAD_EVERY_MS = 10_000;
/** How often the files of the policies are looked at. */
const LOOK_EVERY_MS = 2000;
const EXPIRE_EVERY_MS = 15_000;
const SUM_UP_EVERY_MS = 60_000;
/** How often metadata that is due is looked for; each has an interval of its own. */
const REFRESH_EVERY_MS = 15_000;
/** What spans are given to go out where requests have taken all the time there was to stop. */
const LEAST_FLUSH_MS = 1000;

/** Starts everything, or throws and has started nothing. `source` is where another configuration may come from. */
export async function start(
  configuration: Configuration,
  given: Surroundings,
  source: Source = fixedTo(configuration),
): Promise<Running> {
  const operations = openOperations(configuration, given);
  (await operations.traces.prepare(configuration.tracing))();
  const ground = openGround(configuration, operations.surroundings);
  const { log, audit } = ground;
  const sockets = openSockets(log);
  const former = new Set<Parts>();
  let isStopping = false;
  const built: HouseParts = {
    ...{ ground, operations },
    asked: {
      staying: () => (isStopping ? Promise.reject(new Error('stopping')) : Promise.resolve()),
      warnings: () => reloads.warnings(),
      reload: async () => {
        const told = await reloads.reload('administrator');
        given.fellows?.reload();
        return { isDone: told.result !== 'refused', facts: told, text: toldReload(told) };
      },
    },
  };
  let now: House;
  try {
    now = await buildHouse(configuration, built);
  } catch (error) {
    await ground.close();
    throw error;
  }
  const facade: Facade = { now: now.front };
  const make = (name: SocketName, first: Front, { tls }: Configuration): Made => {
    if (name === 'http') return { server: plainServer(facade) };
    if (name === 'admin') return { server: adminServer(facade) };
    if (name === 'backchannel') return backchannelServer(facade, first);
    const { server, retire } = tlsServer(facade, first, tls?.http2 === true);
    // Connections that stand keep theirs.
    const changed = (): void => {
      if (facade.now.certificates !== undefined) server.setSecureContext(facade.now.certificates.first());
    };
    return { server, retire, changed };
  };
  const reread = (): Promise<void> => {
    const { certificates, clientCa } = facade.now;
    const [ours, theirs] = [certificates?.reread() === true, clientCa?.reread() === true];
    if (ours || theirs) {
      sockets.showCertificates();
      audit.record({ event: 'configuration', what: 'certificates' });
    }
    return Promise.resolve();
  };
  const takeOver = openSuccession({
    ...built,
    ...{ sockets, make, facade, former, prepare: source.prepare },
    now: () => now,
    move: (house) => void (now = house),
  });
  const { load, digestOf } = source;
  const reloads = openReloads({ ...ground, load, digestOf, reread, takeOver, current: () => now.configuration });
  const look = (): Promise<void> => (now.configuration.reload.onChange ? reloads.look() : Promise.resolve());
  try {
    now.parts.takeOver();
    await ground.begin();
    (await sockets.prepare(configuration.listen, (name) => make(name, facade.now, configuration))).use(0);
  } catch (error) {
    await now.parts.close();
    await ground.close();
    throw error instanceof SocketRefused ? error.cause : error;
  }
  operations.watch({
    ...{ sessions: ground.sessions, live: ground.live, holdsLease: ground.holdsLease },
    configuration: () => reloads.state(),
    certificates: () => facade.now.certificates?.certificates() ?? [],
    metadata: () => now.parts.metadata(),
  });
  const failed = (event: string) => (error: unknown) => log.error(event, { error: String(error) });
  const sumUp = (): Promise<void> => {
    operations.sumUp();
    return Promise.resolve();
  };
  const turns = [
    every(EXPIRE_EVERY_MS, ground.expire, failed('expiry-failed')),
    every(REFRESH_EVERY_MS, () => now.parts.refreshMetadata(), failed('metadata-not-refreshed')),
    every(REREAD_EVERY_MS, reread, failed('certificates-faulty')),
    every(LOOK_EVERY_MS, look, failed('files-not-looked-at')),
    every(SUM_UP_EVERY_MS, sumUp, failed('audit-not-summed-up')),
  ];
  return {
    get http() {
      return sockets.address('http') as AddressInfo;
    },
    get https() {
      return sockets.address('https');
    },
    get backchannel() {
      return sockets.address('backchannel');
    },
    get admin() {
      return sockets.address('admin') as AddressInfo;
    },
    get parts() {
      return now.parts;
    },
    own: { readiness: () => facade.now.admin.readiness(), metrics: () => operations.counted() },
    reread,
    look: () => reloads.look(),
    reload: (by) => reloads.reload(by),
    drain: async (ms) => {
      isStopping = true;
      await sockets.drain(ms);
    },
    close: async (graceMs = 10_000) => {
      const until = systemElapsed() + graceMs;
      for (const turn of turns) turn.stop();
      await reloads.stop();
      const all = [...former, now.parts];
      // A WebSocket has no end of its own that could be waited for; its browser hears that the gateway goes away.
      for (const parts of all) parts.closeTunnels();
      await sockets.close(graceMs);
      await Promise.all(all.map((parts) => parts.close()));
      await ground.close();
      operations.sumUp();
      await operations.traces.close(Math.max(until - systemElapsed(), LEAST_FLUSH_MS));
    },
  };
}

/** For a gateway that is given its configuration by a program: there is no other. */
const fixedTo = (configuration: Configuration): Source => ({
  load: () => ({
    ...{ configuration, warnings: [], snapshot: new Map() },
    faultAt: ([key = ''], message) => ({ file: 'gateway.yaml', line: undefined, key: String(key), message }),
  }),
  digestOf: () => '',
});

/** Runs `work` again and again, never twice at once; what fails is tried again at the next turn. */
function every(ms: number, work: () => Promise<unknown>, failed: (error: unknown) => void): { stop(): void } {
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void work()
      .catch(failed)
      .finally(() => {
        busy = false;
      });
  }, ms);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
