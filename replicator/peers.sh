#!/usr/bin/env bash
# What a copy of an org costs: ringdex, and beside it jsforce (npm) reading the same objects into a file; a delta; lookups
# during a full load. The emulator is another process, and its work counts for nobody. Needs Go, GNU time, node and npm
# (Debian: apt-get install time nodejs npm); without npm, or with JSFORCE=none, there is no jsforce and no delta, whose changes it
# picks. Everything lies in a temporary folder and goes away at the end.
#   CONTACTS=100000 CHANGED=1000 NUMBERS=3 CONNECTIONS=1 SECONDS_EACH=5 JSFORCE=3.10.16 PORT=3389 FLOOR=50000 ./peers.sh
set -euo pipefail
cd "$(dirname "$0")/.."
CONTACTS=${CONTACTS:-100000}
CHANGED=${CHANGED:-1000}
NUMBERS=${NUMBERS:-3}
CONNECTIONS=${CONNECTIONS:-1}
SECONDS_EACH=${SECONDS_EACH:-5}
JSFORCE=${JSFORCE:-3.10.16}
PORT=${PORT:-3389}
FLOOR=${FLOOR:-50000}
export FIELDS_CONTACT="Id, SystemModstamp, Name, FirstName, LastName, Salutation, Title, Department, Phone, MobilePhone, HomePhone, OtherPhone, Fax, Email, MailingStreet, MailingCity, MailingState, MailingPostalCode, MailingCountry, Account.Name"
export FIELDS_ACCOUNT="Id, SystemModstamp, Name, Phone, Fax, Website, BillingStreet, BillingCity, BillingState, BillingPostalCode, BillingCountry"

