#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# --policy and --all: what EM is asked, which sessions count, and which VMs.

load support

setup_file() {
    start_em --scenario="$SRCDIR/tests/emulator/scenarios/demo.json"
}
teardown_file() {
    stop_em
}
setup() {
    play "$(cat "$SRCDIR/tests/emulator/scenarios/demo.json")"
    control POST reset >/dev/null
}

# fleet VMS [PAGE [REPLIES]]: a fleet whose EM gives so many sessions a page at most.
fleet() {
    play '{"user":"monitor","password":"'"$PASSWORD"'","wording":{"largest_page":'"${2:-0}"'},
        "generate":{"vms":'"$1"',"completed":3,"warning_every":10,"failed_every":25},
        "replies":['"${3:-}"']}'
    control POST reset >/dev/null
}

# For tests of which sessions count, not of what it means that they run for long.
of_sessions=(--sessions-only --overdue-after=90d)

# asked PATTERN: how many requests EM's log has that match.
asked() {
    control GET counts | jq --arg pattern "$1" '[.log[] | select(test($pattern))] | length'
}

# asked_for_sessions NUMBER: so many queries for sessions, within one logon and on one connection;
# topics.bats has what else is asked.
asked_for_sessions() {
    local expected="1 1 0 1 $1" seen
    seen=$(control GET counts | jq -r '"\(.logons) \(.logoffs) \(.open_sessions) \(.connections)"')
    seen="$seen $(asked 'type=CdpReplica(Task)?Session&')"
    [ "$seen" = "$expected" ] || fail_with "counts $seen, not $expected"
}

@test "--all: every VM is judged; VMs of which no session has completed of late, or none well, are asked for" {
    check --all
    has 2 "CDP TASK CRITICAL: 9 VMs: 2 critical, 2 warning, 5 ok; srv-file01: last completed session: Completed, Failed" \
        "|vms=9;;;0 ok=5;;;0 warning=2;;;0 critical=2;;;0 unknown=0;;;0 max_duration=" \
        " total_size=" "[CRITICAL] srv-mail01, policy CDP Policy, backup server vbr01.example.invalid: "
    lacks srv-db01
    asked_for_sessions 3
    [ "$(asked 'VmDisplayName.*srv-new01.*State%3D%3DCompleted')" = 1 ]
    [ "$(asked 'VmDisplayName%3D%3D%22srv-file01%22%29%3B%28CreationTimeUTC.*State%3D%3DCompleted')" = 1 ]
}

@test "--all: a thousand VMs, by large pages" {
    fleet 1000
    check --all --format=json
    has 2
    valid_json
    [ "$(query '.counts | [.vms, .ok, .warning, .critical, .unknown] | @csv')" = 1000,880,80,40,0 ]
    [ "$(query '.vms | unique_by(.vm) | length')" = 1000 ]
    asked_for_sessions 5
}

@test "--all: an EM that grants small pages is asked for more of them" {
    fleet 100 100
    check --all
    has 2 "100 VMs: 4 critical, 8 warning, 88 ok"
    asked_for_sessions 5
}

@test "--all: an EM that refuses large pages is asked for its usual ones" {
    fleet 100 100 '{"path":"/api/query","nth":1,"times":1,"status":400,"body":{"Message":"PageSize is invalid","StatusCode":400}}'
    check --all
    has 2 "100 VMs: 4 critical, 8 warning, 88 ok"
    asked_for_sessions 6
    [ "$(asked 'TaskSession.*pageSize=100&')" = 5 ]
}

@test "a page that fails is a fault of the whole, never a short list" {
    fleet 100 100 '{"path":"/api/query","nth":3,"status":500,"body":{"Message":"Out of memory","StatusCode":500}}'
    check --all
    has 3 "CDP TASK UNKNOWN: server: EM answers 500 to GET /api/query: Out of memory"
    lacks "VMs"
    asked_for_sessions 3
    fleet 100 100 '{"path":"/api/query?type=CdpReplicaTaskSession","nth":2,"status":404,"body":""}'
    check --policy="CDP Policy" --perfdata=none
    has 3 "CDP TASK UNKNOWN: protocol: EM answers 404"
}

