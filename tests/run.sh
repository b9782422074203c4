#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Passes every test: installs what is missing (root or sudo, Debian 12 or 13), builds in build/, runs
# each step below and says what it skipped. Leaves nothing running. Arguments: only these steps.
set -u
cd "$(dirname "$0")/.." || exit 1
root=$PWD
# shellcheck source=tests/setup.sh
. tests/setup.sh
# shellcheck disable=SC2086 # a list of words
need $build_packages bats curl jq python3-jsonschema clang clang-format clang-tidy \
    libclang-rt-dev cppcheck gcovr strace valgrind mandoc man-db shellcheck xz-utils \
    nagios4-core prometheus python3-prometheus-client || exit 1

passed=0
failed=0
skipped=0
failures=
chosen=" $* "
jobs=$(nproc)

# step NAME COMMAND…: runs it; exit code 77 is a skip, whose reason the command has printed.
step() {
    local name=$1 code outcome start=$SECONDS
    shift
    [ "$chosen" = "  " ] || [[ $chosen == *" $name "* ]] || return 0
    echo "=== $name"
    "$@"
    code=$?
    case $code in
    0) outcome=passed passed=$((passed + 1)) ;;
    77) outcome=skipped skipped=$((skipped + 1)) ;;
    *)
        outcome=FAILED
        failed=$((failed + 1))
        failures="$failures $name"
        ;;
    esac
    echo "=== $name: $outcome in $((SECONDS - start)) s"
}

# configured FOLDER OPTION…: configures build/FOLDER afresh and goes there.
configured() {
    local folder=$root/build/$1
    shift
    rm -rf "$folder" && mkdir -p "$folder" && cd "$folder" || return 1
    "$source/configure" -q "$@" >configure.out 2>&1 || {
        cat configure.out
        return 1
    }
}

# own_tmpdir: from now on, temporary files are put below the build folder; tests/secrets.sh looks there.
own_tmpdir() {
    mkdir -p check-tmp && export TMPDIR=$PWD/check-tmp
}

# nothing_left: whether its folder for temporary files is empty again.
nothing_left() {
    local left
    left=$(find "$TMPDIR" -mindepth 1)
    [ -z "$left" ] || {
        printf 'left behind:\n%s\n' "$left"
        return 1
    }
}

