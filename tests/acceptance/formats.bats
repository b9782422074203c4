#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Performance data, OpenMetrics, passive results and lists, of few VMs and of fleets.

load support
load demo_em

fixtures=$SRCDIR/tests/fixtures
gold_app=(srv-app01 "CDP Policy Gold" vbr01.example.invalid)
first_app=(srv-app01 "CDP Policy" vbr01.example.invalid)
second_app=(srv-app01 "CDP Policy" vbr02.example.invalid)

needs_prometheus() {
    command -v promtool >/dev/null || skip "promtool is not installed (prometheus)"
    /usr/bin/python3 -I -c 'import prometheus_client.openmetrics' 2>/dev/null ||
        skip "python3-prometheus-client is not installed"
}

# valid_metrics: promtool, which reads the older format, has nothing to say, and both parsers of
# Python's client take the output; sets samples, a JSON list.
valid_metrics() {
    local said
    said=$(promtool check metrics 2>&1 <<<"$output") || fail_with "promtool: $said"
    [ -z "$said" ] || fail_with "promtool: $said"
    samples=$(/usr/bin/python3 -I - 3<<<"$output" <<'PY'
import json, os
from prometheus_client import openmetrics, parser
from prometheus_client.openmetrics import parser as openmetrics_parser
text = os.fdopen(3, encoding="utf-8", newline="\n").read()
families = list(openmetrics_parser.text_string_to_metric_families(text))
samples = [(s.name, s.labels, s.value) for family in families for s in family.samples]
older = [(s.name, s.labels, s.value) for family in parser.text_string_to_metric_families(text)
         for s in family.samples]
assert samples == older, "the two formats differ"
assert all(family.type == "gauge" and family.documentation for family in families)
series = [(name, tuple(sorted(labels.items()))) for name, labels, value in samples]
assert len(series) == len(set(series)), "a series is there twice"
print(json.dumps([{"name": name, "labels": labels, "value": value} for name, labels, value in samples]))
PY
    ) || fail_with "no OpenMetrics"
}

# sample NAME FILTER: the values of that name whose labels the filter of jq holds for.
sample() {
    jq -c --arg name "veeam_cdp_$1" "[.[] | select(.name == \$name) | select(.labels | $2) | .value + 0]" <<<"$samples"
}

# valid_list: the output is one document that the schema of lists allows.
valid_list() {
    printf '%s' "$output" >"$BATS_TEST_TMPDIR/list.json"
    /usr/bin/python3 - "$SRCDIR/contrib/check_veeam_cdp_task_list.schema.json" "$BATS_TEST_TMPDIR/list.json" <<'PY'
import json, sys
import jsonschema
schema, document = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.Draft202012Validator(schema).validate(document)
PY
}

# fleet COUNT: a saved answer with so many VMs, one in five of them failed a while ago, in $fleet.
fleet() {
    fleet=$BATS_TEST_TMPDIR/fleet.json
    jq -nc --argjson count "$1" '{CdpReplicaTaskSessions: [range($count) | {
        UID: "u\(.)", VmDisplayName: "server-\(.)", State: "Completed",
        Result: (if . % 5 == 4 then "Failed" else "Success" end),
        CreationTimeUTC: (now - 9000 | todate), EndTimeUTC: (now - 1800 | todate), TotalSize: 1000}]}' >"$fleet"
}

@test "--perfdata: of each VM, a summary, none" {
    local query=$fixtures/v13/query.json
    plugin --input="$query" --perfdata=none
    has 2 "CDP TASK CRITICAL: 3 VMs"
    lacks '|'
    plugin --input="$query" --perfdata=vm
    has 2 " srv-db01_duration=" " srv-web01_age="
    plugin --input="$query" --vm=srv-web01 --perfdata=summary
    has 1 "|vms=1;;;0 ok=0;;;0 warning=1;;;0 "
    plugin --input="$query" --vm=srv-web01 --perfdata=auto
    has 1 "|duration="
    check --vm=srv-app01
    has 1 "|'srv-app01 (CDP Policy, vbr01.example.invalid)_duration'="
}

