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
