#!/bin/sh
# Runs inside the image with Chromium: five listings of one city of the simulator, each shown in the browser, then what was
# stored. The exit code tells.
set -eu
config=/etc/oikotie/config.json
oikotie doctor --config "$config"
oikotie run --limit 5 --config "$config"
counts=$(oikotie sql "select (select count(*) from search_pages where fetch_mode = 'browser') as pages,
  (select count(*) from listings where rent_eur_month is not null) as listings" --json --config "$config")
echo "$counts"
case $counts in *'"pages":1,"listings":5'*) ;; *) exit 1 ;; esac
