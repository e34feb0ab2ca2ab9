// The settings of SAML: who we are, whom we trust, and which weaknesses an identity provider is allowed.

import * as z from 'zod';
import { tlsSettings } from '../kernel/tls-settings.ts';
import { duration } from '../kernel/unit-settings.ts';
import { attributeNames, nameIdFrom, revalidate, signOn } from './sign-on-settings.ts';
import { aliasSettings } from './alias-settings.ts';
import { logoutAddressFault } from './logout-address.ts';
import { allowSettings } from './allow-settings.ts';
import { isMetadataPlace } from './metadata/place.ts';

export { isCertificate, keyPairFault } from './key-pair.ts';
export { isMetadataUrl } from './metadata/place.ts';

const clockSkew = duration('3m', { least: '0s', most: '5m', why: 'more keeps stolen messages good for longer' });

const path = (example: string) =>
  z
    .string()
    .meta({ title: 'file', examples: [example] })
    .min(1, 'names no file')
    .refine((text) => !/^[a-z][a-z0-9+.-]*:\/\//i.test(text) && !text.includes('\0'), {
      error: 'is no file on this machine; write its path',
    });

/** A URL must be one whose answer nobody on the way can change: these are the keys to every app. */
const metadataPlace = z
  .string()
  .min(1, 'names no file')
  .meta({
    title: 'file, or https address',
    examples: ['../certs/corp-idp.xml'],
    description:
      'Its metadata: a file, or an address to fetch it from (`https`; `http` on this machine only). The keys in it are believed. What was fetched last is kept under `saml.metadataCopies` and used where the address does not answer.',
  })
  .refine(isMetadataPlace, { error: 'is no file and no https address; write "https://idp.example.com/metadata"' });

const refresh = duration('1h', { least: '1m' });

const MAKE_KEYS =
  'run `curfew keys`, which makes a key and its certificate, and write "keys: [{ key: ../certs/sp.key, cert: ../certs/sp.crt }]"';

/** One pair of `saml.keys`. */
export const keyPair = z.strictObject({
  key: path('../certs/sp.key').describe(
    'The private key: PEM, without a passphrase; RSA of at least 2048 bits, or EC on the curve P-256, which signs (ecdsa-sha256) and decrypts nothing. Few identity providers verify the latter: ask before.',
  ),
  cert: path('../certs/sp.crt').describe('Its certificate: PEM.'),
});

/** `saml` in gateway.yaml. */
export const samlSettings = z
  .strictObject({
    entityId: z
      .string()
      .min(1, 'is empty')
      .max(1024, 'is longer than 1024 characters')
      .regex(/^[a-z][a-z0-9+.-]*:\S+$/i, {
        error: 'is no URI; write "https://login.example.com/saml/metadata", or leave it out',
      })
      .meta({
        title: 'URI',
        examples: ['https://login.example.com/saml/metadata'],
        description: 'Our name towards identity providers. Default: `publicUrl` followed by `/saml/metadata`.',
      })
      .optional(),
    keys: z
      .array(keyPair, { error: `is missing; ${MAKE_KEYS}` })
      .min(1, `names no key; ${MAKE_KEYS}`)
      .meta({
        description:
          'The first signs, all decrypt, all are published in the metadata: put a new pair last, wait until every identity provider has it, move it to the front, remove the old one.',
      }),
    offerEncryption: z
      .boolean()
      .default(true)
      .describe(
        'Publish the keys in metadata for encryption too; many identity providers then encrypt without being told. What comes encrypted is opened either way.',
      ),
    aliases: aliasSettings('on the host of `publicUrl`'),
    metadataCopies: path('../data/metadata')
      .default('../data/metadata')
      .describe('Folder for the last good metadata of identity providers that give an address.'),
    clockSkew: clockSkew.prefault('3m').describe('How far the clocks of identity providers may be off; at most `5m`.'),
  })
  .transform(({ clockSkew, ...rest }) => ({ ...rest, clockSkewMs: clockSkew }));

