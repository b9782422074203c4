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
    version=$(sed -n 's/^Version: *//p' "$spec")
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

@test "the rpm has all that is for users, and nothing else" {
    local doc=/usr/share/doc/check_veeam_cdp_task-[0-9.]+ expected
    # rpmbuild of Debian 13 compresses the manual, that of 12 does not.
    rpm --query --package --nosignature --list "$rpm" | sed -E "s,^$doc,DOC,; /\/man1\//s/\.gz$//" |
        grep -v '^/usr/lib/\.build-id' | sort >"$BATS_TEST_TMPDIR/files"
    expected=$({
        printf '%s\n' /usr/lib64/nagios/plugins/check_veeam_cdp_task \
            /usr/share/man/man1/check_veeam_cdp_task.1 \
            /usr/share/bash-completion/completions/check_veeam_cdp_task \
            /usr/share/check_veeam_cdp_task{,/icinga2{,/veeam_cdp_services.conf,/veeam_cdp_task.conf}} \
            /usr/share/licenses/check_veeam_cdp_task{-"$version",-"$version"/COPYING} \
            /var/cache/check_veeam_cdp_task DOC{,/README.md,/NEWS.md,/SECURITY.md,/docs}
        cd "${packages%/build/rpm}"
        find docs -type f | sed 's,^,DOC/,'
        cd contrib
        find . | grep -vE '^\./(completion|packaging)(/|$)|^\./(demo\.sh|local\.mk|icinga2/veeam_cdp_.*)$' |
            sed -E 's,^\./?,DOC/contrib/,; s,/$,,'
    } | sort)
    diff <(echo "$expected") "$BATS_TEST_TMPDIR/files"
}

@test "its directory is of the user nagios, and what no tool finds it to need is named" {
    run rpm --query --package --nosignature --list --verbose "$rpm"
    [[ $output =~ drwx------\ .*\ nagios\ +nagios\ .*/var/cache/check_veeam_cdp_task ]] || fail_with "no directory"
    run rpm --query --package --nosignature --requires "$rpm"
    [[ $output =~ libcurl.*\ \>=\ 7\.61 ]] || fail_with "no libcurl"
    has 0 nagios-common
}