dir=$(mktemp -d)
pids=()
stop() { kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"; }
trap stop EXIT
timed() { # NAME COMMAND…: what it took goes to stdout, its output to $dir/NAME.out
  local name=$1 own=0 now child
  shift
  /usr/bin/env time -o "$dir/$name.time" -f "%e %U %S %M" "$@" >"$dir/$name.out" &
  local pid=$!
  # The peak that the system tells has the mapped pages of the store, which are its cache's: the memory of its own is sampled.
  while kill -0 $pid 2>/dev/null; do
    child=$(cut -d' ' -f1 "/proc/$pid/task/$pid/children" 2>/dev/null || true)
    now=$(awk '/^RssAnon/ { print $2 }' "/proc/${child:-none}/status" 2>/dev/null || true)
    [ "${now:-0}" -le "$own" ] || own=$now
    sleep 0.1
  done
  wait $pid
  awk -v n="$name" -v own="$own" '{ printf "%-10s %8.2f s wall  %8.2f s CPU (%.2f user + %.2f system)  %6.0f MB peak, %.0f MB of it its own\n", n, $1, $2+$3, $2, $3, $4/1024, own/1024 }' "$dir/$name.time"
}

CGO_ENABLED=0 go build -trimpath -pgo=cmd/ringdex/package/ringdex.pgo -o "$dir/ringdex" ./cmd/ringdex # as releases are
go build -o "$dir/loadtest" ./ldapserver/loadtest
echo "machine: $(nproc) processors, $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo), load $(cut -d' ' -f1-3 /proc/loadavg)"
echo "org: $CONTACTS contacts with $(echo "$FIELDS_CONTACT" | tr -cd , | wc -c | awk '{ print $1 + 1 }') fields and $NUMBERS numbers each, $((CONTACTS / 10)) accounts, $CONNECTIONS connection(s)"
"$dir/ringdex" emulator --listen 127.0.0.1:0 --accounts $((CONTACTS / 10)) --contacts "$CONTACTS" --numbers "$NUMBERS" --seed 1 >"$dir/url" &
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
  connections: $CONNECTIONS
objects:
  Contact:
    attributes:
      cn: "{Name}"
      sn: "{LastName}"
      givenName: "{FirstName}"
      displayName: "{Name}"
      personalTitle: "{Salutation}"
      o: "{Account.Name}"
      title: "{Title}"
      department: "{Department}"
      telephoneNumber: "{Phone}"
      mobile: "{MobilePhone}"
      homePhone: "{HomePhone}"
      otherTelephone: "{OtherPhone}"
      facsimileTelephoneNumber: "{Fax}"
      mail: "{Email}"
      street: "{MailingStreet}"
      l: "{MailingCity}"
      st: "{MailingState}"
      postalCode: "{MailingPostalCode}"
      co: "{MailingCountry}"
  Account: {}
dialling: { country: DE, area: "30", outside_line: "0" }
ldap: { listen: ["127.0.0.1:$PORT"] }
schedule: { delta: never, full: never, reconcile: never }
YAML
export RINGDEX_PASSWORD=emulator RINGDEX_SECURITY_TOKEN=TOKEN
export NODE_PATH="$dir/node_modules"
command -v npm >/dev/null || JSFORCE=none
[ "$JSFORCE" = none ] || (cd "$dir" && npm install --no-audit --no-fund --silent "jsforce@$JSFORCE" >/dev/null)
cp replicator/jsforce.mjs "$dir"
calls() { grep -o '"api_calls": *[0-9]*' "$dir/$1.out" | awk '{ n += $2 } END { print n }'; }
seconds() { grep -o '"seconds": *[0-9.]*' "$dir/$1.out" | awk '{ n += $2 } END { print n }'; }

echo "== a full copy"
timed ringdex "$dir/ringdex" replicate --full --json --config "$dir/ringdex.yaml" 2>/dev/null
[ "$JSFORCE" = none ] || (cd "$dir" && timed jsforce node jsforce.mjs copy "$url" records.json)
awk -v n=$((CONTACTS + CONTACTS / 10)) -v calls="$(calls ringdex)" -v size="$(stat -c %s "$dir/ringdex.db")" \
  '{ printf "ringdex: %.0f records a second, %.1f µs of CPU a record, %d API calls, store of %.0f MB (%.0f bytes a record)\n", n/$1, ($2+$3)*1e6/n, calls, size/1e6, size/n }' "$dir/ringdex.time"
if [ "$JSFORCE" = none ]; then
  echo "jsforce is left out"
else
  paste -d' ' "$dir/ringdex.time" "$dir/jsforce.time" |
    awk '{ printf "jsforce takes %.1f times the CPU and %.1f times the memory, and has no index, no numbers and no transaction\n", ($6+$7)/($2+$3), $8/$4 }'
  cat "$dir/jsforce.out"
  paste -d' ' "$dir/ringdex.time" "$dir/jsforce.time" | awk '{ printf "ringdex is %.1f times as fast as jsforce\n", $5/$1 }'
fi

echo "== what no copy can do without: the XML scanned by hand, the numbers parsed by phonenumbers, the entries written by bbolt"
RINGDEX_BENCH_ENTRIES=$FLOOR go test -run '^$' -bench '^BenchmarkFloor$' -benchtime 3x ./replicator | tee "$dir/floor.out" | grep cpu-
awk -v n=$((CONTACTS + CONTACTS / 10)) -v cpu="$(awk '{ print $2+$3 }' "$dir/ringdex.time")" \
  '/floors-/ { for (i = 1; i < NF; i++) if ($(i+1) == "floors-µs/record") f = $i } END { printf "ringdex: %.1f µs of CPU a record, %.2f times the floors of %.1f µs\n", cpu*1e6/n, cpu*1e6/n/f, f }' "$dir/floor.out"

if [ "$JSFORCE" != none ]; then
  echo "== a delta of $CHANGED changed contacts"
  (cd "$dir" && node jsforce.mjs change "$url" records.json "$CHANGED")
  timed delta "$dir/ringdex" replicate --json --config "$dir/ringdex.yaml" 2>/dev/null
  echo "delta: $(grep -o '"changed": *[0-9]*' "$dir/delta.out" | head -1), $(calls delta) API calls, $(seconds delta) s in the run; the rest is opening the store"
fi

echo "== lookups of callers over LDAP, one connection: idle, and during a full load"
"$dir/ringdex" serve --config "$dir/ringdex.yaml" 2>"$dir/serve.log" &
server=$!
pids+=($server)
until grep -q msg=ready "$dir/serve.log"; do kill -0 $server 2>/dev/null || { cat "$dir/serve.log"; exit 1; }; sleep 0.05; done
"$dir/loadtest" keys -addr 127.0.0.1:$PORT -out "$dir" >/dev/null
measure() { "$dir/loadtest" run -keys "$dir" -seconds "$SECONDS_EACH" -mix caller -conns 1 -addr 127.0.0.1:$PORT -pid $server -peer "$1" >>"$dir/results.jsonl"; }
measure idle
"$dir/ringdex" replicate --full --json --config "$dir/ringdex.yaml" >"$dir/beside.out" 2>/dev/null &
load=$!
rounds=0
while kill -0 $load 2>/dev/null; do
  measure "full load" || true
  rounds=$((rounds + 1))
done
wait $load
"$dir/loadtest" table "$dir/results.jsonl"
echo "ringdex serve, memory at its peak: $(awk '/VmHWM/ { printf "%.0f MB", $2/1024 }' /proc/$server/status) with mapped pages of the store"
