#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What EM is asked besides the task sessions of late, in which order, and what its silence does.

load support

setup_file() {
    start_em --scenario="$SRCDIR/tests/emulator/scenarios/demo.json"
}
teardown_file() {
    stop_em
}
setup() {
    snapshot=$BATS_TEST_TMPDIR/snapshot
}

policies='{"name":"Gold"},{"name":"Silver"}'
running='{"created":"-2h"},{"created":"-10h","ended":"-2h"}'

# play_site VMS [MORE [POLICIES]]: VMs of the policies Gold and Silver, and more keys of the scenario.
play_site() {
    play '{"user":"monitor","password":"'"$PASSWORD"'","policies":['"${3:-$policies}"'],
        "vms":['"$1"']'"${2:+,$2}"'}'
    control POST reset >/dev/null
}

# well NAME [POLICY]: a VM whose replication works.
well() {
    printf '{"name":"%s","policy":"%s","sessions":[%s]}' "$1" "${2:-Gold}" "$running"
}

# requests: what EM was asked, a word each: sessions of late, of a VM, or older ones by names, to a moment or not.
requests() {
    control GET counts | jq -r '.log[]' | sed -E \
        -e 's/^POST .*/logon/' -e 's/^DELETE .*/logoff/' \
        -e 's/.*type=CdpReplicaTaskSession&.*filter=VmDisplayName.*/vm/' \
        -e 's/.*type=CdpReplicaTaskSession&.*filter=%28VmDisplayName.*%29%3B%28CreationTimeUTC.*/older/' \
        -e 's/.*type=CdpReplicaTaskSession&.*filter=%28VmDisplayName.*/oldest/' \
        -e 's/.*type=CdpReplicaTaskSession&.*/tasks/' -e 's/.*type=CdpReplicaSession&.*/sessions/' \
        -e 's/.*type=CdpPolicy&.*filter=Name.*/policy/' -e 's/.*type=CdpPolicy&.*/policies/' \
        -e 's/.*type=SystemSession&.*/collection/' -e 's/.*type=CdpReplica&.*/replicas/' \
        -e 's/.*\/api\/cdpReplicas\/.*/vms/' -e 's/.*\/api\/cdpReplica\/vms.*/vms/' \
        -e 's/.*\/api\/cdpReplicaTaskSessions\/.*/id/' -e 's/.*\/api\/systemSessions.*/system/' | paste -sd ' '
}

# asks WORDS OPTION…: checks, and compares all that EM was asked between logon and logoff.
asks() {
    local expected="logon $1 logoff" seen
    shift
    control POST reset >/dev/null
    check "$@"
    seen=$(requests)
    [ "$seen" = "$expected" ] || fail_with "$*: asked '$seen', not '$expected'"
}

@test "what is asked at a healthy site, and in which order" {
    play_site "$(well a),$(well b)"
    asks "vm collection" --vm=a
    has 0
    asks "vm vm collection" --vm=a --vm=b
    asks "vm" --vm=a --warning-data-age=~:
    asks "vm" --vm=a --sessions-only
    asks "tasks policies collection replicas vms" --all
    has 0
    asks "tasks policies replicas vms" --all --warning-data-age=~:
    asks "tasks" --all --sessions-only
    asks "sessions tasks policy collection replicas vms" --policy=Gold
    has 0
    asks "sessions tasks" --policy=Gold --sessions-only
    asks "sessions tasks sessions policy policy collection replicas vms replicas" --policy=Gold --policy=Silver
    asks "tasks policies collection" --em
    has 0
    asks "tasks policies" --em --warning-data-age=~:
}

@test "--id: nothing but the session" {
    play_site '{"name":"a","sessions":[{"created":"-40h","uid":"2ec4d35f-b5d8-4cb3-9d11-12e1d5792625"}]}'
    asks "id" --id=2ec4d35f-b5d8-4cb3-9d11-12e1d5792625
    has 0
}

@test "--vm: a VM that shows a sign has its policy asked for, once for all of a policy" {
    local idle='[{"created":"-20h","ended":"-12h"}]'
    play_site '{"name":"a","policy":"Gold","sessions":'"$idle"'},{"name":"b","policy":"Gold","sessions":'"$idle"'},
        {"name":"c","policy":"Silver","sessions":[{"created":"-40h"},{"created":"-48h","ended":"-40h"}]},'"$(well d)"
    asks "vm collection policy" --vm=a
    has 1 "idle"
    asks "vm vm vm vm collection policy policy" --vm=a --vm=b --vm=c --vm=d
    has 1 "3 warning, 1 ok" "a: idle" "[WARNING] b, policy Gold, backup server vbr01.example.invalid: idle" \
        "[WARNING] c, policy Silver, backup server vbr01.example.invalid: overdue"
    asks "vm vm collection" --vm=d --vm=a --idle-after=24h
    has 0
    play_site '{"name":"a","policy":"Gold","sessions":'"$idle"'}' '' '{"name":"Gold","enabled":false}'
    asks "vm collection policy" --vm=a
    has 1 "disabled"
}

