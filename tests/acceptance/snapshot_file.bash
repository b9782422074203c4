# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154,SC2034 # a test's setup sets directory, and tests use pid
# For tests of --snapshot: checks that share one in $directory, and its file, which may be altered.

# shared OPTION…: a check that has a snapshot.
shared() {
    check --snapshot="$directory" "$@"
}

# shared_later NAME OPTION…: the same in the background; sets $pid, and its output goes to a file NAME.
shared_later() {
    local name=$1
    shift
    # shellcheck disable=SC2086 # the wrapper is a list of words
    ${CHECK_WRAPPER:-} "$CHECK_VEEAM_CDP_TASK" -H localhost -p "$EM_PORT" -u monitor \
        --password-file="$PASSWORD_FILE" --ca-file="$EM_CA" --snapshot="$directory" "$@" \
        >"$BATS_TEST_TMPDIR/$name" 2>&1 3>&- &
    pid=$!
}

# ends PID NAME: waits for it and takes its output and exit code as run does.
ends() {
    status=0
    wait "$1" || status=$?
    output=$(<"$BATS_TEST_TMPDIR/$2")
}

# the_file SUFFIX: the path of the only file with it.
the_file() {
    local found=("$directory"/*."$1")
    [ "${#found[@]}" -eq 1 ] || fail_with "there is more than one file $1: ${found[*]}"
    echo "${found[0]}"
}

# alter NAME=VALUE…: of the snapshot's header, with a new checksum. A value is a number, or an expression
# in which `was` is the number before and `now` this moment in microseconds.
alter() {
    /usr/bin/python3 - "$(the_file snapshot)" "$@" <<'PYTHON'
import struct, sys, time
places = {"version": ("=I", 8), "asked": ("=q", 24), "written": ("=q", 32), "uptime": ("=q", 40),
          "full": ("=q", 56), "full_tried": ("=q", 64), "needed": ("=q", 80), "boot": ("=Q", 88),
          "knows_clock": ("=I", 108)}
with open(sys.argv[1], "r+b") as file:
    head = bytearray(file.read(128))
    identity = file.read(struct.unpack_from("=I", head, 96)[0])
    for name, value in (word.split("=", 1) for word in sys.argv[2:]):
        was, = struct.unpack_from(*places[name][:1], head, places[name][1])
        form, place = places[name]
        struct.pack_into(form, head, place, int(eval(value, {"was": was, "now": time.time() * 1e6})))
    checksum = 14695981039346656037
    for byte in head[:120] + identity:
        checksum = (checksum ^ byte) * 1099511628211 % 2**64
    struct.pack_into("=Q", head, 120, checksum)
    file.seek(0)
    file.write(head)
PYTHON
}

# older_by SECONDS: EM was asked for the snapshot so long before, and it was written now.
older_by() {
    alter "asked=was-$1*1e6" written=now
}

# all_is_due: it is so long since EM was asked for everything that the next one who asks does so again.
all_is_due() {
    alter full=was-3600e6 full_tried=was-3600e6
}
