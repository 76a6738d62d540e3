#!/usr/bin/env bash
# The same lookups against the canned server, ringdex, slapd and 389 Directory Server, side by side in one run: server on
# CPU 0, client on CPU 1. Needs Go and ldap-utils; peers that are not installed are left out (Debian: slapd, and
# 389-ds-base, for which it has to be root). Everything lies in a temporary folder and goes away at the end.
#   CONTACTS=100000 SECONDS_EACH=5 ROUNDS=3 CONNS="8" MIXES="exact caller …" ./peers.sh
#   STORE=DIR keeps the store, the keys and slapd's database in DIR for the next run; PEERS="slapd 389" names the peers.
set -euo pipefail
cd "$(dirname "$0")/../.."
CONTACTS=${CONTACTS:-100000}
SECONDS_EACH=${SECONDS_EACH:-5}
CONNS=${CONNS:-8}
MIXES=${MIXES-exact caller miss suffix typeahead prefix2 substr zqx sort vlv all paged}
FRESH=${FRESH-exact caller miss suffix typeahead prefix2 substr sort vlv}
CONNECT=${CONNECT-caller}
ROUNDS=${ROUNDS:-1}
PEERS=${PEERS-slapd 389}
PATH=$PATH:/usr/sbin
PIN0=(taskset -c 0) PIN1=(taskset -c 1)
[ "$(nproc)" -ge 2 ] || { PIN0=() PIN1=(); }

dir=$(mktemp -d)
store=${STORE:-$dir}
mkdir -p "$store"
instance=ringdex-loadtest ds389=
declare -A pid addr
stop() {
  kill "${pid[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  [ -z "$ds389" ] || dsctl "$instance" remove --do-it >/dev/null 2>&1 || echo "dsctl $instance remove --do-it failed" >&2
  rm -rf "$dir"
}
trap stop EXIT
go build -pgo=cmd/ringdex/package/ringdex.pgo -o "$dir/ringdex" ./cmd/ringdex # as releases are
go build -o "$dir/loadtest" ./ldapserver/loadtest
has() { case " $PEERS " in *" $1 "*) ;; *) return 1 ;; esac; }
until_answers() { until ldapsearch -x -H "ldap://$1" -s base -b dc=ringdex -LLL dn >/dev/null 2>&1; do sleep 0.2; done; }

url=http://127.0.0.1:1
config() {
  cat >"$store/ringdex.yaml" <<YAML
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
}
export RINGDEX_PASSWORD=emulator RINGDEX_SECURITY_TOKEN=TOKEN
if [ ! -e "$store/ringdex.db" ]; then
  echo "== an org of $CONTACTS contacts, replicated"
  "$dir/ringdex" emulator --listen 127.0.0.1:0 --accounts $((CONTACTS / 10)) --contacts "$CONTACTS" --seed 1 >"$dir/url" &
  pid[emulator]=$!
  until [ -s "$dir/url" ]; do sleep 0.1; done
  url=$(head -1 "$dir/url")
  config
  /usr/bin/env time -f "replicate: %e s wall, %U s user, %S s system, %M kB peak" \
    "$dir/ringdex" replicate --full --config "$store/ringdex.yaml" 2>&1 | tail -4
  kill "${pid[emulator]}"; wait "${pid[emulator]}" 2>/dev/null || true
  unset 'pid[emulator]'
else
  config
fi

cached() { cp "$1" /dev/null; } # a file's data, without its holes: what was just loaded would lie in memory too
cached "$store/ringdex.db"
addr[ringdex]=127.0.0.1:3391 addr[canned]=127.0.0.1:3392 addr[slapd]=127.0.0.1:3394 addr[389]=127.0.0.1:3395
started=$(date +%s%N)
"${PIN0[@]}" "$dir/ringdex" serve --config "$store/ringdex.yaml" 2>"$dir/serve.log" &
pid[ringdex]=$!
until ldapsearch -x -H "ldap://${addr[ringdex]}" -s base -b dc=ringdex -LLL dn >/dev/null 2>&1; do sleep 0.01; done
echo "ringdex: first answer $((($(date +%s%N) - started) / 1000000)) ms after its start"
"${PIN0[@]}" "$dir/loadtest" canned -listen "${addr[canned]}" &
pid[canned]=$!
[ -e "$store/entries.ldif" ] || "$dir/loadtest" keys -addr "${addr[ringdex]}" -out "$store"

peers=(ringdex)
if has slapd && command -v slapd >/dev/null; then
  echo "== slapd with the same entries"
  mdb=$store/mdb
  cat >"$dir/slapd.conf" <<CONF
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload sssvlv
pidfile $dir/slapd.pid
threads 16
tool-threads 2
loglevel 0
sizelimit unlimited
timelimit unlimited
database mdb
suffix "dc=ringdex"
directory $mdb
maxsize 17179869184
index objectClass eq
index telephoneNumber,mobile,homePhone eq,sub
index cn,sn,givenName,o eq,sub
access to * by * read
overlay sssvlv
CONF
  if [ ! -e "$mdb.complete" ]; then
    rm -rf "$mdb"; mkdir "$mdb"
    SECONDS=0
    slapadd -q -f "$dir/slapd.conf" -l "$store/entries.ldif"
    touch "$mdb.complete"
    echo "slapd: entries loaded in $SECONDS s"
  fi
  cached "$mdb/data.mdb"
  "${PIN0[@]}" slapd -d 0 -f "$dir/slapd.conf" -h "ldap://${addr[slapd]}" &
  pid[slapd]=$! peers+=(slapd)
  until_answers "${addr[slapd]}"
