// Says to an app who the person is, in header values that arrive as they were meant.

import type { Identity } from '../kernel/words.ts';
import { proxyError } from './codes.ts';
import { fillIn, parseTemplate, valuesOf, type Reference } from '../kernel/template.ts';

/**
 * Makes the function that gives a person's identity headers: a flat list name, value, name, value, ready for the wire.
 *
 * - What is not known makes no header at all: an empty `Remote-User` is somebody's name to some apps.
 * - Several values of an attribute are joined by `,`, as oauth2-proxy's and Pomerium's groups are (mod_auth_mellon's `;`
 *   is not followed). A comma inside one of several values becomes `%2C`, so that nobody gains a group by the name of
 *   another; a single value is left as it is, because `Möller, Alice` is one name.
 * - Text is sent as UTF-8; a value that is plain ASCII is the same in every encoding.
 *
 * Throws a TypeError for a template with faults. The function it returns throws `IDENTITY_UNSENDABLE` for a value with control
 * characters or with white space at its ends: HTTP drops these on the way, and `admin ` must not arrive as `admin`
 * (RFC 9110 §5.5).
 */
export function compileIdentityHeaders(
  templates: ReadonlyMap<string, string>,
): (identity: Identity) => readonly string[] {
  const compiled = [...templates].map(([name, template]) => {
    const { parts, faults } = parseTemplate(template);
    const [fault] = faults;
    if (fault !== undefined) throw new TypeError(`${name}: ${fault.reference} ${fault.problem}; ${fault.remedy}`);
    return { name, parts };
  });
  return (identity) => {
    const headers: string[] = [];
    for (const { name, parts } of compiled) {
      const value = fillIn(parts, (reference) => valueOf(name, reference, identity));
      if (value !== undefined && value !== '') headers.push(name, wireText(value));
    }
    return headers;
  };
}

function valueOf(header: string, reference: Reference, identity: Identity): string | undefined {
  const values = valuesOf(reference, identity).filter((value) => value !== '');
  for (const value of values) {
    // White space as every language trims it, not only HTTP: apps trim as well.
    if (CONTROL.test(value) || value.trim() !== value) throw proxyError('IDENTITY_UNSENDABLE', { detail: { header } });
  }
  if (values.length < 2) return values[0];
  return values.map((value) => value.replaceAll(',', '%2C')).join(',');
}

/** C0, DEL, C1, and the line separators that become line breaks where an app decodes UTF-8. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** One character a byte, as header fields are written: the bytes of the UTF-8 form. */
function wireText(value: string): string {
  return /^[\x20-\x7e]*$/.test(value) ? value : Buffer.from(value, 'utf8').toString('latin1');
}
