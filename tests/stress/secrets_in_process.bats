#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
# What the system tells of a running check: no core file of it, and no password in lists of processes.

load ../acceptance/support

setup() {
    [ -z "${CHECK_WRAPPER:-}" ] || skip "under a wrapper the process is the wrapper's"
    unset MP_CONFIG_FILE NAGIOS_CONFIG_PATH
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    stop_em
}

@test "SIGQUIT while EM is asked: no core file, not even where its size is unlimited again" {
    start_em --scenario='{"replies": [{"path": "/api/query", "delay": 30}]}'
    run /usr/bin/python3 -I - "$CHECK_VEEAM_CDP_TASK" -H localhost -p "$EM_PORT" -u monitor \
        --password-file="$PASSWORD_FILE" --ca-file="$EM_CA" --vm=srv-db01 <<'EOF'
import json, os, resource, signal, ssl, subprocess, sys, urllib.request

unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
port = sys.argv[sys.argv.index("-p") + 1]
trust = ssl._create_unverified_context()
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                     urllib.request.HTTPSHandler(context=trust))


def dumps_core(process):
    """Whether it does when SIGQUIT ends it."""
    process.send_signal(signal.SIGQUIT)
    status = os.waitpid(process.pid, 0)[1]
    process.returncode = status
    if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGQUIT:
        sys.exit(f"it did not end by SIGQUIT: {status}")
    return os.WCOREDUMP(status)


def asked():
    url = f"https://127.0.0.1:{port}/emulator/counts"
    with opener.open(url, timeout=10) as counts:
        return json.load(counts)["requests"]


try:
    resource.setrlimit(resource.RLIMIT_CORE, unlimited)
except (OSError, ValueError):
    sys.exit("skipped: core files have a limit here")
signal.signal(signal.SIGQUIT, signal.SIG_DFL)  # a background job may have it ignored
if not dumps_core(subprocess.Popen(["sleep", "60"])):
    sys.exit("skipped: not even sleep leaves a core file here")
for lift in False, True:
    before = asked()
    check = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    while asked() < before + 2:
        pass
    if lift:
        try:
            resource.prlimit(check.pid, resource.RLIMIT_CORE, unlimited)
        except PermissionError:
            print("the limit of a running check can not be lifted here: that part is left out")
    if dumps_core(check):
        sys.exit("it dumped its core" + (", once its limit was lifted" if lift else ""))
EOF
    [[ $output != "skipped: "* ]] || skip "${output#skipped: }"
    has 0
    [ -z "$output" ] || echo "# $output" >&3
}

# hides OPTION…: when the ini file is opened, the command line has no password any more.
hides() {
    rm -f ini
    mkfifo ini
    run /usr/bin/python3 -I - "$CHECK_VEEAM_CDP_TASK" --extra-opts=@ini "$@" <<'EOF'
import errno, os, subprocess, sys

check = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
while True:
    try:
        # This works from the moment on when the check waits in its open.
        writer = os.open("ini", os.O_WRONLY | os.O_NONBLOCK)
        break
    except OSError as error:
        if error.errno != errno.ENXIO or check.poll() is not None:
            raise
with open(f"/proc/{check.pid}/cmdline", "rb") as file:
    print(file.read().replace(b"\0", b" ").decode())
check.terminate()
check.wait()
os.close(writer)
EOF
    has 0 "$CHECK_VEEAM_CDP_TASK --extra-opts=@ini " "--vm=srv-db01"
    lacks Tr0ub4dor
}

@test "a password on the command line is hidden before anything that may keep the run waiting" {
    hides --password=Tr0ub4dor --vm=srv-db01
    hides --password Tr0ub4dor --vm=srv-db01
    hides --password=Tr0ub4dor --password-file=other --password=Tr0ub4dor2 --vm=srv-db01
    hides --passwor=Tr0ub4dor --vm=srv-db01
}

@test "a proxy's password on the command line is hidden" {
    hides --proxy=http://user:Tr0ub4dor@localhost:1 --vm=srv-db01
    hides --proxy http://user:Tr0ub4dor@localhost:1 --vm=srv-db01
    hides --pro=user:Tr0ub4dor@localhost --vm=srv-db01
    hides --proxi=socks5h://user:Tr0ub4dor@localhost --vm=srv-db01
    hides --vm=srv-db01 --proxy=https://Tr0ub4dor@localhost
}

@test "nothing in the environment makes TLS write a file" {
    local variable
    start_em
    mkdir written
    # curl has the same library; where that does not write its keys either, this shows nothing.
    SSLKEYLOGFILE=$PWD/curl.keys curl -sk "https://localhost:$EM_PORT/api/" >/dev/null
    [ -s curl.keys ] || echo "# this libcurl writes no keys by itself" >&3
    for variable in SSLKEYLOGFILE SSLDEBUGFILE KRB5_TRACE; do
        export "$variable=$PWD/written/$variable"
    done
    export QLOGDIR=$PWD/written
    plugin -H localhost -p "$EM_PORT" -u monitor --password-file="$PASSWORD_FILE" --vm srv-db01 -k
    unset SSLKEYLOGFILE SSLDEBUGFILE KRB5_TRACE QLOGDIR
    has 0 "CDP TASK OK"
    [ -z "$(ls -A written)" ] || fail_with "written: $(ls written)"
}
