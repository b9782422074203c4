#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# contrib/grafana: what a real Prometheus answers to the dashboard. Grafana itself is not in Debian.

bats_require_minimum_version 1.5.0

@test "the dashboard is sound, and Prometheus has series for each of its expressions" {
    [ -z "${CHECK_WRAPPER:-}" ] || skip "has nothing to add under a wrapper"
    run /usr/bin/python3 -EsB "$SRCDIR/tests/integration/grafana.py"
    [ "$status" -ne 77 ] || skip "${lines[0]#skipped: }"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}
