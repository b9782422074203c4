#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# --probe: what it says of an EM that is as documented, of each in which something is not, and what it
# proposes to run next. Whatever it met, it has logged off.

load support

setup_file() {
    start_em
}
teardown_file() {
    stop_em
}

teardown() {
    [ -z "${plain_em:-}" ] || stop_em
}

# Ten VMs that are well, of two policies.
vms='"policies": [{"name": "Gold"}, {"name": "Silver"}],
    "generate": [{"vms": 6, "prefix": "gold", "policy": "Gold"}, {"vms": 4, "prefix": "silver", "policy": "Silver"}]'

# em MEMBERS [VMS]: what EM plays, with these VMs, and its counts are zeroed.
em() {
    play "{${1:+$1, }${2:-$vms}}"
    control POST reset >/dev/null
}

# probe OPTION…: runs it, in JSON; sets the file of lines, such as "ok   clock: as this host's", and that
# of the next commands. The logon is logged off each time.
probe() {
    check --probe --format=json "$@"
    jq -r '.probe[] | "\(.outcome) \(.topic): \(.text)\(if .advice then " -> " + .advice else "" end)"' \
        <<<"$output" >"$BATS_TEST_TMPDIR/lines"
    jq -r '.next[]' <<<"$output" >"$BATS_TEST_TMPDIR/next"
    [ "$(control GET counts | jq -r '"\(.logons - .logoffs) \(.open_sessions)"')" = "0 0" ] || fail_with "not logged off"
}

# shows: the text has what JSON has, which its schema allows.
shows() {
    local text
    valid_probe
    check --probe
    while read -r text; do
        [[ $output == *"$text"* ]] || fail_with "only in JSON: $text"
    done < <(jq -r '.summary, .probe[].text, .probe[].advice // empty, .next[]' "$BATS_TEST_TMPDIR/output.json" |
        grep -v ' ago, \|Time\|s ahead of\|after [0-9]* milliseconds')
}

valid_probe() {
    printf '%s' "$output" >"$BATS_TEST_TMPDIR/output.json"
    /usr/bin/python3 - "$SRCDIR/contrib/check_veeam_cdp_task_probe.schema.json" "$BATS_TEST_TMPDIR/output.json" <<'PY'
import json, sys
import jsonschema
schema, document = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.Draft202012Validator(schema).validate(document)
PY
}

# says OUTCOME TOPIC TEXT…: one line of that topic has the outcome and each of the texts.
says() {
    local line outcome=$1 topic=$2 text found
    shift 2
    while IFS= read -r line; do
        found=1
        for text; do [[ $line == *"$text"* ]] || found=; done
        [ -z "$found" ] || return 0
    done < <(grep "^$outcome $topic: " "$BATS_TEST_TMPDIR/lines")
    output=$(cat "$BATS_TEST_TMPDIR/lines")
    fail_with "no line: $outcome $topic $*"
}

# all_but TOPIC…: every other line is ok.
all_but() {
    local topics="address: .*!" topic
    for topic; do topics+="|$topic: "; done
    if grep -v '^ok ' "$BATS_TEST_TMPDIR/lines" | grep -vE "^(odd|no) ($topics)"; then
        fail_with "more than $*"
    fi
}

# follows: each command that is proposed ends with exit code 0.
follows() {
    local command
    [ -s "$BATS_TEST_TMPDIR/next" ] || fail_with "no next step"
    while IFS= read -r command; do
        [[ ${command%% *} == */check_veeam_cdp_task ]] || fail_with "$command"
        eval "plugin ${command#* }"
        has 0 "CDP TASK OK: "
    done <"$BATS_TEST_TMPDIR/next"
}

