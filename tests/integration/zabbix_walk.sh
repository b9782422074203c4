#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The commands of contrib/zabbix/README.md's "Ten minutes", literally, and by the frontend's API what is
# clicked there, up to the first problem. What is said of it begins with "walk: ".
#
#   zabbix_walk.sh outside ROOT   starts an EM where a network of its own is, and the walk in ROOT, which
#                                 has Zabbix and in /root the package
#   zabbix_walk.sh inside         the walk, in ROOT
#
# ZABBIX_WALK_INTERVAL=5m: {$VEEAM.CDP.INTERVAL}, how often the plugin is run; without it 30s.
set -eu
# shellcheck source=tests/integration/walk.bash
. "$(dirname "$0")/walk.bash"

frontend=127.0.0.1:8080

outside() {
    local root=$1
    begin "$root" 'LAB\zabbix'
    take_commands contrib/zabbix/README.md "Ten minutes" "$root/root"
    echo "${ZABBIX_WALK_INTERVAL:-30s}" >"$root/root/interval"
    walk_inside "$root" zabbix_walk.sh
    the_plugin 'LAB\zabbix' "$root/root/password" --all --format=json | jq -r '
        .vms[] | select(.state != "OK") | "walk: the plugin: VM \(.vm) (\(.policy)) is \(.state)"'
}

