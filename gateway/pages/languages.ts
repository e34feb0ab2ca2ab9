// The languages of people's pages, and which of them somebody reads.

/** Every language, the first for whoever reads none of them and is told nothing else by `pages.language`. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'ja'] as const;

/** One of them, as a tag of BCP 47. */
export type Language = (typeof LANGUAGES)[number];

/** More than this nobody's browser says; the rest is not looked at. */
const MOST_CHARACTERS = 1024;

const RANGE = /^(\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)(?:\s*;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i;

/**
 * The language that Accept-Language asks for (RFC 9110 §12.5.4), looked up as RFC 4647 §3.4 has it: `de-CH` finds `de` and comes before
 * what is wanted less. Of equals the first. What is no language range is passed over; where nothing is left, `otherwise`. The answer is one
 * of ours, never what was sent.
 */
export function languageFor(accept: string | undefined, otherwise: Language): Language {
  if (accept === undefined) return otherwise;
  const ranges = accept
    .slice(0, MOST_CHARACTERS)
    .split(',')
    .flatMap((text) => rangeOf(text.trim()) ?? [])
    .toSorted((a, b) => b.quality - a.quality);
  // Refused is what is refused by its plain name: `de-CH;q=0` says nothing against German.
  const isRefused = (language: Language): boolean =>
    ranges.some(({ range, quality }) => quality === 0 && range === language);
  for (const { range, quality } of ranges) {
    if (quality === 0) break;
    const found = range === '*' ? [otherwise, ...LANGUAGES] : LANGUAGES.filter((one) => one === range.split('-', 1)[0]);
    const taken = found.find((language) => !isRefused(language));
    if (taken !== undefined) return taken;
  }
  return otherwise;
}

function rangeOf(text: string): { readonly range: string; readonly quality: number } | undefined {
  const [, range, quality] = RANGE.exec(text) ?? [];
  return range === undefined ? undefined : { range: range.toLowerCase(), quality: Number(quality ?? 1) };
}
