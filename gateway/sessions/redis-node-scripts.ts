// The atomic steps by which nodes know of each other and of the endings; redis-scripts.ts has the rest of the table, and its rules.

/** The number of the latest ending. The entry that carries it is never trimmed, so no number comes twice. */
export const LATEST = `
local function latest(key)
  local last = redis.call('ZREVRANGE', key, 0, 0, 'WITHSCORES')
  return last[1] or '', last[2] or '0'
end
`;

/**
 * The highest number that the list or any node knows of, and the nodes: counted on from there, an ending is waited for also where the list itself was
 * lost (evicted, deleted) and the nodes have not seen it yet.
 */
export const REACHED = `${LATEST}
local function reached(key, nodesKey)
  local _, number = latest(key)
  local nodes = redis.call('HGETALL', nodesKey)
  for at = 2, #nodes, 2 do
    local applied = string.match(nodes[at], '^%d+:(%d+):')
    if applied and tonumber(applied) > tonumber(number) then number = applied end
  end
  return number, nodes
end
`;

/** Which run of which Redis this is: after a restart or a failover another one, and what was written last may be lost. */
const RUN = `
local function run() return string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or '' end
`;

/** Milliseconds by the one clock that all nodes can see. */
const TIME = `
local function time()
  local at = redis.call('TIME')
  return string.format('%.0f', at[1] * 1000 + math.floor(at[2] / 1000))
end
`;

/** The heartbeat and what belongs to it. */
export const NODE_SCRIPTS = {
  /**
   * A node comes in with an empty memory: every ending until now is none of its business. Answers as well which run of Redis this is, and
   * whether some node knows it for a lease already, and what time it is. KEYS nodes, endings, known run; ARGV node, lease, ttl.
   */
  join: `${LATEST}${RUN}${TIME}
local id, number = latest(KEYS[2])
redis.call('HSET', KEYS[1], ARGV[1], '1:' .. number .. ':' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {id, number, redis.call('HGETALL', KEYS[1]), run(), redis.call('GET', KEYS[3]) == run() and 1 or 0, time()}`,

  /**
   * The heartbeat. One step, or an ending could fall between what is handed over and the sign of life. Answers nothing where the node
   * is no member any more, where the entry it read last is not there, or where this is another run of Redis than it joined: then
   * Redis may have lost something that the node remembers. One that knows this run for a lease says so, for those who come.
   * Trims what every node has applied, but for the last entry, which the next number is counted from.
   * KEYS nodes, endings, known run; ARGV node, applied number, applied id, ttl, channel, run, whether it is known.
   */
  beat: `${LATEST}${RUN}${TIME}
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
  local applied = tonumber(string.match(nodes[at], '^%d+:(%d+):') or '-1') -- of another version: nothing, as far as we know
  if applied < least then least = applied end
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. string.format('%.0f', least))
if redis.call('EXISTS', KEYS[2]) == 1 then redis.call('PEXPIRE', KEYS[2], ARGV[4]) end
return {redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. ARGV[2], '+inf', 'WITHSCORES'), nodes, time()}`,

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
