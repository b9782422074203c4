#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# An EM whose clock is not this host's: spans are measured by EM's, and the difference is a notice.

load support

scenario='{"vms": [
  {"name": "runs", "sessions": [{"state": "InProgress", "created": "-10m"},
                                {"state": "Completed", "created": "-8h", "ended": "-10m"}]},
  {"name": "ended", "sessions": [{"state": "Completed", "created": "-170m", "ended": "-50m"}]}]}'

setup_file() {
    start_em
}
teardown_file() {
    stop_em
}
setup() {
    CACHE=$BATS_TEST_TMPDIR/cache
    shift_clock 0
}

# shift_clock SECONDS: EM's clock is so far ahead, or behind; its sessions' times follow.
shift_clock() {
    local before=0
    [ ! -e "$BATS_FILE_TMPDIR/shift" ] || before=$(cat "$BATS_FILE_TMPDIR/shift")
    control POST advance "$(($1 - before))" >/dev/null
    echo "$1" >"$BATS_FILE_TMPDIR/shift"
    play "$scenario"
    control POST reset >/dev/null
}

# metric NAME: of the first VM of JSON.
metric() {
    jq ".vms[0].metrics.$1 | round" <<<"$output"
}

@test "without a difference nothing is said, and spans are as before" {
    check --vm runs
    has 0 "CDP TASK OK: runs: newest session: InProgress" "|duration=60"
    lacks "EM's clock"
    check --vm runs --format=json
    [ "$(jq '.notices == []' <<<"$output")" = true ]
}

@test "EM an hour ahead: a session that has just begun is OK, with its true spans" {
    local ahead
    for ahead in 3600 86400 310; do
        shift_clock "$ahead"
        check --vm runs --warning=15m --warning-age=15m
        has 0 "CDP TASK OK: runs: newest session: InProgress" "notice: EM's clock is " " ahead of this host's"
        check --vm runs --warning=5m
        has 1 " (warning: 5m)"
        check --vm ended --format=json
        has 0 "EM's clock is "
        [ "$(metric duration_seconds)" -eq 7200 ]
        [ "$(metric age_seconds)" -ge 2995 ]
        [ "$(metric age_seconds)" -le 3060 ]
    done
}

@test "EM a day behind: no false CRITICAL by age, and a true one comes" {
    shift_clock -86400
    check --vm runs --vm ended --critical-age=2h --critical=9h
    has 0 "CDP TASK OK: 2 VMs" "notice: EM's clock is 1d behind this host's"
    check --vm ended --critical-age=30m
    has 2 " (critical: 30m)" "EM's clock is 1d behind"
    check --all --list
    has 0
}

@test "a few seconds are no difference worth a notice, below 5 minutes it is taken into account" {
    shift_clock 240
    check --vm ended --format=json
    lacks "EM's clock"
    [ "$(metric age_seconds)" -ge 2995 ]
    [ "$(metric age_seconds)" -le 3060 ]
}

@test "each format and selector that asks EM says the difference" {
    local arguments
    shift_clock 7200
    for arguments in "--all" "--id 00000000-0000-4000-8000-000000000009" "--vm nobody" \
        "--all --format=json" "--all --list" "--policy nothing"; do
        # shellcheck disable=SC2086 # words
        check $arguments
        [[ $output == *"EM's clock is 2h ahead of this host's"* ]] || fail_with "not said: $arguments"
    done
}

@test "checked_at and passive times are this host's" {
    shift_clock -7200
    check --all --format=json
    local now checked
    now=$(date +%s)
    checked=$(jq -r '.checked_at | sub("\\.[0-9]+"; "") | fromdate' <<<"$output")
    [ $((now - checked)) -le 60 ]
    [ $((now - checked)) -ge 0 ]
    check --vm runs --format=passive
    checked=${output#[}
    checked=${checked%%]*}
    [ $((now - checked)) -le 5 ]
    [ $((now - checked)) -ge -60 ]
}

