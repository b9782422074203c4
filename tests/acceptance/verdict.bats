#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What the check says of sessions and VMs, over real TLS.

load support

setup_file() {
    # An EM that answers 411 to a logon without Content-Length is not known, but may be.
    start_em --require-content-length --scenario="$SRCDIR/tests/acceptance/verdict.json"
}
teardown_file() {
    stop_em
}
setup() {
    play "$(cat "$SRCDIR/tests/acceptance/verdict.json")" # its times are told from now on
    control POST reset >/dev/null
}

ok=00000000-0000-4000-8000-000000000001
warning=00000000-0000-4000-8000-000000000002
failed=00000000-0000-4000-8000-000000000003

@test "--id: a session that went well is OK, with its three metrics" {
    check --id "$ok"
    has 0 "CDP TASK OK: vm-ok: Completed, Success, ended 50m" " ago|duration=28800s;;;0 age=30" "s;;;0 total_size=214748364800B;;;0"
    is_one_line
    good_manners 3
}

@test "--id takes a URN, and any case" {
    check --id "URN:veeam:CdpReplicaTaskSession:${ok^^}"
    has 0 "CDP TASK OK: vm-ok: "
}

@test "--id: Warning is exit 1, and the Reason is on the first line" {
    check -i "$warning"
    has 1 "CDP TASK WARNING: vm-warning: Completed, Warning, ended 2h ago: The RPO was not kept|"
    good_manners 3
}

@test "--id: Failed is exit 2" {
    check --id="$failed"
    has 2 "CDP TASK CRITICAL: vm-hidden-failure: Completed, Failed, ended 3h ago: The target host is not reachable|"
    good_manners 3
}

@test "--id: several are judged each by itself, in one logon session" {
    check --id "$ok" --id "$failed" --id "$warning" --id "$ok"
    has 2 "CDP TASK CRITICAL: 3 VMs: 1 critical, 1 warning, 1 ok; vm-hidden-failure: " \
        "vm-ok_duration=28800s;;;0" "vm-warning_duration=" "vm-hidden-failure_age="
    good_manners 5
}

@test "--id: one that EM does not have leaves the others judged" {
    check --id "$ok" --id 99999999-0000-4000-8000-000000000001
    has 3 "CDP TASK UNKNOWN: 2 VMs: 1 unknown, 1 ok; " "not-found: EM answers 404" "vm-ok_duration="
    good_manners 5 # a query shows that it was EM
}

@test "--id: one that EM does not have, alone" {
    check --id 99999999-0000-4000-8000-000000000001
    has 3 "CDP TASK UNKNOWN: not-found: " "Cannot find" "--vm=NAME"
    is_one_line
    good_manners 4
    check --id 99999999-0000-4000-8000-000000000001 --empty-result=critical
    has 2 "CDP TASK CRITICAL: not-found: "
}

@test "--vm: a failure is not hidden by the session that runs after it" {
    check --vm vm-hidden-failure
    has 2 "vm-hidden-failure: last completed session: Completed, Failed, ended 3h ago: The target host is not reachable; newest session: InProgress, Success, for 3h|"
    good_manners 4 # how old EM's data is, too
    check --vm vm-hidden-failure --no-last-completed
    has 0 "CDP TASK OK: vm-hidden-failure: InProgress, Success, for 3h|"
}

@test "--vm: a VM that EM does not have" {
    check --vm no-such-vm
    has 3 "CDP TASK UNKNOWN: not-found: EM has no CDP task session of a VM named no-such-vm"
    is_one_line
    good_manners 9 # neither have the policies, nor the three replicas
    check --vm no-such-vm --empty-result=ok
    has 0 "CDP TASK OK: not-found: "
}

@test "--vm: one name under two policies and on two servers is three VMs" {
    check --vm vm-twice
    has 2 "CDP TASK CRITICAL: 3 VMs: 1 critical, 2 ok; vm-twice (Silver): Completed, Failed" \
        "'vm-twice (Silver)_duration'=" "'vm-twice (Gold, vbr01)_duration'=" "'vm-twice (Gold, vbr02)_duration'="
    check --vm vm-twice --backup-server=VBR02
    has 0 "CDP TASK OK: vm-twice: Completed, Success"
    check --vm vm-twice --backup-server=vbr03
    has 3 "not-found: " "on that backup server"
}

@test "--vm: no more pages are read than the verdict needs" {
    check --vm vm-many
    has 0 "newest session: InProgress" "last completed session: Completed, Success, ended 1h ago"
    good_manners 5 # one page, what has not completed, and the data collection
}

@test "--vm: pages are read on until the last completed session is found" {
    check --vm vm-restless
    has 2 "last completed session: Completed, Failed"
    good_manners 5
    control POST reset >/dev/null
    check --vm vm-restless --no-last-completed
    has 0 "InProgress, Success"
    good_manners 6 # one page, the two of what has not completed, and the data collection
}

@test "--vm: and what failed before it began to hang" {
    check --vm vm-stuck-after-failure
    has 2 "vm-stuck-after-failure (Silver): last completed session: Completed, Failed, ended 40d ago"
    check --vm vm-stuck-after-failure --no-last-completed --overdue-after=50d
    has 0
}

