# shellcheck shell=bash disable=SC2154,SC2034
# What scripts/compose-smoke.sh is made of: the engine, waiting for a state with a limit, and one check each.
# It expects $project, $files and $work, and the containers of the roles once they are there.

checks=0
engine=none
started_engine=no
engine_script=${OIKOTIE_ENGINE_SCRIPT:-../shared/docker/start-engine.sh}

step() { printf '\n%s (%s s)\n' "$1" "$SECONDS"; }

fail() {
  echo "  FAILED  $1" >&2
  exit 1
}

# check SENTENCE COMMAND...: what the command prints is shown only when it fails.
check() {
  local sentence=$1 output
  shift
  output=$("$@" 2>&1) || fail "$sentence: ${output:-$*}"
  checks=$((checks + 1))
  echo "  ok  $sentence"
}

# until_within SECONDS SENTENCE COMMAND...: looks again and again until the command succeeds.
until_within() {
  local limit=$1 sentence=$2 began=$SECONDS
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS - began < limit)) || fail "$sentence: not within $limit s"
    sleep 0.5
  done
  checks=$((checks + 1))
  echo "  ok  $sentence ($((SECONDS - began)) s)"
}

free_port() {
  node -e 'const server = require("node:net").createServer().listen(0, "127.0.0.1", () => {
    console.log(server.address().port); server.close(); });'
}

# Nothing was found wrong: there was nothing to look at.
skip() {
  echo "SKIPPED: $1"
  [[ $engine != ready ]] || take_down
  stop_engine
  rm -rf "$work"
  trap - EXIT INT TERM
  exit 0
}

start_engine() {
  if ! docker info >/dev/null 2>&1; then
    if [[ $(id -u) == 0 && -f $engine_script ]]; then
      echo "Starting an engine: $engine_script"
      started_engine=yes
      timeout 900 bash "$engine_script" >"$work/engine.log" 2>&1 || true
    elif [[ $(id -u) == 0 ]] && command -v dockerd >/dev/null; then
      started_engine=pid
      dockerd --pidfile "$work/dockerd.pid" >"$work/engine.log" 2>&1 &
      for _ in {1..60}; do
        if docker info >/dev/null 2>&1; then break; fi
        sleep 0.5
      done
    fi
  elif [[ -f $engine_script && $(id -u) == 0 ]] && ! docker image inspect node:24-bookworm-slim >/dev/null 2>&1; then
    # The engine is there, its base images are not.
    timeout 900 bash "$engine_script" >"$work/engine.log" 2>&1 || true
  fi
  if ! docker info >/dev/null 2>&1 || ! compose version >/dev/null 2>&1; then
    [[ ! -s $work/engine.log ]] || tail -n 3 "$work/engine.log"
    skip "the smoke test needs a Docker engine and compose, and none is running or can be started here."
  fi
  engine=ready
}

# Only the engine that this script started.
stop_engine() {
  case $started_engine in
    yes) bash "$engine_script" stop || true ;;
    pid) [[ ! -f $work/dockerd.pid ]] || kill "$(<"$work/dockerd.pid")" || true ;;
  esac
}

compose() {
  if docker compose version >/dev/null 2>&1; then
    docker compose -p "$project" "${files[@]}" --profile demo "$@"
  else
    docker-compose -p "$project" "${files[@]}" --profile demo "$@"
  fi
}

# built SENTENCE COMMAND...: false when a registry cannot be reached or the disk is full, which is no fault of what is built.
built() {
  local what=$1
  shift
  "$@" >"$work/build.log" 2>&1 && return 0
  tail -n 20 "$work/build.log" >&2
  grep -qE 'no such host|could not resolve|Temporary failure|EAI_AGAIN|ENOTFOUND|ETIMEDOUT|ECONNRESET|ECONNREFUSED|Failed to fetch|i/o timeout|TLS handshake timeout|toomanyrequests|pull access denied|no space left on device' "$work/build.log" \
    || fail "$what cannot be built"
  echo "    no registry, or no room on the disk: $what cannot be built"
  return 1
}

# What earlier builds have left; those of the last day make the next build fast.
remove_old_layers() {
  docker image prune --force --filter label=oikotie.stage --filter until=24h >/dev/null 2>&1 || true
}

take_down() { compose --profile monitoring down --volumes --remove-orphans --timeout 5 >/dev/null 2>&1 || true; }

show_last_words() {
  local container
  for container in $(docker ps -aq --filter "label=com.docker.compose.project=$project"); do
    echo "--- $(name_of "$container"), $(docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' "$container")" >&2
    docker logs --tail 8 "$container" 2>&1 | cut -c 1-300 >&2
  done
}

