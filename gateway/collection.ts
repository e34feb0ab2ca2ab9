// How the garbage of the whole process is collected: the one place for what V8 is told about it.

import { setFlagsFromString } from 'node:v8';

/** The first release of Node whose V8 knows the flag; an older one would print that it does not. */
const FIRST_MAJOR = 24;

/**
 * Tells V8 two things about requests, before any code is optimized. Bodies die young: by default V8 looks through all of the heap again whenever 64 MB of
 * them have been handed out, ten times a second for a busy upload, which took a third of its processor time. Now they count as part of the heap, and a look at
 * what is young finds them. And so does all else: what lived long while a store or an identity provider was waited for says nothing of the requests
 * that come, yet V8 puts all objects of a kind among the old ones from then on (docs/decisions.md).
 */
export function tuneCollection(versions: NodeJS.ProcessVersions = process.versions): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
  if (Number.parseInt(versions.node, 10) >= FIRST_MAJOR)
    setFlagsFromString('--external-memory-accounted-in-global-limit');
}
