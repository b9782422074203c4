#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The commands of README.md's "Ten minutes with Icinga 2", literally. What is said of it begins with
# "walk: ".
#
#   icinga2_walk.sh outside ROOT   starts an EM where a network of its own is, and the walk in ROOT, which
#                                  has Icinga 2 and in /root the package
#   icinga2_walk.sh inside         the walk, in ROOT
set -eu
# shellcheck source=tests/integration/walk.bash
. "$(dirname "$0")/walk.bash"

outside() {
    local root=$1
    begin "$root" 'LAB\icinga'
    take_commands README.md "Ten minutes with Icinga 2" "$root/root"
    # The name and the user that the newcomer has.
    sed -i -e 's/em01\.example\.com/em.lab.example/' -e 's/EXAMPLE\\monitor/LAB\\icinga/' "$root/root/commands.1"
    walk_inside "$root" icinga2_walk.sh
    say "the plugin: $(the_plugin 'LAB\icinga' "$root/root/password" --all | head -n 1)"
}

# What the README's commands call and a root without systemd does not have, and the newcomer's hands.
make_stand_ins() {
    # What systemd would do.
    stand_in systemctl <<'SYSTEMCTL'
#!/bin/bash
[ "$*" = "reload icinga2" ] || exit 64
echo "walk: reload"
exec $(sed -n 's/^ExecReload=//p' /usr/lib/systemd/system/icinga2.service)
SYSTEMCTL
    # EM's name, the user, and the pin that the check by hand has told.
    stand_in editor <<'EDITOR'
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
