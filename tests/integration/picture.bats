#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# contrib/icinga2/services.png, made anew: services by contrib/icinga2 in a real Icinga Web 2.

bats_require_minimum_version 1.5.0

@test "Icinga Web 2 shows the services as Icinga 2 has them, and there is a picture of it" {
    [ -z "${CHECK_WRAPPER:-}" ] || skip "under a wrapper Icinga 2 would run the plugin without it"
    ! grep -qa __asan_init "$CHECK_VEEAM_CDP_TASK" || skip "a build with sanitizers has nothing to add here"
    run /usr/bin/python3 -EsB "$SRCDIR/tests/integration/picture.py" "$BATS_TEST_TMPDIR/services.png"
    [ "$status" -ne 77 ] || skip "${lines[0]#skipped: }"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}
