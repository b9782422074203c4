#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A part of the torture, another one each time, as one test which shows what of it.

bats_require_minimum_version 1.5.0

@test "whichever allocation fails: a fault or the right answer, no signal, no session left" {
    [ -z "$CHECK_WRAPPER" ] || skip "a wrapper replaces malloc itself"
    local leaks=()
    if grep -q __asan_init "$CHECK_VEEAM_CDP_TASK"; then leaks=(--leaks --some=5); fi
    run /usr/bin/python3 -EsB "$SRCDIR/tests/stress/torture.py" --distinct \
        --seconds=$((20 / ${TESTS_SHARE:-1})) "${leaks[@]}"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -ne 77 ] || skip "${lines[-1]#skipped: }"
    [ "$status" -eq 0 ]
}
