# SPDX-License-Identifier: GPL-3.0-or-later
"""What every test in Python needs: the programs, an emulated EM, a folder, waiting, complaints.

A script of a folder below tests/ begins with

    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    import harness

make check names the programs by CHECK_VEEAM_CDP_TASK and EM_EMULATOR. By hand a script is run in a
build folder, after make check TESTS= has built them there.

Some runs of the plugin:

    with harness.folder() as folder, harness.Em(folder, {"vms": [...]}) as em:
        told = harness.run(*em.check("--vm=srv-db01"), expected=2)
        em.play({"replies": [{"path": "/api/query", "status": 503}]})
        counts = em.counts()

A test with other programs is a class, which counts what is wrong rather than stop at the first:

    class Test(harness.Test):
        def run(self):
            em = self.start(harness.Em, SCENARIO)
            daemon = self.start(Daemon, "its", "arguments")  # what is started has a stop()
            daemon.log_line = harness.until(daemon.ready, "the daemon listens")
            self.compare("open logons", 0, em.counts()["open_sessions"])

    sys.exit(harness.main(Test, harness.missing({"icinga2": "icinga2-bin"})))

Folders, emulators and whatever was started go at the end, also if SIGTERM, SIGINT or SIGHUP ends
the script. After SIGKILL an emulator ends by itself, when its lifetime is over.
"""

import concurrent.futures
import contextlib
import functools
import glob
import http.client
import json
import os
import secrets
import shlex
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time

try:
    import jsonschema
except ImportError:
    jsonschema = None

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CONTRIB = os.path.join(SOURCE, "contrib")
SCENARIOS = os.path.join(SOURCE, "tests", "emulator", "scenarios")
PLUGIN = os.path.abspath(os.environ.get("CHECK_VEEAM_CDP_TASK", "plugins/check_veeam_cdp_task"))
EMULATOR = os.path.abspath(os.environ.get("EM_EMULATOR", "tests/emulator/em-emulator"))
BUILD = os.path.dirname(os.path.dirname(PLUGIN))

# Its start is what tests/secrets.sh looks for in what is printed. The rest is of this run only, so
# that the arguments of all processes can be searched for it.
PASSWORD = "Tr0ub4dor-" + secrets.token_hex(8)
STATES = OK, WARNING, CRITICAL, UNKNOWN = range(4)
STATE_NAMES = "OK", "WARNING", "CRITICAL", "UNKNOWN"
FAULT_KINDS = ("usage", "unreachable", "tls", "timeout", "server", "logon", "forbidden",
               "not-found", "protocol", "terminated", "internal")

LIMIT = 120     # seconds for whatever is waited for; a busy machine takes a part of it
PAUSE = 0.1     # between two looks whether it has happened
LIFETIME = 600  # seconds until an emulator ends by itself


# ---- programs, files and folders ----

def find(program):
    """Where it is; None if it is not installed."""
    return shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")


def missing(packages):
    """Says which of these programs is not installed, and its package; "" if all are there."""
    for program, package in packages.items():
        if find(program) is None:
            return f"{program} is not installed ({package})"
    return ""


def run(*command, text="", expected=0, environment=None, cwd=None):
    """What the command printed on standard output; `expected` is its exit code."""
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          encoding="utf-8", timeout=LIMIT, check=False, cwd=cwd,
                          env={**os.environ, **(environment or {})})
    if done.returncode != expected:
        raise ChildProcessError(f"{shlex.join(command)}: {done.returncode}, not {expected}: "
                                f"{done.stdout[-2000:]}{done.stderr}")
    return done.stdout


