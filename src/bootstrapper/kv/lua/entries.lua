-- ARGV: kept, first and last of the range (ZRANGEBYLEX). The revision, all keys, and of each its
-- value, the revision of its last write, its lease.
sweep()
local keys = redis.call('ZRANGEBYLEX', at .. 'keys', ARGV[2], ARGV[3])
local found = { revision(), keys }
for column, name in ipairs({ 'values', 'revisions', 'leased' }) do
  local all = {}
  for first = 1, #keys, 1000 do
    local last = math.min(first + 999, #keys)
    for _, one in ipairs(redis.call('HMGET', at .. name, unpack(keys, first, last))) do
      all[#all + 1] = one
    end
  end
  found[2 + column] = all
end
return found
