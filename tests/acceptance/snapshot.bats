#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# --snapshot: many checks, one answer of EM; how old it may be and is; and whatever is wrong with the
# file, no check takes it for an answer.

load support
load demo_em
load snapshot_file

setup() {
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    [ ! -e "$BATS_FILE_TMPDIR/ahead" ] || em_is_ahead 0
    play "$(cat "$SRCDIR/tests/emulator/scenarios/demo.json")"
    control POST expire >/dev/null
    control POST reset >/dev/null
    directory="$BATS_TEST_TMPDIR/snapshots"
}

# fetched TIMES: EM was asked so often for all, and each logon was logged off.
fetched() {
    local seen
    seen=$(control GET counts | jq -r '"\(.logons) \(.logoffs) \(.open_sessions)"')
    [ "$seen" = "$1 $1 0" ] || fail_with "logons, logoffs, open: $seen, not $1 $1 0"
}

# is_fresh: EM was asked just now, by a machine that may be busy.
is_fresh() {
    [[ $output =~ "snapshot: EM's answer is "[0-9]"s old" ]] || fail_with "the answer is not fresh"
}

# hold_lock: another process has the lock until let_go. A check must have made it.
hold_lock() {
    rm -f "$BATS_TEST_TMPDIR/held"
    mkfifo "$BATS_TEST_TMPDIR/held"
    # shellcheck disable=SC2016 # it is the inner shell's
    flock "$(the_file lock)" bash -c 'echo held >"$1"; read -r <"$1"' bash "$BATS_TEST_TMPDIR/held" 3>&- &
    holder=$!
    read -r <"$BATS_TEST_TMPDIR/held"
}
let_go() {
    echo >"$BATS_TEST_TMPDIR/held"
    wait "$holder"
    holder=
}

# own_em: an EM for this test alone, which may stop; teardown ends it.
own_em() {
    local told
    told=$("$EM_EMULATOR" --background --lifetime=300 --dir="$BATS_TEST_TMPDIR" \
        --password-file="$PASSWORD_FILE" --scenario="$SRCDIR/tests/emulator/scenarios/demo.json")
    eval "$told"
    own_em_pid=$EM_PID
}
has_ended() {
    ! kill -0 "$1" 2>/dev/null
}
em_stops() {
    EM_PID=$own_em_pid stop_em
    until_true has_ended "$own_em_pid"
    own_em_pid=
}
teardown() {
    [ -z "${holder:-}" ] || let_go
    EM_PID=${own_em_pid:-} stop_em
}

# What the demo takes. All: logon, sessions, twice older ones by name, policies, data collection, the
# replicas of three policies, logoff. One VM: logon, its sessions, data collection, logoff.
all_requests=11
vm_requests=4

@test "the first check fetches all, the next ones read it: one VM, a policy, all; with rules of their own" {
    shared --vm=srv-db01
    has 0 "CDP TASK OK: srv-db01" "snapshot: EM's answer is "
    lacks notice
    good_manners "$all_requests"
    shared --vm=srv-file01 --vm=srv-db01
    has 2 "CDP TASK CRITICAL: 2 VMs" "[CRITICAL] srv-file01"
    shared --all
    has 2 "9 VMs: 2 critical, 2 warning, 5 ok"
    shared --policy="CDP Policy"
    has 2 "6 VMs: 2 critical, 1 warning, 3 ok"
    shared --policy="CDP Policy" --include-vm='^srv-(app01|db01)$' --backup-server=vbr01.example.invalid
    has 0 "2 VMs: 2 ok"
    shared --vm=srv-db01 --critical=1s
    has 2 "CDP TASK CRITICAL: srv-db01"
    shared --vm=srv-db01 --list
    has 0 srv-db01
    good_manners "$all_requests"
    [ "$(stat -c '%a %F' "$(the_file snapshot)")" = "600 regular file" ]
    [ "$(stat -c %a "$directory")" = 700 ]
}

@test "what a check says from a snapshot is what it says without" {
    local options with
    shared --vm=srv-db01
    # Among them are VMs of one name, in several policies and on several backup servers.
    for options in --all --policy="CDP Policy Gold" --vm=srv-app01 --vm=srv-mail01; do
        shared "$options" --format=json
        # What counts the seconds since then is left out.
        with=$(query '[.vms[] | del(.metrics, .why)]')
        [ "${#with}" -gt 200 ]
        check "$options" --format=json
        [ "$(query '[.vms[] | del(.metrics, .why)]')" = "$with" ] || fail_with "$options: with a snapshot $with"
    done
}

@test "a VM that the snapshot does not have is not found, and the name that was meant is told" {
    shared --vm=SRV-DB01
    has 3 "not-found: EM has no CDP task session of a VM named SRV-DB01; it has srv-db01: case counts"
    shared --vm=srv-db01 --vm=nothing --format=json
    has 3
    valid_json
    [ "$(query '[.counts.ok, .counts.unknown] | @csv')" = 1,1 ]
    shared --policy=Silver
    has 3 "not-found: EM has no CDP task session of a policy named Silver"
    shared --all --include-vm=nothing --empty-result=ok --format=json
    has 0
    valid_json
    # There is no VM to name.
    [ "$(query '[.error.kind, .counts.vms, (.vms | length)] | @csv')" = '"not-found",0,0' ]
    [ "$(query .snapshot)" != null ]
    fetched 1
}

