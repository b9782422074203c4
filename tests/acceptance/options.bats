#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The command line, the environment and the ini file: what is refused, and that nothing is sent then.

load support
load demo_em

# refused OPTION TEXT: a usage fault on one line that names the option, and nothing sent.
refused() {
    check --vm srv-db01 "$1"
    has 3 "CDP TASK UNKNOWN: usage: ${2:-${1%%=*}}"
    is_one_line
    [ "$(count connections)" -eq 0 ]
}

@test "wrong values: one line that names the option, exit 3, nothing sent" {
    refused --warning=xx
    refused --warning=1x
    refused -wxx --warning
    refused --critical=20:10
    refused --critical=
    refused --timeout=0
    refused --timeout=5:maybe
    refused --map=Foo=ok
    refused --map=Completed/Foo=ok --map
    refused --map=Completed
    refused --id=zzz
    refused --reason=ok
    refused --reason='ok:('
    refused --port=0
    refused --port=70000
    refused --hostname=https://em01 --hostname
    refused --hostname=em01:9398
    refused --pinned-pubkey=sha256//abc
    refused --tls-min=1.1
    refused --empty-result=fine
    refused --unreachable-result=4
    refused --format=xml
    refused --username=a:b
    refused --vm=
    refused --ca-file=/nonexistent/file
    refused --password-file=/nonexistent/file
    refused --bogus
    refused --insecure=yes "--insecure takes no value"
    refused --timeout "--timeout needs a value"
    refused stray "1 unexpected argument ("
    lacks stray
    refused --since=3 "--since: '3' needs a unit"
    refused --idle-after=9 "--idle-after: '9' needs a unit"
    refused --map=stale=ok
    refused --critical-data-age=1x
    refused --proxy="http://user:$PASSWORD@host:99999" "--proxy: not the URL of a proxy (http://USER:PASSWORD@HOST:PORT, with %40 for an @"
    lacks "$PASSWORD"
    local url
    for url in "https://monitor:$PASSWORD@em01" "monitor:$PASSWORD@em01:9398" "https://a@$PASSWORD@em01/"; do
        refused --hostname="$url" "--hostname: the value contains an @"
        lacks Tr0ub4dor
        refused --connect-to="$url" "--connect-to: the value contains an @"
        lacks Tr0ub4dor
        plugin -H "$url" --vm=a --format=json
        has 3
        lacks Tr0ub4dor
    done
    plugin --vm=a -H --password="$PASSWORD"
    has 3 "--hostname needs a value"
    lacks "$PASSWORD"
    refused -p"$PASSWORD" --port
    lacks "$PASSWORD"
}

@test "contradictions are refused" {
    refused --id=00000000-0000-4000-8000-000000000001 "--id: --vm and --id don't go together"
    refused --insecure "--insecure verifies nothing"
    lacks "notice:"
    refused --no-tls "--no-tls verifies nothing"
    lacks "notice:" # nothing was sent
    refused --em "--em: --vm and --em don't go together"
    local option
    for option in --sessions-only --list --include-vm=a --exclude-vm=a --backup-server=a; do
        check --em "$option"
        has 3 "CDP TASK UNKNOWN: usage: --em judges no VM: leave out ${option%%=*}"
    done
    check --em --critical-age=1d
    has 3 "usage: --em judges no VM: leave out --warning-age and --critical-age"
    check --vm=srv-db01 --sessions-only --warning-data-age=1h
    has 3 "usage: --sessions-only asks EM for no data collection"
    [ "$(count connections)" -eq 0 ]
}

@test "an address that -4 or -6 does not allow is unreachable, and the fault says why" {
    local host
    for host in 127.0.0.1 127.1 0x7f000001; do
        plugin -6 -H "$host" -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --vm=a
        has 3 "unreachable: https://$host:$EM_PORT: no" "; -6 (--ipv6) allows only IPv6 addresses"
        plugin -6 -H localhost --connect-to="$host:$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" \
            --vm=a --unreachable-result=critical
        has 2 "; -6 (--ipv6) allows only IPv6 addresses"
    done
    plugin -4 -H ::1 -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --vm=a --proxy=none
    has 3 "unreachable: " "; -4 (--ipv4) allows only IPv4 addresses"
    plugin -4 -H localhost --connect-to="[::1]:$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --vm=a
    has 3 "unreachable: " "; -4 (--ipv4) allows only IPv4 addresses"
    plugin -H 127.0.0.1 -p 1 -u monitor --password-file="$PASSWORD_FILE" --vm=a
    has 3 "unreachable: "
    lacks "--ipv"
    [ "$(count connections)" -eq 0 ]
}

