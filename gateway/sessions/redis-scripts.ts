// What the Redis store asks of Redis in one atomic step, as a table, each script with the reason why it is one. Every key is
// declared and all share one hash tag, so that each is one step on a Redis Cluster too. Numbers travel as text: Lua would
// write a time as 1.7e+12.

import { NODE_SCRIPTS, REACHED } from './redis-node-scripts.ts';
import { sha1 } from './redis-keys.ts';

/** A session's tombstones, by field: `a` stands for all of the person's sessions, `i` and an index for those with it. */
const FORBIDS = `
local function forbids(key, field, now, authn)
  local value = redis.call('HGET', key, field)
  if not value then return false end
  local issued, till = string.match(value, '^1 (%-?%d+) (%-?%d+)$')
  if not issued then return true end -- written by another version: in doubt closed
  if now >= tonumber(till) then return false end
  return authn == nil or authn <= tonumber(issued)
end
`;

/** Whether a living session of our version stands there: its form is in redis-records.ts. */
const LIVES = `
local function lives(key) return redis.call('GETRANGE', key, 0, 0) == '1' end
`;

/** Time to live is only ever made longer, whoever is last. */
const LONGER = `
local function longer(key, ms) if redis.call('PTTL', key) < tonumber(ms) then redis.call('PEXPIRE', key, ms) end end
`;

