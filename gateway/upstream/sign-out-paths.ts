// Which requests are the app's own way of signing out, so that the gateway makes a whole logout of them.

import { withoutQuery } from './cookie.ts';
import type { SignOutPath } from './settings.ts';

const EITHER = new Set(['GET', 'POST']);

/**
 * Compiles the paths; the function it returns judges a request by its method and its target as it was sent. A path is the
 * same in any encoding of its characters. What is not recognised goes to the app like any other request.
 */
export function compileSignOutPaths(paths: readonly SignOutPath[]): (method: string, target: string) => boolean {
  const known = new Set(paths.map(({ path }) => path));
  if (known.size === 0) return () => false;
  return (method, target) => {
    const raw = withoutQuery(target);
    const path = known.has(raw) ? raw : decoded(raw);
    if (!known.has(path)) return false;
    const query = new URLSearchParams(target.slice(raw.length));
    return paths.some(
      (one) =>
        one.path === path &&
        (one.method === undefined ? EITHER.has(method) : one.method === method) &&
        one.query.every(([name, value]) => query.getAll(name).includes(value)),
    );
  };
}

function decoded(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
