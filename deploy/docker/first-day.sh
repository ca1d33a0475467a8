#!/bin/sh
# The run of the demo. It refuses any configuration but one that asks the simulator alone, so that the profile `demo`
# beside a real configuration starts no run on the portal. Another configuration can be given as the only argument.
set -eu
config=${1:-/etc/oikotie/config.json}
if node -e '
  const { tasks } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
  process.exit(tasks.every(({ url }) => url.startsWith("http://simulator:8080/")) ? 0 : 1);' "$config"; then
  exec oikotie run --require-cluster --config "$config"
fi
echo "The profile demo needs the configuration of the demo: take OIKOTIE_CONFIG out of .env, or leave the profile out." >&2
exit 2
