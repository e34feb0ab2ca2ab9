// What the Redis store asks of Redis in one atomic step, as a table, each script with the reason why it is one. Every key is
// declared and all share one hash tag, so that each is one step on a Redis Cluster too. Numbers travel as text: Lua would
// write a time as 1.7e+12.

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

/** Time to live is only ever made longer, whoever is last. */
const LONGER = `
local function longer(key, ms) if redis.call('PTTL', key) < tonumber(ms) then redis.call('PEXPIRE', key, ms) end end
`;

/** The number of the latest ending. The entry that carries it is never trimmed, so no number comes twice. */
const LATEST = `
local function latest(key)
  local last = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')
  return last[1] or '', last[2] or '0'
end
`;

/** Which run of which Redis this is: after a restart or a failover another one, and what was written last may be lost. */
const RUN = `
local function run() return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or '' end
`;

export const SCRIPTS = {
  /**
   * One step with the look at the tombstones, so that no logout falls between (P6); a renewal also with the look whether it lives.
   * KEYS session, uses, expiries, tombstones…, sets to find it by…; ARGV id, ttl, now, authnInstant, names (JSON), begin or renew, fields….
   */
  write: `${FORBIDS}${LONGER}
local begins = ARGV[6] == 'begin'
if not begins and redis.call('HGET', KEYS[1], 'v') ~= '1' then return -1 end
local names = cjson.decode(ARGV[5])
local now, authn = tonumber(ARGV[3]), tonumber(ARGV[4])
for at = 1, #names do
  if forbids(KEYS[3 + at], 'a', now, authn) then return 0 end
  for _, index in ipairs(names[at]) do
    if forbids(KEYS[3 + at], 'i' .. index, now, nil) then return 0 end
  end
end
if begins and redis.call('EXISTS', KEYS[1]) == 1 then return redis.error_reply('TAKEN this session id is taken') end
local used = tonumber(redis.call('HGET', KEYS[1], 'used') or ARGV[3])
redis.call('HSET', KEYS[1], unpack(ARGV, 7))
if not begins and used < now then redis.call('HSET', KEYS[1], 'used', ARGV[3]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('ZADD', KEYS[2], redis.call('HGET', KEYS[1], 'used'), ARGV[1])
redis.call('ZADD', KEYS[3], redis.call('HGET', KEYS[1], 'expires'), ARGV[1])
for at = 4 + #names, #KEYS do
  redis.call('HSET', KEYS[at], ARGV[1], '')
  longer(KEYS[at], ARGV[2])
end
return 1`,

  /** One step, or a token could be added to a session that ends in between. KEYS session, token; ARGV value. */
  addToken: `
if redis.call('HGET', KEYS[1], 'v') ~= '1' then return 0 end
local ttl = math.max(redis.call('PTTL', KEYS[1]), 1)
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ttl) then
  return redis.error_reply('TAKEN this token is taken')
end
return 1`,

  /** One step, or a late use would write half a session where one has ended. KEYS session, uses; ARGV id, now. */
  touch: `
local state = redis.call('HMGET', KEYS[1], 'v', 'used')
if state[1] ~= '1' then return 0 end
if tonumber(ARGV[2]) > tonumber(state[2]) then
  redis.call('HSET', KEYS[1], 'used', ARGV[2])
  redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
end
return 1`,

  /**
   * The death: whoever renames the record has it, and in the same step it is announced, so that none dies unheard (P1). Answers the
   * record (nobody's where another came first), the number to wait for, and the nodes there are.
   * KEYS session, ended, uses, expiries, unfinished, nodes, endings, sets it is found by…; ARGV id, node, ttl, channel.
   */
  end: `${LATEST}
if redis.call('HGET', KEYS[1], 'v') ~= '1' then
  local _, number = latest(KEYS[7])
  return {{}, number, redis.call('HGETALL', KEYS[6])}
end
redis.call('RENAME', KEYS[1], KEYS[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
for at = 8, #KEYS do redis.call('HDEL', KEYS[at], ARGV[1]) end
redis.call('HSET', KEYS[5], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[5], ARGV[3])
local _, before = latest(KEYS[7])
local number = string.format('%.0f', tonumber(before) + 1)
redis.call('ZADD', KEYS[7], number, ARGV[1])
redis.call('PEXPIRE', KEYS[7], ARGV[3])
redis.call('PUBLISH', ARGV[4], 'ended')
return {redis.call('HGETALL', KEYS[2]), number, redis.call('HGETALL', KEYS[6])}`,

  /** One step, or a session that lives would lose its cookies. KEYS session, ended, unfinished, jars…; ARGV id. */
  forget: `
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('DEL', KEYS[2])
for at = 4, #KEYS do redis.call('DEL', KEYS[at]) end
return 1`,

  /**
   * One step, so that each is taken over by one node only: those whose ender is no node any more, and those of our own whose answer
   * was lost on the way. KEYS unfinished, nodes, endings; ARGV node, ids….
   */
  adopt: `${LATEST}
local ours = {}
for at = 2, #ARGV do ours[ARGV[at]] = true end
local left, taken = redis.call('HGETALL', KEYS[1]), {}
for at = 1, #left, 2 do
  local id, ender = left[at], left[at + 1]
  if ours[id] or redis.call('HEXISTS', KEYS[2], ender) == 0 then
    redis.call('HSET', KEYS[1], id, ARGV[1])
    taken[#taken + 1] = id
  end
end
local _, number = latest(KEYS[3])
return {taken, number, redis.call('HGETALL', KEYS[2])}`,

  /**
   * All changes or none, and none after the end (P7). Answers the jar's version, 0 where the session no longer lives.
   * KEYS session, jar, versions; ARGV app, session id, channel, then key and value in turn (an empty value removes).
   */
  merge: `${LONGER}
if redis.call('HGET', KEYS[1], 'v') ~= '1' then return 0 end
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

  /** A claim is worth as much as the node that has it. KEYS claim, nodes; ARGV node, ttl. */
  claim: `
local owner = redis.call('GET', KEYS[1])
if owner and redis.call('HEXISTS', KEYS[2], owner) == 1 then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`,

  /** One step, or a claim that another took over would be taken from them. KEYS claim; ARGV node. */
  release: `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`,

  /**
   * A node comes in with an empty memory: every ending until now is none of its business. Answers as well which run of Redis this is, and
   * whether some node knows it for a lease already. KEYS nodes, endings, known run; ARGV node, lease, ttl.
   */
  join: `${LATEST}${RUN}
local id, number = latest(KEYS[2])
redis.call('HSET', KEYS[1], ARGV[1], '1:' .. number .. ':' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {id, number, redis.call('HGETALL', KEYS[1]), run(), redis.call('GET', KEYS[3]) == run() and 1 or 0}`,

  /**
   * The heartbeat. One step, or an ending could fall between what is handed over and the sign of life. Answers nothing where the node
   * is no member any more, where the entry it read last is not there, or where this is another run of Redis than it joined: then
   * Redis may have lost something that the node remembers. One that knows this run for a lease says so, for those who come.
   * Trims what every node has applied, but for the last entry, which the next number is counted from.
   * KEYS nodes, endings, known run; ARGV node, applied number, applied id, ttl, channel, run, whether it is known.
   */
  beat: `${LATEST}${RUN}
local mine = redis.call('HGET', KEYS[1], ARGV[1])
if not mine then return {} end
if run() ~= ARGV[6] or (ARGV[3] ~= '' and redis.call('ZSCORE', KEYS[2], ARGV[3]) ~= ARGV[2]) then
  redis.call('HDEL', KEYS[1], ARGV[1])
  return {}
end
local beats, before, lease = string.match(mine, '^(%d+):(%d+):(%d+)$')
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', tonumber(beats) + 1) .. ':' .. ARGV[2] .. ':' .. lease)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
if before ~= ARGV[2] then redis.call('PUBLISH', ARGV[5], 'applied') end
if ARGV[7] == '1' and redis.call('GET', KEYS[3]) ~= ARGV[6] then redis.call('SET', KEYS[3], ARGV[6]) end
local nodes = redis.call('HGETALL', KEYS[1])
local least = tonumber(ARGV[2])
for at = 2, #nodes, 2 do
  local applied = tonumber(string.match(nodes[at], '^%d+:(%d+):'))
  if applied < least then least = applied end
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. string.format('%.0f', least))
if redis.call('EXISTS', KEYS[2]) == 1 then redis.call('PEXPIRE', KEYS[2], ARGV[4]) end
return {redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[2], '+inf', 'WITHSCORES'), nodes}`,

  /** Through a script, so that it is asked where the endings are written and not of a replica. KEYS nodes. */
  nodes: `return redis.call('HGETALL', KEYS[1])`,

  /** One step, or a node that has just come back would be put out. KEYS nodes; ARGV node, state, channel. */
  expel: `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[3], 'applied')
return 1`,

  /** A node that closes serves nobody any more: nobody has to wait for it. KEYS nodes; ARGV node, channel. */
  leave: `
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('PUBLISH', ARGV[2], 'applied')
return 1`,
} as const;

export type ScriptName = keyof typeof SCRIPTS;
