#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A run that is told to stop, as monitoring systems do with what takes too long: it logs off, says so
# and is gone within a second or so.

# shellcheck disable=SC2030,SC2031 # each test is a subshell
load support
load demo_em

# slow PATH: requests for it are answered in half a minute.
slow() {
    play "$(jq --arg path "$1" '.replies = [{"path": $path, "delay": 30}]' \
        "$SRCDIR/tests/emulator/scenarios/demo.json")"
}

# The plugin leaves ignored what is: SIGINT in background jobs, SIGHUP under nohup.
# stopped SIGNAL REQUESTS OPTION…: runs a check, sends it the signal once EM has got so many requests,
# and takes its output and exit code as run does. Where the machine is so busy that the check has ended
# by then, it is done again, some times.
stopped() {
    local signal=$1 requests=$2 pid tries=5
    shift 2
    until signalled "$@"; do
        [ "$((--tries))" -gt 0 ] || fail_with "the check ended before its signal, again and again"
        wait "$pid" || true
        control POST reset >/dev/null
    done
    SECONDS=0
    status=0
    wait "$pid" || status=$?
    output=$(<"$BATS_TEST_TMPDIR/output")
    mapfile -t lines <"$BATS_TEST_TMPDIR/output"
    [ "$SECONDS" -le 4 ] || fail_with "it took $SECONDS s to stop"
}

# signalled OPTION…: starts the check $pid for stopped, whether $signal found it.
selector=(--vm=srv-db01)
signalled() {
    # shellcheck disable=SC2086 # the wrapper is a list of words
    env --default-signal=HUP,INT ${CHECK_WRAPPER:-} "$CHECK_VEEAM_CDP_TASK" \
        -H localhost -p "$EM_PORT" -u monitor \
        --password-file="$PASSWORD_FILE" --ca-file="$EM_CA" "${selector[@]}" "$@" \
        >"$BATS_TEST_TMPDIR/output" 2>&1 &
    pid=$!
    until_true em_got "$requests"
    kill "-$signal" "$pid" 2>/dev/null
}

@test "a signal while EM is asked: it logs off, says so, exits 3" {
    local signal
    slow /api/query
    for signal in TERM INT HUP; do
        control POST reset >/dev/null
        stopped "$signal" 2
        has 3 "CDP TASK UNKNOWN: terminated: by a signal"
        is_one_line
        [ "$(count logons)" -eq 1 ]
        [ "$(count open_sessions)" -eq 0 ] || fail_with "a logon session was left open"
    done
}

# slow_points OPTION…: restore points are answered in half a minute. Sets $posted, how many requests EM has
# got once such a check asks for them.
slow_points() {
    check "${selector[@]}" "$@"
    posted=$(control GET counts | jq '.log | map(startswith("POST /api/cdpReplicas/")) | index(true) + 1')
    play "$(jq '.replies = [{"method": "POST", "path": "/api/cdpReplicas/", "delay": 30}]' \
        "$SRCDIR/tests/emulator/scenarios/demo.json")"
    control POST reset >/dev/null
}

@test "a signal while EM is asked for restore points: it logs off, says so, exits 3" {
    local signal kept=(--rpo --critical-lag=5m --snapshot="$BATS_TEST_TMPDIR/snapshot" --snapshot-age=1d)
    slow_points --rpo
    for signal in TERM INT HUP; do
        control POST reset >/dev/null
        stopped "$signal" "$posted" --rpo
        has 3 "CDP TASK UNKNOWN: terminated: by a signal, while waiting for https://localhost:$EM_PORT"
        is_one_line
        [ "$(count logons) $(count logoffs) $(count open_sessions)" = "1 1 0" ]
    done
    play "$(cat "$SRCDIR/tests/emulator/scenarios/demo.json")"
    check --all "${kept[@]:2}"
    control POST reset >/dev/null
    slow_points "${kept[@]}"
    [ "$posted" -eq 2 ] # the rest is in the snapshot
    stopped TERM "$posted" "${kept[@]}" --format=json
    has 3
    valid_json
    [ "$(query .error.kind)" = terminated ]
    [ "$(count logons) $(count logoffs) $(count open_sessions)" = "1 1 0" ]
}

