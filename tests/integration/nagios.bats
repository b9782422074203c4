#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# contrib/nagios with a real Nagios 4.

bats_require_minimum_version 1.5.0

setup() {
    [ -z "${CHECK_WRAPPER:-}" ] || skip "under a wrapper Nagios would run the plugin without it"
    ! grep -qa __asan_init "$CHECK_VEEAM_CDP_TASK" || skip "a build with sanitizers has nothing to add here"
}

# nagios WHAT: that part of nagios.py.
nagios() {
    run /usr/bin/python3 -EsB "$SRCDIR/tests/integration/nagios.py" "$1"
    [ "$status" -ne 77 ] || skip "${lines[0]#skipped: }"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}

@test "Nagios runs the checks, and its status file has what the plugin printed, for every odd name" {
    nagios active
}

@test "one run serves all services by the command pipe, and Nagios sees those that get nothing" {
    nagios passive
}
