#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Signs that replication stands still: --map, each format, and however EM writes what they come from.

load support

setup_file() {
    start_em
}
teardown_file() {
    stop_em
}

# A VM for each sign. `nightly` is idle, but in hours that its policy forbids; `gone` has a replica only.
vms='
    {"name": "well", "policy": "Gold", "sessions": [{"created": "-2h"}, {"created": "-10h", "ended": "-2h"}]},
    {"name": "idle", "policy": "Gold", "sessions": [{"created": "-60h", "ended": "-52h"}]},
    {"name": "hung", "policy": "Gold", "sessions": [{"created": "-60h"}, {"created": "-68h", "ended": "-60h"}]},
    {"name": "new", "policy": "Gold", "sessions": []},
    {"name": "paused", "policy": "Silver", "sessions": [{"created": "-10h", "ended": "-2h"}]},
    {"name": "nightly", "policy": "Bronze", "sessions": [{"created": "-20h", "ended": "-5h"}]},
    {"name": "gone", "policy": "Folders", "left": true, "replica": true, "sessions": []}'
policies='
    {"name": "Gold", "rpo_minutes": 1, "long_term_hours": 12}, {"name": "Silver", "enabled": false},
    {"name": "Bronze", "long_term_hours": 24, "rpo_schedule": {"enabled": true, "every_day": "111111000000001111111111"}},
    {"name": "Folders", "includes": [{"type": "Folder", "name": "Prod"}]}'

# site [MEMBERS]: plays these, with those members of the scenario.
site() {
    play '{"policies": ['"$policies"'], "vms": ['"$vms"']'"${1:+, $1}"'}'
}

# signs: of each VM, in JSON.
signs() {
    query '[.vms[] | "\(.vm)=\(.signs | join("+"))"] | sort | join(" ")'
}

all_signs="gone=uncovered hung=overdue idle=idle new=uncovered nightly= paused=disabled well="

@test "each sign is a WARNING, which --map changes" {
    local row
    site
    check --all
    has 1 "CDP TASK WARNING: 7 VMs: 5 warning, 2 ok; " " uncovered=2;;;0 data_age=" "[WARNING] gone, policy Folders, " \
        "uncovered: EM has a replica of it under the policy Folders" "[WARNING] new, policy Gold, " \
        "uncovered: the policy Gold includes it" "[WARNING] idle, policy Gold, " "idle for 2d 3h (since " \
        "[WARNING] hung, policy Gold, " "limit 13h" "[WARNING] paused, policy Silver, "
    check --all --map=idle=ok,overdue=ok,uncovered=ok,disabled=ok
    has 0 "CDP TASK OK: 7 VMs: 7 ok"
    for row in idle:idle overdue:hung uncovered:new disabled:paused; do
        check --vm="${row#*:}"
        has 1 "CDP TASK WARNING: ${row#*:}: ${row%:*}"
        check --vm="${row#*:}" --map="${row%:*}=critical"
        has 2 "CDP TASK CRITICAL: ${row#*:}: ${row%:*}"
        check --vm="${row#*:}" --map="${row%:*}=ok"
        has 0 "CDP TASK OK: ${row#*:}: "
    done
}

@test "--idle-after and --overdue-after" {
    site
    check --vm=idle --idle-after=3d
    has 0
    check --vm=idle --idle-after=2d
    has 1 "limit 2d"
    check --vm=hung --overdue-after=3d
    has 0
    check --vm=hung --overdue-after=1d
    has 1 "limit 1d"
}

@test "--list shows VMs without a session, and signs" {
    site
    check --all --list
    has 0 $'\n''new'$'\t''Gold'$'\t''vbr01.example.invalid'$'\t''-'$'\t''-'$'\t''-'$'\t''uncovered' \
        $'\n''gone'$'\t''Folders'$'\t' $'\t''Success'$'\t''idle'$'\n' $'\t''InProgress'$'\t''Success'$'\t''-'
    [ "$(grep -c $'\tvbr01' <<<"$output")" -eq 7 ]
    check --all --list --format=json
    has 0
    [ "$(signs)" = "$all_signs" ]
    [ "$(query '.vms[] | select(.vm == "new") | [.uid, .state, .result, .sessions]')" = '[null,null,null,[]]' ]
    check --all --list --exclude-vm='^(new|gone)$'
    lacks uncovered
    check --all --list --sessions-only
    has 0
    lacks uncovered
}

