// The keys of an app's file that people's pages read.

import { line } from './settings.ts';

/** What people know the app by, and whom they ask. */
export const appPagesSettings = {
  title: line('The Wiki')
    .describe('What people know the app by; it stands on the pages they meet. Default: `app`.')
    .optional(),
  contact: line('wiki@example.com')
    .describe(
      'Whom people may ask about this app: an e-mail address, an https address, or any words. Default: `pages.contact`.',
    )
    .optional(),
};