@test "--vm: one without a session may be known by a policy, or else by a replica" {
    play_site '{"name":"new","policy":"Gold","sessions":[]},
        {"name":"bare","policy":"Silver","left":true,"replica":true,"sessions":[]},'"$(well d Silver)"
    asks "vm collection policies" --vm=new
    has 1 "new: uncovered"
    asks "vm vm collection policies" --vm=new --vm=d
    has 1 "new: uncovered"
    asks "vm collection policies replicas vms" --vm=ghost
    has 3 "not-found"
    asks "vm collection policies replicas vms" --vm=bare
    lacks "not-found"
}

@test "whatever EM refuses, or fails at, the verdict on the sessions stands, and the rest is asked for" {
    local code refused
    for code in 400 403 404 500; do
        refused='"refuses":{"policies":'$code',"policies_query":'$code',"replicas":'$code',"replicas_query":'$code',
            "replica_vms":'$code',"system_sessions":'$code',"system_sessions_query":'$code',"system_session_events":'$code'}'
        play_site "$(well a)" "$refused"
        for how in --vm=a --all --policy=Gold "--all --snapshot=$snapshot.$code" "--vm=a --snapshot=$snapshot.$code"; do
            # shellcheck disable=SC2086 # a list of words
            check $how -v
            has 0 "CDP TASK OK: a: "
            if [ $code = 500 ]; then
                has 0 "not known in this run: " "data collection"
            else
                has 0 "not told to this user: " "data collection"
            fi
        done
        [ "$(count open_sessions)" = 0 ]
        play_site '{"name":"a","sessions":[{"created":"-9h","ended":"-2h","result":"Failed"}]}' "$refused"
        check --all
        has 2 "Completed, Failed"
        check --em
        lacks "CDP TASK OK: EM"
    done
    # One by one.
    for refused in policies replicas; do
        play_site "$(well a)" '"refuses":{"'$refused'":403,"'$refused'_query":403,"replica_vms":'$([ $refused = replicas ] && echo 403 || echo 0)'}'
        control POST reset >/dev/null
        check --all -v
        has 0 "not told to this user: $refused ("
        [[ $(requests) == "logon tasks policies collection replicas"*" logoff" ]]
    done
}

@test "a Portal User's run: what it may not see is one notice" {
    play_site "$(well a)" '"role":"Portal User"'
    check --all
    has 0
    lacks "not told"
    check --all -v
    has 0 "not told to this user: data collection ("
    check --all --warning-data-age=1h
    has 3
}

@test "too little time: the sessions are judged, what follows is not asked for, and the logoff is kept" {
    play_site "$(well a)" '"replies":[{"path":"/api/query?type=CdpPolicy","delay":30}]'
    for how in --all --policy=Gold; do
        control POST reset >/dev/null
        check $how -t 3 -v
        has 0 "CDP TASK OK: a: " "not known in this run: policies, data collection, replicas (timeout: "
        [[ $(requests) == *"tasks polic"*" logoff" ]]
        lacks "logoff failed"
    done
    # A VM whose running session hides an older one has that before anything else.
    play_site '{"name":"a","sessions":[{"created":"-5d"},{"created":"-6d","ended":"-5d","result":"Failed","reason":"disk full"}]}' \
        '"replies":[{"path":"/api/query?type=CdpPolicy","delay":30}]'
    check --all -t 3
    has 2 "last completed session: Completed, Failed" "disk full" "older sessions"
    # What is slow is the last.
    play_site "$(well a)" '"replies":[{"path":"/api/cdpReplicas/","delay":30}]'
    check --all -t 3 -v
    has 0 "not known in this run: replicas (timeout: "
    lacks "uncovered=1"
    # Without the sessions there is no verdict.
    play_site "$(well a)" '"replies":[{"path":"/api/query?type=CdpReplicaTaskSession","delay":30}]'
    asks "tasks" --all -t 3
    has 3 "CDP TASK UNKNOWN: timeout: "
}

@test "a connection that is lost ends the asking, not the verdict" {
    play_site "$(well a)" '"replies":[{"path":"/api/query?type=CdpPolicy","drop":true}]'
    check --all -v
    has 0 "CDP TASK OK: a: " "not known in this run: policies, data collection, replicas (unreachable: "
    [[ $(requests) != *collection* ]]
}