# What the README's commands call and a root without systemd does not have, and the newcomer's hands.
make_stand_ins() {
    # By the unit of that service, with nothing left of the one that ran.
    stand_in systemctl <<'SYSTEMCTL'
#!/bin/bash
set -eu
[ "$#" -eq 2 ] && [ "$1" = restart ] || exit 64
unit=/usr/lib/systemd/system/$2.service
setting() {
    sed -n "s/^$1=//p" "$unit" | tr -d '"'
}
running=/run/$2.pid-of-stand-in
if [ -e "$running" ]; then
    kill "$(<"$running")"
    tail --pid="$(<"$running")" -f /dev/null
fi
environment=$(setting Environment)
${environment:+export "$environment"}
user=$(setting User)
setpriv --reuid="$user" --regid="$user" --init-groups \
    sh -c "exec $(setting ExecStart)" </dev/null >"/var/log/$2.output" 2>&1 &
echo $! >"$running"
SYSTEMCTL
    # EM's name, the user and the password; with a pin, that alone.
    stand_in editor <<'EDITOR'
#!/bin/bash
set -eu
text=$(cat "$1")
change() {
    [[ $text == *$'\n'"$1"* ]] || { echo "walk: $1 is not to be edited" && exit 1; }
    text=${text//"$1"/"$2"}
}
if [ $# -eq 2 ]; then
    change "$(grep '^#pinned-pubkey = ' "$1")" "pinned-pubkey = $2"
else
    change 'hostname = em01.example.com' 'hostname = em.lab.example'
    change 'username = EXAMPLE\monitor' 'username = LAB\zabbix'
    change 'password = secret' "password = $(cat /root/password)"
fi
printf '%s\n' "$text" >"$1"
EDITOR
}

# Zabbix as Debian's README.Debian has it set up, with users that need no password.
set_up_zabbix() {
    install -d -o mysql /run/mysqld
    install -d -o zabbix /run/zabbix
    mariadbd --user=mysql --innodb-flush-log-at-trx-commit=0 >/var/log/mariadb.output 2>&1 &
    until mariadb -e "CREATE DATABASE zabbix CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" 2>/dev/null; do
        [ $SECONDS -lt 60 ] || { cat /var/log/mariadb.output && exit 1; }
        sleep 0.1
    done
    mariadb -e "GRANT ALL ON zabbix.* TO zabbix@localhost IDENTIFIED VIA unix_socket;
        GRANT ALL ON zabbix.* TO 'www-data'@localhost IDENTIFIED VIA unix_socket"
    zcat /usr/share/zabbix-server-mysql/{schema,images,data}.sql.gz | mariadb zabbix
    # Debian's MariaDB is newer than its Zabbix knows.
    echo AllowUnsupportedDBVersions=1 >/etc/zabbix/zabbix_server.conf.d/database.conf
    cat >/etc/zabbix/zabbix.conf.php <<'PHP'
<?php
$DB['TYPE'] = 'MYSQL';
$DB['SERVER'] = 'localhost';
$DB['PORT'] = '0';
$DB['DATABASE'] = 'zabbix';
$DB['USER'] = 'www-data';
$DB['PASSWORD'] = '';
$DB['SCHEMA'] = '';
$DB['ENCRYPTION'] = false;
$DB['DOUBLE_IEEE754'] = true;
PHP
    systemctl restart zabbix-server
    systemctl restart zabbix-agent2
    setpriv --reuid=www-data --regid=www-data --init-groups php -d date.timezone=UTC -d memory_limit=256M \
        -S "$frontend" -t /usr/share/zabbix >/var/log/php.output 2>&1 &
}

token='' patience=0

# api METHOD PARAMETERS: what the frontend's API answers; what it refuses ends the walk.
api() {
    local request answer
    request=$(jq -n --arg method "$1" --argjson parameters "$2" --arg token "$token" '
        {jsonrpc: "2.0", id: 1, method: $method, params: $parameters}
        + if $token == "" then {} else {auth: $token} end')
    answer=$(curl -s -H "Content-Type: application/json-rpc" --data-binary @- \
        "http://$frontend/api_jsonrpc.php" <<<"$request")
    { [ -n "$answer" ] && jq -e .result <<<"$answer"; } || { say "$1 is refused: $answer" >&2 && exit 1; }
}

# Import, with what its dialog proposes.
click_import() {
    local groups='"groups"'
    [[ $version == 6.0.* ]] || groups='"template_groups", "host_groups"'
    api configuration.import "$(jq -n --rawfile source "$1" "{format: \"yaml\", \$source, rules:
        ([[$groups, \"templates\", \"valueMaps\", \"items\", \"discoveryRules\", \"triggers\"][]
        | {(.): {createMissing: true, updateExisting: true}}] | add)}")"
}

# Create host, with its interface and its macros.
click_host() {
    local template group
    template=$(api template.get '{"filter": {"name": "Veeam CDP by Zabbix agent 2"}}' | jq '.[0].templateid')
    group=$(api hostgroup.get '{"filter": {"name": "Linux servers"}}' | jq '.[0].groupid')
    api host.create "$(jq -n --argjson template "$template" --argjson group "$group" --arg interval "$(cat /root/interval)" '{
        host: "em01", groups: [{groupid: $group}], templates: [{templateid: $template}],
        interfaces: [{type: 1, main: 1, useip: 1, ip: "127.0.0.1", dns: "", port: "10050"}],
        macros: [{macro: "{$VEEAM.CDP.SECTION}", value: "em01"}, {macro: "{$VEEAM.CDP.INTERVAL}", value: $interval}]}')" |
        jq '.hostids[0]' >/root/host
}

# Administration, General, Timeouts, which Zabbix 6.0 does not have.
click_timeouts() {
    api settings.update '{"timeout_zabbix_agent": "30s", "timeout_external_check": "30s"}'
}

# shown_as FILTER METHOD PARAMETERS: waits until jq has something of that host to show.
shown_as() {
    local shown
    until shown=$(api "$2" "$(jq --argjson host "$(cat /root/host)" '. + {hostids: $host}' <<<"$3")" | jq -r "$1") && [ -n "$shown" ]; do
        [ $SECONDS -lt "$patience" ] || {
            tail -n 40 /var/log/zabbix/*.log /var/log/zabbix-server/*.log
            say "nothing to see: $2"
            exit 1
        }
        sleep 1
    done
    echo "$shown"
}

latest_data() {
    shown_as '[.[] | select(.lastclock != "0")] | if any(.key_ == "veeam.cdp.em.status") then length else empty end' \
        item.get '{"output": ["key_", "lastclock"], "webitems": false}'
}

problems() {
    # shellcheck disable=SC2016 # jq's own
    shown_as '.[] | (.severity | tonumber) as $s | ["not classified", "information", "warning", "average", "high",
        "disaster"][$s] + ": " + .name' problem.get '{"sortfield": ["eventid"]}'
}

inside() {
    local status=0 version total
    make_stand_ins
    set_up_zabbix
    until version=$(api apiinfo.version '[]' 2>/dev/null); do
        [ $SECONDS -lt 120 ] || { cat /var/log/php.output && exit 1; }
        sleep 0.1
    done
    version=${version//\"/}
    say "Zabbix $version is there after $SECONDS s; {\$VEEAM.CDP.INTERVAL} is $(cat /root/interval)"
    cd /root # the folder that the package is in
    SECONDS=0

    walk 1 >/root/shown 2>&1 || status=$?
    cat /root/shown
    [ $status -eq 3 ] # UNKNOWN
    say "by hand: $(grep -o '^CDP TASK [A-Z]*: [a-z]*' /root/shown)"
    grep -qF -- "--pinned-pubkey=$(cat /root/pin) " /root/shown
    say "the pin is EM's"
    editor /etc/zabbix/veeam_cdp.ini "$(grep -o 'sha256//[^ ]*' /root/shown)"
    tail -n 1 /root/commands.1 >/root/commands.again
    walk again | head -n 1 | sed 's/^/walk: with the pin: /'
    walk 2 >/root/shown
    say "the agent's test: $(grep -o '"state":"[A-Z]*"' /root/shown | head -n 1)"
    token=$(api user.login '{"username": "Admin", "password": "zabbix"}' | jq -r .)
    timed "Import" click_import veeam_cdp_agent2.yaml >/dev/null
    timed "Create host" click_host
    [[ $version == 6.* ]] || timed "Timeouts" click_timeouts >/dev/null
    patience=$((SECONDS + 180))
    timed "Latest data has the host's items" latest_data >/root/shown
    say "items: $(cat /root/shown)"
    patience=$((SECONDS + 900))
    timed "Problems has the first one" problems >/root/shown
    total=$SECONDS
    say "the first problem: $(head -n 1 /root/shown)"
    say "after $total s"
    cat /root/steps
    say end
}

"$@"
