#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# How a snapshot is renewed: by what runs and what changed, or by everything, why, and what comes of it.

load support
load demo_em
load snapshot_file

setup() {
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    directory="$BATS_TEST_TMPDIR/snapshots"
}

# site VMS [MEMBERS]: plays those VMs of one policy, which names none, with those members besides.
site() {
    play '{"user": "monitor", "password": "'"$PASSWORD"'", '"${2:+$2, }"'
        "policies": [{"name": "P", "includes": [{"type": "Folder", "name": "Prod"}]}], "vms": ['"$1"']}'
    control POST reset >/dev/null
}

# vm NAME SESSIONS [MEMBERS]: a VM of it.
vm() {
    printf '{"name": "%s", "policy": "P", "sessions": [%s]%s}' "$1" "$2" "${3:+, $3}"
}

# Sessions with UIDs that stay: one that runs, one that is over, and the running one once it has ended.
now_on='{"uid": "00000000-0000-0000-0000-000000000001", "created": "-1h"}'
over='{"uid": "00000000-0000-0000-0000-000000000002", "created": "-9h", "ended": "-1h"}'
failed='{"uid": "00000000-0000-0000-0000-000000000001", "created": "-9h", "ended": "-5h", "result": "Failed", "reason": "The host is away"}'

# renew OPTION…: the snapshot, whatever its age.
renew() {
    shared --all --snapshot-age=0 -v "$@"
}

# asked TYPE: how often EM was asked for such entities.
asked() {
    control GET counts | jq "[.log[] | select(contains(\"type=$1&\"))] | length"
}

# is_full WHY: EM was asked for everything, and why.
is_full() {
    has "${2:-0}" " task sessions read, in full: $1"
    [ "$(asked CdpReplica)" -eq 1 ] || fail_with "EM was not asked for replicas"
}

# is_refresh: EM was asked for what changed, for policies, and for its data collection.
is_refresh() {
    has "${1:-0}" " task sessions read, those that run and what changed since "
    [ "$(asked CdpPolicy) $(asked CdpReplica)" = "1 0" ] || fail_with "EM was not asked for policies, or for replicas"
    [ "$(asked SystemSession)" -eq 1 ] || fail_with "EM was not asked for its data collection"
}

@test "what changed is read, with what runs; the rest is known" {
    site "$(vm old "{\"created\": \"-15h\", \"ended\": \"-7h\"}, {\"created\": \"-7h\"}"), $(vm db01 "$over, $now_on")"
    renew
    is_full "there was none that can be used"
    has 0 "snapshot renewed: 4 task sessions read, "
    control POST reset >/dev/null
    renew
    is_refresh
    has 0 "2 VMs: 2 ok" "snapshot renewed: 3 task sessions read, "
    good_manners 5
    site "$(vm old "{\"created\": \"-15h\", \"ended\": \"-7h\"}, {\"created\": \"-7h\"}"),
        $(vm db01 "${now_on/\"-1h\"/\"-1h\", \"ended\": \"-5m\", \"result\": \"Warning\"}, {\"created\": \"-5m\"}")"
    renew
    is_refresh 1
    has 1 "2 VMs: 1 warning, 1 ok" "db01: last completed session: Completed, Warning, ended "
    shared --vm=old --format=json
    has 0
    [ "$(query '.vms[0].sessions | length')" -eq 2 ]
    # Who only reads it has renewed nothing.
    lacks "snapshot renewed"
}

@test "what ran and has ended longer ago than changes are asked for, since EM heard of it late" {
    site "$(vm db01 "$over, $now_on")"
    renew
    site "$(vm db01 "$failed")"
    renew
    has 2 "db01: Completed, Failed, ended " "The host is away" " what changed since "
    # By its name, once for what completed and once for what did not fail.
    control GET counts | jq -e '[.log[] | select(contains("VmDisplayName%3D%3D%22db01"))] | length == 2'
    control POST reset >/dev/null
    renew
    has 2 "db01: Completed, Failed, ended "
    good_manners 5
}

