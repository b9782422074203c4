#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Each system call that the session cache, a snapshot or --save makes fails, or is the last one before the
# check is killed. strace does it; it looks at calls alone that have to do with their files.

load ../acceptance/support
load ../acceptance/demo_em
load ../acceptance/session_cache

# What the check keeps there, and which files that are.
kept=--session-cache
watched() {
    printf -- '-P\n%s\n' "$BATS_TEST_TMPDIR/cache" "$session" "${session%.*}".{lock,new,failure} \
        "$BATS_TEST_TMPDIR/cache/monitor@localhost_$EM_PORT".{refused,refused-new,refused-lock}
}

# traced OPTION… : a check under strace, which sees what has to do with those files alone.
traced() {
    local watched
    mapfile -t watched < <(watched)
    # LeakSanitizer does not work in a program that is traced.
    ASAN_OPTIONS=detect_leaks=0 run strace -f -qq -o "$BATS_TEST_TMPDIR/trace" "${watched[@]}" "$@" \
        "$CHECK_VEEAM_CDP_TASK" -H localhost -p "$EM_PORT" -u monitor -t 60 \
        --password-file="$PASSWORD_FILE" --ca-file="$EM_CA" --vm srv-db01 \
        "$kept=$BATS_TEST_TMPDIR/cache"
}

# with_snapshot: from here on that is what is kept, and $session is its file.
with_snapshot() {
    kept=--snapshot
    cached() {
        check --vm srv-db01 --snapshot="$BATS_TEST_TMPDIR/cache"
    }
    cached
    session=$(echo "$BATS_TEST_TMPDIR/cache/"*.snapshot)
}

# calls: each call of the trace as NAME:WHEN, such as openat:3, the third one.
calls() {
    sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' "$BATS_TEST_TMPDIR/trace" | awk '{print $1 ":" ++n[$1]}'
}

# disturbed WARM INJECTION: makes a cache if WARM is not empty, then disturbs a check.
disturbed() {
    afresh
    [ -z "$1" ] || cached
    traced -e "$2"
}

# chosen_calls: those that are to be disturbed: all, or one of $TESTS_SHARE, other ones each time.
chosen_calls() {
    local share=${TESTS_SHARE:-1}
    calls | awk -v share="$share" -v first="$((RANDOM % share))" 'NR % share == first'
}

# shows_tried WHAT: how many it was, and of which share.
shows_tried() {
    echo "# $tried $1$([ "${TESTS_SHARE:-1}" -eq 1 ] || echo ", one call of $TESTS_SHARE")" >&3
}

# errors CALL: what it may fail with. EINTR where the call may wait.
errors() {
    case $1 in
    flock | read | write | pread64 | pwrite64) echo EINTR EIO ENOSPC+ ;;
    *) echo EIO ENOSPC+ ;;
    esac
}

can_trace() {
    [ -z "${CHECK_WRAPPER:-}" ] || skip "not under a wrapper: strace is one"
    command -v strace >/dev/null || skip "strace is not installed"
    strace -qq -e inject=getppid:error=EIO -o /dev/null true 2>/dev/null || skip "strace may not trace here"
}

# each_call_fails THEN: makes each call of a check fail, without a cache and with one. THEN WHAT looks at
# what became of the check, and at the next ones.
each_call_fails() {
    local warm call error tried=0
    for warm in "" warm; do
        afresh
        [ -z "$warm" ] || cached
        traced
        lacks notice
        for call in $(chosen_calls); do
            for error in $(errors "${call%:*}"); do
                # With the plus, that call and all of its name that follow.
                disturbed "$warm" "inject=${call%:*}:error=${error%+}:when=${call#*:}${error#"${error%+}"}"
                grep -q INJECTED "$BATS_TEST_TMPDIR/trace" || fail_with "$call was not made to fail"
                tried=$((tried + 1))
                "$1" "$call, $error"
            done
        done
    done
    shows_tried "calls were made to fail"
}

# killed_at_each_call THEN: kills a check at each call, without a cache and with one. THEN WHAT looks at the
# next ones.
killed_at_each_call() {
    local warm call tried=0
    for warm in "" warm; do
        afresh
        [ -z "$warm" ] || cached
        traced
        for call in $(chosen_calls); do
            disturbed "$warm" "inject=${call%:*}:signal=KILL:when=${call#*:}"
            [ "$status" -eq 137 ] || fail_with "$call: exit code $status, not killed"
            tried=$((tried + 1))
            "$1" "$call"
        done
    done
    shows_tried "checks were killed"
}

# is_ok_with_one_session WHAT
is_ok_with_one_session() {
    has 0 "CDP TASK OK: srv-db01"
    # What can't be read can't be logged off when it is replaced.
    local most
    most=$([[ $output == *"can't be read"* ]] && echo 2 || echo 1)
    cached
    no_notice
    [ "$(count open_sessions)" -le "$most" ] || fail_with "$1: $(count open_sessions) sessions are open"
}

# the_next_are_ok OPEN WHAT: that many sessions may be open, of the killed run and of what is kept.
the_next_are_ok() {
    cached
    no_notice
    [ "$(count open_sessions)" -le "$1" ] || fail_with "$2: $(count open_sessions) sessions are open"
    cached
    no_notice
    [ "$(count logons)" -le 2 ] || fail_with "$2: $(count logons) logons"
}

@test "each system call of the cache fails: the check is OK, and one session at most stays open" {
    can_trace
    each_call_fails is_ok_with_one_session
}

@test "a check is killed at each system call of the cache: the next one is OK and sees nothing of it" {
    can_trace
    # One that the killed run may have opened, and the one that is in use.
    next_of_cache() { the_next_are_ok 2 "$1"; }
    killed_at_each_call next_of_cache
}