@test "an answer to another page than asked for is a fault" {
    fleet 100 100 '{"path":"/api/query","nth":2,"status":200,"body":{"Entities":{"CdpReplicaTaskSessions":{"CdpReplicaTaskSessions":[]}},"PagingInfo":{"PageNum":1,"PageSize":100,"PagesCount":4}}}'
    check --all
    has 3 "CDP TASK UNKNOWN: protocol: EM answers page 1 instead of 2"
}

@test "a page that comes empty though EM counts it is read again, once" {
    local empty='"status":200,"body":{"Entities":{"CdpReplicaTaskSessions":{"CdpReplicaTaskSessions":[]}},"PagingInfo":{"PageNum":3,"PageSize":100,"PagesCount":4}}'
    fleet 100 100 '{"path":"/api/query","nth":3,'"$empty"'}'
    check --all
    has 2 "100 VMs: 4 critical, 8 warning, 88 ok"
    asked_for_sessions 6 # 4 pages, the third again, and a look behind the last
    fleet 100 100 '{"path":"/api/query","nth":3,"times":2,'"$empty"'}'
    check --all
    has 3 "CDP TASK UNKNOWN: protocol: page 3 of EM's 4 is empty, also when read again"
    asked_for_sessions 4
}

@test "--policy: the policy's sessions by its name, their tasks by UID" {
    check --policy="CDP Policy"
    has 2 "CDP TASK CRITICAL: 6 VMs: 2 critical, 1 warning, 3 ok; " "|vms=6;;;0 "
    lacks "Gold"
    asked_for_sessions 3
    [ "$(asked 'type=CdpReplicaSession&.*PolicyName')" = 1 ]
    [ "$(asked 'type=CdpReplicaTaskSession&.*PolicySessionUid')" = 1 ]
    # None of its sessions went well of late.
    [ "$(asked 'VmDisplayName%3D%3D%22srv-file01%22%29%3B%28CreationTimeUTC')" = 1 ]
}

@test "--policy: several, and one that EM does not have leaves the others judged" {
    check --policy="CDP Policy Gold" --policy=Silver
    has 1 "CDP TASK WARNING: 4 VMs: 1 warning, 1 unknown, 2 ok; srv-app01: " \
        "[UNKNOWN] Silver: not-found: EM has no session of a CDP policy named Silver"
    [ "$(count open_sessions)" -eq 0 ]
}

@test "--policy: the case of a name counts, and the one that was meant is told" {
    play "$(jq '. + {wording: {any_text_case: true}}' "$SRCDIR/tests/emulator/scenarios/demo.json")"
    check --policy="cdp policy"
    has 3 "not-found: EM has no session of a CDP policy named cdp policy; it has CDP Policy: case counts"
}

@test "a filter that would be too long for one URL is split" {
    # 200 policy sessions, of which each has one task that runs still.
    local scenario
    scenario=$(jq -nc --arg password "$PASSWORD" '{user: "monitor", password: $password,
        policies: [{name: "CDP Policy"}],
        vms: [range(200) | {name: "vm\(.)", policy: "CDP Policy", sessions: [{created: "-\(. + 1)d"}]}]}')
    play "$scenario"
    control POST reset >/dev/null
    check --policy="CDP Policy" --overdue-after=300d --format=json
    has 0
    [ "$(query .counts.vms)" = 200 ]
    control GET counts >"$BATS_TEST_TMPDIR/counts"
    [ "$(jq '[.log[] | select(test("PolicySessionUid"))] | length' "$BATS_TEST_TMPDIR/counts")" -gt 1 ]
    [ "$(jq '[.log[] | length] | max' "$BATS_TEST_TMPDIR/counts")" -lt 15500 ]
}

@test "a policy with VMs on two backup servers, two of them of the same name" {
    check --policy="CDP Policy" --include-vm='^srv-(app01|db01)$' --format=json
    has 0
    valid_json
    [ "$(query '[.vms[] | "\(.vm)@\(.backup_server)"] | join(" ")')" = \
        "srv-app01@vbr01.example.invalid srv-app01@vbr02.example.invalid srv-db01@vbr01.example.invalid" ]
    check --policy="CDP Policy" --include-vm='^srv-(app01|db01)$' -v --perfdata=vm
    has 0 "'srv-app01 (CDP Policy, vbr01.example.invalid)_age'=" "'srv-app01 (CDP Policy, vbr02.example.invalid)_age'=" \
        " srv-db01_age=" "[OK] srv-app01, policy CDP Policy, backup server vbr02.example.invalid: "
    check --policy="CDP Policy" --include-vm='^srv-(app01|db01)$' --format=openmetrics
    has 0 'veeam_cdp_task_status{vm="srv-app01",policy="CDP Policy",backup_server="vbr01.example.invalid"} 0' \
        'veeam_cdp_task_status{vm="srv-app01",policy="CDP Policy",backup_server="vbr02.example.invalid"} 0'
    check --policy="CDP Policy" --include-vm='^srv-(app01|db01)$' --list --format=json
    has 0
    [ "$(query '[.vms[] | [.vm, .policy, .backup_server]] | unique | length')" = 3 ]
}

