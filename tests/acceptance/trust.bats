#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Whom the check believes: certificates, pins, TLS versions, and how to live with a self-signed one.

load support

teardown() {
    stop_em
}

run_check() {
    plugin -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --vm srv-db01 "$@"
}

demo() {
    start_em --scenario="$SRCDIR/tests/emulator/scenarios/demo.json" "$@"
}

@test "a self-signed certificate is refused, and the message has the pin that makes the check pass" {
    demo
    run_check
    has 3 "CDP TASK UNKNOWN: tls: " "self-signed certificate" "--pinned-pubkey=$EM_PIN"
    is_one_line
    [ "$(count requests)" -eq 0 ]
    run_check "--pinned-pubkey=$(grep -oE 'sha256//[A-Za-z0-9+/]{43}=' <<<"$output")"
    has 0 "CDP TASK OK: srv-db01"
    good_manners 4
}

@test "where the system has no authorities, a fault says so, and the pin makes the check pass" {
    unshare --mount true 2>/dev/null || skip "no mounts of its own can be made here"
    demo
    # shellcheck disable=SC2016 # for that shell
    local bare=(unshare --mount sh -c 'mount -t tmpfs none /etc/ssl/certs && exec "$@"' -
        "$CHECK_VEEAM_CDP_TASK" -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --vm=srv-db01)
    run "${bare[@]}"
    has 3 "CDP TASK UNKNOWN: tls: " "authorities can't be read" "ca-certificates" "--pinned-pubkey=$EM_PIN trusts it"
    run "${bare[@]}" --pinned-pubkey="$EM_PIN"
    has 0 "CDP TASK OK: "
    run "${bare[@]}" --ca-file="$EM_CA"
    has 0 "CDP TASK OK: "
    run "${bare[@]}" --ca-file="$BATS_TEST_TMPDIR/none"
    has 3 "CDP TASK UNKNOWN: usage: " "--ca-file"
}

@test "a wrong pin is refused before anything is sent; one of several suffices" {
    local wrong=sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
    demo
    run_check --pinned-pubkey=$wrong
    has 3 "tls: " "another key" "somebody in between" "its pin is $EM_PIN"
    [ "$(count requests)" -eq 0 ]
    run_check "--pinned-pubkey=$wrong;$EM_PIN"
    has 0
    run_check --ca-file="$EM_CA" --pinned-pubkey=$wrong
    has 3 "tls: " "another key" "though its certificate is trusted" "its new pin is $EM_PIN"
    # The message has its pin however long the host's name is.
    local long
    long=$(printf 'a%.0s' {1..60}).$(printf 'b%.0s' {1..60}).$(printf 'c%.0s' {1..60}).example.invalid
    run_check -H "$long" --connect-to="localhost:$EM_PORT" --ca-file="$EM_CA"
    has 3 "tls: " "--pinned-pubkey=$EM_PIN without --ca-file and --ca-path trusts it"
}

@test "--ca-file and --ca-path are trusted besides the system's" {
    demo
    run_check --ca-file="$EM_CA"
    has 0
    mkdir -p "$BATS_TEST_TMPDIR/ca"
    cp "$EM_CA" "$BATS_TEST_TMPDIR/ca/$(openssl x509 -hash -noout -in "$EM_CA").0"
    run_check --ca-path="$BATS_TEST_TMPDIR/ca"
    has 0
    echo nonsense >"$BATS_TEST_TMPDIR/ca.pem"
    run_check --ca-file="$BATS_TEST_TMPDIR/ca.pem"
    has 3 "CDP TASK UNKNOWN: usage: " "has no certificate in PEM"
}

@test "a certificate that is not the one in --ca-file: whether the key is still the pinned one" {
    local old=$BATS_TEST_TMPDIR/old.pem
    openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -subj /CN=old -out "$old" 2>/dev/null
    demo
    run_check --ca-file="$old"
    has 3 "tls: " "neither it nor its CA is in --ca-file" "if its key is the right one, --pinned-pubkey=$EM_PIN"
    run_check --ca-file="$old" --pinned-pubkey="$EM_PIN"
    has 3 "tls: " "its key is still the right one: --pinned-pubkey=$EM_PIN without --ca-file"
    run_check --ca-file="$old" --pinned-pubkey=sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
    has 3 "tls: " "its key, $EM_PIN, is not that of --pinned-pubkey either"
    lacks "trusts it"
}

@test "--insecure verifies nothing and says so each time" {
    demo
    run_check -k
    has 0 "notice: --insecure: "
    run_check -k --vm nobody
    has 3 "notice: --insecure: "
    run_check -k --format=json
    [[ $(query '.notices[]') == *--insecure* ]]
}

