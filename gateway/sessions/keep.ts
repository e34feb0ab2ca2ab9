// Sessions over any store: seals what goes in, opens what comes out, judges idle time and lifetime, and answers from
// memory where it can.

import { plus } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { randomText, sha256 } from '../kernel/random.ts';
import type { EpochMs, Identity, SessionId, Token } from '../kernel/words.ts';
import { KnownTokens } from './known-tokens.ts';
import type { Live } from './live.ts';
import { LiveSessions } from './live-sessions.ts';
import type { Sealing } from './sealing.ts';
import { adoptFrom } from './orphans.ts';
import type { Session, Sessions, Soon } from './sessions.ts';
import { writeEveryMs, type Terms } from './terms.ts';
import type { Secured, SessionRecord, Store } from './store.ts';
import { Records } from './records.ts';
import { searchIn } from './search.ts';
import { indexesKept, tombstonesOf } from './subject-names.ts';

/** What sessions are kept in, and for how long. */
export interface KeepOptions {
  readonly store: Store;
  readonly sealing: Sealing;
  /** May be put in the place of: whoever needs one of them asks for it anew. */
  terms: Terms;
  /** Sessions remembered in this process; of more, those go that nobody has used for some time. */
  readonly cacheMax: number;
  /** What they may take, roughly. Default 144 MiB: 120,000 with identities of 650 bytes. */
  readonly cacheMaxBytes?: number | undefined;
  readonly log: Log;
}

const MAX_BYTES = 144 * 1024 ** 2;
const DUE_AT_ONCE = 500;

/** Sessions kept in a store. One is dead here from the moment the store announces its end, before `end` answers (P1). */
export class KeptSessions implements Sessions {
  readonly #options: KeepOptions;
  readonly #store: Store;
  readonly #sealing: Sealing;
  readonly #records: Records;
  readonly #search: Pick<Sessions, 'findBySubject' | 'findByIndexes'>;
  readonly #live: LiveSessions;
  readonly #tokens: KnownTokens;

  constructor(options: KeepOptions) {
    const { store, cacheMax: max, cacheMaxBytes: maxBytes = MAX_BYTES, terms, log } = options;
    this.#options = options;
    this.#store = store;
    this.#sealing = options.sealing;
    this.#records = new Records(options);
    this.#search = searchIn({ store, sealing: options.sealing, records: this.#records });
    this.#live = new LiveSessions({ store, max, maxBytes, writeEveryMs: writeEveryMs(terms), log });
    this.#tokens = new KnownTokens(max);
    store.onEnded((id) => this.#live.drop(id));
    store.nodes?.onLost((missed) => {
      if (missed) this.#live.clear();
    });
  }

  /** Idle sessions end by `terms` from now on, the lifetime is for those that begin. `forget`: everything is read from the store anew. */
  follow(terms: Terms, { forget }: { readonly forget: boolean }): void {
    this.#options.terms = terms;
    this.#live.writeEvery(writeEveryMs(terms));
    if (forget) this.#live.startOver();
  }

  async begin(identity: Identity, notOnOrAfter: EpochMs | undefined, now: EpochMs): Promise<Session | 'tombstoned'> {
    const id = randomText(128) as SessionId;
    const expiresAt = this.#records.endOf(now, notOnOrAfter);
    const { names, others } = this.#records.namesOf(identity);
    const sealed = this.#records.sealed(identity, id);
    const record = { id, ...names, sealed, createdAt: now, lastUsedAt: now, expiresAt };
    const answer = await this.#store.begin(record, identity.authnInstant, now, others);
    // Not remembered yet: a logout may have found it and ended it before this line.
    return answer === 'begun' ? { id, identity, createdAt: now, expiresAt } : answer;
  }

  renew(
    { id, createdAt, identity: former }: Session,
    said: Identity,
    notOnOrAfter: EpochMs | undefined,
    now: EpochMs,
  ): Promise<Session | 'tombstoned' | undefined> {
    const indexes = indexesKept(said.sessionIndexes, former.sessionIndexes);
    const identity = { ...said, sessionIndexes: indexes, provenAt: now };
    const { names, others } = this.#records.namesOf(identity);
    const expiresAt = this.#records.endOf(createdAt, notOnOrAfter);
    const record = { id, ...names, sealed: this.#records.sealed(identity, id), expiresAt };
    return this.#live.look(
      () => this.#store.renew(record, identity.authnInstant, now, others),
      (answer, endedMeanwhile): Session | 'tombstoned' | undefined => {
        if (answer !== 'renewed') return answer === 'ended' ? undefined : answer;
        if (endedMeanwhile.has(id)) return undefined;
        return this.#live.replace({ id, identity, createdAt, expiresAt }, record, now);
      },
    );
  }

  reread(id: SessionId, now: EpochMs): Promise<Session | undefined> {
    return this.#live.look(
      () => this.#store.find(id),
      (record, endedMeanwhile) => {
        if (record === undefined || endedMeanwhile.has(id)) return undefined;
        const session = this.#records.kept(record);
        if (session === undefined || !this.#young(session, record.lastUsedAt, now)) return undefined;
        return this.#live.replace(session, record, record.lastUsedAt);
      },
    );
  }

  async mint(id: SessionId, host: string): Promise<Token | undefined> {
    const token = randomText(256) as Token;
    return (await this.#store.addToken({ hash: sha256(token), session: id, host })) ? token : undefined;
  }

  find(token: Token, host: string, now: EpochMs): Soon<Session | undefined> {
    const { nodes } = this.#store;
    // In doubt, closed: without a lease not even what the store answers counts, because nobody waits for us (P12).
    if (nodes?.holds() === false) return nodes.regain().then(() => this.find(token, host, now));
    const tokenHash = sha256(token);
    const opened = this.#tokens.find(tokenHash, host);
    const entry = opened && this.#live.get(opened);
    // Too old by what we know: another node may know of a later use.
    return this.#inTime(entry, now) ? entry : this.#lookUp(tokenHash, host, now);
  }

  #lookUp(tokenHash: string, host: string, now: EpochMs): Promise<Session | undefined> {
    const read = () => this.#store.findByToken(tokenHash);
    return this.#live.look(read, (found, endedMeanwhile) => {
      if (found?.host !== host || endedMeanwhile.has(found.record.id)) return undefined;
      const entry = this.#live.remember(found.record, (record) => this.#records.kept(record));
      if (!this.#inTime(entry, now)) return undefined;
      this.#tokens.remember(tokenHash, entry.id, host);
      return entry;
    });
  }

