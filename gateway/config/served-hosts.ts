// Under which names browsers reach the gateway: each needs a certificate and an entry in DNS.

import type { Configuration } from './load.ts';

/** Each once: the host of publicUrl, those of apps, and that of administrators. */
export const servedHosts = ({
  publicUrl,
  apps,
  admin,
}: Pick<Configuration, 'publicUrl' | 'apps' | 'admin'>): string[] => [
  ...new Set([
    new URL(publicUrl).hostname,
    ...apps.flatMap(({ hosts }) => hosts.map(({ name }) => name)),
    ...(admin.url === undefined ? [] : [new URL(admin.url).hostname]),
  ]),
];
