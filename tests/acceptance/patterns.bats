#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Regular expressions: by characters of UTF-8 whatever the environment says, and within limits.

load support

setup_file() {
    local names='["café-prod", "名古屋-01", "büro-test", "srv-db01", "Ärger"]'
    jq -n --argjson names "$names" '{policies: [{name: "CDP Policy"}], vms: [$names[] |
        {name: ., policy: "CDP Policy", sessions: [
            {state: "InProgress", result: "Success", created: "-1h"},
            {state: "Completed", result: "Warning", reason: "Gerät  ä | gone\r\n", created: "-9h", ended: "-1h"}]}]}' \
        >"$BATS_FILE_TMPDIR/scenario.json"
    start_em --scenario="$BATS_FILE_TMPDIR/scenario.json"
}

teardown_file() {
    stop_em
}

# names: those of the list in $output, in one line.
names() {
    sed -n '1d; s/\t.*//p' <<<"$output" | LC_ALL=C sort | paste -sd' '
}

# lists NAMES OPTION…: of all VMs, these are listed, whatever the environment.
lists() {
    local expected=$1 locale
    shift
    for locale in C POSIX de_DE.UTF-8 nowhere; do
        # bash complains of those that the system lacks.
        { LC_ALL=$locale check --all --list "$@"; } 2>/dev/null
        has 0
        [ "$(names)" = "$expected" ] || fail_with "$locale $*: $(names), not $expected"
    done
}

@test "sets, dots and classes take characters, in --include-vm and --exclude-vm" {
    lists "büro-test srv-db01 Ärger" --exclude-vm='[éè名]'
    lists "café-prod srv-db01 名古屋-01" --exclude-vm='[äöüÄÖÜ]'
    lists "büro-test" --include-vm='^b.ro-test$'
    lists "名古屋-01" --include-vm='^...-01$'
    lists "Ärger" --include-vm='^[[:upper:]]'
    lists "büro-test café-prod" --include-vm='^[[:alpha:]]{4}-(prod|test)$'
}

@test "a saved answer and a snapshot are picked from the same way" {
    LC_ALL=C check --all --list --include-vm='^b.ro' --snapshot="$BATS_TEST_TMPDIR/shared"
    [ "$(names)" = büro-test ]
    LC_ALL=C check --all --list --include-vm='^b.ro' --snapshot="$BATS_TEST_TMPDIR/shared"
    has 0 "snapshot: "
    [ "$(grep -c büro-test <<<"$output")" -eq 1 ]
    lacks café
    printf '{"VmDisplayName":"caf\xc3\xa9 \xff","State":"Completed","Result":"Success"}' >"$BATS_TEST_TMPDIR/saved"
    LC_ALL=C plugin --input="$BATS_TEST_TMPDIR/saved" --list --include-vm='^caf. .$'
    has 0 "café"
}

@test "names that have a case have it by characters" {
    printf '{"VmDisplayName":"büro","State":"InProgress","Result":"Success","Links":[
        {"Type":"BackupServerReference","Name":"vbr-büro"}]}' >"$BATS_TEST_TMPDIR/saved"
    LC_ALL=C plugin --input="$BATS_TEST_TMPDIR/saved" --backup-server=VBR-BÜRO
    has 0
    LC_ALL=C plugin --input="$BATS_TEST_TMPDIR/saved" --backup-server=vbr-böro
    has 3 "not-found: "
    LC_ALL=C plugin --input="$BATS_TEST_TMPDIR/saved" --vm=BÜRO
    has 3 "not-found: " "; it has büro: case counts"
}

@test "--reason takes the Reason as it is shown, and as EM sent it" {
    for pattern in '^Gerät ä gone$' '^Ger.t [äö] gone$' 'Gerät  ä [|] gone' 'ä [|]'; do
        LC_ALL=C check --vm=srv-db01 --reason="critical:$pattern"
        has 2 "Gerät ä gone"
    done
    LC_ALL=C check --vm=srv-db01 --reason='critical:^gone'
    has 1
}

@test "without a UTF-8 locale a notice says so, once, where a pattern may care" {
    ! grep -qa __asan_init "$CHECK_VEEAM_CDP_TASK" || skip "AddressSanitizer wants to be the first library"
    local notice="notice: patterns are matched by bytes"
    export LD_PRELOAD=$NO_LOCALE
    check --all --exclude-vm='[äöü]' --reason='critical:Ger.t' --include-vm=.
    has 1 "$notice"
    [ "$(grep -c "$notice" <<<"$output")" -eq 1 ]
    check --vm=srv-db01 --reason='critical:Ger..t' --format=json
    has 2
    [ "$(query '[.notices[] | select(startswith("patterns"))] | length')" = 1 ]
    check --all --exclude-vm='^srv|prod$' --reason='critical:lost|broken'
    lacks "$notice"
    check --all
    lacks "$notice"
    check --all --exclude-vm='^b.ro' --format=nothing
    has 3 "usage: "
    unset LD_PRELOAD
    check --all --exclude-vm='[äöü]'
    lacks "$notice"
}

# repeated TIMES TEXT
repeated() {
    printf "%.0s$2" $(seq "$1")
}

@test "a pattern has limits, and the fault names them" {
    plugin --input=- --include-vm="$(repeated 60000 '(')a$(repeated 60000 ')')"
    has 3 "usage: --include-vm: the expression is longer than 4096 bytes"
    is_one_line
    plugin --input=- --exclude-vm="$(repeated 1000 '(')a$(repeated 1000 ')')"
    has 3 "usage: --exclude-vm: the expression is nested deeper than 50 levels"
    plugin --input=- --reason="ok:(a?){30000}"
    has 3 "usage: --reason: the expression is longer than 4096 bytes"
    plugin --input=- --reason="ok:a$(repeated 30 +)" --format=json
    has 3
    [[ $(query .error.message) == "--reason: the expression is longer "* ]]
    plugin --input=- --reason='ok:[ä-ü]'
    has 3 "usage: --reason: " "list its characters"
    plugin --input=- --include-vm=$'b\xfcro'
    has 3 "usage: --include-vm: " "is not UTF-8"
}
