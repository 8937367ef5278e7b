-- Keep what was heard, once for each id. Returns 1 when it is kept (now or before), 0 when full.
local inbox, seen = KEYS[1], KEYS[2]
local heard, window, bound = ARGV[1], ARGV[2], tonumber(ARGV[3])
if redis.call('EXISTS', seen) == 1 then return 1 end
if redis.call('XLEN', inbox) >= bound then return 0 end
redis.call('XADD', inbox, '*', 'heard', heard)
redis.call('SET', seen, '1', 'EX', window)
return 1
