#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A password that EM refuses: checks that share a session cache or a snapshot send it once in ten minutes,
# lest the account be locked; another password is tried at once.

load support
load demo_em

setup() {
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    play "$(cat "$SRCDIR/tests/emulator/scenarios/demo.json")"
    afresh
    wrong="$BATS_TEST_TMPDIR/wrong"
    (umask 077 && echo "$WRONG_PASSWORD" >"$wrong")
}

# afresh: nothing is kept, every logon session is ended, and the counts are zeroed.
afresh() {
    rm -rf "$BATS_TEST_TMPDIR"/{cache,snapshots}
    control POST expire >/dev/null
    control POST reset >/dev/null
}

# sharing WAY: sets the options of a check that shares in that way, and the folder of the note.
ways="cache snapshot both"
sharing() {
    local cache=(--session-cache="$BATS_TEST_TMPDIR/cache")
    local snapshot=(--snapshot="$BATS_TEST_TMPDIR/snapshots" --snapshot-age=0)
    case $1 in
    cache) options=("${cache[@]}") folder="$BATS_TEST_TMPDIR/cache" ;;
    snapshot) options=("${snapshot[@]}") folder="$BATS_TEST_TMPDIR/snapshots" ;;
    both) options=("${cache[@]}" "${snapshot[@]}") folder="$BATS_TEST_TMPDIR/cache" ;;
    esac
    refused="$folder/monitor@localhost_$EM_PORT.refused"
}

# tried NUMBER: EM got so many logons, accepted or refused, and nothing is open but what a cache keeps.
tried() {
    local seen
    seen=$(control GET counts | jq '[.log[] | select(test("sessionMngr"))] | length')
    [ "$seen" -eq "$1" ] || fail_with "$seen logons were tried, not $1"
}

with_wrong() {
    check "${options[@]}" --vm srv-db01 --password-file="$wrong" "$@"
}
with_right() {
    check "${options[@]}" --vm srv-db01 "$@"
}

# is_refused: by EM in this run. is_held: EM was not asked.
is_refused() {
    has 3 "CDP TASK UNKNOWN: logon: EM answers 401 to POST /api/sessionMngr/" "check user and password"
    lacks "is not tried again"
    lacks notice
}
is_held() {
    has 3 "CDP TASK UNKNOWN: logon: EM answers 401 to POST /api/sessionMngr/" "check user and password" \
        "; that was " "this password is not tried again for another " \
        ", or until $refused is removed; a different one is tried at once"
    lacks notice
}

# refused_ago SECONDS: the note says that it was so long ago.
refused_ago() {
    sed -i "s/^refused 1 [0-9]*/refused 1 $((EPOCHSECONDS - $1))000000/" "$refused"
}

@test "20 checks at once, then 20 one after the other: the password is sent once" {
    local way i pids
    # Under a wrapper fewer: each takes many times as long.
    local crowd=${CHECK_WRAPPER:+3}
    for way in $ways; do
        sharing "$way"
        afresh
        pids=()
        for ((i = 0; i < ${crowd:-20}; i++)); do
            # shellcheck disable=SC2086 # the wrapper is a list of words
            ${CHECK_WRAPPER:-} "$CHECK_VEEAM_CDP_TASK" -H localhost -p "$EM_PORT" -u monitor -t 120 \
                --ca-file="$EM_CA" --password-file="$wrong" --vm srv-db01 "${options[@]}" \
                >"$BATS_TEST_TMPDIR/output.$i" 2>&1 3>&- &
            pids+=($!)
        done
        for ((i = 0; i < ${crowd:-20}; i++)); do
            status=0
            wait "${pids[i]}" || status=$?
            output=$(<"$BATS_TEST_TMPDIR/output.$i")
            has 3 "CDP TASK UNKNOWN: logon: EM answers 401 to POST /api/sessionMngr/"
            lacks "$WRONG_PASSWORD"
            lacks notice
        done
        tried 1
        for ((i = 0; i < ${crowd:-20}; i++)); do
            with_wrong
            is_held
        done
        tried 1
        [ "$(count requests)" -eq 1 ]
        [ "$(stat -c '%a %F' "$refused")" = "600 regular file" ]
        if grep -raqF -e "$WRONG_PASSWORD" "$folder"; then
            fail_with "the password is in $folder"
        fi
    done
}

