// What a browser had before it had this session. A Cookie header does not say where a cookie comes from; but what a path had when it
// was first looked at was there before, and what comes later was written since.

import { sha256 } from '../kernel/random.ts';
import type { Pair } from './browser-cookies.ts';

/** What browsers of one session brought at each address when it was looked at first. */
export interface Sight {
  /** How much it remembers: paths, and strangers at them. */
  readonly size: number;
  /** Whether every one of these paths of a host was looked at before. */
  knows(host: string, paths: readonly string[]): boolean;
  /** Whether one of these paths had this pair at first sight, so that it is a stranger there. */
  had(host: string, paths: readonly string[], pair: Pair): boolean;
  /**
   * Notes what the paths that are new have; answers those. A short value that is gone from the others is forgiven: one that comes again
   * was written again.
   */
  note(host: string, paths: readonly string[], strangers: readonly Pair[]): readonly string[];
}

/** Paths remembered of one session and app. Those beyond are new for ever, and what they have is a stranger's. */
const MAX_PATHS = 256;
/** Strangers remembered at one path; one that has more stays new. */
const MAX_STRANGERS = 20;
/**
 * A value of so many characters may be somebody's session, and no two people's scripts write the same by chance: where a script of the
 * person before kept a copy, writing it again does not make it this person's. What is shorter is a preference.
 */
const SECRET_LENGTH = 16;

/** Nothing was looked at yet. */
export function newSight(): Sight {
  const seen = new Map<string, Set<string>>();
  let strangersKept = 0;
  return {
    get size() {
      return seen.size + strangersKept;
    },
    knows: (host, paths) => paths.every((path) => seen.has(`${host}${path}`)),
    had(host, paths, pair) {
      const known = keyOf(pair);
      return paths.some((path) => seen.get(`${host}${path}`)?.has(known) === true);
    },
    note(host, paths, strangers) {
      const keys = strangers.map(keyOf);
      return paths.filter((path) => {
        const had = seen.get(`${host}${path}`);
        if (had === undefined) {
          const isRoom = seen.size < MAX_PATHS && keys.length <= MAX_STRANGERS;
          if (isRoom) {
            seen.set(`${host}${path}`, keys.length === 0 ? NONE : new Set(keys));
            strangersKept += keys.length;
          }
          return true;
        }
        for (const key of had) if (key.startsWith(SHORT) && !keys.includes(key)) had.delete(key);
        return false;
      });
    },
  };
}

/** Most paths have none. Nothing is ever put in. */
const NONE = new Set<string>();

const SHORT = ' ';

const keyOf = ({ name, value }: Pair): string =>
  `${value.length < SECRET_LENGTH ? SHORT : ''}${sha256(`${name}=${value}`)}`;
