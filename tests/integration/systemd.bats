#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The units of contrib/prometheus in a real systemd: one that is booted in a container whose root is a
# copy of this machine's, which is gone afterwards. It has a network of its own.

bats_require_minimum_version 1.5.0
export PASSWORD=Tr0ub4dor-5d1c77

needs() {
    local program
    for program in "$@"; do
        command -v "$program" >/dev/null || skip "$program is not installed"
    done
}

# systemd-nspawn leaves them where it was started outside of a unit.
remove_cgroups() {
    local hierarchy own
    own=$(sed -n 's/^0:://p' /proc/self/cgroup)
    for hierarchy in "" /unified /systemd; do
        find "/sys/fs/cgroup$hierarchy$own/payload" "/sys/fs/cgroup$hierarchy$own/supervisor" \
            -depth -type d -exec rmdir {} + 2>/dev/null || true
    done
}

@test "the README's ten minutes: the units in a booted systemd" {
    needs systemd-nspawn unshare prometheus-node-exporter ip
    [ "$(id -u)" -eq 0 ] || skip "only root can boot a container"
    [ -z "${CHECK_WRAPPER:-}" ] || skip "systemd would run the plugin without the wrapper"
    ! grep -qa __asan_init "$CHECK_VEEAM_CDP_TASK" || skip "a build with sanitizers has nothing to add here"
    local folder=$BATS_TEST_TMPDIR
    mkdir "$folder/layers"
    cat >"$folder/scenario.json" <<'SCENARIO'
{"policies": [{"name": "CDP Policy"}, {"name": "Other"}],
 "vms": [{"name": "srv-db01", "policy": "CDP Policy",
          "sessions": [{"created": "-2h"}, {"created": "-10h", "ended": "-2h", "result": "Failed", "reason": "full"}]},
         {"name": "srv-lab01", "policy": "Other", "sessions": [{"created": "-2h"}]}]}
SCENARIO
    printf '%s\n' "SRCDIR='/walk/source'" "CHECK_VEEAM_CDP_TASK='/walk/plugin'" \
        "EM_EMULATOR='/walk/emulator'" "PASSWORD=$PASSWORD" >"$folder/environment"
    cat >"$folder/walk.service" <<'UNIT'
[Unit]
Requires=sysinit.target dbus.socket
After=sysinit.target dbus.socket
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
Type=oneshot
TimeoutStartSec=120
ExecStart=/bin/sh /walk/source/tests/integration/systemd_walk.sh /walk
StandardOutput=append:/walk/output
StandardError=append:/walk/errors
UNIT
    cat >"$folder/boot.sh" <<'BOOT'
set -eu
mount -t tmpfs none "$1/layers"
mkdir "$1/layers/upper" "$1/layers/work" "$1/layers/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/layers/upper,workdir=$1/layers/work" "$1/layers/root"
exec timeout 180 systemd-nspawn --quiet --register=no --keep-unit --machine="cdp-$$" \
    --directory="$1/layers/root" --private-network --bind="$1:/walk" \
    --bind-ro="$SRCDIR:/walk/source" --bind-ro="$CHECK_VEEAM_CDP_TASK:/walk/plugin" \
    --bind-ro="$EM_EMULATOR:/walk/emulator" \
    --bind-ro="$1/walk.service:/etc/systemd/system/walk.service" --boot systemd.unit=walk.service
BOOT
    unshare --mount true 2>/dev/null || skip "no mount namespace can be made here"
    run unshare --mount sh "$folder/boot.sh" "$folder" </dev/null
    remove_cgroups
    [ -e "$folder/output" ] || { printf '# %s\n' "${lines[@]}" >&3; skip "systemd does not boot in a container here"; }
    run cat "$folder/output"
    printf '# %s\n' "${lines[@]}" >&3
    [ "${lines[-1]}" = "walk: end" ] || { tail -n 20 "$folder/errors"; false; }
    local line
    for line in 'node_textfile_scrape_error 0' "walk: status 1 VMs, # EOF" "walk: file veeam-cdp 644" \
        "walk: timer active, enabled" "walk: next run within 7 minutes: yes" "walk: by hand: CDP TASK CRITICAL" \
        'walk: down: inactive, 0 kind="unreachable"' "walk: crashed: failed, unchanged" \
        "walk: passwords in the journal: 0"; do
        [[ $'\n'$output$'\n' == *$'\n'"$line"$'\n'* ]] || { echo "not there: $line"; false; }
    done
    [[ $output == *$'\nveeam-cdp-textfile: /usr/lib/nagios/plugins/check_veeam_cdp_task ended with 139;'* ]]
    ! grep -q "$PASSWORD" "$folder/output" "$folder/errors"
}
