#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What --probe --save=FILE keeps of an EM: nothing of the site, and enough for the same probe.

load support

teardown() {
    end_em
}

end_em() {
    stop_em && unset EM_PID
}

user='CORP\geheim-user'

# look OPTION…: probes the emulator.
look() {
    plugin -H localhost -p "$EM_PORT" -u "$user" --password-file="$PASSWORD_FILE" --no-tls --probe "$@"
}

# scenario MEMBERS: a site that has "geheim", 9e9e9e9e and 7777777 wherever a site has something of its
# own: in names, addresses, ids, sizes, Reasons, errors, logs, headers, keys and words that are new.
scenario() {
    local id=9e9e9e9e-0000-4000-8000-0000000000
    jq -n --arg user "$user" --arg password "$PASSWORD" --arg id $id '{
        user: $user,
        wording: {origin: "https://geheim-em.example.invalid:9398"},
        backup_servers: [{name: "geheim-vbr.example.invalid", uid: "\($id)01"},
                         {name: "Geheim-VBR2", uid: "\($id)02"}],
        policies: [{name: "Geheim Policy", backup_server: "geheim-vbr.example.invalid", uid: "\($id)03",
                    replica_uid: "\($id)04", description: "geheim: description",
                    includes: [{type: "Folder", name: "Geheim folder"},
                               {name: "geheim-vm", display_name: "geheim-vm"}],
                    members: {GeheimKey: {geheimKey: ["geheim text", 7777777, "\($id)05", true]},
                              Platform: "GeheimPlatform", "gehei\u006dÄ": 1}}],
        policy_sessions: [{policy: "Geheim Policy", backup_server: "geheim-vbr.example.invalid",
                           created: "-20h", uid: "\($id)06", state: "Working", result: "None",
                           failure_message: "geheim: failure"}],
        vms: [{name: "geheim-vm", policy: "Geheim Policy", backup_server: "geheim-vbr.example.invalid",
               replica: {name: "geheim-vm", uid: "\($id)07"},
               sessions: [{created: "-2h", uid: "\($id)08",
                           members: {State: "GeheimState", Result: "geheim result"}},
                          {created: "-10h", ended: "-2h", result: "Failed", uid: "\($id)09",
                           total_size: 7777777777777, reason:
                           "geheim: \($user), \($password), https://geheim.example.invalid/"}]},
              {name: "Geheim \"Büro\" GEHEIM", sessions: [{created: "-2h", total_size: 7777777,
               members: {VmDisplayName: "geheim.vm.example.invalid", geheimUrl: "/geheim?geheim=%67eheim",
                         TotalSize: "7777777777"}}]},
              {name: "geheim@2025-01-02 03:04:05", sessions: [{created: "-2h"}]}],
        collections: {periods: [{since: "-30m", misses: ["Geheim-VBR2"],
                                 missed_event: "geheim: Geheim-VBR2 is away", message: "geheim"}]},
        replies: [{path: "/api/query?type=CdpReplicaSession&format=Entities&filter", status: 500,
                   headers: {Server: "geheim-proxy", "Content-Type": "application/geheim",
                             "Set-Cookie": "geheim=1", "X-Geheim": "geheim"},
                   body: {Message: "geheim: error", StackTrace: "at geheim", Status: "geheim"}},
                  {path: "/api/query?type=CdpReplica&format=Entities&pageSize=1&", status: 503, body: "<html>geheim</html>"}]
        } * '"${1:-{\}}"
}

# shown: the report without what another run of the same EM would have otherwise: durations, times, the
# port, names, what EM says of errors.
shown() {
    sed -E 's/ \[[0-9]+ ms\]$//; s/[0-9]{4}-[0-9-]+[T ][0-9:]+(Z| UTC)/TIME/g; s/[0-9]+m [0-9]+s/SPAN/g
        s/(localhost:|-p )[0-9]+/\1PORT/; s/"[^"]*"/""/g; s/("")+/""/g; s/'\''?--vm=.*/--vm=/
        s/GeheimState|geheim result|geheimUrl|[uU]nknown(Word|Key)[0-9]+/NEW/g; s/(EM answers [0-9]+ to [A-Z]+ [^ :]+: )[^;]*/\1MESSAGE/
        s/(missed by the newest: ).*/\1NAME/; s/( intervals: ).*(: [0-9]+ interval)/\1NAME\2/; /^saved: /,/^     ->/d' <<<"$output"
}

# same_when_replayed START-OPTION…: saves the probe of that EM in $saved and probes what the file says.
same_when_replayed() {
    local first state
    saved=$BATS_TEST_TMPDIR/em.json
    end_em
    start_em --no-tls --user="$user" "$@"
    look --save="$saved"
    state=$status
    first=$(shown)
    [ "$state" -eq 3 ] || has 0 "saved: $saved"
    end_em
    start_em --no-tls --user="$user" --replay="$saved"
    look
    [ "$status" -eq "$state" ] || fail_with "exit code $status, not $state"
    diff <(echo "$first") <(shown) || fail_with "the reports differ"
    [ "$(count open_sessions)" = 0 ]
    [ "$(control GET counts | jq '[.log[] | select(startswith("not in the file"))] | length')" = 0 ]
}

