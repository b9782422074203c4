#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# --rpo: what restore points say of each VM, what EM is asked for them, and what its silence does.

load support

setup_file() {
    start_em --scenario="$SRCDIR/tests/emulator/scenarios/demo.json"
}
teardown_file() {
    stop_em
}
setup() {
    moved=0
}
teardown() {
    [ "$moved" = 0 ] || control POST advance $((-moved))
}

limits=(--critical-lag=5m --warning-gap=10m --warning-compliance=95: --critical-app-age=1d)

# play_site VMS [MORE [POLICIES]]: VMs of the policies Gold and Silver, and more keys of the scenario.
play_site() {
    play '{"user":"monitor","password":"'"$PASSWORD"'",
        "policies":['"${3:-{\"name\":\"Gold\"\},{\"name\":\"Silver\"\}}"'],"vms":['"$1"']'"${2:+,$2}"'}'
    control POST reset >/dev/null
}

# vm NAME [INTERVALS [POLICY [MORE]]]: a VM whose replication works, and what differs in its points.
vm() {
    printf '{"name":"%s","policy":"%s","intervals":%s,"sessions":[{"created":"-2h"}]%s}' \
        "$1" "${3:-Gold}" "${2:-{\}}" "${4:+,$4}"
}

# posts: how often EM was asked for restore points.
posts() {
    control GET counts | jq '[.log[] | select(startswith("POST /api/cdpReplicas/"))] | length'
}

# asked POSTS: so often, and nothing else was sent by POST but the logon.
asked() {
    local seen
    seen=$(control GET counts | jq -r '[.log[] | select(startswith("GET") or startswith("DELETE") | not)
        | sub("/[0-9a-f-]{36}/vms/[0-9a-f-]{36}"; "/R/vms/V")] | group_by(.) | map("\(length)*\(.[0])") | join(" ")')
    [ "$seen" = "$1*POST /api/cdpReplicas/R/vms/V?action=intervals ${2:-1}*POST /api/sessionMngr/?v=latest" ] ||
        fail_with "asked $seen"
}

# perfdata TEXT: the first line ends with it.
perfdata() {
    [[ ${lines[0]} == *" $1" ]] || fail_with "the performance data does not end with: $1"
}

@test "the example of EM's documents, at its time" {
    moved=$(($(date -d 2025-02-17T16:59:52Z +%s) - EPOCHSECONDS))
    control POST advance "$moved"
    play "$(jq '.password = env.PASSWORD' "$SRCDIR/tests/emulator/scenarios/intervals.json")"
    check --vm=documented --rpo --rpo-window=1d --warning-data-age='~:'
    has 0 "lag 1m 22s, longest gap 1m 22s, RPO of 15s kept for 100.0 %, application-consistent point 1h 56m old"
    perfdata "rpo_lag=82s;;;0 rpo_gap=82s;;;0 rpo_compliance=100%;;;0 app_age=7017s;;;0"
    check --vm=documented --warning-lag=1m --critical-lag=82 --critical-app-age=1d
    has 1 "lag 1m 22s (warning: 1m)"
    check --vm=documented --critical-lag=81.9
    has 2 "lag 1m 22s (critical: 81.9)"
}

