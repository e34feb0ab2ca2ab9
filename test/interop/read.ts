// One page by a browser that has met nobody.

import { openBrowser, type Page } from '../support/browser.ts';

/** Follows redirects; every name is this machine. */
export async function read(url: string): Promise<Page> {
  const browser = openBrowser();
  try {
    return await browser.visit(url);
  } finally {
    browser.close();
  }
}
