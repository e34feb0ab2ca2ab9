// The look of people's pages: built-in style, the operator's colours and rules after it, and whether a colour can be read.

import type { PageColours } from './settings.ts';

/** Least contrast of text (WCAG 2.2, 1.4.3, AA). */
export const LEAST_CONTRAST = 4.5;

/** What buttons and links stand on, by day and by night. Of style.css, where they are --card. */
export const CARD = { light: '#ffffff', dark: '#1b2129' } as const;

/** Contrast of two colours written as `#rrggbb`, from 1 to 21 (WCAG 2.2, contrast ratio). */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Relative luminance, from 0 to 1. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The whole style of the pages. */
export const styleOf = (builtIn: string, colours: PageColours | undefined, own: string | undefined): string =>
  [builtIn, colours && coloursAsStyle(colours), own].filter((part) => part !== undefined).join('\n');

const coloursAsStyle = ({ light, dark }: PageColours): string =>
  `:root{--accent:${light}}\n@media (prefers-color-scheme:dark){:root{--accent:${dark}}}`;
