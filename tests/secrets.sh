#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tests/secrets.sh FOLDER…: whether what make check printed or left in these build folders holds a
# password or a token. Tests log on with passwords, and the emulated EMs give session ids, that start
# as below and nowhere else. Prints file and kind of what it finds, never the secret, and how many
# files it searched; exit code 1 where it found any. Programs and objects hold constants of tests and
# are not searched.
set -u
LC_ALL=C
export LC_ALL

id=dec0de5e-
token=$(printf %s "$id" | base64) # 9 bytes: whatever comes behind, it starts so
passwords='Tr0ub4dor|S3cret|S3CRET|hunter2'
# The first's characters that base64 keeps apart from what stands around it, at each distance from a
# multiple of 3 bytes: "monitor:Tr0ub4dor…" as a logon sends it, whoever the user is.
encoded=$(
    word=${passwords%%|*}
    for before in '' x xx; do
        text=$(printf %s "$before$word" | base64)
        [ -z "$before" ] || text=${text:4} # what is before it shares these characters
        printf '%s|' "${text:0:8}"
    done
)

# outputs FOLDER: what was printed and, below check-tmp, what was left behind; a zero after each.
outputs() (
    cd "$1" && # the folder itself may be below a check-tmp
        find . -type f \( -name '*.log' -o -name '*.trs' -o -name '*.out' \
            -o -path '*/check-tmp/*' \) -print0
)

# search KIND PATTERN FILE…
search() {
    local kind=$1 pattern=$2 file
    shift 2
    grep -lEae "$pattern" "$@" /dev/null | while IFS= read -r file; do
        printf '%s: %s\n' "$file" "$kind"
    done
}

[ $# -gt 0 ] || {
    echo "usage: $0 FOLDER…" >&2
    exit 2
}
files=()
for folder in "$@"; do
    [ -d "$folder" ] || {
        echo "$folder: no folder" >&2
        exit 2
    }
    while IFS= read -r -d '' file; do
        files+=("${folder%/}/${file#./}")
    done < <(outputs "$folder")
done
found=
if [ "${#files[@]}" -gt 0 ]; then
    found=$(
        search 'a password' "$passwords" "${files[@]}"
        search 'a password in base64' "${encoded%|}" "${files[@]}"
        search 'a token' "$token" "${files[@]}"
        search 'a session id' "$id" "${files[@]}"
    )
fi
[ -z "$found" ] || printf '%s\n' "$found"
echo "${#files[@]} files searched, $(printf %s "$found" | grep -c .) finds"
[ -z "$found" ]
