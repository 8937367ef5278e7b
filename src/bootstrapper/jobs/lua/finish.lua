-- Leave the state `running` (or end a job that never ran): {id, at, state, from, events, fields,
-- attempt, final, seconds, action}. Its locks are free in the same step, and a final state is
-- told in the stream of ends: whoever tells people reads on there.
-- Answers {"ended", waiter, …}: the jobs that waited for one of them; or {"not <state>"}.
local state = get(call.id, 'state')
if not contains(call.from, state) then return { 'not ' .. state } end
if call.attempt and get(call.id, 'attempt') ~= tostring(call.attempt) then
  return { 'not ' .. state }
end
set(call.id, call.fields)
set(call.id, { state = call.state, waits_for = '' })
write(call.id, call.at, call.events)
redis.call('HDEL', P .. 'beats', call.id)
local answer = { 'ended' }
for _, lock in ipairs(locks(call.id)) do
  redis.call('HDEL', P .. 'lock:' .. lock[1], call.id)
  redis.call('ZREM', P .. 'queue:' .. lock[1], call.id)
  for _, waiter in ipairs(redis.call('ZRANGE', P .. 'queue:' .. lock[1], 0, -1)) do
    if not contains(answer, waiter) then table.insert(answer, waiter) end
  end
end
local batch = get(call.id, 'batch')
if call.final then
  redis.call('SREM', P .. 'open', call.id)
  if batch ~= '' then redis.call('SREM', P .. 'batch:' .. batch, call.id) end
  redis.call('ZADD', P .. 'ended', call.ended, call.id)
  redis.call('XADD', P .. 'ends', 'MAXLEN', '~', 10000, '*', 'job', call.id, 'state', call.state)
  redis.call('HINCRBY', P .. 'metrics', 'jobs|' .. call.action .. '|' .. call.state, 1)
  redis.call('HINCRBYFLOAT', P .. 'metrics', 'seconds|' .. call.action, call.seconds)
elseif batch ~= '' then
  redis.call('SADD', P .. 'batch:' .. batch, call.id)
end
return answer
