#!/bin/sh
# As a container of 2015 announces itself when it boots: where it is, and whom it serves.
HOST=$(hostname)
ETCD=${ETCD_URL:-http://172.17.42.1:4001}

register() {
  until curl -sf -L -X PUT "$ETCD/v2/keys/$1" -d value="$2" > /dev/null; do
    sleep 1
  done
}

register "proxy/frontend/${NAME:-$HOST}" "$FD_IP:$FD_PORT"
register "proxy/serf/${NAME:-$HOST}" "$FD_IP:7946"
register "cluster/web/$FD_IP" member

if [ "$(curl -s "$ETCD/v2/keys/proxy/frontend/${NAME:-$HOST}" | grep -c "$FD_IP:$FD_PORT")" != 1 ]; then
  exit 1
fi
INDEX=$(curl -s -i "$ETCD/v2/keys/proxy" | grep X-Etcd-Index | cut -d' ' -f2 | tr -d '\r')
[ "$INDEX" -gt 0 ]
