#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Passes every test: installs what is missing (root or sudo, Debian 12 or 13), builds in build/, runs
# each step below and says what it skipped and what it shortened. Leaves nothing running.
#
#   tests/run.sh [--all] [STEP…]    these steps alone; --all: at full length
set -u
cd "$(dirname "$0")/.." || exit 1
root=$PWD
# shellcheck source=tests/setup.sh
. tests/setup.sh
packages="$build_packages clang"
all_packages="bats curl jq python3-jsonschema clang-format clang-tidy libclang-rt-dev cppcheck gcovr
    strace valgrind mandoc man-db shellcheck xz-utils nagios4-core icinga2-bin prometheus
    python3-prometheus-client tinyproxy-bin"
integration_packages="prometheus-alertmanager prometheus-node-exporter systemd systemd-container iproute2 dbus
    icingaweb2-module-director icingacli mariadb-server-core mariadb-client-core php-cli php-mysql
    icingaweb2 icingaweb2-module-monitoring icinga2-ido-mysql chromium pngquant
    zabbix-server-mysql zabbix-frontend-php zabbix-agent2
    snmp snmptrapd dpkg-dev build-essential debhelper lintian debootstrap rpm rpmlint bash-completion pkgconf"

all=
if [ "${1:-}" = --all ]; then
    all=yes
    shift
    all_packages+=" $integration_packages"
fi
chosen=" $* "
[ "$*" = clang ] || packages+=" $all_packages" # clang by itself is quick to set up in a clean root
# shellcheck disable=SC2086 # a list of words
need $packages || exit 1
jobs=$(nproc)
[ ! -x /bin/dash ] || export CONFIG_SHELL=/bin/dash # configure takes bash, which is slower
steps=$root/build/steps # what each step printed, and how they ended
rm -rf "$steps" build/cache && mkdir -p "$steps" build/cache || exit 1

# is_chosen STEP…: whether any of them is to run.
is_chosen() {
    local name
    for name in "$@"; do
        [[ $chosen != "  " && $chosen != *" $name "* ]] || return 0
    done
    return 1
}

# timed FILE COMMAND…: runs it, and writes to the file how many seconds of CPU time it took, user and
# system. To be called in a shell of its own, which has waited for nothing else.
timed() {
    local file=$1 code
    shift
    "$@"
    code=$?
    times >"$file.times" # a pipe would have a shell of its own
    awk '{ gsub(/[ms]/, " "); sum += $1 * 60 + $2 + $3 * 60 + $4 } END { print int(sum) }' \
        "$file.times" >"$file"
    return $code
}

# step NAME COMMAND…: runs it and then prints, whole, what it printed: others may run beside it. Exit
# code 77 is a skip, whose reason the command has printed.
step() {
    local name=$1 code outcome start=$SECONDS
    is_chosen "$name" || return 0
    shift
    echo "... $name"
    (timed "$steps/$name.cpu" "$@") >"$steps/$name.out" 2>&1
    code=$?
    case $code in
    0) outcome=passed ;;
    77) outcome=skipped ;;
    *) outcome=FAILED ;;
    esac
    echo "$outcome $name" >>"$steps/outcomes"
    (
        flock 9
        echo "=== $name"
        cat "$steps/$name.out"
        echo "=== $name: $outcome in $((SECONDS - start)) s, $(<"$steps/$name.cpu") s of CPU time"
    ) 9>"$steps/lock"
}

# beside COMMAND…: runs what no time is measured of beside the steps that follow; those go first. It is
# a group of processes, which ends with this one, however that ends.
groups=()
beside() {
    set -m
    (
        renice -n 5 -p "$BASHPID" >/dev/null
        "$@"
    ) &
    set +m
    groups+=($!)
}

end_groups() {
    local group
    for group in "${groups[@]}"; do
        kill -- "-$group" 2>/dev/null
    done
}
trap end_groups EXIT

# shortened TEXT: says how the step is shorter than with --all, and whether it is.
shortened() {
    [ -z "$all" ] || return 1
    echo "without --all: $1"
}

optimised='-g -O2'
less_optimised='-g -O1' # for those who look at every memory access, and say where

