#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The commands of README.md's "Ten minutes with Icinga 2", literally. What is said of it begins with
# "walk: ".
#
#   icinga2_walk.sh outside ROOT   starts an EM where a network of its own is, and the walk in ROOT, which
#                                  has Icinga 2 and in /root the package
#   icinga2_walk.sh inside         the walk, in ROOT
set -eu

say() {
    echo "walk: $*"
}

# Its blocks of commands, each a file, with the name and the user that the newcomer has.
take_commands() {
    awk -v folder="$1" '
        /^## / { section = $0 == "## Ten minutes with Icinga 2" }
        /^```$/ { commands = 0 }
        section && commands { print > (folder "/commands." block) }
        section && /^```sh$/ { commands = 1; block++ }' "$SRCDIR/README.md"
    sed -i -e 's/em01\.example\.com/em.lab.example/' -e 's/EXAMPLE\\monitor/LAB\\icinga/' "$1"/commands.1
}

outside() {
    local root=$1 home=$1/root EM_PORT='' EM_PID='' EM_PIN=''
    (umask 077 && printf '%s\n' "$PASSWORD" >"$home/password")
    ip link set lo up
    eval "$("$EM_EMULATOR" --background --lifetime=600 --port=9398 --user='LAB\icinga' \
        --password-file="$home/password" --scenario="$SRCDIR/tests/emulator/scenarios/demo.json")"
    # shellcheck disable=SC2064 # as it is now
    trap "kill $EM_PID" EXIT
    echo "$EM_PIN" >"$home/pin"
    echo 127.0.0.1 em.lab.example >>"$root/etc/hosts"
    # Who sits there says yes.
    echo 'APT::Get::Assume-Yes "true";' >"$root/etc/apt/apt.conf.d/00yes"
    take_commands "$home"
    cp "$SRCDIR/tests/integration/icinga2_walk.sh" "$home"
    "$SRCDIR/tests/integration/clean_root.sh" run "$root" bash /root/icinga2_walk.sh inside
    say "the plugin: $("$CHECK_VEEAM_CDP_TASK" -H localhost -p "$EM_PORT" -u 'LAB\icinga' \
        --password-file="$home/password" --pinned-pubkey="$EM_PIN" --all | head -n 1)"
}

# What the README's commands call and a root without systemd does not have, and the newcomer's hands.
make_stand_ins() {
    mkdir /root/stand-ins
    # What systemd would do.
    cat >/root/stand-ins/systemctl <<'SYSTEMCTL'
#!/bin/bash
[ "$*" = "reload icinga2" ] || exit 64
echo "walk: reload"
exec $(sed -n 's/^ExecReload=//p' /usr/lib/systemd/system/icinga2.service)
SYSTEMCTL
    # EM's name, the user, and the pin that the check by hand has told.
    cat >/root/stand-ins/editor <<'EDITOR'
#!/bin/bash
set -eu
text=$(cat "$1")
change() {
    [[ $text == *"\"$1\""* ]] || { echo "walk: $1 is not to be edited" && exit 1; }
    text=${text//"\"$1\""/"\"$2\""}
}
change em01.example.com em.lab.example
change 'EXAMPLE\\monitor' 'LAB\\icinga'
change "$(grep -o 'sha256//[^"]*' "$1")" "$(grep -o 'sha256//[^ ]*' /root/shown)"
printf '%s\n' "$text" >"$1"
EDITOR
    chmod +x /root/stand-ins/*
    PATH=/root/stand-ins:$PATH
}

# walk BLOCK: in a shell of its own, whose user types the password. Ends at a command that fails, unless
# it is a check.
walk() {
    # shellcheck disable=SC2016 # for that shell
    bash -c '
        ended() {
            [[ $1 == *check_veeam_cdp_task* || $1 == *commands.* ]] || { echo "walk: failed: $1" && exit 99; }
        }
        trap '\''ended "$BASH_COMMAND"'\'' ERR
        . "/root/commands.$1"' - "$1" </root/password
}

inside() {
    local shown status=0
    make_stand_ins
    cd /root # the folder that the package is in

    # It is running, as on any machine that has it: by the command of its unit, in the background.
    /usr/lib/icinga2/prepare-dirs /usr/lib/icinga2/icinga2
    icinga2 daemon -d -e /var/log/icinga2/error.log

    walk 1 >/root/shown 2>&1 || status=$?
    cat /root/shown
    [ $status -eq 3 ] || exit 1 # UNKNOWN
    say "by hand: $(grep -o '^CDP TASK [A-Z]*: [a-z]*' /root/shown)"
    grep -qF -- "--pinned-pubkey=$(cat /root/pin) " /root/shown
    say "the pin is EM's"
    walk 2
    until shown=$(walk 3 2>&1) && [[ $shown == *"CDP TASK"* ]]; do
        [ $SECONDS -lt 180 ] || { echo "$shown" && say "no result" && exit 1; }
        sleep 1
    done
    say "after $SECONDS s: $shown"
    (cd /var/cache/check_veeam_cdp_task && stat -c 'walk: kept: %U %a %n' ./*)
    say end
}

"$@"
