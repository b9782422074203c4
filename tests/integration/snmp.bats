#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# contrib/snmp with a real snmptrapd and snmptrap, Nagios 4 and Icinga 2. What needs no daemon is in
# acceptance/trap.bats.

bats_require_minimum_version 1.5.0

@test "traps of v1, v2c and v3 become states in Nagios and Icinga 2, hostile ones do no harm, and no state stays" {
    run /usr/bin/python3 -EsB "$SRCDIR/tests/integration/snmp.py"
    [ "$status" -ne 77 ] || skip "${lines[0]#skipped: }"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}