# configured FOLDER COMPILER FLAGS OPTION…: configures build/FOLDER afresh and goes there. What
# configure finds out holds for all builds with the same compiler and flags.
configured() {
    local folder=$root/build/$1
    local settings=(--cache-file="$root/build/cache/$2${3// /}" CC="$2" CFLAGS="$3")
    shift 3
    rm -rf "$folder" && mkdir -p "$folder" && cd "$folder" || return 1
    "$source/configure" -q "${settings[@]}" "$@" >configure.out 2>&1 || {
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
            grep -av 'other tests were chosen' |
            sed 's/^# //' || true
        nothing_left
        return
    }
    tail -n 40 check.out
    [ ! -f test-suite.log ] || tail -n 300 test-suite.log
    return 1
}

# Each case of the units in one process: under valgrind Check's children would be counted, too, and
# their leaks be the parent's; with sanitizers there would be a search for leaks for each.
one_process=(CK_FORK=no CK_DEFAULT_TIMEOUT=0)

# Without the cases that compare times, of which a slower program says nothing.
no_times=(CK_EXCLUDE_TAGS=time)

# Nor those that have thousands of records, which are alike to a tool that looks at every memory access.
no_bulk=('CK_EXCLUDE_TAGS=time bulk')

# The tests that are programs, as make knows them: the units and the corpora of the fuzzers.
# shellcheck disable=SC2016
programs='$(unit_tests) $(fuzz_tests)'

# Those that have code of the product in them.
# shellcheck disable=SC2016
product_programs='$(filter-out tests/unit/test_emulator,$(unit_tests)) $(fuzz_tests)'

# bats_tests ROOM/NAME…: for make, these.
bats_tests() {
    printf 'tests/%s.bats\n' "$@" | xargs
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
        lib plugins tests contrib docs man m4 configure.ac Makefile.am ./*.md)
    [ -z "$lacking" ] || {
        echo "no SPDX line: $lacking"
        return 1
    }
)

# are_executable FILE…: those with a #! line are meant to be called, and no other is.
are_executable() {
    local file called is_executable result=0
    for file; do
        called=no
        is_executable=no
        [ "$(head -c 2 "$file")" != '#!' ] || called=yes
        [ ! -x "$file" ] || is_executable=yes
        [ "$called" = "$is_executable" ] || {
            echo "$file has a #! line: $called; is executable: $is_executable"
            result=1
        }
    done
    return $result
}

scripts() (
    are_executable tests/*.sh tests/*/*.sh tests/*.py tests/*/*.py &&
        shellcheck -x tests/*.sh tests/*/*.sh tests/*/*.bash contrib/*.sh contrib/*/*.sh .ci/run \
            contrib/prometheus/veeam-cdp-textfile contrib/zabbix/veeam_cdp contrib/completion/check_veeam_cdp_task \
            contrib/packaging/debian/post*
)

manual() (
    mandoc -T lint -W warning man/check_veeam_cdp_task.1 &&
        MANWIDTH=80 LC_ALL=C.UTF-8 man --warnings -l man/check_veeam_cdp_task.1 2>&1 >/dev/null |
        (! grep .)
)

gcc_build() (
    share=1
    churn=200
    weeks=14
    load=30
    histories=300
    if shortened "of endurance and torture a quarter, of the fleets that change while they are read 20 of 200, of two weeks of 500 VMs a day of 100, of half an hour of load 9 seconds, of 300 histories of snapshots 25 that are always the same"; then
        share=4
        churn=80
        weeks=
        load=
        histories=
    fi
    configured gcc gcc "$optimised" --enable-werror && checked TESTS_SHARE=$share CHURN_RUNS=$churn WEEKS_DAYS=$weeks LOAD_MINUTES=$load HISTORIES=$histories &&
        # Once a run: the table of hostile servers, the load, the standstills that were found, how
        # snapshots differ from full fetches, and what Icinga 2 made of the plugin.
        sed -n 's/^# //p' tests/stress/hostile.log tests/stress/load.log tests/stress/weeks.log tests/stress/histories.log \
            tests/integration/icinga2.log
)

