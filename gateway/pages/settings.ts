// The settings of people's pages: language, whom to ask, and how they look.

import * as z from 'zod';
import { LANGUAGES } from './languages.ts';
import { CARD, contrast, LEAST_CONTRAST } from './look.ts';

export { faultsInTemplate, STYLE_FILE, templateNamed } from './template-faults.ts';

const colour = (card: string, example: string) =>
  z
    .string()
    .meta({ title: 'colour', examples: [example] })
    .transform((text, context) => {
      if (!/^#[0-9a-f]{6}$/i.test(text)) {
        context.addIssue('is no colour; write "#" and six digits, such as "#2d5bd0"');
        return z.NEVER;
      }
      const ratio = contrast(text, card);
      if (ratio >= LEAST_CONTRAST) return text.toLowerCase();
      const found = Math.floor(ratio * 10) / 10;
      context.addIssue(
        `has a contrast of ${found} to 1 against ${card}, and people need ${LEAST_CONTRAST} to read it; take a ${card === CARD.light ? 'darker' : 'lighter'} one`,
      );
      return z.NEVER;
    });

/** One line of text. */
export const line = (example: string) =>
  z
    .string()
    .min(1, 'is empty')
    .max(200, 'is longer than 200 characters')
    .regex(/^[^\p{Cc}]*$/u, { error: 'has more than one line' })
    .meta({ title: 'text', examples: [example] });

/** `pages` of gateway.yaml. */
export const pagesSettings = z.strictObject({
  language: z
    .enum(LANGUAGES)
    .prefault('en')
    .describe('What people read whose browser asks for none of the languages there are.'),
  organisation: line('Example Corporation').describe('Stands above every page, beside the logo.').optional(),
  contact: line('help@example.com')
    .describe('Whom people may ask: an e-mail address or an https address, which become links, or any words.')
    .optional(),
  logo: z
    .string()
    .min(1, 'names no file')
    .meta({ title: 'file', examples: ['../pages/logo.svg'] })
    .describe(
      'An SVG, PNG, JPEG or WebP picture of at most 32 KiB. It travels within each page, so a small one is a kind one.',
    )
    .optional(),
  colours: z
    .strictObject({
      light: colour(CARD.light, '#2d5bd0').describe('On white.'),
      dark: colour(CARD.dark, '#8fb0ff').describe('On near black, for people whose screens are dark.'),
    })
    .describe('Of buttons and links. One that cannot be read is refused (WCAG AA).')
    .optional(),
  templates: z
    .string()
    .min(1, 'names no folder')
    .meta({ title: 'folder', examples: ['../pages'] })
    .describe(
      'Templates in the place of the built-in ones, and `style.css` after the built-in style. What is not there stays as it is.',
    )
    .optional(),
});

/** Of buttons and links, as `#rrggbb`. */
export interface PageColours {
  readonly light: string;
  readonly dark: string;
}

/** The most bytes of a template or style. */
export const MAX_TEMPLATE_BYTES = 32 * 1024;

/** The most bytes of a logo. */
export const MAX_LOGO_BYTES = 32 * 1024;

/** A picture as an address that needs no request; undefined where it is none that a browser shows. Scripts in an SVG do not run there. */
export function logoAddress(bytes: Buffer): string | undefined {
  const start = bytes.toString('latin1', 0, 1024);
  const [, type] = PICTURES.find(([pattern]) => pattern.test(start)) ?? [];
  return type && `data:${type};base64,${bytes.toString('base64')}`;
}

const PICTURES: readonly (readonly [RegExp, string])[] = [
  [/^\x89PNG\r\n\x1a\n/, 'image/png'],
  [/^\xff\xd8\xff/, 'image/jpeg'],
  [/^RIFF[\s\S]{4}WEBP/, 'image/webp'],
  [/^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)?<svg[\s>]/, 'image/svg+xml'],
];
