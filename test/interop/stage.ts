// A real identity provider, real legacy applications, and curfew between them: set up for one test, taken down with it.

import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { openBrowser, type Browser, type Mode, type Page } from '../support/browser.ts';
import { formsIn } from '../support/forms.ts';
import { startAuth0, type Auth0, type Behaviour as Auth0Behaviour, type Participant } from './auth0.ts';
import { startCurfew, type Curfew, type Setting } from './curfew.ts';
import { startAdminer } from '../upstream/adminer.ts';
import { startHop, type Hop } from './hop.ts';
import { startDokuWiki, startMirror, type LegacyApplication } from './legacy.ts';
import { startNagios } from './nagios.ts';
import { ADMINER, CREDENTIALS, DOKUWIKI } from './policies.ts';
import { startSimpleSamlPhp, type Behaviour, type SimpleSamlPhp } from './simplesamlphp.ts';

export interface Stage<Idp> {
  readonly idp: Idp;
  readonly curfew: Curfew;
  readonly folder: string;
  readonly browser: () => Browser;
  /** Signs alice in at an app's page and answers with the page it ends on. */
  readonly signIn: (browser: Browser, address: string) => Promise<Page>;
}

type Closing = { close(): Promise<unknown> };

/** A folder, and whatever is kept in it: all ended at the end of the test, last first. */
export async function surroundings(t: ExecutionContext) {
  const folder = await mkdtemp(join(tmpdir(), 'curfew-interop-'));
  const closing: Closing[] = [];
  t.teardown(async () => {
    for (const one of closing.toReversed()) await one.close();
    await rm(folder, { recursive: true, force: true });
  });
  const place = async (name: string): Promise<string> => {
    await mkdir(join(folder, name));
    return join(folder, name);
  };
  return {
    folder,
    place,
    keep: async <C extends Closing>(starting: Promise<C>): Promise<C> => {
      const started = await starting;
      closing.push(started);
      return started;
    },
    browser: (): Browser => {
      // A frame of the identity provider's is a stranger here, as it is in production.
      const browser = openBrowser();
      closing.push({ close: async () => browser.close() });
      return browser;
    },
  };
}

const MOST_FORMS = 20;

/** Sends the forms that carry a SAML message until another page comes; `hops` are those of the whole way. */
export async function carryOn(browser: Browser, page: Page, mode: Mode = 'navigate'): Promise<Page> {
  let [at, hops] = [page, page.hops];
  for (let forms = 0; carriesMessage(at); forms += 1) {
    if (forms >= MOST_FORMS) throw new Error(`more than ${MOST_FORMS} forms, at ${at.url}`);
    at = await browser.submitForm(at, {}, { mode });
    hops = [...hops, ...at.hops];
  }
  return { ...at, hops };
}

/** Such a form sends itself, by a script that stands in the page or in a file of its own (bindings §3.5.4). */
const carriesMessage = ({ body, url }: Page): boolean =>
  formsIn(body, url)[0]?.fields.some(({ name }) => name === 'SAMLResponse' || name === 'SAMLRequest') ?? false;

/** Fills in the form it is led to, as alice. */
export async function signIn(browser: Browser, address: string): Promise<Page> {
  const form = await carryOn(browser, await browser.visit(address));
  return carryOn(browser, await browser.submitForm(form, { username: 'alice', password: 'alicepw' }));
}

/** With SimpleSAMLphp, in front of DokuWiki (`wiki`) and a page that shows its headers (`mirror`). */
export async function stageWithSimpleSamlPhp(
  t: ExecutionContext,
  behaviour: Partial<Behaviour> = {},
  settings: { readonly idp?: string } = {},
): Promise<Stage<SimpleSamlPhp>> {
  const around = await surroundings(t);
  const { place, keep, folder, browser } = around;
  const [idp, wiki, mirror] = await Promise.all([
    keep(startSimpleSamlPhp(await place('idp'), 'idp.localhost')),
    keep(startDokuWiki(await place('wiki'))),
    keep(startMirror(await place('mirror'))),
  ]);
  await idp.behave(behaviour);
  const curfew = await keep(
    startCurfew({
      folder: await place('curfew'),
      idpMetadata: await idp.metadata(),
      idp: settings.idp,
      apps: { wiki: wiki.url, mirror: mirror.url },
    }),
  );
  await idp.know('curfew', (await browser().visit(`${curfew.origin}/saml/metadata`)).body);
  return { idp, curfew, folder, browser, signIn };
}

