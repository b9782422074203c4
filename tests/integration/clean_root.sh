#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A Debian with next to nothing in it, for tests that install packages as an admin would. It is of this
# host's release, or of CLEAN_ROOT_RELEASE, and has its packages from where this host has them.
#
#   clean_root.sh make FOLDER         makes it, by debootstrap; a minute or two
#   clean_root.sh run FOLDER COMMAND…  runs that in there as root; all that it starts ends with it
#
# The network is that of the host, so that a server on the host's loopback is there, too. To remove it,
# rm -rf will do: what is mounted there is seen by COMMAND alone. Needs root; what is missing is said
# with exit code 77.
set -eu

lacks() {
    echo "$*"
    exit 77
}

# What apt knows of Debian's archives: "address release component".
archives() {
    # shellcheck disable=SC2016 # apt's own
    apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        sed -n 's/^Debian //p' | sort -u
}

make_root() {
    folder=$1
    command -v debootstrap >/dev/null || lacks "debootstrap is not installed"
    # shellcheck disable=SC1091
    own=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    release=${CLEAN_ROOT_RELEASE:-$own}
    mirror=$(archives | sed -n "s/ $own main\$//p" | head -n 1)
    [ -n "$mirror" ] || lacks "apt has no archive of Debian $own (apt-get update?)"
    # As apt goes there: http_proxy is what debootstrap knows.
    proxy=
    eval "$(apt-config shell proxy Acquire::http::Proxy)"
    [ -z "$proxy" ] || export http_proxy="$proxy"
    with=
    case $mirror in https:*) with=--include=ca-certificates ;; esac
    # shellcheck disable=SC2086 # nothing, or an option
    debootstrap --variant=minbase $with "$release" "$folder" "$mirror" >"$folder.log" 2>&1 || {
        cat "$folder.log" >&2
        echo "debootstrap failed" >&2
        return 1
    }
    rm "$folder.log"
    archives | sed "s/^/deb /; s/ $own\b/ $release/" >"$folder/etc/apt/sources.list"
    apt-config dump --format '%f "%v";%n' | grep -i '^Acquire::[a-z]*::Proxy' \
        >"$folder/etc/apt/apt.conf.d/00host" || true
    printf '%s localhost\n' 127.0.0.1 ::1 >"$folder/etc/hosts"
    printf '#!/bin/sh\nexit 101\n' >"$folder/usr/sbin/policy-rc.d" # no service is started
    chmod 755 "$folder/usr/sbin/policy-rc.d"
    run_in "$folder" apt-get -q update
}

run_in() {
    root=$1
    shift
    # It becomes the root of a mount namespace: within a chroot none can be made or entered.
    # shellcheck disable=SC2016 # for the shell within
    unshare --mount --pid --fork --kill-child sh -c '
        root=$1 && shift && mount --bind "$root" "$root" && cd "$root" &&
            mount -t proc proc proc && mount -t devpts devpts dev/pts &&
            pivot_root . . && umount -l . &&
            exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C.UTF-8 \
                DEBIAN_FRONTEND=noninteractive "$@"' - "$root" "$@"
}

[ "$(id -u)" -eq 0 ] || lacks "a root of its own needs root"
unshare --mount --pid --fork true 2>/dev/null || lacks "no namespaces can be made here"
action=$1
shift
case $action in
make) make_root "$@" ;;
run) run_in "$@" ;;
*) exit 64 ;;
esac