@test "a fault of the sessions is the run's, and nothing else is asked for; of one policy, of its own" {
    play_site "$(well a)" '"replies":[{"path":"/api/query?type=CdpReplicaTaskSession","status":500}]'
    asks "tasks" --all
    has 3 "CDP TASK UNKNOWN: server: "
    asks "vm" --vm=a
    has 3 "server: "
    play_site "$(well a),$(well b Silver)" \
        '"replies":[{"path":"/api/query?type=CdpReplicaSession&format=Entities&filter=PolicyName%3D%3D%22Gold","status":500}]'
    asks "sessions sessions tasks policy collection replicas vms" --policy=Gold --policy=Silver
    has 3 "Gold: server: " "1 ok"
}

@test "of several policies all are known, or none" {
    local idle='{"name":"a","policy":"Gold","sessions":[{"created":"-20h","ended":"-12h"}]}'
    local disabled='{"name":"Gold","enabled":false},{"name":"Silver"}'
    play_site "$idle,$(well b Silver)" '' "$disabled"
    check --policy=Gold --policy=Silver
    has 1 "a: disabled"
    play_site "$idle,$(well b Silver)" \
        '"replies":[{"path":"/api/query?type=CdpPolicy&format=Entities&filter=Name%3D%3D%22Silver","status":403}]' "$disabled"
    check --policy=Gold --policy=Silver -v
    has 1 "a: idle" "not told to this user: policies"
    lacks "a: disabled"
}

@test "VMs that should have sessions are asked for by name, and judged by their last one, however old" {
    play_site "$(well a),"'{"name":"stopped","policy":"Gold","sessions":[{"created":"-20d","ended":"-19d","result":"Failed","reason":"disk full"},
        {"created":"-21d","ended":"-20d"}]},{"name":"never","policy":"Gold","sessions":[]}'
    asks "tasks policies collection replicas vms older oldest" --all
    has 2 "3 VMs: 1 critical, 1 warning, 1 ok" "stopped: Completed, Failed, ended 19d ago: disk full" "never, policy Gold, backup server vbr01.example.invalid: uncovered"
    asks "sessions tasks policy collection replicas vms older oldest" --policy=Gold
    has 2 "3 VMs: 1 critical, 1 warning, 1 ok" "stopped: Completed, Failed, ended 19d ago: disk full"
    check --vm=stopped --snapshot="$snapshot"
    has 2 "stopped: Completed, Failed, ended 19d ago: disk full"
    check --vm=never --snapshot="$snapshot"
    has 1 "never: uncovered"
    asks "tasks" --all --sessions-only
    has 0 "a: "
    # If they can't be read, the rest stands.
    play_site "$(well a),"'{"name":"stopped","policy":"Gold","sessions":[{"created":"-20d","ended":"-19d","result":"Failed"}]}' \
        '"replies":[{"path":"/api/query?type=CdpReplicaTaskSession&format=Entities&filter=%28VmDisplayName","status":500}]'
    check --all
    has 1 "2 VMs: 1 warning, 1 ok" "stopped: uncovered" "not known in this run: older sessions (server: "
    # Nor does a check from a snapshot hide it, whichever VM it is for.
    for how in --all --all --vm=stopped; do
        check "$how" --snapshot="$snapshot.failed"
        has 1 "stopped: uncovered" "not known in this run: older sessions (server: "
    done
    check --vm=a --snapshot="$snapshot.failed"
    has 0 "a: " "not known in this run: older sessions (server: "
}

@test "an age is not made young by sessions that failed since long" {
    local failed
    failed=$(for ((i = 0; i < 20; i++)); do printf '{"created":"-%dh","ended":"-%dh","result":"Failed"},' $((10 + 8 * i)) $((2 + 8 * i)); done)
    play_site '{"name":"a","sessions":[{"created":"-2h"},'"$failed"'{"created":"-170h","ended":"-162h"},{"created":"-178h","ended":"-170h"}]}'
    for how in --all --policy=Gold --vm=a "--all --snapshot=$snapshot" "--vm=a --snapshot=$snapshot"; do
        # shellcheck disable=SC2086 # a list of words
        check $how --map=Failed=ok --critical-age=6d --since=3d --format=json
        has 2
        [ "$(query '.vms[0].metrics.age_seconds | . > 583000 and . < 583400')" = true ] || fail_with "$how"
    done
    # Where none went well for a month, that is all there is to know.
    failed=$(for ((i = 0; i < 45; i++)); do printf '{"created":"-%dh","ended":"-%dh","result":"Failed"},' $((26 + 24 * i)) $((2 + 24 * i)); done)
    play_site '{"name":"a","sessions":['"$failed"'{"created":"-60d","ended":"-59d"}]}'
    asks "tasks policies collection replicas vms older" --all --map=Failed=ok --critical-age=20d --format=json
    has 2
    asks "vm collection policy" --vm=a --map=Failed=ok --critical-age=20d --format=json
    has 2
}

