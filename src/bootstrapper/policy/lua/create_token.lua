-- Store a token under a name that no live one has. KEYS[1] is the key prefix; ARGV are id, name,
-- now (Unix seconds) and the fields of the token's hash as pairs.
-- Answers 1 when it is stored (also by a repeated call), 0 when the name is taken.
local P, id, name, now = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])

local other = redis.call('HGET', P .. 'token-names', name)
if other == id then return 1 end
if other then
  local ends = redis.call('HGET', P .. 'token:' .. other, 'ends')
  if not ends or tonumber(ends) > now then return 0 end
  redis.call('DEL', P .. 'token:' .. other)
  redis.call('SREM', P .. 'tokens', other)
end
for i = 4, #ARGV, 2 do redis.call('HSET', P .. 'token:' .. id, ARGV[i], ARGV[i + 1]) end
redis.call('SADD', P .. 'tokens', id)
redis.call('HSET', P .. 'token-names', name, id)
return 1
