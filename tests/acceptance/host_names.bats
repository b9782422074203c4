#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# International names of EM: they work whatever the environment says, or the fault says what does.

# shellcheck disable=SC2030,SC2031 # each test is a subshell
load support

setup_file() {
    start_em --scenario="$SRCDIR/tests/emulator/scenarios/demo.json" \
        --certificate-host=xn--bcher-kva.example --certificate-host-alone
}

teardown_file() {
    stop_em
}

# asks OPTION…: as check does, but of the name that the test gives.
asks() {
    plugin -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --ca-file="$EM_CA" \
        --vm=srv-db01 "$@"
}

@test "an international name is that of its certificate, which has it in ASCII" {
    for locale in C POSIX C.UTF-8; do
        for name in bücher.example BÜCHER.example xn--bcher-kva.example; do
            LC_ALL=$locale asks -H "$name" --connect-to=localhost
            has 0 "CDP TASK OK: srv-db01"
        done
    done
    LC_ALL=C asks -H bucher.example --connect-to=localhost
    has 3 "tls: "
    LC_ALL=C asks -H bücher.example --connect-to=localhost --format=json
    [ "$(query .server)" = "bücher.example:$EM_PORT" ]
}

@test "what is dialled may be one, too" {
    LC_ALL=C asks -H bücher.example --connect-to="büro.localhost:1"
    has 3 "unreachable: https://bücher.example:$EM_PORT at büro.localhost:1: no connection"
    LC_ALL=C asks -H büro.localhost -p 1
    has 3 "unreachable: https://büro.localhost:1: no connection"
}

@test "a proxy may have one, too" {
    local source
    for source in "--proxy=http://büro.localhost:1" "--proxy=http://user:$PASSWORD@BÜRO.localhost:1"; do
        LC_ALL=C asks -H localhost "$source"
        has 3 "unreachable: https://localhost:$EM_PORT through the proxy " ".localhost:1 (--proxy): no connection"
        lacks Tr0ub4dor
    done
    LC_ALL=C https_proxy=büro.localhost:1 asks -H localhost
    has 3 "the proxy büro.localhost:1 (https_proxy): no connection"
    ! grep -qa __asan_init "$CHECK_VEEAM_CDP_TASK" || skip "AddressSanitizer wants to be the first library"
    export LD_PRELOAD=$NO_LOCALE
    asks -H localhost --proxy="http://user:$PASSWORD@büro.localhost:1"
    has 3 "usage: --proxy=büro.localhost: this system has no UTF-8 locale; write it in ASCII, as xn--"
    lacks Tr0ub4dor
    https_proxy=büro.localhost:1 asks -H localhost
    has 3 "usage: https_proxy=büro.localhost: this system has no UTF-8 locale"
    asks -H localhost --proxy="http://user:${PASSWORD}ü@localhost:1"
    has 3 "unreachable: "
}

@test "a name that the environment excepts from its proxy, in any form" {
    local list
    export https_proxy=http://localhost:1
    for list in bücher.localhost BÜCHER.LOCALHOST .xn--bcher-kva.localhost; do
        LC_ALL=C NO_PROXY=$list asks -H bücher.localhost -p 1
        has 3 "unreachable: https://bücher.localhost:1: no connection"
        LC_ALL=C NO_PROXY=$list asks -H xn--bcher-kva.localhost -p 1
        has 3 "unreachable: https://xn--bcher-kva.localhost:1: no connection"
    done
    LC_ALL=C NO_PROXY=bucher.localhost asks -H bücher.localhost -p 1
    has 3 "(https_proxy)"
}

@test "where it can't be put into ASCII, the fault says to write it so" {
    ! grep -qa __asan_init "$CHECK_VEEAM_CDP_TASK" || skip "AddressSanitizer wants to be the first library"
    export LD_PRELOAD=$NO_LOCALE
    asks -H bücher.example --connect-to=localhost
    has 3 "usage: --hostname=bücher.example: this system has no UTF-8 locale; write it in ASCII, as xn--"
    asks -H xn--bcher-kva.example --connect-to=büro.localhost
    has 3 "usage: --connect-to=büro.localhost: " "write it in ASCII, as xn--"
    asks -H xn--bcher-kva.example --connect-to=localhost
    has 0
}

@test "a name that is none is a usage fault" {
    LC_ALL=C asks -H $'b\xfccher.example'
    has 3 "usage: --hostname: "
    LC_ALL=C asks -H $'b\u202e\u00fccher.example'
    has 3 "usage: " "a name beyond ASCII can be written as xn--"
}