@test "a site without sessions is an answer, too: it is asked once" {
    play '{"user":"monitor","password":"'"$PASSWORD"'","vms":[]}'
    control POST reset >/dev/null
    shared --vm=srv-db01
    has 3 "CDP TASK UNKNOWN: not-found: EM has no CDP task session of a VM named srv-db01" "snapshot: EM's answer is "
    shared --all --empty-result=ok
    has 0 "CDP TASK OK: not-found: EM has no CDP task session"
    fetched 1
}

@test "the age is in text, JSON and OpenMetrics, and metrics are of now" {
    local age
    shared --vm=srv-db01 --format=json
    has 0
    valid_json
    age=$(query .vms[0].metrics.age_seconds)
    [ "$(query '.snapshot.age_seconds < 60')" = true ]
    older_by 3600
    shared --vm=srv-db01 --snapshot-age=2h
    has 0 "snapshot: EM's answer is 1h"
    shared --vm=srv-db01 --snapshot-age=2h --format=json
    has 0
    valid_json
    [ "$(query '.snapshot.age_seconds | . >= 3600 and . < 3660')" = true ]
    [ "$(query '(.checked_at[:19] + "Z" | fromdate) - (.snapshot.fetched_at[:19] + "Z" | fromdate) | . >= 3599 and . < 3661')" = true ]
    # Not less by that hour, nor the same: later than before.
    [ "$(query ".vms[0].metrics.age_seconds | . > $age and . < $age + 60")" = true ]
    shared --vm=srv-db01 --snapshot-age=2h --format=openmetrics
    has 0 "veeam_cdp_fetched_timestamp_seconds{"
    check --vm=srv-db01 --format=json
    valid_json
    [ "$(query .snapshot)" = null ]
    fetched 2
    shared --vm=srv-db01 --list
    has 0 "snapshot: EM's answer is "
    shared --vm=srv-db01 --list --format=json
    [ "$(query '.snapshot.age_seconds >= 0')" = true ]
    shared --vm=srv-db01 --format=passive
    has 0 ";localhost;Veeam CDP task;0;CDP TASK OK: Enterprise Manager answered " " ago (--snapshot)"
}

@test "--snapshot-age: one that is older, or of the future, is fetched anew" {
    shared --vm=srv-db01
    older_by 30
    shared --vm=srv-db01
    fetched 1
    shared --vm=srv-db01 --snapshot-age=29s
    has 0 "snapshot: EM's answer is "
    fetched 2
    older_by 61
    shared --vm=srv-db01
    fetched 3
    older_by -60
    shared --vm=srv-db01
    has 0 "snapshot: EM's answer is "
    fetched 4
    shared --vm=srv-db01 --snapshot-age=0
    fetched 5
}

@test "another since, user, server or trust has another snapshot" {
    local pinned=(-H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --snapshot="$directory" --vm=srv-db01)
    shared --vm=srv-db01
    shared --vm=srv-db01 --since=4d
    fetched 2
    plugin "${pinned[@]}" --insecure
    has 0 "srv-db01"
    fetched 3
    # Who verifies gets nothing of it.
    plugin "${pinned[@]}"
    has 3 "CDP TASK UNKNOWN: tls: "
    plugin "${pinned[@]}" --insecure --tls-min=1.3
    fetched 4
    plugin "${pinned[@]}" --pinned-pubkey="$EM_PIN"
    has 0 "srv-db01"
    fetched 5
    plugin "${pinned[@]}" --ca-file="$EM_CA" --tls-min=1.3
    fetched 6
    shared --vm=srv-db01 --connect-to="127.0.0.1:$EM_PORT"
    fetched 7
    shared --vm=srv-db01 -u other
    has 3 "logon: "
    [ "$(count logons)" -eq 7 ]
    # Each again from its own, but for what has failed.
    shared --vm=srv-db01
    plugin "${pinned[@]}" --pinned-pubkey="$EM_PIN"
    fetched 7
}

@test "how old it is goes by the clock of who wrote it, not by the file server's" {
    local ahead
    for ahead in "+2 minutes" "+1 day" "-1 day"; do
        rm -rf "$directory"
        shared --vm=srv-db01
        control POST reset >/dev/null
        older_by 30
        touch -d "$ahead" "$(the_file snapshot)"
        shared --vm=srv-db01
        has 0 "snapshot: EM's answer is 3"
        fetched 0
        older_by 31
        touch -d "$ahead" "$(the_file snapshot)"
        shared --vm=srv-db01
        has 0
        is_fresh
        fetched 1
    done
}

@test "a clock that was set back while or after it was written: it is fetched anew" {
    local written
    shared --vm=srv-db01
    for written in 6 3600 1000000000; do
        control POST reset >/dev/null
        alter "written=now+$written*1e6"
        shared --vm=srv-db01
        has 0
        is_fresh
        fetched 1
    done
    # A little may be between two processors, or two reads of a clock that is set.
    alter written=now+2e6
    shared --vm=srv-db01
    fetched 1
}

@test "a clock that was set back by less than the snapshot is old makes it no younger" {
    shared --vm=srv-db01
    alter uptime=was-30e6
    shared --vm=srv-db01
    fetched 1
    alter uptime=was-31e6
    shared --vm=srv-db01
    has 0
    is_fresh
    fetched 2
    # Since the host was started again, and on another host, only the clock is left to go by.
    for boot in was+1 0; do
        control POST reset >/dev/null
        alter uptime=was-3600e6 "boot=$boot"
        shared --vm=srv-db01
        fetched 0
    done
}

