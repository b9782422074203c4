#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# libcurl is loaded by runs that ask EM, and by no other: most of the time that a start takes is its.

load support

entity=$SRCDIR/tests/fixtures/v13/entity.json

setup_file() {
    start_em --scenario="$SRCDIR/tests/emulator/scenarios/demo.json"
}

teardown_file() {
    stop_em
}

# loads COMMAND…: runs it; $loaded is what the dynamic linker says of the files that it loads.
loads() {
    local told=$BATS_TEST_TMPDIR/loaded
    rm -f "$told".*
    LD_DEBUG=files LD_DEBUG_OUTPUT=$told "$@"
    loaded=$(cat "$told".*)
    # Else nothing was told, and what is missing there says nothing.
    [[ $loaded == *libcjson* ]] || fail_with "not even libcjson is loaded"
}

# By which name the plugin loads libcurl.
libcurl_name() {
    loads check --vm=srv-db01
    [[ $loaded =~ file=(libcurl[^ ]*)\ .*dynamically\ loaded ]] || fail_with "$loaded"
    echo "${BASH_REMATCH[1]}"
}

@test "a run that asks EM loads libcurl" {
    loads check --vm=srv-db01
    has 0 "CDP TASK OK: "
    [[ $loaded == *libcurl* ]] || fail_with "no libcurl: $loaded"
}

@test "a saved answer, help, version and faults of usage need no libcurl" {
    for option in "--input=$entity" --help --version --no-such-option --timeout=never; do
        loads plugin "$option"
        [[ $loaded != *libcurl* ]] || fail_with "$option loads libcurl: $loaded"
    done
    loads check --vm=srv-db01 --password-file=/no/such/file
    has 3 "usage: "
    [[ $loaded != *libcurl* ]] || fail_with "no password, and libcurl is loaded: $loaded"
}

@test "nor does a check that a snapshot answers" {
    mkdir -m 700 "$BATS_TEST_TMPDIR/snapshots"
    loads check --vm=srv-db01 --snapshot="$BATS_TEST_TMPDIR/snapshots"
    has 0 "CDP TASK OK: "
    [[ $loaded == *libcurl* ]] || fail_with "EM was not asked: $loaded"
    loads check --vm=srv-db01 --snapshot="$BATS_TEST_TMPDIR/snapshots"
    has 0 "CDP TASK OK: "
    [[ $loaded != *libcurl* ]] || fail_with "libcurl is loaded: $loaded"
}

@test "a libcurl that can't be loaded is a fault that says so, and disturbs no saved answer" {
    local name
    name=$(libcurl_name)
    echo "this is no library" >"$BATS_TEST_TMPDIR/$name"
    export LD_LIBRARY_PATH=$BATS_TEST_TMPDIR
    plugin --input="$entity"
    has 2 "CDP TASK CRITICAL: "
    plugin -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --vm=srv-db01
    has 3 "CDP TASK UNKNOWN: internal: libcurl can't be loaded ($BATS_TEST_TMPDIR/$name: " \
        "; is it installed (Debian: libcurl4)?"
    is_one_line
}

@test "so is a libcurl without a function that is needed" {
    local name another
    name=$(libcurl_name)
    another=$(ldd "$CHECK_VEEAM_CDP_TASK" | sed -n 's/.*libcjson.* => \([^ ]*\) .*/\1/p')
    ln -s "$another" "$BATS_TEST_TMPDIR/$name"
    export LD_LIBRARY_PATH=$BATS_TEST_TMPDIR
    plugin -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --vm=srv-db01
    has 3 "CDP TASK UNKNOWN: internal: $name has no curl_easy_cleanup: it is older than"
    is_one_line
}
