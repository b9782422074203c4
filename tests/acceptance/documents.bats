#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What the documents promise: of the tests, of the program's tables, and by each of their links.

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

@test "each metric's label, key and gauge are in docs/formats.md" {
    local rows member name
    rows=$(grep -c '^    \[METRIC_.*\] = {' "$SRCDIR/lib/cdp/metric.c")
    for member in label key gauge; do
        [ "$(names_of "$member" | wc -l)" -eq "$rows" ] || fail_with "the table was not read"
        for name in $(names_of "$member"); do
            grep -q "\`$name\`" "$SRCDIR/docs/formats.md" || fail_with "docs/formats.md has no $member $name"
        done
    done
}

@test "the JSON Schema has the keys of the metrics of VMs, and no other" {
    local keys always
    # Those that are measured of a VM, the others are of the run; first those that are always there.
    keys=$(sed -n '/^    \[METRIC_/,/\.append = .*},$/p' "$SRCDIR/lib/cdp/metric.c" |
        awk -F '"' '/\[METRIC_RPO_LAG\]/ { points = 1 } /\.key = / { key = $2 }
            /\.measure = / { print (points ? "points " : "always ") key }')
    always=$(sed -n 's/^always //p' <<<"$keys" | sort)
    [ -n "$always" ] || fail_with "the table was not read"
    for list in required 'properties | keys'; do
        [ "$list" = required ] || always=$(sed 's/.* //' <<<"$keys" | sort)
        diff <(jq -r ".[\"\$defs\"].vm.properties.metrics.$list | sort[]" \
            "$SRCDIR/contrib/check_veeam_cdp_task.schema.json") - <<<"$always" || fail_with "$list"
    done
}

@test "the table of States and Results is the program's in the manual and in docs/verdict.md" {
    local states program
    states=$(printf '%s\n' Completed InProgress Pending "anything else")
    program=$(sed -n '/^static const int table\[/,/^};/s/^ *\[SESSION_.*\] = {\(.*\)},$/\1/p' "$SRCDIR/lib/cdp/matrix.c" |
        sed 's/, / /g; s/\<O\>/OK/g; s/\<W\>/WARNING/g; s/\<C\>/CRITICAL/g; s/\<U\>/UNKNOWN/g' |
        paste -d ' ' <(echo "$states") -)
    [ "$(wc -l <<<"$program")" -eq 4 ] || fail_with "the table was not read"
    diff <(echo "$program") <(sed -n '/^\.Bl -column "anything else"/,/^\.El/s/^\.It \([A-Za-z].*\)/\1/p' \
        "$SRCDIR/man/check_veeam_cdp_task.1" | sed 's/ Ta / /g') || fail_with "the manual"
    diff <(echo "$program") <(sed -n '/^| Completed |/,/^| anything/p' "$SRCDIR/docs/verdict.md" |
        sed 's/^| //; s/ |$//; s/ | / /g') || fail_with "docs/verdict.md"
}

# dead_links FOLDER: of the documents in it, each link to a file or a heading that is not there, and each
# file of docs/ that the README does not lead to; last how many links were followed.
dead_links() {
    /usr/bin/python3 -I - "$1" <<'EOF'
import pathlib, re, sys
root = pathlib.Path(sys.argv[1]).resolve()
documents = sorted(path for kind in ("*.md", "docs/*.md", "contrib/**/*.md", "tests/**/*.md") for path in root.glob(kind))

def prose(path):
    """Without blocks of commands, which may be indented."""
    return re.sub(r"^( *)```.*?^\1```$", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)

def anchors(path):
    """As GitHub and GitLab make them of headings."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", prose(path), re.MULTILINE)}

links = 0
reached = set()
for document in documents:
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose(document))):
        if re.match(r"[a-z]+:", target):
            continue
        links += 1
        name, _, anchor = target.partition("#")
        path = (document.parent / name).resolve() if name else document
        where = document.relative_to(root)
        if not path.exists():
            print(f"{where}: no file {target}")
        elif anchor and anchor not in anchors(path):
            print(f"{where}: no heading {target}")
        elif document == root / "README.md":
            reached.add(path)
manual = (root / "man/check_veeam_cdp_task.1").read_text(encoding="utf-8")
for name in re.findall(r"^\.(?:It )?Pa ((?:docs|contrib)/\S+)", manual, re.MULTILINE):
    links += 1
    if not (root / name).exists():
        print(f"the manual: no file {name}")
for document in sorted(root.glob("docs/*.md")):
    if document not in reached:
        print(f"README.md does not lead to {document.relative_to(root)}")
print(f"{links} links")
EOF
}

@test "every link of the documents leads to a file and a heading that is there" {
    run dead_links "$SRCDIR"
    [ "$status" -eq 0 ] || fail_with "the documents were not read"
    [[ $output =~ ^[1-9][0-9]+\ links$ ]] || fail_with "dead links"
}

@test "a link that leads nowhere is found" {
    local tree=$BATS_TEST_TMPDIR/tree
    mkdir -p "$tree/docs" "$tree/man"
    printf '%s\n' '# A' '```' '# no heading' '[in a block](no.md)' '```' '[a](#a) [b](docs/b.md#its-b) [c](c.md)' \
        '[d](#no-heading) [e](https://e.example)' >"$tree/README.md"
    printf '%s\n' "# It's B!" '[up](../README.md#a) [gone](../README.md#gone)' >"$tree/docs/b.md"
    echo '# Alone' >"$tree/docs/alone.md"
    printf '%s\n' '.Pa docs/b.md' '.It Pa docs/missing.md' >"$tree/man/check_veeam_cdp_task.1"
    run dead_links "$tree"
    diff - <(echo "$output") <<'EOF'
README.md: no file c.md
README.md: no heading #no-heading
docs/b.md: no heading ../README.md#gone
the manual: no file docs/missing.md
README.md does not lead to docs/alone.md
8 links
EOF
}
