"""The scripts of a session's thread: each is one atomic step on Redis.

KEYS: head {n, floor}, log, messages, and for CLAIM the stop of the message. A message's state: 0
unknown; minus the millisecond its lease ends while its reply runs; the number of its final frame.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from mangaassist import rates

KEPT = 600  # seconds after the last frame
HEAD_KEPT = 86_400  # seconds for which numbers go on instead of beginning anew
MOST_FRAMES = 2_000  # in one log


@dataclass(frozen=True)
class Script:
    """What Redis runs, and the name by which it knows it after the first time."""

    text: str
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()
        object.__setattr__(self, "sha", digest)


NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function digits(number) return string.format('%.0f', number) end
"""
# KEYS: the visitor's bucket. Returns the seconds that a visitor must wait before asking.
TAKE = Script(rates.TAKE)
# Returns the state, whether somebody has stopped the message, and n.
CLAIM = Script(f"""{NOW}
local stopped, n = redis.call('EXISTS', KEYS[4]), redis.call('HGET', KEYS[1], 'n') or '0'
local state = redis.call('HGET', KEYS[3], ARGV[1])
if state then return {{state, stopped, n}} end
redis.call('HSET', KEYS[3], ARGV[1], digits(-now - ARGV[2] * 1000))
redis.call('EXPIRE', KEYS[3], {KEPT})
return {{'0', stopped, n}}
""")
RENEW = Script(f"""{NOW}
local state = tonumber(redis.call('HGET', KEYS[3], ARGV[1]) or '0')
if state > 0 then return 0 end
redis.call('HSET', KEYS[3], ARGV[1], digits(-now - ARGV[2] * 1000))
redis.call('EXPIRE', KEYS[3], {KEPT})
return 1
""")
# ARGV: channel, message, part, lease, how many hear the channel where the frames come from; frames.
# Nobody else there: what runs is not published, and whoever comes a moment later misses a number
# and reads the log. The final frame holds the whole text, so the deltas before it are thrown away.
APPEND = Script(f"""{NOW}
local channel, of, part, lease, here = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
if part ~= 'other' and tonumber(redis.call('HGET', KEYS[3], of) or '0') > 0 then return '0' end
local is_heard = part ~= 'run' or redis.call('PUBSUB', 'NUMSUB', channel)[2] > here
local n
for i = 6, #ARGV do
  n = redis.call('HINCRBY', KEYS[1], 'n', 1)
  if n == 1 then
    n = now
    redis.call('HSET', KEYS[1], 'n', digits(n))
  end
  if redis.call('EXISTS', KEYS[2]) == 0 then
    redis.call('HSET', KEYS[1], 'floor', digits(n - 1))
  elseif redis.call('XLEN', KEYS[2]) >= {MOST_FRAMES} then
    local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1][1]
    redis.call('HSET', KEYS[1], 'floor', string.match(oldest, '%d+'))
    redis.call('XDEL', KEYS[2], oldest)
  end
  if part == 'end' then
    local delta = '"type":"delta","of":"' .. of
    for _, entry in ipairs(redis.call('XRANGE', KEYS[2], '-', '+')) do
      if string.find(string.sub(entry[2][2], 1, 120), delta, 1, true) then
        redis.call('XDEL', KEYS[2], entry[1])
      end
    end
  end
  local text = '{{"n":' .. digits(n) .. ',' .. string.sub(ARGV[i], 2)
  redis.call('XADD', KEYS[2], digits(n) .. '-0', 'f', text)
  if is_heard then redis.call('PUBLISH', channel, text) end
end
if part ~= 'other' then
  local state = part == 'end' and n or -now - lease * 1000
  redis.call('HSET', KEYS[3], of, digits(state))
end
redis.call('EXPIRE', KEYS[1], {HEAD_KEPT})
redis.call('EXPIRE', KEYS[2], {KEPT})
redis.call('EXPIRE', KEYS[3], {KEPT})
return digits(n)
""")
# ARGV: number of a frame. Returns n, floor, whether there is a log, and what it has behind it.
READ = Script("""
local head = redis.call('HMGET', KEYS[1], 'n', 'floor')
return {head[1] or '0', head[2] or '0', redis.call('EXISTS', KEYS[2]),
        redis.call('XRANGE', KEYS[2], '(' .. ARGV[1], '+')}
""")
# Returns the messages without a final frame, each followed by whether its lease goes on.
RUNNING = Script(f"""{NOW}
local messages, found = redis.call('HGETALL', KEYS[3]), {{}}
for i = 1, #messages, 2 do
  local state = tonumber(messages[i + 1])
  if state < 0 then
    table.insert(found, messages[i])
    table.insert(found, -state > now and 1 or 0)
  end
end
return found
""")
RELEASE = Script("""
if tonumber(redis.call('HGET', KEYS[3], ARGV[1]) or '0') < 0 then
  redis.call('HDEL', KEYS[3], ARGV[1])
end
""")
# What still runs may say nothing more: its words were about what is gone. A number is left out, so
# that nobody who knew the session before takes it for the same.
CLEAR = Script("""
if redis.call('HEXISTS', KEYS[1], 'n') == 1 then redis.call('HINCRBY', KEYS[1], 'n', 1) end
local n = redis.call('HGET', KEYS[1], 'n')
redis.call('DEL', KEYS[2])
local messages = redis.call('HGETALL', KEYS[3])
for i = 1, #messages, 2 do
  if tonumber(messages[i + 1]) < 0 then
    redis.call('HSET', KEYS[3], messages[i], n or '1')
  end
end
if n then redis.call('HSET', KEYS[1], 'floor', n) end
return 1
""")
