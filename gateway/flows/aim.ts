// Where a sign-in leads: an app, and an address of it, whoever names them.

import type { SignInWish } from './sign-in.ts';
import { appOfAddress, FORM_ADDRESS, frontPage, type App } from './app.ts';
import { refuseFlow } from './codes.ts';

/** An app, and where in it the person wants to be. */
export interface Aim {
  readonly app: App;
  /** Absolute, as a browser reads it. */
  readonly returnTo: string;
}

/** The app and address a sign-in is for; both are checked. Throws RETURN_REFUSED. */
export function aimOf(apps: readonly App[], { app: name, returnTo }: Pick<SignInWish, 'app' | 'returnTo'>): Aim {
  const named = apps.find(({ app }) => app === name);
  const address = returnTo ?? (named && frontPage(named));
  const app = address === undefined ? undefined : (formAddressOf(named, address) ?? appOfAddress(apps, address));
  if (address === undefined || app === undefined || (name !== undefined && named === undefined)) {
    throw refuseFlow('RETURN_REFUSED', { detail: { app: name, returnTo: returnTo?.slice(0, 200) } });
  }
  // As a browser reads it: what was judged is where it is sent.
  return { app, returnTo: new URL(address).href };
}

/** A kept form waits beside the app's own paths, on its host. */
function formAddressOf(named: App | undefined, address: string): App | undefined {
  const url = URL.parse(address);
  return url?.pathname === FORM_ADDRESS && named?.origins.includes(url.origin) === true ? named : undefined;
}

/** An unsolicited Response leads where its RelayState says, if that is ours, else to the first app of its identity provider. */
export function unsolicitedAim(
  apps: readonly App[],
  idp: string,
  relayState: string | undefined,
): Pick<SignInWish, 'app' | 'returnTo'> {
  const app = apps.find(({ identityProviders }) => identityProviders.includes(idp))?.app;
  const aimed = relayState === undefined ? undefined : appOfAddress(apps, relayState);
  return { app, returnTo: aimed?.identityProviders.includes(idp) === true ? relayState : undefined };
}
