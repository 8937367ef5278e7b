-- ARGV: kept, key. Its value, the revision of its last write, its lease; nothing if there is none.
sweep()
local key = ARGV[2]
local value = redis.call('HGET', at .. 'values', key)
if not value then
  return {}
end
local written = tonumber(redis.call('HGET', at .. 'revisions', key))
return { value, written, redis.call('HGET', at .. 'leased', key) or '' }