@test "what is needed is asked for" {
    plugin -v
    has 3 "usage: --hostname is needed"
    plugin -H localhost
    has 3 "usage: --id, --vm, --policy, --all, --em or --probe is needed"
    plugin -H localhost --vm a
    has 3 "usage: --username is needed"
    plugin -H localhost --vm a -u monitor
    has 3 "usage: a password is needed"
}

@test "a usage fault comes in the format asked for, wherever the format stands" {
    check --vm a --warning=xx --format=json
    has 3
    valid_json
    [ "$(query .error.kind)" = usage ]
}

@test "--help and --version exit 3; --help is one screen" {
    plugin --help
    has 3 "Usage: check_veeam_cdp_task"
    [ "$(awk 'length > 79' <<<"$output")" = "" ]
    [ "$(wc -l <<<"$output")" -le 40 ]
    plugin -h
    has 3 Usage
    plugin --version --bogus
    has 3 "check_veeam_cdp_task "
    is_one_line
}

@test "the password: file, standard input, environment, ini file, command line" {
    export VEEAM_EM_USERNAME=monitor
    local common=(-H localhost -p "$EM_PORT" --ca-file="$EM_CA" --vm srv-db01)
    plugin "${common[@]}" --password-file="$PASSWORD_FILE"
    has 0
    run bash -c 'echo "$PASSWORD" | ${CHECK_WRAPPER:-} "$CHECK_VEEAM_CDP_TASK" "$@" --password-file=-' - "${common[@]}"
    has 0
    VEEAM_EM_PASSWORD=$PASSWORD plugin "${common[@]}"
    has 0
    plugin "${common[@]}" --password="$PASSWORD"
    has 0
    VEEAM_EM_PASSWORD=$WRONG_PASSWORD plugin "${common[@]}"
    has 3 "CDP TASK UNKNOWN: logon: EM answers 401" "check user and password"
    lacks encoding
    VEEAM_EM_PASSWORD=$WRONG_PASSWORD-ü plugin "${common[@]}"
    has 3 "logon: EM answers 401" "their encoding: they were sent as UTF-8, EM may expect Windows-1252"
    VEEAM_EM_PASSWORD=$WRONG_PASSWORD-$'\xFC' plugin "${common[@]}"
    has 3 "logon: EM answers 401" "their encoding: they were not sent as UTF-8, EM may expect that"
    VEEAM_EM_PASSWORD=$WRONG_PASSWORD plugin "${common[@]}" -u müller
    has 3 "logon: EM answers 401" "their encoding: they were sent as UTF-8"
    printf '%s\n' "$WRONG_PASSWORD-ß" >"$BATS_TEST_TMPDIR/wrong"
    chmod 600 "$BATS_TEST_TMPDIR/wrong"
    plugin "${common[@]}" --password-file="$BATS_TEST_TMPDIR/wrong" --format=json
    has 3 "their encoding: "
    lacks "$WRONG_PASSWORD"
    [ "$(count open_sessions)" -eq 0 ]
}

@test "a password file that others can read or write, or that is no plain file, is refused" {
    local file=$BATS_TEST_TMPDIR/password
    echo "$PASSWORD" >"$file"
    chmod 640 "$file"
    refused --password-file="$file"
    has 3 "chmod 600"
    chmod 604 "$file"
    refused --password-file="$file"
    chmod 620 "$file"
    refused --password-file="$file"
    has 3 "$file is refused: group or others can write to it (chmod 600)"
    chmod 602 "$file"
    refused --password-file="$file"
    chmod 600 "$file"
    ln -s "$file" "$file.link"
    refused --password-file="$file.link"
    mkfifo -m 600 "$file.fifo"
    refused --password-file="$file.fifo"
    printf '\xEF\xBB\xBF%s\r\n' "$PASSWORD" >"$file" # as Windows' editors write it
    check --vm srv-db01 --password-file="$file"
    has 0
    control POST reset >/dev/null
    : >"$file"
    refused --password-file="$file"
    has 3 "is empty"
}

