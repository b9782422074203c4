# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154 # bats sets status
# For tests of packages, which are built once a file: from a tree as git or a release archive has it, by
# the one command that contrib/packaging/README.md names; or where BUILT_PACKAGES says that they are, if
# they were built elsewhere, as in a root of another release.

# build deb|rpm PROGRAM…: sets packages, the folder that they are in, and missing, the programs without
# which there is none. Where build_options is set, it is the build's DEB_BUILD_OPTIONS.
build() {
    local kind=$1 tree=$BATS_FILE_TMPDIR/tree program
    shift
    missing=
    for program; do
        PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || missing+=" $program"
    done
    export missing packages=$tree/build/$kind
    [ -z "$missing" ] || return 0
    if [ -n "${BUILT_PACKAGES:-}" ]; then
        packages=$BUILT_PACKAGES
        return 0
    fi
    mkdir "$tree"
    sources | tar -c -C "$SRCDIR" --null -T - | tar -x -C "$tree"
    # As from a shell of its own: neither make's variables nor those of bats reach the tests in there.
    run env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$HOME" \
        TMPDIR="$BATS_FILE_TMPDIR" DEB_BUILD_OPTIONS="${build_options:-}" "$tree/contrib/packaging/build.sh" "$kind" 3>&-
    [ "$status" -eq 0 ] || fail_with "the $kind was not built"
    [[ $output == *"built in $packages:"*".$kind" ]] || fail_with "what was built is not told"
}

sources() {
    git -C "$SRCDIR" ls-files -z 2>/dev/null | grep -z . ||
        (cd "$SRCDIR" && find . -name build -prune -o -type f -print0)
}

skip_where_missing() {
    [ -z "$missing" ] || skip "not installed:$missing"
}

# Of each test that its build has run.
ran_its_tests() {
    grep -q '^PASS: tests/unit/test_em$' "$packages/log"
    grep -q '^PASS: tests/acceptance/verdict.bats$' "$packages/log"
    ! grep -E '^(FAIL|ERROR): ' "$packages/log"
}
