// The two kinds of policy file, put together from what each room says about its own keys.

import * as z from 'zod';
import { httpSettings } from '../http/settings.ts';
import { adminSettings } from '../ops/admin-settings.ts';
import { auditSettings, logSettings, reloadSettings, shutdownSettings, workersSetting } from '../ops/settings.ts';
import { tracingSettings } from '../ops/tracing-settings.ts';
import { appPagesSettings } from '../pages/app-settings.ts';
import { pagesSettings } from '../pages/settings.ts';
import { appPolicySettings } from '../policy/settings.ts';
import { appProxySettings, jwtSettings } from '../proxy/settings.ts';
import { identityProviderSettings, samlSettings } from '../saml/settings.ts';
import { ownSamlSettings } from '../saml/own-settings.ts';
import { sessionSecrets, sessionsSettings } from '../sessions/settings.ts';
import { appUpstreamSettings } from '../upstream/settings.ts';

// An absent section is judged as an empty one, so that what is missing in it is named.
const ABSENT = {} as never;

/** gateway.yaml. */
export const gatewaySchema = z.strictObject({
  ...httpSettings,
  saml: samlSettings.prefault(ABSENT).describe('Our side of SAML.'),
  identityProviders: z
    .array(identityProviderSettings)
    .min(1, 'names none; write "identityProviders: [{ name: corp, metadata: ../certs/corp-idp.xml }]"')
    .meta({
      description: 'Who may say who a person is.',
    }),
  sessions: sessionsSettings.prefault(ABSENT).describe('How long people stay signed in, and where that is remembered.'),
  pages: pagesSettings.prefault({}).describe('What people meet: language, whom to ask, look.'),
  jwt: jwtSettings.prefault({}).describe('The keys for apps that are told in signed words who the person is.'),
  admin: adminSettings.prefault({}).describe('Who may see and end sessions.'),
  audit: auditSettings.prefault({}).describe('Where it is written down who signed in and out, and what was refused.'),
  log: logSettings.prefault({}).describe('What is written to standard output.'),
  tracing: tracingSettings.describe(
    'Where it is sent what each request was about and how long its steps took (docs/tracing.md). Default: nowhere.',
  ),
  workers: workersSetting.describe(
    'How many processes serve, each with a processor of its own to work on: every one is a node (docs/nodes.md), so more than one needs a Redis store. `auto`: one for each processor with Redis, one without. `curfew serve --workers` goes before it.',
  ),
  reload: reloadSettings.prefault({}).describe('How other policies are taken over while curfew runs.'),
  shutdown: shutdownSettings.prefault({}).describe('How a node that is told to stop (SIGTERM) takes its leave.'),
});

/** The part of gateway.yaml that says who we are; the rest is passed over. */
export const ourSideSchema = z.object({
  publicUrl: httpSettings.publicUrl,
  backchannelUrl: httpSettings.backchannelUrl,
  saml: samlSettings.prefault(ABSENT),
});

/** The part of gateway.yaml that says how the gateway that runs is asked; the rest is passed over. */
export const adminSideSchema = z.object({
  listen: httpSettings.listen,
  admin: z.object({ token: adminSettings.shape.token }).prefault({}),
});

/** The part of gateway.yaml that audit files are verified with; the rest is passed over. */
export const auditSideSchema = z.object({ sessions: z.object({ secret: sessionSecrets }).prefault(ABSENT) });

/** Every other file: one app. */
export const appSchema = z.strictObject({
  ...appPagesSettings,
  ...appPolicySettings,
  saml: ownSamlSettings,
  ...appProxySettings,
  ...appUpstreamSettings,
});

/**
 * A JSON Schema as far as this room reads it. Made from the zod schemas, so that faults, documents and editors say the
 * same.
 */
export interface Described {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Described>>;
  readonly additionalProperties?: boolean | Described;
  readonly required?: readonly string[];
  readonly items?: Described;
  readonly anyOf?: readonly Described[];
}

/** The JSON Schema of what is written in a file (not of what is made of it). */
export const describeSchema = (schema: z.ZodType): Described =>
  withRequiredSections(z.toJSONSchema(schema, { io: 'input' }) as Described);

/** A section that is judged as an empty one where it is absent, and cannot be empty, is required. */
function withRequiredSections(schema: Described): Described {
  const properties = { ...schema.properties };
  const required = [...(schema.required ?? [])];
  for (const [key, { default: absent, ...section }] of Object.entries(properties)) {
    if (absent === undefined || (section.required ?? []).length === 0) continue;
    properties[key] = section;
    required.push(key);
  }
  return { ...schema, properties, required };
}

/** What is said about a place in a file, as far as anything is. Of alternatives the one that knows the key. */
export function describedAt(schema: Described | undefined, path: readonly PropertyKey[]): Described | undefined {
  const [key, ...rest] = path;
  if (key === undefined || schema === undefined) return schema;
  const alternatives = schema.anyOf ?? [schema];
  for (const one of alternatives) {
    const additional = typeof one.additionalProperties === 'object' ? one.additionalProperties : undefined;
    const inside = typeof key === 'number' ? one.items : (one.properties?.[String(key)] ?? additional);
    if (inside !== undefined) return describedAt(inside, rest);
  }
  return undefined;
}

/** A value that would do, put together from what is inside where the key itself shows none. */
export function exampleOf({ examples, items, properties, required }: Described): unknown {
  if (examples?.[0] !== undefined) return examples[0];
  if (items !== undefined) {
    const item = exampleOf(items);
    return item === undefined ? undefined : [item];
  }
  if (properties === undefined || required === undefined) return undefined;
  return Object.fromEntries(required.map((key) => [key, exampleOf(properties[key] ?? {})]));
}
