#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Every kind of fault, provoked on a socket: its exit code, its name, and that no logon session is
# left open.

load support
load demo_em

# replies REPLY…: the demo with these replies put before EM's own.
replies() {
    play "$(jq --argjson replies "[$(IFS=, && echo "$*")]" '.replies = $replies' \
        "$SRCDIR/tests/emulator/scenarios/demo.json")"
}

# fault KIND TEXT… : the fault of a check of one VM, in text and in JSON.
fault() {
    local kind=$1
    shift
    check --vm srv-db01
    has 3 "CDP TASK UNKNOWN: $kind: " "$@"
    is_one_line
    check --vm srv-db01 --format=json
    has 3
    valid_json
    [ "$(query .error.kind)" = "$kind" ]
    [ "$(count open_sessions)" -eq 0 ] || fail_with "a logon session was left open"
}

@test "unreachable: refused, no such host, closed without an answer" {
    plugin -H localhost -p 1 -u monitor --password-file="$PASSWORD_FILE" --vm a
    has 3 "CDP TASK UNKNOWN: unreachable: "
    plugin -H localhost -p 1 -u monitor --password-file="$PASSWORD_FILE" --vm a --unreachable-result=critical
    has 2 "CDP TASK CRITICAL: unreachable: "
    plugin -H em01.example.invalid -u monitor --password-file="$PASSWORD_FILE" --vm a
    has 3 "CDP TASK UNKNOWN: unreachable: " "em01.example.invalid"
    replies '{"method": "GET", "path": "/api/query", "drop": true}'
    fault unreachable "closed without an answer"
}

@test "timeout: the deadline holds for the whole run, and a second is kept for the logoff" {
    replies '{"method": "GET", "path": "/api/query", "delay": 30}'
    SECONDS=0
    check --vm srv-db01 --timeout=3
    has 3 "CDP TASK UNKNOWN: timeout: "
    # A wrapper takes its time before the plugin's begins.
    [ "$SECONDS" -le "$([ -z "${CHECK_WRAPPER:-}" ] && echo 6 || echo 12)" ]
    [ "$(count open_sessions)" -eq 0 ]
    check --vm srv-db01 --timeout=2:critical
    has 2 "CDP TASK CRITICAL: timeout: "
}

@test "timeout: standard input that does not come" {
    mkfifo "$BATS_TEST_TMPDIR/silent"
    exec 7<>"$BATS_TEST_TMPDIR/silent" # open for writing too, so that it never ends
    plugin --input=- --timeout=1:warning <&7
    exec 7>&-
    has 1 "CDP TASK WARNING: timeout: the deadline of 1 s has passed"
    is_one_line
}

@test "timeout: also where who starts the plugin has blocked signals" {
    mkfifo "$BATS_TEST_TMPDIR/silent"
    exec 7<>"$BATS_TEST_TMPDIR/silent"
    run /usr/bin/python3 -c 'import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
os.execv(sys.argv[1], sys.argv[1:])' "$CHECK_VEEAM_CDP_TASK" --input=- --timeout=1 <&7
    exec 7>&-
    has 3 "CDP TASK UNKNOWN: timeout: "
}

@test "server: 500 and 503, with EM's own words or without" {
    replies '{"method": "GET", "path": "/api/query", "status": 500, "body": {"Message": "Object reference not set", "StatusCode": 500}}'
    fault server "500" "Object reference not set"
    replies '{"path": "/api/sessionMngr", "status": 503, "body": "<html>maintenance</html>", "headers": {"Content-Type": "text/html"}}'
    fault server "503"
    check --vm srv-db01 --unreachable-result=warning
    has 1 "CDP TASK WARNING: server: "
    replies '{"method": "GET", "path": "/api/query", "status": 500, "body": "<Error Message=\"Out of luck\" StatusCode=\"500\"/>"}'
    fault server "Out of luck"
}

