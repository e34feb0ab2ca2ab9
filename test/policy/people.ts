import type { Attributes, EpochMs, Identity } from '../../gateway/kernel/words.ts';
import { readings, type Readings } from '../../gateway/policy/path.ts';
import type { AppPolicy } from '../../gateway/policy/settings.ts';

/** Somebody who signed in at `corp`, with these attributes. */
export function person(attributes: Record<string, string[]> = {}, idp = 'corp', nameId = 'ada'): Identity {
  const map: Attributes = new Map(Object.entries(attributes));
  return { idp, nameId: { value: nameId }, sessionIndexes: [], attributes: map, authnInstant: 0 as EpochMs };
}

/** An app called wiki at wiki.example.com. */
export function anApp(access: AppPolicy['access'], other: Partial<AppPolicy> = {}): AppPolicy {
  const hosts = [{ name: 'wiki.example.com', port: undefined }];
  return { app: 'wiki', hosts, path: '/', identityProviders: ['corp'], access, ...other };
}

/** The readings of a target that must not be ambiguous. */
export function read(target: string): Readings {
  const found = readings(target);
  if (found === 'ambiguous') throw new Error(`${target} is ambiguous`);
  return found;
}
