// The identity provider, a service provider it knows, and a browser: where its tests begin.

import type { ExecutionContext } from 'ava';
import { instant, newId } from '../../demo/identity-provider/fields.ts';
import { newKeys } from '../../demo/identity-provider/keys.ts';
import { startIdentityProvider, type IdentityProvider } from '../../demo/identity-provider/server.ts';
import { signedQuery, type QueryOptions } from '../../demo/identity-provider/sign.ts';
import { openBrowser, type Browser, type Page } from '../support/browser.ts';
import { manualClock, type ManualClock } from '../support/clock.ts';
import { formsIn } from '../support/forms.ts';
import { pretendServiceProvider, type PretendServiceProvider } from '../support/service-provider.ts';

/** Made once: keys cost more than everything else here. */
export const idpKeys = newKeys('test identity provider', new Date('2026-01-01T00:00:00Z'));
export const spKeys = newKeys('test service provider', new Date('2026-01-01T00:00:00Z'));

export interface Stage {
  readonly idp: IdentityProvider;
  readonly sp: PretendServiceProvider;
  readonly browser: Browser;
  readonly clock: ManualClock;
}

/** Everything started and taken down with the test; the service provider is at `spOrigin`. */
export async function stage(t: ExecutionContext, spOrigin?: string): Promise<Stage> {
  const clock = manualClock();
  const sp = pretendServiceProvider(await spKeys, spOrigin);
  const idp = await startIdentityProvider({ port: 0, clock, keys: await idpKeys, sp: [sp.metadata] });
  const browser = openBrowser({ clock });
  t.teardown(async () => {
    browser.close();
    await idp.close();
  });
  return { idp, sp, browser, clock };
}

/** The address that carries a signed AuthnRequest. */
export function ask({ idp, sp, clock }: Stage, how: QueryOptions & { isPassive?: boolean; id?: string } = {}): string {
  const xml = sp.authnRequest({
    id: how.id ?? newId(),
    destination: `${idp.url}/sso`,
    issueInstant: instant(clock.now()),
    ...(how.isPassive === undefined ? {} : { isPassive: how.isPassive }),
  });
  return `${idp.url}/sso?${signedQuery('SAMLRequest', xml, 'relay', sp.keys, how)}`;
}

/** Signs in; the page is the one that posts the Response. */
export const signIn = async (on: Stage, username = 'alice'): Promise<Page> =>
  on.browser.submitForm(await on.browser.visit(ask(on)), { username, password: `${username}pw` });

/** A field of the first form of the page. */
export const posted = (page: Page, name: string): string | undefined =>
  formsIn(page.body, page.url)[0]?.fields.find((field) => field.name === name)?.value;

/** The Response in the page's form. */
export const responseIn = (page: Page): string => Buffer.from(posted(page, 'SAMLResponse') ?? '', 'base64').toString();
