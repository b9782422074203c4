#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# contrib/prometheus with the real systemd-analyze, promtool, node_exporter, Prometheus and Alertmanager.

bats_require_minimum_version 1.5.0
folder=$SRCDIR/contrib/prometheus

needs() {
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null || skip "$program is not installed"
    done
}

# units: copies of the units that name the script where it is, as their own place is for admins.
units() {
    cp "$folder"/veeam-cdp-textfile@.{service,timer} "$BATS_TEST_TMPDIR"
    sed -i "s#^ExecStart=/usr/local/bin/#ExecStart=$folder/#" "$BATS_TEST_TMPDIR"/*.service
    cd "$BATS_TEST_TMPDIR" || exit 1
}

@test "systemd takes the units, and finds little that they are exposed to" {
    needs systemd-analyze
    units
    grep -q "^ExecStart=$folder/veeam-cdp-textfile " veeam-cdp-textfile@.service
    # Documentation= is of a manual that is not installed here.
    run systemd-analyze verify --man=no ./veeam-cdp-textfile@em01.service ./veeam-cdp-textfile@em01.timer
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    run systemd-analyze security --offline=yes --no-pager --threshold=15 ./veeam-cdp-textfile@.service
    printf '# %s\n' "${lines[-1]}" >&3
    [ "$status" -eq 0 ]
}

@test "systemd refuses what it does not know: the test of units can fail" {
    needs systemd-analyze
    units
    echo 'ProtectEverything=yes' >>veeam-cdp-textfile@.service
    run systemd-analyze verify --man=no ./veeam-cdp-textfile@em01.service
    [[ $output == *ProtectEverything* ]]
}

@test "the example of an environment is what a shell and systemd read alike" {
    run sh -c ". '$folder/em01.env'; printf '%s\n' \"\$VEEAM_EM_USERNAME\" \"\$VEEAM_CDP_OPTIONS\""
    [ "${lines[0]}" = 'EXAMPLE\monitor' ]
    [ "${lines[1]}" = '--all --timeout=60' ]
}

# seconds NAME: what the service has for it.
seconds() {
    local span
    span=$(sed -n "s/^$1=//p" "$folder/veeam-cdp-textfile@.service")
    systemd-analyze timespan "$span" | sed -n 's/^ *μs: \(.*\)000000$/\1/p'
}

@test "the service gives the plugin longer than the plugin gives EM, and a run ends before the next" {
    needs systemd-analyze
    [ "$(seconds TimeoutStartSec)" -gt "$(sed -n 's/.*--timeout=\([0-9]*\).*/\1/p' "$folder/em01.env")" ]
    [ "$(seconds TimeoutStartSec)" -lt 300 ]
}

@test "shellcheck has nothing to say of the script" {
    needs shellcheck
    shellcheck "$folder/veeam-cdp-textfile"
}

@test "promtool: the rules are sound, and each is tested" {
    needs promtool
    run promtool check rules "$folder/veeam_cdp.rules.yml"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
    run promtool test rules "$folder/veeam_cdp.rules.test.yml"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
    local alert
    for alert in $(sed -n 's/^ *- alert: //p' "$folder/veeam_cdp.rules.yml"); do
        grep -A 3 "alertname: $alert\$" "$folder/veeam_cdp.rules.test.yml" | grep -q exp_labels ||
            { echo "no test has $alert fire"; false; }
    done
}

@test "amtool: the example for the Alertmanager is sound" {
    needs amtool
    run amtool check-config "$folder/alertmanager.example.yml"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}

@test "a Failed session ends as an alert in the Alertmanager" {
    [ -z "${CHECK_WRAPPER:-}" ] || skip "the script would run the plugin without the wrapper"
    run /usr/bin/python3 -EsB "$SRCDIR/tests/integration/prometheus.py"
    [ "$status" -ne 77 ] || skip "${lines[0]#skipped: }"
    printf '# %s\n' "${lines[@]}" >&3
    [ "$status" -eq 0 ]
}
