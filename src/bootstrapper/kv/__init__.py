"""Keys and values that a fleet shares: one port, kept in etcd or in Redis, mirrored in memory."""