# failing LENGTH: a scenario of 60 VMs that failed, with names so long.
failing() {
    jq -nc --arg password "$PASSWORD" --argjson length "$1" '{user: "monitor", password: $password,
        vms: [range(60) | {name: ("v" * $length + "\(.)"), sessions: [{created: "-5h", ended: "-1h",
            state: "Completed", result: "Failed", reason: ("disk full " * 40)}]}]}'
}

# is_before_the_vms NOTICE: it is in the report, which has VMs as well, and before the first of them.
is_before_the_vms() {
    [[ ${output%%$'\n['*} == *$'\n'"notice: $1"* ]] || fail_with "'$1' is not before the VMs"
    [[ $output == *$'\n[CRITICAL] v'* ]] || fail_with "no VM is shown"
    [ "${#output}" -lt 4000 ] || fail_with "${#output} bytes"
}

@test "what weakens the trust is said before the VMs, however many failed and however long their names" {
    local length selector
    start_em --no-tls
    local plain=$EM_PORT plain_pid=$EM_PID
    start_em --clock-offset=7200
    for length in 1 9 14 22 30 38 47 60 90 130; do
        play "$(failing "$length")"
        EM_PORT=$plain curl -s --data-binary "$(failing "$length")" "http://localhost:$plain/emulator/scenario" >/dev/null
        for selector in "--all" "--all --perfdata=none" "--all --snapshot=$BATS_TEST_TMPDIR/$length"; do
            # shellcheck disable=SC2086 # options and their values
            plugin -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" -k $selector
            is_before_the_vms "--insecure: the server's certificate was not verified"
            is_before_the_vms "EM's clock is 2h ahead of this host's"
        done
        plugin -H localhost -p "$plain" -u monitor --password-file="$PASSWORD_FILE" --no-tls --all
        is_before_the_vms "--no-tls: password and answers travel in clear"
    done
    EM_PORT=$plain EM_PIN='' EM_PID=$plain_pid stop_em
}

@test "a run that is ended from outside says it as well" {
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    plugin -H localhost -u monitor --password-file=- -k --vm=x -t 1 <> "$BATS_TEST_TMPDIR/fifo"
    has 3 "CDP TASK UNKNOWN: timeout: " $'\nnotice: --insecure: '
}

@test "a certificate for another host" {
    demo --certificate-host=em01.example.invalid --certificate-host-alone
    run_check --ca-file="$EM_CA"
    has 3 "tls: " "localhost" "--hostname" "it is for em01.example.invalid"
    run_check -H em01.example.invalid --connect-to="localhost:$EM_PORT" --ca-file="$EM_CA"
    has 0
    run_check -H em01.example.invalid --connect-to="[::1]:$EM_PORT" --ca-file="$EM_CA"
    has 0
    run_check --pinned-pubkey="$EM_PIN"
    has 0
}

@test "a certificate that has expired, and one that is not yet valid" {
    demo --certificate-not-before=-7200 --certificate-not-after=-3600
    run_check --ca-file="$EM_CA" --pinned-pubkey="$EM_PIN"
    has 3 "tls: " "expired" "--pinned-pubkey=$EM_PIN without --ca-file and --ca-path trusts it"
    lacks "give its CA"
    run_check --pinned-pubkey="$EM_PIN"
    has 0
    stop_em
    demo --certificate-not-before=3600 --certificate-not-after=7200
    run_check --ca-file="$EM_CA"
    has 3 "tls: " "not yet valid"
}

@test "--tls-min" {
    demo --tls-version=1.2
    run_check --ca-file="$EM_CA"
    has 0
    run_check --ca-file="$EM_CA" --tls-min=1.3
    has 3 "CDP TASK UNKNOWN: tls: the TLS handshake"
    stop_em
    demo --tls-version=1.3
    run_check --ca-file="$EM_CA" --tls-min=1.3
    has 0
}

@test "--no-tls speaks HTTP and says so; HTTP and HTTPS are told apart" {
    demo
    run_check --no-tls
    has 3 "CDP TASK UNKNOWN: " "notice: --no-tls: "
    stop_em
    demo --no-tls
    run_check --no-tls
    has 0 "CDP TASK OK" "notice: --no-tls: password and answers travel in clear"
    run_check
    has 3 "CDP TASK UNKNOWN: tls: "
}

@test "-4 and -6" {
    demo
    run_check --ca-file="$EM_CA" -4
    has 0
    run_check -H ::1 --ca-file="$EM_CA" -4
    has 3 "CDP TASK UNKNOWN: "
    run_check -H '[::1]' --ca-file="$EM_CA" -6
    has 0
}
