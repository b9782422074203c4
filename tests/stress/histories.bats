#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Some histories of histories.py that are always the same, and $HISTORIES other ones each time, which
# may come upon a difference that nobody has seen yet; shows the summary, and the seed that repeats
# them.

bats_require_minimum_version 1.5.0

@test "a snapshot that is refreshed has what a full fetch gives" {
    local steady=25 histories=${HISTORIES:-0}
    ! grep -qa __asan_init "$CHECK_VEEAM_CDP_TASK" || steady=6
    [ -z "${CHECK_WRAPPER:-}" ] || skip "under a wrapper it would take too long"
    run /usr/bin/python3 -EsB "$SRCDIR/tests/stress/histories.py" --steady="$steady" \
        --histories="$histories"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}