@test "logon: 401 at once, and again after one fresh logon" {
    replies '{"path": "/api/sessionMngr", "status": 401}'
    fault logon "401" "check user and password"
    replies '{"method": "GET", "path": "/api/query", "status": 401}'
    control POST reset >/dev/null
    fault logon "401"
    [ "$(count logons)" -eq 4 ]
}

@test "logon: a fresh logon that fails for another reason is that fault, and ends the asking" {
    replies '{"method": "GET", "path": "/api/query", "nth": 1, "status": 401}' \
        '{"path": "/api/sessionMngr", "nth": 2, "status": 503}'
    control POST reset >/dev/null
    check --vm srv-db01 --vm srv-web01
    has 3 "2 VMs: 2 unknown; srv-db01: server: EM answers 503" "[UNKNOWN] srv-web01: server: EM answers 503"
    [ "$(count requests)" -eq 4 ] # logon, 401, logoff, logon
}

@test "several that fail differently: the first line tells the worst" {
    replies '{"method": "GET", "path": "/api/query", "nth": 2, "status": 503}'
    check --vm=nobody --vm=srv-db01 --empty-result=ok --unreachable-result=critical
    has 2 "CDP TASK CRITICAL: 2 VMs: 1 critical, 1 ok; srv-db01: server: EM answers 503"
    check --vm=nobody --vm=noone --format=json
    valid_json
    [ "$(query .error.kind)" = not-found ]
}

@test "forbidden: names the role" {
    replies '{"method": "GET", "path": "/api/query", "status": 403}'
    fault forbidden "403" "Portal Administrator"
}

@test "protocol: a 404 to the logon or to a query asks for the port, whatever --empty-result says" {
    local target
    for where in '' '"path": "/api/sessionMngr",' '"path": "/api/query",'; do
        replies "{$where"'"status": 404, "body": "no such thing"}'
        fault protocol "404" "9419 is another API"
        for target in --vm=srv-db01 --all --policy=x "--all --exclude-vm=^"; do
            read -ra target <<<"$target"
            check "${target[@]}" --empty-result=ok
            has 3 "CDP TASK UNKNOWN: protocol: EM answers 404"
        done
        check --all --empty-result=ok --format=openmetrics
        grep -q '^veeam_cdp_up{.*} 0$' <<<"$output" || fail_with "EM is up"
        check --all --empty-result=ok --format=passive
        has 3 ";3;CDP TASK UNKNOWN: " "protocol: EM answers 404"
    done
}

@test "veeam_cdp_up is 1 only if EM answered all that was asked" {
    local up
    up() { # up 0|1 OPTION…
        up=$1
        shift
        check "$@" --format=openmetrics
        grep -q "^veeam_cdp_up{.*} $up\$" <<<"$output" || fail_with "not up $up: $*"
    }
    replies
    up 1 --vm=srv-db01 --vm=nobody
    up 1 --vm=nobody
    up 1 --policy=nobody
    up 1 --all --exclude-vm=^
    up 1 --id=00000000-0000-4000-8000-000000000009
    # One of two questions, of which the other one found nothing, or all was well.
    for what in '"status": 404' '"status": 400' '"status": 503' '"status": 403' '"status": 200, "body": {}' \
        '"status": 200, "body": "<html>"' '"drop": true, "times": 9'; do
        for vms in "--vm=nobody --vm=srv-db01 --empty-result=critical" "--vm=srv-db01 --vm=srv-web01"; do
            replies '{"path": "/api/query", "nth": 2, '"$what"'}'
            # shellcheck disable=SC2086 # a list of words
            up 0 $vms
        done
    done
}

@test "not-found: by an id, EM may say 404" {
    replies '{"path": "/api/cdpReplicaTaskSessions", "status": 404, "body": {"Message": "no such thing"}}'
    check --id=00000000-0000-4000-8000-000000000009
    has 3 "CDP TASK UNKNOWN: not-found: EM answers 404" "no such thing"
    check --id=00000000-0000-4000-8000-000000000009 --empty-result=ok
    has 0 "CDP TASK OK: not-found: "
}