/** One of `identityProviders` in gateway.yaml. */
export const identityProviderSettings = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9-]{1,63}$/, { error: 'is no name; use lower-case letters, digits and hyphens, such as "corp"' })
      .meta({
        title: 'name',
        examples: ['corp'],
        description: 'What apps, logs and sessions call it. Renaming it ends its sessions.',
      }),
    title: z
      .string()
      .trim()
      .min(1, 'is empty')
      .max(80, 'is longer than 80 characters')
      .meta({ title: 'text', examples: ['Example Corporation'] })
      .describe('What people read where they choose one of several. Default: its name.')
      .optional(),
    metadata: metadataPlace,
    entityId: z
      .string()
      .min(1, 'is empty')
      .meta({
        title: 'URI',
        examples: ['https://idp.example.com/metadata'],
        description: 'Which identity provider is meant, where the metadata holds several (an EntitiesDescriptor).',
      })
      .optional(),
    refresh: refresh
      .prefault('1h')
      .describe(
        'How often the metadata is looked at again, without a restart; more often where its cacheDuration says so. At least `1m`.',
      ),
    signedBy: path('../certs/federation.crt')
      .describe(
        'Certificate (PEM) whose key must have signed the metadata as a whole. Without it the channel is all that is trusted.',
      )
      .optional(),
    ca: path('../certs/internal-ca.crt')
      .describe(
        'Certificates (PEM) of the authorities that the metadata’s https address may be vouched for by. Default: those of the system.',
      )
      .optional(),
    soapTls: tlsSettings('the identity provider', 'its address', 'idp')
      .describe(
        'How TLS is spoken with it where it is called by SOAP (logout, artifacts): authorities of its own, and the certificate that identity providers want to see there which do not take our signature for enough.',
      )
      .optional(),
    issuers: z
      .array(z.string().min(1, 'is empty').meta({ title: 'Issuer' }))
      .default([])
      .describe(
        'Further Issuer values that are this identity provider, for those that answer under more than one name (Entra ID, WSO2).',
      ),
    attributes: attributeNames.optional().meta({
      title: 'names, and what stands for each',
      examples: [{ groups: 'urn:oid:1.3.6.1.4.1.5923.1.5.1.1' }],
      description:
        'What its attributes are called here: a name for rules and headers, and the Name of the attribute, or the FriendlyName where none has that Name. What it sends under one of our names without standing for it is left out. All others keep their Name.',
    }),
    nameId: nameIdFrom
      .describe(
        'What people are known by in rules, headers and the apps’ own accounts, where that is an attribute with exactly one value. Its logouts still go by the NameID. Default: the NameID.',
      )
      .optional(),
    signOn: signOn.describe('How sign-ins are asked for.'),
    revalidate: revalidate
      .prefault('off')
      .describe(
        'How long its word that somebody is signed in is good, such as `10m`; for identity providers that do not tell us when somebody leaves. The next page after that asks it through the browser, without showing anything (IsPassive), whether the same person is still there. Scripts go on for as long again. Needs a NameID that stays the same.',
      ),
    logout: z
      .strictObject({
        binding: z
          .enum(['auto', 'redirect', 'post', 'soap', 'none'])
          .default('auto')
          .describe('How our own LogoutRequests travel. `auto` takes the best its metadata offers; `none` sends none.'),
        url: z
          .string()
          .meta({
            title: 'address',
            examples: ['https://idp.example.com/samlsso?slo=true&spEntityID=${entityId}&returnTo=${returnTo}'],
          })
          .superRefine((text, context) => {
            const fault = logoutAddressFault(text);
            if (fault !== undefined) context.addIssue(fault);
          })
          .describe(
            'Where the browser of a person who leaves is sent instead of carrying a LogoutRequest, for identity providers that end their session at a plain address (WSO2 with `slo=true`, Auth0 with `/v2/logout?federated`). `${returnTo}`, the page to come back to, and `${entityId}`, our name, are put in percent-encoded, behind `?` only. Goes with `binding: auto`.',
          )
          .optional(),
        onTimeout: z
          .boolean()
          .default(false)
          .describe(
            'Tell it also of sessions that time out and of those that an administrator ends. Nobody’s browser is there to carry that, so its metadata must offer logout by SOAP. It may sign the person out of everything else they are using at that moment.',
          ),
        match: z
          .enum(['nameId', 'sessionIndex'])
          .default('nameId')
          .describe(
            'Which sessions its LogoutRequests end. `nameId`: those of the person named, and of them those with a SessionIndex that is named, if any is. `sessionIndex`: every session with a SessionIndex that is named, whoever is named beside it: for identity providers that name somebody else (the front channel of WSO2 names the person as the service that began knows them), and only where no two people ever share a SessionIndex.',
          ),
      })
      .refine(({ url, binding }) => url === undefined || binding === 'auto', {
        path: ['url'],
        error: 'takes the place of a LogoutRequest; leave binding out, or url',
      })
      .prefault({})
      .describe('Single logout, in both directions.'),
    wantAssertionsEncrypted: z
      .boolean()
      .default(false)
      .describe(
        'Refuse a Response whose assertion is not encrypted, so that no browser and nothing beside it sees what it says.',
      ),
    clientCertificateNames: z
      .array(
        z
          .string()
          .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i, {
            error: 'is no DNS name; write the name in its certificate, such as "idp.example.com"',
          })
          .meta({ title: 'DNS name', examples: ['idp.example.com'] }),
      )
      .default([])
      .describe(
        'DNS names of the client certificates (of `tls.clientCa`) that speak for it where `allow.tlsInsteadOfSignature` is set; the common name counts where a certificate has no DNS name. A certificate with a key of its metadata needs no name here.',
      ),
    allow: allowSettings,
  })
  .refine(({ allow, clientCertificateNames: names }) => allow.tlsInsteadOfSignature || names.length === 0, {
    path: ['clientCertificateNames'],
    error:
      'means nothing without allow.tlsInsteadOfSignature; write "allow: { tlsInsteadOfSignature: true }", or leave it out',
  })
  .transform(({ refresh: refreshMs, revalidate: revalidateMs, ...rest }) => ({ ...rest, refreshMs, revalidateMs }));
