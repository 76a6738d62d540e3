#!/usr/bin/env bash
# What try.sh does inside the container with the documents: every block marked "sh server" is run as it stands, and every command
# that stands in their text. What isn't there is stood in for: the org is the emulator, as https://mycompany.my.salesforce.com with a
# certificate that this Debian trusts; the editor is sed; certbot's certificate is openssl's; the browser is curl.
. "$(dirname "$0")/try-common.sh"

blocks=/try/documents ran=/try/ran
: >"$ran"
cd /root

# block DOCUMENT HEADING NUMBER: runs the block of that number under that heading as it stands; apt's question is answered.
block() {
  local file=$blocks/$1/${2// /_}.$3
  [ -s "$file" ] || fail "$1 has no block $3 under $2"
  echo "$file" >>"$ran"
  say "$1, $2, $3"
  last=/try/block.log
  bash -euo pipefail "$file" < <(trap - ERR; yes 2>/dev/null || true) >/try/block.log 2>&1 || { cat "$file" /try/block.log; fail "$1, $2, block $3"; }
}
# terminal FILE: runs a block at a terminal, and answers what is asked there.
terminal() {
  echo "$blocks/$1" >>"$ran"
  last=/try/terminal.log
  /try/try-terminal.exp "$blocks/$1" https://mycompany.my.salesforce.com 192.0.2.10:3389 phone-secret >"$last" 2>&1 || { cat "$last"; fail "$1"; }
}
# inline [-x CODE] COMMAND: runs a command of the text, with something in place of its capital letters.
inline() {
  local want=0 code=0 text
  last=/try/inline.log
  if [ "$1" = -x ]; then
    want=$2
    shift 2
  fi
  text=$(sed "s/NUMBER/$number/g; s/MODEL/yealink/g; s/NAME/yealink/g; s/SERVER/192.0.2.10/g; s|--config FILE|--config $config|; s|: FILE|: $config|; s|FILE|/root/one.db|g" <<<"$1")
  timeout 60 bash -c "$text" </dev/null >/try/inline.log 2>&1 || code=$?
  [ "$code" = "$want" ] || { cat /try/inline.log; fail "$1: exit code $code, want $want"; }
}
printed() { grep "$@" "$last" >/dev/null || { cat "$last"; fail "no «${*: -1}»"; }; } # by the last block or command
edit() { sed -i "$1" "$config"; }
# ask NUMBER|NAME-FILTER: what a phone at another machine gets, by the user that the wizard made
phone() { ldapsearch -LLL -x -o nettimeout=5 -H "ldap://192.0.2.10:${port:-3389}" -D cn=phone,dc=ringdex -w phone-secret -b ou=yealink,dc=ringdex "$1" cn | has '^cn:'; }

say "stand-ins: an org at its address, with a certificate; the phones' network"
ip address add 192.0.2.10/24 dev lo
dpkg-deb -x /try/ringdex_0.1.0_*.deb /try/org
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=mycompany.my.salesforce.com -addext subjectAltName=DNS:mycompany.my.salesforce.com \
  -keyout /try/org.key -out /usr/local/share/ca-certificates/org.crt 2>/dev/null
update-ca-certificates >/dev/null 2>&1
echo '127.0.0.1 mycompany.my.salesforce.com' >>/etc/hosts
rm -f /try/emulator.url # of the package's org
/try/org/usr/bin/ringdex emulator --listen 127.0.0.1:443 --certificate /usr/local/share/ca-certificates/org.crt --key /try/org.key \
  --url https://mycompany.my.salesforce.com --username ringdex@mycompany.example --accounts 50 --contacts 2000 --seed 7 >/try/emulator.url 2>/try/emulator.log &
wait_for 120 "the org" test -s /try/emulator.url
org() { curl -sS -f -k "https://127.0.0.1/_emulator/$1" -d "$2" >/dev/null; }
org oauth '{"client_id": "3MVG9…"}'

say "OPERATIONS.md, Install, 1: at a terminal, from the package to a ringing name"
cp /try/ringdex_0.[12].0_*.deb /root/
for deb in ringdex_0.[12].0_*.deb; do [ -e "${deb%_*}_amd64.deb" ] || ln -s "$deb" "${deb%_*}_amd64.deb"; done
began=$SECONDS
terminal OPERATIONS.md/Install.1
tail -4 "$last"
printed -F 'systemctl start ringdex ' # what the wizard says to do next
number=$(phone 'x=y' || ldapsearch -LLL -x -H ldap://192.0.2.10:3389 -D cn=phone,dc=ringdex -w phone-secret -b ou=Contact,dc=ringdex -z 1 '(telephoneNumber=*)' telephoneNumber 2>/dev/null |
  sed -n 's/^telephoneNumber: //p' | head -1) || true
[ -n "$number" ] || fail "no entry has a number"
inline 'ringdex phones'
inline 'ringdex phones MODEL'
# The phone, set as that says: its base, user and filter for callers; the number as the exchange shows it.
sheet() { sed -n "s/^ldap\.$1 = //p" /try/inline.log; }
filter=$(sheet number_filter)
ldapsearch -LLL -x -H "ldap://$(sheet host):$(sheet port)" -D "cn=$(sheet user),dc=ringdex" -w phone-secret -b "$(sheet base)" "${filter//%/0${number/+/00}}" cn | grep '^cn: '
echo "   $((SECONDS - began)) s"
inline 'ringdex lookup NUMBER'
inline 'ringdex lookup --profile NAME NUMBER'
inline 'ringdex check'
inline 'ringdex status'
inline 'ringdex status --json'
inline 'ringdex version'
inline 'ringdex replicate'
inline 'ringdex replicate --full'
inline 'ringdex replicate --json'
printed api_calls
inline 'ringdex report numbers'
inline 'ringdex verify'
inline 'ringdex backup FILE'
inline 'ringdex report callers'
inline -x 1 'ringdex replicate --cancel' # none is at work
inline 'ringdex docs config'
inline 'ringdex reload'
inline 'systemctl status ringdex'
inline 'journalctl -u ringdex -n 50'
inline -x 124 'timeout 2 journalctl -u ringdex -f'
inline 'ss -ltnp'
printed ':3389'
inline 'man ringdex'
inline -x 124 'timeout 2 vmstat 1'
sed -i 's/^  anonymous:.*/  anonymous: ["192.0.2.0\/24"]/' "$config"
inline 'systemctl restart ringdex'
inline "ldapsearch -x -H ldap://SERVER:3389 -b dc=ringdex '(telephoneNumber=NUMBER)'"
printed 'numEntries: [1-9]'
inline "bash -c \"time ldapsearch -x -H ldap://SERVER:3389 -b dc=ringdex '(telephoneNumber=NUMBER)'\"" # time ldapsearch …
inline -x 1 'ringdex reject Contact' # nothing is held
as bash -c 'echo phone-secret | ringdex hash-password' | has argon2id # ringdex hash-password
inline 'systemctl stop ringdex'
inline 'ringdex restore FILE'
inline 'ringdex compact'
inline -x 124 'timeout 5 runuser -u ringdex -- ringdex serve --config FILE' # ringdex serve --config FILE
inline 'systemctl start ringdex'

block SECURITY.md "The service's cage" 1
printed 'NoNewPrivs:.1'
printed 'CapEff:.0000000000000000'

block OPERATIONS.md Secrets 1
[ "$(stat -c '%U %a' /etc/credstore/ringdex.password)" = 'root 600' ] || fail "the credential can be read"
inline 'ringdex replicate'
block OPERATIONS.md Secrets 2
grep emulator /etc/credstore.encrypted/ringdex.password && fail "not encrypted"
org reset '{}'
org oauth '{"client_id": "3MVG9…"}'
inline 'ringdex replicate' # logs in anew
install -o root -m 0600 /dev/stdin /etc/credstore/ringdex.password <<<emulator # and back to the simple way
rm -r /etc/systemd/system/ringdex.service.d/encrypted.conf /etc/credstore.encrypted
systemctl daemon-reload && systemctl restart ringdex

block OPERATIONS.md "Ports 389 and 636" 1
edit 's/192.0.2.10:3389/192.0.2.10:389/'
inline 'systemctl restart ringdex'
port=389 phone "(telephoneNumber=$number)" || fail "nothing at port 389"
edit 's/192.0.2.10:389/192.0.2.10:3389/'

lineage=/etc/letsencrypt/live/ldap.example.org
renew() { # as certbot does: a new pair in the lineage's folder, then the hooks
  openssl req -x509 -newkey rsa:2048 -nodes -days "$1" -subj /CN=ldap.example.org -addext subjectAltName=DNS:ldap.example.org \
    -keyout $lineage/privkey.pem -out $lineage/fullchain.pem 2>/dev/null
}
mkdir -p $lineage /etc/letsencrypt/renewal-hooks/deploy
renew 20
block OPERATIONS.md "Certificates on phones" 1
edit 's|^ldap:|ldap:\n  tls: {certificate: cert.pem, key: key.pem}|'
inline 'systemctl restart ringdex'
echo '192.0.2.10 ldap.example.org' >>/etc/hosts
secure() { LDAPTLS_CACERT=$lineage/fullchain.pem ldapsearch -LLL -x -ZZ -H ldap://ldap.example.org:3389 -b '' -s base namingContexts 2>/dev/null | has dc=ringdex; }
secure || fail "no StartTLS with the certificate"
renew 60
RENEWED_LINEAGE=$lineage sh -c /etc/letsencrypt/renewal-hooks/deploy/ringdex
wait_for 60 "the renewed certificate" secure

block OPERATIONS.md Logs 1
grep -q 'msg=ready' /var/log/ringdex/ringdex.log || fail "nothing in the log file"
edit 's|^store:|log: {queries: /var/log/ringdex/queries.log, audit: /var/log/ringdex/audit.log}\n&|'
systemctl reload ringdex
phone "(telephoneNumber=$number)"
grep -q 'cn=phone\|phone' /var/log/ringdex/audit.log || fail "nothing in the audit log"
logrotate -f /etc/logrotate.d/ringdex # what Debian's timer does each day
ls /var/log/ringdex/*.1 >/dev/null || fail "nothing was rotated"
phone "(telephoneNumber=$number)"
[ -s /var/log/ringdex/audit.log ] || fail "the new audit log isn't written to"
rm /etc/systemd/system/ringdex.service.d/log-file.conf
systemctl daemon-reload && systemctl restart ringdex

block OPERATIONS.md "Change the configuration" 1

block OPERATIONS.md "Watch it" 1
mailed() { sh -c "$(sed -n 's/^0 7 \* \* \*  root  //p' /etc/cron.d/ringdex)"; } # as cron does; what is printed is mailed
[ -z "$(mailed)" ] || fail "mail although all is well"
org permissions/Contact/Phone '{"visible": false}'
ringdex replicate --full >/dev/null 2>&1
mailed | has 'no longer visible' || fail "no mail about a hidden field"
org permissions/Contact/Phone '{"visible": true}'
ringdex replicate --full >/dev/null 2>&1

block OPERATIONS.md "Back up and restore" 1
rm /var/lib/ringdex/ringdex.db* # lost while it serves
block OPERATIONS.md "Back up and restore" 2
phone "(telephoneNumber=$number)" || fail "nothing after the restore"
[ "$(stat -c %U /var/lib/ringdex/ringdex.db)" = ringdex ] || fail "the restored store belongs to $(stat -c %U /var/lib/ringdex/ringdex.db)"

edit 's/anonymous:.*/anonymous: loopback/; s/192.0.2.10:3389/:3389/'
systemctl restart ringdex
block DRILLS.md "The disk is full" 1
printed 'no space left on device'
printed '^cn: '
block DRILLS.md "The disk is full" 2
printed ' 0 problems'
printed 'all is well'
block DRILLS.md "The disk is full" 3
phone "(telephoneNumber=$number)" || fail "nothing after the drill"

openssl req -x509 -newkey rsa:2048 -nodes -days 7 -subj /CN=other -keyout /try/x.key -out /try/x.crt 2>/dev/null
block SALESFORCE.md "Client credentials" 1
echo emulator-secret >/etc/ringdex/client-secret # the editor
block SALESFORCE.md "Client credentials" 2
systemctl restart ringdex
inline 'ringdex replicate'
block SALESFORCE.md "JWT bearer" 1
curl -sS -f -k https://127.0.0.1/_emulator/oauth -d "{\"public_key\": \"$(openssl x509 -in jwt-cert.pem -pubkey -noout | sed ':a; N; $!ba; s/\n/\\n/g')\"}" >/dev/null # the upload
block SALESFORCE.md "JWT bearer" 2
systemctl restart ringdex
inline 'ringdex replicate'
browser() { # opens what the wizard prints, as soon as it does
  local address=
  until address=$(tr -d '\r' </try/terminal.log | grep -o 'https://mycompany.my.salesforce.com/services/oauth2/authorize[^ ]*'); do sleep 0.2; done
  curl -sS -L -o /dev/null "$address"
}
say "SALESFORCE.md, Refresh token, 1: at a terminal, with a browser"
: >/try/terminal.log
timeout 120 bash -c "$(declare -f browser); browser" &
terminal SALESFORCE.md/Refresh_token.1
[ "$(stat -c '%U %a' /var/lib/ringdex/refresh-token)" = 'ringdex 600' ] || fail "the refresh token's file"
systemctl restart ringdex
inline 'ringdex replicate'
block SALESFORCE.md "Summer '27" 1
block SALESFORCE.md "5. See that it works" 1
phone "(telephoneNumber=$number)" || fail "nothing after the change of the login"

block OPERATIONS.md "Upgrade and downgrade" 1
ringdex version | has 'ringdex 0.2.0' || fail "the old version"
phone "(telephoneNumber=$number)" || fail "nothing after the upgrade"
block OPERATIONS.md "Upgrade and downgrade" 2
ringdex version | has 'ringdex 0.1.0' || fail "the new version"
wait_for 60 "nothing after the downgrade" phone "(telephoneNumber=$number)"
inline 'chown -R ringdex: /etc/ringdex'
inline 'chmod 600 /etc/ringdex/client-secret' # chmod 600
inline 'chown ringdex: FILE'

say "README.md: a real org"
systemctl stop ringdex
mkdir /root/real && cd /root/real
block README.md "A real org" 1
echo emulator >password && echo TOKEN >token # the editor
block README.md "A real org" 2
block README.md "A real org" 3
printed -i 'mül'
cd /root

inline 'apt remove -y ringdex' # apt remove ringdex
inline 'apt install -y ./ringdex_*.deb' # apt install ./dist/ringdex_*.deb
inline 'apt purge -y ringdex'  # apt purge ringdex

left=$(find "$blocks" -type f | sort | comm -23 - <(sort "$ran"))
[ -z "$left" ] || fail "not run: $left"
say "documents: $(find "$blocks" -type f | wc -l) blocks run as they stand"
