#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# contrib/director with a real Icinga Director, on a MariaDB of its own, and a real Icinga 2.

bats_require_minimum_version 1.5.0

@test "the Director restores the basket, and Icinga 2 runs the checks by what it renders of it" {
    [ -z "${CHECK_WRAPPER:-}" ] || skip "under a wrapper Icinga 2 would run the plugin without it"
    ! grep -qa __asan_init "$CHECK_VEEAM_CDP_TASK" || skip "a build with sanitizers has nothing to add here"
    run /usr/bin/python3 -EsB "$SRCDIR/tests/integration/director.py"
    [ "$status" -ne 77 ] || skip "${lines[0]#skipped: }"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}