@test "--backup-server, --include-vm and --exclude-vm narrow what is judged" {
    check --all --backup-server=VBR02.example.invalid
    has 0 "CDP TASK OK: srv-app01: Completed, Success"
    check --all --include-vm='^srv-[df]' --include-vm=mail --exclude-vm=file -v
    has 2 "CDP TASK CRITICAL: 2 VMs: 1 critical, 1 ok; srv-mail01: " "[OK] srv-db01"
    check --vm=srv-db01 --exclude-vm=db
    has 3 "not-found: EM has no CDP task session of a VM named srv-db01 that passes --include-vm and --exclude-vm"
    check --all --include-vm=nothing
    has 3 "not-found: EM has no CDP task session that passes --include-vm and --exclude-vm"
    check --all --include-vm=nothing --empty-result=ok
    has 0 "CDP TASK OK: not-found: "
}

@test "--since: completed sessions of late alone, running ones however old they are" {
    play '{"user":"monitor","password":"'"$PASSWORD"'","policies":[{"name":"CDP Policy"}],"vms":[
        {"name":"long","sessions":[{"created":"-40d"}]},
        {"name":"gone","sessions":[{"created":"-5d","ended":"-4d"}]},
        {"name":"slow","sessions":[{"created":"-9d","ended":"-1d","result":"Failed"}]},
        {"name":"well","sessions":[{"created":"-1h"},{"created":"-9h","ended":"-1h"}]}]}'
    check --all "${of_sessions[@]}" -v
    has 2 "3 VMs: 1 critical, 2 ok" "[OK] long, " "InProgress, Success, for 40d" "[CRITICAL] slow, "
    lacks gone
    check --policy="CDP Policy" --since=5d "${of_sessions[@]}" --map=idle=ok
    has 2 "4 VMs: 1 critical, 3 ok"
    check --all --since=2h "${of_sessions[@]}" --perfdata=none -v
    has 0 "2 VMs: 2 ok" "[OK] long, " "[OK] well, "
    lacks "|"
}

@test "--since reaches beyond a limit on the age, so a VM that stopped is seen" {
    local snapshot=$BATS_TEST_TMPDIR/snapshot
    play '{"user":"monitor","password":"'"$PASSWORD"'","policies":[{"name":"Gold"}],"vms":[
        {"name":"stopped","policy":"Gold","sessions":[{"created":"-5d","ended":"-4d 12h"}]},
        {"name":"well","policy":"Gold","sessions":[{"created":"-1h"},{"created":"-9h","ended":"-1h"}]}]}'
    for how in --all --policy=Gold "--all --snapshot=$snapshot" "--vm=stopped --vm=well --snapshot=$snapshot" \
        "--all --since=1h"; do
        # shellcheck disable=SC2086 # a list of words
        check $how --critical-age=4d
        has 2 "stopped: age 4d 12h (critical: 4d)"
        # shellcheck disable=SC2086
        check $how --warning-age=@4d: --critical-age=~:
        has 1 "stopped: age 4d 12h (warning: @4d:)"
    done
    check --all --critical-age=2d
    has 2 "stopped: age 4d 12h (critical: 2d)"
    check --all --critical-age=24h --sessions-only # 4 days do not reach it
    has 0 "CDP TASK OK: well: "
    check --all --critical-age=24h --since=5d
    has 2 "stopped: age 4d 12h"
}