@test "a table of VMs: what is said, how it ends, what is measured" {
    local usual="application-consistent point 2h old"
    # Points every 15 s since 4 hours ago; what is application-consistent is 2 h old, and every 8 h before.
    row() {
        play_site "$(vm a "{\"consistent_age_seconds\":${5:-7200}${2:+,$2}}")"
        check --vm=a "${limits[@]}"
        has "$1" "$3"
        perfdata "$4"
        asked 1
    }
    row 0 '' "lag 5s, longest gap 15s, RPO of 15s kept for 100.0 %, $usual" \
        "rpo_lag=5s;;300;0 rpo_gap=15s;600;;0 rpo_compliance=100%;95:;;0 app_age=7200s;;86400;0"
    row 2 '"lag_seconds":600' "a: lag 10m (critical: 5m); RPO compliance 90.9 % (warning: 95:); InProgress" \
        "rpo_lag=600s;;300;0 rpo_gap=600s;600;;0 rpo_compliance=90.909%;95:;;0 app_age=7200s;;86400;0"
    row 1 '"stretches":[{"ago_seconds":3600,"length_seconds":720,"none":true}]' \
        "a: longest gap 12m (warning: 10m); RPO compliance 79.9 % (warning: 95:); InProgress" \
        "rpo_lag=5s;;300;0 rpo_gap=720s;600;;0 rpo_compliance=79.972%;95:;;0 app_age=7200s;;86400;0"
    row 1 '"lag_seconds":0,"stretches":[{"ago_seconds":3600,"length_seconds":2880,"rpo_seconds":60}]' \
        "a: RPO compliance 20.0 % (warning: 95:); InProgress" \
        "rpo_lag=0s;;300;0 rpo_gap=60s;600;;0 rpo_compliance=20%;95:;;0 app_age=7200s;;86400;0"
    row 2 '' \
        "a: age of the application-consistent point 1d 1h (critical: 1d); InProgress" \
        "rpo_lag=5s;;300;0 rpo_gap=15s;600;;0 rpo_compliance=100%;95:;;0 app_age=90000s;;86400;0" 108000
    has 2 "no application-consistent point in the last 1d 1h"
    check --vm=a "${limits[@]}" --rpo-window=2d
    has 2 "age of the application-consistent point 1d 6h (critical: 1d)" "application-consistent point 1d 6h old"
    perfdata "app_age=108000s;;86400;0"
    row 1 '"stretches":[{"ago_seconds":3600,"length_seconds":720,"type":"Restore|Unavailable"}]' \
        ", IntervalType Restore Unavailable counted as a gap" \
        "rpo_lag=5s;;300;0 rpo_gap=720s;600;;0 rpo_compliance=79.972%;95:;;0 app_age=7200s;;86400;0"
    row 3 '"none":true' "lag unknown: no short-term restore point in the last 1d 1h, so --critical-lag can't be checked" \
        "total_size=0B;;;0 app_age=7200s;;86400;0"
    row 3 '"window":{"ago_seconds":9000,"length_seconds":3600}' \
        "lag unknown: protocol: EM answers about another time than asked: it ends" "total_size=0B;;;0"
    row 3 '"window":{"ago_seconds":3600},"consistent":false' \
        "age of the application-consistent point unknown: no application-consistent point in the last 1h, and EM says nothing of the time before, so --critical-app-age can't be checked" \
        "rpo_lag=5s;;300;0 rpo_gap=15s;600;;0 rpo_compliance=100%;95:;;0"
}

@test "what EM does not answer: UNKNOWN with a threshold, a notice without" {
    row() {
        play_site "$(vm a "$1"),$(vm b)" "$3"
        check --policy=Gold --rpo
        has 0 "CDP TASK OK: 2 VMs: 2 ok" "notice: lag unknown of 1 of 2 VMs: 1 (" "$2" "max_rpo_lag=5s;;;0 min_rpo_compliance=100%;;;0"
        check --policy=Gold --rpo --critical-lag=5m --warning-gap=10m
        has 3 "[UNKNOWN] a" "a: lag unknown: " "$2" "so --critical-lag can't be checked; longest gap unknown" \
            "so --warning-gap can't be checked"
        lacks "[UNKNOWN] b"
        asked 4 2
    }
    row '{"status":404}' "not-found: EM answers 404 to POST ?action=intervals: Cannot find resource"
    row '{"status":500}' "server: EM answers 500 to POST ?action=intervals"
    row '{"status":403}' "forbidden: EM answers 403 to POST ?action=intervals: Access is denied."
    row '{"status":405}' "protocol: EM answers 405 to POST ?action=intervals"
    row '{"answer":{"EndDate":5}}' "protocol: EM's answer about restore points has no valid EndDate"
    has 3 "longest gap unknown as well, so"
    row '{"none":true}' "no short-term restore point in the last 1d"
}

