#!/bin/sh
# Starts `oikotie` with the arguments of the container. What a role logs goes to stdout, as containers expect it; a
# command keeps its result on stdout and everything else on stderr.
set -eu
case "${1:-} ${2:-}" in
  "dashboard hash-password") exec oikotie "$@" ;;
  "worker "* | "store "* | "scheduler "* | "dashboard "*) exec oikotie "$@" 2>&1 ;;
  *) exec oikotie "$@" ;;
esac