@test "EM 12 and EM 13: all is as it should be, and the next steps work" {
    local wording
    for wording in '"casing": "pascal"|PascalCase, as EM 12|none in ' \
        '"casing": "camel", "bom": true, "running_end": "absent"|camelCase, as EM 13|it is skipped'; do
        em '"wording": {'"${wording%%|*}"'}'
        probe
        has 0 "this plugin can work with localhost:$EM_PORT: " " ok, 0 odd, 0 no"
        shows
        all_but
        says ok address "localhost is 127.0.0.1"
        says ok tls TLSv1.
        says ok certificate self-signed "valid until " ": verified"
        says ok pin "--pinned-pubkey=$EM_PIN"
        says ok logon "as monitor"
        says ok version "v1_7" "Microsoft-HTTPAPI"
        says ok clock "as this host's"
        says ok key_case "$(cut -d'|' -f2 <<<"$wording")"
        says ok byte_order_mark "$(cut -d'|' -f3 <<<"$wording")"
        says ok sessions "40 task sessions"
        says ok states "InProgress" "Completed"
        says ok running_members "EndTimeUTC"
        says ok sort "sortDesc=CreationTimeUTC: honoured"
        says ok filter "State!=Completed: gives 10 of 40"
        says ok filter "State==Completed: gives 30 of 40"
        says ok filter "CdpReplicaTaskSession: CreationTimeUTC>="
        says ok filter "CdpReplicaTaskSession: EndTimeUTC>="
        says ok filter "CdpReplicaTaskSession: VmDisplayName==" "gives 4 of 40"
        says ok filter "(VmDisplayName==" "gives 8 of 40"
        says ok filter "(PolicySessionUid=="
        says ok filter "CdpReplicaSession: PolicyName=="
        says ok filter "CdpPolicy: Name==" "gives 1 of 2"
        says ok filter "CdpReplica: PolicyName==" "gives 1 of 2"
        says ok pages "granted 1000"
        says ok policies "2 policies; up to 8h " "they name 10 VMs"
        says ok data_collection "one every 15m; by a query"
        says ok replicas "10 VMs have one; by a query"
        says ok vms "10 VMs: 10 running"
        says ok intervals "gold00001: 1 interval of short-term restore points in 1d, the newest point 5s" "in XML"
        says ok rights "nothing is refused"
        [ "$(wc -l <"$BATS_TEST_TMPDIR/next")" -eq 3 ]
        follows
    done
}

@test "one logon and logoff on one connection, and no POST besides but that of intervals" {
    em
    check --probe
    has 0
    [ "$(control GET counts | jq -r '"\(.logons) \(.logoffs) \(.connections) \(.writes)"')" = "1 1 1 0" ]
    [ "$(control GET counts | jq -r '.log[] | select(startswith("POST")) | sub("/cdpReplicas/.*[?]"; "/VM?")' | xargs)" = \
        "POST /api/sessionMngr/?v=latest POST /api/VM?action=intervals" ]
    # A logon of others is not used, and none is left for others.
    check --probe --session-cache="$BATS_TEST_TMPDIR/cache" --snapshot="$BATS_TEST_TMPDIR/snapshot"
    has 0
    [ ! -e "$BATS_TEST_TMPDIR/cache" ]
    [ ! -e "$BATS_TEST_TMPDIR/snapshot" ]
}

@test "a Portal User: what EM refuses is a line that says what to do, not a failure" {
    em '"role": "Portal User"'
    probe
    has 0
    says no data_collection "forbidden: " "-> checks don't know how old EM's data is"
    says no rights "refused to this user: data collection -> " "Portal Administrator"
    all_but data_collection rights
    follows
    em '"role": "Portal User", "refuses": {"policies": 403, "policies_query": 403, "replicas": 403, "replicas_query": 403,
        "replica_vms": 403}'
    probe
    has 0
    says no policies "forbidden: "
    says no replicas "forbidden: "
    says no rights "refused to this user: policies, data collection, replicas"
    all_but policies data_collection replicas rights
}

@test "a user who may not see sessions: the fault, and what was seen before it" {
    em '"may": {"read_cdp": false}'
    probe
    has 3 '"kind":"forbidden"' "role Portal Administrator" '"next":[]'
    says no sessions "forbidden: "
    says ok logon "as monitor"
    says ok version "v1_7"
    shows
    has 3 "CDP TASK UNKNOWN: forbidden: "
}

@test "pages capped at 50, in EM's words or not" {
    local hides
    for hides in false true; do
        em '"wording": {"largest_page": 50, "hides_largest_page": '$hides'}' '"generate": {"vms": 30}'
        probe
        has 0
        says odd pages "asked for 1000 sessions a page, granted 50; --all reads 120 sessions -> " "--snapshot"
        all_but pages
    done
}