@test "what ran for days and is gone: what completed before it is looked for, however old" {
    local hung='{"uid": "00000000-0000-0000-0000-000000000005", "created": "-122h"'
    local before='{"uid": "00000000-0000-0000-0000-000000000006", "created": "-130h", "ended": "-122h", "result": "Failed"}'
    local new='{"uid": "00000000-0000-0000-0000-000000000007", "created": "-3h"}'
    local left
    for left in "" "$hung, \"state\": \"Completed\", \"result\": \"Failed\"}, "; do
        rm -f "$directory"/*.snapshot
        site "$(vm db01 "$before, $hung}")"
        renew --overdue-after=30d
        has 2 "Completed, Failed, ended "
        site "$(vm db01 "$before, $left$new")"
        renew --overdue-after=30d
        has 2 "db01: last completed session: Completed, Failed" " what changed since "
    done
}

@test "a VM that runs, but slipped from one page to another, runs" {
    site "$(vm db01 "$over, $now_on")"
    renew
    site "$(vm db01 "$over, $now_on")" '"replies": [{"path": "/api/query?type=CdpReplicaTaskSession", "nth": 1, "status": 200,
        "body": {"Entities": {"CdpReplicaTaskSessions": {"CdpReplicaTaskSessions": []}},
                 "PagingInfo": {"PageNum": 1, "PageSize": 1000, "PagesCount": 1, "Links": []}}}]'
    renew
    has 0 "db01: newest session: InProgress" "snapshot renewed: 2 task sessions read, "
    shared --vm=db01
    has 0 "db01: newest session: InProgress"
}

@test "EM tells no replicas: a VM that is gone is remembered, whatever it says of its name, and asked for once" {
    local refused='"refuses": {"replicas": 403, "replicas_query": 403, "replica_vms": 403}'
    local fails='"replies": [{"path": "/api/query?type=CdpReplicaTaskSession", "nth": 2, "times": 2, "status": 400}]'
    local stopped='{"created": "-20h", "ended": "-10h"}, {"created": "-10h"}'
    local more
    for more in "$refused" "$refused, $fails"; do
        rm -f "$directory"/*.snapshot
        site "$(vm db01 "$over, $now_on"), $(vm x "$stopped"), $(vm new '{"created": "-5h"}')" "$refused"
        renew
        site "$(vm db01 "$over, $now_on")" "$more"
        renew
        has 1 "3 VMs: " "[WARNING] x, policy P" "[WARNING] new, policy P, backup server vbr01.example.invalid: idle for 4h "
        control POST reset >/dev/null
        renew
        has 1 "3 VMs: " "[WARNING] x, policy P" "[WARNING] new, policy P, backup server vbr01.example.invalid: idle for 4h "
        good_manners 5
    done
}

@test "a new VM may change what policies and replicas are told to be: they are asked for again" {
    local policy='"policies": [{"name": "P1", "includes": [{"name": "m"}, {"name": "n"}]}, {"name": "P2", "includes": [{"name": "k"}]}]'
    local n='{"name": "n", "policy": "P1", "sessions": [{"created": "-9h", "ended": "-1h"}, {"created": "-1h"}]}'
    local k='{"name": "k", "policy": "P2", "sessions": [{"created": "-9h", "ended": "-1h"}, {"created": "-1h"}]}'
    local m='{"uid": "00000000-0000-0000-0000-000000000008", "created": "-5h"'
    # None of the replicas is a VM with sessions, until the first of one begins.
    site "$(vm a "$over, $now_on" '"replica": false'), $(vm b "" '"replica": true'), $(vm c "" '"replica": true')"
    renew
    has 0 "EM seems to name the VMs of "
    site "$(vm a "$over, $now_on" '"replica": false'), $(vm b '{"created": "-10m"}' '"replica": true'),
        $(vm c "" '"replica": true')"
    renew
    has 1 " what changed since " "c: uncovered"
    lacks "EM seems to name the VMs of "
    # A VM was moved, of which EM heard late.
    rm "$(the_file snapshot)"
    play '{"user": "monitor", "password": "'"$PASSWORD"'", '"$policy"', "vms": ['"$n, $k"',
        {"name": "m", "policy": "P1", "sessions": [{"created": "-12h", "ended": "-5h"}, '"$m"'}]}]}'
    renew
    has 0 "3 VMs: 3 ok"
    play '{"user": "monitor", "password": "'"$PASSWORD"'", "vms": ['"$n, $k"',
        {"name": "m", "policy": "P1", "left": true, "sessions": [{"created": "-12h", "ended": "-5h"}, '"$m"', "ended": "-3h"}]},
        {"name": "m", "policy": "P2", "sessions": [{"created": "-3h"}]}],
        "policies": [{"name": "P1", "includes": [{"name": "n"}]}, {"name": "P2", "includes": [{"name": "k"}, {"name": "m"}]}]}'
    renew
    has 0 "3 VMs: 3 ok" "moved to another policy, so former sessions are left out: m (from P1)"
}

# of_policy POLICY VMS [MEMBERS]: plays VMs of the policy P, which has those members and names its VMs.
of_policy() {
    play '{"user": "monitor", "password": "'"$PASSWORD"'", '"${3:+$3, }"'
        "policies": [{"name": "P", '"$1"'}], "vms": ['"$2"']}'
    control POST reset >/dev/null
}

@test "policies are asked for each time: whether they are enabled, and which VMs they name" {
    local stopped='{"uid": "00000000-0000-0000-0000-000000000004", "created": "-9h", "ended": "-3h"}'
    local vms
    vms="$(vm a "$over, $now_on"), $(vm x "$stopped")"
    of_policy '"enabled": true' "$vms"
    renew
    has 1 "x: idle for " "though the policy P is enabled"
    of_policy '"enabled": false' "$vms"
    renew
    is_refresh 1
    has 1 "x: disabled: "
    of_policy '"enabled": true, "long_term_hours": 8' "$vms, $(vm new "" '"replica": false')"
    renew
    is_refresh 1
    has 1 "3 VMs: 2 warning, 1 ok" "new: uncovered" "x, policy P, " "though the policy P is enabled"
    shared --vm=new
    has 1 "new: uncovered"
    of_policy '"enabled": true' "$vms, $(vm new "" '"replica": false, "left": true')"
    renew
    is_refresh 1
    has 1 "2 VMs: 1 warning, 1 ok"
    # What replicas tell stays as it is until all is asked for.
    of_policy '"enabled": true' "$(vm a "$over, $now_on"), $(vm x "" '"replica": false, "left": true'), $(vm y "" '"left": true, "replica": true')"
    renew
    is_refresh 0
    has 0 "2 VMs: 2 ok" "no longer in the policy: x (P)"
}

@test "EM does not tell policies when the snapshot is refreshed: they stay as they were told, and replicas too" {
    local stopped='{"uid": "00000000-0000-0000-0000-000000000004", "created": "-9h", "ended": "-3h"}'
    local vms reply
    vms="$(vm x "$stopped"), $(vm y "")"
    for reply in '"status": 500' '"status": 403' '"drop": true' '"status": 200, "body": "{"'; do
        rm -f "$directory"/*.snapshot
        of_policy '"enabled": false' "$vms"
        renew
        has 1 "2 VMs: 2 warning" "x: disabled: "
        of_policy '"enabled": true' "$vms" '"replies": [{"path": "/api/query?type=CdpPolicy", '"$reply"'}]'
        renew
        has 1 "2 VMs: 2 warning" "x: disabled: " " what changed since "
        lacks "not known in this run"
        lacks "not told to this user"
        of_policy '"enabled": true' "$vms"
        renew
        is_refresh 1
        has 1 "2 VMs: 2 warning" "though the policy P is enabled"
    done
}

@test "EM fails to tell everything, whatever its fault, or its data's age a second time: what was told goes on" {
    site "$(vm db01 "$over, $now_on")"
    renew
    all_is_due
    site "$(vm db01 "$over, $now_on")" '"replies": [{"path": "/api/query?type=CdpReplicaTaskSession", "nth": 2, "status": 500}]'
    renew
    has 0 "(server: EM answers 500" "what EM has deleted may still be judged"
    # It is not tried again by each run.
    control POST reset >/dev/null
    renew
    is_refresh
    all_is_due
    site "$(vm db01 "$over, $now_on")" '"replies": [{"path": "/api/query?type=SystemSession", "nth": 2, "times": 2, "status": 500},
        {"path": "/api/systemSessions", "status": 500}]'
    renew --critical-data-age=1h
    is_full "as is done every hour"
    has 0 "db01" # and nothing of the age
    lacks "data age unknown"
}

@test "a run that is ended while it asks for everything has kept what changed, and the next one does not try again" {
    site "$(vm db01 "$over, $now_on")"
    renew
    all_but 7200
    site "$(vm db01 "$failed")" '"replies": [{"path": "/api/query?type=CdpReplicaTaskSession", "nth": 4, "delay": 60}]'
    shared_later output --all --snapshot-age=0
    until_true em_got 6
    kill "$pid"
    ends "$pid" output
    has 3 "CDP TASK UNKNOWN: terminated: "
    shared --all --snapshot-age=1h
    has 2 "db01: Completed, Failed"
    control POST reset >/dev/null
    renew
    is_refresh 2
    has 2 "EM does not tell everything again"
}

@test "a VM that is renamed while it runs: its old name has what EM has by that name" {
    site "$(vm db01 "$over, $now_on")"
    renew
    site "$(vm db01 "$over"), $(vm renamed "$now_on")"
    renew
    has 0 "2 VMs: 2 ok" " what changed since "
    # EM may show all of a VM's sessions by its new name.
    rm "$(the_file snapshot)"
    site "$(vm db01 "$over, $now_on")"
    renew
    site "$(vm renamed "$over, $now_on")"
    renew
    has 0 "CDP TASK OK: renamed: newest session: InProgress"
    lacks db01
}

@test "a VM without a completed session is looked for once, not each time" {
    site "$(vm db01 "$now_on")"
    renew
    site "$(vm db01 "$now_on"), $(vm new "{\"created\": \"-10m\"}")"
    renew
    has 0 " what changed since "
    control GET counts | jq -e '[.log[] | select(contains("%22new%22"))] | length > 0'
    control GET counts | jq -e '[.log[] | select(contains("%22db01%22"))] | length == 0'
    control POST reset >/dev/null
    renew
    good_manners 5
}

@test "everything is read once an hour: what EM has deleted is gone by then" {
    site "$(vm db01 "$over, $now_on"), $(vm gone "{\"created\": \"-20h\", \"ended\": \"-12h\"}")"
    renew
    has 1 "idle"
    site "$(vm db01 "$over, $now_on")"
    renew
    is_refresh 1
    control POST advance 3700 >/dev/null # by its clock
    renew
    control POST advance -3700 >/dev/null
    is_full "as is done every hour"
    lacks gone
    rm "$(the_file snapshot)"
    renew
    control POST reset >/dev/null
    renew
    is_refresh
}

@test "everything is read if the snapshot is too old, or EM's clock is not to be gone by" {
    site "$(vm db01 "$over, $now_on")"
    renew
    control POST reset >/dev/null
    older_by 7201
    renew
    is_full "the last one was more than 2h old"
    control POST reset >/dev/null
    alter knows_clock=0
    renew
    is_full "EM's clock or this host's went back, or EM's is not known"
    control POST advance 3000 >/dev/null
    renew
    has 0 " what changed since "
    control POST reset >/dev/null
    control POST advance -3000 >/dev/null
    renew
    is_full "EM's clock or this host's went back, or EM's is not known"
}

@test "everything is read if sessions can't be told apart, or too many are gone, or a VM is gone for good" {
    site "$(vm db01 "$over, $now_on, {\"created\": \"-20h\", \"ended\": \"-19h\", \"omit\": [\"UID\"]}")"
    renew
    site "$(vm db01 "$over, $now_on, {\"created\": \"-2h\", \"ended\": \"-1h\", \"omit\": [\"UID\"]}")"
    renew
    is_full "EM gives task sessions without a UID or a VM's name"
    site '' '"generate": {"vms": 501, "completed": 0, "policy": "P"}'
    renew
    site "$(vm db01 "$over, $now_on")"
    renew
    is_full "too many task sessions that ran are gone"
    has 0 "CDP TASK OK: db01"
    site ''
    renew --empty-result=ok
    is_full "a VM that ran has no task session any more"
    has 0 "not-found: "
}

@test "everything is read if EM does not say what became of a VM that ran" {
    site "$(vm db01 "$over, $now_on")"
    renew
    # The first query is for what changed, the next two are by the VM's name, with and without an order.
    site "$(vm db01 "$failed")" '"replies": [{"path": "/api/query?type=CdpReplicaTaskSession", "nth": 2, "times": 2, "status": 400}]'
    renew
    is_full "EM does not tell what became of task sessions that ran" 2
    has 2 "db01: Completed, Failed, ended "
}

@test "everything is read once EM hears from a backup server again" {
    local ahead away='"collections": {"periods": [{"since": "-4h", "none": true}]}'
    for ahead in 0 21600; do # of EM's clock, by which its collections go
        directory="$BATS_TEST_TMPDIR/ahead-$ahead"
        control POST advance "$ahead" >/dev/null
        site "$(vm db01 "$over, $now_on")" "$away"
        renew
        has 1 "EM's data is "
        control POST reset >/dev/null
        renew
        is_refresh 1
        site "$(vm db01 "$over, $now_on")"
        renew
        is_full "EM hears from a backup server again, after more than an hour"
        control POST reset >/dev/null
        renew
        is_refresh
        control POST advance "-$ahead" >/dev/null
    done
}

@test "--since: who needs more than there is reads it, who needs less sees less, and a day later it is not kept" {
    local old
    old=$(vm old "{\"created\": \"-10d 8h\", \"ended\": \"-10d\"}" '"replica": false')
    site "$(vm db01 "$over, $now_on"), $old"
    renew
    has 0 "CDP TASK OK: db01"
    control POST reset >/dev/null
    renew --since=14d
    is_full "--since reaches further back than the last one" 1
    has 1 "2 VMs: 1 warning, 1 ok" "old"
    control POST reset >/dev/null
    shared --all
    has 0 "CDP TASK OK: db01"
    shared --all --since=13d
    has 1 "2 VMs: 1 warning, 1 ok"
    [ "$(count requests)" -eq 0 ]
    # What one check needs stays when another one renews it.
    all_is_due
    renew
    is_full "as is done every hour"
    shared --all --since=14d
    has 1 "2 VMs: 1 warning, 1 ok"
    all_is_due
    alter needed=was-86401e6
    renew
    control POST reset >/dev/null
    shared --all --since=14d -v
    is_full "--since reaches further back than the last one" 1
}

# all_but SECONDS: everything was read so long ago, and was not tried since.
all_but() {
    alter "full=was-$1*1e6" "full_tried=was-$1*1e6"
}

@test "the deadline ends the reading of everything: what changed since goes on, for six hours, with a notice" {
    local just_failed='{"uid": "00000000-0000-0000-0000-000000000003", "created": "-9h", "ended": "-30m", "result": "Failed"}'
    local hangs='"replies": [{"path": "/api/query?type=CdpReplicaTaskSession", "nth": 2, "delay": 60}]'
    site "$(vm db01 "$over, $now_on")"
    renew
    all_but 7200
    site "$(vm db01 "$over, $now_on"), $(vm new "$just_failed")" "$hangs"
    renew --timeout=3
    has 2 "2 VMs: 1 critical, 1 ok" "new: Completed, Failed" "task sessions read, those that run and what changed since " \
        "notice: the snapshot has been renewed only by what changed since " "(timeout: "
    # Those who read it say so as well, and it is not tried each time.
    shared --vm=db01
    has 0 "notice: the snapshot has been renewed only by what changed since "
    site "$(vm db01 "$over, $now_on"), $(vm new "$just_failed")"
    renew
    is_refresh 2
    has 2 "EM does not tell everything again"
    all_is_due
    renew
    is_full "as is done every hour" 2
    lacks "EM does not tell everything again"
    all_but 21601
    site "$(vm db01 "$over, $now_on")" "$hangs"
    renew --timeout=3
    has 3 "CDP TASK UNKNOWN: timeout: "
}

@test "EM fails to tell policies or replicas again: what it told goes on, for six hours" {
    local stopped='{"uid": "00000000-0000-0000-0000-000000000004", "created": "-9h", "ended": "-3h"}'
    local fails='"replies": [{"path": "/api/query?type=CdpPolicy", "status": 500, "body": {"Message": "Out of memory"}}]'
    site "$(vm db01 "$stopped")"
    renew
    has 1 "idle" "though the policy P is enabled"
    all_is_due
    site "$(vm db01 "$stopped")" "$fails"
    renew
    has 1 "idle" "though the policy P is enabled" "EM does not tell everything again" "(server: EM answers 500"
    lacks "not known in this run"
    all_but 21601
    renew
    has 1 "notice: not known in this run: policies (server: "
    lacks "EM does not tell everything again"
    # Then it is asked each time, as what is not known is not as it was told.
    site "$(vm db01 "$stopped")"
    renew
    has 1 " what changed since " "though the policy P is enabled"
    lacks "not known in this run"
}

@test "whoever renews it, for however many VMs, is told of its own" {
    site "$(vm db01 "$over, $now_on"), $(vm web01 "{\"created\": \"-9h\", \"ended\": \"-1h\"}, {\"created\": \"-1h\"}")"
    for _ in everything changes; do
        shared --vm=db01 --vm=nobody --vm=web01 --snapshot-age=0 --format=json
        has 3
        valid_json
        [ "$(query '[.vms[] | .vm, .state] | @csv')" = '"db01","OK","nobody","UNKNOWN","web01","OK"' ]
    done
    shared --policy=P --policy=Q --snapshot-age=0
    has 3 "EM has no CDP task session of a policy named Q"
}

@test "--sessions-only: what changed, and nothing else" {
    site "$(vm db01 "$over, $now_on")"
    renew --sessions-only
    has 0 "task sessions read, in full: "
    control POST reset >/dev/null
    renew --sessions-only
    has 0 "task sessions read, those that run and what changed since "
    good_manners 3
}

@test "a fault while it is renewed leaves the snapshot as it was, and the next one asks for what changed since" {
    site "$(vm db01 "$over, $now_on")"
    renew
    site "$(vm db01 "$failed")" '"replies": [{"path": "/api/query", "status": 503, "times": 1}]'
    renew
    has 3 "CDP TASK UNKNOWN: server: " "the last answer is "
    control POST reset >/dev/null
    shared --vm=db01 --snapshot-age=1h
    has 0 "CDP TASK OK: db01"
    renew
    has 2 "db01: Completed, Failed" " what changed since "
}
