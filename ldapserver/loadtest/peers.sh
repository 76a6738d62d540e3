#!/usr/bin/env bash
# The same lookups against the canned server, ringdex and slapd, side by side in one run: server on CPU 0, client on
# CPU 1. Needs Go, slapd and ldap-utils (Debian); everything lies in a temporary folder and goes away at the end.
#   CONTACTS=100000 SECONDS_EACH=5 CONNS="8" MIXES="exact caller miss suffix typeahead prefix2 substr" ./peers.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
CONTACTS=${CONTACTS:-100000}
SECONDS_EACH=${SECONDS_EACH:-5}
CONNS=${CONNS:-8}
MIXES=${MIXES:-exact caller miss suffix typeahead prefix2 sort substr zqx}
ROUNDS=${ROUNDS:-1}
PIN0=(taskset -c 0) PIN1=(taskset -c 1)
[ "$(nproc)" -ge 2 ] || { PIN0=() PIN1=(); }

dir=$(mktemp -d)
pids=()
stop() { kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"; }
trap stop EXIT
go build -o "$dir/ringdex" ./cmd/ringdex
go build -o "$dir/loadtest" ./ldapserver/loadtest

echo "== an org of $CONTACTS contacts, replicated"
"$dir/ringdex" emulator --listen 127.0.0.1:0 --accounts $((CONTACTS / 10)) --contacts "$CONTACTS" --seed 1 >"$dir/url" &
pids+=($!)
until [ -s "$dir/url" ]; do sleep 0.1; done
url=$(head -1 "$dir/url")
cat >"$dir/ringdex.yaml" <<YAML
salesforce:
  url: $url
  username: integration@example.com
  password: env:RINGDEX_PASSWORD
  security_token: env:RINGDEX_SECURITY_TOKEN
  allowed_hosts: ["127.0.0.1"]
dialling: { country: DE, area: "30", outside_line: "0" }
ldap: { listen: ["127.0.0.1:3391"] }
schedule: { delta: never, full: never }
YAML
export RINGDEX_PASSWORD=emulator RINGDEX_SECURITY_TOKEN=TOKEN
/usr/bin/env time -f "replicate: %e s wall, %U s user, %S s system, %M kB peak" \
  "$dir/ringdex" replicate --full --config "$dir/ringdex.yaml" 2>&1 | tail -4
kill "${pids[0]}"; wait "${pids[0]}" 2>/dev/null || true; pids=()

"${PIN0[@]}" "$dir/ringdex" serve --config "$dir/ringdex.yaml" 2>"$dir/serve.log" &
ringdex=$!; pids+=($ringdex)
until grep -q msg=ready "$dir/serve.log"; do sleep 0.05; done
"${PIN0[@]}" "$dir/loadtest" canned -listen 127.0.0.1:3392 & canned1=$!; pids+=($canned1)
"${PIN0[@]}" "$dir/loadtest" canned -listen 127.0.0.1:3393 -entries 50 & canned50=$!; pids+=($canned50)
"$dir/loadtest" keys -addr 127.0.0.1:3391 -out "$dir"

slapd=
if command -v slapd >/dev/null 2>&1 || [ -x /usr/sbin/slapd ]; then
  echo "== slapd with the same entries"
  mkdir "$dir/mdb"
  cat >"$dir/slapd.conf" <<CONF
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload sssvlv
pidfile $dir/slapd.pid
threads 16
loglevel 0
sizelimit unlimited
database mdb
suffix "dc=ringdex"
directory $dir/mdb
maxsize 8589934592
index objectClass eq
index telephoneNumber,mobile,homePhone eq,sub
index cn,sn,givenName,o eq,sub
access to * by * read
overlay sssvlv
CONF
  PATH=$PATH:/usr/sbin slapadd -q -f "$dir/slapd.conf" -l "$dir/entries.ldif"
  PATH=$PATH:/usr/sbin "${PIN0[@]}" slapd -d 0 -f "$dir/slapd.conf" -h ldap://127.0.0.1:3394 &
  slapd=$!; pids+=($slapd)
  until ldapsearch -x -H ldap://127.0.0.1:3394 -s base -b dc=ringdex -LLL dn >/dev/null 2>&1; do sleep 0.2; done
else
  echo "no slapd here: only the canned server and ringdex"
fi

measure() { "${PIN1[@]}" "$dir/loadtest" run -keys "$dir" -seconds "$SECONDS_EACH" "$@" >>"$dir/results.jsonl"; }
for round in $(seq "$ROUNDS"); do
  for conns in $CONNS; do
    for mix in $MIXES; do
      case $mix in exact | caller | miss | suffix) c=127.0.0.1:3392 p=$canned1 ;; *) c=127.0.0.1:3393 p=$canned50 ;; esac
      measure -mix "$mix" -conns "$conns" -peer canned -addr $c -pid $p -unchecked
      measure -mix "$mix" -conns "$conns" -peer ringdex -addr 127.0.0.1:3391 -pid $ringdex
      [ -z "$slapd" ] || measure -mix "$mix" -conns "$conns" -peer slapd -addr 127.0.0.1:3394 -pid $slapd
    done
    measure -mix caller -connect -conns "$conns" -peer canned -addr 127.0.0.1:3392 -pid $canned1 -unchecked
    measure -mix caller -connect -conns "$conns" -peer ringdex -addr 127.0.0.1:3391 -pid $ringdex
    [ -z "$slapd" ] || measure -mix caller -connect -conns "$conns" -peer slapd -addr 127.0.0.1:3394 -pid $slapd
  done
done
"$dir/loadtest" table "$dir/results.jsonl"
