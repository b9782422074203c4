#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What the documents promise of the tests.

load support

@test "the packages have the version of the program" {
    local version packaging=$SRCDIR/contrib/packaging
    version=$(sed -n 's/^AC_INIT(\[[a-z_]*\], \[\(.*\)\])$/\1/p' "$SRCDIR/configure.ac")
    [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail_with "no version in configure.ac: $version"
    [[ $(head -n 1 "$packaging/debian/changelog") == "check-veeam-cdp-task ($version-"* ]] ||
        fail_with "debian/changelog is not of $version"
    grep -q "^Version: *$version$" "$packaging/check_veeam_cdp_task.spec" || fail_with "the spec is not of $version"
    grep -q "^\* .* - $version-[0-9]*$" "$packaging/check_veeam_cdp_task.spec" ||
        fail_with "the spec's changelog has no $version"
}

@test "each threat of SECURITY.md names the tests that hold it, and they are there" {
    run /usr/bin/python3 -I - "$SRCDIR" <<'EOF'
import pathlib, re, sys
root = pathlib.Path(sys.argv[1])
rows = [line for line in (root / "SECURITY.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith(("| against", "| ---"))]
named = 0
for row in rows:
    held = row.rstrip("| ").rsplit(" | ", 1)[1]
    tests = re.findall(r'`([^`]+)`: ("[^"]+"(?:, "[^"]+")*)', held)
    if not tests:
        sys.exit(f"no test is named: {row}")
    for path, texts in tests:
        words = (root / path).read_text(encoding="utf-8")
        for text in re.findall(r'"([^"]+)"', texts):
            named += 1
            if text not in words:
                sys.exit(f"{path} has no {text!r}")
print(f"{len(rows)} threats, {named} tests")
EOF
    [ "$status" -eq 0 ] || fail_with "SECURITY.md"
    [[ $output =~ ^[1-9][0-9]+\ threats,\ [1-9][0-9]+\ tests$ ]] || fail_with "the table was not read"
}

# names_of MEMBER: of each row of the table of metrics.
names_of() {
    sed -n "s/.*\.$1 = \"\(.*\)\",\$/\1/p" "$SRCDIR/lib/cdp/metric.c"
}

@test "each metric's label, key and gauge are in the README and the manual" {
    local rows member name
    rows=$(grep -c '^    \[METRIC_.*\] = {' "$SRCDIR/lib/cdp/metric.c")
    for member in label key gauge; do
        [ "$(names_of "$member" | wc -l)" -eq "$rows" ] || fail_with "the table was not read"
        for name in $(names_of "$member"); do
            grep -q "\`$name\`" "$SRCDIR/README.md" || fail_with "README.md has no $member $name"
            grep -q "^\.Li $name\>" "$SRCDIR/man/check_veeam_cdp_task.1" || fail_with "the manual has no $member $name"
        done
    done
}

@test "the JSON Schema has the keys of the metrics of VMs, and no other" {
    local keys
    # Those that are measured of a VM; the others are of the run.
    keys=$(sed -n '/^    \[METRIC_/,/\.append = .*},$/p' "$SRCDIR/lib/cdp/metric.c" |
        awk -F '"' '/\.key = / { key = $2 } /\.measure = / { print key }' | sort)
    [ -n "$keys" ] || fail_with "the table was not read"
    for list in required 'properties | keys'; do
        diff <(jq -r ".[\"\$defs\"].vm.properties.metrics.$list | sort[]" \
            "$SRCDIR/contrib/check_veeam_cdp_task.schema.json") - <<<"$keys" || fail_with "$list"
    done
}
