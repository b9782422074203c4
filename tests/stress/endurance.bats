#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Short runs of endurance.py, in which a larger share is killed than by default; shows their summaries.

bats_require_minimum_version 1.5.0

# endures RUNS OPTION…: one part in $TESTS_SHARE of so many, and a fifth of that of the runs in a build with sanitizers, whose program is as much slower.
endures() {
    local runs=$(($1 / ${TESTS_SHARE:-1}))
    shift
    ! grep -qa __asan_init "$CHECK_VEEAM_CDP_TASK" || runs=$((runs / 5))
    [ -z "${CHECK_WRAPPER:-}" ] || skip "under a wrapper a run that is killed ends by the wrapper's rules"
    run /usr/bin/python3 -EsB "$SRCDIR/tests/stress/endurance.py" --terminate=0.3 --kill=0.05 \
        --runs="$runs" "$@"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}

@test "300 checks in a row, some of them killed" {
    endures 300
}

@test "100 checks, with answers that come late" {
    endures 100 --slow
}

@test "300 checks that share a session by a cache" {
    endures 300 --cache
}

@test "100 checks that share a session by a cache, and EM ends it again and again" {
    endures 100 --cache --expire=10 --slow
}
