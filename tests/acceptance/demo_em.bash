# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# For files of tests that share one EM which plays the demo: started once, its counts zeroed and its
# faults taken back before each test.

setup_file() {
    start_em --scenario="$SRCDIR/tests/emulator/scenarios/demo.json"
}
teardown_file() {
    stop_em
}
setup() {
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    play "$(cat "$SRCDIR/tests/emulator/scenarios/demo.json")"
    control POST reset >/dev/null
}
