// An address that several rooms' settings name: scheme, host and port, and nothing behind.

import * as z from 'zod';

/** Reads `https://login.example.com:8443`; the outcome is as browsers write it in `Origin`. */
export const originSetting = (example: string) =>
  z
    .string()
    .meta({ title: 'origin', examples: [example] })
    .transform((text, context) => {
      const url = URL.parse(text);
      if (url === null || !/^https?:$/.test(url.protocol) || !/^https?:\/\/[^/?#@\\]+\/?$/i.test(text)) {
        context.addIssue(`is no origin; write scheme and host only, such as "${example}"`);
        return z.NEVER;
      }
      return url.origin;
    });