@test "less than 4,000 bytes of 10,000 VMs, but all performance data where it was asked for" {
    fleet 10000
    plugin --input="$fleet"
    has 2 "CDP TASK CRITICAL: 10000 VMs: 2000 critical, 8000 ok; server-1004: " "|vms=10000;;;0 ok=8000;;;0 "
    [ "${#output}" -lt 4000 ] || fail_with "${#output} bytes"
    local shown=$((${#lines[@]} - 2))
    [ "$shown" -gt 20 ]
    [ "${lines[-1]}" = "omitted (output limit): $((2000 - shown)) VMs" ] || fail_with "${lines[-1]}"
    # A megabyte, which bash had better not read.
    local whole=$BATS_TEST_TMPDIR/whole labels bytes below
    "$CHECK_VEEAM_CDP_TASK" --input="$fleet" --perfdata=vm >"$whole" || [ "$?" -eq 2 ]
    labels=$(head -n 1 "$whole" | grep -oE 'server-[0-9]+_(duration|age|total_size)=' | sort -u | wc -l)
    [ "$labels" -eq 30000 ] || fail_with "$labels labels"
    below=$(tail -n +2 "$whole" | grep -c '^\[CRITICAL\] ')
    [ "$below" -ge "$shown" ] || fail_with "performance data takes the room of the lines"
    bytes=$(tail -n +2 "$whole" | wc -c)
    [ "$bytes" -lt 4000 ]
    [ "$(tail -n 1 "$whole")" = "omitted (output limit): $((2000 - below)) VMs" ]
}

@test "names that are one under two policies and on two backup servers are told apart everywhere" {
    check --vm=srv-app01 -v
    has 1 "3 VMs: 1 warning, 2 ok; srv-app01 (CDP Policy Gold): " \
        "[OK] srv-app01, policy CDP Policy, backup server vbr01.example.invalid: " \
        "[OK] srv-app01, policy CDP Policy, backup server vbr02.example.invalid: " \
        "'srv-app01 (CDP Policy Gold)_duration'=" \
        "'srv-app01 (CDP Policy, vbr01.example.invalid)_duration'=" \
        "'srv-app01 (CDP Policy, vbr02.example.invalid)_duration'="
    check --vm=srv-app01 --list
    has 0
    [ "$(tail -n 3 <<<"$output" | cut -f 1-3 | sort -u | wc -l)" -eq 3 ]
    check --vm=srv-app01 --format=json
    [ "$(query '[.vms[] | [.vm, .policy, .backup_server]] | unique | length')" -eq 3 ]
    check --vm=srv-app01 --format=passive --passive-host='{vm} {policy} {backup_server}'
    local app
    for app in "${gold_app[*]}" "${first_app[*]}" "${second_app[*]}"; do
        has 1 "PROCESS_SERVICE_CHECK_RESULT;$app;Veeam CDP task;"
    done
    needs_prometheus
    check --vm=srv-app01 --format=openmetrics
    valid_metrics
    [ "$(sample task_status '.policy == "CDP Policy Gold" and .backup_server == "vbr01.example.invalid"')" = "[1]" ]
    [ "$(sample task_status '.policy == "CDP Policy" and .backup_server == "vbr01.example.invalid"')" = "[0]" ]
    [ "$(sample task_status '.policy == "CDP Policy" and .backup_server == "vbr02.example.invalid"')" = "[0]" ]
}

@test "--policy and --all: a summary, and each VM in the other formats" {
    check --all
    has 2 "9 VMs: " "|vms=9;;;0 "
    check --policy="CDP Policy Gold"
    has 1 "|vms=3;;;0 "
    check --all --perfdata=vm
    has 2 "|" "srv-wait01_age="
    check --all --list
    has 0
    [ "${#lines[@]}" -eq 10 ]
    check --policy="CDP Policy Gold" --policy=none --list
    has 3 $'\nsrv-new01\tCDP Policy Gold\t' $'\n-\tnone\t-\t-\tfault\tnot-found: '
    check --policy="CDP Policy Gold" --policy=none --format=passive
    has 1 ";srv-new01;Veeam CDP task;0;" ";localhost;Veeam CDP task;3;CDP TASK UNKNOWN: none: not-found: "
    [ "${#lines[@]}" -eq 4 ]
    needs_prometheus
    check --policy="CDP Policy Gold" --policy=none --format=openmetrics
    valid_metrics
    [ "$(sample task_status '.policy == "CDP Policy Gold"' | jq length)" -eq 3 ]
    [ "$(sample task_status '.policy == "none" and .vm == ""')" = "[3]" ]
    check --all --format=openmetrics
    valid_metrics
    [ "$(sample task_status true | jq length)" -eq 9 ]
}

@test "OpenMetrics: what JSON says of each VM" {
    needs_prometheus
    local all=(--vm=srv-db01 --vm=srv-web01 --vm=srv-mail01 --vm=srv-file01 --vm=srv-new01 --vm=srv-wait01)
    check "${all[@]}" --format=json
    [ "$status" -eq 2 ]
    local document=$output
    check "${all[@]}" --format=openmetrics
    [ "$status" -eq 2 ]
    valid_metrics
    [ "$(tail -n 1 <<<"$output")" = "# EOF" ]
    local vm
    for vm in $(jq -r '.vms[].vm' <<<"$document"); do
        [ "$(sample task_status ".vm == \"$vm\"" | jq '.[0]')" -eq \
            "$(jq --arg vm "$vm" '.vms[] | select(.vm == $vm) | {OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3}[.state]' <<<"$document")" ]
        [ "$(sample task_total_size_bytes ".vm == \"$vm\"" | jq '.[0]')" = \
            "$(jq --arg vm "$vm" '.vms[] | select(.vm == $vm) | .metrics.total_size_bytes' <<<"$document")" ]
        local age
        age=$(jq --arg vm "$vm" '.vms[] | select(.vm == $vm) | .metrics.age_seconds' <<<"$document")
        [ "$(sample task_age_seconds ".vm == \"$vm\"" | jq --argjson age "$age" '.[0] >= $age and .[0] < $age + 60')" = true ]
    done
    [ "$(sample up .server | jq -c .)" = "[1]" ]
    [ "$(sample vms '.state == "critical"')" = "[2]" ]
    [ "$(sample checked_timestamp_seconds true | jq '.[0] - now | fabs < 60')" = true ]
    [ "$(sample task_info '.vm == "srv-file01" and .session == "newest" and .state == "InProgress" and .result == "Success"')" = "[1]" ]
    [ "$(sample task_info '.vm == "srv-file01" and .session == "last_completed" and .state == "Completed" and .result == "Failed"')" = "[1]" ]
    # The newest one may be the last completed one; one that never completed has none.
    [ "$(sample task_info '.vm == "srv-mail01" and .session == "last_completed" and .result == "Failed"')" = "[1]" ]
    [ "$(sample task_info '.vm == "srv-wait01"')" = "[1]" ]
    [ "$(sample task_info '.vm == "srv-wait01" and .result == "None"')" = "[1]" ]
    # The Reason of what is not well, and of nothing else.
    [ "$(sample task_reason_info '.vm == "srv-file01" and .session == "last_completed" and .reason == "The source host is not reachable"')" = "[1]" ]
    [ "$(jq -c '[.[] | select(.name == "veeam_cdp_task_reason_info") | .labels.vm] | unique' <<<"$samples")" = \
        '["srv-file01","srv-mail01","srv-web01"]' ]
    lacks 'kind='
}

@test "OpenMetrics: odd names come back from its parser as they are" {
    needs_prometheus
    local scenario names name options=()
    scenario=$(jq -c '.vms += [{"name": "line\nbreak \\n \"\\", "sessions": [
        {"state": "Completed", "result": "Success", "created": "-2h", "ended": "-1h"}]}]' \
        "$SRCDIR/tests/emulator/scenarios/odd-names.json")
    play "$scenario"
    while IFS= read -r -d '' name; do
        options+=(--vm="$name")
    done < <(jq -j '.vms[].name + "\u0000"' <<<"$scenario")
    check "${options[@]}" --format=openmetrics
    valid_metrics
    names=$(jq -c '[.vms[].name] | sort' <<<"$scenario")
    [ "$(jq -c '[.[] | select(.name == "veeam_cdp_task_status") | .labels.vm] | sort' <<<"$samples")" = "$names" ]
}

@test "OpenMetrics: sessions by id have their uid, also those that EM does not have" {
    needs_prometheus
    check --id=ad86fed0-4288-47ba-a7ab-0fca64d3ba5a --id=2ec4d35f-b5d8-4cb3-9d11-12e1d5792625 \
        --id=00000000-0000-0000-0000-000000000001 --format=openmetrics
    [ "$status" -eq 3 ]
    valid_metrics
    [ "$(sample task_status '.uid | endswith("ad86fed0-4288-47ba-a7ab-0fca64d3ba5a")')" = "[0]" ]
    [ "$(sample task_status '.uid | endswith("2ec4d35f-b5d8-4cb3-9d11-12e1d5792625")')" = "[0]" ]
    [ "$(sample task_status '.uid == "00000000-0000-0000-0000-000000000001" and .vm == ""')" = "[3]" ]
    check --vm=srv-db01 --format=openmetrics
    lacks 'uid='
}

@test "OpenMetrics: faults, with the exit code that text has" {
    needs_prometheus
    plugin -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --vm=a \
        --unreachable-result=critical --format=openmetrics
    [ "$status" -eq 2 ]
    valid_metrics
    [ "$(sample up true)" = "[0]" ]
    [ "$(sample fault_info '.kind == "tls"')" = "[1]" ]
    [ "$(sample em_status true)" = "[2]" ]
    [ "$(jq length <<<"$samples")" -eq 4 ]
    check --vm=nope --empty-result=warning --format=openmetrics
    [ "$status" -eq 1 ]
    valid_metrics
    [ "$(sample up true)" = "[1]" ]
    [ "$(sample task_status '.vm == "nope"')" = "[1]" ]
    [ "$(sample fault_info '.kind == "not-found"')" = "[1]" ]
    check --vm=srv-db01 --vm=nope --format=openmetrics
    [ "$status" -eq 3 ]
    valid_metrics
    [ "$(sample task_status '.vm == "nope"')" = "[3]" ]
    [ "$(sample fault_info true)" = "[]" ]
    plugin --input="$BATS_TEST_TMPDIR/none" --format=openmetrics
    [ "$status" -eq 3 ]
    valid_metrics
    [ "$(sample up '.server == ""')" = "[0]" ]
}

@test "passive: hosts and services by template, one line each, all of it commands" {
    check --vm=srv-db01 --vm=srv-web01 --format=passive --passive-host='vm-{vm}.{backup_server}' \
        --passive-service='CDP; {policy}|x'
    has 1 ";vm-srv-db01.vbr01.example.invalid;CDP_ CDP Policy_x;0;CDP TASK OK: srv-db01: newest session: " \
        ";vm-srv-web01.vbr01.example.invalid;CDP_ CDP Policy_x;1;CDP TASK WARNING: srv-web01: last completed" \
        ";localhost;CDP_ -_x;0;CDP TASK OK: Enterprise Manager answered; in all 2 VMs: 1 warning, 1 ok|vms=2;;;0 "
    [ "${#lines[@]}" -eq 3 ]
    local line age
    for line in "${lines[@]}"; do
        [[ $line =~ ^\[([0-9]+)\]\ PROCESS_SERVICE_CHECK_RESULT\; ]] || fail_with "no command: $line"
        age=$(($(date +%s) - BASH_REMATCH[1]))
        [ "$age" -ge -1 ] # it is the next whole second
        [ "$age" -lt 60 ]
    done
    check --vm=srv-db01 --format=passive --perfdata=none
    has 0
    lacks '|'
}

@test "passive: VMs that lead to one service share a result, the worst of them" {
    check --vm=srv-app01 --format=passive
    has 1 ";srv-app01;Veeam CDP task;1;CDP TASK WARNING: 3 VMs: 1 warning, 2 ok; srv-app01 (CDP Policy Gold): " \
        "; one result for srv-app01 (CDP Policy, vbr01.example.invalid), srv-app01 (CDP Policy, vbr02.example.invalid), srv-app01 (CDP Policy Gold)|vms=3;;;0"
    [ "${#lines[@]}" -eq 2 ]
    # With the run's own as well.
    check --vm=srv-db01 --vm=srv-file01 --format=passive --passive-host=localhost
    has 2 ";localhost;Veeam CDP task;2;CDP TASK CRITICAL: 2 VMs: 1 critical, 1 ok; srv-file01: "
    is_one_line
    fleet 3000
    plugin --input="$fleet" --format=passive --passive-host=all
    [ "${#lines[@]}" -eq 2 ]
    [[ ${lines[0]} == *";all;Veeam CDP task;2;CDP TASK CRITICAL: 3000 VMs: 600 critical, 2400 ok; "*"..."*"|vms=3000;"* ]]
    [ "${#lines[0]}" -lt 4096 ]
    [[ ${lines[1]} == *";check_veeam_cdp_task;Veeam CDP task;0;CDP TASK OK: "* ]]
}

@test "passive: faults go to the VM that was named, or to EM's own host" {
    check --vm=srv-db01 --vm=nope --format=passive
    has 3 ";nope;Veeam CDP task;3;CDP TASK UNKNOWN: nope: not-found: " ";srv-db01;Veeam CDP task;0;" ";localhost;Veeam CDP task;0;"
    check --id=00000000-0000-0000-0000-000000000001 --empty-result=critical --format=passive
    has 2 ";localhost;Veeam CDP task;2;CDP TASK CRITICAL: "
    is_one_line
    plugin -H em.invalid -u monitor --password-file="$PASSWORD_FILE" --vm=a --format=passive --passive-service='CDP {vm}'
    has 3 ";em.invalid;CDP -;3;CDP TASK UNKNOWN: unreachable: "
    is_one_line
    plugin --format=passive --bogus
    has 3 ";check_veeam_cdp_task;Veeam CDP task;3;CDP TASK UNKNOWN: usage: "
    is_one_line
}

@test "--list: lines with tabs, for awk" {
    check --vm=srv-db01 --vm=srv-app01 --list
    has 0
    [ "${lines[0]}" = $'VM\tPOLICY\tBACKUP SERVER\tUID\tSTATE\tRESULT\tSIGNS' ]
    [ "${#lines[@]}" -eq 5 ]
    [ "$(awk -F'\t' '$1 == "srv-db01" { print NF, $2, $3, $4, $5, $6, $7 }' <<<"$output")" = \
        "7 CDP Policy vbr01.example.invalid urn:veeam:CdpReplicaTaskSession:2ec4d35f-b5d8-4cb3-9d11-12e1d5792625 InProgress Success -" ]
    # It judges nothing.
    check --vm=srv-file01 --list -c 1s
    has 0 $'srv-file01\tCDP Policy\t'
    # Blanks, tabs and line breaks of names don't make columns.
    printf '%s\n' '{"CdpReplicaTaskSessions":[{"UID":"1","VmDisplayName":"a\tb\n c","State":"Completed","Result":"Success"},{"UID":"2"}]}' >"$BATS_TEST_TMPDIR/answer.json"
    plugin --input="$BATS_TEST_TMPDIR/answer.json" --list
    has 0 $'\na b c [cleaned]\t-\t-\t1\tCompleted\tSuccess' $'\n-\t-\t-\t2\t-\t-'
    plugin -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" -k --vm=srv-db01 --list
    has 0 $'\nnotice: --insecure'
}

@test "--list: faults have their exit codes" {
    check --vm=srv-db01 --vm=nope --list
    has 3 $'srv-db01\tCDP Policy\t' $'nope\t-\t-\t-\tfault\tnot-found: EM has no'
    check --id=ad86fed0-4288-47ba-a7ab-0fca64d3ba5a --id=00000000-0000-0000-0000-000000000001 --list
    has 3 $'\n-\t-\t-\t00000000-0000-0000-0000-000000000001\tfault\tnot-found: '
    check --vm=nope --list --empty-result=warning
    has 1 "CDP TASK WARNING: not-found: "
    is_one_line
    check --vm=srv-db01 --vm=nope --list --empty-result=ok
    has 0 $'nope\t-\t-\t-\tfault\t'
}

@test "--list --format=json" {
    check --vm=srv-file01 --vm=nope --list --format=json
    [ "$status" -eq 3 ]
    valid_list
    [ "$(query '.vms[0] | [.vm, .policy, .backup_server, .state, .result, .asked, .error, (.sessions | length)]')" = \
        '["srv-file01","CDP Policy","vbr01.example.invalid","InProgress","Success","srv-file01",null,2]' ]
    [ "$(query '.vms[0] | .uid == .sessions[0].uid')" = true ]
    [ "$(query '.vms[1] | [.vm, .uid, .error.kind, (.sessions | length)]')" = '["nope",null,"not-found",0]' ]
    [ "$(query .error)" = null ]
    plugin --bogus --list --format=json
    [ "$status" -eq 3 ]
    valid_list
    [ "$(query '[.error.kind, .vms]')" = '["usage",[]]' ]
    check --vm=srv-file01 --list --format=json
    has 0
    check --all --list --format=json
    valid_list
    [ "$(query '[.vms[].asked] | unique')" = '[""]' ]
    plugin --input="$fixtures/v13/query.json" --list --format=json
    [ "$(query '[.vms[].asked] | unique')" = '[null]' ]
}

@test "what does not go together is a usage fault that names it" {
    check --vm=a --list --format=openmetrics
    [ "$status" -eq 3 ]
    has 3 'kind="usage"'
    check --vm=a --list --format=passive
    has 3 "usage: --list goes with --format=text or json"
    check --vm=a --passive-host=x
    has 3 "usage: --passive-host goes with --format=passive"
    check --vm=a --passive-service=x --format=json
    has 3 "--passive-service goes with --format=passive"
    check --vm=a --passive-service='{vm} {name}' --format=passive
    has 3 "usage: --passive-service: '{name}' is not a placeholder; use {vm}, {policy} or {backup_server}"
    check --vm=a --passive-host='{vm' --format=passive
    has 3 "usage: --passive-host: '{vm' is not a placeholder"
    [ "$(count requests)" -eq 0 ]
}
