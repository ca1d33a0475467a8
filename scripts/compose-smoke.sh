#!/usr/bin/env bash
# Runs docker-compose.yml for real: the demo with three workers on an engine, with a worker killed, Redis and the store
# restarted and the workers recreated in the middle of the day. Then it holds what is stored against the simulator's
# truth, looks at the containers, and takes everything down, also when something failed.
#
#   scripts/compose-smoke.sh [--tls] [--monitoring] [--browser] [--no-build]
#
#   --tls         Redis behind TLS with its own user (deploy/compose/redis-tls.yml)
#   --monitoring  with Prometheus of the profile `monitoring`: every role scraped, every rule and query of the dashboard works
#   --browser     builds the image with Chromium as well and collects with it
#   --no-build    takes the images of the last time
#
# Exit: 0 all is well, 1 something is not, 2 wrong option; 0 with "SKIPPED" and the reason where no engine can be started or no
# registry be reached. It waits for states, not for times: a busy machine makes it slow, not wrong. After SMOKE_LIMIT seconds
# (3600) it gives up. One at a time on a machine: a second one waits for the first, SMOKE_WAIT seconds (1800) at most.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [[ -z ${SMOKE_IS_LIMITED:-} ]]; then
  export SMOKE_IS_LIMITED=yes
  limited=(timeout --kill-after=120 "${SMOKE_LIMIT:-3600}" scripts/compose-smoke.sh "$@")
  command -v flock >/dev/null || exec "${limited[@]}"
  # The engine that is started must not hold the lock: it may outlive this.
  code=0
  wait=${SMOKE_WAIT:-1800}
  flock --close --wait "$wait" --conflict-exit-code 75 "/tmp/oikotie-smoke.$UID.lock" "${limited[@]}" || code=$?
  ((code != 75)) || { echo "SKIPPED: another smoke test runs on this machine, and has not ended within $wait s." && exit 0; }
  exit "$code"
fi
# shellcheck source=scripts/smoke/lib.sh
source scripts/smoke/lib.sh

with_tls=no with_browser=no with_build=yes with_monitoring=no
for option in "$@"; do
  case $option in
    --tls) with_tls=yes ;;
    --monitoring) with_monitoring=yes ;;
    --browser) with_browser=yes ;;
    --no-build) with_build=no ;;
    *) sed -n '6,16s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
  esac
done

project=oikotie-smoke
work=$(mktemp -d)
files=(-f docker-compose.yml)
# A password of this run, so that it can be looked for where it must not be.
openssl rand -hex 32 >"$work/redis-password"
export REDIS_PASSWORD_FILE=$work/redis-password OIKOTIE_TAG=smoke
# The demo, but one city so slowly that the day is not over before all of this has happened, however slow this machine is.
node -e '
  const config = JSON.parse(require("node:fs").readFileSync("deploy/compose/demo/config.json", "utf8"));
  config.tasks.find(({ city }) => city === "Helsinki").rate_limit_seconds = 5;
  console.log(JSON.stringify(config));' >"$work/config.json"
chmod 644 "$work/config.json"
# Nothing of a .env that lies here.
export OIKOTIE_CONFIG=$work/config.json SCRAPER_CONTACT=smoke@example.org
DASHBOARD_PORT=$(free_port) PROMETHEUS_PORT=$(free_port)
export DASHBOARD_PORT PROMETHEUS_PORT DASHBOARD_PUBLIC_URL=http://127.0.0.1:$DASHBOARD_PORT OIKOTIE_DEMO_LISTINGS=160
# So that a build reaches the registries as this machine does.
export OIKOTIE_BUILD_NETWORK=${OIKOTIE_BUILD_NETWORK:-host}
if [[ $with_tls == yes ]]; then
  deploy/compose/make-redis-tls.sh "$work/redis-tls" "$work/redis-password" >/dev/null
  export REDIS_TLS_DIRECTORY=$work/redis-tls
  files+=(-f deploy/compose/redis-tls.yml)