@test "without /cdpReplica/vms, with it alone, without any" {
    em '"refuses": {"replica_vms": 404}'
    probe
    says ok replicas "by a query and /cdpReplicas"
    all_but
    em '"refuses": {"replicas_query": 400, "replicas": 404}'
    probe
    says ok replicas "10 VMs have one; by /cdpReplica/vms"
    says no intervals "404" # which are below /cdpReplicas
    all_but intervals
    em '"refuses": {"replicas_query": 400, "replicas": 404, "replica_vms": 404}'
    probe
    has 0
    says no replicas "404" "-> checks see a VM as long as it has sessions"
    all_but replicas
}

@test "restore points: refused, in JSON only, none, no replica to ask for" {
    em '"refuses": {"intervals": 403}'
    probe
    has 0
    says no intervals "forbidden: " "-> --rpo "
    says no rights "refused to this user: intervals"
    all_but intervals rights
    em '"wording": {"interval_bodies": "json"}'
    probe
    says ok intervals "asked for in JSON"
    em '' '"generate": {"vms": 3, "intervals": {"none": true}}'
    probe
    has 0
    says odd intervals "vm00001: 0 intervals" "can't be measured"
    all_but intervals
    em '' '"vms": [{"name": "one", "replica": false, "sessions": [{"created": "-2h"}]}]'
    probe
    has 0
    says odd replicas "0 VMs have one"
    run ! grep intervals "$BATS_TEST_TMPDIR/lines"
}

@test "data collections by the list, none of late, none at all, one that missed a server" {
    em '"refuses": {"system_sessions_query": 400}'
    probe
    says ok data_collection "; by the list /systemSessions"
    em '"collections": {"periods": [{"since": "-3h", "none": true}]}'
    probe
    says odd data_collection "ended 3h " "-> checks warn of it"
    em '"collections": {"every_minutes": 0}'
    probe
    says odd data_collection "none that succeeded" "by hand?"
    all_but data_collection
    em '"collections": {"periods": [{"since": "-20m", "misses": ["vbr01.example.invalid"]}]}'
    probe
    says ok data_collection "missed by the newest: vbr01.example.invalid"
}

@test "a wrong port: the fault with what to do" {
    em '"replies": [{"path": "/", "status": 404, "body": "nothing here"}]'
    check --probe
    has 3 "CDP TASK UNKNOWN: protocol: EM answers 404 to POST /api/sessionMngr/" "is this EM's port? 9419 is another API" \
        "ok   TLS: " "no   logon: " "EM's port is 9398 unless it was changed"
    lacks "next:"
    [ "$(count open_sessions)" = 0 ]
    plugin --probe -H localhost -p 1 -u monitor --password-file="$PASSWORD_FILE"
    has 3 "CDP TASK UNKNOWN: unreachable: " "no   address: localhost: no connection to " ":1"
    plugin --probe -H nowhere.example.invalid -u monitor --password-file="$PASSWORD_FILE"
    has 3 "CDP TASK UNKNOWN: unreachable: " "no   address: nowhere.example.invalid: no address found"
}

