// Records and times to put into a store.

import type { EpochMs, SessionId } from '../../gateway/kernel/words.ts';
import type { SessionRecord } from '../../gateway/sessions/store.ts';

/** A point in time that is as good as any. */
export const at = (ms: number): EpochMs => (1_700_000_000_000 + ms) as EpochMs;
export const idOf = (name: string): SessionId => name as SessionId;
export const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

export const record = (id: string, differing: Partial<SessionRecord> = {}): SessionRecord => ({
  id: idOf(id),
  subject: 'anna',
  indexes: ['index-1'],
  sealed: bytes(`sealed ${id}`),
  createdAt: at(0),
  lastUsedAt: at(0),
  expiresAt: at(36_000_000),
  ...differing,
});
