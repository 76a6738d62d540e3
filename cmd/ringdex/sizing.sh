#!/usr/bin/env bash
# The rows of SIZING.md's table, measured on this machine: for each of SIZES an org of so many contacts, and a tenth of companies,
# its first copy by the service, a delta, a backup, the service started again, and up to FULL contacts a full run while it serves.
# It takes as long as the largest org takes to load, some minutes; other work on the machine makes all of it longer.
#
#   SIZES="10000 100000 1000000" FULL=100000 cmd/ringdex/sizing.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

sizes=${SIZES:-10000 100000 1000000} full=${FULL:-100000}
work=$(mktemp -d)
org= serve=
stop() { kill "$1" 2>/dev/null && wait "$1" || true; }
cleanup() {
  local pid
  for pid in $serve $org; do stop "$pid"; done
  rm -rf "$work"
}
trap cleanup EXIT

CGO_ENABLED=0 go build -trimpath -o "$work/ringdex" ./cmd/ringdex
export RINGDEX_PASSWORD=emulator RINGDEX_SECURITY_TOKEN=TOKEN
memory() { awk -v key="$1:" '$1 == key { printf "%d", ($2 + 512) / 1024 }' "/proc/$serve/status"; } # in MB
megabytes() { stat -c %s "$1" | awk '{ printf "%.0f", $1 / 1e6 }'; }
calls() { sed -n 's/.*"api_calls": \([0-9]*\).*/\1/p' | awk '{ n += $1 } END { print n }'; }
thousands() { sed -E ':a; s/([0-9])([0-9]{3})($|,)/\1,\2\3/; ta' <<<"$1"; }
start() { # FOLDER: the service, until it answers
  : >"$1/log"
  "$work/ringdex" serve --config "$1/ringdex.yaml" 2>"$1/log" &
  serve=$!
  until grep -q 'msg=ready' "$1/log"; do
    kill -0 "$serve" 2>/dev/null || { cat "$1/log" >&2; exit 1; }
    sleep 0.2
  done
}

echo "$(nproc) cores, $(uname -sr), $(awk '/MemTotal/ { printf "%.0f", $2 / 1e6 }' /proc/meminfo) GB, load before: $(cut -d' ' -f1-3 /proc/loadavg)"
echo
echo "| contacts + accounts | first copy | memory while it loads, at most | memory while it serves | store | backup | API calls, first copy | API calls, a delta |"
echo "|---|---|---|---|---|---|---|---|"
for contacts in $sizes; do
  dir=$work/$contacts
  mkdir "$dir"
  "$work/ringdex" emulator --accounts $((contacts / 10)) --contacts "$contacts" --seed 7 >"$dir/url" 2>"$dir/org.log" &
  org=$!
  until [ -s "$dir/url" ]; do sleep 0.1; done
  cat >"$dir/ringdex.yaml" <<YAML
salesforce: {url: "$(cat "$dir/url")", username: integration@example.com, password: env:RINGDEX_PASSWORD, security_token: env:RINGDEX_SECURITY_TOKEN, allowed_hosts: ["127.0.0.1"]}
dialling: {country: DE, area: "30", outside_line: "0"}
ldap: {listen: ["127.0.0.1:0"]}
schedule: {delta: never, full: never}
YAML
  # On an empty store the service makes the first copy, and is ready then.
  began=$(date +%s.%N)
  start "$dir"
  took=$(awk -v a="$began" -v b="$(date +%s.%N)" 'BEGIN { s = b - a; if (s < 120) printf "%.0f s", s; else printf "%.1f minutes", s / 60 }')
  first=$(sed -n 's/.*msg=replicated.*api_calls=\([0-9]*\).*/\1/p' "$dir/log" | awk '{ n += $1 } END { print n }')
  loading=$(memory VmHWM)
  delta=$("$work/ringdex" replicate --config "$dir/ringdex.yaml" --json 2>/dev/null | calls)
  store=$(megabytes "$dir/ringdex.db")
  "$work/ringdex" backup --config "$dir/ringdex.yaml" "$dir/backup.db" >/dev/null
  backup=$(megabytes "$dir/backup.db")
  stop "$serve"
  start "$dir"
  serving=$(memory VmRSS)
  if [ "$contacts" -le "$full" ]; then
    "$work/ringdex" replicate --full --config "$dir/ringdex.yaml" >/dev/null 2>&1
    again=$(memory VmHWM)
    loading=$((again > loading ? again : loading))
  fi
  echo "| $(thousands "$contacts") + $(thousands $((contacts / 10))) | $took | $loading MB | $serving MB | $(thousands "$store") MB | $(thousands "$backup") MB | $first | $delta |"
  stop "$serve"
  stop "$org"
  org= serve=
  rm -r "$dir"
done