@test "--vm: what hangs under another policy since long is found behind the first page" {
    check --vm vm-stuck --critical-age=24h
    has 2 "2 VMs: 1 critical, 1 ok" "vm-stuck (Silver): age " "InProgress, Success, for 40d"
    good_manners 8 # a page, what has not completed, its last completed one, and why it may hang
    # An EM that does not take that filter: then all pages are read.
    play "$(jq '.replies = [{"method": "GET", "path": "/api/query", "nth": 2, "status": 400}]' "$SRCDIR/tests/acceptance/verdict.json")"
    control POST reset >/dev/null
    check --vm vm-stuck --critical-age=24h
    has 2 "2 VMs: 1 critical, 1 ok" "vm-stuck (Silver): age "
    good_manners 8
    for status in 404 500 403; do
        play "$(jq --argjson status $status '.replies = [{"method": "GET", "path": "/api/query", "nth": 2, "status": $status}]' "$SRCDIR/tests/acceptance/verdict.json")"
        check --vm vm-stuck --critical-age=24h --empty-result=ok
        has 2 "2 VMs: 1 critical, 1 ok" "vm-stuck (Silver): age "
    done
    play "$(cat "$SRCDIR/tests/acceptance/verdict.json")"
}

@test "--vm: a failure whose creation EM does not tell is found by its end, behind the first page" {
    for count in 20 150; do
        play "$(jq -nc --arg password "$PASSWORD" --argjson count $count '{user: "monitor", $password, vms: [
            {name: "a", sessions: ([{created: "-1m"}, {created: "-90d", ended: "-30m", result: "Failed",
                reason: "disk full", members: {CreationTimeUTC: null}}] +
                [range($count) | {created: "-\(8 * . + 8)h", ended: "-\(8 * .)h 2m"}])}]}')"
        check --vm a
        has 2 "a: session of unknown time: Completed, Failed, ended 30m" " ago: disk full"
        [ "$(count open_sessions)" -eq 0 ]
    done
    play "$(cat "$SRCDIR/tests/acceptance/verdict.json")"
}

@test "--vm: pages are read on until a session says the backup server that is asked for" {
    play "$(jq -nc --arg password "$PASSWORD" '{user: "monitor", $password, backup_servers: [{name: "vbr01"}],
        policies: [{name: "Gold"}], vms: [{name: "a", sessions: ([{created: "-90d", ended: "-89d"}] +
            [range(120) | {created: "-\(8 * . + 8)h", ended: "-\(8 * . + 1)h", result: "Warning", members: {Links:
                [{Rel: "Up", Name: "Gold@2026-01-01 00:00:10", Type: "CdpReplicaSessionReference"}]}}])}]}')"
    check --vm=a --backup-server=VBR01
    has 1 "a: Completed, Warning, ended 1h ago"
    lacks "judged too"
    check --vm=a --backup-server=vbr02
    has 3 "not-found: EM has no CDP task session of a VM named a on that backup server"
    play "$(cat "$SRCDIR/tests/acceptance/verdict.json")"
}

@test "thresholds: units, performance data in base units, the option's own words" {
    check --id "$ok" -w 4h -c 8h
    has 1 "duration 8h (warning: 4h); Completed, Success, " "|duration=28800s;14400;28800;0 "
    check --id "$ok" -w 4h -c 7h
    has 2 "duration 8h (critical: 7h)"
    check --id "$ok" --critical-age 30m --warning-size @1GiB:1TiB
    has 2 "age 50m" " (critical: 30m)" "total size 200.0 GiB (warning: @1GiB:1TiB)" \
        ";;1800;0" "total_size=214748364800B;@1073741824:1099511627776;;0"
}

@test "thresholds: a metric that EM does not give is UNKNOWN and says which" {
    check --vm vm-bare --critical-size 1TB
    has 3 "total size unknown: EM reports no valid TotalSize, so --critical-size can't be checked"
    check --vm vm-bare
    has 0 "CDP TASK OK"
    lacks "total_size"
}

@test "--map and --reason change the verdict" {
    check --id "$warning" --map=Completed/Warning=ok
    has 0 "CDP TASK OK: vm-warning: Completed, Warning"
    check --id "$warning" --map=Warning=critical,Completed=ok
    has 2
    check --id "$failed" --reason='ok:not (reach|respond)' --reason=critical:host
    has 0
    check --id "$ok" --reason=critical:host
    has 0
}

@test "a session created ahead of EM's clock is UNKNOWN and names the skew" {
    check --vm vm-ahead
    has 3 "59m" "ahead of EM's clock"
    check --vm vm-ends-ahead --critical-age=24h
    has 3 "a session's time is " "ahead of EM's clock"
}

@test "values of a wrong type cost a metric, never the verdict" {
    check --vm vm-wrong-types -v
    has 2 "CDP TASK CRITICAL: vm-wrong-types: Completed, Failed" "notice: " "EndTimeUTC" "TotalSize" "Reason"
}

@test "a State or Result that is not a text is that session's fault alone" {
    check --vm vm-wrong-state --vm vm-ok
    has 3 "2 VMs: 1 unknown, 1 ok" "protocol: EM's State is not a text"
    check --vm vm-odd-state
    has 3 "CDP TASK UNKNOWN: vm-odd-state: Resting, Success"
}

@test "an expired token costs one fresh logon" {
    play "$(jq '.replies = [{"method": "GET", "path": "/api/query", "nth": 1, "status": 401}]' "$SRCDIR/tests/acceptance/verdict.json")"
    check --vm vm-ok
    has 0 "CDP TASK OK: vm-ok"
    [ "$(count logons)" -eq 2 ]
    [ "$(count requests)" -eq 7 ]
    [ "$(count open_sessions)" -eq 0 ]
    play "$(cat "$SRCDIR/tests/acceptance/verdict.json")"
}