# checked MAKE-ARGUMENT…: make check; prints what failed and what it left behind.
checked() {
    make -s -j"$jobs" all >/dev/null && own_tmpdir &&
        make -s -j"$((jobs + 2))" check "$@" >check.out 2>&1 && { # many tests wait
        grep -E '^# (TOTAL|PASS|SKIP|FAIL|ERROR)' check.out | paste -sd' '
        cat tests/*/*.log 2>/dev/null |
            grep -aE '^skipped|^ok .* # skip|one row of| - skipped: |runs of the whole|[0-9]* rows: ' |
            sed 's/^# //' || true
        nothing_left
        return
    }
    tail -n 40 check.out
    [ ! -f test-suite.log ] || tail -n 300 test-suite.log
    return 1
}

# programs: the tests that are programs, which is the units and the corpora of the fuzzers.
programs() {
    local file
    for file in "$root"/tests/unit/test_*.c; do
        echo "tests/unit/$(basename "$file" .c)"
    done
    for file in "$root"/tests/fuzz/corpus/*; do
        echo "tests/fuzz/replay_$(basename "$file")"
    done
}

# Those and the acceptance tests that are named.
some_tests() {
    programs
    printf 'tests/acceptance/%s.bats\n' "$@"
}

sources() {
    git ls-files '*.c' '*.h' 2>/dev/null | grep . || find lib plugins tests -name '*.[ch]'
}

format() (
    sources | xargs clang-format --dry-run -Werror
)

licences() (
    lacking=$(grep -rL 'SPDX-License-Identifier: GPL-3.0-or-later' \
        --include='*.[ch]' --include='*.sh' --include='*.mk' --include='*.m4' --include='*.ac' \
        --include='*.am' --include='*.bats' --include='*.bash' --include='*.md' --include='*.1' \
        lib plugins tests contrib man m4 configure.ac Makefile.am ./*.md)
    [ -z "$lacking" ] || {
        echo "no SPDX line: $lacking"
        return 1
    }
)

scripts() (
    shellcheck -x tests/*.sh contrib/*.sh .ci/run tests/acceptance/*.bash
)

manual() (
    mandoc -T lint -W warning man/check_veeam_cdp_task.1 &&
        LC_ALL=C.UTF-8 man --warnings -l man/check_veeam_cdp_task.1 2>&1 >/dev/null |
        (! grep .)
)

gcc_build() (
    configured gcc CC=gcc --enable-werror && checked &&
        sed -n 's/^# //p' tests/hostile/hostile.log # the table of hostile servers, once a run
)

clang_build() (
    configured clang CC=clang --enable-werror && checked TESTS="$(programs | xargs)"
)

sanitizers() (
    export UBSAN_OPTIONS=print_stacktrace=1 ASAN_OPTIONS=detect_leaks=1
    # One search for leaks a program rather than one a case.
    export CK_FORK=no CK_DEFAULT_TIMEOUT=0
    configured sanitizers CC=gcc CFLAGS='-g -O1' --enable-werror --enable-sanitizers && checked
)

# How many lines of lib/ the tests reach; CONTRIBUTING.md tells of the others.
coverage() (
    configured coverage CC=gcc CFLAGS='-g -O0 --coverage' --disable-hardening || return 1
    checked TESTS="$(some_tests faults input options session_cache signals trust verdict | xargs)" ||
        return 1
    gcovr --root "$source" --object-directory . --filter "$source/lib/" --fail-under-line 95 \
        --print-summary >coverage.out 2>coverage.err
    code=$?
    grep -E '^lines|^lib/' coverage.out
    return $code
)

# All that make check leaves out.
torture() (
    [ -f build/gcc/Makefile ] || configured gcc CC=gcc --enable-werror || return 1
    cd "$root/build/gcc" && own_tmpdir || return 1
    if make -s check-long >long.out 2>&1; then
        sed -n 's/^# //p' tests/torture/system_calls.log
        nothing_left
    else
        tail -n 60 long.out
        return 1
    fi
)

under_valgrind() (
    # CK_FORK=no: else Check's children would be counted, too, and their leaks be the parent's.
    export CK_FORK=no CK_DEFAULT_TIMEOUT=0
    memcheck="valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect,possible"
    configured valgrind CC=gcc CFLAGS='-g -O1' --disable-hardening &&
        checked -j"$jobs" LOG_COMPILER="$memcheck" CHECK_WRAPPER="$memcheck" # each is busy, none waits
)

cppcheck_all() (
    cd "$root" && mkdir -p build/cppcheck &&
        cppcheck -q -j"$jobs" --std=c11 --enable=warning,performance,portability --inline-suppr \
            --error-exitcode=1 --cppcheck-build-dir=build/cppcheck -D_GNU_SOURCE -Ilib -I. -Itests \
            --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
            --suppress=varFuncNullUB --suppress='nullPointerOutOfMemory:tests/*' \
            --suppress='nullPointerArithmeticOutOfMemory:tests/*' \
            --suppress='ctunullpointerOutOfMemory:tests/*' --suppress='deallocuse:tests/*' \
            lib plugins tests
)

clang_tidy() (
    [ -f build/gcc/cdp_config.h ] || configured gcc CC=gcc --enable-werror || return 1
    cd "$root" || return 1
    # mp_upstream.c needs monitoring-plugins' headers.
    sources | grep '\.c$' | grep -v mp_upstream |
        xargs -P"$jobs" -n1 tests/clang-tidy.sh
)

fuzzing() (
    "$root/tests/fuzz/fuzz.sh" all 15s >build/fuzz.out 2>&1 || {
        tail -n 60 build/fuzz.out
        return 1
    }
    grep number_of_executed_units build/fuzz.out
)

# nothing_missing ARCHIVE: whether it has all that git has.
nothing_missing() {
    local missing
    git -C "$root" rev-parse 2>/dev/null || return 0
    missing=$(comm -23 <(git -C "$root" ls-files | grep -v '^\.gitignore$' | sort) \
        <(tar -tf "$1" | sed 's,^[^/]*/,,' | sort))
    [ -z "$missing" ] || {
        printf 'not in the archive:\n%s\n' "$missing"
        return 1
    }
}

distribution() (
    configured distribution && own_tmpdir || return 1
    if make -s -j"$jobs" distcheck TESTS="$(some_tests verdict | xargs)" >distcheck.out 2>&1 &&
        nothing_left; then
        ls -l ./*.tar.xz
        nothing_missing ./*.tar.xz
    else
        tail -n 60 distcheck.out
        return 1
    fi
)

with_monitoring_plugins() (
    tree=$(tests/monitoring-plugins.sh) || {
        echo "skipped: no source tree of monitoring-plugins to link with"
        return 77
    }
    configured linked --enable-werror --with-monitoring-plugins="$tree" &&
        checked TESTS="$(some_tests options verdict | xargs)"
)

with_monitoring_plugins_clang() (
    tree=$(tests/monitoring-plugins.sh) || return 77
    configured linked-clang CC=clang --enable-werror \
        --with-monitoring-plugins="$tree" && make -s -j"$jobs" plugins/check_veeam_cdp_task >/dev/null
)

# After all that builds: what the tests printed and left there.
secrets() (
    tests/secrets.sh build
)

autoreconf -i >/dev/null 2>&1 || autoreconf -i || exit 1
source=$(source_folder) || exit 1
step format format
step licences licences
step scripts scripts
step manual manual
step gcc gcc_build
step clang clang_build
step sanitizers sanitizers
step coverage coverage
step torture torture
step valgrind under_valgrind
step cppcheck cppcheck_all
step clang-tidy clang_tidy
step fuzz fuzzing
step distcheck distribution
step monitoring-plugins with_monitoring_plugins
step monitoring-plugins-clang with_monitoring_plugins_clang
step secrets secrets

[ -z "$failures" ] || echo "failed:$failures"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
