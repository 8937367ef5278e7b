"""etcd's v2 keys over a store of today: requests, the tree they see, and what they write."""
