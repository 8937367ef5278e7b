-- ARGV: kept. What a watcher does while it is quiet: leases end without anybody else; the revision.
sweep()
return revision()
