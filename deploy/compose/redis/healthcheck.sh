#!/bin/sh
# Well is a Redis that answers PING to the password of its clients; one that still reads its file is not.
set -eu
secrets=/run/secrets
REDISCLI_AUTH=$(cat "$secrets/redis-password")
export REDISCLI_AUTH
set --
if [ -f "$secrets/redis.crt" ]; then
  set -- --tls --cacert "$secrets/redis-ca.crt" --user oikotie
fi
answer=$(redis-cli -h localhost --no-auth-warning "$@" ping 2>&1) || true
echo "$answer"
[ "$answer" = PONG ]
