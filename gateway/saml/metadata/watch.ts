// Keeps an identity provider's metadata current: reads it at start, looks again from time to time, and goes on with the last good one where
// that fails. What it says is taken over whole or not at all.

import { hash, X509Certificate } from 'node:crypto';
import { plus, type Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { EpochMs } from '../../kernel/words.ts';
import { refuse } from '../codes.ts';
import { readIdpMetadata, type IdpMetadata, type WantedMetadata } from '../idp-metadata.ts';
import { readCopy, writeCopy } from './copy.ts';
import { IdpMetadataFault } from './fault.ts';
import { readPlace, type MetadataPlace, type SeenPlace } from './source.ts';

/** What is configured about the metadata of one identity provider. */
export interface WatchedMetadata extends WantedMetadata {
  /** The identity provider's `name`. */
  readonly name: string;
  readonly place: MetadataPlace;
  readonly refreshMs: number;
  /** Where the last good copy of what is fetched is kept. */
  readonly copy: string;
}

/** Metadata that is kept current. */
export interface MetadataWatch {
  readonly current: () => IdpMetadata;
  /** Looks again, if it is time; true where the metadata is another now. Never rejects: a source that fails leaves what there is. */
  readonly refresh: () => Promise<boolean>;
  /** Why the last look failed; undefined where it did not. */
  readonly trouble: () => string | undefined;
}

/** After a failure the next look comes sooner, and never at every turn. */
const AGAIN_MS = 5 * 60_000;
const LEAST_MS = 60_000;

/** Reads it for the first time. Rejects with SAML_METADATA_UNREADABLE where there is neither a source that works nor a copy. */
export async function watchMetadata(
  wanted: WatchedMetadata,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<MetadataWatch> {
  const { name, place, copy } = wanted;
  const seen: SeenPlace = {};
  let trouble: string | undefined;
  let text: string | undefined;
  let current = await first();
  let due = plus(clock.now(), intervalMs(current, wanted));
  log.info('metadata-read', {
    idp: name,
    certificates: fingerprints(current),
    validUntil: timeText(current.validUntil),
    ...passedOver(current),
  });

  async function first(): Promise<IdpMetadata> {
    if ('text' in place) {
      text = place.text;
      return readIdpMetadata(text, wanted);
    }
    try {
      const found = (await readPlace(place, seen)) ?? '';
      const metadata = good(found, undefined);
      text = found;
      await keep(found);
      return metadata;
    } catch (error) {
      trouble = reasonOf(error);
      const kept = await readCopy(copy);
      if (kept === undefined)
        throw refuse('SAML_METADATA_UNREADABLE', { cause: error, detail: { idp: name, reason: trouble } });
      log.warn('metadata-from-copy', { idp: name, reason: trouble, copy });
      text = kept;
      return readIdpMetadata(kept, wanted);
    }
  }

  /** What may be taken over: not what is over already, and not another identity provider under the same name. */
  function good(found: string, before: IdpMetadata | undefined): IdpMetadata {
    const metadata = readIdpMetadata(found, wanted);
    if (metadata.validUntil !== undefined && metadata.validUntil <= clock.now()) {
      throw new IdpMetadataFault(`was good until ${timeText(metadata.validUntil) ?? ''} only`);
    }
    if (before !== undefined && before.entityId !== metadata.entityId) {
      throw new IdpMetadataFault(`is of "${metadata.entityId}" now; restart to take over another identity provider`);
    }
    return metadata;
  }

  async function keep(found: string): Promise<void> {
    try {
      await writeCopy(copy, found);
    } catch (error) {
      log.warn('metadata-copy-not-kept', { idp: name, copy, error: String(error) });
    }
  }

  return {
    current: () => current,
    trouble: () => trouble,
    refresh: async () => {
      const now = clock.now();
      if (now < due) return false;
      try {
        const found = await readPlace(place, seen);
        due = plus(now, intervalMs(current, wanted));
        // A file that has not changed is as good or as bad as it was.
        if (found === undefined) return false;
        if (found === text) {
          trouble = undefined;
          return false;
        }
        const next = good(found, current);
        const [before, after] = [fingerprints(current), fingerprints(next)];
        if ('url' in place) await keep(found);
        text = found;
        current = next;
        due = plus(now, intervalMs(current, wanted));
        trouble = undefined;
        log.info('metadata-changed', {
          idp: name,
          certificates: after,
          added: after.filter((one) => !before.includes(one)),
          removed: before.filter((one) => !after.includes(one)),
          validUntil: timeText(next.validUntil),
          ...passedOver(next),
        });
        return true;
      } catch (error) {
        trouble = reasonOf(error);
        due = plus(now, Math.min(AGAIN_MS, intervalMs(current, wanted)));
        log.warn('metadata-not-refreshed', { idp: name, reason: trouble });
        return false;
      }
    },
  };
}

const intervalMs = ({ cacheMs }: IdpMetadata, { refreshMs }: WatchedMetadata): number =>
  Math.max(LEAST_MS, Math.min(refreshMs, cacheMs ?? Infinity));

/** SHA-256 of each certificate, as `openssl x509 -fingerprint -sha256` shows it, and of each key without one. */
const fingerprints = ({ certificates, keys }: IdpMetadata): string[] => [
  ...certificates.map((base64) => new X509Certificate(Buffer.from(base64, 'base64')).fingerprint256),
  ...keys
    .slice(certificates.length)
    .map((key) => `key ${hash('sha256', key.export({ type: 'spki', format: 'der' }), 'hex')}`),
];

const passedOver = ({ unusable }: IdpMetadata) => (unusable.length === 0 ? {} : { unusable });

const timeText = (at: EpochMs | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