@test "a signal while a probe asks for restore points: what was seen, and the file of --save" {
    local file=$BATS_TEST_TMPDIR/em.json selector=(--probe)
    slow_points
    stopped TERM "$posted" --save="$file"
    has 3 "CDP TASK UNKNOWN: terminated: by a signal, while waiting for" "ok   logon: " "ok   policies: " "saved: $file"
    [ "$(count logons) $(count logoffs) $(count open_sessions)" = "1 1 0" ]
    [ "$(jq -r '[.exchanges[] | select(.failure) | "\(.request.method) \(.failure)"] | join(",")' "$file")" = \
        "POST terminated" ]
    [ "$(find "$BATS_TEST_TMPDIR" -name 'em.json*')" = "$file" ]
}

@test "a signal during the logon: its answer is waited for, so that it can be logged off" {
    play "$(jq '.replies = [{"path": "/api/sessionMngr", "delay": 0.9}]' "$SRCDIR/tests/emulator/scenarios/demo.json")"
    stopped TERM 1
    has 3 "CDP TASK UNKNOWN: terminated: "
    [ "$(count logons)" -eq 1 ]
    [ "$(count open_sessions)" -eq 0 ] || fail_with "a logon session was left open"
}

@test "an EM that hangs on the logon: a second and no more" {
    slow /api/sessionMngr
    stopped TERM 1 --format=json
    has 3
    valid_json
    [ "$(query .error.kind)" = terminated ]
    control POST expire >/dev/null
}

@test "a signal during the logoff does not keep it from being done" {
    play "$(jq '.replies = [{"method": "DELETE", "delay": 0.9}]' "$SRCDIR/tests/emulator/scenarios/demo.json")"
    stopped TERM 4
    has 0 "CDP TASK OK: srv-db01"
    lacks "logoff failed"
    [ "$(count open_sessions)" -eq 0 ] || fail_with "a logon session was left open"
}

@test "an EM that hangs on the logoff, too: a second and no more" {
    play "$(jq '.replies = [{"path": "/api/query", "delay": 30}, {"method": "DELETE", "delay": 30}]' \
        "$SRCDIR/tests/emulator/scenarios/demo.json")"
    stopped TERM 2
    has 3 "CDP TASK UNKNOWN: terminated: "
    play "$(jq '.replies = [{"method": "DELETE", "delay": 30}]' "$SRCDIR/tests/emulator/scenarios/demo.json")"
    control POST reset >/dev/null
    stopped TERM 4
    has 0 "notice: logoff failed"
    control POST expire >/dev/null
}

@test "an output that nobody reads does not keep it from ending" {
    mkfifo "$BATS_TEST_TMPDIR/unread"
    exec 7<>"$BATS_TEST_TMPDIR/unread"
    /usr/bin/python3 -c 'import json
print(json.dumps({"CdpReplicaTaskSessions": [{"UID": str(i), "VmDisplayName": "vm%d" % i,
    "State": "Completed", "Result": "Success"} for i in range(3000)]}))' >"$BATS_TEST_TMPDIR/answer.json"
    SECONDS=0
    status=0
    "$CHECK_VEEAM_CDP_TASK" --input="$BATS_TEST_TMPDIR/answer.json" --format=json --timeout=1 >&7 || status=$?
    exec 7>&-
    [ "$status" -eq 3 ]
    [ "$SECONDS" -le 6 ]
}

# waits_for_input PID: once it is the plugin, and its thread waits for signals, it does so or is about to.
waits_for_input() {
    [[ $(readlink "/proc/$1/exe") == "$CHECK_VEEAM_CDP_TASK" ]] &&
        [[ $(sed -n 's/^SigBlk:\t//p' "/proc/$1/status") == *[4-7c-f]??? ]]
}

