#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A few runs of churn.py; shows their summary, and the seed that repeats them.

bats_require_minimum_version 1.5.0

@test "a fleet that changes while it is read: no VM is missed or shown twice" {
    local runs=$((${CHURN_RUNS:-20} / ${TESTS_SHARE:-1}))
    [ -z "${CHECK_WRAPPER:-}" ] || skip "under a wrapper a run is so slow that pages change too fast for it"
    run /usr/bin/python3 -EsB "$SRCDIR/tests/stress/churn.py" --runs="$runs"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}