all() { docker ps -q --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$1"; }

# Also one that has ended.
one() { docker ps -aq --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.service=$1" | head -n 1; }

name_of() { docker inspect -f '{{.Name}}' "$1" | sed "s/^.${project}[-_]//"; }

is_healthy() { [[ $(docker inspect -f '{{.State.Health.Status}}' "$1") == healthy ]]; }

is_running() { [[ $(docker inspect -f '{{.State.Running}}' "$1") == true ]]; }

# It was started again, and is well.
is_back() { (($(docker inspect -f '{{.RestartCount}}' "$1") > 0)) && is_healthy "$1"; }

# has_collected COUNT: as the run itself shows it, `Helsinki 19% 23/120 | …` for each city.
has_collected() {
  local count
  count=$(docker logs "$day" 2>&1 | awk '$2 ~ /%$/ { split($3, parts, "/"); seen[$1] = parts[1] }
    END { for (city in seen) sum += seen[city]; print sum + 0 }')
  ((count >= $1))
}

# A command in the container of the store.
oikotie() { docker exec "$store" oikotie "$@" --config /etc/oikotie/config.json; }

# As a crash would: the engine sees a container that ended by itself, and its restart policy applies.
kill_inside() {
  docker exec "$1" sh -c 'for folder in /proc/[0-9]*; do
    case $(readlink "$folder/exe" || true) in */node) kill -9 "${folder#/proc/}" ;; esac; done'
  until_within 60 "the engine has noticed" was_restarted "$1"
}

was_restarted() { (($(docker inspect -f '{{.RestartCount}}' "$1") > 0)); }

# As docs/deployment.md tells it: one leaves, a new one comes, then the next.
recreate_workers() {
  local container number=0 count
  for container in $(all worker); do
    number=$((number + 1))
    check "the day is still under way" is_running "$day"
    check "worker $number drains and ends by itself" stops_cleanly "$container" 45
    docker rm "$container" >/dev/null
    compose up -d --no-deps --no-recreate --scale worker=3 worker >"$work/up.log" 2>&1 || fail "a new worker does not start: $(tail -n 3 "$work/up.log")"
    until_within 240 "three workers are healthy again" three_workers_are_healthy
  done
}

three_workers_are_healthy() {
  local container
  [[ $(all worker | wc -l) == 3 ]] || return 1
  for container in $(all worker); do is_healthy "$container" || return 1; done
}

stops_cleanly() {
  docker stop -t "$2" "$1" >/dev/null
  [[ $(docker inspect -f '{{.State.ExitCode}}' "$1") == 0 ]]
}

ends_cleanly() {
  local container
  for container in "$@"; do
    stops_cleanly "$container" 60 || { echo "$(name_of "$container") ended with $(docker inspect -f '{{.State.ExitCode}}' "$container")"; return 1; }
  done
}

compare_with_truth() {
  docker exec -i "$store" node --input-type=module - <scripts/smoke/compare-with-truth.mjs | tee "$work/truth.json"
}

no_leftovers() {
  local left
  left=$(docker exec "$(all worker | head -n 1)" find /var/lib/oikotie -type f -path '*spool*')
  [[ -z $left ]] || { echo "$left"; return 1; }
}

image_is_below() {
  local bytes
  bytes=$(docker image inspect -f '{{.Size}}' "$1")
  echo "$((bytes / 1000000)) MB"
  echo "    $1: $((bytes / 1000000)) MB" >"$work/size"
  ((bytes < $2 * 1000000))
}

image_is_clean() {
  docker run --rm --entrypoint sh "$1" -c '! find / -xdev \( -name ".env" -o -name ".npmrc" -o -name "*.pem" -path "/app/*" -o -name "redis-password" \) 2>/dev/null | grep .'
  ! docker history --no-trunc --format '{{.CreatedBy}}' "$1" | grep -iE 'password=|token=|secret='
}

answers() {
  local asked=(9464 /readyz)
  [[ $(name_of "$1") != dashboard* ]] || asked=(3000 /readyz)
  docker exec "$1" /app/deploy/docker/healthcheck.sh "${asked[@]}"
}

is_locked_down() {
  docker exec "$1" sh -c '
    [ "$(id -u)" != 0 ] || { echo "runs as root"; exit 1; }
    grep -q "^CapEff:.*[1-9a-f]" /proc/self/status && { echo "has capabilities"; exit 1; }
    grep -q "^NoNewPrivs:.*1" /proc/self/status || { echo "may gain privileges"; exit 1; }
    if touch /written 2>/dev/null || touch /app/written 2>/dev/null || touch /etc/written 2>/dev/null; then echo "its root file system can be written"; exit 1; fi'
}

logs_are_json() {
  local container
  for container in "$@"; do
    docker logs "$container" 2>/dev/null | docker exec -i "$store" node -e "
      const lines = require('node:fs').readFileSync(0, 'utf8').trim().split('\n');
      for (const line of lines) if (typeof JSON.parse(line).msg !== 'string') throw new Error(line);"
    [[ -z $(docker logs "$container" 2>&1 >/dev/null) ]] || { echo "$(name_of "$container") writes to stderr"; return 1; }
  done
}

refuses_strangers() {
  local tls=()
  docker exec "$1" test ! -f /run/secrets/redis.crt || tls=(--tls --cacert /run/secrets/redis-ca.crt)
  [[ $(docker exec "$1" redis-cli -h localhost "${tls[@]}" get anything 2>&1) == *NOAUTH* ]]
}

password_is_hidden() {
  local password container
  password=$(<"$REDIS_PASSWORD_FILE")
  for container in $(docker ps -aq --filter "label=com.docker.compose.project=$project"); do
    ! { docker logs "$container" 2>&1; docker inspect "$container"; docker top "$container" -eo args; } 2>/dev/null | grep -qF "$password" \
      || { echo "it is shown by $(name_of "$container")"; return 1; }
  done
  ! docker history --no-trunc oikotie:smoke | grep -qF "$password"
}

ports_are_private() {
  local open
  open=$(docker ps --filter "label=com.docker.compose.project=$project" --format '{{.Ports}}' | tr ',' '\n' | grep -e '->' | grep -vE "^ *127.0.0.1:($DASHBOARD_PORT|$PROMETHEUS_PORT)->" || true)
  [[ -z $open ]] || { echo "$open"; return 1; }
}

# With the password that its first start has printed.
dashboard_shows_the_day() {
  local password
  password=$(docker logs "$(all dashboard)" 2>&1 | sed -n 's/^Sign in as "operator" with the password //p')
  node scripts/smoke/look-at-dashboard.mjs "http://127.0.0.1:$DASHBOARD_PORT" operator "$password"
}

# The official image, or what stands in for it where it cannot be had.
start_prometheus() {
  local image
  # shellcheck disable=SC2016 # It is the text of the file.
  image=$(sed -n 's/^ *image: \(prom\/prometheus:\)\${PROMETHEUS_TAG:-\(.*\)}$/\1\2/p' docker-compose.yml)
  if ! docker image inspect "$image" >/dev/null 2>&1 && ! timeout 300 docker pull -q "$image" >/dev/null 2>&1; then
    echo "    $image cannot be had: Prometheus of Debian stands in for it"
    built "Prometheus" docker build --network "$OIKOTIE_BUILD_NETWORK" -t prom/prometheus:oikotie-stand-in \
      -f scripts/smoke/prometheus.Dockerfile scripts/smoke || { with_monitoring=no && return; }
    export PROMETHEUS_TAG=oikotie-stand-in
  fi
  compose up -d --no-deps prometheus >"$work/up.log" 2>&1 || fail "Prometheus does not start: $(tail -n 3 "$work/up.log")"
}

try_prometheus() {
  step "monitoring"
  local origin=http://127.0.0.1:$PROMETHEUS_PORT
  until_within 240 "Prometheus scrapes every role, and every worker" node scripts/smoke/look-at-prometheus.mjs "$origin" roles
  check "Prometheus: not root, no capabilities, nothing may be written beside its volume" is_locked_down "$(one prometheus)"
  until_within 240 "every alert rule and every query of Grafana's dashboard works" node scripts/smoke/look-at-prometheus.mjs "$origin" queries
  node scripts/smoke/look-at-prometheus.mjs "$origin" queries | sed 's/^/    /'
}

try_browser() {
  step "the image with Chromium"
  built "the image with Chromium" docker build --network "$OIKOTIE_BUILD_NETWORK" --target worker-browser -t oikotie-browser:smoke . || return 0
  echo "    $(docker image inspect -f '{{.Size}}' oikotie-browser:smoke | awk '{ printf "%d MB", $1 / 1000000 }')"
  node -e '
    const config = JSON.parse(require("node:fs").readFileSync("deploy/compose/demo/config.json", "utf8"));
    config.tasks = config.tasks.slice(-1).map((task) => ({ ...task, fetch_mode: "browser" }));
    console.log(JSON.stringify(config));' >"$work/browser.json"
  chmod 644 "$work/browser.json"
  check "it shows a search page and five listings, and stores them" docker run --rm --read-only --tmpfs /tmp:mode=1777 \
    --tmpfs /var/lib/oikotie:uid=1000,gid=1000 --cap-drop ALL --security-opt no-new-privileges --memory 2g --network "${project}_default" \
    -v "$work/browser.json:/etc/oikotie/config.json:ro" -v "$PWD/scripts/smoke/collect-with-browser.sh:/collect.sh:ro" \
    --entrypoint /collect.sh oikotie-browser:smoke
}