# moving OTHERS [REPLIES]: a VM that ran under Gold until 40 hours ago, and under Silver as OTHERS say.
moving() {
    play_site "$(well b),"'{"name":"a","policy":"Gold","left":true,"sessions":[{"created":"-48h","ended":"-40h"},{"created":"-56h","ended":"-48h"}]},
        {"name":"a","policy":"Silver","sessions":['"$1"']}' "${2:-}"
}

@test "--policy: a VM that another policy has now was moved; one that both had was not" {
    moving '{"created":"-2h"},{"created":"-39h","ended":"-2h"}'
    asks "sessions tasks policy collection replicas vms older" --policy=Gold -v
    has 0 "moved"
    lacks "[WARNING]"
    check --all -v
    has 0 "moved"
    # It has run there since before.
    local long='{"created":"-2h"},{"created":"-30h","ended":"-2h"},{"created":"-43h","ended":"-30h"},{"created":"-100h","ended":"-43h"}'
    play_site "$(well b),"'{"name":"a","policy":"Gold","sessions":[{"created":"-48h","ended":"-40h"},{"created":"-56h","ended":"-48h"}]},
        {"name":"a","policy":"Silver","sessions":['"$long"']}'
    for how in --policy=Gold --all "--policy=Gold --policy=Silver"; do
        # shellcheck disable=SC2086 # a list of words
        check $how -v
        has 1 "policy Gold, backup server vbr01.example.invalid: idle for 1d 15h"
        lacks "moved"
    done
    check --policy=Gold --list
    lacks Silver
}

@test "--all: a VM that stopped long ago was not moved to a namesake that runs since before" {
    local both sessions
    # Every 8 hours for 20 days.
    sessions=$(printf '{"created":"-2h"}'; for ((i = 0; i < 60; i++)); do printf ',{"created":"-%dh","ended":"-%dh"}' $((10 + 8 * i)) $((2 + 8 * i)); done)
    both="$(well b),"'{"name":"a","policy":"Silver","sessions":['"$sessions"']},
        {"name":"a","policy":"Gold","replica":true,"sessions":[{"created":"-10d","ended":"-9d 23h"},{"created":"-11d","ended":"-10d"}]}'
    local contained='{"name":"Gold","includes":[{"type":"Folder","name":"Prod"}]},{"name":"Silver"}'
    play_site "$both" '' "$contained"
    for how in --all --policy=Gold "--policy=Gold --policy=Silver" "--all --snapshot=$snapshot" "--policy=Gold --snapshot=$snapshot"; do
        # shellcheck disable=SC2086 # a list of words
        check $how -v
        has 1 "uncovered"
        lacks "moved"
    done
    # Nor if its sessions can't be read.
    play_site "$both" \
        '"replies":[{"path":"/api/query?type=CdpReplicaTaskSession&format=Entities&filter=%28VmDisplayName","status":500}]' "$contained"
    for how in --all "--all --snapshot=$snapshot.failed" "--all --snapshot=$snapshot.failed"; do
        # shellcheck disable=SC2086 # a list of words
        check $how -v
        has 1 "uncovered" "not known in this run: older sessions"
        lacks "moved"
    done
}

@test "--em: EM must answer a query, and is always asked" {
    play_site "$(well a)"
    check --em --snapshot="$snapshot"
    asks "tasks policies collection" --em --snapshot="$snapshot"
    has 0
    play_site "$(well a)" '"replies":[{"path":"/api/query?type=CdpReplicaTaskSession","status":404,"body":""}]'
    asks "tasks" --em
    has 3 "CDP TASK UNKNOWN: protocol: EM answers 404"
    play_site "$(well a)" '"replies":[{"path":"/api/query?type=CdpReplicaTaskSession","status":503,"body":""}]'
    check --em --unreachable-result=critical
    has 2 "server: "
    play_site "" '"may":{"read_cdp":false}'
    check --em
    has 3 "forbidden: "
}

@test "a logon from the cache: the same is asked, without logon and logoff" {
    local cache=--session-cache=$BATS_TEST_TMPDIR/cache
    mkdir -m 700 "$BATS_TEST_TMPDIR/cache"
    play_site "$(well a)"
    check --em "$cache"
    control POST reset >/dev/null
    check --em "$cache"
    has 0
    [ "$(requests)" = "tasks policies collection" ]
    control POST expire >/dev/null
    control POST reset >/dev/null
    check --all "$cache"
    has 0
    [ "$(count logons)" = 1 ]
}
