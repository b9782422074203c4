#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The house: which room may use which, by the compiler's own lists of includes and by the linker; and no
# circle of modules, one of which could not be read or tested without the others. make check sets
# the commands, LIST_INCLUDES and LINK_ROOM, and the libraries.

: "${LIST_INCLUDES:?make check sets it}" "${LINK_ROOM:?}" "${SRCDIR:?}" "${CHECK_VEEAM_CDP_TASK:?}"

build=${CHECK_VEEAM_CDP_TASK%/plugins/*}
rooms="base monitoring em cdp fetch report plugins"

# may_use ROOM: what a room may use besides itself and the C library, the upper ones first.
may_use() {
    case $1 in
    base) ;;
    monitoring) echo base ;;
    em) echo base cJSON libcurl ;;
    cdp) echo monitoring base ;;
    fetch) echo cdp em monitoring base cJSON ;;
    report) echo cdp monitoring base ;;
    plugins) echo report fetch cdp em monitoring base cJSON ;;
    esac
}

# Each file and one that it includes, directly or not: "cdp/judge.c base/buf.h", "em/json.h cJSON/cJSON.h".
# Without mp_upstream, which needs the headers of monitoring-plugins.
setup_file() {
    export INCLUDES=$BATS_FILE_TMPDIR/includes
    find "$SRCDIR/lib" "$SRCDIR/plugins" -name '*.[ch]' ! -name 'mp_upstream*' >"$INCLUDES.files"
    # shellcheck disable=SC2086 # a command with its options
    xargs $LIST_INCLUDES <"$INCLUDES.files" >"$INCLUDES.make"
    awk -v source="$SRCDIR/" '
        function named(path) {
            if (index(path, source "lib/") == 1) return substr(path, length(source "lib/") + 1)
            if (index(path, source "plugins/") == 1) return substr(path, length(source) + 1)
            if (path ~ /\/cJSON\.h$/) return "cJSON/cJSON.h"
            if (path ~ /\/curl\/curl\.h$/) return "libcurl/curl.h"
            return ""
        }
        /^[^ ]*:/ { file = ""; sub(/^[^:]*:/, "") }
        {
            for (i = 1; i <= NF; i++) {
                name = $i == "\\" ? "" : named($i)
                if (name == "") continue
                if (file == "") file = name
                else if (file != name) print file, name
            }
        }' "$INCLUDES.make" | sort -u >"$INCLUDES"
}

@test "the lists are read" {
    grep -qx 'plugins/check_veeam_cdp_task.c plugins/options.h' "$INCLUDES"
    grep -qx 'em/json.c cJSON/cJSON.h' "$INCLUDES"
    grep -qx 'em/http.c libcurl/curl.h' "$INCLUDES"
    for room in $rooms; do
        grep -q "^$room/" "$INCLUDES"
        [ "$room" = plugins ] || grep -q "^plugins/check_veeam_cdp_task.c $room/" "$INCLUDES"
    done
    [ "$(grep -c ':' "$INCLUDES.make")" -ge "$(wc -l <"$INCLUDES.files")" ]
}

@test "no room includes another one than those it may use" {
    for room in $rooms; do
        sed -n "s,^\($room/.*\) ,\1 includes ,p" "$INCLUDES" |
            grep -vE " ($(tr ' ' '|' <<<"$room $(may_use "$room")"))/" ||
            [ $? -eq 1 ] # no line is what is wanted; 2 is a fault of grep's
    done >"$BATS_TEST_TMPDIR/wrong"
    cat "$BATS_TEST_TMPDIR/wrong"
    [ ! -s "$BATS_TEST_TMPDIR/wrong" ]
}

@test "modules don't include each other in a circle" {
    sed 's/\.[ch] / /; s/\.[ch]$//' "$INCLUDES" | awk '$1 != $2' | tsort >/dev/null
}

# archives ROOM…: theirs, and the libraries that they stand for.
archives() {
    local room
    for room in "$@"; do
        case $room in
        cJSON | libcurl) ;; # they are loaded
        monitoring) echo "$build/lib/libmonitoring.a $LINK_MONITORING" ;;
        plugins) echo "$build/plugins/liboptions.a" ;;
        *) echo "$build/lib/lib$room.a" ;;
        esac
    done
}

@test "each room links with nothing but those it may use" {
    cd "$BATS_TEST_TMPDIR"
    echo 'int main(void) { return 0; }' >main.c
    for room in $rooms; do
        read -r archive more <<<"$(archives "$room")"
        # shellcheck disable=SC2046,SC2086 # lists of words
        $LINK_ROOM -o "$room" main.c -Wl,--whole-archive "$archive" -Wl,--no-whole-archive $more \
            $(archives $(may_use "$room")) $LINK_SYSTEM
    done
}