@test "a failure from before --since is not hidden by a session that hangs" {
    play '{"user":"monitor","password":"'"$PASSWORD"'","policies":[{"name":"CDP Policy"},{"name":"Old"}],"vms":[
        {"name":"hung","sessions":[{"created":"-5d"},{"created":"-6d","ended":"-5d","result":"Failed","reason":"disk full"},
            {"created":"-7d","ended":"-6d"}]},
        {"name":"hung","policy":"Old","sessions":[{"created":"-30d","ended":"-29d","result":"Failed"}]},
        {"name":"well","sessions":[{"created":"-1h"},{"created":"-9h","ended":"-1h"}]}]}'
    for how in --all --policy="CDP Policy" "--all --snapshot=$BATS_TEST_TMPDIR/snapshot" \
        "--vm=hung --snapshot=$BATS_TEST_TMPDIR/snapshot"; do
        # shellcheck disable=SC2086 # a list of words, but for one
        if [[ $how == --policy* ]]; then check "$how" "${of_sessions[@]}"; else check $how "${of_sessions[@]}"; fi
        has 2 "hung: last completed session: Completed, Failed, ended 5d ago: disk full; newest session: InProgress, Success, for 5d"
        lacks "policy Old"
    done
    check --all --no-last-completed "${of_sessions[@]}"
    has 0 "CDP TASK OK: 2 VMs: 2 ok"
}

@test "EM grants less than a page's size and does not say so: what it grants is asked for" {
    local largest target
    for largest in 100 50 15; do
        play '{"user":"monitor","password":"'"$PASSWORD"'","wording":{"largest_page":'"$largest"',"hides_largest_page":true},
            "generate":{"vms":120,"completed":1},
            "vms":[{"name":"old","sessions":[{"created":"-2h","ended":"-1h","result":"Failed","reason":"disk full"}'"$(
                for ((i = 1; i < 130; i++)); do printf ',{"created":"-%dh","ended":"-%dh"}' $((2 + i * 2)) $((1 + i * 2)); done
            )"']}]}'
        for target in --all "--policy=CDP Policy" --vm=old; do
            check "$target" --since=100d --format=json
            has 2 "disk full"
            [ "$target" = --vm=old ] || [ "$(query .counts.vms)" -eq 121 ] || fail_with "$largest, $target"
            lacks "protocol"
        done
    done
}

@test "a last page that is full is followed by one look behind it, and one that is not is not" {
    local row
    for row in 9:10:2 10:10:3 19:10:3 20:10:4 100:0:3 101:0:2 1000:0:3 999:0:2; do
        IFS=: read -r vms largest requests <<<"$row"
        play '{"user":"monitor","password":"'"$PASSWORD"'","wording":{"largest_page":'"$largest"'},
            "generate":{"vms":'"$vms"',"completed":0}}'
        control POST reset >/dev/null
        check --all --no-last-completed --sessions-only --format=json
        [ "$(query .counts.vms)" -eq "$vms" ] || fail_with "$row"
        [ "$(asked "GET /api/query")" -eq $((requests - 1)) ] || fail_with "$row: $(asked "GET /api/query") queries"
    done
}

@test "where all VMs hang for longer than --since, the last completed session of each still counts" {
    # Each has three older ones besides, which need not be read.
    play "$(jq -nc --arg password "$PASSWORD" '{user: "monitor", $password, wording: {largest_page: 100},
        vms: [range(250) | {name: "hung\(.)", sessions: [{created: "-4d"},
            {created: "-4d 8h", ended: "-4d", result: "Failed", reason: "disk full"},
            (range(3) | {created: "-\(. + 5)d", ended: "-\(. + 4)d 20h"})]}]}')"
    control POST reset >/dev/null
    check --all
    has 2 "CDP TASK CRITICAL: 250 VMs: 250 critical" "disk full"
    lacks notice
    # 3 pages of the running ones, the 3 newest of the older ones and the same by their time. All of these
    # failed, so good ones are read, of 100, 100 and 50 VMs: 2, 2 and 1 pages, and the same by their time.
    asked_for_sessions 19
    check --vm=hung249 --snapshot="$BATS_TEST_TMPDIR/snapshot"
    has 2 "hung249: last completed session: Completed, Failed"
    check --vm=hung7 --snapshot="$BATS_TEST_TMPDIR/snapshot"
    has 2 "hung7: last completed session: Completed, Failed"
}

@test "an older session of a VM whose running one does not tell its policy counts" {
    play '{"user":"monitor","password":"'"$PASSWORD"'","vms":[{"name":"a","sessions":[
        {"created":"-4d","omit":["Links"]},
        {"created":"-4d 8h","ended":"-4d","result":"Failed","reason":"disk full"}]}]}'
    check --all
    has 2 "last completed session: Completed, Failed"
}

