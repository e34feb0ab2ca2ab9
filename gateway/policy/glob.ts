// Path patterns: `*` is one whole segment, `**` any number of them, everything else is literal. No expression a person
// could write makes matching slow: it costs at most pattern segments × path segments.

/** A compiled pattern; `**` and `*` stand for themselves. */
export type Pattern = readonly string[];

/** What is wrong with a pattern, or undefined. A pattern that could never match would leave its rule without effect. */
export function patternFault(text: string): string | undefined {
  const fault = pathFault(text);
  if (fault !== undefined) return fault;
  const star = text.split('/').find((segment) => segment.includes('*') && segment !== '*' && segment !== '**');
  return star === undefined
    ? undefined
    : 'has a "*" inside a segment; "*" stands for one whole segment, "**" for any number';
}

/** What is wrong with a path written in a policy, or undefined. Paths are written decoded, as people read them. */
export function pathFault(text: string): string | undefined {
  if (!text.startsWith('/')) return 'does not begin with "/"; write "/admin/**"';
  if (/[\p{Cc}\\?#]/u.test(text)) return 'has a character no path has: control character, "\\", "?" or "#"';
  if (/%[0-9a-f]{2}/i.test(text)) return 'is percent-encoded; write the characters themselves';
  if (text.includes('//')) return 'has an empty segment; write single slashes';
  if (text.split('/').some((segment) => /^[. ]*\.[. ]*$/.test(segment)))
    return 'has a dot segment; write the path it leads to';
  return undefined;
}

/** Compiles a pattern for which `patternFault` found nothing. */
export const compilePattern = (text: string): Pattern => segmentsOf(text);

/** The segments of a path; a slash at the end adds none, because applications serve `/admin` and `/admin/` alike. */
export function segmentsOf(path: string): string[] {
  const segments = path.split('/');
  segments.shift();
  if (segments.at(-1) === '') segments.pop();
  return segments;
}

/**
 * Whether a pattern matches all of a path's segments. Where it fails, only the last `**` is tried again one segment
 * further: an earlier one could not do better.
 */
export function matches(pattern: Pattern, segments: readonly string[]): boolean {
  let p = 0;
  let s = 0;
  let retryPattern = -1;
  let retrySegment = 0;
  while (s < segments.length) {
    const wanted = pattern[p];
    if (wanted === '**') {
      retryPattern = p++;
      retrySegment = s;
    } else if (wanted !== undefined && (wanted === segments[s] || (wanted === '*' && segments[s] !== ''))) {
      p++;
      s++;
    } else if (retryPattern >= 0) {
      p = retryPattern + 1;
      s = ++retrySegment;
    } else return false;
  }
  while (pattern[p] === '**') p++;
  return p === pattern.length;
}
