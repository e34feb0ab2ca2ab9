// For which service provider of ours a capture is: the gateway's own, or that of an app with one of its own.

import { inflateRawSync } from 'node:zlib';
import { originOf } from '../../apps.ts';
import type { Configuration } from '../../config/load.ts';
import { OWN_SAML } from '../../flows/app.ts';
import { ownSide } from '../../own-providers.ts';
import { ourSide } from '../../parts.ts';
import type { OurSide } from '../../saml/ours/metadata.ts';
import { captured } from './captured.ts';

/** One service provider of ours. */
export interface Side {
  /** The app whose own it is; undefined: the gateway's. */
  readonly app: string | undefined;
  readonly origin: string;
  readonly ours: OurSide;
  /** Whose messages it takes, by the names of identity providers. */
  readonly offered: (idp: string) => boolean;
}

const LONGEST_LOOK = 1024 * 1024;

/** All of ours, the gateway's first. */
export function sidesOf(configuration: Configuration): readonly [Side, ...Side[]] {
  const gateway = ourSide(configuration);
  const own = configuration.apps
    .filter(({ saml }) => saml !== undefined)
    .map((app): Side => {
      const origin = originOf(app, configuration.publicUrl);
      const offered = (idp: string): boolean => app.identityProviders.includes(idp);
      return { app: app.app, origin, ours: ownSide(app, origin, gateway), offered };
    });
  return [{ app: undefined, origin: configuration.publicUrl, ours: gateway, offered: () => true }, ...own];
}

/** The one that the capture names by an address or as Audience; the gateway's where it names none. */
export function sideNamedIn([gateway, ...own]: readonly [Side, ...Side[]], capture: Buffer, endpoint = ''): Side {
  const text = `${endpoint}\n${capture.toString('utf8')}\n${messageIn(capture, gateway.origin)}`;
  return own.find((side) => names(text, side)) ?? gateway;
}

function names(text: string, { origin, ours }: Side): boolean {
  const asked = /^\s*(?:GET|POST)\s+(\S+)\s+HTTP\//m.exec(text)?.[1] ?? '';
  const host = /^host:\s*(\S+)/im.exec(text)?.[1]?.toLowerCase();
  const isAsked = asked.startsWith(`${OWN_SAML}/`) && host === new URL(origin).host;
  const audiences = [...text.matchAll(/Audience>\s*([^<\s]+)/g)].map(([, audience]) => audience);
  const atBackchannel = ours.sloBackchannel !== undefined && text.includes(ours.sloBackchannel.replace(/\/soap$/, ''));
  return isAsked || atBackchannel || text.includes(`${origin}${OWN_SAML}/`) || audiences.includes(ours.entityId);
}

/** The message as text, so far as it can be read; what it is worth is judged later. */
function messageIn(capture: Buffer, publicUrl: string): string {
  try {
    const arrived = captured(capture, publicUrl, undefined)?.arrive();
    if (arrived === undefined) return '';
    const xml =
      arrived.binding === 'redirect'
        ? inflateRawSync(arrived.deflated, { maxOutputLength: LONGEST_LOOK })
        : arrived.xml;
    return xml.toString('utf8');
  } catch {
    return '';
  }
}
