// The few cookies of an app that its own scripts must read: the browser gets a copy of these.

import { parse } from 'tough-cookie';
import { namedBy } from './names.ts';

/** Picks the Set-Cookie lines the browser may have. A line that this room cannot read is never among them. */
export function compileExposure(patterns: readonly string[]): (lines: readonly string[]) => readonly string[] {
  if (patterns.length === 0) return () => [];
  const isNamed = namedBy(patterns);
  return (lines) => lines.filter((line) => isNamed(parse(line)?.key ?? ''));
}
