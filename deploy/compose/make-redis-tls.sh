#!/usr/bin/env bash
# Makes what deploy/compose/redis-tls.yml asks for: an authority, a certificate of Redis signed by it, and the users of
# Redis with the password of the given file.
#
#   deploy/compose/make-redis-tls.sh FOLDER PASSWORD-FILE [NAME...]
#
# The certificate is made out to `redis`, `localhost` and each NAME, for 825 days. Run it again to renew both; an
# authority that is there is kept, so that the clients need nothing new. Restart Redis afterwards.
set -euo pipefail
if (($# < 2)); then
  sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
folder=$1 password_file=$2
shift 2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

fail() {
  echo "make-redis-tls: $*" >&2
  exit 2
}

command -v openssl >/dev/null || fail "expected openssl on PATH, got none; install it (Debian: apt-get install openssl)"
[[ -r $password_file ]] || fail "$password_file: expected a file with the password, got none that can be read; make it with: openssl rand -hex 32"
password=$(<"$password_file")
[[ -n $password && $password != *$'\n'* ]] || fail "$password_file: expected one line, got more or nothing; make it with: openssl rand -hex 32"

# Who may look into this folder has the keys; the containers are given single files of it.
install -d -m 700 "$folder"
work=$(mktemp -d "$folder/.new.XXXXXX")
trap 'rm -rf "$work"' EXIT
new_key=(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)

if [[ ! -f $folder/ca.key ]]; then
  openssl "${new_key[@]}" -days 3650 -subj '/CN=oikotie redis authority' \
    -keyout "$work/ca.key" -out "$work/ca.crt" 2>"$work/log" || fail "openssl failed: $(<"$work/log")"
  chmod 600 "$work/ca.key"
  mv "$work/ca.key" "$work/ca.crt" "$folder/"
fi
names=DNS:redis,DNS:localhost,IP:127.0.0.1
for name in "$@"; do
  [[ $name =~ ^[0-9.]+$|: ]] && names+=",IP:$name" || names+=",DNS:$name"
done
openssl "${new_key[@]}" -days 825 -subj /CN=redis -CA "$folder/ca.crt" -CAkey "$folder/ca.key" \
  -addext "subjectAltName=$names" -addext basicConstraints=CA:FALSE \
  -keyout "$work/redis.key" -out "$work/redis.crt" 2>"$work/log" || fail "openssl failed: $(<"$work/log")"

rights=$(sed -n 's/^user oikotie on >CHANGE-ME //p' "$here/docs/redis.md")
[[ -n $rights ]] || fail "$here/docs/redis.md: expected the line of the user oikotie, got none"
digest=$(printf %s "$password" | openssl dgst -sha256 -r | cut -d ' ' -f 1)
# Nobody can be `default` while it is off. It keeps its rights because Redis reads its own log as that user at a restart, and
# drops every transaction in it that the user may not do.
printf 'user default off resetpass ~* &* +@all\nuser oikotie on #%s %s\n' "$digest" "$rights" >"$work/users.acl"

# Redis runs as a user of its own in its container, and must be able to read them.
chmod 644 "$work/redis.key" "$work/redis.crt" "$work/users.acl" "$folder/ca.crt"
mv "$work/redis.key" "$work/redis.crt" "$work/users.acl" "$folder/"
echo "$folder: ca.crt, redis.crt, redis.key and users.acl are there; keep ca.key to yourself."
