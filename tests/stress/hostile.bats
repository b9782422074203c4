#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The table of hostile servers as one test, which shows every row.

bats_require_minimum_version 1.5.0

@test "whatever a server does: the right exit code and kind of fault, in time, logged off" {
    run /usr/bin/python3 -EsB "$SRCDIR/tests/stress/hostile.py"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}
