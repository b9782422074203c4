#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# contrib/pipelines with a real Alertmanager and its receiver, and a web server that keeps what it gets.

bats_require_minimum_version 1.5.0

@test "the recipes of the README: alerts in the Alertmanager, messages to a webhook" {
    [ -z "${CHECK_WRAPPER:-}" ] || skip "the recipes would run the plugin without the wrapper"
    run /usr/bin/python3 -EsB "$SRCDIR/tests/integration/pipelines.py"
    [ "$status" -ne 77 ] || skip "${lines[0]#skipped: }"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}