clang_build() (
    configured clang clang "$optimised" --enable-werror &&
        checked TESTS="$programs" "${one_process[@]}"
)

# The acceptance tests that reach what the programs and the hostile servers do not, and one file of
# those that add little, another one each time.
most_code() {
    printf 'acceptance/%s\n' input probe refresh rpo
    shuf -n1 -e acceptance/{faults,fleet,session_cache,signals,snapshot,trust,verdict}
}

# The search for leaks at the end of a program takes as long as all else that most runs do.
sanitizers() (
    export UBSAN_OPTIONS=print_stacktrace=1 ASAN_OPTIONS=detect_leaks=1
    configured sanitizers gcc "$less_optimised --coverage" --enable-werror --enable-sanitizers ||
        return 1
    mapfile -t files < <(most_code)
    if shortened "no endurance, no times; of the acceptance tests ${files[*]} (the last is one of seven, another one each time), without a search for leaks"; then
        checked TESTS="$programs $(bats_tests stress/hostile stress/torture)" TESTS_SHARE=4 \
            "${one_process[@]}" "${no_times[@]}" &&
            ASAN_OPTIONS=detect_leaks=0 checked TESTS="$(bats_tests "${files[@]}")"
    else
        checked "${one_process[@]}"
    fi
)

# How many lines of lib/ those tests reach; tests/README.md has the others.
coverage() (
    cd "$root/build/sanitizers" || return 1
    # Below lib/ alone: some versions of gcovr stop at what configure's tests have left.
    gcovr lib --root "$source" --object-directory . --filter "$source/lib/" --fail-under-line 95 \
        --print-summary >coverage.out 2>coverage.err
    code=$?
    grep -E '^lines|^lib/' coverage.out
    [ $code -eq 0 ] || tail -n 40 coverage.err
    return $code
)

# All that make check leaves out.
torture() (
    share=1
    if shortened "one call of 4"; then
        share=4
    fi
    cd "$root/build/gcc" && own_tmpdir || return 1
    if make -s check-long TESTS_SHARE=$share >long.out 2>&1; then
        sed -n 's/^# //p' tests/stress/system_calls.log
        nothing_left
    else
        tail -n 60 long.out
        return 1
    fi
)

