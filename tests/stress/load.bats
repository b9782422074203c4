#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Some seconds of load.py, or as many minutes as $LOAD_MINUTES; shows its summary, and the seed that repeats its choices.

bats_require_minimum_version 1.5.0

@test "a thousand checks a minute share a snapshot of an EM whose sessions go on" {
    [ -z "${CHECK_WRAPPER:-}" ] || skip "under a wrapper it would not come to so many"
    run /usr/bin/python3 -EsB "$SRCDIR/tests/stress/load.py" --minutes="${LOAD_MINUTES:-0.15}"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}