@test "a snapshot of another version is replaced without a word" {
    local version
    shared --vm=srv-db01
    for version in was-1 was+1 0; do
        control POST reset >/dev/null
        alter "version=$version"
        shared --vm=srv-db01
        has 0 "CDP TASK OK: srv-db01"
        is_fresh
        lacks notice
        fetched 1
    done
}

@test "what is odd in a session is a notice of each check that judges it, and of no other" {
    play '{"policies": [{"name": "P"}], "vms": [
        {"name": "odd", "policy": "P", "sessions": [{"created": "-1h"},
            {"created": "-9h", "ended": "-1h", "members": {"TotalSize": "large", "Reason": 5}}]},
        {"name": "even", "policy": "P", "sessions": [{"created": "-1h"}, {"created": "-9h", "ended": "-1h"}]}]}'
    shared --vm=even
    has 0
    lacks notice
    for options in --vm=odd --all; do
        shared "$options"
        has 0 "snapshot: EM's answer is " ": its Reason is not a text and was left out" ": its TotalSize is not a size"
        [ "$(grep -c '^notice: ' <<<"$output")" -eq 2 ]
    done
}

# em_is_ahead SECONDS: EM's clock, and all its sessions with it.
em_is_ahead() {
    local before=0
    [ ! -e "$BATS_FILE_TMPDIR/ahead" ] || before=$(cat "$BATS_FILE_TMPDIR/ahead")
    control POST advance "$(($1 - before))" >/dev/null
    echo "$1" >"$BATS_FILE_TMPDIR/ahead"
    play "$(cat "$SRCDIR/tests/emulator/scenarios/demo.json")"
    control POST reset >/dev/null
}

# without_spans: the output's text, with N for each span, and without the line of the snapshot.
without_spans() {
    sed -E 's/\|.*//; /^snapshot: /d; s/[0-9]+[dhms]( [0-9]+[hms])?/N/g' <<<"$output"
}

@test "EM's clock: a check from the snapshot judges by it and says the difference, as the one that asked" {
    local ahead said age
    for ahead in 7200 -86400 240; do
        em_is_ahead "$ahead"
        rm -rf "$directory"
        check --all
        said=$(without_spans)
        check --vm=srv-db01 --format=json
        age=$(query .vms[0].metrics.age_seconds)
        control POST reset >/dev/null
        for _ in asks reads; do
            shared --all
            [ "$(without_spans)" = "$said" ] || fail_with "it was: $said"
            shared --vm=srv-db01 --format=json
            [ "$(query ".vms[0].metrics.age_seconds - $age | . > -3 and . < 60")" = true ] || fail_with "age $age"
            [ "$(query '.snapshot.age_seconds | . >= 0 and . < 60')" = true ]
        done
        fetched 1
    done
    em_is_ahead 7200
    rm -rf "$directory"
    for _ in asks reads; do
        shared --vm=srv-db01
        has 0 "snapshot: EM's answer is " "notice: EM's clock is 2h ahead of this host's"
    done
    fetched 1
}

# signs MEMBERS: plays, with those members of the scenario, VMs that show each sign, and some that show none.
signs() {
    play '{"user":"monitor","password":"'"$PASSWORD"'",
        "backup_servers": [{"name": "vbr01.example.invalid"}, {"name": "vbr02.example.invalid"}],
        "policies": [{"name": "P", "includes": [{"type": "Folder", "name": "Prod"}, {"name": "began-never"}]},
            {"name": "Paused", "enabled": false}, {"name": "Named"},
            {"name": "P", "backup_server": "vbr02.example.invalid"}],
        "vms": [
            {"name": "well", "policy": "P", "sessions": [{"created": "-4h"}, {"created": "-12h", "ended": "-4h"}]},
            {"name": "idle", "policy": "P", "sessions": [{"created": "-20h", "ended": "-12h"}]},
            {"name": "overdue", "policy": "P", "sessions": [{"created": "-30h"}, {"created": "-38h", "ended": "-30h"}]},
            {"name": "paused", "policy": "Paused", "sessions": [{"created": "-20h", "ended": "-12h"}]},
            {"name": "began-never", "policy": "P", "sessions": []},
            {"name": "replica-alone", "policy": "P", "replica": true, "sessions": []},
            {"name": "long-ago", "policy": "P", "sessions": [{"created": "-9d", "ended": "-8d", "result": "Failed"}]},
            {"name": "left", "policy": "Named", "left": true, "sessions": [{"created": "-20h", "ended": "-12h"}]},
            {"name": "twice", "policy": "P", "sessions": [{"created": "-4h"}, {"created": "-12h", "ended": "-4h"}]},
            {"name": "twice", "policy": "P", "backup_server": "vbr02.example.invalid",
                "sessions": [{"created": "-20h", "ended": "-12h"}]}],
        '"$1"'}'
    control POST reset >/dev/null
}

