// The settings of the doors: the address people and identity providers use, the sockets, and whom to believe.

import { BlockList, isIP } from 'node:net';
import * as z from 'zod';
import { originSetting } from '../kernel/origin-settings.ts';
import { hstsSettings } from './hsts-settings.ts';
import { limitSettings } from './limit-settings.ts';

export { authoritiesFault } from './client-ca.ts';

/** Where to listen. `host` is an address, without brackets. */
export interface ListenAddress {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

const origin = originSetting('https://login.example.com');

const secureOrigin = origin
  .refine((url) => url.startsWith('https:'), { error: 'is no https origin; write "https://login.example.com:8444"' })
  .meta({ title: 'origin', examples: ['https://login.example.com:8444'] });

const listenAddress = (example: string) =>
  z
    .string()
    .meta({ title: 'address:port', examples: [example] })
    .transform((text, context): ListenAddress => {
      const address = parseListenAddress(text);
      if (address !== undefined) return address;
      context.addIssue(`is no address with a port; write "${example}", or "[::]:8080" for IPv6`);
      return z.NEVER;
    });

/** Reads `127.0.0.1:8080`, `localhost:8080` or `[::1]:8080`; undefined where it is none of these. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const [, six, four, digits] = match ?? [];
  const host = six ?? four ?? '';
  const isKnown = six === undefined ? isIP(host) === 4 || host === 'localhost' : isIP(host) === 6;
  const port = Number(digits);
  return isKnown && port <= 65_535 ? { host, port } : undefined;
}

const trustedProxies = z.array(z.string().meta({ title: 'address or CIDR range' })).transform((texts, context) => {
  const list = new BlockList();
  for (const [index, text] of texts.entries()) {
    const [address = '', prefix, ...rest] = text.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const bits = family === 'ipv6' ? 128 : 32;
    if (
      isIP(address) === 0 ||
      rest.length > 0 ||
      (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits))
    ) {
      context.addIssue({
        code: 'custom',
        path: [index],
        input: text,
        message: 'is no address and no CIDR range; write "10.0.0.7" or "10.0.0.0/8"',
      });
    } else list.addSubnet(address, prefix === undefined ? bits : Number(prefix), family);
  }
  return list;
});

/** The top-level keys of gateway.yaml that the doors read. */
export const httpSettings = {
  publicUrl: origin.describe(
    'Where browsers and identity providers reach the SAML endpoints: scheme, host and, where it is not the usual one, port. With `http` the session cookie loses its `__Host-` protection; use that on one machine only.',
  ),
  listen: z
    .strictObject({
      http: listenAddress('0.0.0.0:8080')
        .prefault('0.0.0.0:8080')
        .describe(
          'Where requests of browsers and identity providers are taken. Where `https` is set, it only sends them there.',
        ),
      https: listenAddress('0.0.0.0:8443')
        .describe('Where they are taken over TLS 1.2 and 1.3, with the certificates of `tls.certificates`.')
        .optional(),
      backchannel: listenAddress('0.0.0.0:8444')
        .describe(
          'Where identity providers sign people out, server to server: LogoutRequests by SOAP and by form, over TLS, from whoever shows a client certificate of `tls.clientCa`, and nothing else. TLS must end here and not at a proxy.',
        )
        .optional(),
      admin: listenAddress('127.0.0.1:9090')
        .prefault('127.0.0.1:9090')
        .describe(
          'Where probes ask whether curfew is alive and ready, Prometheus reads, and administrators see and end sessions. Beyond loopback only with `admin.token`; what it says goes in plain http, so put TLS in front.',
        ),
    })
    .prefault({})
    .describe('The sockets. Port 0 lets the system choose.'),
  tls: z
    .strictObject({
      certificates: z
        .string()
        .min(1, 'names no folder')
        .meta({ title: 'folder', examples: ['../certs/tls'] })
        .describe(
          'A folder of NAME.crt and NAME.key pairs (PEM; the certificate first, then those it is signed by). The one whose DNS names cover the host is shown, otherwise the first by name; to who goes to an address, the first that names one. Read again within ten seconds of a change; open connections stay.',
        ),
      http2: z
        .boolean()
        .prefault(true)
        .describe(
          'Whether browsers may speak HTTP/2 on `listen.https`; WebSockets and whoever does not know it come by HTTP/1.1. A logout cuts the streams of its session, and nothing else on a connection that others share.',
        ),
      hsts: hstsSettings
        .prefault('off')
        .describe(
          'For how long browsers that came over TLS must not come without (`Strict-Transport-Security`, RFC 6797), on every host that is answered; what an app says itself stands. Start with `1h`, then `180d`: it cannot be taken back from whoever has it but by `0s` over TLS.',
        ),
      clientCa: z
        .string()
        .min(1, 'names no file')
        .meta({ title: 'file', examples: ['../certs/idp-ca.crt'] })
        .describe(
          'Certificates (PEM) of the authorities whose client certificates `listen.backchannel` takes, or such certificates themselves: use authorities of your own, because everybody they certify gets that far. Read again within ten seconds of a change. Revocation lists are not looked at.',
        )
        .optional(),
    })
    .describe('What `listen.https` and `listen.backchannel` show, and whom the latter lets in.')
    .optional(),
  backchannelUrl: secureOrigin
    .describe(
      'Where identity providers reach `listen.backchannel`; published in metadata, and what a Destination must say. The gateway’s addresses there are `/saml/slo/soap` and `/saml/slo` for forms; those of an app with a service provider of its own, which has no host there, are `/.curfew/saml/APP/slo/soap` and `/.curfew/saml/APP/slo`. Default: the host of `publicUrl` with that port.',
    )
    .optional(),
  trustedProxies: trustedProxies.prefault([]).meta({
    title: 'list of addresses or CIDR ranges',
    description: 'Whose `X-Forwarded-*` headers are believed. From everybody else they are removed.',
  }),
  limits: limitSettings
    .prefault({})
    .describe(
      'How much strangers may ask of this node (docs/limits.md). An address is an IPv4 address or the first 64 bits of an IPv6 address; behind `trustedProxies` it is the one they forward. Whoever is signed in meets none of them.',
    ),
};
