#!/usr/bin/env bash
# What the scripts inside the container share; they source it.
set -Eeuo pipefail

say() { printf '== %s\n' "$*"; }
fail() {
  printf 'FAILED: %s\n' "$*" >&2
  systemctl status --no-pager --full ringdex >&2 || true
  journalctl -u ringdex --no-pager -n 30 >&2 || true
  exit 1
}
trap 'fail "line $LINENO: $BASH_COMMAND"' ERR
# Reads all of its input: a grep -q that ends early would break the pipe, and with it the step.
has() { grep "$@" >/dev/null; }
logged() { journalctl -u ringdex --no-pager | has "$@"; }
state() { systemctl is-active ringdex || true; }
show() { systemctl show -P "$1" ringdex; }
as() { runuser -u ringdex -- "$@"; }
wait_for() { # seconds, what, command
  local left=$1 what=$2
  shift 2
  until "$@"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || fail "$what"
    sleep 1
  done
}
records() { ringdex status --json | sed -n 's/.*"records": \([0-9]*\).*/\1/p' | awk '{n += $1} END {print n}'; }
config=/etc/ringdex/ringdex.yaml
