#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# --format=passive and a real Nagios: what the plugin prints goes into its command pipe, and what it
# made of it is read back from its status file.

load ../acceptance/support

setup() {
    nagios=$(PATH=$PATH:/usr/sbin command -v nagios4) || skip "nagios4 is not installed (nagios4-core)"
    home=$BATS_TEST_TMPDIR/nagios
    helper=$SRCDIR/tests/integration/nagios_daemon.py
    nagios_pid=
    mkdir "$home"
}

teardown() {
    stop_em
    [ -z "${nagios_pid:-}" ] || kill "$nagios_pid" 2>/dev/null || true
    [ -z "${nagios_pid:-}" ] || wait "$nagios_pid" || true
}

# await COMMAND…: until it succeeds; a Nagios that says nothing for a minute fails the test.
await() {
    local until=$((SECONDS + 60))
    until "$@"; do
        if [ "$SECONDS" -ge "$until" ] || { ! kill -0 "$nagios_pid" 2>/dev/null && ! "$@"; }; then
            cat "$home/out" "$home/nagios.log" >&2
            fail_with "Nagios does not come to: $*"
        fi
        sleep 0.1
    done
}

# start_nagios NAMES: Nagios with a host for each name of the JSON list; sets hosts.
start_nagios() {
    hosts=$(/usr/bin/python3 -I "$helper" configure "$home" "$(id -un)" "$(id -gn)" <<<"$1")
    "$nagios" "$home/nagios.cfg" >"$home/out" 2>&1 3>&- &
    nagios_pid=$!
    await test -p "$home/nagios.cmd"
}

status_is() {
    [ -f "$home/status.dat" ] || return 1
    results=$(/usr/bin/python3 -I "$helper" status "$home") || return 1
    jq -e "$1" <<<"$results" >/dev/null
}

# passive OPTION…: a run whose output goes to Nagios.
passive() {
    check --format=passive "$@"
    printf '%s\n' "$output" >"$home/nagios.cmd"
}

@test "odd names: each VM's result reaches its service, and an injection does nothing" {
    local names options=() shared name
    # Every part of what EM tells ends the line and starts a command.
    jq '.policies += [{"name": "P\n[1] SHUTDOWN_PROGRAM"}] | .vms += [
            {"name": "x;0;fine\n[1] SHUTDOWN_PROGRAM", "policy": "P\n[1] SHUTDOWN_PROGRAM", "sessions": [
                {"state": "Completed", "result": "Failed", "created": "-9h", "ended": "-1h",
                 "reason": "C:\\new;\n[1] SHUTDOWN_PROGRAM\r\n[1] SHUTDOWN_PROGRAM;|x=1"}]}]' \
        "$SRCDIR/tests/emulator/scenarios/odd-names.json" >"$BATS_TEST_TMPDIR/scenario.json"
    start_em --scenario="$BATS_TEST_TMPDIR/scenario.json"
    names=$(jq -c '[.vms[].name]' "$BATS_TEST_TMPDIR/scenario.json")
    while IFS= read -r -d '' name; do
        options+=(--vm="$name")
    done < <(jq -j '.vms[].name + "\u0000"' "$BATS_TEST_TMPDIR/scenario.json")
    start_nagios "$(jq -c '. + ["localhost"]' <<<"$names")"
    passive "${options[@]}"
    [ "$status" -eq 2 ]
    # Nothing but commands, one a service.
    [ "$(grep -cvE '^\[[0-9]{10}\] PROCESS_SERVICE_CHECK_RESULT;[^;]+;Veeam CDP task;[0-3];CDP TASK ' <<<"$output")" -eq 0 ] ||
        fail_with "a line that is no command"
    await status_is "length == $(jq length <<<"$hosts")"

    # a;b and a,b share a host: one result for both. Nagios itself makes ';' in a text ':'.
    shared=$(jq -r '.a_b.output' <<<"$results")
    [ "$shared" = "CDP TASK OK: 2 VMs: 2 ok: one result for a:b, a,b" ] || fail_with "$shared"
    jq -e '.["pipe_bar"].state == 1 and .["Bürgeramt-Größe"].state == 2 and
           .["仮想マシン"].state == 0 and .["back\\slash"].state == 0 and .localhost.state == 0' <<<"$results" ||
        fail_with "$results"
    # What went into the pipe is what Nagios has: state, text and performance data.
    /usr/bin/python3 -I - 3<<<"$output" 4<<<"$results" <<'PY'
import json, os
lines = os.fdopen(3, encoding="utf-8").read().splitlines()
results = json.load(os.fdopen(4, encoding="utf-8"))
for line in lines:
    host, _, state, rest = line.split(";", 4)[1:]
    text, _, perfdata = rest.partition("|")
    seen = results.pop(host)
    assert seen["state"] == int(state), (line, seen)
    assert seen["output"] == text.replace(";", ":"), (line, seen)
    assert seen["perfdata"] == perfdata, (line, seen)
    assert seen["long_output"] == "", (line, seen)
assert not results, results
PY
    jq -e '.["x_0_fine [1] SHUTDOWN_PROGRAM"] | .state == 2 and (.output | contains("C:/new: [1] SHUTDOWN_PROGRAM"))' \
        <<<"$results" || fail_with "$results"
    kill -0 "$nagios_pid"
    ! grep 'EXTERNAL COMMAND: SHUTDOWN' "$home/nagios.log"
    ! grep 'Warning: .*could not be found' "$home/nagios.log"

    # The same command does something where it gets through.
    printf '[%s] SHUTDOWN_PROGRAM\n' "$(date +%s)" >"$home/nagios.cmd"
    await grep -q 'EXTERNAL COMMAND: SHUTDOWN' "$home/nagios.log"
}

@test "a fault of the run is told on EM's host, and so is its end" {
    start_em --scenario="$SRCDIR/tests/emulator/scenarios/demo.json"
    start_nagios '["localhost", "srv-db01"]'
    passive --vm=srv-db01 --timeout=10:critical --pinned-pubkey=sha256//NM0hFpFPwe7weFZkt30dVytNI8OsgmPSWzCmIw8savQ= \
        --unreachable-result=critical
    has 2 ';localhost;Veeam CDP task;2;CDP TASK CRITICAL: tls: '
    is_one_line
    await status_is '.localhost.state == 2 and (has("srv-db01") | not)'
    passive --vm=srv-db01
    [ "$status" -eq 0 ]
    await status_is '.localhost.state == 0 and .["srv-db01"].state == 0'
}
