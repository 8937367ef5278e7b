#!/bin/sh
# Hands an event of Serf over to Bootstrapper, and returns at once: Serf's next event waits for it.
# It needs a POSIX shell and curl:
#
#   serf agent -event-handler \
#     'member-join,member-leave,member-failed,member-update,member-reap=/usr/local/bin/serf-handler.sh'
#
# BOOTSTRAPPER_URL and BOOTSTRAPPER_TOKEN_FILE (or BOOTSTRAPPER_TOKEN) say whom it is for, in the
# agent's environment or as lines NAME=VALUE of the file that BOOTSTRAPPER_SERF_CONF names,
# /etc/bootstrapper/serf-handler.conf by default.

conf=${BOOTSTRAPPER_SERF_CONF:-/etc/bootstrapper/serf-handler.conf}
if [ -r "$conf" ]; then . "$conf"; fi
default_url=''
url=${BOOTSTRAPPER_URL:-$default_url}
token=${BOOTSTRAPPER_TOKEN-}
if [ -n "${BOOTSTRAPPER_TOKEN_FILE-}" ]; then IFS= read -r token <"$BOOTSTRAPPER_TOKEN_FILE"; fi

case ${SERF_EVENT-} in
  member-*) ;;
  *) exit 0 ;; # others say nothing of members
esac
if [ -z "$url" ]; then echo "serf-handler: BOOTSTRAPPER_URL is not set" >&2; exit 2; fi

members=$(cat) # all of it now: Serf closes its end when this script has ended

# The token goes by a file descriptor: every user of this machine sees arguments.
header=
if [ -n "$token" ]; then header="header = \"Authorization: Bearer $token\""; fi
post() {
  printf '%s\n' "$members" | curl --silent --fail --output /dev/null --max-time 5 \
    --config /dev/fd/3 --data-urlencode "event=$SERF_EVENT" \
    --data-urlencode "by=${SERF_SELF_NAME-}" --data-urlencode "age=$1" \
    --data-urlencode "members@-" "${url%/}/api/v1/fleet/serf-events" 3<<CONFIG
$header
CONFIG
}

{
  began=$(date +%s)
  for pause in 0 1 4; do
    sleep "$pause"
    if post "$(($(date +%s) - began))"; then exit 0; fi
  done
} </dev/null >/dev/null 2>&1 &
