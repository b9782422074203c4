#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Shows the check at work on a fresh Debian: installs what is missing, builds, starts the Enterprise
# Manager emulator and runs the check against it. Leaves the build in build/demo, nothing running.
set -eu
cd "$(dirname "$0")/.."
# shellcheck source=tests/setup.sh
. tests/setup.sh
# shellcheck disable=SC2086 # a list of words
need $build_packages

[ -x configure ] || autoreconf -i >/dev/null 2>&1
mkdir -p build/demo
source=$(source_folder)
# Another source folder than last time: configure afresh.
grep -qx "srcdir = $source" build/demo/Makefile 2>/dev/null || rm -rf build/demo/*
(
    cd build/demo
    [ -f Makefile ] || "$source/configure" -q >/dev/null
    make -s -j2 all tests/emulator/em-emulator >/dev/null
)
work=$(mktemp -d)
EM_PID=
stop() {
    [ -z "$EM_PID" ] || kill "$EM_PID" 2>/dev/null || true
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

eval "$(build/demo/tests/emulator/em-emulator --background --lifetime=300 --dir="$work" \
    --scenario=tests/emulator/scenarios/demo.json)"
umask 077
echo secret >"$work/password"

# show TITLE OPTION…: prints the command line, runs it, prints its exit code.
show() {
    echo
    echo "# $1"
    shift
    set -- build/demo/plugins/check_veeam_cdp_task -H localhost -p "$EM_PORT" -u monitor \
        --password-file="$work/password" --ca-file="$EM_CA" "$@"
    printf '$'
    for word in "$@"; do
        case $word in
        *' '*) printf " '%s'" "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    echo
    code=0
    "$@" || code=$?
    echo "(exit code $code)"
}

show "A VM whose replication runs well" --vm=srv-db01 --warning=12h --critical=24h
show "One whose last completed task session ended with a warning" --vm=srv-web01
show "One whose last completed task session failed, while a new one runs well" --vm=srv-file01
show "The same, for a program to read" --vm=srv-file01 --format=json
show "One for which nothing has been running for half an hour, which is too long here" --vm=srv-app01 \
    --backup-server=vbr02.example.invalid --idle-after=30m
show "All VMs of a policy: the worst counts" --policy="CDP Policy"
show "Enterprise Manager itself: does it answer, and is its data fresh?" --em
