# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# Installs the Debian packages that are named and missing. Source it: . tests/setup.sh
# Needs root or sudo, and only where something is missing.

# need PACKAGE…
need() {
    missing=
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
            missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    echo "installing:$missing"
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            echo "these packages are missing, and there is no root or sudo:$missing" >&2
            return 1
        }
        as_root=sudo
    fi
    log=$(mktemp)
    # Their programs are wanted, not the services that some of them start.
    policy=
    [ -e /usr/sbin/policy-rc.d ] || policy=/usr/sbin/policy-rc.d
    [ -z "$policy" ] || printf '#!/bin/sh\nexit 101\n' |
        $as_root sh -c "cat >$policy && chmod 755 $policy" || return 1
    installed=0
    # shellcheck disable=SC2086 # a list of words
    if $as_root apt-get -q update >"$log" 2>&1 &&
        $as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get -q -y --no-install-recommends install $missing >>"$log" 2>&1; then
        installed=1
    else
        cat "$log" >&2
    fi
    rm -f "$log"
    [ -z "$policy" ] || $as_root rm -f "$policy"
    [ "$installed" = 1 ]
}

# Prints a folder with sources to configure from elsewhere: this one or, where someone has configured
# it for a build within, a copy without that build. To be called in the project's root.
source_folder() {
    if [ -f config.status ]; then
        rm -rf build/source && mkdir -p build/source &&
            tar -c --exclude=./build --exclude=./.git . | tar -x -C build/source &&
            make -s -C build/source distclean >/dev/null && echo "$PWD/build/source"
    else
        echo "$PWD"
    fi
}

# What building the plugin needs, and what the emulator and the unit tests need on top.
# shellcheck disable=SC2034 # for who sources this
build_packages='autoconf automake gcc make pkg-config libc6-dev libcurl4-openssl-dev libcjson-dev libcrypt-dev
    check libmicrohttpd-dev libgnutls28-dev ca-certificates'