  touch(id: SessionId, now: EpochMs): Soon<boolean> {
    const { nodes } = this.#store;
    if (nodes?.holds() === false) return nodes.regain().then(() => this.touch(id, now));
    const entry = this.#live.get(id);
    if (!this.#inTime(entry, now)) return this.#touchInStore(id, now);
    this.#live.use(entry, now);
    return true;
  }

  async #touchInStore(id: SessionId, now: EpochMs): Promise<boolean> {
    const record = await this.#store.find(id);
    return record !== undefined && this.#young(record, record.lastUsedAt, now) && this.#store.touch(id, now);
  }

  findBySubject(realm: string, nameIdValue: string, sessionIndexes: readonly string[]): Promise<Session[]> {
    return this.#search.findBySubject(realm, nameIdValue, sessionIndexes);
  }

  findByIndexes(realm: string, sessionIndexes: readonly string[]): Promise<Session[]> {
    return this.#search.findByIndexes(realm, sessionIndexes);
  }

  async end(id: SessionId, now: EpochMs): Promise<Session | undefined> {
    const record = await this.#store.end(id, now);
    if (record === undefined) return undefined;
    const session = this.#records.opened(record);
    if (session === undefined) await this.#store.forget(id);
    return session;
  }

  forget(id: SessionId): Promise<void> {
    return this.#store.forget(id);
  }

  async unfinished(): Promise<Session[]> {
    return (await this.#store.unfinished()).flatMap((record) => this.#records.opened(record) ?? []);
  }

  adopt(finish: (left: readonly Session[]) => Promise<void>): Promise<void> {
    const readable = (record: SessionRecord): Session[] => [this.#records.opened(record) ?? []].flat();
    return adoptFrom(this.#store, (left) => finish(left.flatMap(readable)), this.#options.log);
  }

  async due(now: EpochMs): ReturnType<Sessions['due']> {
    const idleSince = plus(now, -this.#options.terms.idleMs);
    const come = (await this.#store.due(idleSince, now, DUE_AT_ONCE)).flatMap(({ id, expiresAt }) => {
      if (expiresAt <= now) return { id, reason: 'lifetime' as const };
      return this.#live.usedAfter(id, idleSince) ? [] : { id, reason: 'idle' as const };
    });
    // So that sessions in use do not stand in the way of the next call.
    await this.#live.settled();
    return come;
  }

  bury(logout: Parameters<Sessions['bury']>[0], until: EpochMs): Promise<Secured> {
    return this.#store.bury(tombstonesOf(logout, until)(this.#sealing.hashes[0]));
  }

  onEnded(listener: (id: SessionId) => void): () => void {
    return this.#store.onEnded(listener);
  }

  count(): Promise<number> {
    return this.#store.count();
  }

  ready(): Promise<void> {
    return this.#store.ready();
  }

  sweep(now: EpochMs): Promise<number> {
    return this.#store.sweep(now);
  }

  async close(): Promise<void> {
    await this.#live.flush();
    await this.#store.close();
  }

  #inTime(entry: Live | undefined, now: EpochMs): entry is Live {
    return entry !== undefined && this.#young(entry, entry.lastUsedAt, now);
  }

  /** Written so that a time which is not a number is past. */
  #young({ expiresAt }: { readonly expiresAt: EpochMs }, lastUsedAt: EpochMs, now: EpochMs): boolean {
    return now < expiresAt && now - lastUsedAt < this.#options.terms.idleMs;
  }
}
