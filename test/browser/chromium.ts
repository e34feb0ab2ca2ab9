// Debian's Chromium without a screen, with an empty profile of its own, in which only this machine exists.

import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { commandPath } from '../support/needs.ts';

const SWITCHES = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Every name is this machine, or none.
  '--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];
const STEP_LIMIT_MS = 20_000;

export interface Chromium {
  readonly context: BrowserContext;
  /** A new tab. */
  readonly tab: () => Promise<Page>;
  /** What the console says against pages of these origins: blocked by a policy, a script that failed. */
  readonly complaints: (...origins: readonly string[]) => string[];
  /** Puts a picture of the page into `PICTURES`, where that names a folder. */
  readonly picture: (page: Page, name: string) => Promise<void>;
}

/** What it is like. */
interface Habits {
  readonly scripts?: boolean;
  /** It keeps pages in memory for Back and Forward, as people's browsers do. */
  readonly keepsPages?: boolean;
  /** A certificate (PEM) that it takes for good, whoever signed it. */
  readonly trusts?: string;
}

/** SHA-256 of the public key, in Base64. */
const keyHash = (pem: string): string =>
  createHash('sha256')
    .update(new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');

/** Starts it; it ends with the test. */
export async function openChromium(
  t: ExecutionContext,
  { scripts = true, keepsPages = false, trusts }: Habits = {},
): Promise<Chromium> {
  const profile = await mkdtemp(join(tmpdir(), 'curfew-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: commandPath('chromium') ?? 'chromium',
    args: trusts === undefined ? SWITCHES : [...SWITCHES, `--ignore-certificate-errors-spki-list=${keyHash(trusts)}`],
    javaScriptEnabled: scripts,
    ...(keepsPages && { ignoreDefaultArgs: ['--disable-back-forward-cache'] }),
    viewport: { width: 900, height: 640 },
  });
  t.teardown(async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  });
  context.setDefaultTimeout(STEP_LIMIT_MS);
  const complaints: string[] = [];
  context.on('console', (message) => {
    // What the server answered is for the tests to judge, not for the console.
    const isStatus = message.text().startsWith('Failed to load resource');
    if (!isStatus && (message.type() === 'error' || message.type() === 'warning')) {
      complaints.push(`${message.location().url}: ${message.text()}`);
    }
  });
  context.on('weberror', (failure) => complaints.push(failure.error().message));
  const pictures = process.env['PICTURES'];
  return {
    context,
    tab: () => context.newPage(),
    complaints: (...origins) => complaints.filter((text) => origins.some((origin) => text.startsWith(origin))),
    picture: async (page, name) => {
      if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`) });
    },
  };
}
