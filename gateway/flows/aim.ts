// Where a sign-in leads: an app, and an address of it, whoever names them.

import type { SignInParts, SignInWish } from './sign-in.ts';
import { appOfAddress, FORM_ADDRESS, frontPage, titleOf, type App } from './app.ts';
import { refuseFlow } from './codes.ts';

/** An app, and where in it the person wants to be. */
export interface Aim {
  readonly app: App;
  /** Absolute, as a browser reads it. */
  readonly returnTo: string;
  /** The identity providers whose people may go there. */
  readonly offered: readonly string[];
  /** What people know it by. */
  readonly title: string;
}

/** The app and address a sign-in is for; both are checked. Throws RETURN_REFUSED. */
export function aimOf(
  { apps, publicOrigin, publicHostName }: Pick<SignInParts, 'apps' | 'publicOrigin' | 'publicHostName'>,
  { app: name, returnTo, idp }: Pick<SignInWish, 'app' | 'returnTo'> & Partial<Pick<SignInWish, 'idp'>>,
): Aim {
  const named = apps.find(({ app }) => app === name);
  if (returnTo === `${publicOrigin}${APPS_ADDRESS}`) {
    if (named !== undefined) return aimAt(named, returnTo);
    // No app is named to a stranger: any will do that lets in who comes.
    const listed = apps.filter(isListed);
    const app =
      listed.find(({ identityProviders }) => idp !== undefined && identityProviders.includes(idp)) ?? listed[0];
    const offered = [...new Set(listed.flatMap(({ identityProviders }) => identityProviders))];
    if (name === undefined && app !== undefined) return { app, returnTo, offered, title: publicHostName };
  }
  const address = returnTo ?? (named && frontPage(named));
  const app = address === undefined ? undefined : (formAddressOf(named, address) ?? appOfAddress(apps, address));
  if (address === undefined || app === undefined || (name !== undefined && named === undefined)) {
    throw refuseFlow('RETURN_REFUSED', { detail: { app: name?.slice(0, 63), returnTo: originIn(returnTo) } });
  }
  // As a browser reads it: what was judged is where it is sent.
  return aimAt(app, new URL(address).href);
}

const aimAt = (app: App, returnTo: string): Aim => ({
  app,
  returnTo,
  offered: app.identityProviders,
  title: titleOf(app),
});

/** Whether the page of all apps shows it to its people: those of an app with a service provider of its own have no session there. */
const isListed = ({ isUnlisted, ownSp }: App): boolean => isUnlisted !== true && ownSp === undefined;

/** A kept form waits beside the app's own paths, on its host. */
function formAddressOf(named: App | undefined, address: string): App | undefined {
  const url = URL.parse(address);
  return url?.pathname === FORM_ADDRESS && named?.origins.includes(url.origin) === true ? named : undefined;
}

/** Where people see which apps there are for them, on the public host. */
const APPS_ADDRESS = '/saml/apps';

/** Where a browser signs in that is to see which apps there are; undefined where there is none to see. */
export function addressForAll({ apps, publicOrigin }: Pick<SignInParts, 'apps' | 'publicOrigin'>): string | undefined {
  const query = new URLSearchParams({ return: `${publicOrigin}${APPS_ADDRESS}` });
  return apps.some(isListed) ? `${publicOrigin}/saml/login?${query.toString()}` : undefined;
}

/**
 * A Response nobody asked for leads where its RelayState says: to an app by name, or to an address of one; to the only app of its identity provider; and
 * otherwise to the page of all of them.
 */
export function unsolicitedAim(
  { apps, publicOrigin }: Pick<SignInParts, 'apps' | 'publicOrigin'>,
  idp: string,
  relayState: string | undefined,
): Pick<SignInWish, 'app' | 'returnTo'> {
  const offering = apps.filter(({ identityProviders }) => identityProviders.includes(idp));
  const named = offering.find(({ app }) => app === relayState);
  const aimed = relayState === undefined ? undefined : appOfAddress(apps, relayState);
  const [first, second] = offering.filter(({ isUnlisted }) => isUnlisted !== true);
  if (named !== undefined) return { app: named.app, returnTo: undefined };
  if (aimed !== undefined && offering.includes(aimed)) return { app: aimed.app, returnTo: relayState };
  return { app: first?.app, returnTo: second === undefined ? undefined : `${publicOrigin}${APPS_ADDRESS}` };
}

/** What a log may say of an address that somebody else wrote: its query and its user may be secrets. */
function originIn(address: string | undefined): string | undefined {
  const url = URL.parse(address ?? '');
  return url === null ? address && 'no whole address' : `${url.protocol}//${url.host}`;
}
