-- Take a job, with its locks, and every job that may share its run: {id, at, worker, most, from,
-- started, nonce}. All its locks or none are taken, so nobody holds one lock and waits for another.
-- A repeated call with the same nonce gets the answer that may have been lost on the way.
-- Answers {"taken", id, id, …}, {"waits", resource, holder} or {"no"}.
local function conflicts(mode, other) return mode == 'x' or other == 'x' end

-- Who is in the way of `id`: a holder, or an earlier waiter (so that nobody starves).
local function obstacle(id, resource, mode, rank)
  local held = redis.call('HGETALL', P .. 'lock:' .. resource)
  for i = 1, #held, 2 do
    if held[i] ~= id and conflicts(mode, held[i + 1]) then return held[i] end
  end
  local earlier = redis.call('ZRANGEBYSCORE', P .. 'queue:' .. resource, '-inf', '(' .. rank)
  for _, other in ipairs(earlier) do
    if other ~= id then
      for _, lock in ipairs(locks(other)) do
        if lock[1] == resource and conflicts(mode, lock[2]) then return other end
      end
    end
  end
end

local function blocked(id)
  local rank = get(id, 'rank')
  for _, lock in ipairs(locks(id)) do
    local other = obstacle(id, lock[1], lock[2], rank)
    if other then return lock[1], other end
  end
end

local function claimable(id)
  return contains(call.from, get(id, 'state')) and get(id, 'ready') == '1'
end

local function hosts(id) return math.max(1, tonumber(get(id, 'hosts')) or 1) end

local function take(id)
  for _, lock in ipairs(locks(id)) do
    redis.call('HSET', P .. 'lock:' .. lock[1], id, lock[2])
    redis.call('ZREM', P .. 'queue:' .. lock[1], id)
  end
  local batch = get(id, 'batch')
  if batch ~= '' then redis.call('SREM', P .. 'batch:' .. batch, id) end
end

local function wait(id, resource, other)
  for _, lock in ipairs(locks(id)) do
    redis.call('ZADD', P .. 'queue:' .. lock[1], get(id, 'rank'), id)
  end
  if get(id, 'waits_for') == resource and get(id, 'held_by') == other then return end
  local reason = 'waits for ' .. resource .. ', held by ' .. other
  set(id, { state = 'waiting', reason = reason, waits_for = resource, held_by = other })
  local event = { type = 'job_waiting', ['for'] = resource, held_by = other, reason = reason }
  write(id, call.at, { cjson.encode(event) })
end

if get(call.id, 'nonce') == call.nonce then return cjson.decode(get(call.id, 'taken')) end
if not claimable(call.id) then return { 'no' } end
local resource, other = blocked(call.id)
if resource then
  wait(call.id, resource, other)
  return { 'waits', resource, other }
end

local taken = { call.id }
local total = hosts(call.id)
take(call.id)
local batch = get(call.id, 'batch')
if batch ~= '' then
  local others = redis.call('SMEMBERS', P .. 'batch:' .. batch)
  table.sort(others)
  for _, id in ipairs(others) do
    if total + hosts(id) <= call.most and claimable(id) and not blocked(id) then
      take(id)
      total = total + hosts(id)
      table.insert(taken, id)
    end
  end
end
for _, id in ipairs(taken) do
  local attempt = tonumber(get(id, 'attempt')) + 1
  set(id, { state = 'running', reason = '', waits_for = '', held_by = '', worker = call.worker,
    started = call.at, attempt = attempt })
  local event = call.started
  event.attempt = attempt
  event.batch = #taken
  write(id, call.at, { cjson.encode(event) })
  redis.call('HSET', P .. 'beats', id, call.at)
end
table.insert(taken, 1, 'taken')
set(call.id, { nonce = call.nonce, taken = cjson.encode(taken) })
return taken
