-- Note a token's use, unless it was revoked meanwhile. KEYS[1] is its hash, ARGV[1] the time.
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'used', ARGV[1]) end
