// What strangers chose, on its way to a terminal: none of it may steer that, turn text around, or be there unseen.

/** The text in one line; what is no visible character stands there as JSON writes it, by UTF-16 unit. */
export const plain = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (found) =>
    found
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );

/** The same for a text of several lines. */
export const plainLines = (text: string): string => text.split('\n').map(plain).join('\n');
