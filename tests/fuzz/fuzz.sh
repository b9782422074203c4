#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Fuzzes with clang's libFuzzer, AddressSanitizer and UBSan, in build/fuzz.
#
#   tests/fuzz/fuzz.sh TARGET|all [SECONDSs|RUNS]   60s for each target if not given
#   tests/fuzz/fuzz.sh minimise TARGET              prints which of build/fuzz/corpus/TARGET reach
#                                                   code that the seeds don't
#
# TARGET is the name of a file in tests/fuzz. What libFuzzer finds on its way stays in
# build/fuzz/corpus/TARGET for the next time; what ends it lies in build/fuzz/findings, and
# build/fuzz/TARGET FILE repeats that. Once it is understood, it goes to tests/fuzz/corpus/TARGET.
# Ends with 1 where there was a finding.
set -u
cd "$(dirname "$0")/../.." || exit 1

targets=
for file in tests/fuzz/*.c; do
    name=$(basename "$file" .c)
    case $name in
    standalone | support) ;;
    *) targets="$targets $name" ;;
    esac
done

usage() {
    sed -n 's/^#  */  /p' tests/fuzz/fuzz.sh | grep -E 'fuzz.sh|code that' >&2
    echo "targets:$targets" >&2
    exit 2
}

need() {
    echo "tests/fuzz/fuzz.sh: $1 is missing: apt-get install $2" >&2
    exit 1
}

started=()

# start COMMAND…: in the background, once fewer run than there are processors.
start() {
    while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
        sleep 0.05
    done
    "$@" &
    started+=($!)
}

# finish: waits for all that was started; whether every one was fine.
finish() {
    local failed=0 job
    for job in "${started[@]}"; do
        wait "$job" || failed=1
    done
    started=()
    return $failed
}

object_of() {
    echo "build/fuzz/$(echo "${1%.c}" | tr / -).o"
}

# clang_with OPTION…: the compiler as all of it is compiled.
clang_with() {
    # shellcheck disable=SC2046 # a list of words
    clang -std=gnu17 -g -O1 -D_GNU_SOURCE -Ibuild/fuzz -Ilib -I. -Itests \
        $(pkg-config --cflags libcjson libcurl) -fsanitize=address,undefined \
        -fno-sanitize-recover=all -fno-omit-frame-pointer "$@"
}

compile() {
    clang_with -fsanitize=fuzzer-no-link -c "$1" -o "$(object_of "$1")"
}

# link_target NAME OBJECT…
link_target() {
    local name=$1
    shift
    # shellcheck disable=SC2046 # a list of words
    clang_with -fsanitize=fuzzer "tests/fuzz/$name.c" "$@" -o "build/fuzz/$name" \
        $(pkg-config --libs libcjson)
}

build() {
    local file objects=()
    command -v clang >/dev/null || need clang clang
    pkg-config --exists libcjson 2>/dev/null || need cJSON 'libcjson-dev pkg-config'
    pkg-config --exists libcurl || need libcurl libcurl4-openssl-dev
    mkdir -p build/fuzz/findings
    echo 'int LLVMFuzzerTestOneInput(const void *b, unsigned long n);
        int LLVMFuzzerTestOneInput(const void *b, unsigned long n) { return !b && n; }' |
        clang -fsanitize=fuzzer,address -x c - -o build/fuzz/probe 2>/dev/null ||
        need "clang's libFuzzer" libclang-rt-dev
    rm -f build/fuzz/probe
    {
        printf '#define PACKAGE_VERSION "fuzz"\n#define LIBCURL_SONAME "none"\n'
        printf '#define LIBCJSON_SONAME "libcjson.so.1"\n#define LIBCRYPT_SONAME "libcrypt.so.1"\n'
    } >build/fuzz/cdp_config.h
    for file in lib/*/*.c lib/monitoring/compat/*.c plugins/*.c tests/fuzz/support.c; do
        case $file in
        */mp_upstream.c | */check_veeam_cdp_task.c) continue ;;
        esac
        objects+=("$(object_of "$file")")
        start compile "$file"
    done
    finish || exit 1
    for file in $1; do
        start link_target "$file" "${objects[@]}"
    done
    finish || exit 1
}

# The largest input that libFuzzer makes: short ones are faster, and where a pattern repeats, enough.
largest() {
    case $1 in
    answer | entity) echo 2048 ;;
    cache | error | options | snapshot) echo 512 ;;
    ini) echo 256 ;;
    *) echo 128 ;;
    esac
}

# fuzz TARGET LIMIT
fuzz() {
    local name=$1 limit=$2 code
    local dictionary=()
    [ ! -f "tests/fuzz/$name.dict" ] || dictionary=("-dict=tests/fuzz/$name.dict")
    case $limit in
    *s) limit=-max_total_time=${limit%s} ;;
    *) limit=-runs=$limit ;;
    esac
    mkdir -p "build/fuzz/corpus/$name"
    "build/fuzz/$name" "$limit" "${dictionary[@]}" -max_len="$(largest "$name")" -timeout=10 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/findings/$name-" \
        "build/fuzz/corpus/$name" "tests/fuzz/corpus/$name" >"build/fuzz/$name.log" 2>&1
    code=$?
    grep -E '^(stat::number_of_executed_units|stat::average_exec_per_sec)' "build/fuzz/$name.log" |
        sed "s/^stat::/$name: /"
    [ "$code" = 0 ] || {
        echo "$name: a finding; build/fuzz/$name.log ends with:"
        tail -n 40 "build/fuzz/$name.log"
    }
    return "$code"
}

# Edges alone, not how often they were passed: a handful of inputs rather than hundreds.
minimise() {
    local name=$1
    rm -rf "build/fuzz/minimised/$name" && mkdir -p "build/fuzz/minimised/$name" &&
        cp "tests/fuzz/corpus/$name/"* "build/fuzz/minimised/$name" &&
        "build/fuzz/$name" -merge=1 -use_counters=0 -use_value_profile=0 \
            "build/fuzz/minimised/$name" "build/fuzz/corpus/$name" >/dev/null 2>&1 &&
        { diff -rq "tests/fuzz/corpus/$name" "build/fuzz/minimised/$name" || true; }
}

[[ $# = [12] ]] || usage
if [ "$1" = minimise ]; then
    [[ " $targets " == *" ${2:-} "* ]] || usage
    build "$2"
    minimise "$2"
    exit
fi
limit=${2:-60s}
[[ $limit =~ ^[1-9][0-9]*s?$ ]] || usage
chosen=$targets
if [ "$1" != all ]; then
    [[ " $targets " == *" $1 "* ]] || usage
    chosen=$1
fi
build "$chosen"
# Short stacks of allocations and a small quarantine: a finding is repeated without these.
export ASAN_OPTIONS=${ASAN_OPTIONS-malloc_context_size=2:quarantine_size_mb=8}
for name in $chosen; do
    start fuzz "$name" "$limit"
done
finish
