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

# scene FILTER: of the scene that is played.
scene() {
    jq -r "$1" <<<"$scene"
}

# judge_scene KIND OPTION…: the scene's state and words, by its VM, its policy or as a whole.
judge_scene() {
    local kind=$1 options named=
    shift
    readarray -t options < <(scene '.options[]')
    [ "$kind" = all ] || named="=$(scene ".$kind")"
    check "--$kind$named" "${options[@]}" "$@"
    [ "$status" -eq "$(scene ".states.$kind")" ] ||
        fail_with "$(scene .name), --$kind $*: exit code $status"
    [[ $output == *"$(scene .says)"* ]] ||
        fail_with "$(scene .name), --$kind $*: the output lacks: $(scene .says)"
}

# each_scene FUNCTION…: in each of the scenes.
each_scene() {
    local scene number=0
    while read -r scene; do
        play "$(scene .scenario)"
        number=$((number + 1))
        "$@"
    done < <(jq -c '.cases[]' "$scenes")
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