@test "an EM that refuses all is asked for three VMs, one that has no intervals for ten" {
    local state vms
    declare -A asked=([403]=3 [404]=10 [501]=12)
    vms=$(for name in a b c d e f g h i j k l; do vm $name; echo ,; done)
    for state in 403 404 501; do
        play_site "${vms%,}" '"refuses":{"intervals":'"$state"'}'
        check --policy=Gold --rpo
        has 0 "CDP TASK OK: 12 VMs: 12 ok" "lag unknown of 12 of 12 VMs" "EM answers $state to POST ?action=intervals"
        lacks rpo_
        asked "${asked[$state]}"
    done
    has 0 "VMs: 12 (server: EM answers 501" "): a, b, c, ..."
    play_site "${vms%,}" '"refuses":{"replicas_query":403}'
    check --policy=Gold --rpo
    has 0 "notice: lag unknown of 12 of 12 VMs: 12 (EM does not tell replicas to this user): a, b, c, ..."
    [ "$(posts)" = 0 ]
    check --policy=Gold --critical-lag=5m
    has 3 "lag unknown: EM does not tell replicas to this user, so --critical-lag can't be checked"
    play_site '{"name":"a","policy":"Gold","replica":false,"sessions":[{"created":"-2h"}]}'
    check --vm=a --rpo
    has 0 "notice: lag unknown: EM has no replica of that name"
}

@test "each wording of EM: bodies, lists, keys, times, clocks" {
    # XML is tried first, once a run; an EM that takes no XML costs one request more.
    row() {
        play_site "$(vm a),$(vm b)" '"wording":{'"$2"'}'
        check --policy=Gold --critical-lag=5m --warning-compliance=100: --critical-app-age=1d
        has 0 "max_rpo_lag=5s;;300;0 min_rpo_compliance=100%;100:;;0"
        [ "$(posts)" = "$1" ] || fail_with "$2: $(posts) POSTs"
    }
    row 2 '"interval_bodies":"xml"'
    row 3 '"interval_bodies":"json"'
    row 3 '"interval_bodies":"json","refused_body_status":400'
    row 2 '"casing":"camel","lists":"bare","interval_times":"utc","replica_href":"slash"'
    row 2 '"list_items":"singular","scalars":"text","intervals_earlier_seconds":290,"replica_href":"twice"'
    row 2 '"intervals_earlier_seconds":-290,"lacks_date":true'
}

@test "no link of EM makes a request of its own" {
    local R=7665222c-2e99-4a3f-b892-1827ba8d1eee V=e809a086-2562-4a0f-a9a8-9c115ff8f0ba hostile vms=
    # shellcheck disable=SC2089 # the backslash is JSON's
    for hostile in '"link":"missing"' '"link":"slash"' '"link":"other_host"' '"link":"other_vm"' '"link":"swapped"' \
        '"link_href":""' '"link_href":"https://evil.example.invalid/api/cdpReplicas/1/vms/2?action=failover"' \
        '"link_href":"/api/cdpReplicas/'$R/vms/$V'?action=intervals&action=failover"' \
        '"link_href":"/api/cdpReplicas/'$R/vms/$V'?Action=Failover#?action=intervals"' \
        '"link_href":"https://em01/api/backupServers/'$R'?action=collect"' \
        '"link_href":"http://a\r\nPOST /api/cdpReplicas HTTP/1.1\r\n"'; do
        vms+="$(vm "vm${#vms}" "{$hostile}"),"
    done
    play_site "${vms%,}"
    check --policy=Gold --critical-lag=5m
    has 0 "CDP TASK OK: 11 VMs: 11 ok" "max_rpo_lag=5s"
    asked 11
    # Where a replica is, is two UUIDs, or it is not asked for.
    row() {
        play_site "$(vm a '{}' Gold "\"replica\":{\"members\":{$1}}"),$(vm b)"  '"refuses":{"replicas_query":404}'
        check --policy=Gold --rpo
        has 0 "notice: lag unknown of 1 of 2 VMs: 1 (EM does not say where its replica is): a"
        asked 1
    }
    row '"UID":"urn:veeam:CdpReplicaVm:../../x?action=failover","Href":"/api/cdpReplicas/../vms/..?action=failover"'
    row '"UID":null,"Href":"https://evil.example.invalid/api/cdpReplicas/'$R'/vms/x?action=failover"'
    row '"UID":"urn:veeam:CdpReplicaVm:'$V'&action=failover","Href":"'$V'"'
    [ "$(count writes)" = 0 ]
}

