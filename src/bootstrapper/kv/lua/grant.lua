-- ARGV: kept, lease, milliseconds. Asked twice, it is granted once.
local moment = sweep()
notice_restart(moment)
redis.call('HSET', at .. 'ttls', ARGV[2], ARGV[3])
begin_anew(ARGV[2], moment)
return 1