def end_process(process):
    """By SIGTERM, or by SIGKILL if that is not enough; None is no process."""
    if process is None:
        return
    process.terminate()
    try:
        process.wait(LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def own_environment(**more):
    """For a run of the plugin: what it needs of this program's environment, and `more`."""
    names = ("PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")
    return {**{name: os.environ[name] for name in names if name in os.environ}, **more}


@functools.cache
def is_sanitized():
    """Whether the plugin was built with --enable-sanitizers, which makes it some times slower."""
    with open(PLUGIN, "rb") as program:
        return b"__asan_init" in program.read()


def write(path, text, mode=0o644):
    """Returns the path. The folder is made if it is missing."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w",
              encoding="utf-8") as file:
        file.write(text)
    return path


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def end(number, _frame):
    """Of a signal: with blocks and finally clauses clear up."""
    sys.exit(f"signal {number}")


@contextlib.contextmanager
def folder():
    """The path of a temporary folder, which goes in the end, also if a signal ends the program."""
    if not os.access(PLUGIN, os.X_OK) or not os.access(EMULATOR, os.X_OK):
        sys.exit("nothing is built here: run this in a build folder, after make check TESTS=")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    with tempfile.TemporaryDirectory() as path:
        yield path


@contextlib.contextmanager
def pool(threads):
    """Threads for runs side by side. If an error or a signal ends the block, no further one begins."""
    with concurrent.futures.ThreadPoolExecutor(threads) as executor:
        try:
            yield executor
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            raise


def until(condition, what):
    """What `condition` returns, as soon as that is true."""
    deadline = time.monotonic() + LIMIT
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {LIMIT} s: {what}")
        time.sleep(PAUSE)


def process_arguments():
    """The arguments of every process that there is now, by its id."""
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                yield int(path.split("/")[2]), file.read()
        except OSError:
            pass  # it has ended


# ---- JSON ----

@functools.cache
def schema(name="check_veeam_cdp_task"):
    """What validates --format=json, by a schema of contrib/; None without python3-jsonschema."""
    if jsonschema is None:
        return None
    return jsonschema.Draft202012Validator(
        json.loads(read(os.path.join(CONTRIB, name + ".schema.json"))))


def read_document(text, complaints, name="check_veeam_cdp_task"):
    """The document of --format=json; None if it is not JSON. Complains of what is wrong with it."""
    try:
        document = json.loads(text)
        if schema(name) is not None:
            schema(name).validate(document)
        return document
    except ValueError as error:
        complaints.append(f"the output is not JSON: {error}")
        return None
    except jsonschema.ValidationError as error:
        complaints.append(f"the schema does not allow the output: {error.message}")
        return document


# ---- the emulated EM ----

class Em:
    """An emulator, which plays a scenario to the user "monitor"; tests/emulator/README.md has more.

    Its files go to `root`, which no other one has. `options` are the emulator's own. `password` is
    EM's, whatever the scenario says. port, pin, certificate and password_file are for options of
    the plugin; the member `options` has those that every run needs, but no password.
    """

    def __init__(self, root, scenario=None, *options, password=PASSWORD, lifetime=LIFETIME):
        self.password_file = write(os.path.join(root, "password"), password + "\n", 0o600)
        path = write(os.path.join(root, "scenario.json"), json.dumps(scenario or {}))
        told = run(EMULATOR, "--background", f"--lifetime={lifetime}", "--dir=" + root,
                   "--scenario=" + path, "--password-file=" + self.password_file, *options)
        values = dict(line.split("=", 1) for line in shlex.split(told))
        self.port, self.pid, self.pin = values["EM_PORT"], int(values["EM_PID"]), values["EM_PIN"]
        self.certificate = os.path.join(root, "cert.pem")
        self.options = ["--hostname=localhost", "--port=" + self.port, "--username=monitor",
                        *(["--no-tls"] if "--no-tls" in options else
                          ["--ca-file=" + self.certificate])]
        self.context = None if "--no-tls" in options else ssl._create_unverified_context()

    def check(self, *options):
        """The command line of a check."""
        return [PLUGIN, *self.options, "--password-file=" + self.password_file, *options]

    def request(self, method, path, body=None, headers=None):
        """EM's answer and its body; what is no success is an error."""
        if self.context is None:
            connection = http.client.HTTPConnection("127.0.0.1", int(self.port), timeout=LIMIT)
        else:
            connection = http.client.HTTPSConnection("127.0.0.1", int(self.port), timeout=LIMIT,
                                                     context=self.context)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"the emulator answers {answer.status} to {path}: {text!r}")
        return answer, text

    def control(self, what, body=None):
        """What the control interface answers: to a POST if there is a body, which may be empty."""
        method = "GET" if body is None else "POST"
        return json.loads(self.request(method, "/emulator/" + what, body)[1])

    def counts(self):
        """logons, logoffs, requests, open_sessions, connections, writes, and the log of requests."""
        return self.control("counts")

    def play(self, scenario):
        """From now on. Sessions and counts stay."""
        self.control("scenario", json.dumps(scenario))

    def reset(self):
        """The counts and the log begin anew."""
        self.control("reset", "")

    def expire(self):
        """Every logon session ends."""
        self.control("expire", "")

    def stop(self):
        """Nothing that was run against it may have tried to change anything in EM."""
        if self.pid is None:
            return
        try:
            writes = self.counts()["writes"]
        finally:
            os.kill(self.pid, signal.SIGTERM)
            self.pid = None
        if writes:
            raise RuntimeError(f"requests that could change something in EM: {writes}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


# ---- a test with other programs ----

class Test:
    """A folder, what was started in it, and complaints. Who derives from it has a run()."""

    def __init__(self, root):
        self.root, self.complaints, self.started = root, [], []
        self.verbose = "-v" in sys.argv

    def path(self, name):
        return os.path.join(self.root, name)

    def start(self, kind, *arguments):
        """Makes one of that kind in the folder; it is stopped in the end."""
        return self.stop_later(kind(self.root, *arguments))

    def stop_later(self, part):
        self.started.append(part)
        return part

    def check(self, fine, complaint):
        if not fine:
            self.complaints.append(complaint)

    def compare(self, what, right, wrong):
        self.check(right == wrong, f"{what} is {wrong!r}, not {right!r}")

    def no_password_shown(self, *texts):
        """The password is in none of these, nor in the arguments of a process."""
        for text in texts:
            self.check(PASSWORD not in text, f"a password in {text!r}")
        for pid, arguments in process_arguments():
            self.check(PASSWORD.encode() not in arguments, f"a password in process {pid}")

    def run(self):
        raise NotImplementedError

    def left(self):
        """What still runs of all that was started: each has the folder in its arguments."""
        return [pid for pid, arguments in process_arguments() if self.root.encode() in arguments]

    def stop(self):
        """Nothing may be left; whatever is, is ended."""
        for part in reversed(self.started):
            try:
                part.stop()
            except RuntimeError as error:
                self.check(False, f"{error}")
        try:
            until(lambda: not self.left(), "the end of all processes")
        except TimeoutError as error:
            self.check(False, f"{error}")
            for pid in self.left():
                os.kill(pid, signal.SIGKILL)

    def logs(self):
        """Prints the ends of the logs, those of parts that have a `log`."""
        for part in self.started:
            if hasattr(part, "log") and os.path.exists(part.log):
                lines = read(part.log).replace(PASSWORD, "***").splitlines()
                print("\n".join([part.log, *lines[-40:]]))


def main(make_test, lacking=""):
    """Runs a test in a folder of its own and prints its complaints; 77: skipped, this is lacking."""
    if lacking:
        print("skipped: " + lacking)
        return 77
    with folder() as root:
        test = make_test(root)
        try:
            test.run()
        finally:
            test.stop()
            if test.complaints or sys.exc_info()[0]:
                test.logs()
    for complaint in test.complaints:
        print("FAILED: " + complaint.replace(PASSWORD, "***"))
    return 1 if test.complaints else 0
