#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# --session-cache: many checks, one logon; and whatever is wrong with the cache, the check holds.

load support
load demo_em
load session_cache

# at_once NUMBER: so many checks together; each must be OK, without a notice.
at_once() {
    local i pids=() failed=0
    for ((i = 0; i < $1; i++)); do
        # shellcheck disable=SC2086 # the wrapper is a list of words
        ${CHECK_WRAPPER:-} "$CHECK_VEEAM_CDP_TASK" -H localhost -p "$EM_PORT" -u monitor -t 120 \
            --password-file="$PASSWORD_FILE" --ca-file="$EM_CA" --vm srv-db01 \
            --session-cache="$BATS_TEST_TMPDIR/cache" >"$BATS_TEST_TMPDIR/output.$i" 2>&1 &
        pids+=($!)
    done
    for ((i = 0; i < $1; i++)); do
        wait "${pids[i]}" || failed=$?
        output=$(<"$BATS_TEST_TMPDIR/output.$i") status=$failed
        no_notice
    done
}

# in_small_file_system SCRIPT OPTION…: a check whose cache is a file system of 4 KiB of its own, in which
# the script was run before.
in_small_file_system() {
    local prepare=$1
    shift
    mkdir -p "$BATS_TEST_TMPDIR/cache"
    unshare --user --map-root-user --mount true 2>/dev/null ||
        skip "unshare may not make a mount namespace here"
    # shellcheck disable=SC2086 # the wrapper is a list of words
    run unshare --user --map-root-user --mount bash -c '
        mount -t tmpfs -o size=4k,mode=700 tmpfs "$1" && cd "$1" && eval "$2" && shift 2 && "$@"' \
        bash "$BATS_TEST_TMPDIR/cache" "$prepare" ${CHECK_WRAPPER:-} "$CHECK_VEEAM_CDP_TASK" \
        -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --ca-file="$EM_CA" \
        --vm srv-db01 --session-cache="$BATS_TEST_TMPDIR/cache" "$@"
}

@test "the first check logs on, the next ones use its logon, and none logs off" {
    cached -vv
    no_notice
    has 0 "session cache: the logon is kept for the next run" "POST /api/sessionMngr"
    cached -vv
    no_notice
    has 0 "session cache: an earlier run's logon is used"
    lacks POST
    logged_on 1 0 1
    [ "$(count requests)" -eq 5 ] # of each its sessions, and how old EM's data is
    [ "$(stat -c '%a %F' "$session")" = "600 regular file" ]
    [ "$(stat -c %a "$BATS_TEST_TMPDIR/cache")" = 700 ]
}

# Under a wrapper fewer: each takes many times as long.
crowd=${CHECK_WRAPPER:+5}
crowd=${crowd:-50}

@test "50 checks at once on a cold cache: one logon" {
    at_once "$crowd"
    logged_on 1 0 1
}

@test "EM ends the session under 50 checks: one fresh logon" {
    cached
    control POST expire >/dev/null
    at_once "$crowd"
    logged_on 2 0 1
}

@test "a logon that was not used for 14 minutes is not tried any more" {
    cached
    touch -d '-13 minutes -50 seconds' "$session"
    cached
    no_notice
    logged_on 1 0 1
    touch -d '-14 minutes' "$session"
    cached -vv
    no_notice
    has 0 "POST /api/sessionMngr"
    # Of the first session nothing is known but that EM ends it in the next minute.
    logged_on 2 0 2
    # A use counts from then on.
    touch -d '-10 minutes' "$session"
    cached
    [ "$(($(date +%s) - $(stat -c %Y "$session")))" -lt 60 ]
}

@test "a changed password is a new logon, and a wrong one is not helped by the cache" {
    cached
    (umask 077 && echo "$WRONG_PASSWORD" >"$BATS_TEST_TMPDIR/wrong")
    cached --password-file="$BATS_TEST_TMPDIR/wrong"
    has 3 "CDP TASK UNKNOWN: logon: "
    cached
    no_notice
    logged_on 1 0 1
}

@test "always 401: one fresh logon, a fault, and no more than one session stays open" {
    local i
    play "$(jq '.replies = [{"path": "/api/query", "status": 401}]' "$SRCDIR/tests/emulator/scenarios/demo.json")"
    for i in 1 2 3; do
        cached
        has 3 "CDP TASK UNKNOWN: logon: " "fresh logon"
        [ "$(count open_sessions)" -le 1 ] || fail_with "logon sessions pile up"
    done
}

@test "always 401 to many at once: what EM refuses does not stay open" {
    local i pids=()
    play "$(jq '.replies = [{"path": "/api/query", "status": 401}]' "$SRCDIR/tests/emulator/scenarios/demo.json")"
    for ((i = 0; i < 8; i++)); do
        "$CHECK_VEEAM_CDP_TASK" -H localhost -p "$EM_PORT" -u monitor -t 60 \
            --password-file="$PASSWORD_FILE" --ca-file="$EM_CA" --vm srv-db01 \
            --session-cache="$BATS_TEST_TMPDIR/cache" >/dev/null &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        status=0
        wait "$i" || status=$?
        [ "$status" -eq 3 ]
    done
    [ "$(count open_sessions)" -le 1 ] || fail_with "$(count open_sessions) logon sessions are open"
}

@test "an answer that is a fault is a use of the logon, too" {
    cached
    touch -d '-13 minutes' "$session"
    play "$(jq '.replies = [{"path": "/api/query", "status": 403}]' "$SRCDIR/tests/emulator/scenarios/demo.json")"
    cached
    has 3 "CDP TASK UNKNOWN: forbidden: "
    [ "$(($(date +%s) - $(stat -c %Y "$session")))" -lt 60 ]
}

