# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# What the walks share. They follow a README literally, in a clean root that has a network of its own.
# What is said of a walk begins with "walk: ". Each walk has two parts, "outside ROOT" and "inside".

EM_PORT='' EM_PIN=''

say() {
    echo "walk: $*"
}

# ---- outside ----

# begin ROOT USER: starts an EM where only the walk sees it, as em.lab.example. Sets EM_PORT and EM_PIN.
begin() {
    local root=$1 user=$2 EM_PID=''
    (umask 077 && printf '%s\n' "$PASSWORD" >"$root/root/password")
    ip link set lo up
    eval "$("$EM_EMULATOR" --background --lifetime=900 --port=9398 --user="$user" \
        --password-file="$root/root/password" --scenario="$SRCDIR/tests/emulator/scenarios/demo.json")"
    # shellcheck disable=SC2064 # as it is now
    trap "kill $EM_PID" EXIT
    echo "$EM_PIN" >"$root/root/pin"
    echo 127.0.0.1 em.lab.example >>"$root/etc/hosts"
    # Whoever sits there says yes.
    echo 'APT::Get::Assume-Yes "true";' >"$root/etc/apt/apt.conf.d/00yes"
}

# take_commands README HEADING FOLDER: each block of commands below that heading, as FOLDER/commands.1 …
take_commands() {
    awk -v heading="## $2" -v folder="$3" '
        /^## / { section = $0 == heading }
        /^```$/ { commands = 0 }
        section && commands { print > (folder "/commands." block) }
        section && /^```sh$/ { commands = 1; block++ }' "$SRCDIR/$1"
}

# walk_inside ROOT SCRIPT
walk_inside() {
    cp "$SRCDIR/tests/integration/walk.bash" "$SRCDIR/tests/integration/$2" "$1/root"
    "$SRCDIR/tests/integration/clean_root.sh" run "$1" bash "/root/$2" inside
}

# the_plugin USER PASSWORD-FILE OPTION…: what the plugin says of that EM, outside.
the_plugin() {
    local user=$1 password_file=$2
    shift 2
    "$CHECK_VEEAM_CDP_TASK" -H localhost -p "$EM_PORT" -u "$user" --password-file="$password_file" \
        --pinned-pubkey="$EM_PIN" "$@"
}

# ---- inside ----

# stand_in PROGRAM: a program that a root without systemd or a terminal lacks; its text is on stdin.
stand_in() {
    mkdir -p /root/stand-ins
    cat >"/root/stand-ins/$1"
    chmod +x "/root/stand-ins/$1"
    PATH=/root/stand-ins:$PATH
}

# took MICROSECONDS WHAT: notes for the end how long it took.
took() {
    printf 'walk: %5d.%d s: %s\n' $((($1 + 50000) / 1000000)) $((($1 + 50000) / 100000 % 10)) "$2" >>/root/steps
}

# timed WHAT COMMAND…
timed() {
    local what=$1 began=${EPOCHREALTIME/./}
    shift
    "$@"
    took $((${EPOCHREALTIME/./} - began)) "$what"
}

# walk BLOCK: types its commands, one after the other, and the password where one is asked for. Ends at a
# command that fails, unless it is a check, whose exit code is returned.
walk() {
    local line command='' status=0 began
    while IFS= read -r -u 3 line; do
        command+=$line
        [[ $line != *\\ ]] || { command+=$'\n' && continue; }
        status=0 began=${EPOCHREALTIME/./}
        eval "$command" 3>&- </root/password || status=$?
        [ $status -eq 0 ] || [[ $command == *check_veeam_cdp_task* ]] || { say "failed: $command" && exit 1; }
        took $((${EPOCHREALTIME/./} - began)) "${command%%  *# *}"
        command=''
    done 3<"/root/commands.$1"
    return $status
}
