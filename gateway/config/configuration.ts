// What a policies folder says once it has been read and judged.

import type * as z from 'zod';
import type { People } from '../kernel/template.ts';
import type { UpstreamTls } from '../kernel/words.ts';
import type { TracingSettings } from '../ops/tracing-settings.ts';
import type { Aliases } from '../saml/alias-settings.ts';
import type { PageFiles } from './page-files.ts';
import type { IdentityProviderFiles } from './referenced-files.ts';
import type { appSchema, gatewaySchema } from './schema.ts';

type Gateway = z.output<typeof gatewaySchema>;
type App = z.output<typeof appSchema>;
type IdentityProvider = Gateway['identityProviders'][number];

type KeyPairs = readonly { readonly key: string; readonly cert: string }[];

/** An app, with the identity providers it uses and what its own sign-in is filled in with. */
export type AppConfiguration = Readonly<
  Omit<App, 'identityProvider' | 'identityProviders' | 'signIn' | 'upstreamTls' | 'saml'> & {
    /** The keys are PEM; where there are none, the gateway's are used. */
    saml:
      | { readonly entityId?: string | undefined; readonly keys: KeyPairs | undefined; readonly aliases: Aliases }
      | undefined;
    upstreamTls: UpstreamTls | undefined;
    /** At least one. */
    identityProviders: readonly string[];
    signIn: { readonly form: NonNullable<App['signIn']>['form']; readonly credentials: People } | undefined;
  }
>;

/** An identity provider, with what its files hold. */
export type IdentityProviderConfiguration = Readonly<
  Omit<IdentityProvider, 'metadata' | 'signedBy' | 'ca' | 'soapTls'> & IdentityProviderFiles
>;

/** Everything that was configured: defaults filled in, paths absolute, files read, deeply frozen. */
export type Configuration = Readonly<
  Omit<Gateway, 'saml' | 'jwt' | 'identityProviders' | 'pages' | 'tracing'> & {
    pages: Readonly<Omit<Gateway['pages'], 'logo' | 'templates'> & Pick<PageFiles, 'logo' | 'templates'>>;
    /** Undefined: nothing is traced. */
    tracing: TracingSettings | undefined;
    /** PEM texts. The first signs. */
    jwt: { readonly keys: readonly string[] };
    saml: {
      readonly entityId: string;
      /** PEM texts. The first signs. */
      readonly keys: KeyPairs;
      readonly clockSkewMs: number;
      readonly offerEncryption: boolean;
      readonly aliases: Aliases;
      /** Whether an identity provider may send artifacts. */
      readonly takesArtifacts: boolean;
      /** Absolute. */
      readonly metadataCopies: string;
    };
    identityProviders: readonly IdentityProviderConfiguration[];
    apps: readonly AppConfiguration[];
  }
>;

/** Our own side of SAML: all that `curfew metadata` needs. */
export type OurSideConfiguration = Pick<Configuration, 'publicUrl' | 'backchannelUrl' | 'saml'>;
