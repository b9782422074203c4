#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# libcurl is loaded by runs that ask EM, and by no other: most of the time that a start takes is its. Runs
# that read no JSON do without libcjson as well.

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
    [[ $loaded == *libc.so* ]] || fail_with "not even libc is loaded"
}

# name_of LIBRARY: by which name the plugin loads it.
name_of() {
    loads check --vm=srv-db01
    [[ $loaded =~ file=($1[^ ]*)\ .*dynamically\ loaded ]] || fail_with "$loaded"
    echo "${BASH_REMATCH[1]}"
}

# loaded_no LIBRARY…
loaded_no() {
    local library
    for library; do
        [[ $loaded != *$library* ]] || fail_with "$library is loaded: $loaded"
    done
}

@test "a run that asks EM loads libcurl" {
    loads check --vm=srv-db01
    has 0 "CDP TASK OK: "
    [[ $loaded == *libcurl* ]] || fail_with "no libcurl: $loaded"
}

@test "a saved answer, help, version and faults of usage need no libcurl" {
    for option in "--input=$entity" --help --version --no-such-option --timeout=never; do
        loads plugin "$option"
        loaded_no libcurl libcrypt
        [[ $option == --input=* ]] || loaded_no libcjson
    done
    loads check --vm=srv-db01 --password-file=/no/such/file
    has 3 "usage: "
    loaded_no libcurl libcrypt libcjson
}

@test "nor does a check that a snapshot answers, which needs no other library" {
    mkdir -m 700 "$BATS_TEST_TMPDIR/snapshots"
    loads check --vm=srv-db01 --snapshot="$BATS_TEST_TMPDIR/snapshots"
    has 0 "CDP TASK OK: "
    [[ $loaded == *libcurl* ]] || fail_with "EM was not asked: $loaded"
    loads check --vm=srv-db01 --snapshot="$BATS_TEST_TMPDIR/snapshots"
    has 0 "CDP TASK OK: "
    loaded_no libcurl libcrypt libcjson "dynamically loaded"
}

@test "a libcurl that can't be loaded is a fault that says so, and disturbs no saved answer" {
    local name
    name=$(name_of libcurl)
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
    name=$(name_of libcurl)
    another=$(ldd "$CHECK_VEEAM_CDP_TASK" | sed -n 's/.*libc\.so.* => \([^ ]*\) .*/\1/p')
    ln -s "$another" "$BATS_TEST_TMPDIR/$name"
    export LD_LIBRARY_PATH=$BATS_TEST_TMPDIR
    plugin -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --vm=srv-db01
    has 3 "CDP TASK UNKNOWN: internal: $name has no curl_easy_cleanup: it is older than"
    is_one_line
}

@test "without libcjson nothing is asked" {
    local name
    name=$(name_of libcjson)
    control POST reset >/dev/null
    echo "this is no library" >"$BATS_TEST_TMPDIR/$name"
    export LD_LIBRARY_PATH=$BATS_TEST_TMPDIR
    plugin --input="$entity"
    has 3 "CDP TASK UNKNOWN: internal: " "libcjson can't be loaded ($BATS_TEST_TMPDIR/$name: " \
        "; is it installed (Debian: libcjson1)?"
    plugin -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --vm=srv-db01
    has 3 "CDP TASK UNKNOWN: internal: libcjson can't be loaded ($BATS_TEST_TMPDIR/$name: "
    is_one_line
    [ "$(count requests)" -eq 0 ]
}
