-- ARGV: kept, lease. Its keys go now.
sweep()
end_lease(ARGV[2])
return 1
