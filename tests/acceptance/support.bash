# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154 # bats sets status, output and lines
# For all acceptance tests: an emulated EM for each file, and the built plugin run against it.
# CHECK_VEEAM_CDP_TASK, EM_EMULATOR and SRCDIR come from make check; CHECK_WRAPPER may hold a
# command to run the plugin under, such as valgrind.

bats_require_minimum_version 1.5.0
: "${CHECK_VEEAM_CDP_TASK:?make check sets it}" "${EM_EMULATOR:?}" "${SRCDIR:?}"

# What tests log on with, and what is wrong. Both start with what tests/secrets.sh searches outputs for.
# By name: bats shows the lines of a test that failed, as they are written.
export PASSWORD=Tr0ub4dor-7f3a9c
export WRONG_PASSWORD=Tr0ub4dor-is-wrong

# start_em OPTION…: an emulator of its own; sets EM_PORT, EM_PID, EM_PIN and EM_CA. Its password is
# $PASSWORD whatever scenario it plays.
start_em() {
    local told
    export PASSWORD_FILE=$BATS_FILE_TMPDIR/password
    (umask 077 && printf '%s\n' "$PASSWORD" >"$PASSWORD_FILE")
    told=$("$EM_EMULATOR" --background --lifetime=900 --dir="$BATS_FILE_TMPDIR" \
        --password-file="$PASSWORD_FILE" "$@") || return 1
    eval "$told"
    export EM_PORT EM_PID EM_PIN EM_CA
}

# stop_em: ends it. Nothing that was run against it may have tried to change anything in EM.
stop_em() {
    local writes
    [ -n "${EM_PID:-}" ] || return 0
    writes=$(count writes)
    kill "$EM_PID" || return 1
    [ "$writes" = 0 ] || fail_with "requests that could change something in EM: $writes"
}

# plugin OPTION…: runs the plugin. Its standard error must stay empty, so it is part of $output. Only
# the first run of each test is under the wrapper, if there is one: the others take much the same way.
# With a wrapper, all tests are skipped except one in $TESTS_SHARE.
runs=0
plugin() {
    local wrapper=
    if [ "$((runs++))" -eq 0 ] && [ -n "${CHECK_WRAPPER:-}" ]; then
        [ $((RANDOM % ${TESTS_SHARE:-1})) -eq 0 ] || skip "other tests were chosen for the wrapper"
        wrapper=$CHECK_WRAPPER
    fi
    # shellcheck disable=SC2086 # the wrapper is a list of words
    run $wrapper "$CHECK_VEEAM_CDP_TASK" "$@"
    [ "$status" -le 3 ] || fail_with "exit code $status"
}

# check OPTION…: runs the plugin as an admin would, against the emulator. Under a wrapper on a busy
# machine the default --timeout may be too short; a test's own one is the last, and so holds.
check() {
    plugin -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" \
        --ca-file="$EM_CA" ${CHECK_WRAPPER:+--timeout=120} "$@"
}

# control METHOD PATH [BODY]: speaks to the emulator's control interface.
control() {
    curl -sk --fail-with-body -X "$1" ${3:+--data-binary "$3"} \
        "http${EM_PIN:+s}://localhost:$EM_PORT/emulator/$2"
}

# count WHAT: logons, logoffs, requests, open_sessions, connections, writes.
count() {
    control GET counts | jq ".$1"
}

# play SCENARIO: what the emulator plays from now on; a scenario as JSON text.
play() {
    control POST scenario "$1" >/dev/null
}

# has EXIT-CODE TEXT…: the exit code, and each text somewhere in the output.
has() {
    [ "$status" -eq "$1" ] || fail_with "exit code $status, not $1"
    shift
    for text in "$@"; do
        [[ $output == *"$text"* ]] || fail_with "the output lacks: $text"
    done
}

lacks() {
    [[ $output != *"$1"* ]] || fail_with "the output has: $1"
}

is_one_line() {
    [ "${#lines[@]}" -eq 1 ] || fail_with "the output is not one line"
}

fail_with() {
    printf '%s\n%s\n' "$1" "$output" >&2
    return 1
}

# until_true COMMAND…: returns once that succeeds. A busy machine needs a part of the limit.
until_true() {
    local deadline=$((EPOCHSECONDS + 120))
    until "$@"; do
        [ "$EPOCHSECONDS" -le "$deadline" ] || fail_with "not within 120 s: $*" || return
    done
}

# em_got NUMBER: whether EM has got so many requests.
em_got() {
    [ "$(count requests)" -ge "$1" ]
}

# has_lock_open PID: whether it has the file of a lock open, and so waits for it or is about to.
has_lock_open() {
    kill -0 "$1" && [ -n "$(find "/proc/$1/fd" -lname '*.lock' 2>/dev/null)" ]
}

# good_manners REQUESTS: one logon and its logoff, so many requests in all, one connection.
good_manners() {
    local expected="1 1 $1 0 1"
    local seen
    seen=$(control GET counts | jq -r '"\(.logons) \(.logoffs) \(.requests) \(.open_sessions) \(.connections)"')
    [ "$seen" = "$expected" ] || fail_with "counts $seen, not $expected"
}

# valid_json: the output is one document that the schema allows.
valid_json() {
    printf '%s' "$output" >"$BATS_TEST_TMPDIR/output.json"
    /usr/bin/python3 - "$SRCDIR/contrib/check_veeam_cdp_task.schema.json" "$BATS_TEST_TMPDIR/output.json" <<'EOF'
import json, sys
import jsonschema
schema, document = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.Draft202012Validator(schema).validate(document)
EOF
}

# query FILTER: what jq finds in the output.
query() {
    printf '%s' "$output" | jq -cr "$1"
}
