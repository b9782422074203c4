# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# For tests of --session-cache: a check that has one, in the test's own folder, and what EM saw.

cached() {
    check --vm srv-db01 --session-cache="$BATS_TEST_TMPDIR/cache" "$@"
}

# no_notice: the check is OK and has nothing to tell of the cache.
no_notice() {
    has 0 "CDP TASK OK: srv-db01"
    lacks notice
}

# logged_on LOGONS LOGOFFS OPEN
logged_on() {
    local seen
    seen=$(control GET counts | jq -r '"\(.logons) \(.logoffs) \(.open_sessions)"')
    [ "$seen" = "$1 $2 $3" ] || fail_with "logons, logoffs, open: $seen, not $1 $2 $3"
}

# Every logon session is ended, and the counts are zeroed.
afresh() {
    rm -rf "$BATS_TEST_TMPDIR/cache"
    control POST expire >/dev/null
    control POST reset >/dev/null
}

setup() {
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    play "$(cat "$SRCDIR/tests/emulator/scenarios/demo.json")"
    afresh
    # shellcheck disable=SC2034 # the tests use it
    session="$BATS_TEST_TMPDIR/cache/monitor@localhost_$EM_PORT.session"
}
