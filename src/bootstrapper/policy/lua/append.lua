-- Add one entry to the audit, if it was sealed on the entry that still is the newest.
-- KEYS[1] is the stream; ARGV are number, hash of the entry before, hash, and the entry as JSON.
-- Answers nil when the entry is in its place (also when a repeated call put it there before),
-- else the head to seal on: {number, hash}, with the hash "" while the stream is empty.
local key, number, previous, hash, entry = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]

local function hash_of(item)
  local text = item[2][2]
  return cjson.decode(text).hash
end

local there = redis.call('XRANGE', key, number .. '-0', number .. '-0')[1]
if there and hash_of(there) == hash then return false end

local newest = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)[1]
local head = {'0', ''}
if newest then head = {string.match(newest[1], '^%d+'), hash_of(newest)} end
local follows = tonumber(head[1]) + 1 == tonumber(number)
if not follows or (head[2] ~= '' and head[2] ~= previous) then return head end
redis.call('XADD', key, number .. '-0', 'entry', entry)
return false
