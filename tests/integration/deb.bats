#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The Debian package: built, looked at by lintian, and in a Debian that has nothing else installed, run
# by its user against an emulator outside of it, removed and purged.

load ../acceptance/support
load packages

setup_file() {
    build deb dpkg-buildpackage dh lintian
}

setup() {
    skip_where_missing
    deb=$(echo "$packages"/check-veeam-cdp-task_*.deb)
    cache=/var/cache/check_veeam_cdp_task
}

teardown() {
    stop_em
}

# inside COMMAND…: in the clean root; what it prints to standard error is part of the output.
inside() {
    run "$SRCDIR/tests/integration/clean_root.sh" run "$root" "$@" 3>&-
}

installed() {
    inside dpkg --install "/root/${deb##*/}"
    [ "$status" -eq 0 ] || fail_with "dpkg --install"
}

# check_inside OPTION…: as a daemon would run it.
check_inside() {
    inside runuser -u nagios -- env VEEAM_EM_PASSWORD="$PASSWORD" \
        /usr/lib/nagios/plugins/check_veeam_cdp_task -H localhost -p "$EM_PORT" -u monitor \
        --pinned-pubkey="$EM_PIN" --vm=srv-db01 "$@"
}

owner_and_mode() {
    stat -c '%u:%a' "$root$1"
}

@test "lintian has nothing to say of the package" {
    TMPDIR=$BATS_TEST_TMPDIR run lintian --allow-root --display-info --fail-on=error,warning,info "$packages"/*.changes
    # It warns of root itself, where it is run by root.
    [ "$(grep -v '^running with root privileges' <<<"$output")" = "" ] || fail_with lintian
    [ "$status" -eq 0 ]
}

@test "the build has run the tests" {
    ran_its_tests
}

@test "the package has all that is for users, and nothing else" {
    local doc=/usr/share/doc/check-veeam-cdp-task file expected
    # Debian compresses what has more than 4 KiB, which some files of docs/ have.
    dpkg-deb --fsys-tarfile "$deb" | tar -t | sed -E 's/^\.//; s,(/docs/.*\.md)\.gz$,\1,' | grep -v '/$' \
        >"$BATS_TEST_TMPDIR/files"
    expected=$({
        printf '%s\n' /usr/lib/nagios/plugins/check_veeam_cdp_task \
            /usr/share/man/man1/check_veeam_cdp_task.1.gz \
            /usr/share/bash-completion/completions/check_veeam_cdp_task \
            /usr/share/check_veeam_cdp_task/icinga2/veeam_cdp_{services,task}.conf \
            /usr/share/lintian/overrides/check-veeam-cdp-task \
            $doc/{README.md.gz,SECURITY.md.gz,changelog.gz,changelog.Debian.gz,copyright,contrib}
        cd "$packages"/check_veeam_cdp_task-*/contrib
        find ../docs -type f | sed "s,^\.\.,$doc,"
        find . -type f | grep -vE '^\./(completion|packaging)/|^\./(demo\.sh|local\.mk|icinga2/veeam_cdp_.*)$' |
            sed "s,^\.,$doc/examples,"
    } | sort)
    diff <(echo "$expected") <(sort "$BATS_TEST_TMPDIR/files")
}

@test "in a clean root it is installed, checks as nagios, is removed and purged" {
    root=$BATS_TEST_TMPDIR/root
    run "$SRCDIR/tests/integration/clean_root.sh" make "$root" 3>&-
    [ "$status" -ne 77 ] || skip "$output"
    [ "$status" -eq 0 ] || fail_with "no clean root"
    start_em --scenario="$SRCDIR/tests/emulator/scenarios/demo.json"
    cp "$deb" "$root/root"

    # What it depends on comes with it, and no daemon does. It makes the user that runs plugins.
    inside getent passwd nagios
    [ "$status" -eq 2 ]
    inside apt-get -q -y --no-install-recommends install "/root/${deb##*/}"
    [ "$status" -eq 0 ] || fail_with "apt-get install"
    inside getent passwd nagios
    nagios=$(cut -d: -f3 <<<"$output")
    [ "$(owner_and_mode $cache)" = "$nagios:700" ]

    # Two checks share a logon, and one answer, in its directory.
    check_inside --session-cache=$cache
    has 0 "CDP TASK OK: srv-db01: newest session: InProgress, Success"
    is_one_line
    check_inside --session-cache=$cache --snapshot=$cache
    has 0 "CDP TASK OK: srv-db01: newest session: InProgress, Success" "snapshot: EM's answer is"
    [ "$(count logons)" -eq 1 ]
    [ "$(owner_and_mode "$cache/monitor@localhost_$EM_PORT.session")" = "$nagios:600" ]
    printf '# %s\n' "${lines[0]}" >&3

    # Another owner of the directory stays, also when the package is installed again.
    inside dpkg-statoverride --update --add root root 0750 $cache
    installed
    [ "$(owner_and_mode $cache)" = 0:750 ]
    inside dpkg-statoverride --remove $cache
    installed
    [ "$(owner_and_mode $cache)" = "$nagios:700" ]

    # What checks have kept stays until it is purged, and the user for ever.
    inside apt-get -q -y remove check-veeam-cdp-task
    [ "$status" -eq 0 ] || fail_with "apt-get remove"
    [ ! -e "$root/usr/lib/nagios/plugins/check_veeam_cdp_task" ]
    [ -e "$root$cache/monitor@localhost_$EM_PORT.session" ]
    inside dpkg --purge check-veeam-cdp-task
    [ "$status" -eq 0 ] || fail_with "dpkg --purge"
    [ ! -e "$root$cache" ]
    run find "$root" -xdev -name '*veeam*' -not -path "$root/root/*" -not -path "$root/var/log/*"
    [ "$output" = "" ] || fail_with "left behind"
    inside getent passwd nagios
    [ "$status" -eq 0 ]
}
