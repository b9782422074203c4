#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Whole answers of both generations of EM, judged without a network.

load support

fixtures=$SRCDIR/tests/fixtures

# Ages move on between two runs; everything else must not.
without_ages() {
    sed -E 's/(age=|for )[0-9.]+[a-z]( [0-9]+[a-z])?/\1X/g; s/ended [0-9dhms ]+ ago/ended X ago/g;
        s/(duration=)[0-9.]+s/\1Xs/; s/"(checked_at)":"[^"]*"/"\1":X/; s/"age_seconds":[0-9.]+/"age_seconds":X/g;
        s/"duration_seconds":[0-9.]+/"duration_seconds":X/g'
}

same_for_both() {
    plugin --input="$fixtures/v12/$1" "${@:2}"
    local old=$status:$(without_ages <<<"$output")
    plugin --input="$fixtures/v13/$1" "${@:2}"
    local new=$status:$(without_ages <<<"$output")
    new=${new//v13/v12}
    [[ $old == *"CDP TASK "* || $old == *'"plugin"'* ]] || fail_with "no report: $old"
    [ "$old" = "$new" ] || fail_with "differs from $old"
}

@test "v12 and v13 give the same output byte for byte" {
    for file in entity.json query.json list.json empty.json error.json; do
        same_for_both "$file"
        same_for_both "$file" -v
        same_for_both "$file" --format=json
    done
    same_for_both query.json --vm=srv-db01
    same_for_both query.json --id=11111111-2222-4333-8444-000000000004
}

@test "an entity is judged" {
    plugin --input="$fixtures/v13/entity.json"
    has 2 'CDP TASK CRITICAL: Büro 東京; "A" (B), C: Completed, Failed, ended ' "; idle for "
    plugin --input="$fixtures/v13/entity.json" --idle-after=520w # it is of that day
    has 2 'CDP TASK CRITICAL: Büro 東京; "A" (B), C: Completed, Failed, ended ' \
        "Processing Büro Error: no space left|duration=0.61s;;;0 age=" "total_size=9007199254740991B;;;0"
}

@test "a query's answer without a selector: every VM, and a summary as performance data" {
    plugin --input="$fixtures/v12/query.json"
    has 2 "CDP TASK CRITICAL: 3 VMs: 1 critical, 2 warning; " " idle for " " overdue: "
    plugin --input="$fixtures/v12/query.json" --idle-after=520w --overdue-after=520w # they are of that day
    has 2 "CDP TASK CRITICAL: 3 VMs: 1 critical, 1 warning, 1 ok; " \
        "|vms=3;;;0 ok=1;;;0 warning=1;;;0 critical=1;;;0 unknown=0;;;0 max_duration="
}

@test "selectors pick from it" {
    plugin --input="$fixtures/v13/query.json" --vm=srv-web01
    has 1 "CDP TASK WARNING: srv-web01: Completed, Warning, " "|duration=28800.123s;;;0 "
    plugin --input="$fixtures/v13/list.json" --id=11111111-2222-4333-8444-000000000001 --format=json
    has 0
    valid_json
    [ "$(query '.vms[0].sessions[0].created_at')" = 2025-08-14T07:00:06.99Z ]
    plugin --input="$fixtures/v13/query.json" --vm=srv-web01 --vm=nobody
    has 1 "1 warning, 1 unknown" "not-found: "
    plugin --input="$fixtures/v13/query.json" --vm=SRV-web01
    has 3 "not-found: " "it has srv-web01: case counts"
    lacks "--list"
    plugin --input="$fixtures/v13/query.json" --vm=nobody
    has 3 "not-found: " "; --all --list --format=json shows the names that it has"
    for name in 'srv-db01 ' 'srv-db01\n' 'srv-db01\u0007' '|srv-db01' 'srv-db01\u2028'; do
        printf '{"VmDisplayName":"%s","State":"Completed","Result":"Success"}' "$name" >"$BATS_TEST_TMPDIR/answer.json"
        plugin --input="$BATS_TEST_TMPDIR/answer.json" --vm=srv-db01
        has 3 "a VM named srv-db01; it has one that only looks like that: --all --list --format=json shows"
        plugin --input="$BATS_TEST_TMPDIR/answer.json" --vm=srv-db02
        has 3 "; --all --list --format=json shows the names that it has"
    done
}

@test "what narrows by a name that cleaning changed is not found, and the fault says so" {
    local name narrowing hint="; it has one that only looks like that: --all --list --format=json shows its characters"
    for name in 'srv-db01 ' 'srv-db01\n' '|srv-db01' 'srv-db01\u2028'; do
        printf '{"CdpReplicaTaskSessions": [{"UID": "1", "VmDisplayName": "%s", "State": "Completed", "Result": "Success",
            "Links": [{"Type": "BackupServerReference", "Name": "%s"}]},
            {"UID": "2", "VmDisplayName": "other", "State": "Completed", "Result": "Success",
            "Links": [{"Type": "BackupServerReference", "Name": "vbr02"}]}]}' "$name" "${name/srv-db/VBR}" \
            >"$BATS_TEST_TMPDIR/answer.json"
        for narrowing in --include-vm='^srv-db01$' --backup-server=vbr01; do
            plugin --input="$BATS_TEST_TMPDIR/answer.json" "$narrowing"
            has 3 "not-found: the answer holds no CDP task session " "$hint"
            plugin --input="$BATS_TEST_TMPDIR/answer.json" "$narrowing" --all
            has 3 "not-found: EM has no CDP task session " "$hint"
            plugin --input="$BATS_TEST_TMPDIR/answer.json" "$narrowing" --vm=other
            has 3 "not-found: EM has no CDP task session of a VM named other"
            lacks "looks like"
        done
        for narrowing in --include-vm='^srv-db02$' --exclude-vm=. --backup-server=vbr03; do
            plugin --input="$BATS_TEST_TMPDIR/answer.json" "$narrowing"
            has 3 "not-found: the answer holds no CDP task session "
            lacks "looks like"
        done
        plugin --input="$BATS_TEST_TMPDIR/answer.json" --backup-server=vbr01 --include-vm='^srv-db01$'
        has 3 "$hint"
        plugin --input="$BATS_TEST_TMPDIR/answer.json" --backup-server=vbr02 --include-vm='^srv-db01$'
        has 3 "not-found: "
        lacks "looks like"
    done
}

