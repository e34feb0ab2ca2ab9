// What is configured and what goes by it, and how another takes its place: built beside it, and put there in one step when nothing stands against it.

import type { TLSSocketOptions } from 'node:tls';
import { isSame } from './changes.ts';
import type { KeyPath } from './config/faults.ts';
import type { Configuration } from './config/load.ts';
import { servedHosts } from './config/served-hosts.ts';
import { openFront, type Facade, type Front } from './front.ts';
import type { Ground } from './ground.ts';
import { certificateWarnings } from './http/certificates.ts';
import { CurfewError } from './kernel/errors.ts';
import type { Operations } from './operations.ts';
import type { AdminParts } from './ops/admin.ts';
import { openParts, type Parts } from './parts.ts';
import type { TakeOver } from './reload.ts';
import { SocketRefused, type Made, type SocketName, type Sockets } from './sockets.ts';

/** What is configured, and what goes by it. */
export interface House {
  readonly configuration: Configuration;
  readonly parts: Parts;
  readonly front: Front;
}

/** What a house is built with, whatever is configured. */
export interface HouseParts {
  readonly ground: Ground;
  readonly operations: Operations;
  /** What the operator's address asks beside the parts. */
  readonly asked: Pick<AdminParts, 'reload'> & {
    readonly warnings: () => readonly string[];
  } & { readonly staying: () => Promise<void> };
}

/** Builds it; nothing goes by it yet. `before`: whatever is the same goes on as it is. Throws what `openParts` and `openFront` throw. */
export async function buildHouse(
  configuration: Configuration,
  { ground, operations, asked }: HouseParts,
  before?: House,
): Promise<House> {
  const parts = await openParts(configuration, ground, before?.parts);
  const hosts = shownHosts(configuration);
  const front = openFront(
    configuration,
    parts.doors,
    (certificates) => {
      const shown = () => certificateWarnings(certificates?.certificates() ?? [], hosts, ground.clock.now());
      return operations.admin(parts, {
        checks: { ...parts.checks, staying: asked.staying },
        warnings: () => [...parts.warnings(), ...asked.warnings(), ...(certificates === undefined ? [] : shown())],
        reload: asked.reload,
      });
    },
    ground.log,
    before,
  );
  return { configuration, parts, front };
}

/** The names that certificates are needed for. */
function shownHosts(configuration: Configuration): string[] {
  const { listen, backchannelUrl } = configuration;
  return [
    ...(listen.https ? servedHosts(configuration) : []),
    ...(listen.backchannel && backchannelUrl !== undefined ? [new URL(backchannelUrl).hostname] : []),
  ];
}

/** What putting another house in the place of this one needs. */
export interface SuccessionParts extends HouseParts {
  readonly sockets: Sockets;
  readonly make: (name: SocketName, first: Front, next: Configuration) => Made;
  readonly facade: Facade;
  readonly now: () => House;
  readonly move: (house: House) => void;
  /** Those of configurations before, while something goes on under them. */
  readonly former: Set<Parts>;
  readonly prepare?: ((next: Configuration) => () => void) | undefined;
}

/** Makes the step. What stands against it is answered as faults, and nothing has changed then. */
export function openSuccession(parts: SuccessionParts): TakeOver {
  const { ground, operations, sockets, make, facade, now, move, former, prepare } = parts;
  return async (next, faultAt) => {
    const before = now();
    let ready: {
      readonly house: House;
      readonly opened: Awaited<ReturnType<Sockets['prepare']>>;
      readonly follow: () => void;
    };
    try {
      const house = await buildHouse(next, parts, before);
      const trace = await operations.traces.prepare(next.tracing);
      const others = namedAlike(before.parts, house.parts);
      if (others.length > 0) return { faults: others.map(({ at, message }) => faultAt(at, message)) };
      const opened = await sockets.prepare(next.listen, (name) => make(name, house.front, next));
      try {
        const prepared = prepare?.(next);
        const follow = (): void => {
          prepared?.();
          trace();
        };
        ready = { house, opened, follow };
      } catch (error) {
        opened.drop();
        const reason = error instanceof Error ? error.message : String(error);
        return { faults: [faultAt(['audit', 'file'], `cannot be written to (${reason}); name another file`)] };
      }
    } catch (error) {
      const fault = faultIn(error, next);
      if (fault === undefined) throw error;
      return { faults: [faultAt(fault.at, fault.message)] };
    }
    // From here to the end of the step nothing waits: one request meets all of the former, the next one all of this.
    const { house, opened, follow } = ready;
    house.parts.takeOver();
    move(house);
    facade.now = house.front;
    opened.use(next.shutdown.finishMs);
    if (!isSame(shownBy(before.front), shownBy(house.front))) sockets.showCertificates();
    operations.know(next);
    follow();
    former.add(before.parts);
    return house.parts.settle(before.parts, () => {
      void before.parts
        .giveUp(house.parts)
        .catch((error: unknown) => ground.log.warn('former-parts-not-given-up', { error: String(error) }))
        .finally(() => former.delete(before.parts));
    });
  };
}

const shownBy = ({ certificates, clientCa, backchannelHost }: Front): TLSSocketOptions & object => ({
  ...{ certificates: certificates?.certificates(), ca: clientCa?.pem(), backchannelHost },
});

/** Sessions are found by the identity provider's name: another one under the same name would be handed those of the one before. */
function namedAlike(before: Parts, after: Parts): { readonly at: KeyPath; readonly message: string }[] {
  const former = new Map(before.identityProviders.now().map(({ name, entityId }) => [name, entityId]));
  return after.identityProviders.now().flatMap(({ name, entityId }, index) => {
    const known = former.get(name);
    if (known === undefined || known === entityId) return [];
    const message = `is of "${entityId}" now, and was of "${known}"; give it another name, or restart to change it`;
    return [{ at: ['identityProviders', index, 'metadata'], message }];
  });
}

/** What an operator can put right; undefined: a defect of ours. */
function faultIn(error: unknown, next: Configuration): { readonly at: KeyPath; readonly message: string } | undefined {
  if (error instanceof SocketRefused) {
    const message = `cannot be opened beside what is open now (${error.message}); choose another address, or restart to change it`;
    return { at: ['listen', error.socket], message };
  }
  if (!(error instanceof CurfewError)) return undefined;
  const { idp, reason } = error.detail;
  const index = next.identityProviders.findIndex(({ name }) => name === idp);
  const at = index < 0 ? [] : ['identityProviders', index, 'metadata'];
  return { at, message: `${error.code}: ${typeof reason === 'string' ? reason : error.meaning}; ${error.remedy}` };
}