/** An application with the hop before it. */
export interface Behind {
  /** Asks the application itself. */
  readonly direct: LegacyApplication;
  readonly hop: Hop;
}

/** With SimpleSAMLphp, in front of DokuWiki (`wiki`) and Adminer (`adminer`), to which curfew signs people in; with Nagios (`nagios`) where it has a policy. */
export async function stageWithLegacyApps(
  t: ExecutionContext,
  policies: { readonly wiki?: string; readonly adminer?: string; readonly nagios?: string } = {},
): Promise<Stage<SimpleSamlPhp> & { readonly wiki: Behind; readonly adminer: Behind; readonly nagios?: Behind }> {
  const { place, keep, folder, browser } = await surroundings(t);
  const behind = async (starting: Promise<LegacyApplication>): Promise<Behind> => {
    const direct = await keep(starting);
    return { direct, hop: await keep(startHop(direct.url)) };
  };
  const [idp, wiki, adminer] = await Promise.all([
    keep(startSimpleSamlPhp(await place('idp'), 'idp.localhost')),
    behind(startDokuWiki(await place('wiki'))),
    behind(startAdminer(await place('adminer'))),
  ]);
  // Apache's user must get to what is in it.
  if (policies.nagios !== undefined) await chmod(folder, 0o711);
  const nagios = policies.nagios === undefined ? undefined : await behind(startNagios(await place('nagios')));
  await idp.behave({ nameId: 'emailAddress' });
  const curfew = await keep(
    startCurfew({
      folder: await place('curfew'),
      idpMetadata: await idp.metadata(),
      apps: { wiki: wiki.hop.url, adminer: adminer.hop.url, ...(nagios && { nagios: nagios.hop.url }) },
      policies: { wiki: DOKUWIKI, adminer: ADMINER, ...policies },
      // Not .yaml, which would be an app.
      files: { 'people.json': CREDENTIALS },
    }),
  );
  await idp.know('curfew', (await browser().visit(`${curfew.origin}/saml/metadata`)).body);
  return { idp, curfew, folder, browser, signIn, wiki, adminer, ...(nagios && { nagios }) };
}

/** With an identity provider, in front of a page that shows its headers (`mirror`). `host`: of curfew; `metadataAt`: fetched, and no file. */
export async function stageWithMirror<Idp extends Closing & { metadata(): Promise<string> }>(
  t: ExecutionContext,
  start: (folder: string) => Promise<Idp>,
  { metadataAt, ...setting }: Pick<Setting, 'host' | 'idp'> & { readonly metadataAt?: (idp: Idp) => string },
): Promise<Omit<Stage<Idp>, 'signIn'>> {
  const { place, keep, folder, browser } = await surroundings(t);
  const [idp, mirror] = await Promise.all([keep(start(await place('idp'))), keep(startMirror(await place('mirror')))]);
  const curfew = await keep(
    startCurfew({
      ...setting,
      folder: await place('curfew'),
      idpMetadata: metadataAt?.(idp) ?? (await idp.metadata()),
      apps: { mirror: mirror.url },
    }),
  );
  return { idp, curfew, folder, browser };
}

/** With Auth0's samlp, in front of a page that shows its headers (`mirror`). */
export async function stageWithAuth0(
  t: ExecutionContext,
  behaviour: Partial<Auth0Behaviour> = {},
  settings: { readonly idp?: string } = {},
): Promise<Stage<Auth0>> {
  const stage = await stageWithMirror(t, (folder) => startAuth0(folder, 'idp.localhost'), settings);
  await stage.idp.behave({ sps: [participantOf(stage.curfew)], ...behaviour });
  return { ...stage, signIn };
}

/** curfew, as it is entered by hand. */
export function participantOf({ origin, certificate }: Curfew): Participant {
  const slo = `${origin}/saml/slo`;
  return {
    id: `${origin}/saml/metadata`,
    acs: `${origin}/saml/acs`,
    cert: certificate,
    logout: { redirect: slo, post: slo },
  };
}
