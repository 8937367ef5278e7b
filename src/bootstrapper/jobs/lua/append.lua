-- Add to a journal, and perhaps change the state to one that is not final:
-- {id, at, events, from, fields, unqueue,
-- writer, first, attempt, alive}. `unqueue`: it no longer stands in line for its locks; `alive`: this
-- is a sign of life too.
-- A writer numbers its own entries from `first`, so that a repeated call adds nothing twice.
-- Answers "written", "gone", or "not <state>" when the job is not (or no longer) the caller's.
if redis.call('EXISTS', job_key(call.id)) == 0 then return 'gone' end
local state = get(call.id, 'state')
if call.from and not contains(call.from, state) then return 'not ' .. state end
if call.attempt and get(call.id, 'attempt') ~= tostring(call.attempt) then return 'not ' .. state end
local events = call.events
if call.writer then
  local last = tonumber(redis.call('HGET', job_key(call.id), 'by:' .. call.writer) or '0')
  local fresh = {}
  for i, event in ipairs(events) do
    if call.first + i - 1 > last then table.insert(fresh, event) end
  end
  last = math.max(last, call.first + #events - 1)
  redis.call('HSET', job_key(call.id), 'by:' .. call.writer, last)
  events = fresh
end
set(call.id, call.fields)
if call.unqueue then
  for _, lock in ipairs(locks(call.id)) do redis.call('ZREM', P .. 'queue:' .. lock[1], call.id) end
end
write(call.id, call.at, events)
if call.alive then redis.call('HSET', P .. 'beats', call.id, call.at) end
return 'written'