@test "no more is asked than was asked for" {
    play_site "$(vm a),$(vm b),$(vm c '{}' Silver)"
    check --vm=a
    [ "$(posts)" = 0 ]
    check --policy=Gold
    [ "$(posts)" = 0 ]
    lacks rpo_
    check --vm=a --vm=c --rpo
    has 0 "a_rpo_lag=5s" "c_rpo_lag=5s"
    [ "$(posts)" = 2 ]
    # One policy's replica alone is looked at for a VM.
    control POST reset >/dev/null
    check --vm=a --rpo
    [ "$(control GET counts | jq '[.log[] | select(test("^GET /api/cdpReplicas/"))] | length')" = 1 ]
    check --vm=a --policy=Gold --rpo
    has 3
    check --policy=Gold --policy=Silver --exclude-vm=b --rpo --format=json
    [ "$(query '[.vms[].metrics.rpo_lag_seconds]')" = '[5,5]' ]
    check --vm=a --rpo --list
    has 0
    [ "$(posts)" = 3 ]
}

@test "JSON, OpenMetrics and passive have it, with --rpo" {
    play_site "$(vm a '{"lag_seconds":600}'),$(vm b '{"status":500}')"
    check --policy=Gold --rpo --format=json
    valid_json
    [ "$(query '.vms[0].metrics | [.rpo_lag_seconds, .rpo_gap_seconds, (.app_age_seconds | type)]')" = '[600,600,"number"]' ]
    [ "$(query '.vms[1].metrics | [.rpo_lag_seconds, .rpo_compliance_percent]')" = '[null,null]' ]
    has 0 '"notices":["lag unknown of 1 of 2 VMs: 1 (server: EM answers 500'
    check --policy=Gold --format=json
    [ "$(query '.vms[0].metrics | has("rpo_lag_seconds")')" = false ]
    check --policy=Gold --critical-compliance=95: --format=openmetrics
    has 2 'veeam_cdp_task_rpo_lag_seconds{' '} 600' 'veeam_cdp_task_rpo_compliance_ratio{'
    [[ $output =~ 'veeam_cdp_task_rpo_compliance_ratio{'[^\}]*'vm="a"'[^\}]*'} 0.9'[0-9]*$'\n' ]]
    check --policy=Gold --format=openmetrics
    lacks rpo_lag
    check --policy=Gold --critical-lag=5m --format=passive --passive-host=h
    has 2 "h;Veeam CDP task;2;CDP TASK CRITICAL" "a: lag 10m (critical: 5m)" "max_rpo_lag=600s;;300;0"
    check --policy=Gold --rpo --format=passive
    has 0 "; in all 2 VMs: 2 ok; lag unknown of 1|"
}

@test "a session that EM has ended meanwhile costs one logon" {
    play_site "$(vm a),$(vm b)" '"replies":[{"method":"POST","path":"/api/cdpReplicas/","nth":2,"status":401}]'
    check --policy=Gold --critical-lag=5m
    has 0 "max_rpo_lag=5s"
    asked 3 2
    [ "$(count open_sessions)" = 0 ]
}

@test "--session-cache: the lag without a logon" {
    play_site "$(vm a)"
    check --vm=a --rpo --session-cache="$BATS_TEST_TMPDIR/cache"
    has 0 "lag 5s"
    check --vm=a --rpo --session-cache="$BATS_TEST_TMPDIR/cache"
    has 0 "lag 5s"
    [ "$(posts) $(count logons) $(count logoffs)" = "2 1 0" ]
    control POST expire >/dev/null
    check --vm=a --rpo --session-cache="$BATS_TEST_TMPDIR/cache"
    has 0 "lag 5s"
    [ "$(posts) $(count logons)" = "3 2" ]
    control POST expire >/dev/null
}

@test "--snapshot: sessions from there, the lag live" {
    local snapshot=(--snapshot="$BATS_TEST_TMPDIR/snapshot" --snapshot-age=1d)
    play_site "$(vm a),$(vm b),$(vm c '{}' Silver)"
    check --all "${snapshot[@]}"
    has 0
    [ "$(posts)" = 0 ]
    control POST reset >/dev/null
    check --vm=a --critical-lag=5m "${snapshot[@]}"
    has 0 "rpo_lag=5s;;300;0" "snapshot: EM's answer is"
    good_manners 3 # logon, restore points, logoff
    control POST reset >/dev/null
    check --policy=Gold --critical-lag=5m --warning-compliance=100: "${snapshot[@]}"
    has 0 "max_rpo_lag=5s;;300;0 min_rpo_compliance=100%;100:;;0"
    good_manners 4
    # Without it, nothing is asked.
    control POST reset >/dev/null
    check --policy=Gold "${snapshot[@]}"
    has 0
    [ "$(count requests)" = 0 ]
    # A VM that EM has failed since then is judged as it was, and its lag is as it is.
    play_site "$(vm a '{"lag_seconds":900}'),$(vm b '{"status":404}')"
    check --policy=Gold --critical-lag=5m "${snapshot[@]}"
    has 2 "[CRITICAL] a" "lag 15m (critical: 5m)" "[UNKNOWN] b" "its replica may be gone"
}