# of_vm NAME: what the output says of VMs of that name, and of EM, but for what counts the seconds.
of_vm() {
    query "[[.vms[] | select(.vm == \"$1\") | [.policy, .backup_server, .state, .signs,
        (.why | map(gsub(\"[0-9]+[dhms]\"; \"N\")))]], .em.not_collected, (.em.data_age_seconds != null)] | @json"
}

@test "a check for one VM says what --all says of it, with signs and EM's data age: asked, fetched and read" {
    local vm cold said members told=0
    for members in '"collections": {"newest": "-5m"}' \
        '"collections": {"periods": [{"since": "-2h", "misses": ["vbr02.example.invalid"]}]}' \
        '"collections": {"periods": [{"since": "-3h", "none": true}]}' \
        '"role": "Portal User", "refuses": {"replicas": 403, "replicas_query": 403, "replica_vms": 403}' \
        '"refuses": {"policies": 404, "policies_query": 400, "system_sessions": 500, "system_sessions_query": 500}'; do
        signs "$members"
        rm -rf "$directory"
        check --all --format=json
        cold=$output
        shared --all --format=json
        for vm in well idle overdue paused began-never replica-alone long-ago left twice; do
            output=$cold
            said=$(of_vm "$vm")
            shared --vm="$vm" --format=json
            if [[ $said == "[[],"* ]]; then
                [ "$(query .error.kind)" = not-found ] || fail_with "$members, $vm: --all has none"
            else
                [ "$(of_vm "$vm")" = "$said" ] || fail_with "$members, $vm: with --all $said"
                told=$((told + 1))
            fi
        done
        fetched 2
    done
    [ "$told" -ge 40 ] # of 45: EM does not tell all of them to each user
}

# one_is_gone VMS MEMBERS: plays a VM that is well besides those VMs, with those members of the scenario.
gone='{"name": "gone", "policy": "P", "sessions": [{"created": "-20h", "ended": "-12h", "result": "Failed"}]},'
refused='"refuses": {"replicas": 403, "replicas_query": 403, "replica_vms": 403}'
one_is_gone() {
    play '{"user":"monitor","password":"'"$PASSWORD"'","policies": [{"name": "P", "includes": [{"type": "Folder", "name": "Prod"}]}],
        "vms": ['"$1"' {"name": "stays", "policy": "P", "sessions": [{"created": "-1h"}, {"created": "-9h", "ended": "-1h"}]}],
        '"$2"'}'
    control POST reset >/dev/null
}

@test "EM does not tell its replicas: a VM that it tells no more is remembered, 7 days from its last session on" {
    one_is_gone "$gone" "$refused"
    shared --all
    has 2 "2 VMs: 1 critical, 1 ok"
    one_is_gone "" "$refused"
    # The run that fetches says what those say that read, and so do the next ones.
    for _ in fetches fetches; do
        shared --all --snapshot-age=0
        has 2 "2 VMs: 1 critical, 1 ok" "gone"
        shared --vm=gone
        has 2 "CDP TASK CRITICAL: gone"
    done
    fetched 2
    check --all
    has 0 "CDP TASK OK"
    em_is_ahead $((6 * 86400))
    one_is_gone "" "$refused"
    shared --all --snapshot-age=0
    has 2 "2 VMs: 1 critical, 1 ok"
    em_is_ahead $((7 * 86400))
    one_is_gone "" "$refused"
    all_is_due
    shared --all --snapshot-age=0
    has 0 "CDP TASK OK"
    shared --vm=gone
    has 3 "CDP TASK UNKNOWN: not-found: "
}

@test "EM does not tell its replicas: if what was remembered can't be read, a notice says so" {
    one_is_gone "$gone" "$refused"
    shared --all
    has 2 "2 VMs: 1 critical, 1 ok"
    printf '\377' | dd of="$(the_file snapshot)" bs=1 seek=$(($(stat -c %s "$(the_file snapshot)") - 5)) \
        conv=notrunc status=none
    one_is_gone "" "$refused"
    shared --all --snapshot-age=0
    has 0 "CDP TASK OK" "notice: --snapshot=$directory: the VMs that it remembered are forgotten: the snapshot is damaged"
    shared --all --snapshot-age=0
    lacks forgotten
}

# names_join_nothing VMS: plays a VM that is well besides those, and replicas under other names.
names_join_nothing() {
    play '{"user":"monitor","password":"'"$PASSWORD"'","policies": [{"name": "P", "includes": [{"type": "Folder", "name": "Prod"}]}],
        "vms": ['"$1"' {"name": "stays_replica", "policy": "P", "replica": true, "sessions": []},
            {"name": "stays", "policy": "P", "replica": false, "sessions": [{"created": "-1h"}, {"created": "-9h", "ended": "-1h"}]}]}'
}

@test "EM tells replicas of which none is a VM with sessions: a VM that it tells no more is remembered" {
    names_join_nothing '{"name": "gone", "policy": "P", "replica": false,
        "sessions": [{"created": "-20h", "ended": "-12h", "result": "Failed"}]},'
    shared --all
    has 2 "2 VMs: 1 critical, 1 ok" "notice: EM seems to name the VMs of "
    names_join_nothing ""
    shared --all --snapshot-age=0
    has 2 "2 VMs: 1 critical, 1 ok" "gone" "VMs whose last session ended more than 7d ago"
    shared --vm=gone
    has 2 "CDP TASK CRITICAL: gone"
}

@test "EM tells its replicas: a VM that has none and no session is remembered for an hour at most" {
    one_is_gone "$gone" '"about": ""'
    shared --all
    has 2 "2 VMs: 1 critical, 1 ok"
    one_is_gone "" '"about": ""'
    shared --all --snapshot-age=0
    has 2 "2 VMs: 1 critical, 1 ok" "gone"
    all_is_due
    shared --all --snapshot-age=0
    has 0 "CDP TASK OK"
    shared --vm=gone
    has 3 "CDP TASK UNKNOWN: not-found: "
}

