#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Enterprise Manager itself, by --em, and how old its data is, by each selector.

load support

setup_file() {
    start_em
}
teardown_file() {
    stop_em
}

# site MEMBERS: plays a VM that is well and one that failed, each under a policy and on a backup server
# of its own, with those members of the scenario; then zeroes the counts.
site() {
    play '{"backup_servers": [{"name": "vbr01"}, {"name": "vbr02"}],
        "policies": [{"name": "Gold", "backup_server": "vbr01"},
                     {"name": "Silver", "backup_server": "vbr02", "enabled": false}],
        "vms": [{"name": "well", "policy": "Gold", "backup_server": "vbr01",
                 "sessions": [{"created": "-2h"}, {"created": "-10h", "ended": "-2h"}]},
                {"name": "failed", "policy": "Silver", "backup_server": "vbr02",
                 "sessions": [{"created": "-10h", "ended": "-30m", "result": "Failed"}]}]'"${1:+, $1}"'}'
    control POST reset >/dev/null
}

stands='"collections": {"periods": [{"since": "-3h", "none": true}]}'

@test "--em: that EM answers, how old its data is, and its policies" {
    site
    check --em
    has 0 "CDP TASK OK: Enterprise Manager answered in 0" "; its data is 4m " " old (collected 20" \
        "; 2 policies, 1 disabled|data_age=2" "s;2700;;0 time=0" " policies=2;;;0 policies_disabled=1;;;0" \
        $'\n'"disabled in EM: Silver (vbr02)"
    [ "${#lines[@]}" -eq 2 ]
    good_manners 5
    check --em -v
    has 0 "backup server vbr01: collected 4m " "backup server vbr02: collected 4m "
    check --em --perfdata=none
    has 0
    lacks '|'
}

@test "--em: what EM does not tell this user" {
    site '"role": "Portal User"'
    check --em
    has 0 "; how old its data is was not told to this user; 2 policies, 1 disabled|time=0"
    check --em --critical-data-age=1h
    has 3 "CDP TASK UNKNOWN: EM's data age unknown, so --critical-data-age can't be checked: EM does not tell it to this user"
    site '"refuses": {"policies": 403, "policies_query": 403}'
    check --em
    has 0 "; its data is 4m "
    lacks "polic"
    check --em -v
    has 0 "not told to this user: policies (forbidden: "
}

@test "--em: JSON, OpenMetrics and passive results" {
    site
    check --em --format=json
    valid_json
    has 0
    [ "$(query '[.state, .em.state, .em.why, .em.not_collected, .error, .vms, .counts.vms]')" = '["OK","OK",[],[],null,[],0]' ]
    [ "$(query '.em.data_age_seconds > 200 and .em.data_age_seconds < 400 and .em.answered_seconds > 0')" = true ]
    [ "$(query '[.policies[] | [.policy, .enabled]] | sort')" = '[["Gold",true],["Silver",false]]' ]
    check --em --format=openmetrics
    has 0 $'\nveeam_cdp_em_status{server="localhost:'"$EM_PORT"'"} 0'$'\n' 'veeam_cdp_up{server="localhost:'"$EM_PORT"'"} 1'$'\n' \
        'veeam_cdp_data_age_seconds{server=' 'veeam_cdp_policy_enabled{policy="Silver",backup_server="vbr02"} 0'$'\n'
    [ "${lines[-1]}" = "# EOF" ]
    check --em --format=passive --passive-service="EM answers"
    has 0 "] PROCESS_SERVICE_CHECK_RESULT;localhost;EM answers;0;CDP TASK OK: Enterprise Manager answered in "
    is_one_line
}

@test "--em: the same of data that is too old" {
    site "$stands"
    check --em
    has 1 "CDP TASK WARNING: EM's data is 3h " " old (warning: 45m): EM has completed no data collection since 20" \
        "; Enterprise Manager answered in " $'\n'"[WARNING] EM's data is 3h " "check EM's data collection and the backup server"
    check --em --critical-data-age=2h --format=json
    valid_json
    has 2
    [ "$(query '[.state, .em.state, .error, (.em.data_age_seconds > 10000)]')" = '["CRITICAL","CRITICAL",null,true]' ]
    [[ $(query '.em.why[0]') == "EM's data is 3h "*" old (critical: 2h): "* ]]
    check --em --format=openmetrics
    has 1 'veeam_cdp_em_status{server="localhost:'"$EM_PORT"'"} 1'$'\n' 'veeam_cdp_up{server="localhost:'"$EM_PORT"'"} 1'$'\n'
    check --em --format=passive
    has 1 ";1;CDP TASK WARNING: EM's data is 3h "
    check --em --warning-data-age=~:
    has 0 "Enterprise Manager answered in "
    lacks "its data"
}

