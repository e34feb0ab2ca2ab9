// Where an app is, for browsers and really, and which addresses are inside it.

import type { UpstreamTls } from '../kernel/words.ts';

/** An app as the gateway calls it. */
export interface AppPlace {
  /** The origin browsers reach it by, such as `https://wiki.example.com`. */
  readonly publicOrigin: string;
  /** The origin it really has, such as `http://10.0.4.12:8080`. */
  readonly upstreamOrigin: string;
  /** For an https upstream. */
  readonly tls?: UpstreamTls | undefined;
}

/**
 * The address that `reference` means on the page at `base`, as one of the public origin; undefined where it leaves the
 * app. An app that does not know how it is reached names itself by http, or by where it really is: both are inside.
 */
export function addressInside(place: AppPlace, reference: string, base: URL): URL | undefined {
  const url = URL.parse(reference.trim(), base);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  const home = new URL(place.publicOrigin);
  const isHome = url.hostname === home.hostname && (url.port === home.port || url.port === '');
  if (!isHome && url.origin !== new URL(place.upstreamOrigin).origin) return undefined;
  // Set one by one: a path that begins with two slashes would be a host in a whole address.
  home.pathname = url.pathname;
  home.search = url.search;
  return home;
}

/** The address of a path with its query, as settings write it. */
export function addressOf(place: AppPlace, target: string): URL {
  const home = new URL(place.publicOrigin);
  const query = target.indexOf('?');
  home.pathname = query < 0 ? target : target.slice(0, query);
  home.search = query < 0 ? '' : target.slice(query);
  return home;
}
