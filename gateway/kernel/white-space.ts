// White space as XML knows it (XML 1.0 §2.3): space, tab, line feed, carriage return, and nothing else. What JavaScript trims beside that, such as a
// no-break space or a byte order mark, is part of a name: without it one person would be taken for another.

const SPACES = ' \t\n\r';

/** The text without white space at its ends. A loop: a pattern would try every blank of a long run anew. */
export function withoutSpaceAround(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && SPACES.includes(text.charAt(from))) from += 1;
  while (to > from && SPACES.includes(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}
