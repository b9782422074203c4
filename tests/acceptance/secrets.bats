#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/secrets.sh, which searches all that tests print: that it would find what a run can leak.

load support

setup() {
    build=$BATS_TEST_TMPDIR/build
    mkdir -p "$build/check-tmp/folder"
    echo "CDP TASK OK" >"$build/fine.log"
}

teardown() {
    stop_em
}

# searched EXIT-CODE TEXT…: what comes of a search; never is a secret shown.
searched() {
    run "$SRCDIR/tests/secrets.sh" "$build"
    has "$@"
    lacks "$PASSWORD"
    lacks "$WRONG_PASSWORD"
    lacks "$(printf 'monitor:%s' "$PASSWORD" | base64)"
}

@test "passwords, right and wrong, plain and as a logon sends them" {
    searched 0 "1 files searched, 0 finds"
    echo "logon with $PASSWORD" >"$build/check.out"
    searched 1 "$build/check.out: a password" "2 files searched, 1 finds"
    printf 'bytes\0and %s' "$WRONG_PASSWORD" >"$build/check.out"
    searched 1 "$build/check.out: a password"
    rm "$build/check.out"
    for user in monitor EXAMPLE\\monitor monitor@example.invalid; do
        printf '%s:%s' "$user" "$PASSWORD" | base64 -w0 >"$build/check-tmp/folder/any name"
        searched 1 "$build/check-tmp/folder/any name: a password in base64"
    done
}

@test "the token and the session id of an emulated EM's logon" {
    start_em
    curl -sk -d '' -u "monitor:$PASSWORD" -D "$build/test.trs" -o "$build/test.log" \
        "https://localhost:$EM_PORT/api/sessionMngr/?v=latest"
    searched 1 "$build/test.trs: a token" "$build/test.log: a session id" "3 files searched, "
}

@test "what is no output is not searched; a folder that is not there is said" {
    echo "$PASSWORD" >"$build/test.o"
    searched 0 "1 files searched, 0 finds"
    run "$SRCDIR/tests/secrets.sh" "$build/missing"
    has 2 "no folder"
}