@test "what one check leaves out is in the snapshot for the others; --sessions-only has its own" {
    signs '"collections": {"periods": [{"since": "-3h", "none": true}]}'
    shared --vm=well --warning-data-age='~:' --no-last-completed
    has 0 "CDP TASK OK: well"
    shared --vm=well --format=json
    has 1
    valid_json
    [ "$(query '.em.data_age_seconds > 3600')" = true ]
    fetched 1
    shared --vm=well --sessions-only
    has 0 "CDP TASK OK: well"
    fetched 2
    [ "$(find "$directory" -name '*+sessions+*.snapshot' | wc -l)" -eq 1 ]
    [ "$(find "$directory" -name '*.snapshot' | wc -l)" -eq 2 ]
    shared --vm=well --sessions-only
    shared --vm=well
    fetched 2
}

# Under a wrapper fewer: each takes many times as long.
crowd=${CHECK_WRAPPER:+5}
crowd=${crowd:-40}

@test "many checks at once on a cold snapshot: one logon, one set of pages" {
    local i pids=()
    play '{"user":"monitor","password":"'"$PASSWORD"'","generate":{"vms":300,"completed":2}}'
    control POST reset >/dev/null
    for ((i = 0; i < crowd; i++)); do
        shared_later "output.$i" -t 120 --vm="$(printf 'vm%05d' $((i + 1)))"
        pids+=("$pid")
    done
    for ((i = 0; i < crowd; i++)); do
        ends "${pids[i]}" "output.$i"
        has 0 "CDP TASK OK: $(printf 'vm%05d' $((i + 1)))" "snapshot: EM's answer is "
        lacks notice
    done
    fetched 1
    # Logon, a page of sessions, policies, data collection, replicas and those of the policy, logoff.
    [ "$(count requests)" -le 7 ]
}

@test "what came since they began is an answer to all who waited, however young they want it" {
    local i pids=()
    shared --vm=srv-db01
    older_by 100
    hold_lock
    for i in 1 2 3 4; do
        shared_later "output.$i" -t 120 --vm=srv-db01 --snapshot-age=0
        pids[i]=$pid
        until_true has_lock_open "$pid"
    done
    let_go
    for i in 1 2 3 4; do
        ends "${pids[i]}" "output.$i"
        has 0 "CDP TASK OK: srv-db01"
    done
    fetched 2
}

@test "an answer that took EM longer than it may be old is one to those who waited for it" {
    local i pids=()
    shared --vm=srv-db01
    older_by 100
    hold_lock
    for i in 1 2; do
        shared_later "output.$i" -t 120 --vm=srv-db01
        pids[i]=$pid
        until_true has_lock_open "$pid"
    done
    # It is written now, and was asked for long before.
    older_by 0
    let_go
    for i in 1 2; do
        ends "${pids[i]}" "output.$i"
        has 0 "CDP TASK OK: srv-db01" "snapshot: EM's answer is 1m"
    done
    fetched 1
    # The next one finds it too old.
    shared --vm=srv-db01
    fetched 2
}

@test "a page that fails is a fault with the age of the last answer, which stays as it was" {
    shared --vm=srv-db01
    older_by 600
    cp "$(the_file snapshot)" "$BATS_TEST_TMPDIR/before"
    play '{"user":"monitor","password":"'"$PASSWORD"'","wording":{"largest_page":10},"generate":{"vms":30,"completed":2},
        "replies":[{"path":"/api/query","nth":2,"status":500,"body":{"Message":"Out of memory","StatusCode":500}}]}'
    shared --all
    has 3 "CDP TASK UNKNOWN: server: EM answers 500 to GET /api/query: Out of memory; " "; the last answer is 10m"
    cmp "$(the_file snapshot)" "$BATS_TEST_TMPDIR/before"
    shared --vm=srv-db01 --snapshot-age=1h
    has 0 "CDP TASK OK: srv-db01" "snapshot: EM's answer is 10m"
    shared --all
    has 0 "30 VMs: 30 ok"
    fetched 3
}

@test "EM stops: a snapshot that is young enough goes on and says so; an older one is unreachable" {
    own_em
    shared --vm=srv-db01
    em_stops
    shared --vm=srv-db01
    has 0 "CDP TASK OK: srv-db01" "snapshot: EM's answer is "
    older_by 720
    shared --vm=srv-db01
    has 3 "CDP TASK UNKNOWN: unreachable: " "; the last answer is 12m"
    shared --vm=srv-db01 --format=json --unreachable-result=critical
    has 2
    valid_json
    [ "$(query .error.kind)" = unreachable ]
    shared --vm=srv-db01 --snapshot-age=1h
    has 0 "snapshot: EM's answer is 12m"
    rm -r "$directory"
    shared --vm=srv-db01
    has 3 "CDP TASK UNKNOWN: unreachable: "
    lacks "last answer"
}

@test "one run asks, EM answers 503: those that wait report the same fault at once, later ones try again" {
    local i pids=()
    # The answer comes when the others wait for it.
    play "$(jq '.replies = [{"path": "/api/query", "delay": 30, "times": 1}, {"path": "/api/query", "status": 503, "nth": 2}]' \
        "$SRCDIR/tests/emulator/scenarios/demo.json")"
    shared_later output.0 -t 60 --vm=srv-db01
    local first=$pid
    until_true em_got 2
    for i in 1 2 3 4; do
        shared_later "output.$i" -t 60 --vm=srv-db01
        pids[i]=$pid
        until_true has_lock_open "$pid"
    done
    # The one that asks is killed, and the next one is told 503.
    kill -KILL "$first"
    wait "$first" 2>/dev/null || true
    for i in 1 2 3 4; do
        ends "${pids[i]}" "output.$i"
        has 3 "CDP TASK UNKNOWN: server: EM answers 503"
    done
    [ "$(control GET counts | jq '[.log[] | select(test("/api/query"))] | length')" -eq 2 ]
    shared --vm=srv-db01
    has 0 "CDP TASK OK: srv-db01" "snapshot: EM's answer is "
}

