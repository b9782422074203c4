#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# When a run has ended, after its atexit handlers, no secret is left in memory that it could write to:
# neither password nor Authorization header nor session id nor token, nor a part of one.

load ../acceptance/support

# Long, so that what the allocator writes over the start of freed memory leaves enough of it to be
# found; no variable of the environment may hold it.
PASSWORD=Tr0ub4dor-Xk29vQ-battery-staple-77LmPzWq
WRONG_PASSWORD=Tr0ub4dor-that-no-one-has-given-to-EM-4711
export -n PASSWORD WRONG_PASSWORD
finder=$SRCDIR/tests/stress/find_secrets.py

setup_file() {
    start_em --scenario="$SRCDIR/tests/emulator/scenarios/demo.json"
}

teardown_file() {
    stop_em
}

setup() {
    [ -z "${CHECK_WRAPPER:-}" ] || skip "under a wrapper the memory is the wrapper's"
    ! grep -qa __asan_init "$CHECK_VEEAM_CDP_TASK" ||
        skip "AddressSanitizer keeps what was freed, as it was"
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    play_with '[]'
    control POST reset >/dev/null
}

# play_with REPLIES: the demo with these replies.
play_with() {
    play "$(jq --argjson replies "$1" '.replies = $replies' "$SRCDIR/tests/emulator/scenarios/demo.json")"
}

# dumped VARIABLE=VALUE… OPTION…: runs the plugin, whose memory is then in $dump.
dumped() {
    local variables=()
    while [[ ${1:-} == [A-Z]*=* ]]; do
        variables+=("$1")
        shift
    done
    dump=$(mktemp -d "$BATS_TEST_TMPDIR/dump.XXXXXX")
    run env "${variables[@]}" LD_PRELOAD="$DUMP_MEMORY" DUMP_MEMORY_TO="$dump" \
        "$CHECK_VEEAM_CDP_TASK" -H localhost -p "$EM_PORT" -u monitor --ca-file="$EM_CA" \
        --vm=srv-db01 "$@"
}

# secrets_of PASSWORD SESSION-ID…: as find_secrets.py reads them.
secrets_of() {
    local secret=$1 id
    shift
    printf 'password %s\n' "$secret"
    # The first twelve digits are those of the user name.
    printf 'authorization %s\n' "$(printf 'monitor:%s' "$secret" | base64 -w0 | cut -c13-)"
    for id; do
        printf 'id %s\n' "$id"
        printf 'token %s\n' "$(printf '%s' "$id" | base64 -w0)"
    done
}

# The ids of the sessions that EM was told to end.
session_ids() {
    control GET counts | jq -r '.log[] | capture("^DELETE /api/logonSessions/(?<id>[^/ ]+)").id'
}

# find_in_dump NAME SECRET: what find_secrets.py says of one; for what is known to be there.
find_in_dump() {
    printf '%s %s\n' "$1" "$2" | /usr/bin/python3 -I "$finder" "$dump"
}

# left_nothing SESSIONS [PASSWORD]: so many sessions were logged off, and nothing is left of them.
left_nothing() {
    local ids found
    mapfile -t ids < <(session_ids)
    [ "${#ids[@]}" -eq "$1" ] || fail_with "${#ids[@]} sessions were logged off, not $1"
    found=$(secrets_of "${2:-$PASSWORD}" "${ids[@]}" | /usr/bin/python3 -I "$finder" "$dump") ||
        fail_with "left in memory: $found"
}

@test "what is no secret is found, and so is part of it: the search works" {
    dumped --password-file="$PASSWORD_FILE"
    has 0 "CDP TASK OK: srv-db01"
    run -1 find_in_dump ca "--ca-file=$EM_CA"
    run -1 find_in_dump ca "0123456789${EM_CA}0123456789"
    # The whole environment, on the stack.
    dumped LEFT_AS_IT_IS="$PASSWORD" --password-file="$PASSWORD_FILE"
    run -1 find_in_dump password "$PASSWORD"
}

@test "nothing is left of a password from a file, its session and its token" {
    dumped --password-file="$PASSWORD_FILE"
    has 0 "CDP TASK OK: srv-db01"
    left_nothing 1
}

@test "nothing is left of a password from the environment" {
    dumped VEEAM_EM_PASSWORD="$PASSWORD"
    has 0 "CDP TASK OK: srv-db01"
    left_nothing 1
}

@test "nothing is left of a password on the command line, in one word or two" {
    dumped --password="$PASSWORD"
    has 0 "CDP TASK OK: srv-db01"
    left_nothing 1
    control POST reset >/dev/null
    dumped --password "$PASSWORD"
    has 0 "CDP TASK OK: srv-db01"
    left_nothing 1
}

@test "nothing is left of a password from standard input" {
    dumped --password-file=- <"$PASSWORD_FILE"
    has 0 "CDP TASK OK: srv-db01"
    left_nothing 1
}

@test "nothing is left of a password from an ini file" {
    (umask 077 && printf '[check_veeam_cdp_task]\npassword = %s\n' "$PASSWORD" >"$BATS_TEST_TMPDIR/ini")
    dumped --extra-opts="@$BATS_TEST_TMPDIR/ini"
    has 0 "CDP TASK OK: srv-db01"
    left_nothing 1
}

@test "nothing is left where answers are shown, as text or as JSON" {
    dumped --password-file="$PASSWORD_FILE" -vvv
    has 0 "CDP TASK OK: srv-db01" "POST /api/sessionMngr"
    left_nothing 1
    control POST reset >/dev/null
    dumped --password-file="$PASSWORD_FILE" --format=json
    has 0 '"srv-db01"'
    left_nothing 1
}

@test "nothing is left of a password that EM refuses" {
    dumped VEEAM_EM_PASSWORD="$WRONG_PASSWORD"
    has 3 "CDP TASK UNKNOWN: logon: "
    left_nothing 0 "$WRONG_PASSWORD"
}

@test "nothing is left of a session that EM ended, nor of the next" {
    play_with '[{"path": "/api/query", "nth": 1, "status": 401}]'
    dumped --password-file="$PASSWORD_FILE"
    has 0 "CDP TASK OK: srv-db01"
    left_nothing 2
}

@test "nothing is left where EM quotes secrets in an error, or hangs" {
    play_with "$(jq -n --arg text "$PASSWORD" '[{"path": "/api/query", "status": 500, "body": {"Message": $text}}]')"
    dumped --password-file="$PASSWORD_FILE" -vvv
    has 3 "CDP TASK UNKNOWN: server: " "***"
    left_nothing 1
    control POST reset >/dev/null
    play_with '[{"path": "/api/query", "delay": 30}]'
    dumped --password-file="$PASSWORD_FILE" --timeout=2
    has 3 "CDP TASK UNKNOWN: timeout: "
    left_nothing 1
}

@test "nothing is left where the token goes to a session cache, and comes from it" {
    local token ids cache=$BATS_TEST_TMPDIR/cache run
    mkdir -m 700 "$cache"
    for run in written read; do
        dumped --password-file="$PASSWORD_FILE" --session-cache="$cache"
        has 0 "CDP TASK OK: srv-db01"
        [ "$(count logons)" -eq 1 ] || fail_with "it was not one logon once it was $run"
        token=$(cat "$cache"/*.session | grep -oE 'ZGVjMGRlNWUt[A-Za-z0-9+/=]+')
        ids=$(base64 -d <<<"$token")
        run -0 /usr/bin/python3 -I "$finder" "$dump" < <(secrets_of "$PASSWORD" "$ids")
    done
}
