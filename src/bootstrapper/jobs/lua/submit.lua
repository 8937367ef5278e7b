-- Accept a job, once: {id, at, spec, state, reason, waits_for, locks, batch, ready, due, events,
-- worker, idempotency: {key, digest, seconds}, budget: {key, cap, window, now}}.
-- `worker`: who runs it already, so that nobody is to take it.
-- Answers {"accepted" | "same" | "conflict" | "spent" | "frozen…", id}.
local idem = call.idempotency
if idem then
  local known = redis.call('HMGET', P .. 'idem:' .. idem.key, 'id', 'digest')
  if known[1] then
    return { known[2] == idem.digest and 'same' or 'conflict', known[1] }
  end
end
if redis.call('EXISTS', job_key(call.id)) == 1 then return { 'same', call.id } end
if call.budget then
  local key = P .. 'budget:' .. call.budget.key
  redis.call('ZREMRANGEBYSCORE', key, '-inf', call.budget.now - call.budget.window)
  if redis.call('ZCARD', key) >= call.budget.cap then return { 'spent', call.id } end
  redis.call('ZADD', key, call.budget.now, call.id)
  redis.call('EXPIRE', key, math.ceil(call.budget.window))
end
if idem then
  redis.call('HSET', P .. 'idem:' .. idem.key, 'id', call.id, 'digest', idem.digest)
  redis.call('EXPIRE', P .. 'idem:' .. idem.key, idem.seconds)
end
redis.call('HSET', job_key(call.id), 'spec', call.spec, 'state', call.state, 'reason', call.reason,
  'waits_for', call.waits_for, 'locks', call.locks, 'batch', call.batch, 'hosts', call.hosts,
  'rank', call.rank, 'ready', call.ready, 'attempt', 0)
if call.worker ~= '' then
  set(call.id, { worker = call.worker, started = call.at, attempt = 1 })
  redis.call('HSET', P .. 'beats', call.id, call.at)
end
write(call.id, call.at, call.events)
redis.call('ZADD', P .. 'jobs', 0, call.id)
redis.call('SADD', P .. 'open', call.id)
if call.batch ~= '' then redis.call('SADD', P .. 'batch:' .. call.batch, call.id) end
return { 'accepted', call.id }