# failed SECONDS TEXT [KIND [DAYS]]: another run could not reach EM, so long ago by its clock; or had
# another kind of fault, in asking for so many days.
failed() {
    local file
    file=$(the_file lock)
    (umask 077 && echo "${3:-2} $((EPOCHSECONDS - $1))000000 1000000 $((${4:-3} * 86400))000000 $2" \
        >"$BATS_TEST_TMPDIR/failure")
    mv "$BATS_TEST_TMPDIR/failure" "${file%.lock}.failure"
}

@test "a failure is new if it was not there before, whatever the clocks say" {
    local ago
    shared --vm=srv-db01
    for ago in 3600 0 -2 -3600; do
        rm -f "$(the_file snapshot)"
        failed "$ago" "the old one"
        control POST reset >/dev/null
        shared --vm=srv-db01
        has 0 "CDP TASK OK: srv-db01"
        fetched 1
        rm "$(the_file snapshot)"
        hold_lock
        shared_later output -t 120 --vm=srv-db01
        until_true has_lock_open "$pid"
        failed "$ago" "the new one"
        let_go
        ends "$pid" output
        has 3 "CDP TASK UNKNOWN: unreachable: the new one"
        fetched 1
        shared --vm=srv-db01
        has 0 "CDP TASK OK: srv-db01"
        fetched 2
    done
}

@test "a failure to fetch more than is needed concerns no one who needs less, but a refused logon does" {
    local days kind outcome
    shared --vm=srv-db01
    # A timeout, EM's error, an answer that is too large; no connection, a wrong password.
    for kind in "4 30" "5 30" "9 30" "4 3" "2 30"; do
        read -r kind days <<<"$kind"
        outcome="CDP TASK UNKNOWN: "
        [ "$days" -eq 3 ] || [ "$kind" -eq 2 ] || outcome="CDP TASK OK: srv-db01"
        rm -f "$(the_file snapshot)"
        hold_lock
        shared_later output -t 120 --vm=srv-db01
        until_true has_lock_open "$pid"
        failed 0 "too much" "$kind" "$days"
        let_go
        ends "$pid" output
        [[ $output == "$outcome"* ]] || fail_with "kind $kind, $days days"
        shared --vm=srv-db01
    done
}

@test "who fetches has a short timeout: who waits and has more time asks by itself" {
    local short=3
    [ -z "${CHECK_WRAPPER:-}" ] || short=30 # it has to get as far as the query
    play "$(jq --argjson short $short '.replies = [{"path": "/api/query", "delay": ($short * 2), "times": 1}]' \
        "$SRCDIR/tests/emulator/scenarios/demo.json")"
    shared_later out.fetches -t $short --vm=srv-db01
    local fetches=$pid
    until_true em_got 2
    shared_later out.waits -t 120 --vm=srv-db01
    local waits=$pid
    until_true has_lock_open "$waits"
    ends "$fetches" out.fetches
    has 3 "CDP TASK UNKNOWN: timeout: "
    ends "$waits" out.waits
    has 0 "CDP TASK OK: srv-db01" "snapshot: EM's answer is "
    lacks notice
}

@test "who fetches is killed: who waits fetches, and nothing of it is in the way" {
    play "$(jq '.replies = [{"path": "/api/query", "delay": 30, "times": 1}]' "$SRCDIR/tests/emulator/scenarios/demo.json")"
    shared_later out.fetches -t 60 --vm=srv-db01
    local fetches=$pid
    until_true em_got 2
    shared_later out.waits -t 60 --vm=srv-db01
    local waits=$pid
    until_true has_lock_open "$waits"
    kill -KILL "$fetches"
    wait "$fetches" 2>/dev/null || true
    ends "$waits" out.waits
    has 0 "CDP TASK OK: srv-db01" "snapshot: EM's answer is "
    lacks notice
}

@test "a signal while the lock is waited for: terminated, nothing is asked" {
    shared --vm=srv-db01
    rm "$(the_file snapshot)"
    hold_lock
    shared_later out.waits -t 120 --vm=srv-db01
    local waits=$pid
    until_true has_lock_open "$waits"
    kill -TERM "$waits"
    ends "$waits" out.waits
    has 3 "CDP TASK UNKNOWN: terminated: "
    let_go
    fetched 1
}

@test "a signal to who fetches: it logs off, and what is kept is no answer" {
    play "$(jq '.replies = [{"path": "/api/query", "delay": 30, "times": 1}]' "$SRCDIR/tests/emulator/scenarios/demo.json")"
    shared_later out.fetches -t 60 --vm=srv-db01
    until_true em_got 2
    kill -TERM "$pid"
    ends "$pid" out.fetches
    has 3 "CDP TASK UNKNOWN: terminated: "
    [ "$(count open_sessions)" -eq 0 ]
    [ "$(ls "$directory")" = "$(basename "$(the_file lock)")" ] || fail_with "$(ls "$directory")"
    shared --vm=srv-db01
    has 0 "CDP TASK OK: srv-db01"
}

@test "a lock that is held for too long is a timeout that says so, with the age of what there is" {
    shared --vm=srv-db01
    older_by 600
    hold_lock
    shared --vm=srv-db01 -t 3
    has 3 "CDP TASK UNKNOWN: timeout: " "another run has held its lock for too long" "; the last answer is 10m"
    # Who needs no new one needs no lock.
    shared --vm=srv-db01 -t 3 --snapshot-age=1h
    has 0 "CDP TASK OK: srv-db01"
    fetched 1
    let_go
}

