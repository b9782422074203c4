#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# Sites whose sessions say that all is well, or nothing at all, while replication does not work: each
# by VM, by policy and as a whole, asked and from a snapshot. standstill.json has them.

load support

scenes=$SRCDIR/tests/acceptance/standstill.json

setup_file() {
    start_em
}
teardown_file() {
    stop_em
}

# judge_scene KIND OPTION…: the scene's state and words, by its VM, its policy or as a whole.
judge_scene() {
    local kind=$1
    shift
    check "--$kind${argument[$kind]}" "${options[@]}" "$@"
    [ "$status" -eq "${state[$kind]}" ] || fail_with "$name, --$kind $*: exit code $status"
    [[ $output == *"$says"* ]] || fail_with "$name, --$kind $*: the output lacks: $says"
}

# each_scene FUNCTION…: in each of the scenes, whose parts are variables meanwhile.
each_scene() {
    local assignments number=0 name says scenario options
    local -A argument state
    while read -r assignments; do
        eval "$assignments"
        play "$scenario"
        number=$((number + 1))
        "$@"
    done < <(jq -r '.cases[] | @sh "name=\(.name) says=\(.says) scenario=\(.scenario | tojson)
        options=(\(.options)) argument=([vm]=\("=" + .vm) [policy]=\("=" + .policy) [all]=)
        state=([vm]=\(.states.vm) [policy]=\(.states.policy) [all]=\(.states.all))" | gsub("\n"; " ")' "$scenes")
    [ "$number" -gt 12 ]
}

judge_as_shared() {
    local directory=$BATS_TEST_TMPDIR/$number kind
    judge_scene all --snapshot="$directory"
    control POST reset >/dev/null
    for kind in vm policy all; do
        judge_scene "$kind" --snapshot="$directory"
    done
    [ "$(count requests)" -eq 0 ]
}

@test "a VM that stands still is not OK, whatever its sessions say" {
    each_scene judge_scene vm
}

@test "nor is its policy" {
    each_scene judge_scene policy
}

@test "nor is the site" {
    each_scene judge_scene all
}

@test "a snapshot knows all of it" {
    each_scene judge_as_shared
}
