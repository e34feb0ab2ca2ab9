// Addresses at which messages are taken beside our own: those that another service provider had before, and that identity providers still know.

import * as z from 'zod';

/** Paths at which Responses, and logout messages, are taken as well. */
export interface Aliases {
  readonly acs: readonly string[];
  readonly slo: readonly string[];
}

/** Whoever reads a path otherwise than it is written here must not find an application behind it, so nothing in it can be read in two ways. */
const alias = (example: string) =>
  z
    .string()
    .regex(/^(?:\/[\w~-][\w.~-]*)+$/, {
      error: `is no plain path; write "${example}", without host and query`,
    })
    .refine((path) => !/^\/saml(?:\/|$)/i.test(path), { error: 'lies under /saml, which curfew answers itself' })
    .meta({ title: 'path', examples: [example] });

/** `saml.aliases`; `host` says on which host they are. */
export const aliasSettings = (host: string) =>
  z
    .strictObject({
      acs: z
        .array(alias('/mellon/postResponse'))
        .default([])
        .describe(
          'Where Responses are taken as at our own address. AuthnRequests ask for the first, so that an identity provider that knows no other need not be touched; metadata names it beside our own.',
        ),
      slo: z
        .array(alias('/mellon/logout'))
        .default([])
        .describe(
          'Where LogoutRequests and LogoutResponses are taken, by every binding. A link to one, with no message in it, signs out as `/.curfew/logout` does.',
        ),
    })
    .refine(({ acs, slo }) => new Set([...acs, ...slo]).size === acs.length + slo.length, 'names an address twice')
    .prefault({})
    .describe(
      `Addresses of the service provider that stood ${host} before (mod_auth_mellon, Shibboleth), beside curfew’s own. What Destination and Recipient must say is the address at which the message arrived. No request for them reaches an app.`,
    );
