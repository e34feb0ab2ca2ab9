// The settings of who may ask as an administrator: by a token at `listen.admin`, and by signing in at an address of its own.

import * as z from 'zod';
import { originSetting } from '../kernel/origin-settings.ts';
import { accessSettings, identityProviderNames } from '../policy/settings.ts';

/** `admin` in gateway.yaml. */
export const adminSettings = z.strictObject({
  token: z
    .string()
    .regex(/^[\x21-\x7e]+$/, { error: 'may hold visible ASCII only; let `openssl rand -hex 32` make one' })
    .refine((text) => text.length >= 32, {
      error:
        'is shorter than 32 characters; let `openssl rand -hex 32` make one, and name it as ${file:PATH} or ${env:NAME}',
    })
    .meta({ title: 'secret', examples: ['${file:../certs/admin.token}'] })
    .describe(
      'What everybody must show who asks `listen.admin` for more than `/healthz` and `/readyz`: as a bearer token, or as the password of a browser. Without it `listen.admin` has to be on loopback.',
    )
    .optional(),
  url: originSetting('https://admin.example.com')
    .describe(
      'Where administrators see and end sessions in their browsers, signed in like everybody: an origin of its own, reached like those of apps through `listen.https` (docs/administration.md). Default: nowhere but at `listen.admin`.',
    )
    .optional(),
  access: accessSettings
    .superRefine((rules, context) => {
      for (const [at, { allow }] of rules.entries()) {
        if (allow.kind === 'attributes' || allow.kind === 'nameIds' || allow.kind === 'nobody') continue;
        const message =
          'names nobody, and whoever gets in may end everybody’s sessions; write "{ attributes: { groups: [sre] } }" or "{ nameIds: [ada@example.com] }"';
        context.addIssue({ code: 'custom', path: [at, 'allow'], message });
      }
    })
    .optional()
    .meta({
      description:
        'Who may use `admin.url`: rules as in the file of an app (`methods: [GET]` for those who may only look), but each with `attributes`, `nameIds` or `nobody`.',
    }),
  identityProviders: identityProviderNames.optional().meta({
    title: 'list of names',
    description:
      'Whose people may use `admin.url`. Each of these can make anybody an administrator. Default: the only one.',
  }),
});

/** `admin`, judged. */
export type AdminSettings = z.output<typeof adminSettings>;
