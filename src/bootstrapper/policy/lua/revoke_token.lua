-- Forget a token. KEYS[1] is the key prefix, ARGV[1] its id. Answers 0 when there was none.
local P, id = KEYS[1], ARGV[1]
local name = redis.call('HGET', P .. 'token:' .. id, 'name')
if not name then return 0 end
redis.call('DEL', P .. 'token:' .. id)
redis.call('SREM', P .. 'tokens', id)
if redis.call('HGET', P .. 'token-names', name) == id then
  redis.call('HDEL', P .. 'token-names', name)
end
return 1
