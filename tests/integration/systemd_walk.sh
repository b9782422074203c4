#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# As root in a systemd of its own, which systemd.bats has booted from a copy of this machine: the
# commands of contrib/prometheus/README.md, literally, and what the service makes of an EM that is
# well, then down, and of a plugin that crashes. $1: the folder of the test.
set -eu
folder=$1
# shellcheck source=/dev/null
. "$folder/environment" # SRCDIR, CHECK_VEEAM_CDP_TASK, EM_EMULATOR, PASSWORD
units=$SRCDIR/contrib/prometheus

say() {
    echo "walk: $*"
}

# block HEADING: the first block of commands below that heading of the README.
block() {
    # shellcheck disable=SC2016 # no substitution, but marks of code
    sed -n "/^## $1\$/,\$p" "$units/README.md" | sed -n '/^ *```$/,/^ *```$/p' | sed -n '2,/^ *```$/p' | sed '$d'
}

measured() {
    cat /var/lib/veeam-cdp-textfile/em01/veeam_cdp.prom
}

# In a new network it is down.
ip link set lo up
mkdir -p /tmp/em /usr/lib/nagios/plugins
cp "$CHECK_VEEAM_CDP_TASK" /usr/lib/nagios/plugins/check_veeam_cdp_task
(umask 077 && printf '%s\n' "$PASSWORD" >/tmp/em/password)
EM_PIN='' EM_PORT='' EM_PID=''
eval "$("$EM_EMULATOR" --background --lifetime=300 --dir=/tmp/em --user='EXAMPLE\monitor' \
    --password-file=/tmp/em/password --scenario="$folder/scenario.json")"
systemctl start prometheus-node-exporter

# Its edits: the name, and what an EM on another port, with a certificate of its own, needs.
cp -r "$units" /tmp/prometheus
cd /tmp/prometheus
sed -i -e 's/^VEEAM_EM_HOST=.*/VEEAM_EM_HOST=localhost/' \
    -e "s#^VEEAM_CDP_OPTIONS=.*#VEEAM_CDP_OPTIONS='--policy=\"CDP Policy\" --port=$EM_PORT --pinned-pubkey=$EM_PIN'#" em01.env
block "Ten minutes" >/tmp/commands
[ "$(wc -l </tmp/commands)" -ge 12 ]
# Debian's scrape of everything else is not looked at.
until curl -s -o /tmp/scrape http://localhost:9100/metrics; do sleep 0.1; done
sh -eux /tmp/commands <"/tmp/em/password" >/tmp/shown
tail -n 2 /tmp/shown
say "status $(measured | grep -c '^veeam_cdp_task_status{.*policy="CDP Policy"') VMs, $(measured | tail -n 1)"
say "file $(stat -c '%U %a' /var/lib/veeam-cdp-textfile/em01/veeam_cdp.prom)"
say "timer $(systemctl is-active veeam-cdp-textfile@em01.timer), $(systemctl is-enabled veeam-cdp-textfile@em01.timer)"
next=$(date -d "$(systemctl show -P NextElapseUSecRealtime veeam-cdp-textfile@em01.timer)" +%s)
say "next run within 7 minutes: $([ "$next" -le $(($(date +%s) + 420)) ] && echo yes)"

# What is to be done when it does not work.
block "When it does not work" >/tmp/commands
say "by hand: $(sh -eu /tmp/commands | head -n 1 | cut -d : -f 1)"

# A verdict or a fault is no failure of the unit; a crash is.
kill "$EM_PID"
systemctl start veeam-cdp-textfile@em01.service
say "down: $(systemctl is-failed veeam-cdp-textfile@em01.service || true), $(measured | grep '^veeam_cdp_up' | sed 's/.* //') $(measured | grep -o 'kind="[a-z-]*"')"
printf '#!/bin/sh\nkill -SEGV $$\n' >/usr/lib/nagios/plugins/check_veeam_cdp_task
measured >/tmp/before
systemctl start veeam-cdp-textfile@em01.service 2>/dev/null || true
say "crashed: $(systemctl is-failed veeam-cdp-textfile@em01.service), $(measured | cmp - /tmp/before && echo unchanged)"
journalctl -o cat -u veeam-cdp-textfile@em01.service | grep '^veeam-cdp-textfile: '
say "passwords in the journal: $(journalctl -o cat | grep -c "$PASSWORD")"
say end
