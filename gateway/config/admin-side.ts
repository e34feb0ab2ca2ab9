// How the gateway that runs is asked, whatever else stands on disk by now: who has to sign somebody out must not have to mend a policy first.

import type { Fault } from './faults.ts';
import { loadGatewayPart } from './gateway-part.ts';
import type { Configuration } from './load.ts';
import { adminSideSchema } from './schema.ts';

/** Where it is asked, and by what right. */
export interface AdminSide {
  readonly listen: Pick<Configuration['listen'], 'admin'>;
  readonly admin: Pick<Configuration['admin'], 'token'>;
}

/** Reads that alone from gateway.yaml. The faults are those that stand in its way. */
export const loadAdminSide = (dir: string, env: NodeJS.ProcessEnv): AdminSide | { readonly faults: readonly Fault[] } =>
  loadGatewayPart(dir, env, adminSideSchema, /^(?:listen|admin\.token)/);