@test "a certificate that is not trusted: all that can be told, and the command with the pin" {
    em
    local other=$BATS_TEST_TMPDIR/other.pem
    openssl req -x509 -newkey rsa:2048 -nodes -keyout /dev/null -subj /CN=other -out "$other" 2>/dev/null
    plugin --probe -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE"
    has 3 "CDP TASK UNKNOWN: tls: " "self-signed" "ok   address: localhost is 127.0.0.1" "ok   TLS: TLSv1." \
        "no   certificate: CN = " ", valid until 20" ": not trusted" "odd  pin: --pinned-pubkey=$EM_PIN" \
        ", self-signed, for $(hostname), localhost, 127.0.0.1, "
    [ "$(count requests)" = 0 ]
    local next=${lines[-1]# *check_veeam_cdp_task }
    [ "${lines[-2]}" = "next, if EM's own host has this pin:" ]
    [[ $next == *" --pinned-pubkey=$EM_PIN --probe" ]]
    eval "plugin $next"
    has 0 "trusted by its key (--pinned-pubkey)" "--pinned-pubkey=$EM_PIN --em"
    plugin --probe --format=json -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE"
    has 3
    valid_probe
    [ "$(query '.error.kind, .next[0]' | xargs)" = "tls $CHECK_VEEAM_CDP_TASK $next" ]
    plugin --probe -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" \
        --pinned-pubkey=sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
    has 3 "another key" "somebody in between" "odd  pin: --pinned-pubkey=$EM_PIN" "only if EM's own host"
    # Whoever answered is not who was expected: no command to trust that key is proposed.
    lacks next
    plugin --probe -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --ca-file="$other"
    has 3 "neither it nor its CA is in --ca-file" "no   certificate: " "odd  pin: "
    lacks next
    plugin --probe -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --ca-file="$PASSWORD_FILE"
    has 3 "usage: " "has no certificate in PEM" "no   certificate: " "it is not known whether it is trusted"
    lacks next
    # What verifies nothing is not in the next commands.
    plugin --probe -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" -k
    has 0 "odd  certificate: " "not looked at (--insecure)" "--pinned-pubkey=$EM_PIN --all"
    [[ ${lines[-1]} != *" -k"* ]]
}

@test "the ways to reach EM: -4, -6, --connect-to, --no-tls; the next commands go the same way" {
    em
    probe -4
    has 0
    says ok address "localhost is 127.0.0.1"
    grep -q -- "check_veeam_cdp_task .*-H localhost -p $EM_PORT .*-4 " "$BATS_TEST_TMPDIR/next"
    follows
    if [ -s /proc/net/if_inet6 ]; then
        probe -6
        has 0
        says ok address "localhost is ::1"
        grep -q -- "check_veeam_cdp_task .*-H localhost -p $EM_PORT .*-6 " "$BATS_TEST_TMPDIR/next"
        follows
    fi
    probe -6 -H 127.0.0.1
    has 3 '"kind":"unreachable"' "-6 (--ipv6) allows only IPv6 addresses"
    says no address "127.0.0.1: no"
    # EM has another name here, so its key is what is trusted.
    probe -H em01.example.invalid -p 1 --connect-to="localhost:$EM_PORT" --pinned-pubkey="$EM_PIN"
    has 3 # the CA is of --ca-file, and the name is not the certificate's
    says ok address "localhost:$EM_PORT is 127.0.0.1"
    says no certificate "not trusted"
    plugin --probe -H em01.example.invalid --connect-to="127.0.0.1:$EM_PORT" --pinned-pubkey="$EM_PIN" -u monitor \
        --password-file="$PASSWORD_FILE"
    has 0 "work with em01.example.invalid:9398" "ok   address: 127.0.0.1:$EM_PORT is 127.0.0.1" \
        " -H em01.example.invalid --connect-to=127.0.0.1:$EM_PORT -u monitor --password-file="
    plain_em=1
    start_em --no-tls --scenario="$SRCDIR/tests/emulator/scenarios/demo.json"
    plugin --probe -H localhost -p "$EM_PORT" --no-tls -u monitor --password-file="$PASSWORD_FILE"
    has 0 "ok   address: localhost is 127.0.0.1" "odd  TLS: none, by --no-tls" "password and answers travel in clear" \
        " -H localhost -p $EM_PORT --no-tls -u monitor --password-file=$PASSWORD_FILE --all"
    lacks "certificate: "
    [ "$(count logons) $(count open_sessions)" = "1 0" ]
    # TLS where there is none.
    plugin --probe -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --format=json
    has 3 '"kind":"tls"' '"text":"no handshake"'
    valid_probe
}

@test "a clock that is an hour off, a day behind, not told" {
    em
    control POST advance 3601 >/dev/null
    em
    probe
    has 0
    says odd clock "1h ahead of this host's -> " NTP
    all_but clock
    control POST advance -90001 >/dev/null
    em
    probe
    says odd clock "1d behind this host's"
    control POST advance 86400 >/dev/null
    em '"wording": {"lacks_date": true}'
    probe
    has 0
    says no clock "does not say its time"
}

@test "no State filter: EM ignores it, or refuses it" {
    local vms='"generate": {"vms": 150}'
    em '"wording": {"ignored_field": "State"}' "$vms"
    probe
    has 0
    says odd filter "State!=Completed: gives 600 of 600" "each refresh of a snapshot is a full fetch; verdicts stay right"
    says odd filter "State==Completed" "don't fit"
    says ok filter "EndTimeUTC>="
    says ok filter "CreationTimeUTC>="
    all_but filter
    em '"wording": {"refused_field": "State"}' "$vms"
    probe
    has 0
    says odd filter "State!=Completed: protocol: EM answers 400" "--all, --policy, --snapshot, which fail with this EM"
    says odd filter 'VmDisplayName=="' "which does without"
    says no pages "-> --all, --policy and --snapshot don't work with this EM"
    all_but filter pages
    run ! grep -q -- --all "$BATS_TEST_TMPDIR/next"
    follows
}

@test "other filters that EM ignores" {
    local row
    for row in "VmDisplayName|--vm" "CreationTimeUTC|--snapshot" "EndTimeUTC|--snapshot" "PolicySessionUid|--policy"; do
        em '"wording": {"ignored_field": "'"${row%|*}"'"}'
        probe
        has 0
        says odd filter "${row%|*}" "${row#*|}" "does not filter by it"
        all_but filter
    done
}

@test "all VMs are idle, as EM lists no running sessions: the option that it needs" {
    em '' '"generate": {"vms": 10, "running": false}'
    probe
    has 0
    says odd vms "10 VMs: 9 idle" "lists no running sessions and needs --idle-after=9h"
    says odd running_members "no session runs"
    all_but vms running_members
    [ "$(grep -c -- ' --idle-after=9h$' "$BATS_TEST_TMPDIR/next")" = 2 ]
    follows
    probe --idle-after=9h
    says ok vms "10 VMs"
    follows
}

@test "all VMs are overdue: the option that it needs; all stand still" {
    em '' '"policies": [{"name": "Gold", "long_term_hours": 2}], "generate": {"vms": 5, "hours": 40, "policy": "Gold"}'
    probe
    has 0
    says odd vms "5 running, 4 overdue" "needs --overdue-after=25h"
    follows
    em '' '"vms": [{"name": "one", "sessions": [{"created": "-40h", "ended": "-32h"}]}]'
    probe
    says odd vms "1 idle" "nothing has run for 1d "
    run ! grep -q -- --idle-after "$BATS_TEST_TMPDIR/next"
}

@test "States, Results and keys that the plugin does not know, and members that are missing" {
    em '' '"vms": [{"name": "one", "sessions": [{"created": "-2h", "members": {"State": "Idling|", "Speed": 7}}]},
        {"name": "two", "sessions": [{"created": "-9h", "ended": "-1h", "members": {"Result": "Superb"}, "omit": ["Links"]}]}]'
    probe
    has 0
    says odd states "not known to this plugin: Idling -> " "--map"
    says odd results "not known to this plugin: Superb"
    says odd members "absent or null in some: Links" "not known to this plugin, and not needed: Speed"
    em '' '"vms": []'
    probe
    has 0
    says odd sessions "0 task sessions" "may this user see it?"
    says odd vms "0 VMs"
    grep -q -- --vm=NAME "$BATS_TEST_TMPDIR/next"
    em '' '"vms": [{"name": "one", "sessions": [{"created": "-2h", "members": {"EndTimeUTC": "2090-01-01T00:00:00Z"}}]}]'
    probe
    says odd running_members "1 with an end nevertheless"
}

