-- ARGV: kept, first and last of the range (ZRANGEBYLEX). All keys with their values, and the revision.
sweep()
local keys = redis.call('ZRANGEBYLEX', at .. 'keys', ARGV[2], ARGV[3])
local values = {}
for first = 1, #keys, 1000 do
  local last = math.min(first + 999, #keys)
  for _, value in ipairs(redis.call('HMGET', at .. 'values', unpack(keys, first, last))) do
    values[#values + 1] = value
  end
end
return { revision(), keys, values }