# What a session of the policy Gold on vbr01 says of itself, without its server, its policy, both.
no_server='"members":{"Links":[{"Rel":"Up","Name":"Gold@2026-01-01 00:00:10","Type":"CdpReplicaSessionReference"}]}'
no_policy='"members":{"Links":[{"Rel":"Up","Name":"vbr01","Type":"BackupServerReference"}]}'
no_links='"omit":["Links"]'

# play_vms VMS: with two backup servers, each with the policy Gold, and one with Silver.
play_vms() {
    play '{"user":"monitor","password":"'"$PASSWORD"'","backup_servers":[{"name":"vbr01"},{"name":"vbr02"}],
        "policies":[{"name":"Gold","backup_server":"vbr01"},{"name":"Gold","backup_server":"vbr02"},
            {"name":"Silver","backup_server":"vbr01"}],"vms":['"$1"']}'
    rm -rf "$BATS_TEST_TMPDIR/snapshot"
}

@test "a session that does not say its backup server or policy counts for its VM, however EM is asked" {
    local snapshot=--snapshot=$BATS_TEST_TMPDIR/snapshot
    for missing in "$no_server" "$no_policy" "$no_links"; do
        # Of late, and from before --since.
        for hours in 2 100; do
            play_vms '{"name":"a","policy":"Gold","backup_server":"vbr01","sessions":[{"created":"-'$hours'h"},
                {"created":"-'$((hours + 8))'h","ended":"-'$hours'h","result":"Failed","reason":"disk full",'"$missing"'},
                {"created":"-'$((hours + 16))'h","ended":"-'$((hours + 8))'h"}]},
                {"name":"b","policy":"Silver","backup_server":"vbr01","sessions":[{"created":"-1h"}]}'
            for how in "--vm=a --backup-server=VBR01" "--all --backup-server=vbr01" "--policy=Gold" \
                "--all --exclude-vm=b" "--vm=a $snapshot" "--policy=Gold --backup-server=vbr01 $snapshot"; do
                # shellcheck disable=SC2086 # a list of words
                check $how
                has 2 "disk full" "last completed session: Completed, Failed"
            done
            check --all --backup-server=vbr02
            has 3 "not-found"
        done
    done
}

@test "a session that may be of several VMs of its name is UNKNOWN, whatever it says" {
    local snapshot=--snapshot=$BATS_TEST_TMPDIR/snapshot
    local which="EM does not say which of the VMs of this name its session is of"
    for result in Success Failed; do
        play_vms '{"name":"twin","policy":"Gold","backup_server":"vbr01","sessions":[{"created":"-1h"},
                {"created":"-9h","ended":"-1h","result":"'$result'",'"$no_links"'}]},
            {"name":"twin","policy":"Gold","backup_server":"vbr02","sessions":[{"created":"-2h"}]},
            {"name":"well","policy":"Gold","backup_server":"vbr01","sessions":[{"created":"-2h"}]},
            {"name":"twin","policy":"Silver","backup_server":"vbr01","sessions":[{"created":"-3h"}]}'
        for how in "--vm=twin" "--vm=twin --backup-server=vbr02" "--all" "--all --backup-server=vbr01" \
            "--policy=Gold" "--policy=Gold --backup-server=vbr02" "--vm=twin $snapshot" "--all $snapshot" \
            "--policy=Silver --backup-server=vbr01 $snapshot"; do
            # shellcheck disable=SC2086 # a list of words
            check $how --format=json
            has 3
            [ "$(query '[.vms[] | select(.state == "UNKNOWN") | .why[-1]] | join("/")')" = "$which" ] || fail_with "$how"
        done
        valid_json
        check --vm=twin
        has 3 "$which"
        # None of those that it may be is asked for.
        check --all --exclude-vm=twin
        has 0
        check --all --backup-server=vbr03 --empty-result=ok
        has 0 "not-found"
    done
}