/** By name the text of each; every one is a single step of the store. */
export const SCRIPTS = {
  /**
   * One step with the look at the tombstones, so that no logout falls between (P6); a renewal also with the look whether it lives.
   * KEYS session, uses, expiries, tombstones…, sets to find it by…; ARGV id, ttl, now, authnInstant, names (JSON), begin or renew, and the
   * record: beginning (of a renewed one its own stays), use (the later stays), end, body.
   */
  write: `${FORBIDS}${LONGER}${LIVES}
local begins = ARGV[6] == 'begin'
if not begins and not lives(KEYS[1]) then return -1 end
local names = cjson.decode(ARGV[5])
local now, authn = tonumber(ARGV[3]), tonumber(ARGV[4])
for at = 1, #names do
  if forbids(KEYS[3 + at], 'a', now, authn) then return 0 end
  for _, index in ipairs(names[at]) do
    if forbids(KEYS[3 + at], 'i' .. index, now, nil) then return 0 end
  end
end
if begins and redis.call('EXISTS', KEYS[1]) == 1 then return redis.error_reply('TAKEN this session id is taken') end
local begun, used, ends = ARGV[7], ARGV[8], ARGV[9]
if not begins then
  begun = redis.call('GETRANGE', KEYS[1], 1, 16)
  local before = redis.call('GETRANGE', KEYS[1], 17, 32)
  if before > used then used = before end
end
redis.call('SET', KEYS[1], '1' .. begun .. used .. ends .. ARGV[10], 'PX', ARGV[2])
redis.call('ZADD', KEYS[2], used, ARGV[1])
redis.call('ZADD', KEYS[3], ends, ARGV[1])
for at = 4 + #names, #KEYS do
  redis.call('HSET', KEYS[at], ARGV[1], '')
  longer(KEYS[at], ARGV[2])
end
return 1`,

  /** One step, or a token could be added to a session that ends in between. KEYS session, token; ARGV value. */
  addToken: `${LIVES}
if not lives(KEYS[1]) then return 0 end
local ttl = math.max(redis.call('PTTL', KEYS[1]), 1)
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ttl) then
  return redis.error_reply('TAKEN this token is taken')
end
return 1`,

  /** One step, or a late use would write half a session where one has ended. KEYS session, uses; ARGV id, now. */
  touch: `${LIVES}
if not lives(KEYS[1]) then return 0 end
if ARGV[2] > redis.call('GETRANGE', KEYS[1], 17, 32) then
  redis.call('SETRANGE', KEYS[1], 17, ARGV[2])
  redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
end
return 1`,

  /**
   * The death: whoever renames the record has it, and in the same step it is announced, so that none dies unheard (P1). Answers the
   * record (nobody's where another came first), the number to wait for, and the nodes there are.
   * KEYS session, ended, uses, expiries, unfinished, nodes, endings, sets it is found by…; ARGV id, node, ttl, channel.
   */
  end: `${REACHED}${LIVES}
local before, nodes = reached(KEYS[7], KEYS[6])
if not lives(KEYS[1]) then return {false, before, nodes} end
redis.call('RENAME', KEYS[1], KEYS[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
for at = 8, #KEYS do redis.call('HDEL', KEYS[at], ARGV[1]) end
redis.call('HSET', KEYS[5], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[5], ARGV[3])
local number = string.format('%.0f', tonumber(before) + 1)
redis.call('ZADD', KEYS[7], number, ARGV[1])
redis.call('PEXPIRE', KEYS[7], ARGV[3])
redis.call('PUBLISH', ARGV[4], 'ended')
return {redis.call('GET', KEYS[2]), number, nodes}`,

  /** One step, or a session that lives would lose its cookies. KEYS session, ended, unfinished, jars…; ARGV id. */
  forget: `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('DEL', KEYS[2])
for at = 4, #KEYS do redis.call('DEL', KEYS[at]) end
return 1`,

  /**
   * One step, so that each is taken over by one node only: those whose ender is no node any more, and those of our own whose answer
   * was lost on the way; not what another has ended since, who has it under way. KEYS unfinished, nodes, endings; ARGV node, ids….
   */
  adopt: `${REACHED}
local ours = {}
for at = 2, #ARGV do ours[ARGV[at]] = true end
local left, taken = redis.call('HGETALL', KEYS[1]), {}
for at = 1, #left, 2 do
  local id, ender = left[at], left[at + 1]
  if (ours[id] and ender == ARGV[1]) or redis.call('HEXISTS', KEYS[2], ender) == 0 then
    redis.call('HSET', KEYS[1], id, ARGV[1])
    taken[#taken + 1] = id
  end
end
return {taken, reached(KEYS[3], KEYS[2])}`,

  /**
   * All changes or none, and none after the end (P7). Answers the jar's version, 0 where the session no longer lives.
   * KEYS session, jar, versions; ARGV app, session id, channel, then key and value in turn (an empty value removes).
   */
  merge: `${LONGER}${LIVES}
if not lives(KEYS[1]) then return 0 end
local ttl = math.max(redis.call('PTTL', KEYS[1]), 1)
for at = 4, #ARGV, 2 do
  if ARGV[at + 1] == '' then redis.call('HDEL', KEYS[2], ARGV[at])
  else redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1]) end
end
longer(KEYS[2], ttl)
local version = redis.call('HINCRBY', KEYS[3], ARGV[1], 1)
longer(KEYS[3], ttl)
redis.call('PUBLISH', ARGV[3], cjson.encode({ARGV[2], ARGV[1], version}))
return version`,

  /** One that stands is only ever extended. Some of what is over is removed by the way, whatever has gathered. KEYS tombstones; ARGV now, ttl, then field, issuedAt and until in turn. */
  bury: `${LONGER}
local stood = redis.call('HRANDFIELD', KEYS[1], 20, 'WITHVALUES')
for at = 1, #stood, 2 do
  local till = string.match(stood[at + 1], '^1 %-?%d+ (%-?%d+)$')
  if till and tonumber(till) < tonumber(ARGV[1]) then redis.call('HDEL', KEYS[1], stood[at]) end
end
for at = 3, #ARGV, 3 do
  local issued, till = ARGV[at + 1], ARGV[at + 2]
  local value = redis.call('HGET', KEYS[1], ARGV[at])
  local i, u = string.match(value or '', '^1 (%-?%d+) (%-?%d+)$')
  if i and tonumber(i) > tonumber(issued) then issued = i end
  if u and tonumber(u) > tonumber(till) then till = u end
  redis.call('HSET', KEYS[1], ARGV[at], '1 ' .. issued .. ' ' .. till)
end
longer(KEYS[1], ARGV[2])
return 1`,

  /** SET NX would go by Redis's clock; the time is the caller's here. KEYS name; ARGV until, now, ttl. */
  once: `
local value = redis.call('GET', KEYS[1])
if value then
  local till = string.match(value, '^1 (%-?%d+)$')
  if not till or tonumber(ARGV[2]) < tonumber(till) then return 0 end
end
redis.call('SET', KEYS[1], '1 ' .. ARGV[1], 'PX', ARGV[3])
return 1`,

  /** One step, or what another node has put there since would be lost. KEYS name; ARGV what is expected, what comes, ttl; either may be nothing. */
  replace: `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1`,

  /** A claim is worth as much as the node that has it. KEYS claim, nodes; ARGV node, ttl. */
  claim: `
local owner = redis.call('GET', KEYS[1])
if owner and redis.call('HEXISTS', KEYS[2], owner) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`,

  /** One step, or a claim that another took over would be taken from them. KEYS claim; ARGV node. */
  release: `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`,

  ...NODE_SCRIPTS,
} as const;

/** What a script is called here. */
export type ScriptName = keyof typeof SCRIPTS;

/** What Redis calls each by. */
export const SHA1S: ReadonlyMap<ScriptName, string> = new Map(
  Object.entries(SCRIPTS).map(([name, text]) => [name as ScriptName, sha1(text)]),
);
