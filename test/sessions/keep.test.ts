import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import type { EpochMs, SessionId, Token } from '../../gateway/kernel/words.ts';
import { MemoryStore } from '../../gateway/sessions/memory.ts';
import type { Nodes, SessionRecord, Store } from '../../gateway/sessions/store.ts';
import { DelayedStore } from './delayed-store.ts';
import { anna, begun, HOST, LIFETIME_MS, minted, sessionsOver } from './people.ts';
import { at } from './records.ts';

test('a session ends with the lesser of lifetime and SessionNotOnOrAfter (saml-core §2.7.2)', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  const expiry = async (notOnOrAfter: EpochMs | undefined): Promise<unknown> => {
    const session = await sessions.begin(anna(), notOnOrAfter, at(0));
    return session === 'tombstoned' ? session : session.expiresAt;
  };
  t.is(await expiry(undefined), at(LIFETIME_MS));
  t.is(await expiry(at(LIFETIME_MS + 1)), at(LIFETIME_MS));
  t.is(await expiry(at(LIFETIME_MS - 1)), at(LIFETIME_MS - 1));
});

test('an identity comes back as it went in, absent NameID attributes absent (saml-core §2.2.2)', async (t) => {
  const store = new MemoryStore();
  const { sessions } = sessionsOver(store);
  const identities = [
    anna(),
    anna({
      nameId: { value: ' Ännä\n', format: 'urn:x', nameQualifier: '', spNameQualifier: 'sp', spProvidedId: 'id' },
      sessionIndexes: [],
      attributes: new Map([
        ['__proto__', ['a']],
        ['constructor', []],
      ]),
      authnContext: 'urn:password',
    }),
    anna({ nameId: { value: 'x', format: undefined } }),
  ];
  for (const identity of identities) {
    const { id } = await begun(sessions, identity);
    const found = await sessions.find(await minted(sessions, id), HOST, at(1));
    t.deepEqual(found?.identity.attributes, identity.attributes);
    t.deepEqual({ ...found?.identity.nameId }, JSON.parse(JSON.stringify(identity.nameId)));
    t.is(found?.identity.authnContext, identity.authnContext);
    t.deepEqual(found?.identity.sessionIndexes, identity.sessionIndexes);
  }
});

test('ids carry 128 bits and tokens 256, and a token is stored as its hash only', async (t) => {
  const stored: string[] = [];
  class Watched extends MemoryStore {
    override async addToken(token: Parameters<MemoryStore['addToken']>[0]): Promise<boolean> {
      stored.push(token.hash);
      return super.addToken(token);
    }
  }
  const { sessions } = sessionsOver(new Watched());
  const { id } = await begun(sessions);
  const [one, two] = [await minted(sessions, id), await minted(sessions, id)];
  t.is(Buffer.from(id, 'base64url').length, 16);
  t.is(Buffer.from(one, 'base64url').length, 32);
  t.not(one, two);
  t.false(stored.includes(one));
});

test('a token opens its session on its own host and on no other, remembered or not (P11)', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  const { id } = await begun(sessions);
  const token = await minted(sessions, id);
  t.is(await sessions.find(token, 'mail.example.com', at(1)), undefined);
  t.is((await sessions.find(token, HOST, at(1)))?.id, id);
  t.is(await sessions.find(token, 'mail.example.com', at(1)), undefined);
  t.is(await sessions.find('unknown' as Token, HOST, at(1)), undefined);
});

test('an ended session is remembered nowhere by the time end tells anyone (P1)', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  const { id } = await begun(sessions);
  const token = await minted(sessions, id);
  await sessions.find(token, HOST, at(1));
  const seen: unknown[] = [];
  sessions.onEnded((ended) => seen.push(ended, sessions.find(token, HOST, at(2)), sessions.touch(id, at(2))));
  t.is((await sessions.end(id, at(2)))?.identity.nameId.value, 'anna@example.com');
  t.deepEqual(await Promise.all(seen), [id, undefined, false]);
  t.is(await sessions.mint(id, HOST), undefined);
});

