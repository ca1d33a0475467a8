#!/usr/bin/env bash
# The restore drill: backs the database up, restores the backup into a folder of its own, and compares both row by row counts.
# Changes nothing. Run it once a month: a backup that was never restored is a hope.
#
#   scripts/restore-drill.sh [config file]
set -euo pipefail
cd "$(dirname "$0")/.."
oikotie=(node dist/cli/main.js)
config=("--config" "${1:-config/config.json}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

echo "1. back up"
backup=$("${oikotie[@]}" backup "${config[@]}" --to "$folder/backups")
echo "   $backup"

echo "2. restore into $folder"
"${oikotie[@]}" restore "$backup" "${config[@]}" --database "$folder/restored.duckdb" >/dev/null

echo "3. compare"
query="select (select count(*) from listings) as listings, (select count(*) from listing_versions) as versions,
  (select count(*) from executions) as executions, (select count(*) from city_executions) as receipts,
  (select count(*) from audit_log) as audit_events, (select max(finished_at) from executions) as last_run,
  (select bit_xor(hash(listing_id, content_hash)) from listings) as contents"
expected=$("${oikotie[@]}" sql "$query" --json --database "$backup")
restored=$("${oikotie[@]}" sql "$query" --json --database "$folder/restored.duckdb")
if [ "$expected" != "$restored" ]; then
  echo "The restored database is not what was backed up:" >&2
  diff <(echo "$expected") <(echo "$restored") >&2 || true
  exit 1
fi
"${oikotie[@]}" sql "$query" --database "$folder/restored.duckdb"
"${oikotie[@]}" audit verify "${config[@]}" --database "$folder/restored.duckdb" >/dev/null || {
  echo "The audit trail of the restored database is broken." >&2
  exit 1
}
echo "The restore works: all of it is the same."
