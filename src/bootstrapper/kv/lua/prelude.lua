-- What every step shares. KEYS[1] is what all names start with; ARGV[1] how many changes are kept.
--   revision   the number of the last change
--   keys       all keys, in order (a sorted set without scores, for reading below a prefix)
--   values     key -> value              revisions  key -> revision of its last write
--   leased     key -> its lease          lease:ID   the keys of a lease
--   deadlines  lease -> when it is over  ttls       lease -> milliseconds       (Redis' own clock)
--   changes    the stream of changes, each with its revision as id, so that a gap shows
--   run        the run of Redis in which the deadlines were set
--   done:NONCE the revision of a write, for who asks again because the answer was lost

local at = KEYS[1]
local kept = ARGV[1]

local function revision()
  return tonumber(redis.call('GET', at .. 'revision') or '0')
end

local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function detach(key)
  local lease = redis.call('HGET', at .. 'leased', key)
  if lease then
    redis.call('HDEL', at .. 'leased', key)
    redis.call('SREM', at .. 'lease:' .. lease, key)
  end
end

local function put(changes, number, key, value, lease)
  redis.call('ZADD', at .. 'keys', 0, key)
  redis.call('HSET', at .. 'values', key, value)
  redis.call('HSET', at .. 'revisions', key, string.format('%d', number))
  detach(key)
  if lease ~= '' then
    redis.call('HSET', at .. 'leased', key, lease)
    redis.call('SADD', at .. 'lease:' .. lease, key)
  end
  changes[#changes + 1] = '+' .. struct.pack('>I4', #key) .. key .. struct.pack('>I4', #value) .. value
end

local function drop(changes, key)
  if redis.call('HDEL', at .. 'values', key) == 1 then
    redis.call('ZREM', at .. 'keys', key)
    redis.call('HDEL', at .. 'revisions', key)
    detach(key)
    changes[#changes + 1] = '-' .. struct.pack('>I4', #key) .. key
  end
end

-- The step's changes get their number and go into the stream, or nothing happened.
local function commit(changes, number)
  if #changes == 0 then
    return revision()
  end
  local id = string.format('%d', number)
  redis.call('SET', at .. 'revision', id)
  redis.call('XADD', at .. 'changes', 'MAXLEN', '=', kept, id .. '-0', 'ops', table.concat(changes))
  return number
end

local function end_lease(lease)
  local changes, number = {}, revision() + 1
  for _, key in ipairs(redis.call('SMEMBERS', at .. 'lease:' .. lease)) do
    drop(changes, key)
  end
  redis.call('DEL', at .. 'lease:' .. lease)
  redis.call('ZREM', at .. 'deadlines', lease)
  redis.call('HDEL', at .. 'ttls', lease)
  commit(changes, number)
end

local function begin_anew(lease, moment)
  redis.call('ZADD', at .. 'deadlines', moment + redis.call('HGET', at .. 'ttls', lease), lease)
end

-- Nobody could keep a lease while Redis was away: after a start each has its whole time again.
local function notice_restart(moment)
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  if run == redis.call('GET', at .. 'run') then
    return false
  end
  redis.call('SET', at .. 'run', run)
  for _, lease in ipairs(redis.call('ZRANGE', at .. 'deadlines', 0, -1)) do
    begin_anew(lease, moment)
  end
  return true
end

-- Every step begins with it: whoever comes ends the leases that are over.
local function sweep()
  local moment = now()
  local due = redis.call('ZRANGEBYSCORE', at .. 'deadlines', '-inf', moment)
  if #due > 0 and not notice_restart(moment) then
    for _, lease in ipairs(due) do
      end_lease(lease)
    end
  end
  return moment
end

