#!/usr/bin/env bash
# What try.sh does inside the container: the package from its first installation to its end.
. "$(dirname "$0")/try-common.sh"

answers() { # URL and options of ldapsearch: finds the colleague under every spelling
  ldapsearch -LLL -x -o nettimeout=5 "$@" -b dc=ringdex "(telephoneNumber=$number)" cn | has '^cn:'
}

start_org() {
  : >/try/emulator.url
  runuser -u nobody -- ringdex emulator --listen 127.0.0.1:8780 --accounts 50 --contacts 500 --seed 7 >/try/emulator.url 2>/try/emulator.log &
  emulator=$!
  wait_for 120 "the emulator" test -s /try/emulator.url
}

say "install the previous version: enabled, and not started without a configuration"
apt-get install -y -q /try/ringdex_0.0.9_*.deb >/try/apt.log 2>&1 || { cat /try/apt.log; fail "apt-get install"; }
grep -A3 'no configuration yet' /try/apt.log
[ "$(systemctl is-enabled ringdex)" = enabled ] || fail "not enabled"
systemctl start ringdex
[ "$(state)" = inactive ] && [ "$(show ConditionResult)" = no ] || fail "started without a configuration"
[ "$(stat -c '%U:%G %a' /etc/ringdex /var/lib/ringdex | sort -u)" = "ringdex:ringdex 700" ] || fail "folders"
man_page=/usr/share/man/man8/ringdex.8.gz
[ -s "$man_page" ] || [ -n "$(dpkg -L ringdex | grep "$man_page")" ] || fail "no manual page"
dpkg-query --showformat='${Conffiles}' --show ringdex | grep /etc/default/ringdex >/dev/null

say "an org: the emulator"
start_org

say "configure with the wizard, as the service's user"
(umask 077 && echo emulator >/etc/ringdex/password && echo TOKEN >/etc/ringdex/token)
chown ringdex: /etc/ringdex/password /etc/ringdex/token
as ringdex wizard --yes --url http://127.0.0.1:8780 --allow-host 127.0.0.1 --username integration@example.com \
  --password file:password --security-token file:token --object Contact --object Account --country DE --area 30 --outside-line 0 \
  --listen 127.0.0.1:3389 --store /var/lib/ringdex/ringdex.db --config "$config" >/try/wizard.log
as ringdex check >/try/check.log || { cat /try/check.log; fail "check"; }

