#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# The table of options, as --help prints it, and each list of them: none is missing anywhere, none is
# there that the program lacks, and all agree on letters and on which take a value. Each list is read
# into lines such as "trust em: insecure k": section, name, letter, and = for a value.

load support

# Sets sectioned, the table; and options, the same without sections.
setup() {
    plugin --help
    sectioned=$(sed -n '1,/^$/d; /^$/q; s/   */\n/g; s/^\n//; p' <<<"$output" | spelt)
    options=$(sed 's/.*: //' <<<"$sectioned" | sort)
    [ "$(wc -l <<<"$options")" -gt 40 ]
}

# spelt: of lines with an option each, such as "-H, --hostname=HOST" or "--all", below their headings.
spelt() {
    awk '!/^-/ { section = tolower($0); next }
        { letter = /^-[^-]/ ? substr($0, 2, 1) : ""
          sub(/^-., /, "")
          name = substr($0, 3)
          value = name ~ /^[a-z0-9-]+\[?=/ ? "=" : ""
          sub(/[^a-z0-9-].*/, "", name)
          print section ": " name " " letter value }' | sort
}

# lists WHAT OPTIONS [WHOSE]: whether standard input has these options, --help's if not said otherwise.
lists() {
    diff <(echo "$2") - >"$BATS_TEST_TMPDIR/differences" || {
        output=$(cat "$BATS_TEST_TMPDIR/differences")
        fail_with "$1 (>) and ${3:---help} (<) differ"
    }
}

@test "the program takes each option that --help lists" {
    for option in $(sed 's/ .*//' <<<"$options"); do
        plugin "--$option" --no-such-option
        lacks "--$option: unknown"
    done
}

@test "the manual lists every option" {
    sed -n '/^\.Sh OPTIONS/,/^\.Sh VERDICT/{ /^\.\(It Fl\|Ss\)/{ s/\\-/-/g; p } }' "$SRCDIR/man/check_veeam_cdp_task.1" |
        sed 's/^\.Ss //; s/^\.It Fl \([^-]\)[ ,].*Fl -/-\1, --/; s/^\.It Fl -/--/; s/ Ns\( Op\)\? =/=/' |
        spelt | lists "the manual" "$sectioned"
}

@test "the completion lists every option" {
    # shellcheck source=contrib/completion/check_veeam_cdp_task
    . "$SRCDIR/contrib/completion/check_veeam_cdp_task"
    awk '{ print $1 " " ($2 == "-" ? "" : $2) ($3 == "flag" ? "" : "=") }' \
        <<<"$_check_veeam_cdp_task_options" | sort | lists "the completion" "$options"
}

# Of those that are of use in a service, name and =: not what would show a password, nor what is for a
# person at a terminal, and not -v, which takes a number there.
of_use() {
    awk '!/^(help|version|format|list|probe|save|passive-host|passive-service|password|verbose) / {
        print $1 " " (/=$/ ? "=" : "") }' <<<"$options"
}

@test "the command of Icinga Director has every option that is of use in a service" {
    jq -r '.Command.veeam_cdp_task.arguments | to_entries[] | select(.key | startswith("--")) |
        .key[2:] + " " + if .value.value then "=" else "" end' "$SRCDIR/contrib/director/veeam_cdp.json" |
        sort | lists "Director's command" "$(of_use)"
}

@test "each argument of Director's command has a data field of its own, which the command shows" {
    local file=$SRCDIR/contrib/director/veeam_cdp.json name macros fields
    # What an argument reads, in its value or in set_if.
    local macros_of='def macros: [.. | strings | scan("\\$([a-z0-9_]+)\\$")[0]] | unique | .[];'
    while read -r name macros; do
        [ "$macros" = "veeam_cdp_task_${name//-/_}" ] || fail_with "--$name reads '$macros'"
    done < <(jq -r "$macros_of"' .Command.veeam_cdp_task.arguments | to_entries[] |
        select(.key | startswith("--")) | .key[2:] + " " + ([.value | macros] | join(" "))' "$file")
    # Data fields and arguments are the same, but for the password, which is in the environment.
    fields=$(jq -r '.Datafield[].varname | select(. != "veeam_cdp_task_password")' "$file" | sort)
    jq -r "$macros_of"' .Command.veeam_cdp_task.arguments | macros' "$file" | sort |
        lists "Director's arguments" "$fields" "its data fields"
    jq -r '.Command.veeam_cdp_task.fields[].datafield_id' "$file" | sort |
        lists "the fields of Director's command" "$(jq -r '.Datafield | keys[]' "$file" | sort)" "its data fields"
}

@test "the command definition of Icinga 2 has every option that is of use in a service" {
    local file=$SRCDIR/contrib/icinga2/veeam_cdp_task.conf
    awk -F '"' '/^\t\t"--/ { name = substr($2, 3) }
        name && /^\t\t\t(value|set_if) = / { print name " " (/value/ ? "=" : ""); name = "" }' "$file" |
        sort | lists "$file" "$(of_use)"
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
