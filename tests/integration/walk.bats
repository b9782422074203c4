#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The README's ten minutes with Icinga 2, literally, in a Debian that has Icinga 2 and little else.

load ../acceptance/support
load packages

setup_file() {
    build_options=nocheck build deb dpkg-buildpackage dh ip
}

setup() {
    skip_where_missing
    root=$BATS_TEST_TMPDIR/root
}

inside() {
    run "$SRCDIR/tests/integration/clean_root.sh" run "$root" "$@" 3>&-
    [ "$status" -eq 0 ] || fail_with "$*"
}

# said WHAT: what the walk says of it.
said() {
    sed -n "s/^walk: $1: //p" <<<"$output"
}

without_times() {
    sed -E 's/\b[0-9]+[dhms]\b( [0-9]+[dhms]\b)*/<time>/g'
}

@test "the README's ten minutes with Icinga 2, in a clean root" {
    unshare --net true 2>/dev/null || skip "no network of its own can be made here"
    run "$SRCDIR/tests/integration/clean_root.sh" make "$root" 3>&-
    [ "$status" -ne 77 ] || skip "$output"
    [ "$status" -eq 0 ] || fail_with "no clean root"

    # What is there before. The walk has a network of its own, with EM and nothing else; so what the
    # package needs waits where apt keeps what it has fetched.
    inside apt-get -q -y --no-install-recommends install icinga2 monitoring-plugins-basic
    cp "$packages"/check-veeam-cdp-task_*.deb "$root/root"
    inside sh -c 'apt-get -q -y --download-only install /root/*.deb'

    run unshare --net "$SRCDIR/tests/integration/icinga2_walk.sh" outside "$root" 3>&-
    grep '^walk: ' <<<"$output" | sed 's/^/# /' >&3 || true
    has 0 "walk: by hand: CDP TASK UNKNOWN: tls" "walk: the pin is EM's" "walk: reload" "walk: end"
    lacks "$PASSWORD"
    [ "$(said kept | cut -d ' ' -f 1,2 | sort -u)" = "nagios 600" ] || fail_with "who owns what is kept"

    # Icinga 2 shows the state, and the text that the plugin prints.
    local line
    line=$(said "the plugin" | cut -d '|' -f 1 | without_times)
    [[ $line == "CDP TASK CRITICAL: 9 VMs"* ]] || fail_with "the plugin's own run"
    [[ $(said "after [0-9]* s" | without_times) == '[2,"'"$line"'\n'* ]] || fail_with "not what the plugin says"
}
