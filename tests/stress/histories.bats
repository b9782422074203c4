#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Some histories of histories.py that stay, and 5 other ones each time, or $HISTORIES; shows the
# summary, and the seed that repeats them.

bats_require_minimum_version 1.5.0

@test "a snapshot that is refreshed has what a full fetch gives" {
    local steady=20 histories=${HISTORIES:-5}
    ! grep -qa __asan_init "$CHECK_VEEAM_CDP_TASK" || steady=4 histories=2
    [ -z "${CHECK_WRAPPER:-}" ] || skip "under a wrapper it would take too long"
    run /usr/bin/python3 -EsB "$SRCDIR/tests/stress/histories.py" --steady="$steady" \
        --histories="$histories"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}
