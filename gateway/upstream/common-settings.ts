// What several settings of this room are made of.

import * as z from 'zod';

/** From the root of the host; never a second host. */
export const TARGET = /^\/(?!\/)[^\s#\\]{0,2047}$/;

/** A path with its query. */
export const target = (example: string) =>
  z
    .string()
    .meta({ title: 'path', examples: [example] })
    .regex(TARGET, { error: `is no path; write it from the root of the host, such as "${example}"` });

/** Text that is there. */
export const text = (example: string) =>
  z
    .string()
    .min(1, 'is empty')
    .meta({ title: 'text', examples: [example] });

/** The name of a cookie, or its beginning with a `*`. */
export const cookieName = (example: string) =>
  z
    .string()
    .meta({ title: 'cookie name', examples: [example] })
    .regex(/^[!#$%&'+.^_`|~0-9A-Za-z-]+\*?$/, {
      error: 'is no cookie name; a "*" at its end, and there only, stands for any ending',
    });