@test "--since is by EM's clock if it is behind, by this host's if it is ahead" {
    local row behind vms
    for row in 0:1 -86400:1 86400:2 600:1; do
        behind=${row%:*}
        vms=${row#*:}
        shift_clock "$behind"
        check --all --sessions-only --since=2h --format=json
        [ "$(query .counts.vms)" -eq 2 ] || fail_with "$behind: --since=2h"
        check --all --sessions-only --since=30m --format=json
        [ "$(query .counts.vms)" -eq "$vms" ] || fail_with "$behind: --since=30m, not $vms"
    done
}

# before SECONDS: that moment, by this host's clock.
before() {
    date -u -d "-$1 seconds" +%Y-%m-%dT%H:%M:%SZ
}

@test "--since hides no failure if the backup servers do not go by EM's clock" {
    local ahead selector options
    for ahead in 0 240 86400 172800 345600 -240 -86400; do
        shift_clock "$ahead"
        play '{"vms": [{"name": "b", "sessions": [{"created": "'"$(before 136800)"'", "ended": "'"$(before 108000)"'",
            "state": "Completed", "result": "Failed", "reason": "disk full"}]}]}'
        for selector in --all "--policy=CDP Policy" --vm=b; do
            for options in "" "--session-cache=$CACHE" "--session-cache=$CACHE"; do
                # shellcheck disable=SC2086 # none is no word
                check "$selector" --since=2d $options
                has 2 "b: Completed, Failed, " "disk full"
            done
        done
    done
}

@test "--since is by EM's clock, too, if its first answer is to the query: a cached logon" {
    check --vm runs --session-cache="$CACHE"
    shift_clock -86400
    check --all --since=2h --session-cache="$CACHE"
    has 0 "2 VMs" "EM's clock is 1d behind"
    shift_clock 600
    check --all --since=2h --session-cache="$CACHE"
    has 0 "2 VMs" "EM's clock is 10m ahead"
}

@test "EM up to 5 minutes behind, with a cached logon: one query" {
    local row
    for row in 0:1 -5:1 -240:1 240:1 86400:1 -86400:2; do
        shift_clock "${row%:*}"
        check --vm runs --session-cache="$CACHE"
        control POST reset >/dev/null
        check --all --sessions-only --no-last-completed --session-cache="$CACHE"
        has 0
        [ "$(count requests)" -eq "${row#*:}" ] || fail_with "$row: $(count requests) requests"
    done
}

@test "a session ahead of EM's own clock is UNKNOWN, and names EM" {
    shift_clock 3600
    play '{"vms": [{"name": "ahead", "sessions": [{"state": "Completed", "created": "-1h", "ended": "+40m"}]}]}'
    check --vm ahead
    has 3 "a session's time is " " ahead of EM's clock: compare the clocks of EM and the backup server"
}

@test "JSON has the difference, also of a fault and from a snapshot; null if it is not known" {
    local ahead
    for ahead in 0 240 7200 -86400; do
        shift_clock "$ahead"
        rm -rf "$BATS_TEST_TMPDIR/snapshots"
        for arguments in "--all" "--vm=nobody" "--all --snapshot=$BATS_TEST_TMPDIR/snapshots" \
            "--vm=runs --snapshot=$BATS_TEST_TMPDIR/snapshots"; do
            # shellcheck disable=SC2086 # words
            check --format=json $arguments
            valid_json
            [ "$(query ".em.clock_offset_seconds - $ahead | . > -3 and . < 3")" = true ] || fail_with "$arguments: not $ahead"
        done
    done
    plugin --format=json -H localhost -p 1 -u monitor --password-file="$PASSWORD_FILE" --vm=x
    has 3
    valid_json
    [ "$(query '[.em.clock_offset_seconds, .em.data_age_seconds, .em.state]')" = '[null,null,"UNKNOWN"]' ]
    plugin --format=json --input="$SRCDIR/tests/fixtures/v12/query.json"
    valid_json
    [ "$(query .em)" = null ]
    plugin --format=json --wrong
    has 3
    valid_json
    [ "$(query .em)" = null ]
}
