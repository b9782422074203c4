#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# contrib/icinga2 with a real Icinga 2, in which a master shows what two satellites check.

bats_require_minimum_version 1.5.0

@test "satellites of Icinga 2 run the checks, and the master shows what the plugin says" {
    [ -z "${CHECK_WRAPPER:-}" ] || skip "under a wrapper Icinga 2 would run the plugin without it"
    ! grep -qa __asan_init "$CHECK_VEEAM_CDP_TASK" || skip "a build with sanitizers has nothing to add here"
    run /usr/bin/python3 -EsB "$SRCDIR/tests/integration/icinga2.py"
    [ "$status" -ne 77 ] || skip "${lines[0]#skipped: }"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}