@test "nothing in it is UNKNOWN, or what --empty-result says" {
    plugin --input="$fixtures/v13/empty.json"
    has 3 "CDP TASK UNKNOWN: not-found: "
    is_one_line
    plugin --input="$fixtures/v13/empty.json" --empty-result=warning
    has 1 "CDP TASK WARNING: not-found: "
}

@test "a metric that no VM has is left out of the summary" {
    echo '{"CdpReplicaTaskSessions":[{"UID":"1","VmDisplayName":"a","State":"InProgress","Result":"Success"},{"UID":"2","VmDisplayName":"b","State":"InProgress","Result":"Success"}]}' >"$BATS_TEST_TMPDIR/answer.json"
    plugin --input="$BATS_TEST_TMPDIR/answer.json" --critical-age=24h
    has 3 "2 VMs: 2 unknown" "|vms=2;;;0 ok=0;;;0 warning=0;;;0 critical=0;;;0 unknown=2;;;0"
    lacks max_
    lacks total_size=
}

@test "a page of several says that it is one" {
    plugin --input="$fixtures/v13/page.json" --vm=srv-web01
    has 1 "notice: the saved answer is one page of 7"
}

@test "standard input" {
    run bash -c '${CHECK_WRAPPER:-} "$CHECK_VEEAM_CDP_TASK" --input=- --vm=srv-web01 <"$0"' "$fixtures/v12/list.json"
    has 1 "CDP TASK WARNING: srv-web01"
}

@test "a bare array of sessions is a list" {
    for file in v12/list.json v13/list.json; do
        plugin --input="$fixtures/$file" --list --format=json
        local whole=$status:$output
        jq 'to_entries[] | select(.key | ascii_downcase == "cdpreplicatasksessions") | .value' "$fixtures/$file" \
            >"$BATS_TEST_TMPDIR/bare.json"
        plugin --input="$BATS_TEST_TMPDIR/bare.json" --list --format=json
        [ "$status:$output" = "$whole" ] || fail_with "differs from $whole"
    done
    jq -s . "$fixtures/v12/entity.json" >"$BATS_TEST_TMPDIR/bare.json" # what jq makes of saved entities
    plugin --input="$BATS_TEST_TMPDIR/bare.json"
    has 2 "CDP TASK CRITICAL: Büro"
    for text in '[5]' '[{}]' '[{"a":1}]' '[[{"State":"Completed"}]]' '[{"UID":"1","State":"Completed"},{"a":1}]' \
        '[null,{"State":"Completed"}]'; do
        printf '%s' "$text" >"$BATS_TEST_TMPDIR/bare.json"
        plugin --input="$BATS_TEST_TMPDIR/bare.json" --empty-result=ok
        has 3 "CDP TASK UNKNOWN: protocol: --input="
    done
}