@test "no secret is in the list of processes or in any output" {
    # A proxy that never answers keeps the plugin waiting while its command line is read.
    # exec: so that the plugin, and not a shell, has the process id.
    coproc LISTENER { exec /usr/bin/python3 -c '
import socket, sys, time
s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1], flush=True)
c, _ = s.accept(); print("connected", flush=True); time.sleep(60)'; }
    local port
    read -r port <&"${LISTENER[0]}"
    "$CHECK_VEEAM_CDP_TASK" -H localhost --proxy="http://127.0.0.1:$port" -u monitor --vm a \
        --password="$PASSWORD" --timeout=20 >/dev/null &
    local pid=$!
    local seen
    read -r seen <&"${LISTENER[0]}"
    [ "$seen" = connected ]
    run tr '\0' ' ' <"/proc/$pid/cmdline"
    kill "$pid" "$LISTENER_PID"
    [[ $output == *--vm* ]]
    lacks "$PASSWORD"

    check --vm srv-db01 --vm nobody -vvv
    has 3 "POST /api/sessionMngr" "DELETE /api/logonSessions/***"
    lacks "$PASSWORD"
    lacks ZGVjMGRlNWUt # how the emulator's tokens start
    lacks dec0de5e- # and its session ids
    check --vm srv-db01 --proxy="nonsense://user:$PASSWORD@localhost:1"
    has 3 "CDP TASK UNKNOWN: "
    lacks "$PASSWORD"
    https_proxy=http://user:$PASSWORD@localhost:1 check --vm srv-db01
    has 3 "CDP TASK UNKNOWN: unreachable: "
    lacks "$PASSWORD"
    https_proxy=monitor:$PASSWORD@host:99999 check --vm srv-db01
    has 3 "CDP TASK UNKNOWN: unreachable: "
    lacks "$PASSWORD"
    check --vm srv-db01 --pasword="$PASSWORD"
    has 3 "--pasword: unknown or ambiguous option"
    lacks "$PASSWORD"
}

@test "extra-opts: the default section, a named one, and the command line wins" {
    local ini=$BATS_TEST_TMPDIR/monitoring-plugins.ini
    (umask 077 && cat >"$ini") <<EOF
# comment
[check_veeam_cdp_task]
hostname=localhost
port=$EM_PORT
username = monitor
password=$PASSWORD
ca-file=$EM_CA
vm=srv-db01
timeout=20

[broken vm]
vm=srv-file01

[em and a vm]
em =
EOF
    MP_CONFIG_FILE=$ini plugin --extra-opts
    has 0 "CDP TASK OK: srv-db01"
    plugin --extra-opts=@"$ini"
    has 0 "CDP TASK OK: srv-db01"
    plugin --extra-opts=@"$ini" --extra-opts="broken vm@$ini"
    has 2 "srv-file01"
    plugin --extra-opts=@"$ini" --extra-opts="em and a vm@$ini"
    has 3 "usage: --em: --vm and --em don't go together"
    plugin --extra-opts=@"$ini" --password="$WRONG_PASSWORD"
    has 3 "logon: "
    plugin --extra-opts=nothing@"$ini"
    has 3
    plugin --extra-opts=@/nonexistent/file.ini
    has 3
}

@test "an ini file may come from Windows, and only its owner may write to it" {
    [ "${INI_READER:?make check sets it}" = own ] || skip "the library of monitoring-plugins reads ini files by its own rules"
    local ini=$BATS_TEST_TMPDIR/plugin.ini
    (umask 077 && cat >"$ini") <<EOF
[check_veeam_cdp_task]
hostname=localhost
port=$EM_PORT
username = monitor
password=$PASSWORD
ca-file=$EM_CA
vm=srv-db01
EOF
    sed -i $'1s/^/\xEF\xBB\xBF/; s/$/\r/' "$ini" # as Windows' editors write it
    plugin --extra-opts=@"$ini"
    has 0 "CDP TASK OK: srv-db01"
    ln -s "$ini" "$ini.link"
    plugin --extra-opts=@"$ini.link"
    has 0
    for mode in 620 602 666; do
        chmod "$mode" "$ini"
        for file in "$ini" "$ini.link"; do
            plugin --extra-opts=@"$file" --format=json
            has 3 "ini file '$file': group or others can write to it: chmod go-w"
        done
        plugin --extra-opts=@- <"$ini"
        has 3 "chmod go-w"
    done
    printf '[check_veeam_cdp_task]\nall=\n' >"$ini" # no secret, but it says what is checked
    chmod 664 "$ini"
    plugin --extra-opts=@"$ini" --input="$SRCDIR/tests/fixtures/v13/query.json"
    has 3 "usage: --extra-opts: ini file " "chmod go-w"
    chmod 644 "$ini"
    plugin --extra-opts=@"$ini" --input="$SRCDIR/tests/fixtures/v13/query.json"
    has 2 "3 VMs"
}
