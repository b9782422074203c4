# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# For tests of packages: built from a tree as git or a release archive has it, with the one command that
# the README of contrib/packaging names.

# needs PROGRAM…: skips where one is missing.
needs() {
    local program
    for program in "$@"; do
        PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || skip "$program is not installed"
    done
}

# build deb|rpm: in a copy of the tree; sets built, the folder with the packages, and built_log.
build() {
    local tree=$BATS_FILE_TMPDIR/tree
    mkdir "$tree"
    (
        cd "$SRCDIR"
        git ls-files -z 2>/dev/null | grep . || find . -name build -prune -o -type f -print0
    ) | tar -c -C "$SRCDIR" --null -T - --ignore-failed-read | tar -x -C "$tree"
    run env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS CFLAGS= "$tree/contrib/packaging/build.sh" "$1"
    [ "$status" -eq 0 ] || fail_with "the $1 was not built"
    built=$tree/build/$1
}
