#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The ten minutes of READMEs, literally: with Icinga 2 and with Zabbix, each in a Debian that has this and
# little else.

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

# make_root PACKAGE…: what is there before, and the package. The walk has a network of its own, with EM and
# nothing else; so what the package needs waits where apt keeps what it has fetched.
make_root() {
    unshare --net true 2>/dev/null || skip "no network of its own can be made here"
    run "$SRCDIR/tests/integration/clean_root.sh" make "$root" 3>&-
    [ "$status" -ne 77 ] || skip "$output"
    [ "$status" -eq 0 ] || fail_with "no clean root"
    inside apt-get -q -y --no-install-recommends install "$@"
    # shellcheck disable=SC2154 # build sets packages
    cp "$packages"/check-veeam-cdp-task_*.deb "$root/root"
    inside sh -c 'apt-get -q -y --download-only install /root/*.deb'
}

# follow WALK: from outside.
follow() {
    run unshare --net "$SRCDIR/tests/integration/$1" outside "$root" 3>&-
    grep '^walk: ' <<<"$output" | sed 's/^/# /' >&3 || true
}

# said WHAT: what the walk says of it.
said() {
    sed -n "s/^walk: $1: //p" <<<"$output"
}

without_times() {
    sed -E 's/\b[0-9]+[dhms]\b( [0-9]+[dhms]\b)*/<time>/g'
}

@test "the README's ten minutes with Icinga 2, in a clean root" {
    make_root icinga2 monitoring-plugins-basic
    follow icinga2_walk.sh
    has 0 "walk: by hand: CDP TASK UNKNOWN: tls" "walk: the pin is EM's" "walk: reload" "walk: end"
    lacks "$PASSWORD"
    [ "$(said kept | cut -d ' ' -f 1,2 | sort -u)" = "nagios 600" ] || fail_with "who owns what is kept"

    # Icinga 2 shows the state, and the text that the plugin prints.
    local line
    line=$(said "the plugin" | cut -d '|' -f 1 | without_times)
    [[ $line == "CDP TASK CRITICAL: 9 VMs"* ]] || fail_with "the plugin's own run"
    [[ $(said "after [0-9]* s" | without_times) == '[2,"'"$line"'\n'* ]] || fail_with "not what the plugin says"
}

@test "ten minutes with Zabbix, from the package to the first problem, in a clean root" {
    make_root zabbix-server-mysql zabbix-frontend-php zabbix-agent2 mariadb-server php-mysql php-cli \
        ca-certificates curl jq
    follow zabbix_walk.sh
    has 0 "walk: by hand: CDP TASK UNKNOWN: tls" "walk: the pin is EM's" \
        "walk: with the pin: CDP TASK CRITICAL: 9 VMs" 'walk: the agent'"'"'s test: "state":"OK"' "walk: end"
    lacks "$PASSWORD"

    # It is that of a VM, as severe as the state, and the plugin says the same.
    local problem
    problem=$(said "the first problem" | sed -E 's/^(high: Veeam CDP: VM .* is CRITICAL|warning: Veeam CDP: VM .* is WARNING): .*/\1/')
    said "the plugin" | grep -qxF "${problem#*Veeam CDP: }" || fail_with "not what the plugin says"
}
