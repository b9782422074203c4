#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What is printed: whole, and to standard output as the caller opened it, or else the exit code is 3.

# shellcheck disable=SC2030,SC2031 # each test is a subshell
load support
load demo_em

fixtures=$SRCDIR/tests/fixtures/v13

# make_fleet COUNT: an answer in $fleet whose VMs are all well: their exit code is 0, and only what
# could not be written makes it 3.
make_fleet() {
    fleet=$BATS_TEST_TMPDIR/fleet.json
    jq -nc --argjson count "$1" '{CdpReplicaTaskSessions: [range($count) | {
        UID: "u\(.)", VmDisplayName: "server-\(.)", State: "Completed", Result: "Success",
        CreationTimeUTC: (now - 9000 | todate), EndTimeUTC: (now - 1800 | todate), TotalSize: 1000}]}' >"$fleet"
}

# ends_with EXIT-CODE COMMAND…: without a word on standard error. Standard output is the caller's.
ends_with() {
    local wanted=$1
    shift
    status=0
    "$@" 2>"$BATS_TEST_TMPDIR/errors" || status=$?
    output=$(<"$BATS_TEST_TMPDIR/errors")
    [ "$status" -eq "$wanted" ] || fail_with "exit code $status, not $wanted: ${*:2}"
    [ -z "$output" ] || fail_with "on standard error, by ${*:2}"
}

# saved OPTION…: the plugin without EM.
saved() {
    "$CHECK_VEEAM_CDP_TASK" --input="$fleet" "$@"
}

# asked OPTION…: the same with EM.
asked() {
    "$CHECK_VEEAM_CDP_TASK" -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" \
        --ca-file="$EM_CA" --vm=srv-db01 "$@"
}

# The ways to print; some are several words.
ways=(--format=text --format=json --format=openmetrics --format=passive --list "--list --format=json"
    --perfdata=vm -v "-v --perfdata=vm")

@test "a full device: 3, in all formats" {
    make_fleet 50
    local way
    for way in "${ways[@]}"; do
        # shellcheck disable=SC2086 # several words
        ends_with 0 saved $way >/dev/null
        # shellcheck disable=SC2086
        ends_with 3 saved $way >/dev/full
    done
    for way in -vv -vvv "-vvv --format=json" --format=passive; do
        # shellcheck disable=SC2086
        ends_with 0 asked $way >/dev/null
        # shellcheck disable=SC2086
        ends_with 3 asked $way >/dev/full
    done
    [ "$(count open_sessions)" -eq 0 ]
}

@test "a full device: 3 also where a fault has another exit code" {
    local way
    for way in text json openmetrics passive; do
        ends_with 1 "$CHECK_VEEAM_CDP_TASK" --input="$fixtures/query.json" --vm=none --empty-result=warning \
            --format="$way" >/dev/null
        ends_with 3 "$CHECK_VEEAM_CDP_TASK" --input="$fixtures/query.json" --vm=none --empty-result=warning \
            --format="$way" >/dev/full
    done
}

@test "a limit on the size of files: 3 where it cuts the output, and no signal" {
    make_fleet 50
    local way
    for way in "${ways[@]}"; do
        # shellcheck disable=SC2086 # several words
        ends_with 3 prlimit --fsize=100 "$CHECK_VEEAM_CDP_TASK" --input="$fleet" $way >"$BATS_TEST_TMPDIR/cut"
        [ "$(stat -c %s "$BATS_TEST_TMPDIR/cut")" -le 100 ]
    done
    ends_with 0 prlimit --fsize=10000 "$CHECK_VEEAM_CDP_TASK" --input="$fleet" --vm=server-1 \
        >"$BATS_TEST_TMPDIR/whole"
    [[ $(<"$BATS_TEST_TMPDIR/whole") == "CDP TASK OK: server-1: "* ]]
}

# limited BYTES OPTION…: a check whose files have that limit.
limited() {
    local bytes=$1
    shift
    run prlimit --fsize="$bytes" "$CHECK_VEEAM_CDP_TASK" -H localhost -p "$EM_PORT" -u monitor \
        --password-file="$PASSWORD_FILE" --ca-file="$EM_CA" --vm=srv-db01 "$@"
}

@test "a limit on the size of files is a notice of a cache or snapshot, and no session stays open" {
    local bytes kept
    for kept in session-cache snapshot; do
        for bytes in 0 100; do
            control POST reset >/dev/null
            limited "$bytes" "--$kept=$BATS_TEST_TMPDIR/$kept-$bytes"
            has 0 "CDP TASK OK: srv-db01" "notice: --$kept=" "File too large"
            [ "$(count logons)" -eq 1 ]
            [ "$(count open_sessions)" -eq 0 ] || fail_with "a logon session was left open"
            # Nothing half-written stays.
            [ -z "$(find "$BATS_TEST_TMPDIR/$kept-$bytes" -type f ! -name '*.lock')" ]
        done
    done
    # Not all VMs were asked for, which only a snapshot has use for.
    [ "$(control GET counts | jq '[.log[] | select(test("VmDisplayName"))] | length')" -eq 1 ]
}

