-- ARGV: kept, nonce, how many guards, (key, revision) of each, then (what, key, value, lease) of each
-- write: what is put, delete, or clear with the range's first and last. The revision;
-- -1 when a guard does not hold; -2 when a lease is over.
sweep()
local nonce = at .. 'done:' .. ARGV[2]
local done = redis.call('GET', nonce)
if done then
  return tonumber(done)
end

local guards = tonumber(ARGV[3])
for i = 4, 3 + 2 * guards, 2 do
  if tonumber(redis.call('HGET', at .. 'revisions', ARGV[i]) or '0') ~= tonumber(ARGV[i + 1]) then
    return -1
  end
end

local first = 4 + 2 * guards
for i = first, #ARGV, 4 do
  local lease = ARGV[i + 3]
  if ARGV[i] == 'put' and lease ~= '' and not redis.call('ZSCORE', at .. 'deadlines', lease) then
    return -2
  end
end

local changes, number = {}, revision() + 1
for i = first, #ARGV, 4 do
  local what, key, value, lease = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  if what == 'put' then
    put(changes, number, key, value, lease)
  elseif what == 'delete' then
    drop(changes, key)
  else
    for _, each in ipairs(redis.call('ZRANGEBYLEX', at .. 'keys', key, value)) do
      drop(changes, each)
    end
  end
end
number = commit(changes, number)
redis.call('SET', nonce, string.format('%d', number), 'EX', 60)
return number
