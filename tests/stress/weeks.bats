#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A day of weeks.py, always the same, or as many random ones as $WEEKS_DAYS; shows its summary, and
# the seed that repeats it.

bats_require_minimum_version 1.5.0

@test "a site over simulated time: no false alarm, and every standstill is found in time" {
    local size=(--days=1 --vms=100 --standstills=20 --seed=411197072)
    [ -z "${WEEKS_DAYS:-}" ] || size=(--days="$WEEKS_DAYS")
    [ -z "${CHECK_WRAPPER:-}" ] || skip "under a wrapper it would take too long"
    run /usr/bin/python3 -EsB "$SRCDIR/tests/stress/weeks.py" "${size[@]}"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}