@test "a 404 to an id counts only if EM answers a query, whatever --empty-result says" {
    local cache="$BATS_TEST_TMPDIR/cache" id=--id=00000000-0000-4000-8000-000000000009 body what options
    for body in '"<h1>Not Found</h1>"' '""' '{"Message": "No HTTP resource was found.", "StatusCode": 404}' \
        '{"errorCode": "NotFound", "message": "none"}'; do
        for options in "" "--session-cache=$cache"; do
            replies
            # shellcheck disable=SC2086 # none is no word
            check "$id" --empty-result=ok $options
            has 0 "CDP TASK OK: not-found: EM answers 404"
            # Whatever it is that answers at EM's address now, it does so every time.
            replies '{"method": "GET", "status": 404, "body": '"$body"'}'
            for what in 1 2; do
                # shellcheck disable=SC2086 # none is no word
                check "$id" --empty-result=ok $options
                has 3 "CDP TASK UNKNOWN: protocol: EM answers 404 to GET /api/query" "9419 is another API"
            done
            # shellcheck disable=SC2086 # none is no word
            check "$id" "${id%9}8" --empty-result=ok $options --format=openmetrics
            grep -q '^veeam_cdp_up{.*} 0$' <<<"$output" || fail_with "EM is up"
        done
    done
    control POST expire >/dev/null
    for what in '"status": 200, "body": {}' '"status": 200, "body": []' '"status": 200, "body": "<html>"' \
        '"status": 400' '"status": 403' '"status": 503' '"status": 302' '"drop": true, "times": 9'; do
        replies '{"path": "/api/cdpReplicaTaskSessions", "status": 404}' '{"path": "/api/query", '"$what"'}'
        check "$id" --empty-result=ok
        [ "$status" -eq 3 ] || fail_with "believed beside $what"
    done
}

