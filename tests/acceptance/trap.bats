#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The handler of contrib/snmp, fed as snmptrapd feeds it. With the real daemons: integration/snmp.bats.

bats_require_minimum_version 1.5.0

# trap WHAT: that table of trap.py.
trap_table() {
    run /usr/bin/python3 -EsB "$SRCDIR/tests/acceptance/trap.py" "$1"
    printf '%s\n' "${lines[@]}"
    [ "$status" -eq 0 ]
    [[ $output =~ ^[1-9][0-9]*\ rows$ ]]
}

@test "numbers of a trap are read in each form that Veeam may write, and what is none is not guessed" {
    trap_table readings
}

@test "each hostile trap ends in one clean line, or in none and a line of the log" {
    trap_table traps
}

@test "no trap forges a line: 2,000 that are broken at random" {
    trap_table broken
}

@test "a pipe that nobody reads, that is full or that is none holds nothing up" {
    trap_table pipes
}
