#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs tests/run.sh with these arguments in a clean root of the other supported Debian release: of 13 on
# a Debian 12, of 12 on a Debian 13. Needs root and some 3 GB of disk; exit code 77 if it can't be made.
#
#   tests/other_release.sh [--all] [STEP…]
set -eu
[ -z "${IN_OTHER_RELEASE:-}" ] || {
    echo "skipped: this is the clean root"
    exit 77
}
cd "$(dirname "$0")/.."
# shellcheck source=tests/setup.sh
. tests/setup.sh
# shellcheck disable=SC1091
own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
case $own in
trixie) other=bookworm ;;
*) other=trixie ;;
esac
need debootstrap
echo "in a clean root of Debian $other:"
clean_root=$PWD/tests/integration/clean_root.sh
folder=$PWD/build/other-release
root=$folder/root
rm -rf "$folder"
mkdir -p "$folder"
trap 'rm -rf "$folder"' EXIT
CLEAN_ROOT_RELEASE=$other "$clean_root" make "$root" >"$folder/out" 2>&1 || {
    code=$?
    cat "$folder/out"
    exit $code
}
mkdir "$root/src"
# What is here now, committed or not, without what was built.
{ git ls-files -z --cached --others --exclude-standard 2>/dev/null | grep -z . ||
    find . -name build -prune -o -type f -print0; } |
    tar -c --ignore-failed-read --null -T - | tar -x -C "$root/src"
"$clean_root" run "$root" env IN_OTHER_RELEASE=yes /src/tests/run.sh "$@"