say "start: systemd hears that the first copy is complete"
systemctl start ringdex
[ "$(state)" = active ] || fail "not active"
echo "   status: $(show StatusText)"
number=$(ldapsearch -LLL -x -H ldap://127.0.0.1:3389 -b ou=Contact,dc=ringdex -z 1 '(telephoneNumber=*)' telephoneNumber 2>/dev/null | sed -n 's/^telephoneNumber: //p' | head -1) || true
[ -n "$number" ] || fail "no entry has a number"
answers -H ldap://127.0.0.1:3389
before=$(records)
[ "$before" -ge 500 ] || fail "$before records"
echo "   $before records, $(systemd-analyze security --no-pager ringdex | tail -1 | sed 's/^[^A-Za-z]*//')"

say "upgrade, data and configuration kept, served at once while the org is away"
sum=$(sha256sum <"$config")
kill "$emulator"
apt-get install -y -q /try/ringdex_0.1.0_*.deb >/try/apt.log 2>&1 || { cat /try/apt.log; fail "upgrade"; }
wait_for 120 "not active after the upgrade" eval '[ "$(state)" = active ]'
ringdex version
ringdex version | has 'ringdex 0.1.0' || fail "the old version"
ringdex status --json | has '"version": "0.1.0"' || fail "the old version still runs"
answers -H ldap://127.0.0.1:3389
[ "$(records)" = "$before" ] || fail "$(records) records after the upgrade"
[ "$(sha256sum <"$config")" = "$sum" ] || fail "the configuration was changed"
start_org

say "the sandbox, as the kernel sees it"
pid=$(show MainPID)
for want in 'NoNewPrivs:	1' 'Seccomp:	2' 'CapEff:	0000000000000000' 'CapBnd:	0000000000000000'; do
  grep -q "^$want$" "/proc/$pid/status" || fail "no «$want»"
done
[ "$(stat -c %U "/proc/$pid")" = ringdex ] || fail "runs as $(stat -c %U "/proc/$pid")"
if nsenter -t "$pid" -m touch /etc/ringdex/x 2>/dev/null; then fail "/etc can be written"; fi
logged 'msg=ready' || fail "no log"
if journalctl -u ringdex --no-pager | grep -E 'TOKEN|emulatorTOKEN'; then fail "a secret in the log"; fi

say "secrets as systemd credentials"
install -d -m 0700 /etc/credstore
mv /etc/ringdex/password /etc/credstore/ringdex.password
mv /etc/ringdex/token /etc/credstore/ringdex.security-token
chown root: /etc/credstore/*
sed -i 's/file:password/credential:ringdex.password/; s/file:token/credential:ringdex.security-token/' "$config"
systemctl restart ringdex
ringdex replicate >/dev/null # through the service: it has the secrets
ringdex check >/try/check.log || { cat /try/check.log; fail "check as root"; }

say "ports 389 and 636, without root"
sed -i 's/127.0.0.1:3389/127.0.0.1:389/' "$config"
systemctl restart ringdex || true
wait_for 120 "the reason in the log" logged CAP_NET_BIND_SERVICE
install -D -m 0644 /usr/share/doc/ringdex/examples/port-389.conf /etc/systemd/system/ringdex.service.d/port-389.conf
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
  -keyout /etc/ringdex/key.pem -out /etc/ringdex/cert.pem 2>/dev/null
chown ringdex: /etc/ringdex/*.pem && chmod 0600 /etc/ringdex/key.pem
sed -i 's|^ldap:|ldap:\n  ldaps: ["127.0.0.1:636"]\n  tls: { certificate: cert.pem, key: key.pem }|' "$config"
systemctl daemon-reload
systemctl restart ringdex
export LDAPTLS_CACERT=/etc/ringdex/cert.pem
answers -H ldap://127.0.0.1:389
answers -ZZ -H ldap://127.0.0.1:389
answers -H ldaps://127.0.0.1:636

say "reload: users and limits without a restart"
pid=$(show MainPID)
sed -i 's/^  users:.*/  size_limit: 77\n&/' "$config"
systemctl reload ringdex
wait_for 120 "nothing about the reload" logged 'msg="configuration read anew".*ldap.size_limit\|ldap.size_limit.*msg="configuration read anew"'
[ "$(show MainPID)" = "$pid" ] || fail "a reload has restarted it"
wait_for 120 "not active after a reload" eval '[ "$(state)" = active ]'
echo "   status: $(show StatusText)"
sed -i 's/^  users:.*/  usrs: {}\n&/' "$config"
if systemctl reload ringdex 2>/dev/null; then fail "a faulty configuration was taken"; fi
wait_for 120 "no reason in the log" logged 'unknown key ldap.usrs'
[ "$(show MainPID)" = "$pid" ] && [ "$(state)" = active ] || fail "a refused reload has ended it"
sed -i '/^  usrs:/d' "$config"
systemctl reload ringdex
answers -H ldap://127.0.0.1:389

say "killed (power cut): systemd starts it again, with the data"
kill -KILL "$(show MainPID)"
wait_for 120 "no new start" eval '[ "$(state)" = active ] && answers -H ldap://127.0.0.1:389 2>/dev/null'
[ "$(records)" = "$before" ] || fail "$(records) records after a kill"

say "hung: the watchdog ends it, and it starts again"
install -D -m 0644 /dev/stdin /etc/systemd/system/ringdex.service.d/zz-try.conf <<<$'[Service]\nWatchdogSec=3s\nTimeoutAbortSec=3s\nRestartSec=1s'
systemctl daemon-reload && systemctl restart ringdex
sleep 5
[ "$(show NRestarts)" = 0 ] || fail "the watchdog ended a healthy service"
hung=$(show MainPID)
kill -STOP "$hung"
wait_for 120 "the watchdog did not act" eval '[ "$(state)" = active ] && [ "$(show MainPID)" != "$hung" ]'
logged 'Watchdog timeout' || fail "not by the watchdog"
rm /etc/systemd/system/ringdex.service.d/zz-try.conf
systemctl daemon-reload && systemctl restart ringdex

say "backup while it serves, restore"
ringdex backup /root/ringdex-backup.db
systemctl stop ringdex
install -o ringdex -g ringdex -m 0600 /root/ringdex-backup.db /var/lib/ringdex/ringdex.db
as ringdex verify
systemctl start ringdex
answers -H ldap://127.0.0.1:389

kill "$emulator"
say "downgrade: a store of the same format is served on; a newer one is refused, left as it is, and made anew"
apt-get install -y -q --allow-downgrades /try/ringdex_0.0.9_*.deb >/try/apt.log 2>&1 || { cat /try/apt.log; fail "downgrade"; }
wait_for 120 "neither active nor refused" eval '[ "$(state)" = active ] || logged "has format [0-9]*, this ringdex reads"'
if [ "$(state)" != active ]; then
  echo "   $(journalctl -u ringdex --no-pager -o cat | grep 'has format' | tail -1)"
  systemctl stop ringdex
  mv /var/lib/ringdex/ringdex.db /var/lib/ringdex/newer.db
  start_org
  systemctl start ringdex
fi
answers -H ldap://127.0.0.1:389
apt-get install -y -q /try/ringdex_0.1.0_*.deb >/try/apt.log 2>&1
answers -H ldap://127.0.0.1:389

say "remove: stopped; configuration, secrets and data are kept"
apt-get remove -y -q ringdex >/try/apt.log 2>&1 || { cat /try/apt.log; fail "remove"; }
[ "$(state)" != active ] || fail "still runs"
[ -s /var/lib/ringdex/ringdex.db ] && [ -s "$config" ] && [ -s /etc/credstore/ringdex.password ] || fail "data lost"
say "installed again: serves by itself"
apt-get install -y -q /try/ringdex_0.1.0_*.deb >/try/apt.log 2>&1 || { cat /try/apt.log; fail "install again"; }
wait_for 120 "does not start by itself" eval '[ "$(state)" = active ]'
answers -H ldap://127.0.0.1:389

say "purge: nothing is left"
apt-get purge -y -q ringdex >/try/apt.log 2>&1 || { cat /try/apt.log; fail "purge"; }
left=$(find / -xdev -iname '*ringdex*' -not -path '/try/*' -not -path '/proc/*' -not -path '/root/*' -not -path '/var/lib/apt/*' -not -path '/var/cache/*' 2>/dev/null || true)
[ -z "$left" ] || fail "left: $left"
if getent passwd ringdex; then fail "the user is left"; fi
say "this version, installed where nothing was"
apt-get install -y -q /try/ringdex_0.1.0_*.deb >/try/apt.log 2>&1 || { cat /try/apt.log; fail "install"; }
systemctl start ringdex
[ "$(systemctl is-enabled ringdex)" = enabled ] && [ "$(state)" = inactive ] || fail "not enabled, or started without a configuration"
apt-get purge -y -q ringdex >/try/apt.log 2>&1
say "all right"