@test "no secret is in the output, whatever EM says" {
    em '"replies": [{"path": "/api/query?type=CdpPolicy", "status": 403, "body": {"Message": "'"$PASSWORD"' is wrong"}},
        {"path": "/api/", "nth": 2, "status": 200, "headers": {"Server": "'"$PASSWORD"'"},
         "body": {"SupportedVersions": [{"Name": "'"$PASSWORD"'"}]}}]' \
        '"vms": [{"name": "'"$PASSWORD"'", "sessions": [{"created": "-2h", "members": {"'"$PASSWORD"'": 1, "State": "'"$PASSWORD"'"}}]}]'
    local arguments
    for arguments in "" -vvv --format=json; do
        # shellcheck disable=SC2086 # none is no word
        check --probe $arguments
        has 0 "***"
        lacks "$PASSWORD"
        lacks dec0de5e-
        lacks ZGVjMGRlNWUt
    done
    # One that is given otherwise than in a file is not in the next commands.
    em
    VEEAM_EM_PASSWORD=$PASSWORD plugin --probe -H localhost -p "$EM_PORT" -u monitor --ca-file="$EM_CA"
    has 0
    lacks --password
    plugin --probe -H localhost -p "$EM_PORT" -u monitor --ca-file="$EM_CA" --password="$PASSWORD"
    has 0 "--password-file=FILE --ca-file"
    lacks "$PASSWORD"
    # An ini file is, as it was given, and has the password for the next commands.
    local ini=$BATS_TEST_TMPDIR/em.ini
    printf '[em]\nhostname = localhost\nusername = monitor\npassword = %s\nca-file = %s\n' \
        "$PASSWORD" "$EM_CA" >"$ini"
    chmod 600 "$ini"
    for option in "--extra-opts=em@$ini" "--extra-opts em@$ini"; do
        # shellcheck disable=SC2086 # one word or two
        plugin $option -p "$EM_PORT" --probe
        has 0 "$CHECK_VEEAM_CDP_TASK $option -p $EM_PORT --em"
        lacks --password
        eval "plugin ${lines[-1]#*check_veeam_cdp_task }"
        has 0 "CDP TASK OK: "
    done
    plugin --extra-opts="em@$ini" -4p "$EM_PORT" --probe
    has 0 " --extra-opts=em@$ini -4 -p $EM_PORT --em"
    # If it says whom to trust, nobody else is proposed; what it says of trust stays.
    printf '[em]\nhostname = localhost\nusername = monitor\npassword = %s\npinned-pubkey = %s\n' \
        "$PASSWORD" sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= >"$ini"
    plugin --extra-opts="em@$ini" -p "$EM_PORT" --probe
    has 3 "another key"
    lacks next
    printf '[em]\nhostname = localhost\nusername = monitor\npassword = %s\ninsecure =\n' "$PASSWORD" >"$ini"
    plugin --extra-opts="em@$ini" -p "$EM_PORT" --probe
    has 0 " --extra-opts=em@$ini -p $EM_PORT --em"
}