@test "an older session that may be of a VM of former days is UNKNOWN, and hides no failure" {
    local snapshot=--snapshot=$BATS_TEST_TMPDIR/snapshot
    local which="EM does not say which of the VMs of this name"
    local former=',{"name":"a","policy":"Silver","backup_server":"vbr01","sessions":[{"created":"-30d","ended":"-29d"}]}'
    for result in Success Failed; do
        for others in '' "$former"; do
            play_vms '{"name":"a","policy":"Gold","backup_server":"vbr01","sessions":[{"created":"-100h"},
                {"created":"-108h","ended":"-100h",'"$no_policy"'},
                {"created":"-116h","ended":"-108h","result":"'$result'"}]},
                {"name":"b","policy":"Gold","backup_server":"vbr01","sessions":[{"created":"-1h"}]}'"$others"
            for how in "--vm=a" "--all" "--all --backup-server=vbr01" "--vm=a $snapshot" "--policy=Gold $snapshot"; do
                # shellcheck disable=SC2086 # a list of words
                check $how "${of_sessions[@]}"
                if [ -z "$others" ]; then
                    has 0
                elif [ $result = Failed ]; then
                    has 2 "$which" "a (Gold): last completed session: Completed, Failed, ended 4d 12h ago"
                else
                    has 3 "$which"
                fi
            done
        done
    done
}

@test "an older session that may be of another policy's VM is UNKNOWN, and hides no failure" {
    local which="EM does not say which of the VMs of this name" server='{"Rel":"Up","Name":"vbr01","Type":"BackupServerReference"}'
    local untold='"members":{"Links":['$server'],"PolicySessionUid":null}' link_only='"members":{"PolicySessionUid":null}'
    local uid_only='"members":{"Links":['$server']}' silver
    play_silver() { # SESSIONS RESULT: of the VM's name under Silver; of its last one under Gold that says so
        play_vms '{"name":"a","policy":"Gold","backup_server":"vbr01","sessions":[{"created":"-100h"},
            {"created":"-108h","ended":"-100h","result":"'$2'","reason":"disk full"}]},
            {"name":"a","policy":"Silver","backup_server":"vbr01","sessions":['"$1"'
                {"created":"-90h","ended":"-88h",'"$untold"'}]}'
    }
    # What tells of the VM under Silver: it runs, since long even, or did until it left, by its policy or that one's session.
    for silver in '{"created":"-3h"},' '{"created":"-3h",'"$link_only"'},' '{"created":"-3h",'"$uid_only"'},' \
        '{"created":"-3h"},{"created":"-88h","ended":"-3h"},' '{"created":"-30d","ended":"-29d"},' '{"created":"-30d"},' \
        '{"created":"-80h","ended":"-79h"},'; do
        for result in Success Failed; do
            play_silver "$silver" $result
            check --policy=Gold "${of_sessions[@]}"
            if [ $result = Failed ]; then
                has 2 "$which" "a (Gold): last completed session: Completed, Failed, ended 4d 4h ago: disk full"
            else
                has 3 "$which"
            fi
            lacks "Silver"
        done
    done
    # Nothing tells of one: it is the VM's.
    play_silver '' Failed
    check --policy=Gold "${of_sessions[@]}" --map=idle=ok
    has 0 "a: Completed, Success"
}

@test "--all: a logon that EM refuses, and a user that may not read, are faults" {
    play '{"user":"monitor","password":"'"$PASSWORD"'","may":{"read_cdp":false},"vms":[]}'
    check --all
    has 3 "CDP TASK UNKNOWN: forbidden: " "Portal Administrator"
    play '{"user":"monitor","password":"'"$PASSWORD"'","vms":[]}'
    check --all
    has 3 "CDP TASK UNKNOWN: not-found: EM has no CDP task session"
    check --all --format=json
    has 3
    valid_json
    [ "$(query '.counts.vms')" = 0 ]
}

@test "keys of EM 13, a byte order mark and names that need care: --all as well" {
    play "$(jq '. + {wording: {casing: "camel", bom: true, running_end: "absent", empty_reason: "null"}}' \
        "$SRCDIR/tests/emulator/scenarios/odd-names.json")"
    check --all --format=json
    valid_json
    [ "$(query .counts.vms)" = "$(jq '.vms | length' "$SRCDIR/tests/emulator/scenarios/odd-names.json")" ]
    check --policy='Policy@Site 1; "Gold"' --format=json
    valid_json
    [ "$(query .counts.vms)" = "$(jq '[.vms[] | select(.policy | startswith("Policy@"))] | length' \
        "$SRCDIR/tests/emulator/scenarios/odd-names.json")" ]
}