@test "a signal while standard input is waited for" {
    local signal pid
    mkfifo "$BATS_TEST_TMPDIR/silent"
    exec 7<>"$BATS_TEST_TMPDIR/silent"
    for signal in TERM XCPU ABRT; do
        "$CHECK_VEEAM_CDP_TASK" --input=- <&7 >"$BATS_TEST_TMPDIR/output" &
        pid=$!
        until_true waits_for_input "$pid"
        kill "-$signal" "$pid"
        status=0
        wait "$pid" || status=$?
        output=$(<"$BATS_TEST_TMPDIR/output")
        if [ "$signal" = ABRT ]; then # as a library does that gives up
            has 3 "CDP TASK UNKNOWN: internal: a library has given up (SIGABRT)"
        else
            has 3 "CDP TASK UNKNOWN: terminated: by a signal"
        fi
    done
    exec 7>&-
}

# early SIGNAL OPTION…: a run whose ini file is a FIFO that never gets a writer gets the signal once it
# waits for it; "" sends none.
early() {
    local signal=$1 pid
    shift
    [ -p "$BATS_TEST_TMPDIR/ini" ] || mkfifo "$BATS_TEST_TMPDIR/ini"
    "$CHECK_VEEAM_CDP_TASK" --extra-opts="@$BATS_TEST_TMPDIR/ini" "$@" >"$BATS_TEST_TMPDIR/output" &
    pid=$!
    if [ -n "$signal" ]; then
        until_true waits_for_input "$pid"
        kill "-$signal" "$pid"
    fi
    status=0
    wait "$pid" || status=$?
    output=$(<"$BATS_TEST_TMPDIR/output")
    mapfile -t lines <"$BATS_TEST_TMPDIR/output"
}

@test "a signal while an ini file is waited for: the report has the format that was asked for" {
    early TERM --format=text
    has 3 "CDP TASK UNKNOWN: terminated: by a signal"
    is_one_line
    early TERM --format=json
    has 3
    valid_json
    [ "$(query .error.kind)" = terminated ]
    early TERM --form json --list
    has 3
    [ "$(query .error.kind)" = terminated ]
    early TERM --format openmetrics
    has 3 'veeam_cdp_up{server=""} 0' "# EOF"
    early TERM --passive-service=CDP -H em01.example.invalid --format=passive
    has 3 "PROCESS_SERVICE_CHECK_RESULT;em01.example.invalid;CDP;3;CDP TASK UNKNOWN: terminated: "
    is_one_line
}

@test "the deadline while an ini file is waited for: its seconds, state and format" {
    early "" -t 0.1:critical --format=json
    has 2
    valid_json
    [ "$(query '"\(.state) \(.error.kind)"')" = "CRITICAL timeout" ]
    [[ $(query .error.message) == *" 0.1 s "* ]]
    early "" --timeout 0.1:ok --vm=-t
    has 0 "CDP TASK OK: timeout: the deadline of 0.1 s has passed"
    early "" --timeout=0.1
    has 3 "CDP TASK UNKNOWN: timeout: the deadline of 0.1 s has passed"
    early "" -t0.1:1 --format=openmetrics --no-such-option
    has 1 'kind="timeout"'
}

@test "the ini file's deadline and the command line's: each with its own state" {
    printf '[check_veeam_cdp_task]\ntimeout=0.1:warning\n' >"$BATS_TEST_TMPDIR/file.ini"
    mkfifo "$BATS_TEST_TMPDIR/silent"
    exec 7<>"$BATS_TEST_TMPDIR/silent"
    plugin --extra-opts="@$BATS_TEST_TMPDIR/file.ini" --input=- <&7
    has 1 "CDP TASK WARNING: timeout: the deadline of 0.1 s has passed"
    plugin --extra-opts="@$BATS_TEST_TMPDIR/file.ini" --input=- -t 0.2:critical <&7
    has 2 "CDP TASK CRITICAL: timeout: the deadline of 0.2 s has passed"
    plugin --extra-opts="@$BATS_TEST_TMPDIR/file.ini" --input=- -t 0.2 <&7
    has 1 "CDP TASK WARNING: timeout: the deadline of 0.2 s has passed"
    exec 7>&-
}

