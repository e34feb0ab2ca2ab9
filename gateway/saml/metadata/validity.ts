// How long metadata holds: validUntil and cacheDuration of the entity and of everything around it (saml-metadata §2.3.1, §2.3.2).

import type { EpochMs } from '../../kernel/words.ts';
import { collapsed } from '../xml/elements.ts';
import { IdpMetadataFault } from './fault.ts';
import type { XmlElement } from '../xml/tree.ts';

/** The earliest validUntil and the shortest cacheDuration, from `role` outwards. Throws IdpMetadataFault where one cannot be read. */
export function validityOf(role: XmlElement): { validUntil: EpochMs | undefined; cacheMs: number | undefined } {
  const ends: EpochMs[] = [];
  const spans: number[] = [];
  for (let node: XmlElement | undefined = role; node !== undefined; node = node.parentNode) {
    const until = collapsed(node, 'validUntil');
    const span = collapsed(node, 'cacheDuration');
    if (until !== undefined) ends.push(timeOf(until));
    if (span !== undefined) spans.push(spanMs(span));
  }
  return {
    validUntil: ends.length === 0 ? undefined : (Math.min(...ends) as EpochMs),
    cacheMs: spans.length === 0 ? undefined : Math.min(...spans),
  };
}

function timeOf(text: string): EpochMs {
  // Always with a zone: Date.parse would take one without for our own.
  const at = /(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(at)) throw new IdpMetadataFault(`has a validUntil that is no time: "${text.slice(0, 40)}"`);
  return at as EpochMs;
}

const DAY_MS = 86_400_000;
/** Years, months, days, hours, minutes, seconds (XML Schema 2 §3.2.6); what varies is taken short. */
const PARTS_MS = [365 * DAY_MS, 28 * DAY_MS, DAY_MS, 3_600_000, 60_000, 1000];

function spanMs(text: string): number {
  const found = /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (found === null) throw new IdpMetadataFault(`has a cacheDuration that is no duration: "${text.slice(0, 40)}"`);
  return PARTS_MS.reduce((sum, ms, at) => sum + ms * Number(found[at + 1] ?? 0), 0);
}
