#!/bin/sh
# Starts Redis with the password from its secret, or, when there is a certificate, with TLS alone and with the users of
# an ACL file. The password goes in by standard input, so that no list of processes shows it.
set -eu
secrets=/run/secrets
conf=/etc/oikotie-redis/redis.conf
memory="maxmemory ${REDIS_MAXMEMORY:-384mb}"

if [ -f "$secrets/redis.crt" ]; then
  tls="port 0
tls-port 6379
tls-cert-file $secrets/redis.crt
tls-key-file $secrets/redis.key
tls-ca-cert-file $secrets/redis-ca.crt
tls-auth-clients no
aclfile $secrets/redis-users.acl"
  printf '%s\n%s\n' "$memory" "$tls" | exec redis-server "$conf" -
fi

password=$(cat "$secrets/redis-password")
case $password in
  '' | *[!A-Za-z0-9_-]*)
    echo "redis-password: expected letters, digits, - and _, got something else or nothing; make it with: openssl rand -hex 32" >&2
    exit 2
    ;;
esac
printf '%s\nrequirepass %s\n' "$memory" "$password" | exec redis-server "$conf" -
