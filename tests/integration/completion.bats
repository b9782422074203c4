#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# contrib/completion in an interactive bash: keys are pressed, and the line is read back.

bats_require_minimum_version 1.5.0

# completes [BASH-COMPLETION]: every option, and every value that can be known.
completes() {
    run /usr/bin/python3 -I "$SRCDIR/tests/integration/completion.py" \
        "$SRCDIR/contrib/completion/check_veeam_cdp_task" "$CHECK_VEEAM_CDP_TASK" "$@"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}

@test "bash completes each option and its values, without the package bash-completion" {
    completes
}

@test "the package bash-completion finds the completion, and it does the same there" {
    local package=/usr/share/bash-completion/bash_completion
    [ -f "$package" ] || skip "bash-completion is not installed"
    completes "$package"
}
