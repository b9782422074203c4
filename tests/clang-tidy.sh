#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs clang-tidy on one file (14 mixes several up), as the build in build/gcc would compile them.
# ANALYZER_NODES: how far its analyzer follows a function.
# shellcheck disable=SC2046 # a list of words
clang-tidy --quiet --warnings-as-errors='*' "$@" -- -std=gnu17 -D_GNU_SOURCE -pthread \
    -Xclang -analyzer-config -Xclang "max-nodes=${ANALYZER_NODES:-225000}" \
    -DMP_SIDE=compat_side -DSCENARIOS='""' -DCORPUS='""' -Ilib -I. -Itests -Ibuild/gcc \
    $(pkg-config --cflags libcurl libcjson check libmicrohttpd gnutls) 2>/dev/null