@test "names of EM are cleaned, and quoted for a shell" {
    # shellcheck disable=SC2016 # for a shell that must not do it
    em '' '"vms": [{"name": "it'"'"'s $(reboot) 1", "sessions": [{"created": "-1h"}]},
        {"name": "a|b\u0007", "sessions": [{"created": "-2h"}]}]'
    check --probe
    has 0 "'--vm=it'\\''s \$(reboot) 1'"
    lacks "a|b"
    probe
    follows
}

@test "a deadline, and a server that fails on the way: what was seen, and the logoff" {
    em '"replies": [{"path": "/api/query?type=CdpPolicy", "delay": 9}]'
    probe -t 2
    has 3 '"kind":"timeout"'
    says ok sessions "40 task sessions"
    says no policies "timeout: "
    em '"replies": [{"path": "/api/cdpReplicas/", "method": "POST", "delay": 9}]'
    probe -t 2:critical
    has 2 '"kind":"timeout"' '"next":[]'
    says ok replicas "10 VMs"
    says no intervals "timeout: "
    em '"replies": [{"path": "/api/query?type=CdpReplica&", "status": 503, "body": "busy"}]'
    probe
    has 0
    says no replicas "server: EM answers 503"
    em '"replies": [{"path": "/api/query?type=CdpReplicaTaskSession", "status": 503, "body": "busy"}]'
    probe
    has 3 '"kind":"server"'
    em '"replies": [{"path": "/api/sessionMngr", "status": 401, "body": "no"}]'
    probe
    has 3 '"kind":"logon"'
    says no logon "401"
}

@test "what does not go with it, and faults in its own document" {
    local arguments
    for arguments in --all --em --vm=x --id=00000000-0000-4000-8000-000000000009 --input=x --list --sessions-only \
        --backup-server=x --include-vm=x -w1h --critical-data-age=1h --format=passive --format=openmetrics; do
        check --probe "$arguments"
        has 3 "CDP TASK UNKNOWN: usage: --probe "
    done
    for arguments in "" "-H localhost" "-H localhost -u monitor --no-such-option"; do
        # shellcheck disable=SC2086 # words
        plugin --probe --format=json $arguments
        has 3
        [ "$(query '.error.kind, .state' | xargs)" = "usage UNKNOWN" ]
    done
}

@test "without any option, the three commands that one begins with" {
    plugin
    has 3 "CDP TASK UNKNOWN: usage: " " --probe" " --vm=NAME" "--em" " --all" "--help"
    [ "${#lines[@]}" -le 8 ]
}
