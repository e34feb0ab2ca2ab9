// The settings of a service provider that one app has for itself.

import * as z from 'zod';
import { aliasSettings } from './alias-settings.ts';
import { keyPair } from './settings.ts';

/** `saml` of an app. */
export const ownSamlSettings = z
  .strictObject({
    entityId: z
      .string()
      .max(1024, 'is longer than 1024 characters')
      .regex(/^[a-z][a-z0-9+.-]*:\S+$/i, {
        error: 'is no URI; write "https://wiki.example.com/.curfew/saml/metadata", or leave it out',
      })
      .meta({
        title: 'URI',
        examples: ['https://wiki.example.com/.curfew/saml/metadata'],
        description: 'Its name towards identity providers. Default: its address followed by `/.curfew/saml/metadata`.',
      })
      .optional(),
    keys: z
      .array(keyPair)
      .min(1, 'names no key; leave it out to use the gateway’s')
      .meta({
        description:
          'Its own keys, as `saml.keys` of gateway.yaml: the first signs, all decrypt, all are published. Default: those of gateway.yaml.',
      })
      .optional(),
    aliases: aliasSettings('on the first host of the app'),
  })
  .describe(
    'A service provider of the app’s own, under `/.curfew/saml/` on its first host, for identity providers where every app is registered by itself (`saml: {}` does). Its sessions are its own: nobody is signed in here by being signed in at another app, and a logout that is sent here ends nothing else. Shares no host with other apps.',
  )
  .optional();