@test "--snapshot and an EM that is down: the sessions stand, the lag is unknown" {
    local snapshot=(--snapshot="$BATS_TEST_TMPDIR/snapshot" --snapshot-age=1d)
    play_site "$(vm a),$(vm b)"
    check --all "${snapshot[@]}"
    has 0
    row() {
        check --policy=Gold --rpo "${snapshot[@]}"
        has 0 "CDP TASK OK: 2 VMs: 2 ok" "notice: lag unknown of 2 of 2 VMs: 2 ($1"
        check --vm=a --rpo "${snapshot[@]}"
        has 0 "CDP TASK OK: a: InProgress" "notice: lag unknown: $1"
        check --vm=a --critical-lag=5m "${snapshot[@]}"
        has 3 "lag unknown: $1" "so --critical-lag can't be checked"
    }
    play_site '' '"replies":[{"drop":true}]'
    row "unreachable: "
    play_site '' '"replies":[{"status":503,"body":"busy"}]'
    row "server: EM answers 503 to POST /api/sessionMngr/"
    play_site '' '"may":{"log_on":false}'
    row "forbidden: "
}

# some COUNT: VMs that are well, an object each.
some() {
    local i
    for ((i = 10; i < 10 + $1; i++)); do
        vm "well$i"
        printf ,
    done
}

@test "the deadline, in the middle of many VMs: those in a bad state were asked first, the others are counted" {
    local bad='{"name":"zz-failed","policy":"Gold","sessions":[{"created":"-9h","ended":"-20m","result":"Failed"}]}'
    local idle='{"name":"zz-idle","policy":"Gold","sessions":[{"created":"-9h","ended":"-2h"}]}'
    play_site "$(some 40)$bad,$idle" '"replies":[{"path":"/api/cdpReplicas/","method":"POST","delay":0.1}]'
    check --policy=Gold --critical-lag=5m -t 3 --map=Failed=ok --map=idle=ok --format=json
    has 3
    [ "$(query '[.vms[] | select(.metrics.rpo_lag_seconds == 5)] | length | . >= 3 and . <= 20')" = true ]
    [ "$(query '[.vms[] | select(.vm | startswith("zz")) | .metrics.rpo_lag_seconds]')" = '[5,5]' ]
    [ "$(query '.vms[] | select(.vm == "well10") | "\(.state) \(.metrics.rpo_lag_seconds)"')" = "OK 5" ]
    [ "$(query '.vms[] | select(.vm == "well49") | "\(.state) \(.metrics.rpo_lag_seconds)"')" = "UNKNOWN null" ]
    has 3 "lag unknown: timeout: no time was left; try a longer --timeout, so --critical-lag can't be checked"
    # What is not known is all that was not answered.
    local unknown
    unknown=$(query '[.vms[] | select(.metrics.rpo_lag_seconds == null)] | length')
    has 3 '"lag unknown of '"$unknown of 42 VMs: $unknown (timeout: no time was left; try a longer --timeout)"
    [ $((42 - unknown)) -ge $(($(posts) - 1)) ]
    [ "$(count open_sessions)" = 0 ]
}

@test "the deadline, while EM is asked for the only VM: judged by its sessions, and logged off" {
    play_site "$(vm a)" '"replies":[{"method":"POST","path":"/api/cdpReplicas/","delay":60}]'
    SECONDS=0
    check --vm=a --rpo -t 1.5:critical
    has 0 "CDP TASK OK: a: InProgress" "notice: lag unknown: timeout: no time was left; try a longer --timeout"
    check --vm=a --critical-lag=5m -t 1.5:critical
    has 3 "lag unknown: timeout: no time was left" "so --critical-lag can't be checked"
    [ "$SECONDS" -le 12 ] || fail_with "it took $SECONDS s"
    [ "$(count logons) $(count logoffs) $(count open_sessions)" = "2 2 0" ]
    check --all --snapshot="$BATS_TEST_TMPDIR/snapshot"
    control POST reset >/dev/null
    check --vm=a --rpo -t 1.5:critical --snapshot="$BATS_TEST_TMPDIR/snapshot" --snapshot-age=1d
    has 0 "CDP TASK OK: a: InProgress" "notice: lag unknown: timeout: no time was left"
    [ "$(count logons) $(count logoffs) $(count open_sessions)" = "1 1 0" ]
}

