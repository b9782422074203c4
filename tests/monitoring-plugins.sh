#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Prepares a built source tree of monitoring-plugins 2.4 for --with-monitoring-plugins, from Debian's
# source package, and prints its path. Exits 1, with the reason on stderr, where it can't be had.
set -eu
cd "$(dirname "$0")/.."
release=trixie # the Debian release whose source package holds 2.4
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
root=$PWD/build/monitoring-plugins
log=$root/log

give_up() {
    echo "monitoring-plugins' source can't be had: $1" >&2
    exit 1
}

built() {
    [ -f "$1/plugins/libnpcommon.a" ] && [ -f "$1/lib/libmonitoringplug.a" ] &&
        [ -f "$1/gl/libgnu.a" ]
}

for tree in "$root"/monitoring-plugins-2.*/; do
    if built "$tree"; then
        echo "${tree%/}"
        exit 0
    fi
done

# Packages come from wherever this machine gets Debian's: only the release is another.
# shellcheck disable=SC2016 # apt fills in the names
archive=$(apt-get indextargets --format '$(ORIGIN) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    sed -n 's/^Debian main //p' | grep -v security | head -n 1)
[ -n "$archive" ] || give_up "no Debian archive is configured"
[ -f "$keyring" ] || give_up "$keyring is missing"

rm -rf "$root"
mkdir -p "$root/lists/partial" "$root/cache/archives/partial"
echo "deb-src [signed-by=$keyring] $archive $release main" >"$root/sources.list"
apt() {
    apt-get -q -o Dir::Etc::SourceList="$root/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o Dir::State::Lists="$root/lists" -o Dir::Cache="$root/cache" \
        -o APT::Sandbox::User="$(id -un)" "$@" >>"$log" 2>&1
}
(
    cd "$root"
    apt update && apt source --download-only --tar-only monitoring-plugins
) || give_up "see $log"

tar -C "$root" -xf "$root"/monitoring-plugins_2.*.orig.tar.gz || give_up "the tarball is broken"
cd "$root"/monitoring-plugins-2.*/
{
    ./configure --enable-extra-opts --without-mysql --without-pgsql --without-dbi --without-ldap \
        --without-radius --without-libcurl --without-openssl --without-gnutls --disable-nls \
        CFLAGS=-O1 &&
        make -j"$(nproc)" -C gl && make -j"$(nproc)" -C lib libmonitoringplug.a &&
        make -C plugins libnpcommon.a
} >>"$log" 2>&1 || give_up "it does not build, see $log"
pwd