test('of twenty that end a session at once, one gets it (P5)', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  const { id } = await begun(sessions);
  const ended = await Promise.all(Array.from({ length: 20 }, () => sessions.end(id, at(1))));
  t.is(ended.filter((session) => session?.id === id).length, 1);
  t.deepEqual(
    (await sessions.unfinished()).map((session) => session.id),
    [id],
  );
  await sessions.forget(id);
  t.deepEqual(await sessions.unfinished(), []);
});

test('a session that ends while it is being looked up is not found and not remembered (P1)', async (t) => {
  const store = new DelayedStore();
  const { sessions } = sessionsOver(store);
  const { id } = await begun(sessions);
  const token = await minted(sessions, id);
  const looking = Promise.all([sessions.find(token, HOST, at(1)), sessions.find(token, HOST, at(1))]);
  while (store.held.length < 2) await setImmediate();
  await sessions.end(id, at(1));
  for (const release of store.held) release();
  t.deepEqual(await looking, [undefined, undefined]);
  const again = sessions.find(token, HOST, at(1));
  t.true(again instanceof Promise);
  t.false(await sessions.touch(id, at(1)));
  while (store.held.length < 3) await setImmediate();
  store.held[2]?.();
  t.is(await again, undefined);
});

test('what was read while endings may have been missed serves nobody and is not remembered (P1, P12)', async (t) => {
  const lost: ((missed: boolean) => void)[] = [];
  class Shared extends DelayedStore {
    readonly nodes = {
      holds: () => true,
      onLost: (listener: (missed: boolean) => void) => void lost.push(listener),
    } as unknown as Nodes;
  }
  const store = new Shared();
  const { sessions } = sessionsOver(store);
  const { id } = await begun(sessions);
  const token = await minted(sessions, id);
  const looking = Promise.resolve(sessions.find(token, HOST, at(1)));
  while (store.held.length < 1) await setImmediate();
  for (const tell of lost) tell(true);
  store.held[0]?.();
  t.like(await t.throwsAsync(looking), { code: 'SESSIONS_STORE_UNAVAILABLE' });
  t.true(sessions.find(token, HOST, at(1)) instanceof Promise);
});

test('nothing is read into the memory of a node that has no lease: nobody tells it what ends meanwhile (P1, P12)', async (t) => {
  const asked: string[] = [];
  let holds = true;
  class Shared extends MemoryStore implements Store {
    readonly nodes = {
      holds: () => holds,
      regain: async () => {
        asked.push('lease');
        holds = true;
      },
      onLost: () => {},
    } as unknown as Nodes;

    override async find(id: SessionId): Promise<SessionRecord | undefined> {
      asked.push('record');
      return super.find(id);
    }

    override async renew(...renewed: Parameters<MemoryStore['renew']>): ReturnType<MemoryStore['renew']> {
      asked.push('renewal');
      return super.renew(...renewed);
    }
  }
  const { sessions } = sessionsOver(new Shared());
  const session = await begun(sessions);
  holds = false;
  await sessions.reread(session.id, at(1));
  holds = false;
  await sessions.renew(session, anna(), undefined, at(1));
  t.deepEqual(asked, ['lease', 'record', 'lease', 'renewal']);
});

test('a session that was renewed after a logout had found it ends as what it is by then', async (t) => {
  const { sessions } = sessionsOver(new MemoryStore());
  const first = await begun(sessions, anna({ attributes: new Map([['groups', ['first']]]) }));
  const { idp, nameId } = first.identity;
  const [found] = await sessions.findBySubject(idp, nameId.value, []);
  t.deepEqual(found?.identity.attributes.get('groups'), ['first']);
  await sessions.renew(first, anna({ attributes: new Map([['groups', ['second']]]) }), undefined, at(1));
  const ended = await sessions.end(first.id, at(2));
  t.deepEqual(ended?.identity.attributes.get('groups'), ['second']);
});
