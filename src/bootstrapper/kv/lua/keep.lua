-- ARGV: kept, lease. 1 when its time began anew, 0 when it is over.
local moment = sweep()
if not redis.call('ZSCORE', at .. 'deadlines', ARGV[2]) then
  return 0
end
begin_anew(ARGV[2], moment)
return 1
