#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# contrib/zabbix with a real zabbix_server, its frontend and an agent 2, on a MariaDB of its own.

bats_require_minimum_version 1.5.0

@test "Zabbix imports the templates, discovers VMs, and its problems are what the plugin says" {
    [ -z "${CHECK_WRAPPER:-}" ] || skip "under a wrapper Zabbix would run the plugin without it"
    ! grep -qa __asan_init "$CHECK_VEEAM_CDP_TASK" || skip "a build with sanitizers has nothing to add here"
    run /usr/bin/python3 -EsB "$SRCDIR/tests/integration/zabbix.py"
    [ "$status" -ne 77 ] || skip "${lines[0]#skipped: }"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}