@test "VMs of a disabled policy, or that have left theirs, have no lag to be missed" {
    play_site '{"name":"a","policy":"Off","intervals":{"lag_seconds":9000},"sessions":[{"created":"-9h","ended":"-5h"}]}' \
        '' '{"name":"Off","enabled":false}'
    check --policy=Off --map=disabled=ok --critical-lag=5m --warning-gap=1m
    has 0 "CDP TASK OK: a: " disabled
    [ "$(posts)" = 0 ]
}

@test "of two replicas of one name, the one with points counts, and that which lags more" {
    local V=22222222-2562-4a0f-a9a8-9c115ff8f0ba
    row() {
        play_site "$(vm a "$2"),{\"name\":\"a\",\"policy\":\"Gold\",\"replica\":{\"uid\":\"$V\"},\"intervals\":$3}"
        check --vm=a --critical-lag=5m
        has "$1" "$4"
    }
    row 2 '{}' '{"lag_seconds":600}' "lag 10m (critical: 5m)"
    row 2 '{"lag_seconds":600}' '{}' "lag 10m (critical: 5m)"
    row 0 '{}' '{"none":true}' "lag 5s"
    row 0 '{"status":404}' '{}' "lag 5s"
    asked 2
    row 3 '{}' '{"status":500}' "lag unknown: server: EM answers 500"
}

@test "a gap that began before the window counts, and one that ended there does not" {
    play_site "$(vm a '{"stretches":[{"ago_seconds":4500,"length_seconds":3900,"none":true}]}')"
    check --vm=a --critical-gap=10m
    has 2 "longest gap 1h 5m (critical: 10m)"
    play_site "$(vm a '{"stretches":[{"ago_seconds":9000,"length_seconds":3900,"none":true}]}')"
    check --vm=a --critical-gap=10m
    has 0 "longest gap 15s, RPO of 15s kept for 100.0 %"
    # A lag that is longer than the window has its length.
    play_site "$(vm a '{"lag_seconds":9000}')"
    check --vm=a --critical-lag=10m
    has 2 "lag 2h 30m (critical: 10m)" "kept for 0.0 %"
}

@test "a VM whose answer does not come has half of the time; a server of such VMs costs two" {
    local R=11111111-2e99-4a3f-b892-1827ba8d1eee V=22222222-2562-4a0f-a9a8-9c115ff8f0ba
    local servers='"backup_servers":[{"name":"s1"},{"name":"s2"}]'
    local two='{"name":"Gold","backup_server":"s1","replica_uid":"'$R'"},{"name":"Silver","backup_server":"s2"}'
    play_site "$(vm a '{}' Gold '"replica":{"uid":"'$V'"}'),$(vm b),$(vm c)" \
        '"replies":[{"path":"/api/cdpReplicas/'$R/vms/$V'?","delay":60}],'"$servers" "$two"
    check --policy=Gold --rpo -t 3
    has 0 "CDP TASK OK: 3 VMs: 3 ok" "notice: lag unknown of 1 of 3 VMs: 1 (timeout: EM took too long to answer): a" \
        "max_rpo_lag=5s"
    asked 3
    # The whole of s1 hangs; s2 is told all the same.
    play_site "$(vm a),$(vm b),$(vm c),$(vm d),$(vm x '{}' Silver),$(vm y '{}' Silver)" \
        '"replies":[{"method":"POST","path":"/api/cdpReplicas/'$R/'","delay":60}],'"$servers" "$two"
    check --policy=Gold --policy=Silver --rpo -t 3 --format=json
    has 0 "lag unknown of 4 of 6 VMs: 2 (timeout: EM took too long to answer): a, b" "2 (timeout: not asked: EM took too long for other VMs of its backup server): c, d"
    [ "$(query '[.vms[] | select(.metrics.rpo_lag_seconds == 5) | .vm]')" = '["x","y"]' ]
    asked 4
    [ "$(count open_sessions)" = 0 ]
}
