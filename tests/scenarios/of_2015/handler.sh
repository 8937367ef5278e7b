#!/bin/sh
# The same in sh: one curl for each member that is gone.
case "$SERF_EVENT" in
  member-leave|member-failed)
    while read -r name address rest; do
      curl -s -L -X DELETE "$ETCD_URL/v2/keys/proxy/frontend/$name"
      curl -s -L -X DELETE "$ETCD_URL/v2/keys/proxy/serf/$name"
      curl -s -L -X DELETE "$ETCD_URL/v2/keys/cluster/web/$address"
    done ;;
esac