@test "a file system that is full: 3" {
    make_fleet 1000
    mkdir "$BATS_TEST_TMPDIR/small"
    unshare --user --map-root-user --mount true 2>/dev/null ||
        skip "unshare may not make a mount namespace here"
    local way
    for way in --format=json --format=openmetrics --list --perfdata=vm; do
        # shellcheck disable=SC2016 # they are the inner shell's
        ends_with 3 unshare --user --map-root-user --mount bash -c '
            mount -t tmpfs -o size=4k tmpfs "$1" && "${@:2}" >"$1/output"' \
            bash "$BATS_TEST_TMPDIR/small" "$CHECK_VEEAM_CDP_TASK" --input="$fleet" "$way"
    done
}

# read_late OPTION…: what a reader gets who begins only once the pipe, which is not to block, is full.
read_late() {
    /usr/bin/python3 -I - "$CHECK_VEEAM_CDP_TASK" "$@" >"$BATS_TEST_TMPDIR/late" <<'EOF'
import fcntl, os, struct, subprocess, sys, termios

reader, writer = os.pipe()
os.set_blocking(writer, False)
check = subprocess.Popen(sys.argv[1:], stdout=writer)
os.close(writer)
before = -1
while True:
    waiting = struct.unpack("i", fcntl.ioctl(reader, termios.FIONREAD, bytes(4)))[0]
    if waiting == before > 0 or check.poll() is not None:
        break
    before = waiting
    try:
        check.wait(0.1)
    except subprocess.TimeoutExpired:
        pass
ended = check.poll() is not None
with open(reader, "rb") as pipe:
    sys.stdout.buffer.write(pipe.read())
sys.exit(100 if ended else check.wait())
EOF
}

@test "a pipe that is not to block and is read late gets all of it" {
    make_fleet 2000
    local way late=$BATS_TEST_TMPDIR/late
    for way in --format=json --format=openmetrics --format=passive --perfdata=vm; do
        status=0
        read_late --input="$fleet" "$way" || status=$?
        output="$(wc -c <"$late") bytes"
        [ "$status" -eq 0 ] || fail_with "$way: exit code $status"
        [ "$(stat -c %s "$late")" -gt 65536 ] || fail_with "$way: no more than a pipe holds"
        case $way in
        *json) [ "$(jq '.vms | length' "$late")" -eq 2000 ] ;;
        *openmetrics) [ "$(tail -n 1 "$late")" = "# EOF" ] ;;
        *passive) [ "$(grep -c PROCESS_SERVICE_CHECK_RESULT "$late")" -eq 2001 ] ;;
        *vm) [ "$(head -n 1 "$late" | grep -oE 'server-[0-9]+_age=' | wc -l)" -eq 2000 ] ;;
        esac || fail_with "$way: not whole"
    done
}

# closed DESCRIPTORS OPTION…: runs the plugin without these, such as 01.
closed() {
    local which=$1
    shift
    run /usr/bin/python3 -I -c '
import os, sys
for descriptor in sys.argv[1]:
    os.close(int(descriptor))
os.execv(sys.argv[2], sys.argv[2:])' "$which" "$CHECK_VEEAM_CDP_TASK" "$@"
}

# closed_but_asks DESCRIPTORS OPTION…: a check of EM, whose output is all there if it has one.
closed_but_asks() {
    closed "$1" -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" \
        --ca-file="$EM_CA" --vm=srv-db01 "${@:2}"
    if [[ $1 == *1* ]]; then
        has 3
        [ -z "$output" ] || fail_with "closed: $1"
    else
        has 0 srv-db01
        lacks "notice: "
    fi
}

@test "standard descriptors that are closed: 3 without standard output, else nothing is amiss" {
    local which folder
    for which in 0 1 2 01 02 12 012; do
        folder=$BATS_TEST_TMPDIR/$which
        closed_but_asks "$which" --format=text
        closed_but_asks "$which" --format=json
        closed_but_asks "$which" --snapshot="$folder"
        closed_but_asks "$which" --session-cache="$folder"
        # What was kept is what the next run finds.
        check --vm=srv-db01 --snapshot="$folder" --snapshot-age=1d
        has 0 "snapshot: EM's answer is "
        lacks notice
        check --vm=srv-db01 --session-cache="$folder" -vv
        has 0 "an earlier run's logon is used"
        lacks notice
        control POST expire >/dev/null
    done
}

@test "standard output that is closed: 3 in all formats and in faults" {
    local which way
    for which in 1 01 12 012; do
        for way in "${ways[@]}" --help --version --no-such-option "--vm=none --empty-result=ok"; do
            # shellcheck disable=SC2086 # several words
            closed "$which" --input="$fixtures/entity.json" --map=Failed=ok $way
            has 3
            [ -z "$output" ] || fail_with "closed: $which"
        done
    done
}

@test "what is to come from a standard input that is closed is a usage fault" {
    local which
    for which in 0 02; do
        closed "$which" -H localhost -p "$EM_PORT" -u monitor --password-file=- --ca-file="$EM_CA" --vm=srv-db01
        has 3 "CDP TASK UNKNOWN: usage: --password-file: standard input is closed"
        closed "$which" --input=-
        has 3 "CDP TASK UNKNOWN: usage: --input=-: standard input is closed"
        closed "$which" --extra-opts=@-
        has 3 "CDP TASK UNKNOWN: usage: --extra-opts: ini file '-': standard input is closed"
    done
    [ "$(count requests)" -eq 0 ]
    # One that is there, with nothing in it, is another matter.
    plugin --input=- </dev/null
    lacks "is closed"
}