# full_pipe TIMEOUT…: runs at once, one for each --timeout, whose standard output is a pipe that is full and
# that nobody reads, and whose standard input never comes. Prints their exit codes.
full_pipe() {
    run /usr/bin/python3 -I - "$CHECK_VEEAM_CDP_TASK" "$@" <<'EOF'
import os, subprocess, sys

silent = os.pipe()
unread = os.pipe()
os.set_blocking(unread[1], False)
try:
    while True:
        os.write(unread[1], bytes(4096))
except BlockingIOError:
    os.set_blocking(unread[1], True)
checks = [subprocess.Popen([sys.argv[1], "--input=-", "--timeout=" + timeout], stdin=silent[0],
                           stdout=unread[1]) for timeout in sys.argv[2:]]
print(*(check.wait(60) for check in checks))
EOF
}

@test "a full pipe does not keep the last words from an end: 3, whatever --timeout's state" {
    full_pipe 0.1 0.1:ok 0.1:critical
    [ "$output" = "3 3 3" ] || fail_with "other exit codes"
}

# on_dead_disk SIGNAL SECONDS OPTION…: runs at once, one for each option, with that timeout, on a file
# system that never answers: waits for it end by a fatal signal and by nothing else, as those for a hard
# NFS mount. The runs get the signal, if any, once they wait. Prints exit code and output of each.
on_dead_disk() {
    local script
    [ -z "${CHECK_WRAPPER:-}" ] || skip "a wrapper would hang as well"
    mkdir -p "$BATS_TEST_TMPDIR/disk"
    # shellcheck disable=SC2016 # they are the inner shell's
    script='exec 9<>/dev/fuse &&
        mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0 none "$1" || exit 77
        plugin=$2 signal=$3 seconds=$4
        shift 4
        for option; do
            "$plugin" -H localhost -p 1 -u monitor --vm=srv-db01 -t "$seconds" "$option" 9>&- &
            pids+=($!)
        done
        for pid in "${pids[@]}"; do
            until [ -z "$signal" ] || grep -q "^State:.*D" "/proc/$pid/status"; do :; done
            [ -z "$signal" ] || kill "-$signal" "$pid"
        done
        for pid in "${pids[@]}"; do wait "$pid"; echo "exit code $?"; done'
    VEEAM_EM_PASSWORD=$WRONG_PASSWORD run timeout -s KILL 60 unshare --mount bash -c "$script" bash \
        "$BATS_TEST_TMPDIR/disk" "$CHECK_VEEAM_CDP_TASK" "$@" 3>&-
    [[ $status -ne 77 && $output != *unshare* ]] || skip "no FUSE file system can be mounted here"
    has 0
}

# all_had TEXT NUMBER: so many runs printed that.
all_had() {
    [ "$(grep -cF "$1" <<<"$output")" -eq "$2" ] || fail_with "it is not $2 times there: $1"
}

@test "a dead disk: the deadline and a signal end it, with its words and its state" {
    local disk=$BATS_TEST_TMPDIR/disk
    local options=(--password-file="$disk/password" --snapshot="$disk/snapshots" --session-cache="$disk"
        --extra-opts="@$disk/ini" --input="$disk/answer" --ca-file="$disk/ca.pem")
    on_dead_disk "" 0.5:warning "${options[@]}"
    all_had "CDP TASK WARNING: timeout: the deadline of 0.5 s has passed" 6
    all_had "exit code 1" 6
    on_dead_disk TERM 60 "${options[@]}"
    all_had "CDP TASK UNKNOWN: terminated: by a signal" 6
    all_had "exit code 3" 6
}
