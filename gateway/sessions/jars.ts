// Jars over any store: names go in as keyed hashes, names and texts sealed to the place where they stand.

import type { SessionId } from '../kernel/words.ts';
import type { Sealing } from './sealing.ts';
import type { JarChange, Jars, StoredText } from './sessions.ts';
import type { CookieChange, Store } from './store.ts';

/**
 * Jars in `store`. After a rotation of the secret a cookie kept under the former one is read, and its next change replaces
 * it.
 */
export function jarsIn(store: Store, sealing: Sealing): Jars {
  return {
    async read(id: SessionId, app: string): Promise<StoredText[]> {
      const cookies = await store.cookies(id, app);
      return cookies.map(({ key, sealed }) => {
        const [name, text] = JSON.parse(sealing.open(sealed, 'cookie', id, app, key)) as [string, string];
        return { name, text };
      });
    },

    merge(id: SessionId, app: string, changes: readonly JarChange[]): Promise<number> {
      const [hash, ...formerHashes] = sealing.hashes;
      const stored = changes.flatMap(({ name, text }): CookieChange[] => {
        // What stands under a former secret's key goes in the same step, or the app would be sent the cookie twice.
        const former = formerHashes.map((each) => ({ key: each('cookie', id, app, name), sealed: undefined }));
        const key = hash('cookie', id, app, name);
        const sealed = text === undefined ? text : sealing.seal(JSON.stringify([name, text]), 'cookie', id, app, key);
        return [...former, { key, sealed }];
      });
      return store.mergeCookies(id, app, stored);
    },

    apps: (id: SessionId): Promise<readonly string[]> => store.appsWithCookies(id),
  };
}