fi

# What a signal interrupts may have its output elsewhere.
exec 3>&1 4>&2
finish() {
  local code=$?
  trap - EXIT INT TERM
  exec 1>&3 2>&4
  if ((code != 0)) && [[ $engine == ready ]]; then show_last_words; fi
  if [[ $engine == ready ]]; then
    take_down
    remove_old_layers
  fi
  stop_engine
  rm -rf "$work"
  if ((code == 0)); then echo "The smoke test passed: $checks checks in ${SECONDS} s."; else echo "The smoke test FAILED." >&2; fi
  exit "$code"
}
start_engine
trap finish EXIT
trap 'exit 130' INT TERM

step "build"
take_down
[[ $with_build == no ]] || built "the images" compose build || skip "the smoke test needs images, and they cannot be built here."
check "plain image is below 450 MB" image_is_below oikotie:smoke 450
cat "$work/size"
check "no secret and no .env in the image" image_is_clean oikotie:smoke

step "up: three workers, a day of three cities"
compose up -d --scale worker=3 >"$work/up.log" 2>&1 || { tail -n 20 "$work/up.log" >&2; fail "the cluster does not start"; }
[[ $with_monitoring == no ]] || start_prometheus
store=$(one store) redis=$(one redis) scheduler=$(one scheduler) simulator=$(one simulator) day=$(one first-day)
mapfile -t workers < <(all worker)
check "three workers, each with its own name" test "$(docker inspect -f '{{.Config.Hostname}}' "${workers[@]}" | sort -u | wc -l)" = 3
for container in "$store" "$scheduler" "$redis" "$simulator" $(all dashboard) "${workers[@]}"; do
  until_within 240 "$(name_of "$container") is healthy" is_healthy "$container"
done

step "in the middle of the day"
until_within 240 "30 listings are collected" has_collected 30
check "a worker is killed" kill_inside "${workers[0]}"
until_within 240 "70 listings are collected" has_collected 70
check "Redis is restarted" docker restart -t 20 "$redis"
until_within 240 "Redis is healthy again" is_healthy "$redis"
until_within 240 "110 listings are collected" has_collected 110
check "the store is restarted" docker restart -t 60 "$store"
until_within 240 "the killed worker is back and healthy" is_back "${workers[0]}"
until_within 240 "the store is healthy again" is_healthy "$store"
recreate_workers
check "the slow city is asked faster" oikotie city set Helsinki --rate 4

step "the end of the day"
check "the run ends" timeout 300 docker wait "$day"
docker logs "$day" 2>/dev/null | sed -n '/^Run /,$p' | sed 's/^/    /'
check "the run is completed" test "$(docker inspect -f '{{.State.ExitCode}}' "$day")" = 0
check "what is stored is the truth, every listing once, every city complete" compare_with_truth
check "nothing is left unsent by any worker" no_leftovers

step "the containers"
mapfile -t workers < <(all worker)
for container in "$store" "$scheduler" "${workers[0]}" "$simulator" "$redis" $(all dashboard); do
  check "$(name_of "$container"): not root, no capabilities, nothing may be written beside its volumes" is_locked_down "$container"
done
for container in "$store" "$scheduler" "${workers[@]}" $(all dashboard); do
  check "$(name_of "$container"): answers its health check" answers "$container"
done
check "logs are JSON on stdout" logs_are_json "$store" "$scheduler" "${workers[0]}"
check "Redis refuses who has no password" refuses_strangers "$redis"
check "the password is in no log, environment or image" password_is_hidden
check "what has a port has it on 127.0.0.1" ports_are_private
check "the dashboard says that the day is complete, to who has signed in" dashboard_shows_the_day
[[ $with_monitoring == no ]] || try_prometheus
[[ $with_browser == no ]] || try_browser

step "down"
check "every role ends by itself on SIGTERM" ends_cleanly "$store" "$scheduler" "${workers[@]}"