@test "nothing of the site is in the file" {
    local file=$BATS_TEST_TMPDIR/em.json mark
    scenario >"$BATS_TEST_TMPDIR/scenario.json"
    start_em --no-tls --user="$user" --scenario="$BATS_TEST_TMPDIR/scenario.json"
    # That it is there: what EM has said, and the plugin has seen.
    look -vvv
    for mark in geheim-vbr.example.invalid geheim-em.example.invalid Geheim-VBR2 'Geheim Policy' \
        'geheim: description' 'Geheim folder' geheim-vm 'geheim text' GeheimKey GeheimPlatform \
        'geheim: failure' GeheimState 'geheim result' 'geheim: CORP' 'https://geheim.example' \
        'Büro' geheim.vm.example 'geheim@2025' /geheim 'geheim: Geheim-VBR2' 'geheim: error' 'at geheim' \
        '<html>geheim' 7777777777777 777777777 9e9e9e9e-0000-4000-8000-000000000001 9e9e9e9e-0000-4000-8000-000000000005; do
        [[ $output == *"$mark"* ]] || fail_with "EM did not say $mark"
    done
    control POST reset >/dev/null
    look --save="$file"
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ]
    run -1 grep -aiE "geheim|9e9e9e9e|7777777|b(ü|\\\\u00fc)ro|corp|monitor|localhost|127\.0\.0|$EM_PORT" "$file"
    run -1 grep -aE "Tr0ub4dor|dec0de5e|ZGVjMGRlNWUt|$(printf '%s' "$user:$PASSWORD" | base64)" "$file"
    run -1 grep -aF "$(date -u +%Y-%m-)" "$file"
    [ "$(stat -c %a "$file")" = 600 ]
    [ "$(jq '.exchanges | length' "$file")" = "$(count requests)" ]
    # What stands for it is the same for the same.
    jq -e '[.. | strings | select(test("^Name-[0-9]+(\\.Name-[0-9]+)?$"; "i"))] | unique | length > 5' "$file"
    jq -e '[.. | objects | keys_unsorted[] | select(test("^unknownKey[0-9]$"; "i"))] | unique | length > 2' "$file"
}

@test "replayed, the probe says the same: EM 12, EM 13" {
    same_when_replayed --scenario="$SRCDIR/tests/emulator/scenarios/demo.json"
    has 0 "ok   case of keys: PascalCase"
    same_when_replayed --scenario="$SRCDIR/tests/emulator/scenarios/demo.json" --casing=camel --bom \
        --clock-offset=3700
    has 0 "ok   case of keys: camelCase" "byte order mark" "odd  clock"
}

@test "replayed, the probe says the same: pages that are capped, what EM refuses" {
    scenario '{role: "Portal User", wording: {largest_page: 1, lists: "bare", scalars: "text"},
        refuses: {policies_query: 403, replicas_query: 404, replica_vms: 404}}' >"$BATS_TEST_TMPDIR/scenario.json"
    same_when_replayed --scenario="$BATS_TEST_TMPDIR/scenario.json"
    has 0 "403" "404"
}

@test "replayed, the probe says the same: names and words that are odd" {
    scenario >"$BATS_TEST_TMPDIR/scenario.json"
    same_when_replayed --scenario="$BATS_TEST_TMPDIR/scenario.json"
}

# The saved answers of tests/fixtures, as an EM's to all queries for task sessions.
@test "replayed, the probe says the same: the fixtures" {
    local version
    for version in v12 v13; do
        base64 -w0 "$SRCDIR/tests/fixtures/$version/query.json" | jq -R '{replies: [{status: 200,
            path: "/api/query?type=CdpReplicaTaskSession", body_base64: .}]}' >"$BATS_TEST_TMPDIR/scenario.json"
        same_when_replayed --scenario="$BATS_TEST_TMPDIR/scenario.json"
        run -1 grep -aE 'srv-|B(ü|\\u00fc)ro|em01|vbr01|CDP Policy|11111111-2222|2025-08' "$saved"
        run -1 grep -aiE 'unknown(key|word)' "$saved"
    done
}

@test "a probe that fails is saved, too" {
    echo '{"may": {"log_on": false}}' >"$BATS_TEST_TMPDIR/scenario.json"
    same_when_replayed --scenario="$BATS_TEST_TMPDIR/scenario.json"
    has 3 "forbidden: "
    [ "$(jq -c '[.exchanges[].status]' "$saved")" = "[403]" ]
}

# no_override COMMAND…: runs it so that the plugin is no root to whom all folders are open.
no_override() {
    local CHECK_WRAPPER=
    [ "$(id -u)" -ne 0 ] || CHECK_WRAPPER="setpriv --bounding-set=-dac_override"
    TESTS_SHARE=1 runs=0 "$@"
}

