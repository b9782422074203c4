#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The options as the program has them, and each list of them: none is missing anywhere, none is there
# that the program lacks, and all agree on letters and on which take a value. Each list is read into
# lines such as "hostname H=": name, letter, and = for a value.

load support

# What plugins/options.c reads, and --extra-opts, which is gone before.
setup() {
    options=$({
        sed -n "s/^    {\"\([a-z0-9-]*\)\", \('\(.\)'\|0\), \(true\|false\), .*/\1 \3\4/p" "$SRCDIR/plugins/options.c" |
            sed 's/true$/=/; s/false$//'
        echo "extra-opts ="
    } | sort)
    [ "$(wc -l <<<"$options")" -gt 40 ]
}

# spelt: of lines with an option each, such as "-H, --hostname=HOST" or "--all".
spelt() {
    sed -n 's/^\(-\(.\), \)\?--\([a-z0-9-]*\)\(\[\?\(=\)\)\?.*/\3 \2\5/p' | sort
}

# lists WHAT: whether standard input has the options.
lists() {
    diff <(echo "$options") - >"$BATS_TEST_TMPDIR/differences" || {
        output=$(cat "$BATS_TEST_TMPDIR/differences")
        fail_with "$1 (>) and the program (<) differ"
    }
}

@test "--help lists every option" {
    plugin --help
    # For the room's sake, three of them by their letters alone.
    sed 's/ -4  -6 / -4, --ipv4  -6, --ipv6 /; s/^  -v each VM /  -v, --verbose  /' <<<"$output" |
        sed '/^Usage/d' | grep -oE -e '(-., )?--[a-z0-9-]+\[?=?' | spelt | uniq | lists --help
}

@test "the program knows what the lists have" {
    for option in $(sed 's/ .*//' <<<"$options"); do
        plugin "--$option" --no-such-option
        lacks "--$option: unknown"
    done
}

@test "the manual lists every option" {
    sed -n '/^\.Sh OPTIONS/,/^\.Sh VERDICT/{ /^\.It Fl/{ s/\\-/-/g; p } }' "$SRCDIR/man/check_veeam_cdp_task.1" |
        sed 's/^\.It Fl \([^-]\)[ ,].*Fl -/-\1, --/; s/^\.It Fl -/--/; s/ Ns\( Op\)\? =/=/' |
        spelt | lists "the manual"
}

@test "the README's table lists every option" {
    sed -n '/^### All options/,/^## /s/^| \(`-[^|]*\(\\|[^|]*\)*\) | .*/\1/p' "$SRCDIR/README.md" |
        grep -o '`-[^`]*`' | tr -d '`' | spelt | lists README.md
}

@test "the completion lists every option" {
    # shellcheck source=contrib/completion/check_veeam_cdp_task
    . "$SRCDIR/contrib/completion/check_veeam_cdp_task"
    awk '{ print $1 " " ($2 == "-" ? "" : $2) ($3 == "flag" ? "" : "=") }' \
        <<<"$_check_veeam_cdp_task_options" | sort | lists "the completion"
}

@test "the command definition of Icinga 2 has every option that is of use in a service" {
    local file=$SRCDIR/contrib/icinga2/veeam_cdp_task.conf
    # Not what would show a password, and not -v, which takes a number there. There are no letters.
    options=$(awk '!/^(help|version|format|list|passive-host|passive-service|password|verbose) / {
        print $1 " " (/=$/ ? "=" : "") }' <<<"$options")
    awk -F '"' '/^\t\t"--/ { name = substr($2, 3) }
        name && /^\t\t\t(value|set_if) = / { print name " " (/value/ ? "=" : ""); name = "" }' "$file" |
        sort | lists "$file"
    # Each has its own attribute.
    local name macro
    while read -r name macro; do
        [ "$macro" = "\$veeam_cdp_task_${name//-/_}\$" ] || fail_with "--$name has $macro"
    done < <(awk -F '"' '/^\t\t"--/ { name = substr($2, 3) }
        /^\t\t\t(value|set_if) = "/ { print name " " $2 }' "$file")
    # So many times as the plugin takes it.
    [ "$(awk -F '"' '/^\t\t"--/ { name = substr($2, 3) } /repeat_key = true/ { print name }' "$file" | xargs)" = \
        "extra-opts vm policy id backup-server include-vm exclude-vm map reason" ]
    # The plugin has 30 seconds.
    grep -qx $'\ttimeout = 1m' "$file"
    # Each is described.
    [ "$(grep -c $'^\t\t"-[a-z0-9-]*" = {$' "$file")" -eq "$(grep -c $'^\t\t\tdescription = ".' "$file")" ]
}