@test "notices are about what was asked for" {
    # 120 VMs, each with a size, and every other one with an end, of the wrong type.
    jq -n '[range(120) | {UID: "uid-\(.)", VmDisplayName: "vm-\(.)", State: "Completed", Result: "Success",
        CreationTimeUTC: "2025-08-14T07:00:00Z", TotalSize: "large", EndTimeUTC: (if . % 2 == 0 then null else 5 end),
        Links: [{Type: "CdpReplicaSessionReference", Name: "policy-\(. % 40)@2025-08-14 00:00:10"}]}]' \
        >"$BATS_TEST_TMPDIR/saved.json"
    local saved=--input=$BATS_TEST_TMPDIR/saved.json
    for options in --vm=vm-119 --id=ad86fed0-4288-47ba-a7ab-0fca64d3ba5a '--include-vm=^vm-119$' --policy=policy-39; do
        plugin "$saved" "$options" --format=json
        [ "$(query '[.notices[] | select(test("vm-|uid-"))] == [.vms[].sessions[].uid as $uid |
            "session \($uid): its EndTimeUTC is not a time and was left out",
            "session \($uid): its TotalSize is not a size and was left out"]')" = true ] || fail_with "$options"
    done
    plugin "$saved" --vm=vm-118 -v --map=idle=ok
    has 0 "notice: session uid-118: its TotalSize is not a size and was left out"
    [ "$(grep -c '^notice: ' <<<"$output")" -eq 1 ]
}

@test "what is no answer of EM is a fault that says so" {
    for text in '' ' ' '[]' '"text"' '{}' '{"State":"Completed"' '{"State":"Completed"} x' 'nonsense' \
        '<?xml version="1.0"?><QueryResult/>' '{"Entities":{"CdpReplicaTaskSessions":{"a":[],"b":[]}}}' \
        '{"Entities":{"CdpReplicaTaskSessions":{"CdpReplicaTaskSessions":[5]}}}' \
        "$(printf '[%.0s' {1..2000})"; do
        printf '%s' "$text" >"$BATS_TEST_TMPDIR/answer.json"
        plugin --input="$BATS_TEST_TMPDIR/answer.json"
        has 3 "CDP TASK UNKNOWN: protocol: --input="
        is_one_line
    done
    echo '{"UID":"urn:veeam:BackupTaskSession:00000000-0000-4000-8000-000000000001","State":"Completed","Result":"Success"}' >"$BATS_TEST_TMPDIR/answer.json"
    plugin --input="$BATS_TEST_TMPDIR/answer.json"
    has 3 "CDP TASK UNKNOWN: protocol: " "is not a CDP task session"
    for text in '[]' '{}' '"text"' '[5]'; do
        echo "$text" >"$BATS_TEST_TMPDIR/answer.json"
        plugin --input="$BATS_TEST_TMPDIR/answer.json"
        has 3 ": this is not a CDP task session, an answer to a query for them, or an array with at least one"
    done
    plugin --input="$fixtures/v12/error.json"
    has 3 "CDP TASK UNKNOWN: protocol: "
    plugin --input="$BATS_TEST_TMPDIR/missing.json"
    has 3 "CDP TASK UNKNOWN: usage: --input=" "No such file"
}

@test "what does not tell its policy is judged with --policy, and a notice says so" {
    local session='"State": "InProgress", "Result": "Success", "CreationTimeUTC": "'$(date -u +%FT%H:00:00Z)'"'
    local link='"Links": [{"Rel": "Up", "Type": "CdpReplicaSessionReference", "Name": "Gold@2025-08-14 00:00:10"}]'
    cat >"$BATS_TEST_TMPDIR/saved.json" <<EOF
{"CdpReplicaTaskSessions": [{"UID": "1", "VmDisplayName": "a", $session, $link},
    {"UID": "2", "VmDisplayName": "b", $session}, {"UID": "3", "VmDisplayName": "c", $session}]}
EOF
    plugin --input="$BATS_TEST_TMPDIR/saved.json" --policy=Gold
    has 0 "CDP TASK OK: 3 VMs: 3 ok" \
        "notice: 2 VMs are judged too, although EM names no policy or backup server for them"
    plugin --input="$BATS_TEST_TMPDIR/saved.json" --vm=a
    lacks "does not say"
    # A name that nothing bears is most likely misspelt.
    for narrow in --policy=Typo --backup-server=typo "--policy=Gold --backup-server=typo" \
        "--vm=b --backup-server=typo"; do
        # shellcheck disable=SC2086 # a list of words
        plugin --input="$BATS_TEST_TMPDIR/saved.json" $narrow
        has 3 "CDP TASK UNKNOWN: not-found: " "; it names no policy or backup server for "
        lacks "judged too"
    done
    plugin --input="$BATS_TEST_TMPDIR/saved.json" --policy=Typo
    has 3 "no CDP task session of a policy named Typo; it names no policy or backup server for 2 VMs; --all"
}