@test "each system call of a snapshot fails: the check is OK, and no session stays open" {
    can_trace
    with_snapshot
    is_ok_without_session() {
        has 0 "CDP TASK OK: srv-db01"
        cached
        no_notice
        has 0 "snapshot: EM's answer is "
        [ "$(count open_sessions)" -eq 0 ] || fail_with "$1: a session is open"
    }
    each_call_fails is_ok_without_session
}

@test "a check is killed at each system call of a snapshot: the next one is OK and sees nothing of it" {
    can_trace
    with_snapshot
    next_of_snapshot() {
        cached
        no_notice
        has 0 "snapshot: EM's answer is "
        # What the killed run may have opened.
        the_next_are_ok 1 "$1"
    }
    killed_at_each_call next_of_snapshot
}

# with_wrong_password: from here on the checks have it, and $right is the file of the right one.
with_wrong_password() {
    right=$PASSWORD_FILE
    PASSWORD_FILE=$BATS_TEST_TMPDIR/wrong
    (umask 077 && echo "$WRONG_PASSWORD" >"$PASSWORD_FILE")
}

# is_refused_again WHAT: the next check with that password says what EM said, and so does the one after it,
# without a third try; the right password is tried at once.
is_refused_again() {
    cached
    has 3 "CDP TASK UNKNOWN: logon: EM answers 401"
    cached
    has 3 "CDP TASK UNKNOWN: logon: EM answers 401" "is not tried again"
    [ "$(control GET counts | jq '[.log[] | select(test("sessionMngr"))] | length')" -le 2 ] ||
        fail_with "$1: the password was sent more than twice"
    PASSWORD_FILE=$right cached
    no_notice
}

@test "each system call of a refused logon's note fails: the fault is EM's refusal, and the next check notes it" {
    can_trace
    with_wrong_password
    is_refused() {
        has 3 "CDP TASK UNKNOWN: logon: EM answers 401"
        is_refused_again "$1"
    }
    each_call_fails is_refused
}

@test "a check is killed at each system call of a refused logon's note: the next one sees nothing of it" {
    can_trace
    with_wrong_password
    killed_at_each_call is_refused_again
}

# What writing a file takes, whatever the machine calls it.
writing='?rename,?renameat,?renameat2,?unlink,?unlinkat,openat,write,close'

# saving OPTION…: a probe under strace that saves EM's answers where something is saved already.
saving() {
    rm -rf "$BATS_TEST_TMPDIR/saved"
    mkdir "$BATS_TEST_TMPDIR/saved"
    echo before >"$BATS_TEST_TMPDIR/saved/em.json"
    ASAN_OPTIONS=detect_leaks=0 run strace -qq -y -o "$BATS_TEST_TMPDIR/trace" "$@" \
        "$CHECK_VEEAM_CDP_TASK" -H localhost -p "$EM_PORT" -u monitor -t 60 --probe \
        --password-file="$PASSWORD_FILE" --ca-file="$EM_CA" --save="$BATS_TEST_TMPDIR/saved/em.json"
}

# saving_calls: each call that has to do with the file, as NAME:WHEN: by the first thread's count, in which
# calls on other files have their numbers as well.
saving_calls() {
    sed -n 's/^\([a-z0-9_]*\)(\(.*\)/\1 \2/p' "$BATS_TEST_TMPDIR/trace" |
        awk '{ n[$1]++ } /saved\/em\.json/ { print $1 ":" n[$1] }' | grep -E '^(openat|write|close|rename|unlink)[a-z0-9]*:'
}

# saved: what is in the file and what is beside it: "before", or "whole" if it has all of EM's answers.
saved() {
    if [ "$(cat "$BATS_TEST_TMPDIR/saved/em.json")" = before ]; then
        echo before
    else
        jq -e '.exchanges | length > 20' "$BATS_TEST_TMPDIR/saved/em.json" >/dev/null && echo whole
    fi
    find "$BATS_TEST_TMPDIR/saved" -name 'em.json?*' -printf beside
}

@test "each system call of --save fails: a fault that names the file, which is as it was; nothing beside it" {
    can_trace
    local call error look tried=0
    saving -e trace="$writing"
    has 0 "saved: $BATS_TEST_TMPDIR/saved/em.json"
    [ "$(saved)" = whole ]
    look=$(saving_calls | grep -m 1 close) # of what is made to see whether a file can be
    for call in $(saving_calls); do
        for error in EIO ENOSPC; do
            saving -e trace="$writing" -e "inject=${call%:*}:error=$error:when=${call#*:}"
            grep -q 'saved/em.json.*INJECTED' "$BATS_TEST_TMPDIR/trace" || fail_with "$call was not made to fail"
            tried=$((tried + 1))
            case $call,$status,$(saved) in
            "$look,0,whole" | unlink*,0,whole*beside) ;;
            *,3,before) has 3 "--save: $BATS_TEST_TMPDIR/saved/em.json can't be written: " ;;
            *) fail_with "$call, $error: exit code $status, $(saved)" ;;
            esac
            [ "$(count open_sessions)" -eq 0 ]
        done
    done
    shows_tried "calls were made to fail"
}

@test "a probe is killed at each system call of --save: the file is as it was, or whole" {
    can_trace
    local call tried=0
    saving -e trace="$writing"
    for call in $(saving_calls); do
        saving -e trace="$writing" -e "inject=${call%:*}:signal=KILL:when=${call#*:}"
        [ "$status" -eq 137 ] || fail_with "$call: exit code $status, not killed"
        tried=$((tried + 1))
        [[ $(saved) =~ ^(before|whole)($'\n'beside|beside)?$ ]] || fail_with "$call: $(saved)"
        control POST expire >/dev/null
    done
    shows_tried "probes were killed"
}