@test "signs in JSON, OpenMetrics and passive results" {
    site
    check --all --format=json
    valid_json
    has 1
    [ "$(signs)" = "$all_signs" ]
    [ "$(query '.vms[] | select(.vm == "new") | [.state, .sessions, .metrics.age_seconds]')" = '["WARNING",[],null]' ]
    [ "$(query '[.policies[] | [.policy, .enabled, .rpo_seconds, .long_term_interval_seconds]] | sort')" = \
        '[["Bronze",true,15,86400],["Folders",true,15,28800],["Gold",true,75,43200],["Silver",false,15,28800]]' ]
    check --all --format=openmetrics
    has 1 'veeam_cdp_task_sign{vm="new",policy="Gold",backup_server="vbr01.example.invalid",sign="uncovered"} 1'$'\n' \
        ',sign="idle"} 1' ',sign="overdue"} 1' ',sign="disabled"} 1' 'veeam_cdp_task_status{vm="paused",policy="Silver",backup_server="vbr01.example.invalid"} 1' \
        'veeam_cdp_policy_rpo_seconds{policy="Gold",backup_server="vbr01.example.invalid"} 75' \
        'veeam_cdp_policy_enabled{policy="Silver",backup_server="vbr01.example.invalid"} 0'
    check --all --format=passive
    has 1 ";new;Veeam CDP task;1;CDP TASK WARNING: new: uncovered" ";paused;Veeam CDP task;1;CDP TASK WARNING: paused: disabled" \
        ";nightly;Veeam CDP task;0;CDP TASK OK: nightly: "
}

@test "--sessions-only: only what sessions show" {
    site
    control POST reset >/dev/null
    check --all --sessions-only --format=json
    has 1
    [ "$(signs)" = "hung=overdue idle=idle nightly=idle paused=idle well=" ]
    [ "$(query '[.policies, .em.data_age_seconds, .notices]')" = '[null,null,[]]' ]
    good_manners 3
}

# Ways to write the same, of which no real EM is known for policies, replicas and system sessions.
wordings=(
    '"casing": "pascal"'
    '"casing": "camel", "bom": true'
    '"casing": "camel", "lists": "bare", "scalars": "text", "day_text": "#text"'
    '"casing": "pascal", "list_items": "singular", "empty_lists": "null", "long_term_days": "Schedule"'
    '"casing": "camel", "list_items": "singular", "empty_lists": "absent", "nulls": "omitted", "replica_href": "slash"'
    '"casing": "pascal", "lists": "bare", "empty_lists": "absent", "scalars": "text", "replica_href": "twice", "largest_page": 3'
)

@test "however EM writes policies, replicas and data collections, the verdict is the same" {
    local wording refused expected=
    for wording in "${wordings[@]}"; do
        # The other path to replicas, and to system sessions.
        for refused in '' '"replicas_query": 400, "replicas": 404, "system_sessions_query": 400'; do
            site '"wording": {'"$wording"'}, "refuses": {'"$refused"'}'
            check --all --format=json
            valid_json
            has 1
            [ "$(signs)" = "$all_signs" ] || fail_with "$wording, $refused: signs"
            [ "$(query '[.em.data_age_seconds > 200, .em.data_age_seconds < 400, .em.not_collected] | @json')" = '[true,true,[]]' ] || fail_with "$wording, $refused: data age"
            [[ $(query '.notices | join(";")') == "EM does not list the VMs of Folder Prod (policy Folders)"* ]]
            output=$(query '[.policies[] | [.policy, .backup_server, .enabled, .rpo_seconds, .long_term_interval_seconds]] | sort | @json')
            expected=${expected:-$output}
            [ "$output" = "$expected" ] || fail_with "$wording, $refused: policies, not $expected"
        done
    done
}

@test "an answer about policies, data collections or replicas that is none costs no verdict" {
    local row topic path other fault replies
    # Of each both ways to ask for it.
    for row in policies:CdpPolicy:x "data collection:SystemSession:systemSessions" replicas:CdpReplica:cdpReplica; do
        IFS=: read -r topic path other <<<"$row"
        for fault in '200, "body": "<html>busy</html>"' '200, "truncate": 5, "body": "{\"Entities\": {"' '503, "body": ""'; do
            replies='{"path": "/api/query?type='"$path"'&", "status": '"$fault"'}, {"path": "/api/'"$other"'", "status": '"$fault"'}'
            site '"replies": ['"$replies"']'
            check --all --map=idle=critical
            has 2 "[CRITICAL] idle, policy Gold" "notice: not known in this run: $topic ("
            [ "$(count open_sessions)" -eq 0 ]
        done
        check --all --include-vm=well
        has 0 "CDP TASK OK: well: " "notice: not known in this run: $topic ("
    done
}
