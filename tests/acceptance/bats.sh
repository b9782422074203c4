#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs one file of acceptance tests for make check; skips it, and says so, where a tool is missing.
missing=
for tool in bats curl jq openssl; do
    command -v "$tool" >/dev/null || missing="$missing $tool"
done
/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || missing="$missing python3-jsonschema"
if [ -n "$missing" ]; then
    echo "skipped: these are not installed:$missing"
    exit 77
fi
exec bats "$@"
