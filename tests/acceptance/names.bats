#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Names that need care in filters, URLs, performance data and JSON; and every way in which EM writes
# its answers.

load support

scenario=$SRCDIR/tests/emulator/scenarios/odd-names.json

teardown() {
    stop_em
}

# perfdata_is_sound: each line but the first is free of '|', and Icinga 2's parser finds every item.
perfdata_is_sound() {
    [ "$(grep -o '|' <<<"$output" | wc -l)" -eq 1 ] || fail_with "more than one '|'"
    # Labels in quotes hold no quote, '=' or '::'; values are numbers with a unit.
    local items=${lines[0]#*|}
    local item="('[^'=]*'|[A-Za-z0-9_.-]+)=[0-9.]+[sB]?;[^; ]*;[^; ]*;0"
    [[ $items =~ ^$item(\ $item)*$ ]] || fail_with "performance data that is none: $items"
    [[ $items != *::* ]] || fail_with "'::' in a label"
}

@test "every odd name is found, by itself, and comes back as it is" {
    start_em --scenario="$scenario"
    local names
    mapfile -t names < <(jq -r '.vms[].name' "$scenario" | sort -u)
    [ "${#names[@]}" -gt 15 ]
    for name in "${names[@]}"; do
        check --vm="$name" --format=json
        [ "$(query '[.vms[].vm] | unique[]')" = "$name" ] || fail_with "not $name"
        valid_json
        check --vm="$name"
        [ "$status" -le 2 ] || fail_with "$name is not judged"
        perfdata_is_sound
    done
    [ "$(count open_sessions)" -eq 0 ]
}

@test "all odd names in one run: no two share a label" {
    start_em --scenario="$scenario"
    local names options=()
    mapfile -t names < <(jq -r '.vms[].name' "$scenario" | sort -u | head -n 12)
    for name in "${names[@]}"; do
        options+=(--vm="$name")
    done
    check "${options[@]}"
    [ "$status" -le 2 ]
    perfdata_is_sound
    local labels
    labels=$(grep -oE "('[^']*'|[A-Za-z0-9_.-]+)=" <<<"${lines[0]#*|}")
    [ "$(sort <<<"$labels" | uniq -d)" = "" ] || fail_with "a label is there twice"
    [ "$(wc -l <<<"$labels")" -ge 36 ]
}

# The first three are shown as "srv-db01", the next two as "a b".
@test "a name that cleaning changes is marked by --list, and not-found points to it" {
    local odd='["srv-db01 ", " srv-db01", "srv-db01\t\n", "a  b", "a|b", "plain one", "x\u200e"]'
    jq -n --argjson names "$odd" '{policies: [{name: "CDP  Policy"}], vms: [$names[] |
        {name: ., policy: "CDP  Policy", sessions: [{created: "-1h"}, {created: "-9h", ended: "-1h"}]}]}' \
        >"$BATS_TEST_TMPDIR/scenario.json"
    start_em --scenario="$BATS_TEST_TMPDIR/scenario.json"
    check --all --list
    has 0 $'\nsrv-db01 [cleaned]\tCDP Policy [cleaned]\t' $'\na b [cleaned]\t' $'\nplain one\tCDP Policy [cleaned]\t' \
        $'\nx [cleaned]\t' $'\nnotice: names marked [cleaned] have characters that are not shown'
    [ "$(grep -c $'^[^\t]* \\[cleaned\\]\t' <<<"$output")" -eq 6 ]
    [ "$(grep -c '^notice: ' <<<"$output")" -eq 1 ]
    check --all --list --format=json
    [ "$(jq --argjson names "$odd" '[.vms[] | select(.cleaned | index("vm")) | .vm] | sort == ($names - ["plain one"] | sort)' \
        <<<"$output")" = true ]
    [ "$(query '[.vms[].cleaned | index("policy") != null and index("backup_server") == null] | all')" = true ]
    # Each is found as JSON has it, and not as it is shown.
    for name in "srv-db01 " " srv-db01" "a  b" "a|b"; do
        check --vm="$name"
        has 0 "CDP TASK OK: "
    done
    check --policy="CDP  Policy" --list
    has 0 $'\nplain one\t'
    for option in --vm=srv-db01 "--vm=a b" "--policy=CDP Policy"; do
        check "$option"
        has 3 "not-found: EM has no " "; --all --list --format=json shows the names that it has"
        check "$option" --snapshot="$BATS_TEST_TMPDIR/shared"
        has 3 "not-found: EM has no " "--all --list --format=json shows "
    done
    check --vm="a  b" --exclude-vm=a
    has 3 "not-found: "
    lacks "--list"
}

@test "the same answers in every wording of EM give the same verdicts" {
    local wording expected=
    for wording in '{"casing":"pascal"}' '{"casing":"camel"}' '{"casing":"camel","bom":true}' \
        '{"casing":"pascal","bom":true,"running_end":"absent","empty_reason":"absent"}' \
        '{"casing":"camel","running_end":"null","empty_reason":"null","fraction_digits":0}' \
        '{"casing":"camel","empty_reason":"empty","fraction_digits":7,"ascii":true}' \
        '{"casing":"pascal","nulls":"omitted","proper_self_href":true}'; do
        jq --argjson wording "$wording" '.wording = $wording' \
            "$SRCDIR/tests/emulator/scenarios/demo.json" >"$BATS_TEST_TMPDIR/scenario.json"
        start_em --scenario="$BATS_TEST_TMPDIR/scenario.json"
        check --vm srv-file01 --vm srv-db01 --vm srv-web01 --vm srv-wait01 --vm srv-app01 -v
        local seen
        # Seconds and moments are other ones in each run.
        seen=$(sed -E 's/\|.*//; s/\([^()]* UTC\)//g; s/m [0-9]+s/m/g' <<<"$status $output")
        [ -n "$expected" ] || expected=$seen
        [ "$seen" = "$expected" ] || fail_with "$wording differs from $expected"
        stop_em
    done
    EM_PID=
    [[ $expected == "2 CDP TASK CRITICAL: 7 VMs: "* ]] || fail_with "$expected"
}