@test "a file that is damaged, cut, of another kind or another's is fetched anew" {
    local make times=1
    shared --vm=srv-db01
    local snapshot
    snapshot=$(the_file snapshot)
    cp "$snapshot" "$BATS_TEST_TMPDIR/good"
    for make in 'echo rubbish >"$1"' ': >"$1"' 'truncate -s 1T "$1"' 'mkfifo "$1"' 'ln -s /etc/passwd "$1"' \
        'ln -s "$2" "$1"' 'head -c 100 "$2" >"$1"' 'head -c -1 "$2" >"$1"' 'cp "$2" "$1"; echo >>"$1"' \
        'cp "$2" "$1" && chmod 604 "$1"' 'cp "$2" "$1" && chmod 660 "$1"' 'head -c 4096 /dev/zero >"$1"' \
        'cp "$2" "$1"; printf x | dd of="$1" bs=1 seek=30 conv=notrunc status=none' \
        'tr "s" "t" <"$2" >"$1"' 'tr "\001" "\002" <"$2" >"$1"'; do
        rm -f "$snapshot"
        (umask 077 && bash -c "$make" bash "$snapshot" "$BATS_TEST_TMPDIR/good")
        shared --all
        has 2 "9 VMs: 2 critical, 2 warning, 5 ok" "snapshot: EM's answer is "
        times=$((times + 1))
        fetched "$times"
        [ "$(stat -c '%a %F' "$snapshot")" = "600 regular file" ] || fail_with "$make"
    done
    shared --vm=srv-db01
    has 0 "CDP TASK OK: srv-db01"
    fetched "$times"
    # What was fetched by other settings does not become theirs by its name.
    plugin -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --snapshot="$directory" --vm=srv-db01 --insecure
    times=$((times + 1))
    local other
    for other in "$directory"/*.snapshot; do
        [ "$other" = "$snapshot" ] || cp "$other" "$snapshot"
    done
    shared --vm=srv-db01
    times=$((times + 1))
    fetched "$times"
}

@test "nothing of a damaged snapshot outlives it, not even EM's clock" {
    em_is_ahead 7200
    shared --all
    has 2 "notice: EM's clock is 2h ahead of this host's" "snapshot: EM's answer is "
    printf '\377' | dd of="$(the_file snapshot)" bs=1 seek=$(($(stat -c %s "$(the_file snapshot)") - 5)) \
        conv=notrunc status=none
    local new
    new=$(the_file snapshot)
    mkdir -p "${new%snapshot}new/in the way"
    play "$(jq '.replies = [{"path": "/api/sessionMngr", "status": 503}]' "$SRCDIR/tests/emulator/scenarios/demo.json")"
    shared --all --format=json
    has 3
    valid_json
    [ "$(query '[.error.kind, .snapshot, .em.clock_offset_seconds]')" = '["server",null,null]' ]
    [[ $(query '.notices | join("|")') == "--snapshot=$directory: not used: "* ]]
}

@test "a directory that is not to be trusted is a notice, and the check asks EM by itself" {
    local make
    for make in 'mkdir -m 0777 snapshots' 'mkdir -m 0720 snapshots' 'mkdir real && ln -s real snapshots' \
        'mkfifo snapshots' 'echo >snapshots'; do
        control POST reset >/dev/null
        rm -rf "$BATS_TEST_TMPDIR"/{snapshots,real}
        (umask 0 && cd "$BATS_TEST_TMPDIR" && eval "$make")
        shared --vm=srv-db01
        has 0 "CDP TASK OK: srv-db01" "notice: --snapshot=$directory: "
        lacks "snapshot: EM's answer"
        good_manners "$vm_requests"
    done
    rm "$directory"
    shared --vm=srv-db01 --snapshot="$BATS_TEST_TMPDIR/no/where" --format=json
    has 0
    valid_json
    [ "$(query .snapshot)" = null ]
    [[ $(query '.notices[]') == "--snapshot=$BATS_TEST_TMPDIR/no/where: "*"the directory can't be opened: "* ]]
}

@test "another user's directory is not used, another user's file not believed" {
    [ "$(id -u)" -eq 0 ] || skip "only root can give a file to another user"
    shared --vm=srv-db01
    chown nobody "$(the_file snapshot)"
    shared --vm=srv-db01
    has 0 "CDP TASK OK: srv-db01"
    fetched 2
    chown nobody "$directory"
    shared --vm=srv-db01
    has 0 "notice: --snapshot=" "the directory is another user's"
    fetched 3
}

# in_small_file_system SCRIPT OPTION…: a check whose directory is a file system of 4 KiB of its own, in
# which the script was run before.
in_small_file_system() {
    local prepare=$1
    shift
    mkdir -p "$directory"
    unshare --user --map-root-user --mount true 2>/dev/null ||
        skip "unshare may not make a mount namespace here"
    # shellcheck disable=SC2086 # the wrapper is a list of words
    run unshare --user --map-root-user --mount bash -c '
        mount -t tmpfs -o size=4k,mode=700 tmpfs "$1" && cd "$1" && eval "$2" && shift 2 && "$@"' \
        bash "$directory" "$prepare" ${CHECK_WRAPPER:-} "$CHECK_VEEAM_CDP_TASK" \
        -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --ca-file="$EM_CA" \
        --snapshot="$directory" "$@"
}

@test "a full disk is a notice, and EM is not asked for all by each check" {
    in_small_file_system 'head -c 4096 /dev/zero >fill; trap "ls" EXIT' --vm=srv-db01
    has 0 "CDP TASK OK: srv-db01" "notice: --snapshot=" "not used: " "No space left on device" ".lock"
    lacks "snapshot: EM's answer"
    lacks .new
    lacks .snapshot
    good_manners "$vm_requests"
    [ "$(control GET counts | jq '[.log[] | select(test("VmDisplayName"))] | length')" -eq 1 ]
}

@test "a disk that is full half-way is a notice, and nothing half-written stays" {
    in_small_file_system 'trap "ls" EXIT' --vm=srv-db01
    has 0 "CDP TASK OK: srv-db01" "notice: --snapshot=" "not kept: " "No space left on device" \
        "snapshot: EM's answer is " ".lock"
    lacks .new
    lacks .snapshot
    good_manners "$all_requests"
}

@test "a read-only directory is a notice; a snapshot that is in it is used" {
    in_small_file_system 'mount -o remount,ro "$PWD"' --vm=srv-db01
    has 0 "CDP TASK OK: srv-db01" "notice: --snapshot=" "Read-only file system"
    play '{"user":"monitor","password":"'"$PASSWORD"'","vms":[{"name":"srv-db01","sessions":[{"created":"-1h"}]}]}'
    control POST reset >/dev/null
    rm -rf "$directory"
    shared --vm=srv-db01
    cp "$(the_file snapshot)" "$BATS_TEST_TMPDIR/snapshot"
    in_small_file_system 'cp ../snapshot "'"$(basename "$(the_file snapshot)")"'" && mount -o remount,ro "$PWD"' --vm=srv-db01
    has 0 "CDP TASK OK: srv-db01" "snapshot: EM's answer is "
    lacks notice
    fetched 1
}

@test "--snapshot together with the session cache: a fetch uses the cache's logon" {
    shared --vm=srv-db01 --session-cache="$directory"
    has 0 "CDP TASK OK: srv-db01"
    lacks notice
    shared --vm=srv-db01 --session-cache="$directory" --snapshot-age=0
    has 0 "CDP TASK OK: srv-db01"
    lacks notice
    [ "$(count logons)" -eq 1 ]
    control POST expire >/dev/null
}

@test "no secret is in the directory" {
    shared --vm=srv-db01
    shared --vm=srv-db01 -u nobody
    if grep -raqF -e "$PASSWORD" -e dec0de5e- -e ZGVjMGRlNWUt "$directory"; then
        fail_with "it is"
    fi
}

@test "--snapshot does not go with --id or --input, and --snapshot-age takes a duration" {
    check --snapshot="$directory" --id=01234567-89ab-cdef-0123-456789abcdef
    has 3 "CDP TASK UNKNOWN: usage: --snapshot"
    plugin --snapshot="$directory" --input=/dev/null
    has 3 "CDP TASK UNKNOWN: usage: --snapshot"
    shared --vm=srv-db01 --snapshot-age=soon
    has 3 "CDP TASK UNKNOWN: usage: --snapshot-age"
    shared --vm=srv-db01 --snapshot=
    has 3 "CDP TASK UNKNOWN: usage: --snapshot"
    [ ! -e "$directory" ]
    [ "$(count requests)" -eq 0 ]
}

@test "a password that EM refuses is tried once by all that wait with it, and no one else's concern" {
    local i pids=()
    (umask 077 && printf '%s\n' "$WRONG_PASSWORD" >"$BATS_TEST_TMPDIR/wrong")
    shared --vm=srv-db01
    rm "$(the_file snapshot)"
    control POST reset >/dev/null
    hold_lock
    for i in 1 2 3 4; do
        shared_later "wrong.$i" -t 120 --password-file="$BATS_TEST_TMPDIR/wrong" --vm=srv-db01
        pids[i]=$pid
        until_true has_lock_open "$pid"
    done
    let_go
    for i in 1 2 3 4; do
        ends "${pids[i]}" "wrong.$i"
        has 3 "CDP TASK UNKNOWN: logon: EM answers 401 "
        lacks "$WRONG_PASSWORD"
    done
    [ "$(count requests)" -eq 1 ]
    # The right one waits as well, and comes second. The other wrong one is too long to be noted.
    for i in "$WRONG_PASSWORD" "$(printf '%s%600s' "$WRONG_PASSWORD" x | tr ' ' x)"; do
        (umask 077 && printf '%s\n' "$i" >"$BATS_TEST_TMPDIR/wrong")
        rm -f "$(the_file snapshot)" "$(the_file refused)" # else the wrong one would not wait
        hold_lock
        shared_later wrong.5 -t 120 --password-file="$BATS_TEST_TMPDIR/wrong" --vm=srv-db01
        local wrong=$pid
        until_true has_lock_open "$wrong"
        shared_later right -t 120 --vm=srv-db01
        until_true has_lock_open "$pid"
        kill -STOP "$pid"
        let_go
        ends "$wrong" wrong.5
        has 3 "CDP TASK UNKNOWN: logon: EM answers 401 "
        kill -CONT "$pid"
        ends "$pid" right
        has 0 "CDP TASK OK: srv-db01: "
    done
    [ -z "$(find "$directory" -name '*.failure')" ] || fail_with "the refusal is everybody's failure"
    if grep -raqF -e "$PASSWORD" -e "$WRONG_PASSWORD" "$directory"; then
        fail_with "a password is in $directory"
    fi
}
