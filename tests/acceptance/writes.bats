#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What ends an emulator says if anything tried to change something in EM, however long ago.
load support

teardown() {
    stop_em
}

# What a plugin that goes wrong might send to EM: METHOD TARGET.
sends() {
    curl -sk -X "$1" "https://localhost:$EM_PORT$2" >/dev/null
}

@test "an emulator's end fails if a request could have changed something in EM" {
    start_em
    check --vm srv-db01
    has 0
    sends POST "/api/backupServers/00000000-0000-0000-0000-000000000000?action=collect"
    control POST reset >/dev/null
    play '{}'
    run stop_em
    has 1 "requests that could change something in EM: 1"
    # shellcheck disable=SC2034 # teardown must not ask it again
    EM_PID=
}

@test "a check, and a POST whose query is exactly action=intervals, change nothing" {
    start_em
    check --vm srv-db01
    has 0
    sends POST "/api/cdpReplicas/x/vms/y?action=intervals"
    [ "$(count writes)" -eq 0 ]
}
