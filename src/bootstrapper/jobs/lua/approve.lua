-- One more approval: {id, at, by, needed}. Who approves is counted in the step that tells it,
-- so that two at once are two, whoever is first.
-- Answers {"written", name, …}: everybody who has by now; {"again"}, {"gone"} or {"not <state>"}.
if redis.call('EXISTS', job_key(call.id)) == 0 then return { 'gone' } end
local state = get(call.id, 'state')
if state ~= 'waiting' or get(call.id, 'waits_for') ~= 'approval' then return { 'not ' .. state } end
local key = P .. 'approvals:' .. call.id
if redis.call('SADD', key, call.by) == 0 then return { 'again' } end
local names = redis.call('SMEMBERS', key)
table.sort(names)
set(call.id, { approved_by = cjson.encode(names) })
local event = { type = 'job_approved', by = call.by, missing = math.max(0, call.needed - #names) }
write(call.id, call.at, { cjson.encode(event) })
return { 'written', unpack(names) }
