-- wrk: every request carries the next of the cookies in the file COOKIES and asks for PATHQ; with UPLOAD it posts that many bytes,
-- with SPREAD it goes from /a0 to /aN in front of that, with DELAY each connection waits so many milliseconds between two requests,
-- in the middle and at random: connections that all wait alike would ask all at once, and measure nothing but the queue they make.
-- Each thread begins at another place of the file, so that threads do not walk in step. Answers other than 200 are counted apart.
local threads = {}
function setup(thread)
  thread:set('number', #threads)
  table.insert(threads, thread)
end
function init()
  list, good, bad = {}, 0, 0
  local path, bytes = os.getenv('PATHQ') or '/', tonumber(os.getenv('UPLOAD') or '0')
  local method, body = 'GET', nil
  if bytes > 0 then method, body = 'POST', string.rep('x', bytes) end
  local host = os.getenv('HOSTNAMED') or (wrk.host .. ':' .. wrk.port)
  local spread = tonumber(os.getenv('SPREAD') or '1')
  wait = tonumber(os.getenv('DELAY') or '0')
  local function add(cookie)
    local headers = { Host = host, Cookie = cookie }
    if body then headers['Content-Type'] = 'application/octet-stream' end
    local app = spread > 1 and string.format('/a%d', #list % spread) or ''
    list[#list + 1] = wrk.format(method, app .. path, headers, body)
  end
  local file = os.getenv('COOKIES')
  if file and file ~= '' then for line in io.lines(file) do add(line) end else add(nil) end
  -- Rounds go on elsewhere than the one before began: of many sessions each sees only some.
  at = (math.floor(#list / 2) * number + os.time() * 7919) % #list
end
if tonumber(os.getenv('DELAY') or '0') > 0 then
  function delay() return math.floor(0.5 - wait * math.log(1 - math.random())) end
end
function request()
  at = at % #list + 1
  return list[at]
end
function response(status)
  if status == 200 then good = good + 1 else bad = bad + 1 end
end
function done(summary, latency)
  local g, b = 0, 0
  for _, thread in ipairs(threads) do g = g + thread:get('good'); b = b + thread:get('bad') end
  io.write(string.format('RESULT {"good":%d,"bad":%d,"microseconds":%d,"bytes":%d,"p50":%.1f,"p99":%.1f,"p999":%.1f,"errors":%d}\n',
    g, b, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
