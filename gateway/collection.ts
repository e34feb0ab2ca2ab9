// How the garbage of the whole process is collected: the one place for what V8 is told about it.

import { setFlagsFromString } from 'node:v8';

/** The first release of Node whose V8 knows the flag; an older one would print that it does not. */
const FIRST_MAJOR = 24;

/**
 * Lets the bytes of bodies in passage count as part of the heap. By default V8 looks through all of the heap again whenever 64 MB of them
 * have been handed out, ten times a second for a busy upload: that took a third of its processor time, and half the throughput that is
 * left to it (docs/decisions.md). Bodies die young, and a look at what is young finds them.
 */
export function tuneCollection(versions: NodeJS.ProcessVersions = process.versions): void {
  if (Number.parseInt(versions.node, 10) >= FIRST_MAJOR)
    setFlagsFromString('--external-memory-accounted-in-global-limit');
}
