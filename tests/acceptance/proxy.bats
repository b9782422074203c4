#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# A proxy before EM, a real one: tinyproxy. What it refuses is its, and not EM's, and what it may see
# is what it is given.

load support

setup() {
    command -v tinyproxy >/dev/null || skip "tinyproxy is not installed"
    start_em --scenario="$SRCDIR/tests/emulator/scenarios/demo.json"
    unset http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY
}
teardown() {
    stop_em
    [ -z "${proxy_pid:-}" ] || kill "$proxy_pid" || true
}

free_port() {
    /usr/bin/python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# start_proxy [LINE…]: with these lines in its configuration; sets $proxy, HOST:PORT. It takes no
# port 0, and another program may have taken the port that was free.
start_proxy() {
    local port
    local conf=$BATS_TEST_TMPDIR/tinyproxy.conf
    log=$BATS_TEST_TMPDIR/tinyproxy.log
    until [ -n "${proxy:-}" ]; do
        port=$(free_port)
        printf '%s\n' "Port $port" "Listen 127.0.0.1" "Timeout 60" "MaxClients 20" \
            "LogFile \"$log\"" "LogLevel Connect" "$@" >"$conf"
        tinyproxy -d -c "$conf" >"$BATS_TEST_TMPDIR/tinyproxy.out" 2>&1 3>&- &
        proxy_pid=$!
        until_true is_up_or_gone "$port"
        ! kill -0 "$proxy_pid" || proxy=localhost:$port
    done
}

is_up_or_gone() {
    ! kill -0 "$proxy_pid" 2>/dev/null || (exec 4<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# proxied: how many requests the proxy has got.
proxied() {
    grep -c "Request .*\(CONNECT\|POST\|GET\|DELETE\) " "$log" || true
}

@test "--proxy, and the environment's variables: EM is asked through it" {
    start_proxy
    check --vm srv-db01 --proxy="http://$proxy"
    has 0 "CDP TASK OK: srv-db01"
    [ "$(proxied)" -eq 1 ]
    check --vm srv-db01 --proxy="$proxy"
    [ "$(proxied)" -eq 2 ]
    local name count=2
    for name in https_proxy HTTPS_PROXY all_proxy ALL_PROXY; do
        export "$name=http://$proxy"
        check --vm srv-db01
        has 0
        unset "$name"
        [ "$(proxied)" -eq $((++count)) ]
    done
    http_proxy=$proxy check --vm srv-db01 # of plain HTTP only
    has 0
    [ "$(proxied)" -eq $count ]
    for name in https_proxy HTTPS_PROXY all_proxy ALL_PROXY; do
        export "$name=localhost:1"
        check --vm srv-db01
        has 3 "unreachable: https://localhost:$EM_PORT through the proxy localhost:1 ($name): no connection" \
            "is the proxy up"
        unset "$name"
    done
}

@test "NO_PROXY is of the environment's proxies; --proxy alone counts" {
    start_proxy
    local list count=0
    export https_proxy=http://localhost:1
    for list in localhost LOCALHOST. "example.invalid, localhost" "a localhost b" .localhost '*'; do
        no_proxy=$list check --vm srv-db01
        has 0
        no_proxy='' NO_PROXY=$list check --vm srv-db01
        has 0
        NO_PROXY=$list check --vm srv-db01 --proxy="$proxy"
        has 0
        [ "$(proxied)" -eq $((++count)) ] || fail_with "past the proxy with $list"
    done
    for list in ocalhost localhost.example.invalid '*.localhost' 'x,*' 127.0.0.1; do
        NO_PROXY=$list check --vm srv-db01
        has 3 "(https_proxy)"
    done
}

@test "-4 and -6 are about the proxy's address, wherever the proxy is named" {
    start_proxy
    check -4 -H ::1 -p 1 --vm srv-db01 --proxy="$proxy"
    has 3 "the proxy $proxy (--proxy) answers 50"
    https_proxy=$proxy check -4 -H ::1 -p 1 --vm srv-db01
    has 3 "the proxy $proxy (https_proxy) answers 50"
    check -6 --vm srv-db01 --proxy="http://127.0.0.1:${proxy#*:}"
    has 3 "unreachable: " "is the proxy up" "; -6 (--ipv6) allows only IPv6 addresses"
}

@test "--proxy=none: no proxy, whatever the environment says" {
    local name
    for name in https_proxy HTTPS_PROXY all_proxy ALL_PROXY; do
        export "$name=http://localhost:1"
    done
    for name in none None NONE; do
        check --vm srv-db01 --proxy="$name"
        has 0 "CDP TASK OK: srv-db01"
    done
}

@test "what the proxy refuses is not EM's" {
    start_proxy "ConnectPort 1"
    check --vm srv-db01 --proxy="$proxy" --empty-result=ok
    has 3 "CDP TASK UNKNOWN: unreachable: the proxy $proxy (--proxy) answers 403 to CONNECT localhost:$EM_PORT" \
        "may it connect"
    lacks "role"
    check --all --proxy="$proxy" --unreachable-result=critical
    has 2 "CDP TASK CRITICAL: unreachable: the proxy $proxy (--proxy) answers 403"
    https_proxy=$proxy check --vm srv-db01 --format=json
    has 3
    [ "$(jq -r .error.kind <<<"$output")" = unreachable ]
    [[ $(jq -r .error.message <<<"$output") == "the proxy $proxy (https_proxy) answers 403"* ]]
    check -p 1 --vm srv-db01 --proxy="$proxy"
    has 3 "unreachable: the proxy $proxy (--proxy) answers 50" "can it find and reach this host?"
}

@test "a proxy that wants a password: it is asked for, told from a wrong one, never shown" {
    start_proxy "BasicAuth puser $PASSWORD"
    check --vm srv-db01 --proxy="$proxy"
    has 3 "answers 407" "; it wants http://USER:PASSWORD@HOST:PORT" "Basic"
    check --vm srv-db01 --proxy="http://puser:$WRONG_PASSWORD@$proxy" -vvv
    has 3 "unreachable: the proxy $proxy (--proxy) answers 40" "it refuses the user and password of its URL"
    lacks Tr0ub4dor
    lacks puser
    check --vm srv-db01 --proxy="http://puser:$PASSWORD@$proxy" -vvv
    has 0 "CDP TASK OK"
    lacks Tr0ub4dor
    https_proxy=puser:$PASSWORD@$proxy check --vm srv-db01
    has 0 "CDP TASK OK"
}

@test "--probe: the address is the proxy's; TLS, certificate and pin are EM's" {
    local name next
    start_proxy
    check --probe --proxy="$proxy"
    has 0 "ok   address: localhost: through the proxy $proxy (--proxy), whose address is 127.0.0.1" "ok   TLS: TLSv1." \
        ": verified" "ok   pin: --pinned-pubkey=$EM_PIN" "ok   logon: as monitor" \
        " --proxy=$proxy --ca-file=$EM_CA --em"
    check --probe --proxy="$proxy" --format=json
    [ "$(query '.probe[0].seen | "\(.host) \(.address) \(.proxy)"')" = "localhost 127.0.0.1 the proxy $proxy (--proxy)" ]
    for name in https_proxy ALL_PROXY; do
        export "$name=http://$proxy"
        check --probe
        has 0 "localhost: through the proxy $proxy ($name), whose address is 127.0.0.1" "ok   pin: --pinned-pubkey=$EM_PIN"
        lacks " --proxy="
        unset "$name"
    done
    # What the certificate is worth, is said of EM's; the next command goes the same way.
    plugin --probe -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --proxy="$proxy"
    has 3 "tls: the certificate of https://localhost:$EM_PORT through the proxy $proxy (--proxy) is not trusted" \
        "no   certificate: " "pin: --pinned-pubkey=$EM_PIN"
    next=${lines[-1]# *check_veeam_cdp_task }
    [[ $next == *" --proxy=$proxy --pinned-pubkey=$EM_PIN --probe" ]]
    eval "plugin $next"
    has 0 "trusted by its key (--pinned-pubkey)"
    [ "$(count open_sessions)" -eq 0 ]
}

@test "--probe: a proxy that refuses, that is down, that has no address" {
    start_proxy "ConnectPort 1"
    check --probe --proxy="$proxy"
    has 3 "CDP TASK UNKNOWN: unreachable: the proxy $proxy (--proxy) answers 403 to CONNECT localhost:$EM_PORT" \
        "ok   address: localhost: through the proxy $proxy (--proxy), whose address is 127.0.0.1" "no   TLS: no handshake"
    lacks "certificate: "
    lacks "pin: "
    lacks "next:"
    check --probe --proxy="$proxy" --unreachable-result=critical --format=json
    [ "$status" -eq 2 ]
    [ "$(query '"\(.error.kind) \(.probe | map(.topic))"')" = 'unreachable ["address","tls"]' ]
    [ "$(count requests)" -eq 0 ]
    check --probe --proxy=localhost:1
    has 3 "unreachable: " "is the proxy up" \
        "no   address: localhost: through the proxy localhost:1 (--proxy): no connection to " ":1"
    check --probe --proxy=nowhere.example.invalid:3128
    has 3 "unreachable: " "no address found for the proxy" \
        "no   address: localhost: through the proxy nowhere.example.invalid:3128 (--proxy): no address of it found"
}

@test "--probe: the password of a proxy is neither shown nor saved, nor in the next commands" {
    local format file=$BATS_TEST_TMPDIR/em.json
    start_proxy "BasicAuth puser $PASSWORD"
    check --probe --proxy="$proxy"
    has 3 "unreachable: the proxy $proxy (--proxy) answers 407" "; it wants http://USER:PASSWORD@HOST:PORT"
    for format in text json; do
        rm -f "$file"
        check --probe --proxy="http://puser:$WRONG_PASSWORD@$proxy" --save="$file" -vvv --format=$format
        has 3 "unreachable" "it refuses the user and password of its URL"
        lacks Tr0ub4dor
        lacks puser
        jq -e '.exchanges[0].failure == "unreachable"' "$file"
        check --probe --proxy="http://puser:$PASSWORD@$proxy" --save="$file" -vvv --format=$format
        has 0 "through the proxy $proxy (--proxy), whose address is" " --proxy=URL --ca-file=$EM_CA --em"
        lacks Tr0ub4dor
        lacks puser
        run -1 grep -aiE "Tr0ub4dor|puser|proxy|localhost|$(printf 'puser:%s' "$PASSWORD" | base64)" "$file"
    done
    https_proxy=puser:$PASSWORD@$proxy check --probe
    has 0 "through the proxy $proxy (https_proxy), whose address is"
    lacks Tr0ub4dor
    lacks puser
}

@test "without TLS: only a proxy that the command line names gets the password" {
    start_proxy
    stop_em
    start_em --no-tls --scenario="$SRCDIR/tests/emulator/scenarios/demo.json"
    local name
    for name in http_proxy all_proxy ALL_PROXY; do
        export "$name=http://$proxy"
        plugin -H localhost -p "$EM_PORT" --no-tls -u monitor --password-file="$PASSWORD_FILE" --vm srv-db01
        has 3 "CDP TASK UNKNOWN: usage: --no-tls: the proxy $proxy ($name) would get the password in clear" \
            "--proxy=none"
        lacks "password and answers travel" # nothing was sent
        plugin -H localhost -p "$EM_PORT" --no-tls -u monitor --password-file="$PASSWORD_FILE" --vm srv-db01 --proxy=none
        has 0 "CDP TASK OK"
        NO_PROXY=localhost plugin -H localhost -p "$EM_PORT" --no-tls -u monitor \
            --password-file="$PASSWORD_FILE" --vm srv-db01
        has 0 "CDP TASK OK"
        unset "$name"
    done
    [ "$(proxied)" -eq 0 ]
    plugin -H localhost -p "$EM_PORT" --no-tls -u monitor --password-file="$PASSWORD_FILE" --vm srv-db01 --proxy="$proxy"
    has 0 "CDP TASK OK" "--no-tls: password and answers travel in clear"
    [ "$(proxied)" -ge 1 ]
    plugin -H localhost -p 1 --no-tls -u monitor --password-file="$PASSWORD_FILE" --id=00000000-0000-4000-8000-000000000001 \
        --proxy="$proxy" --empty-result=ok
    has 3 "unreachable: the proxy $proxy (--proxy), or EM behind it, answers 50"
}

@test "without TLS: a proxy's refusal and EM's are told apart, with the advice of the proxy's" {
    start_proxy "BasicAuth puser $PASSWORD"
    stop_em
    start_em --no-tls --scenario="$SRCDIR/tests/emulator/scenarios/demo.json"
    local plain=(-H localhost --no-tls -u monitor --password-file="$PASSWORD_FILE" --vm=srv-db01)
    plugin "${plain[@]}" -p "$EM_PORT" --proxy="$proxy"
    has 3 "unreachable: the proxy $proxy (--proxy) answers 407" "; it wants http://USER:PASSWORD@HOST:PORT" "Basic"
    plugin "${plain[@]}" -p "$EM_PORT" --proxy="http://puser:$WRONG_PASSWORD@$proxy" --unreachable-result=ok
    has 3 "logon: the proxy $proxy (--proxy), or EM behind it, answers 401" "check those of the proxy's URL, too"
    lacks Tr0ub4dor
    plugin "${plain[@]}" -p 1 --proxy="http://puser:$PASSWORD@$proxy"
    has 3 "unreachable: the proxy $proxy (--proxy), or EM behind it, answers 50" "can it find and reach this host?"
    plugin "${plain[@]}" -p "$EM_PORT" --proxy="http://puser:$PASSWORD@$proxy"
    has 0
    plugin "${plain[@]:0:6}" --probe -p "$EM_PORT" --proxy="http://puser:$PASSWORD@$proxy"
    has 0 "through the proxy $proxy (--proxy), whose address is 127.0.0.1" "odd  TLS: none, by --no-tls" "intervals: " "in XML"
    lacks Tr0ub4dor
}
