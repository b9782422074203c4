#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# contrib/icinga2 with a real Icinga 2, in which a master shows what two satellites check.

bats_require_minimum_version 1.5.0

@test "satellites of Icinga 2 run the checks, and the master shows what the plugin says" {
    [ -z "${CHECK_WRAPPER:-}" ] || skip "under a wrapper Icinga 2 would run the plugin without it"
    ! grep -qa __asan_init "$CHECK_VEEAM_CDP_TASK" || skip "a build with sanitizers has nothing to add here"
    run /usr/bin/python3 -IB "$SRCDIR/tests/daemons/icinga2.py"
    [ "$status" -ne 77 ] || skip "${lines[0]#skipped: }"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}

@test "the command definition has every option that is of use in a service" {
    local options known
    options=$({
        sed -n 's/^    {"\([a-z0-9-]*\)", .*/--\1/p' "$SRCDIR/plugins/options.c"
        echo --extra-opts
    } | sort)
    known=$({
        sed -n 's/^\t\t"\(--[a-z0-9-]*\)" = {$/\1/p' "$SRCDIR/contrib/icinga2/veeam_cdp_task.conf"
        # What a service has no use for, what would show a password, and -v, which takes a number there.
        printf '%s\n' --help --version --format --list --passive-host --passive-service --password --verbose
    } | sort)
    [ "$(wc -l <<<"$options")" -gt 40 ]
    diff <(echo "$options") <(echo "$known")
    # Each is described.
    [ "$(grep -c $'^\t\t"-[a-z0-9-]*" = {$' "$SRCDIR/contrib/icinga2/veeam_cdp_task.conf")" -eq \
        "$(grep -c $'^\t\t\tdescription = ".' "$SRCDIR/contrib/icinga2/veeam_cdp_task.conf")" ]
}
