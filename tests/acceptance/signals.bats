#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A run that is told to stop, as monitoring systems do with what takes too long: it logs off, says so
# and is gone within a second or so.

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
signalled() {
    # shellcheck disable=SC2086 # the wrapper is a list of words
    env --default-signal=HUP,INT ${CHECK_WRAPPER:-} "$CHECK_VEEAM_CDP_TASK" \
        -H localhost -p "$EM_PORT" -u monitor \
        --password-file="$PASSWORD_FILE" --ca-file="$EM_CA" --vm srv-db01 "$@" \
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
    stopped TERM 3
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
    stopped TERM 3
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

# waits_for_input PID: once it is the plugin, and catches the signal, it does so or is about to.
waits_for_input() {
    [[ $(readlink "/proc/$1/exe") == "$CHECK_VEEAM_CDP_TASK" ]] &&
        [[ $(sed -n 's/^SigCgt:\t//p' "/proc/$1/status") == *[4-7c-f]??? ]]
}

@test "a signal while standard input is waited for" {
    mkfifo "$BATS_TEST_TMPDIR/silent"
    exec 7<>"$BATS_TEST_TMPDIR/silent"

    "$CHECK_VEEAM_CDP_TASK" --input=- <&7 >"$BATS_TEST_TMPDIR/output" &
    local pid=$!
    until_true waits_for_input "$pid"
    kill -TERM "$pid"
    status=0
    wait "$pid" || status=$?
    exec 7>&-
    output=$(<"$BATS_TEST_TMPDIR/output")
    has 3 "CDP TASK UNKNOWN: terminated: by a signal"
}