@test "what answers 404 does not keep a logon in the cache alive" {
    local cache="$BATS_TEST_TMPDIR/cache" id=--id=00000000-0000-4000-8000-000000000009 session
    replies
    check "$id" --session-cache="$cache"
    session=$(echo "$cache"/*.session)
    touch -d '-13 minutes' "$session"
    replies '{"method": "GET", "status": 404}'
    check "$id" --session-cache="$cache"
    [ $(($(date +%s) - $(stat -c %Y "$session"))) -ge 700 ] || fail_with "it was taken for used"
    replies
    check "$id" --session-cache="$cache"
    [ $(($(date +%s) - $(stat -c %Y "$session"))) -lt 700 ] || fail_with "it was not noted as used"
    control POST expire >/dev/null
}

@test "protocol: answers that are not what EM sends" {
    local body
    for body in '""' '"<html>hello</html>"' '"[]"' '"\"text\""' '"{\"Entities\":"' '"{} {}"' '"null"' \
        '"{\"Entities\":{\"CdpReplicaTaskSessions\":{\"CdpReplicaTaskSessions\":[]}}}"' \
        '"{\"Entities\":{\"CdpReplicaTaskSessions\":5},\"PagingInfo\":{\"PagesCount\":1}}"'; do
        replies "{\"method\": \"GET\", \"path\": \"/api/query\", \"status\": 200, \"body\": $body}"
        fault protocol
    done
    replies '{"method": "GET", "path": "/api/query", "status": 204}'
    fault protocol "204"
    replies '{"method": "GET", "path": "/api/query", "status": 400, "body": {"Message": "Node [root] does not exist."}}'
    fault protocol "400" "Node [root] does not exist."
    replies '{"method": "GET", "path": "/api/query", "status": 429}'
    fault protocol "429"
}

@test "protocol: a redirect is not followed" {
    replies '{"method": "GET", "path": "/api/query", "status": 302, "headers": {"Location": "https://localhost:1/elsewhere"}}'
    fault protocol "302" "https://localhost:1/elsewhere" "not followed"
}

@test "protocol: an answer that is cut short, too large, or too deep" {
    replies '{"method": "GET", "path": "/api/query", "status": 200, "body": "{\"Entities\":", "truncate": 100}'
    fault protocol "cut short"
    replies '{"method": "GET", "path": "/api/query", "status": 200, "body": "0123456789abcdef", "repeat": 1200000}'
    fault protocol "larger than 16 MiB"
    replies '{"method": "GET", "path": "/api/query", "status": 200, "body": "[", "repeat": 200000}'
    fault protocol "nested too deep"
}

@test "protocol: a logon answer without a token, and one that says nothing of its session" {
    replies '{"path": "/api/sessionMngr", "status": 201, "body": {"UserName": "monitor"}}'
    fault protocol "X-RestSvcSessionId" "9419"
}

@test "protocol: another session than asked" {
    replies '{"method": "GET", "path": "/api/cdpReplicaTaskSessions", "status": 200, "body": {"UID": "urn:veeam:CdpReplicaTaskSession:00000000-0000-4000-8000-00000000000f", "State": "Completed", "Result": "Success"}}'
    check --id 2ec4d35f-b5d8-4cb3-9d11-12e1d5792625
    has 3 "CDP TASK UNKNOWN: protocol: " "is not the task session 2ec4d35f"
    replies '{"method": "GET", "path": "/api/cdpReplicaTaskSessions", "status": 200, "body": {"UID": "urn:veeam:CdpReplicaTaskSession:2ec4d35f-b5d8-4cb3-9d11-12e1d5792625"}}'
    check --id 2ec4d35f-b5d8-4cb3-9d11-12e1d5792625
    has 3 "CDP TASK UNKNOWN: " "protocol: EM's answer has no State"
}

@test "a logoff that fails is a notice, not a fault" {
    replies '{"method": "DELETE", "status": 500}'
    check --vm srv-db01
    has 0 "CDP TASK OK: srv-db01" "notice: logoff failed"
    control POST expire >/dev/null
}

@test "EM that refuses a logon has ended it: a refused logoff of that is no notice, another is" {
    replies '{"method": "GET", "status": 401}, {"method": "DELETE", "status": 401}'
    check --vm srv-db01
    has 3 "CDP TASK UNKNOWN: logon: EM answers 401 to GET /api/query" "; it did so to a fresh logon as well"
    is_one_line
    [ "$(count logons)" -eq 2 ]
    control POST expire >/dev/null
    replies '{"method": "DELETE", "status": 401}'
    check --vm srv-db01
    has 0 "CDP TASK OK: srv-db01" "notice: logoff failed"
    lacks "fresh logon"
    control POST expire >/dev/null
}

@test "a fault of one VM leaves the others judged; one of the connection ends the asking" {
    replies '{"method": "GET", "path": "/api/query", "nth": 2, "status": 500}'
    check --vm srv-db01 --vm srv-web01 --vm srv-mail01
    has 2 "3 VMs: 1 critical, 1 unknown, 1 ok" "[UNKNOWN] srv-web01: server: EM answers 500"
    [ "$(count requests)" -eq 6 ] # one of them asks for the data collection
    # Twice, since libcurl asks once more when a connection in use breaks before the answer.
    replies '{"method": "GET", "path": "/api/query", "nth": 2, "times": 2, "drop": true}'
    check --vm srv-db01 --vm srv-web01 --vm srv-mail01
    has 3 "3 VMs: 2 unknown, 1 ok" "[UNKNOWN] srv-mail01: unreachable"
}

@test "an answer cannot make the output longer, wider or other than it is" {
    replies '{"method": "GET", "path": "/api/query", "status": 500, "body": {"Message": "a|b=1\n\u001b[31mred\u202e"}}'
    fault server "a b=1 [31mred"
}