@test "--em: an EM that is away, in each format" {
    # Nobody listens on port 1.
    local away=(-H localhost -p 1 -u monitor --password-file="$PASSWORD_FILE" --em)
    plugin "${away[@]}"
    has 3 "CDP TASK UNKNOWN: unreachable: "
    is_one_line
    plugin "${away[@]}" --unreachable-result=critical --format=json
    valid_json
    has 2
    [ "$(query '[.state, .error.kind, .em.state, .vms]')" = '["CRITICAL","unreachable","CRITICAL",[]]' ]
    plugin "${away[@]}" --format=openmetrics
    has 3 'veeam_cdp_up{server="localhost:1"} 0'$'\n'
    lacks veeam_cdp_policy
    plugin "${away[@]}" --format=passive
    has 3 ";3;CDP TASK UNKNOWN: unreachable: "
}

@test "data that is too old: each selector, from EM and from a snapshot" {
    local selector how
    site "$stands"
    for selector in --vm=well --policy=Gold "--all --include-vm=well"; do
        for how in "" "--snapshot=$BATS_TEST_TMPDIR/snapshots"; do
            # shellcheck disable=SC2086 # words
            check $selector $how
            has 1 "EM's data is 3h " " old (warning: 45m)" $'\n'"[WARNING] EM's data is 3h "
            # shellcheck disable=SC2086
            check $selector $how --critical-data-age=150m
            has 2 "CDP TASK CRITICAL: " "EM's data is 3h " " old (critical: 150m)"
            # shellcheck disable=SC2086
            check $selector $how --warning-data-age=4h
            has 0
            # shellcheck disable=SC2086
            check $selector $how --warning-data-age=~:
            has 0 "CDP TASK OK: well: "
            lacks "EM's data"
        done
    done
}

@test "data that is too old hides no failure, nor does a failure hide it" {
    site "$stands"
    check --all
    has 2 "CDP TASK CRITICAL: 2 VMs: 1 critical, 1 ok; failed: Completed, Failed, ended 30m" "; EM's data is 3h " \
        $'\n'"[WARNING] EM's data is 3h " $'\n'"[CRITICAL] failed, "
    check --all --format=passive
    has 2 ";localhost;Veeam CDP task;1;CDP TASK WARNING: EM's data is 3h " ";failed;Veeam CDP task;2;" \
        ";well;Veeam CDP task;0;CDP TASK OK: well: "
    check --all --format=json
    valid_json
    [ "$(query '[.state, .em.state, ([.vms[].state] | sort)]')" = '["CRITICAL","WARNING",["CRITICAL","OK"]]' ]
}

@test "the limit grows with what EM does by itself, and none by hand is not OK" {
    site '"collections": {"every_minutes": 60, "newest": "-55m"}'
    check --em
    has 0 "its data is 54m " "s;10800;;0"
    site '"collections": {"every_minutes": 0}'
    check --em
    has 1 "CDP TASK WARNING: EM shows no successful data collection"
    check --vm=well
    has 1 "EM shows no successful data collection"
    check --vm=well --warning-data-age=~:
    has 0
    site '"collections": {"every_minutes": 0}, "system_sessions": [{"type": "CollectJob", "created": "-20m", "ended": "-19m", "state": "CompletedSuccessfully"}]'
    check --em
    has 0 "its data is 19m"
}

@test "a backup server that EM misses is named, and is that of its own VMs alone" {
    site '"collections": {"periods": [{"since": "-3h", "misses": ["vbr02"]}]}'
    check --em
    has 1 "EM's data is 3h " "EM has collected nothing from vbr02 since 20"
    check --em -v
    has 1 "backup server vbr01: collected 4m " "backup server vbr02: collected 3h "
    check --vm=failed --map=Failed=ok
    has 1 "EM's data is 3h " "EM has collected nothing from vbr02 since 20"
    check --vm=well
    has 0 "CDP TASK OK: well: " "notice: EM's newest data collection has missed vbr02"
    check --vm=well --format=json
    valid_json
    [ "$(query '[.em.state, .em.not_collected, (.em.data_age_seconds < 1200)]')" = '["OK",["vbr02"],true]' ]
    check --all --backup-server=vbr01
    has 0 "has missed vbr02"
}
