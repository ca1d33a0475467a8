#!/usr/bin/env bash
# The HEALTHCHECK of a container: asks the process in it whether it is well, and exits 0 or 1. A role answers on its
# metrics port; another port, and path, can be given: healthcheck.sh 3000 /healthz. Bash alone, since this runs every few
# seconds in every container and a Node for it would cost more than the role.
set -euo pipefail
port=${1:-$SCRAPER_METRICS_PORT} path=${2:-/readyz}
# Bash says itself what is wrong when nothing listens.
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$path" >&3
answer=$(cat <&3)
echo "${answer%%$'\r'*} ${answer##*$'\n'}" | cut -c 1-500
[[ $answer == HTTP/1.?\ 200\ * ]]
