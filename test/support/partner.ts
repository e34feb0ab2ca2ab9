// A second identity provider beside the stage's own, with the same people under the same names and keys of its own.

import type { ExecutionContext } from 'ava';
import { newKeys, type IdentityProviderKeys } from '../../demo/identity-provider/keys.ts';
import { startIdentityProvider, type IdentityProvider } from '../../demo/identity-provider/server.ts';
import { manualClock } from './clock.ts';
import { stage, type Stage, type StageOptions } from './gateway.ts';

const partnerKeys: Promise<IdentityProviderKeys> = newKeys('partner', new Date('2026-01-01T00:00:00Z'));

/** A stage with two identity providers: `corp`, the stage's own, and `partner`. */
export async function stageWithPartner(
  t: ExecutionContext,
  options: StageOptions = {},
): Promise<Stage & { readonly partner: IdentityProvider }> {
  const clock = manualClock();
  const partner = await startIdentityProvider({ port: 0, clock, keys: await partnerKeys });
  t.teardown(() => partner.close());
  const scene = await stage(t, {
    ...options,
    idp: `${options.idp ?? ''}
  - name: partner
    title: Partner & Sons
    metadata: partner.xml`,
    files: { ...options.files, 'partner.xml': partner.metadataXml },
  });
  partner.registerServiceProvider(scene.running.parts.doors.serviceProvider.metadata);
  return Object.assign(scene, { partner });
}

/** The policy of an app for people of these identity providers. */
export const FOR = (app: string, ...idps: readonly string[]): string => `app: ${app}
hosts: [${app}.test]
upstream: \${UPSTREAM}
identityProviders: [${idps.join(', ')}]
access:
  - { allow: authenticated }
identity:
  headers:
    Remote-User: \${nameId}
    X-Idp: \${idp}
`;