# on_disk MOUNT-OPTIONS COMMAND: runs it in a shell in which $1 is a file system of its own, and what look
# would run is the rest.
on_disk() {
    local options=$1 command=$2
    mkdir -p "$BATS_TEST_TMPDIR/disk"
    run unshare --mount bash -c "mount -t tmpfs -o '$options' none \"\$1\" || exit 77; $command" bash \
        "$BATS_TEST_TMPDIR/disk" "$CHECK_VEEAM_CDP_TASK" -H localhost -p "$EM_PORT" -u "$user" \
        --password-file="$PASSWORD_FILE" --no-tls --probe 3>&-
    [[ $status -ne 77 && $output != *unshare* ]] || skip "no file system can be mounted here"
}

@test "a disk without room: the report, and the file that was there" {
    start_em --no-tls --user="$user"
    # The first words are the plugin's, then comes what is in the folder.
    on_disk size=16k 'echo before >"$1/em.json"; "${@:2}" --save="$1/em.json"; code=$?; ls "$1"; cat "$1"/*; exit "$code"'
    has 3 "internal: --save: $BATS_TEST_TMPDIR/disk/em.json can't be written: No space left on device; make room there" \
        "ok   logon"
    lacks "saved: "
    [ "${lines[*]: -2}" = "em.json before" ]
    [ "$(count logons) $(count open_sessions)" = "1 0" ]
    control POST reset >/dev/null
    on_disk nr_inodes=1 '"${@:2}" --save="$1/em.json"'
    has 3 "internal: --save: $BATS_TEST_TMPDIR/disk/em.json can't be written: No space left on device; make room there"
    [ "$(count requests)" = 0 ]
}

@test "what can't be written is said before EM is asked" {
    start_em --no-tls --user="$user"
    mkdir "$BATS_TEST_TMPDIR/folder"
    ln -s nowhere "$BATS_TEST_TMPDIR/link"
    mkfifo "$BATS_TEST_TMPDIR/pipe"
    look --save="$BATS_TEST_TMPDIR/folder"
    has 3 "usage: --save: $BATS_TEST_TMPDIR/folder is refused: it is not a plain file"
    look --save="$BATS_TEST_TMPDIR/link"
    has 3 "usage: --save: " "it is not a plain file"
    look --save="$BATS_TEST_TMPDIR/pipe" # which nobody reads
    has 3 "usage: --save: $BATS_TEST_TMPDIR/pipe is refused: it is not a plain file; name another one"
    look --save="$BATS_TEST_TMPDIR/nowhere/em.json"
    has 3 "usage: --save: " "can't be written: No such file or directory; create its folder"
    chmod 555 "$BATS_TEST_TMPDIR/folder"
    no_override look --save="$BATS_TEST_TMPDIR/folder/em.json"
    has 3 "usage: --save: $BATS_TEST_TMPDIR/folder/em.json can't be written: Permission denied" \
        "; this user needs the right to write to its folder"
    look --save=-
    has 3 "usage: --save needs a file"
    plugin -H localhost -p "$EM_PORT" -u "$user" --password-file="$PASSWORD_FILE" --no-tls --all \
        --save="$BATS_TEST_TMPDIR/em.json"
    has 3 "usage: --save goes with --probe"
    [ "$(count requests)" = 0 ]
    [ ! -e "$BATS_TEST_TMPDIR/em.json" ]
}

@test "a probe that EM does not answer leaves the file that is there" {
    local file=$BATS_TEST_TMPDIR/em.json
    start_em --no-tls --user="$user"
    echo before >"$file"
    http_proxy=http://localhost:1 look --save="$file"
    has 3 "CDP TASK UNKNOWN: usage: --no-tls: the proxy localhost:1 (http_proxy) would get the password in clear"
    lacks "saved: "
    [ "$(cat "$file")" = before ]
    look --proxy=localhost:1 --save="$file"
    has 3 "unreachable: " "notice: --save: $file was left as it was, as EM gave no answer"
    [ "$(cat "$file")" = before ]
    rm "$file"
    look --proxy=localhost:1 --save="$file"
    has 3 "unreachable: " "saved: $file"
    [ "$(jq -r '.exchanges[].failure' "$file")" = unreachable ]
}

@test "a file that is there is replaced as a whole, or not at all" {
    local file=$BATS_TEST_TMPDIR/em.json
    start_em --no-tls --user="$user"
    echo before >"$file"
    run bash -c 'ulimit -f 4; exec "$@"' - "$CHECK_VEEAM_CDP_TASK" -H localhost -p "$EM_PORT" -u "$user" \
        --password-file="$PASSWORD_FILE" --no-tls --probe --save="$file"
    has 3 "internal: --save: $file can't be written: File too large" "ok   logon"
    [ "$(cat "$file")" = before ]
    look --save="$file" --format=json
    [ "$status" -eq 0 ]
    [ "$(query .saved)" = "$file" ]
    jq -e '.plugin == "check_veeam_cdp_task" and .format == 1' "$file"
    [ "$(find "$BATS_TEST_TMPDIR" -name 'em.json*')" = "$file" ]
}
