-- One step of the limiter of one model, atomic and by the clock of Redis.
--
-- KEYS: the state (hash: requests, tokens, at, factor, cut), the leases of the pool (sorted by expiry)
-- acquire: requests/s, tokens/s, floor, tokens, permits, lease, seconds → {wait, what lacks, factor}
-- settle: lease, tokens to give back → {}
-- throttled: tokens/s → {}
--
-- BURST, CUT, CUT_EVERY, LEAST_FACTOR, RECOVERY and POLL come from quota.py. What is not there yet,
-- or was lost, is a full bucket and a whole factor. A refusal charges nothing.

local step, state, leases = ARGV[1], KEYS[1], KEYS[2]

if step == 'settle' then
  local ended, refund = redis.call('ZREM', leases, ARGV[2]), tonumber(ARGV[3])
  -- Who did not hear of its end settles a lease again, and gives nothing back twice.
  if (refund < 0 or refund > 0 and ended == 1) and redis.call('EXISTS', state) == 1 then
    redis.call('HINCRBYFLOAT', state, 'tokens', ARGV[3])
  end
  return {}
end

local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1e6
local stored = redis.call('HMGET', state, 'requests', 'tokens', 'at', 'factor', 'cut')
local at, cut = tonumber(stored[3]) or now, tonumber(stored[5]) or 0
if math.max(at, cut) > now then
  -- Its clock was set back, or another server's took over: nothing would flow until it caught up.
  at, cut = math.min(at, now), math.min(cut, now)
  redis.call('HSET', state, 'at', at, 'cut', cut)
end
local factor = math.min(1, (tonumber(stored[4]) or 1) + RECOVERY * math.max(0, now - cut))

local function level(held, rate, burst)
  return math.min(burst, (tonumber(held) or burst) + rate * math.max(0, now - at))
end

if step == 'throttled' then
  if now - cut >= CUT_EVERY then
    local rate = tonumber(ARGV[2]) * factor
    local tokens = level(stored[2], rate, rate * BURST)
    factor = math.max(LEAST_FACTOR, factor * CUT)
    redis.call('HSET', state, 'requests', 0, 'tokens', tokens, 'at', now,
               'factor', factor, 'cut', now)
  end
  return {}
end

local floor, cost = tonumber(ARGV[4]), tonumber(ARGV[5])
local free = tonumber(ARGV[6]) - redis.call('ZCARD', leases)
if free <= 0 then
  -- Perhaps some of them are of processes that were killed.
  free = free + redis.call('ZREMRANGEBYSCORE', leases, '-inf', now)
end
if free <= 0 then
  return {tostring(POLL), 'permits', tostring(factor)}
end

-- Both buckets hold at least this one call above the floor, or it could never be admitted.
local function look(held, rate, cost)
  local burst = math.max(rate * BURST, cost / (1 - floor))
  local found = level(held, rate, burst)
  return found, (floor * burst + cost - found) / rate
end

local requests, request_wait = look(stored[1], tonumber(ARGV[2]) * factor, 1)
local tokens, token_wait = look(stored[2], tonumber(ARGV[3]) * factor, cost)
local wait = math.max(request_wait, token_wait)
if wait > 1e-6 then
  return {tostring(wait), request_wait > token_wait and 'requests' or 'tokens', tostring(factor)}
end
redis.call('HSET', state, 'requests', requests - 1, 'tokens', tokens - cost, 'at', now)
redis.call('ZADD', leases, now + tonumber(ARGV[8]), ARGV[7])
return {'0', '', tostring(factor)}
