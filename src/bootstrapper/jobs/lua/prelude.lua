-- What every script shares. One call is one atomic step: the record's state, its locks and its
-- journal never disagree. KEYS[1] is the key prefix, ARGV[1] the call as JSON.
local P = KEYS[1]
local call = cjson.decode(ARGV[1])

local function job_key(id) return P .. 'job:' .. id end

local function get(id, field) return redis.call('HGET', job_key(id), field) or '' end

-- Entries are numbered by their stream id, so a gap cannot be hidden.
local function write(id, at, events)
  local seq = tonumber(redis.call('HGET', job_key(id), 'seq') or '0')
  for _, event in ipairs(events) do
    seq = seq + 1
    redis.call('XADD', P .. 'journal:' .. id, seq .. '-0', 'at', at, 'event', event)
  end
  redis.call('HSET', job_key(id), 'seq', seq, 'updated', at)
  redis.call('PUBLISH', P .. 'wake', id)
end

local function set(id, fields)
  for name, value in pairs(fields or {}) do redis.call('HSET', job_key(id), name, value) end
end

local function contains(list, value)
  for _, each in ipairs(list) do if each == value then return true end end
  return false
end

local function locks(id)
  local text = get(id, 'locks')
  if text == '' then return {} end
  return cjson.decode(text)
end