@test "a corrected password is tried at once, and so is the next wrong one" {
    local way
    for way in $ways; do
        sharing "$way"
        afresh
        with_wrong
        is_refused
        with_right
        has 0 "CDP TASK OK: srv-db01"
        lacks notice
        tried 2
        # The wrong one was not lifted by that, if an old file is left somewhere.
        rm -f "$BATS_TEST_TMPDIR"/cache/*.session
        with_wrong
        is_held
        tried 2
        echo "$WRONG_PASSWORD-2" >"$wrong"
        with_wrong
        is_refused
        with_wrong
        is_held
        # Some checks may still have the first one.
        echo "$WRONG_PASSWORD" >"$wrong"
        with_wrong
        is_held
        tried 3
    done
}

@test "after ten minutes it is tried again, and is held again, or works and leaves nothing" {
    local way
    for way in $ways; do
        sharing "$way"
        afresh
        with_wrong
        refused_ago 240
        with_wrong
        is_held
        has 3 "; that was 4m"
        refused_ago 601
        with_wrong
        is_refused
        with_wrong
        is_held
        tried 2
        # The account was unlocked, or EM knows the password by now.
        play "$(jq '.replies = [{"path": "/api/sessionMngr", "status": 401, "times": 1}]' \
            "$SRCDIR/tests/emulator/scenarios/demo.json")"
        afresh
        with_right
        is_refused
        with_right
        is_held
        refused_ago 601
        with_right
        has 0 "CDP TASK OK: srv-db01"
        [ ! -e "$refused" ] || fail_with "the note is still there"
        tried 2
    done
}

@test "a clock that was set back, or a note that is not to be trusted: it is tried again, and noted" {
    local way make tries
    for way in $ways; do
        sharing "$way"
        afresh
        with_wrong
        tries=1
        for make in 'refused_ago -60' ': >"$refused"' 'truncate -s -1 "$refused"' 'echo rubbish >"$refused"' \
            'truncate -s 1T "$refused"' 'chmod 640 "$refused"' 'mv "$refused" "$folder/x" && ln -s x "$refused"' \
            'rm "$refused" && mkfifo -m 600 "$refused"'; do
            eval "$make"
            with_wrong
            is_refused
            with_wrong
            is_held
            tries=$((tries + 1))
            tried "$tries"
            rm -f "$folder/x"
        done
        [ "$(id -u)" -eq 0 ] || continue # only root can give a file to another user
        chown nobody "$refused"
        with_wrong
        is_refused
        with_wrong
        is_held
    done
}

@test "--em is held as well, --probe and who shares nothing are not" {
    sharing snapshot
    with_wrong
    is_refused
    check "${options[@]}" --em --password-file="$wrong"
    is_held
    with_wrong --format=json
    has 3
    valid_json
    [ "$(query .error.kind)" = logon ]
    tried 1
    check --probe --session-cache="$BATS_TEST_TMPDIR/snapshots" --password-file="$wrong"
    has 3 "EM answers 401"
    lacks "is not tried again"
    tried 2
    check --vm srv-db01 --password-file="$wrong"
    is_refused
    tried 3
}

@test "EM quotes the password as it refuses it: neither the fault nor the note has it" {
    local body="user monitor, password $WRONG_PASSWORD: wrong"
    sharing cache
    play "$(jq --arg body "$body" '.replies = [{"path": "/api/sessionMngr", "status": 401, "body": {"Message": $body}}]' \
        "$SRCDIR/tests/emulator/scenarios/demo.json")"
    for _ in asks holds; do
        with_wrong
        has 3 "user monitor, password ***: wrong"
        lacks "$WRONG_PASSWORD"
    done
    has 3 "is not tried again"
    grep -q 'password \*\*\*: wrong' "$refused"
    if grep -raqF -e "$WRONG_PASSWORD" -e "$(printf 'monitor:%s' "$WRONG_PASSWORD" | base64)" "$folder"; then
        fail_with "the password is in $folder"
    fi
}

@test "another user and another EM are not held" {
    sharing cache
    with_wrong
    is_refused
    with_wrong -u other
    is_refused
    with_wrong --connect-to="127.0.0.1:$EM_PORT"
    is_refused
    tried 3
}

@test "a 401 in the middle is no refused password, nor is a 403 to the logon" {
    local way
    for way in $ways; do
        sharing "$way"
        afresh
        play "$(jq '.replies = [{"path": "/api/query", "status": 401}]' "$SRCDIR/tests/emulator/scenarios/demo.json")"
        with_right
        has 3 "CDP TASK UNKNOWN: logon: " "fresh logon"
        [ ! -e "$refused" ]
        play "$(jq '.replies = [{"path": "/api/sessionMngr", "status": 403}]' "$SRCDIR/tests/emulator/scenarios/demo.json")"
        afresh
        with_right
        has 3 "CDP TASK UNKNOWN: forbidden: "
        with_right
        has 3 "CDP TASK UNKNOWN: forbidden: "
        tried 2
        [ ! -e "$refused" ]
    done
}

@test "EM ends a kept session and refuses the password, which was changed there: one logon, then none" {
    sharing cache
    with_right
    has 0 "CDP TASK OK: srv-db01"
    control POST expire >/dev/null
    play "$(jq '.replies = [{"path": "/api/sessionMngr", "status": 401}]' "$SRCDIR/tests/emulator/scenarios/demo.json")"
    with_right
    is_refused
    with_right
    is_held
    tried 2
}

@test "a held password with a snapshot that is young: the check goes on; an old one's age is said" {
    sharing snapshot
    with_right
    with_wrong
    is_refused
    has 3 "; the last answer is "
    with_wrong
    is_held
    has 3 "; the last answer is "
    with_wrong --snapshot-age=1h
    has 0 "CDP TASK OK: srv-db01" "snapshot: EM's answer is "
    tried 2
}

@test "what can't be noted is a notice" {
    sharing cache
    mkdir -p -m 0700 "$refused/in the way"
    with_wrong
    has 3 "CDP TASK UNKNOWN: logon: EM answers 401" \
        "notice: $folder: that EM refused the password can't be noted, so the next check tries it again: the file can't be replaced"
}