@test "a logoff that hangs does not keep a refused logon from being replaced" {
    cached
    control POST expire >/dev/null
    play "$(jq '.replies = [{"method": "DELETE", "delay": 60}]' "$SRCDIR/tests/emulator/scenarios/demo.json")"
    cached
    no_notice
    logged_on 2 0 1
}

@test "a directory that is not to be trusted is a notice, and the check logs on and off by itself" {
    local make
    for make in 'mkdir -m 0777 cache' 'mkdir -m 0720 cache' 'mkdir real && ln -s real cache' \
        'mkfifo cache' 'echo >cache'; do
        afresh
        rm -rf "$BATS_TEST_TMPDIR"/{cache,real}
        (umask 0 && cd "$BATS_TEST_TMPDIR" && eval "$make")
        cached
        has 0 "CDP TASK OK: srv-db01" "notice: --session-cache=$BATS_TEST_TMPDIR/cache: "
        logged_on 1 1 0
    done
    rm "$BATS_TEST_TMPDIR/cache"
    cached --session-cache="$BATS_TEST_TMPDIR/no/where" --format=json
    has 0
    valid_json
    [[ $(query '.notices[]') == "--session-cache=$BATS_TEST_TMPDIR/no/where: the directory can't be opened: "* ]]
}

@test "a file that is not to be trusted is a notice, and is replaced" {
    local make
    for make in 'echo rubbish >"$session"' ': >"$session"' 'truncate -s 1T "$session"' \
        'mkfifo "$session"' 'ln -s /etc/passwd "$session"' 'head -c 100 "$session.old" >"$session"' \
        'cp "$session.old" "$session" && chmod 604 "$session"'; do
        afresh
        cached
        mv "$session" "$session.old"
        (umask 077 && eval "$make")
        cached
        has 0 "CDP TASK OK: srv-db01" "notice: --session-cache="
        cached
        no_notice
        logged_on 2 0 2
    done
}

@test "another user's file is a notice, and is replaced" {
    [ "$(id -u)" -eq 0 ] || skip "only root can give a file to another user"
    cached
    chown nobody "$session"
    cached
    has 0 "notice: --session-cache=" "the file is another user's"
    cached
    no_notice
    chown nobody "$BATS_TEST_TMPDIR/cache"
    cached
    has 0 "notice: --session-cache=" "the directory is another user's"
}

@test "a full disk is a notice, and nothing half-written stays" {
    in_small_file_system 'head -c 4096 /dev/zero >fill' -vv
    has 0 "CDP TASK OK: srv-db01" "notice: --session-cache=" "No space left on device"
    logged_on 1 1 0
    in_small_file_system 'head -c 4096 /dev/zero >fill; trap "ls" EXIT'
    has 0 "CDP TASK OK: srv-db01" "fill" "$EM_PORT.lock"
    lacks .new
    lacks .session$'\n'
}

@test "a read-only directory is a notice; a session that is in it is used" {
    in_small_file_system 'mount -o remount,ro "$PWD"'
    has 0 "CDP TASK OK: srv-db01" "notice: --session-cache=" "Read-only file system"
    logged_on 1 1 0
    rm -rf "$BATS_TEST_TMPDIR/cache"
    cached
    cp "$session" "$BATS_TEST_TMPDIR/session"
    in_small_file_system 'cp ../session "'"${session##*/}"'" && mount -o remount,ro "$PWD"' -vv
    has 0 "CDP TASK OK: srv-db01" "an earlier run's logon is used" "its time of use can't be noted"
    logged_on 2 1 1
}

# hold_lock: another process has the lock until let_go.
hold_lock() {
    mkdir -p -m 0700 "$BATS_TEST_TMPDIR/cache"
    (umask 077 && : >"${session%.session}.lock")
    mkfifo "$BATS_TEST_TMPDIR/held"
    flock "${session%.session}.lock" bash -c 'echo held >"$1"; read -r <"$1"' bash \
        "$BATS_TEST_TMPDIR/held" 3>&- &
    read -r <"$BATS_TEST_TMPDIR/held"
}

let_go() {
    echo >"$BATS_TEST_TMPDIR/held"
    wait
}

@test "a lock that is held for long: half the time, then a logon of its own" {
    hold_lock
    cached -t 10
    has 0 "CDP TASK OK: srv-db01" "notice: --session-cache=" "another run has held its lock for too long"
    logged_on 1 1 0
    let_go
    cached
    no_notice
    logged_on 2 1 1
}

@test "a signal while the lock is waited for: no logon, terminated" {
    hold_lock
    # shellcheck disable=SC2086 # the wrapper is a list of words
    ${CHECK_WRAPPER:-} "$CHECK_VEEAM_CDP_TASK" -H localhost -p "$EM_PORT" -u monitor -t 60 \
        --password-file="$PASSWORD_FILE" --ca-file="$EM_CA" --vm srv-db01 \
        --session-cache="$BATS_TEST_TMPDIR/cache" >"$BATS_TEST_TMPDIR/output" 2>&1 3>&- &
    local pid=$!
    until_true has_lock_open "$pid"
    kill -TERM "$pid"
    status=0
    wait "$pid" || status=$?
    output=$(<"$BATS_TEST_TMPDIR/output")
    has 3 "CDP TASK UNKNOWN: terminated: by a signal, while waiting for the lock"
    logged_on 0 0 0
    let_go
}

@test "another EM behind the same name gets another file" {
    cached --connect-to="127.0.0.1:$EM_PORT"
    cached --connect-to="[::1]:$EM_PORT"
    no_notice
    logged_on 2 0 2
    [ "$(ls "$BATS_TEST_TMPDIR/cache/"*.session | wc -l)" -eq 2 ]
}
