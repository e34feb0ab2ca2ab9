// How TLS is spoken with a server of somebody's: whom to believe, who we are, what it is called.

import { createSecureContext } from 'node:tls';
import * as z from 'zod';
import { attempt } from './attempt.ts';
import { certificateIn, privateKeyIn } from './pem.ts';

const file = (example: string) =>
  z
    .string()
    .min(1, 'names no file')
    .meta({ title: 'file', examples: [example] });

/** `upstreamTls` in an app's file, `soapTls` of an identity provider. `peer` is whose server it is, `at` where its address stands. */
export const tlsSettings = (peer: string, at: string, name: string) =>
  z
    .strictObject({
      ca: file(`../certs/${name}-ca.crt`)
        .describe(
          `Certificates (PEM) of the authorities that ${peer}’s certificate may be signed by. Default: those of the system.`,
        )
        .optional(),
      cert: file('../certs/curfew-client.crt')
        .describe(
          `The certificate (PEM) shown to ${peer} where it asks for one, with those it is signed by behind it. Goes with \`key\`.`,
        )
        .optional(),
      key: file('../certs/curfew-client.key').describe('Its private key: PEM, without a passphrase.').optional(),
      serverName: z
        .string()
        .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i, { error: `is no DNS name; write "${name}.internal.example.com"` })
        .meta({ title: 'DNS name', examples: [`${name}.internal.example.com`] })
        .describe(
          `The name that is asked for (SNI) and that ${peer}’s certificate must have. Default: the host of ${at}.`,
        )
        .optional(),
    })
    .superRefine(({ cert, key }, context) => {
      if ((cert === undefined) === (key === undefined)) return;
      const [has, lacks] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
      context.addIssue({ code: 'custom', path: [has], message: `needs ${lacks} beside it; write both, or neither` });
    });

/** What is wrong with a client certificate and its key, or undefined. */
export function clientPairFault(
  key: string,
  cert: string,
): { readonly on: 'key' | 'cert'; readonly message: string } | undefined {
  const privateKey = privateKeyIn(key);
  if (privateKey === undefined) return { on: 'key', message: 'is no PEM private key without a passphrase' };
  const certificate = certificateIn(cert);
  if (certificate === undefined) return { on: 'cert', message: 'is no PEM certificate' };
  if (!certificate.checkPrivateKey(privateKey))
    return { on: 'cert', message: 'does not belong to the key; name the pair that was made together' };
  if (attempt(() => createSecureContext({ cert, key })) === undefined)
    return { on: 'cert', message: 'is one that TLS cannot use; is its key too short, or its chain broken?' };
  return undefined;
}