# What is in contrib/, on the programs that it is for.
integration() (
    cd "$root/build/gcc" && own_tmpdir || return 1
    if make -s check-integration >integration.out 2>&1; then
        cat tests/integration/*.log | sed -n 's/^# //p; /# skip/p'
        nothing_left
    else
        tail -n 100 integration.out
        return 1
    fi
)

under_valgrind() (
    chosen_tests=()
    if shortened "no times, no thousands of records, no units of the emulator; acceptance tests of faults and verdicts alone, one in 6, the first run of each"; then
        chosen_tests=(TESTS="$product_programs $(bats_tests acceptance/{faults,verdict})" TESTS_SHARE=6
            "${no_bulk[@]}")
    fi
    memcheck="valgrind -q --vgdb=no --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect,possible --suppressions=$root/tests/valgrind.supp"
    configured valgrind gcc "$less_optimised" --disable-hardening &&
        checked -j"$jobs" LOG_COMPILER="$memcheck" CHECK_WRAPPER="$memcheck" \
            "${chosen_tests[@]}" "${one_process[@]}" # each is busy, none waits
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
    nodes=225000 # clang's own limit for a function
    share=1
    if shortened "clang-tidy's analyzer follows a function for 50000 steps, not $nodes, and of the tests one file in 4, other ones each time"; then
        nodes=50000
        share=4
    fi
    export ANALYZER_NODES=$nodes
    # mp_upstream.c needs monitoring-plugins' headers.
    sources | grep '\.c$' | grep -v mp_upstream |
        awk -v share=$share 'BEGIN { srand() }
            { print $0 (/^tests/ && int(rand() * share) ? " --checks=-clang-analyzer-*" : "") }' |
        xargs -P"$jobs" -L1 tests/clang-tidy.sh
)

fuzzing() (
    seconds=60
    if shortened "1 s for each fuzzer, not $seconds"; then
        seconds=1
    fi
    "$root/tests/fuzz/fuzz.sh" all "${seconds}s" >build/fuzz.out 2>&1 || {
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
    chosen_programs=$programs
    if shortened "of the units only those that read files of the archive"; then
        # shellcheck disable=SC2016 # for make
        chosen_programs='tests/unit/test_emulator $(fuzz_tests)'
    fi
    configured distribution gcc "$optimised" && own_tmpdir || return 1
    if make -s -j"$jobs" distcheck TESTS="$chosen_programs $(bats_tests acceptance/verdict)" "${one_process[@]}" \
        DISTCHECK_CONFIGURE_FLAGS=CFLAGS=-O0 >distcheck.out 2>&1 && nothing_left; then
        ls -l ./*.tar.xz
        nothing_missing ./*.tar.xz
    else
        tail -n 60 distcheck.out
        return 1
    fi
)

# The tree of monitoring-plugins, which takes its time: prepared beside the first steps.
upstream() {
    tests/monitoring-plugins.sh >/dev/null 2>&1
}

# The units of what is linked with that library; the other objects are those of other builds.
linked_units='tests/unit/test_monitoring tests/unit/test_mp_agreement tests/unit/test_plugins'

with_monitoring_plugins() (
    tree=$(tests/monitoring-plugins.sh) || {
        echo "skipped: no source tree of monitoring-plugins to link with"
        return 77
    }
    units=$programs
    built=()
    if shortened "of the programs only the units of lib/monitoring and plugins"; then
        units=$linked_units
        built=(check_PROGRAMS="$units tests/emulator/em-emulator")
    fi
    configured linked gcc "$optimised" --enable-werror --with-monitoring-plugins="$tree" &&
        checked TESTS="$units $(bats_tests acceptance/{options,verdict})" "${built[@]}" "${one_process[@]}"
)

with_monitoring_plugins_clang() (
    tree=$(tests/monitoring-plugins.sh) || return 77
    targets=(plugins/check_veeam_cdp_task)
    if shortened "only the archives that see the headers of that library"; then
        targets=(lib/libmonitoring.a plugins/liboptions.a)
    fi
    configured linked-clang clang "$optimised" --enable-werror --with-monitoring-plugins="$tree" &&
        make -s -j"$jobs" "${targets[@]}" >/dev/null
)

# The same on the other release of Debian, where it is a skip.
other_release() (
    chosen_steps=()
    if shortened "only the step clang"; then
        chosen_steps=(clang)
    fi
    tests/other_release.sh "${chosen_steps[@]}"
)

# After all that builds: what the tests printed and left there.
secrets() (
    tests/secrets.sh build
)

# What needs nothing of the steps that run meanwhile.
second_lane() {
    step cppcheck cppcheck_all
    step clang-tidy clang_tidy
    step fuzz fuzzing
    step clang clang_build
    step distcheck distribution
    step monitoring-plugins with_monitoring_plugins
    step monitoring-plugins-clang with_monitoring_plugins_clang
    [ -n "$all" ] || step other-release other_release
}

autoreconf -i >/dev/null 2>&1 || autoreconf -i || exit 1
source=$(source_folder) || exit 1
if is_chosen monitoring-plugins monitoring-plugins-clang; then
    beside upstream
fi
step format format
step licences licences
step scripts scripts
step manual manual
step gcc gcc_build # it measures times: the second lane waits for it
wait               # for the tree of monitoring-plugins
if is_chosen torture clang-tidy integration && [ ! -f build/gcc/Makefile ]; then
    (configured gcc gcc "$optimised" --enable-werror) || exit 1
fi
beside second_lane
step torture torture
step sanitizers sanitizers
step coverage coverage
step valgrind under_valgrind
wait
if [ -n "$all" ]; then
    step integration integration
    step other-release other_release
fi
step secrets secrets

failures=$(sed -n 's/^FAILED//p' "$steps/outcomes" | tr -d '\n')
[ -z "$failures" ] || echo "failed:$failures"
count() {
    grep -c "^$1" "$steps/outcomes"
}
echo "$(count passed) passed, $(count FAILED) failed, $(count skipped) skipped, in $SECONDS s"
[ -z "$failures" ] && [ -s "$steps/outcomes" ]
