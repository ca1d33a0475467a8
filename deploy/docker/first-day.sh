#!/bin/sh
# The run of the demo. It refuses any configuration but one that asks the simulator alone, so that the profile `demo`
# beside a real configuration starts no run on the portal.
set -eu
config=/etc/oikotie/config.json
if grep -q '"url"' "$config" && ! grep '"url"' "$config" | grep -qv '"http://simulator:8080/'; then
  exec oikotie run --require-cluster --config "$config"
fi
echo "The profile demo needs the configuration of the demo: take OIKOTIE_CONFIG out of .env, or leave the profile out." >&2
exit 2
