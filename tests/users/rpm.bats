#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The rpm, built by rpmbuild as Debian has it and looked at by rpmlint.

load ../acceptance/support
load packages

setup_file() {
    build rpm dpkg-buildpackage rpmbuild rpmlint
}

setup() {
    skip_where_missing
    spec=$SRCDIR/contrib/packaging/check_veeam_cdp_task.spec
    rpm=$(echo "$packages"/RPMS/*/check_veeam_cdp_task-*.rpm)
}

@test "rpmlint has nothing to say of the spec and of what is built" {
    run rpmlint --rpmlintrc "${spec%.spec}.rpmlintrc" "$spec" "$packages"
    has 0 "2 packages and 1 specfiles checked; 0 errors, 0 warnings"
    printf '# %s\n' "${lines[-1]}" >&3
}

@test "the build has run the tests" {
    ran_its_tests
}

@test "the rpm has the plugin, its directory of the user nagios, and what no tool finds it to need" {
    run rpm --query --package --nosignature --list --verbose "$rpm"
    local file
    for file in lib64/nagios/plugins/check_veeam_cdp_task share/man/man1/check_veeam_cdp_task.1 \
        share/bash-completion/completions/check_veeam_cdp_task \
        share/check_veeam_cdp_task/icinga2/veeam_cdp_task.conf; do
        [[ $output =~ root\ .*/usr/$file ]] || fail_with "no $file"
    done
    [[ $output =~ drwx------\ .*\ nagios\ +nagios\ .*/var/cache/check_veeam_cdp_task ]] || fail_with "no directory"
    [[ $output == */contrib/icinga2/em01.conf* ]] || fail_with "no files for Icinga"
    lacks /contrib/packaging/
    run rpm --query --package --nosignature --requires "$rpm"
    [[ $output =~ libcurl.*\ \>=\ 7\.61 ]] || fail_with "no libcurl"
    has 0 nagios-common
}