elif has slapd; then
  echo "no slapd here: left out"
fi
if has 389 && command -v dscreate >/dev/null && [ "$(id -u)" = 0 ]; then
  echo "== 389 Directory Server with the same entries"
  cat >"$dir/389.inf" <<INF
[general]
config_version = 2
start = False
selinux = False
systemd = False
full_machine_name = localhost
strict_host_checking = False
[slapd]
instance_name = $instance
port = 3395
secure_port = 3396
self_sign_cert = False
root_dn = cn=manager
INF
  ds389=1 etc=/etc/dirsrv/slapd-$instance
  dscreate from-file "$dir/389.inf" >/dev/null 2>&1 || true # without systemd it says that it failed, after it has done it all
  socket=ldapi://%2Frun%2Fslapd-$instance.socket
  ns-slapd -D "$etc" -d 0 >/dev/null 2>&1 &
  pid[389]=$!
  until ldapsearch -Y EXTERNAL -Q -H "$socket" -s base -b cn=config -LLL dn >/dev/null 2>&1; do sleep 0.2; done
  {
    printf 'dn: cn=config\nchangetype: modify\nreplace: nsslapd-accesslog-logging-enabled\nnsslapd-accesslog-logging-enabled: off\n-\nreplace: nsslapd-sizelimit\nnsslapd-sizelimit: -1\n-\nreplace: nsslapd-timelimit\nnsslapd-timelimit: -1\n\n'
    printf 'dn: cn=config,cn=ldbm database,cn=plugins,cn=config\nchangetype: modify\nreplace: nsslapd-lookthroughlimit\nnsslapd-lookthroughlimit: -1\n\n'
    printf 'dn: cn=userroot,cn=ldbm database,cn=plugins,cn=config\nchangetype: add\nobjectClass: extensibleObject\nobjectClass: nsBackendInstance\ncn: userroot\nnsslapd-suffix: dc=ringdex\n\n'
    printf 'dn: cn=dc\\3Dringdex,cn=mapping tree,cn=config\nchangetype: add\nobjectClass: top\nobjectClass: extensibleObject\nobjectClass: nsMappingTree\ncn: dc=ringdex\nnsslapd-state: backend\nnsslapd-backend: userroot\n\n'
  } | ldapmodify -Y EXTERNAL -Q -H "$socket" >/dev/null
  for a in telephoneNumber mobile homePhone cn sn givenName o; do
    printf 'dn: cn=%s,cn=index,cn=userroot,cn=ldbm database,cn=plugins,cn=config\nchangetype: add\nobjectClass: top\nobjectClass: nsIndex\ncn: %s\nnsSystemIndex: false\nnsIndexType: eq\nnsIndexType: sub\n\n' $a $a
  done | ldapmodify -c -Y EXTERNAL -Q -H "$socket" >/dev/null 2>&1 || true # some are there by default
  kill "${pid[389]}"; wait "${pid[389]}" || true
  awk 'NR == 1 { print; print "aci: (targetattr=\"*\")(version 3.0; acl \"read\"; allow (read,search,compare) userdn=\"ldap:///anyone\";)"; next } 1' \
    "$store/entries.ldif" >"$dir/389.ldif"
  chmod 755 "$dir"; chmod 644 "$dir/389.ldif"
  SECONDS=0
  timeout "${IMPORT_SECONDS:-420}" ns-slapd ldif2db -D "$etc" -n userroot -i "$dir/389.ldif" >"$dir/389.log" 2>&1 || { tail -3 "$dir/389.log"; exit 1; }
  echo "389: entries loaded in $SECONDS s"
  "${PIN0[@]}" ns-slapd -D "$etc" -d 0 >/dev/null 2>&1 &
  pid[389]=$! peers+=(389)
  until_answers "${addr[389]}"
elif has 389; then
  echo "no 389-ds-base here, or not root: left out"
fi

measure() { # PEER MIX CONNS, then options; a refused mix is no reason to stop
  "${PIN1[@]}" "$dir/loadtest" run -keys "$store" -seconds "$SECONDS_EACH" -peer "$1" -mix "$2" -conns "$3" \
    -addr "${addr[$1]}" -pid "${pid[$1]}" "${@:4}" >"$dir/last" && cat "$dir/last" >>"$dir/results.jsonl" ||
    echo "$1, $2: left out" >&2
}
compare() { # MIX CONNS, then options; the canned server sends as many entries as ringdex did
  : >"$dir/last"
  measure ringdex "$@"
  local entries; entries=$(sed -n 's/.*"entries_per_request":\([0-9]*\).*/\1/p' "$dir/last")
  measure canned "$@" -canned "${entries:-1}"
  for peer in "${peers[@]:1}"; do measure "$peer" "$@"; done
}
mixed() { # MIX CONNS, then options
  case $1 in
  vlv) compare "$@" -connect ;; # slapd keeps the state of five windows a connection, then it is busy
  all | paged) compare "$1" 1 "${@:3}" ;; # an answer takes seconds
  *) compare "$@" ;;
  esac
}
for _ in $(seq "$ROUNDS"); do
  for conns in $CONNS; do
    for mix in $MIXES; do mixed "$mix" "$conns"; done
    for mix in $FRESH; do mixed "$mix" "$conns" -fresh; done
    for mix in $CONNECT; do compare "$mix" "$conns" -connect; done
  done
done
"$dir/loadtest" table "$dir/results.jsonl"
[ -z "${RESULTS:-}" ] || cp "$dir/results.jsonl" "$RESULTS"
