#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds a package from a release archive; without one, it makes that of this tree first.
#
#   contrib/packaging/build.sh deb|rpm [ARCHIVE]
#
# Works in build/deb or build/rpm, with ARCHIVE in deb or rpm of the current folder, and says at the end
# what it has made. Needs no root but to install what is missing to build, by root or sudo, on Debian.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
kind=${1:-}
archive=${2:-}

fail() {
    echo "$*" >&2
    exit 1
}

# What building needs is in debian/control, and for the rpm the same.
install_missing() {
    ! dpkg-checkbuilddeps "$root/contrib/packaging/debian/control" 2>/dev/null || return 0
    command -v apt-get >/dev/null || return 0 # rpmbuild tells what it lacks
    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "packages are missing to build with, and there is no root or sudo:" \
            "apt-get build-dep $root/contrib/packaging"
        as_root=sudo
    fi
    echo "installing what debian/control names to build with"
    $as_root apt-get -q update >&2
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y --no-install-recommends build-dep "$root/contrib/packaging" >&2
}

# Sets archive to that of this tree.
make_archive() {
    cd "$root"
    [ -x configure ] || autoreconf -i >/dev/null
    # shellcheck source=tests/setup.sh
    . tests/setup.sh
    source=$(source_folder)
    rm -rf "build/$kind" && mkdir -p "build/$kind/archive" && cd "build/$kind/archive"
    "$source/configure" -q >configure.out
    make -s dist
    archive=$(echo "$PWD"/*.tar.xz)
    cd "$root/build"
}

build_deb() {
    tar -xf "$archive" -C "$folder"
    cd "$folder/$name"
    cp -r contrib/packaging/debian .
    # Who builds for others puts a name of his own there, as Debian's tools know it.
    if [ -n "${DEBEMAIL:-}" ]; then
        sed -i "s/^\(Maintainer:\|\( --\)\) [^>]*>/\1 ${DEBFULLNAME:-$(id -un)} <$DEBEMAIL>/" \
            debian/control debian/changelog
    fi
    dpkg-buildpackage -b -us -uc
}

build_rpm() {
    command -v rpmbuild >/dev/null || fail "rpmbuild is not installed"
    set --
    if ! rpm -q rpm >/dev/null 2>&1; then
        echo "rpm does not know what is installed here: building without asking it"
        # Nor a package with what debuggers want, which takes elfutils from Debian 13 on.
        set -- --nodeps --define 'debug_package %{nil}'
    fi
    rpmbuild -ba "$@" --define "_topdir $folder" --define "_tmppath $folder" \
        --define "_sourcedir $(dirname "$archive")" \
        "$root/contrib/packaging/check_veeam_cdp_task.spec"
}

case $kind in
deb | rpm) ;;
*) fail "usage: build.sh deb|rpm [ARCHIVE]" ;;
esac
install_missing
if [ -n "$archive" ]; then
    archive=$(realpath "$archive")
    rm -rf "$kind"
else
    make_archive
fi
mkdir -p "$kind"
folder=$PWD/$kind
name=$(basename "$archive" .tar.xz)
"build_$kind" >"$folder/log" 2>&1 || {
    tail -n 100 "$folder/log" >&2
    fail "the $kind was not built: all of this is in $folder/log"
}
echo "built in $folder:"
cd "$folder"
find . -name "*.$kind" | sort
