#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check costs, as ratios to named yardsticks that are measured in the same run.

Each figure is CPU time, user and system, of the whole process: the median of many runs, in which
the candidates take turns, so that other work on the machine disturbs all alike. No figure is a
test's limit. The programs are to be built with -O2. --help tells the options.
"""

import argparse
import base64
import collections
import datetime
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
# pylint: disable=wrong-import-position
import harness
from harness import PASSWORD, PLUGIN

HERE = os.path.dirname(os.path.abspath(__file__))
PLUGINS = "/usr/lib/nagios/plugins/"  # Debian's monitoring-plugins
UID = "4f0884e1-ba11-420c-887c-5db4a7f820c0"
FLEET = {"completed": 3, "running": True, "warning_every": 10, "failed_every": 25}
PAGE = 1000          # sessions, as the plugin asks for them
FLEET_VMS, PAGE_VMS = 10000, 250
SHARED_CHECKS, AT_ONCE = 1000, 20
SNAPSHOT_VMS = 1000

# Sites whose sessions go on. So many seconds pass between a snapshot and its refresh that a share
# of the VMs, whose sessions are spread evenly, have begun another one.
TURN_HOURS = 8
CHANGED = 0.02
PASSED = round(TURN_HOURS * 3600 * CHANGED)
THREE_DAYS = 9               # completed sessions of a VM
REFRESHED_VMS = 1000, 10000
GROWN = 1                    # completed session of a VM, where there are up to 100,000 of them
READINGS = 5                 # of which the middle one counts: see Site.usual_traffic
LARGE_VMS = 100000           # with --sessions-only: nobody has replicas of so many
LINEAR = 15                  # at most, for ten times as many: sorting and caches take their part

# The limits of these are for what bare libcurl does, too: one answer, nothing beside it.
COLD = "one cold check with `--sessions-only`: logon, GET, logoff"
WARM = "one check with `--sessions-only` and a warm `--session-cache`"

Cost = collections.namedtuple("Cost", "seconds kib code out")
Traffic = collections.namedtuple("Traffic", "requests sessions bytes")
# One line of the table. The limit is the ratio's or, if there is a `counted`, that number's; None:
# the line is shown beside the others.
Line = collections.namedtuple("Line", "what ours yardstick ratio limit counted",
                              defaults=(None, None))


class Broken(Exception):
    """What is measured does not do what it is measured for."""


def need(condition, what):
    if not condition:
        raise Broken(what)


# ---- the emulator ----

class Em(harness.Em):
    """Its logon sessions last."""

    def __init__(self, root):
        super().__init__(root, None, "--idle-timeout=1000000", lifetime=7200)
        self.base = f"https://localhost:{self.port}"

    def play(self, scenario):
        """It counts from there."""
        super().play(scenario)
        self.reset()

    def advance(self, seconds):
        """Its clock moves on, or back."""
        self.control("advance", str(seconds))

    def log_on(self):
        basic = base64.b64encode(f"monitor:{PASSWORD}".encode()).decode()
        answer, _ = self.request("POST", "/api/sessionMngr/?v=latest", "",
                                 {"Authorization": "Basic " + basic})
        return answer.headers["X-RestSvcSessionId"]

    def answers(self, log):
        """The target of each query of the log, and what EM answers to it now."""
        token = self.log_on()
        headers = {"X-RestSvcSessionId": token, "Accept": "application/json"}
        for line in log:
            method, target = line.split(" ", 1)
            if method == "GET":
                yield target, self.request("GET", target, headers=headers)[1]


# ---- measuring ----

class Bench:
    def __init__(self, folder, chosen, em):
        self.folder, self.chosen, self.em = folder, chosen, em
        self.lines, self.notes = [], []
        self.environment = {"PATH": os.environ["PATH"], "BENCH_PASSWORD": PASSWORD, "LC_ALL": "C"}
        self.numbers = iter(range(10**9))
        self.programs = {name: self.build(name) for name in ("measure", "parse_pages", "bare_curl")}

    def build(self, name):
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libcurl", "libcjson"],
                               check=True, stdout=subprocess.PIPE, text=True).stdout.split()
        program = os.path.join(self.folder, name)
        subprocess.run(["cc", "-std=c17", "-D_GNU_SOURCE", "-O2", "-o", program,
                        os.path.join(HERE, name + ".c"), "-Wl,--as-needed"] + flags, check=True)
        return program

    def run(self, command, codes=(0,), **environment):
        result = os.path.join(self.folder, f"cost{next(self.numbers)}")
        told = subprocess.run([self.programs["measure"], result, *command],
                              env={**self.environment, **environment}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False, timeout=1200)
        need(told.returncode in codes, f"{command[0]} ends with {told.returncode}: "
                                       f"{told.stdout[:500]}")
        with open(result, encoding="ascii") as file:
            microseconds, kib = map(int, file.read().split())
        os.unlink(result)
        return Cost(microseconds / 1e6, kib, told.returncode, told.stdout)

    def compete(self, candidates, rounds, unmeasured=1):
        """The median seconds of each, which are functions, by name. First rounds fill caches."""
        seconds = {name: [] for name in candidates}
        for round_number in range(unmeasured + rounds):
            for name, candidate in candidates.items():
                cost = candidate()
                if round_number >= unmeasured:
                    seconds[name].append(cost.seconds)
        return {name: statistics.median(figures) for name, figures in seconds.items()}

    def compare(self, what, medians, ours, yardstick, limit=None):
        self.lines.append(Line(what, f"{medians[ours] * 1000:.2f} ms",
                               f"{yardstick}: {medians[yardstick] * 1000:.2f} ms",
                               medians[ours] / medians[yardstick], limit))

    def note(self, text):
        self.notes.append(text)


# ---- the rows ----

def pages_of(vms):
    """How many pages the plugin reads of a fleet: it looks behind the last one, which is full."""
    return vms * (FLEET["completed"] + 1) // PAGE + 1


def is_of_task_sessions(target):
    return "/api/query?type=CdpReplicaTaskSession&" in target


def sort_requests(log):
    """How many pages of task sessions were asked for, and how many answers about anything else."""
    queries = [line for line in log if line.startswith("GET ")]
    pages = [line for line in queries if is_of_task_sessions(line)]
    return len(pages), len(queries) - len(pages)


def save_pages(bench, log):
    """The pages that the plugin asked for, as files."""
    files = []
    for _, body in bench.em.answers(log):
        files.append(os.path.join(bench.folder, f"page{len(files)}"))
        with open(files[-1], "wb") as file:
            file.write(body)
    return files


def measure_fleet(bench):
    """--all for 10,000 VMs. The yardsticks have their task sessions only, and so has what is measured."""
    told_all = bench.em.check("--all", "--timeout=600")
    text = [*told_all, "--sessions-only"]
    whole = [*text, "--format=json"]
    bench.em.play({"generate": {"vms": PAGE_VMS, **FLEET}})
    pages_of_one = bench.run(text, (2,)), bench.run(whole, (2,))
    bench.em.play({"generate": {"vms": FLEET_VMS, **FLEET}})
    first = bench.run(whole, (2,))
    told = bench.em.counts()
    counts = json.loads(first.out)["counts"]
    expected = {"vms": FLEET_VMS, "ok": 8800, "warning": 800, "critical": 400, "unknown": 0}
    need(counts == expected, f"counts are {counts}, not {expected}")
    pages = pages_of(FLEET_VMS)
    need((told["requests"], told["logons"], told["logoffs"]) == (pages + 2, 1, 1),
         f"the emulator saw {told['requests']} requests")
    bench.note(f"--all --sessions-only, {FLEET_VMS} VMs: verdicts as generated ({counts}); {pages + 2} "
               f"requests: logon, {pages} pages, logoff.")
    bench.em.reset()
    whole_cost = bench.run(told_all, (2,))
    asked, others = sort_requests(bench.em.counts()["log"])
    need(asked == pages, f"--all asks for {asked} pages, not {pages}")
    bench.note(f"--all without --sessions-only: {others} requests more, for policies, data collection "
               f"and replicas; {whole_cost.seconds * 1000:.0f} ms once.")
    for name, cost, page in zip(("", " `--format=json`"), (bench.run(text, (2,)), first),
                                pages_of_one):
        bench.lines.append(Line(f"`--all --sessions-only`{name}, {FLEET_VMS} VMs: peak memory", f"{cost.kib} KiB",
                                f"one page of {PAGE} sessions: {page.kib} KiB",
                                cost.kib / page.kib, 2.5 if name else 3))
    targets = [line.split(" ", 1)[1] for line in told["log"] if "/api/query?" in line]
    files = save_pages(bench, told["log"])
    size = sum(map(os.path.getsize, files))
    bench.note(f"Its pages have {size / 1e6:.1f} MB.")
    medians = bench.compete({
        "check": lambda: bench.run(text, (2,)),
        "cJSON alone": lambda: bench.run([bench.programs["parse_pages"], *files]),
        "bare libcurl": lambda: bench.run([bench.programs["bare_curl"], bench.em.base,
                                           bench.em.certificate, *targets])},
        bench.chosen.fleet_runs)
    bench.compare(f"`--all --sessions-only`, {FLEET_VMS} VMs", medians, "check", "cJSON alone", 1.5)
    bench.compare("the same without a check: TLS and HTTP", medians, "bare libcurl", "cJSON alone")


def share(bench, folder):
    """1,000 checks for different VMs, 20 at a time. Returns what the emulator saw and seconds."""
    bench.em.play({"generate": {"vms": SHARED_CHECKS, **FLEET}})
    start = time.monotonic()

    def check(number):
        cost = bench.run(bench.em.check(f"--vm=vm{number:05d}", "--snapshot=" + folder), (0, 1, 2))
        need(f" vm{number:05d}: " in cost.out, "another VM than asked for: " + cost.out)

    with harness.pool(AT_ONCE) as pool:
        list(pool.map(check, range(1, SHARED_CHECKS + 1)))
    return bench.em.counts(), time.monotonic() - start


def check_of_one(bench, vms, options):
    """A check of one VM or another by a snapshot."""
    dice = random.Random(vms)

    def check():
        name = f"vm{dice.randint(1, vms):05d}"
        return bench.run(bench.em.check("--vm=" + name, "--snapshot-age=1d", *options))
    return check


def compete_by_snapshot(bench, candidates):
    """The medians of checks that a snapshot answers."""
    before = bench.em.counts()["requests"]
    medians = bench.compete(candidates, bench.chosen.runs)
    need(bench.em.counts()["requests"] == before, "EM was asked in between")
    return medians


def has_snapshots(bench):
    if "--snapshot" in subprocess.run([PLUGIN, "--help"], stdout=subprocess.PIPE, text=True,
                                      check=False).stdout:
        return True
    bench.note("--snapshot: skipped, the plugin has no such option.")
    return False


def measure_shared(bench):
    folder = os.path.join(bench.folder, "shared")
    os.mkdir(folder, 0o700)
    told, seconds = share(bench, folder)
    pages = pages_of(SHARED_CHECKS)
    asked, others = sort_requests(told["log"])
    bench.note(f"--snapshot: {SHARED_CHECKS} checks for different VMs, {AT_ONCE} at a time, took "
               f"{seconds:.0f} s; the emulator saw {told['logons']} logons, {told['logoffs']} "
               f"logoffs, {asked} pages of task sessions ({pages} are a set), {others} other queries.")
    if seconds < 60:
        need((told["logons"], asked) == (1, pages), "there was more than one fetch")


def measure_snapshot(bench):
    """A check that a snapshot answers, which has the policies and replicas, too."""
    if not has_snapshots(bench):
        return
    measure_shared(bench)
    if not os.access(PLUGINS + "check_dummy", os.X_OK):
        bench.note("check_dummy: skipped, there is none (Debian: monitoring-plugins-basic).")
        return
    site = Site(bench, SNAPSHOT_VMS, GROWN)
    medians = compete_by_snapshot(bench, {
        "snapshot": site.check, "check_dummy 0": lambda: bench.run([PLUGINS + "check_dummy", "0"])})
    bench.compare(f"`--vm --snapshot`, {SNAPSHOT_VMS} VMs in it, their policies and replicas",
                  medians, "snapshot", "check_dummy 0", 1.3)


# ---- what it costs to renew a snapshot ----

class Site:
    """VMs whose sessions go on, and a snapshot from before some of them have."""

    def __init__(self, bench, vms, completed, *options):
        self.bench, self.vms, self.options = bench, vms, options
        self.title = " ".join(["VMs", *(f"`{option}`" for option in options)])
        bench.em.play({"generate": {"vms": vms, "completed": completed, "hours": TURN_HOURS,
                                    "rotates_from": "2026-01-01"}})
        bench.em.advance(-PASSED)
        self.snapshot = self.new_folder()
        self.first = self.renew(self.snapshot)
        bench.em.advance(PASSED)
        self.check = check_of_one(bench, vms, ["--snapshot=" + self.snapshot, *options])

    def new_folder(self):
        return os.path.join(self.bench.folder, f"snapshot{next(self.bench.numbers)}")

    def renew(self, folder):
        os.makedirs(folder, 0o700, exist_ok=True)
        told = self.bench.run(self.bench.em.check(
            "--all", "--snapshot=" + folder, "--snapshot-age=0", "--timeout=900", *self.options))
        need(f" {self.vms} ok" in told.out, f"not all of {self.vms} VMs are OK: {told.out[:500]}")
        return told

    def fetch(self):
        """There is no snapshot yet."""
        folder = self.new_folder()
        cost = self.renew(folder)
        shutil.rmtree(folder)
        return cost

    def refresh(self):
        folder = shutil.copytree(self.snapshot, self.new_folder())
        cost = self.renew(folder)
        shutil.rmtree(folder)
        return cost

    def traffic(self, renew):
        """Requests, and of their answers the task sessions and bytes."""
        self.bench.em.reset()
        renew()
        told = self.bench.em.counts()
        sessions = size = 0
        for target, body in self.bench.em.answers(told["log"]):
            size += len(body)
            if is_of_task_sessions(target):
                sessions += body.count(b"urn:veeam:CdpReplicaTaskSession:")
        return Traffic(told["requests"], sessions, size)


    def usual_traffic(self, renew):
        """A session that begins while pages are read shifts them, and the first is read again."""
        readings = sorted(self.traffic(renew) for _ in range(READINGS))
        self.bench.note(f"{self.vms} VMs: {READINGS} refreshes had {readings[0].requests} to "
                        f"{readings[-1].requests} requests.")
        return readings[READINGS // 2]


def refresh_lines(bench, site, traffic, medians, limited):
    """A refresh of the site's snapshot beside a full fetch. The limits hold for large sites."""
    what = f"refresh, {site.vms} VMs: "
    refresh, full = traffic
    limit = (20, 1.3, 0.35) if limited else (None, None, None)
    bench.lines += [
        Line(what + "requests", str(refresh.requests), f"full fetch: {full.requests}",
             refresh.requests / full.requests, limit[0], refresh.requests),
        Line(what + "task sessions read", str(refresh.sessions), f"those that run: {site.vms}",
             refresh.sessions / site.vms, limit[1]),
        Line("the same", str(refresh.sessions), f"full fetch: {full.sessions}",
             refresh.sessions / full.sessions),
        Line(what + "bytes", f"{refresh.bytes / 1e6:.2f} MB",
             f"full fetch: {full.bytes / 1e6:.2f} MB", refresh.bytes / full.bytes)]
    bench.compare(what + "CPU", medians, "refresh", "full fetch", limit[2])


def measure_refresh(bench):
    """A refresh and a full fetch, each of which writes a snapshot."""
    if not has_snapshots(bench):
        return
    for vms in REFRESHED_VMS:
        site = Site(bench, vms, THREE_DAYS)
        traffic = site.usual_traffic(site.refresh), site.traffic(site.fetch)
        medians = bench.compete({"refresh": site.refresh, "full fetch": site.fetch},
                                bench.chosen.site_runs, unmeasured=0)
        refresh_lines(bench, site, traffic, medians, vms == max(REFRESHED_VMS))


def measure_growth(bench):
    """Ten times as many VMs."""
    if not has_snapshots(bench):
        return
    costs, sites = [], []
    for vms, options in ((1000, ()), (10000, ()), (10000, ("--sessions-only",)),
                         (LARGE_VMS, ("--sessions-only",))):
        site = Site(bench, vms, GROWN, *options)
        sites.append(site)
        if vms == LARGE_VMS:  # the emulator takes its time
            costs.append({"refresh": site.refresh().seconds, "full fetch": site.first.seconds})
        else:
            costs.append(bench.compete({"refresh": site.refresh, "full fetch": site.fetch},
                                       bench.chosen.site_runs, unmeasured=0))
    checks = compete_by_snapshot(bench, {site: site.check for site in sites})
    for site, cost in zip(sites, costs):
        cost["check from a snapshot"] = checks[site]
    bench.note(f"A full fetch of {LARGE_VMS} VMs takes {sites[-1].first.kib / 1024:.0f} MiB.")
    limits = {"refresh": LINEAR, "full fetch": LINEAR, "check from a snapshot": 1.2}
    for what, limit in limits.items():
        for small, large in ((0, 1), (2, 3)):
            yardstick = f"{sites[small].vms} VMs"
            bench.compare(f"{what}, {sites[large].vms} {sites[large].title}",
                          {"large": costs[large][what], yardstick: costs[small][what]},
                          "large", yardstick, limit)


# ---- one check ----

def scripts(bench, target):
    """The same three requests by what others would write, those that are there."""
    arguments = [bench.em.base, bench.em.certificate, target]
    python = ["/usr/bin/python3", "-I", os.path.join(HERE, "three_requests.py"), *arguments]
    perl = ["/usr/bin/perl", os.path.join(HERE, "three_requests.pl"), *arguments]
    found = {}
    for name, command, package in (("Python, requests", python, "python3-requests"),
                                   ("Perl, LWP::UserAgent", perl, "libwww-perl, "
                                    "liblwp-protocol-https-perl")):
        try:
            bench.run(command)
            found[name] = lambda command=command: bench.run(command)
        except Broken as broken:
            bench.note(f"{name}: skipped, it does not run here (Debian: {package}). "
                       + str(broken).splitlines()[-1][:150])
    return found


def http_plugins(bench, target, token):
    """check_curl or check_http for one GET."""
    for name in ("check_curl", "check_http"):
        command = [PLUGINS + name, "-H", "localhost", "-I", "127.0.0.1", "-p", bench.em.port,
                   "-S", "--sni", "-u", target, "-k", "X-RestSvcSessionId: " + token]
        if os.access(command[0], os.X_OK):
            return {name + ", one GET": lambda: bench.run(command)}
        bench.note(f"{name}: skipped, there is none (Debian: monitoring-plugins-basic or "
                   "-standard).")
    return {}


def measure_cold(bench):
    """One check with a logon of its own, and one with a token that is kept."""
    bench.em.play({"vms": [{"name": "srv-db01", "sessions": [
        {"created": "-2h"}, {"created": "-10h", "ended": "-2h", "uid": UID}]}]})
    by_name = bench.em.check("--vm=srv-db01")
    only = [*by_name, "--sessions-only"]
    cold = bench.em.check("--id=" + UID, "--sessions-only")
    bench.run(cold)
    log = bench.em.counts()["log"]
    need(len(log) == 3, f"a cold check has the requests {log}")
    target = log[1].split(" ", 1)[1]
    token = bench.em.log_on()
    cache = os.path.join(bench.folder, "cache")
    os.mkdir(cache, 0o700)
    warm = [*cold, "--session-cache=" + cache]
    bare = [bench.programs["bare_curl"], bench.em.base, bench.em.certificate, target]
    bench.run(warm)
    others = scripts(bench, target)
    gets = http_plugins(bench, target, token)
    medians = bench.compete({
        "cold": lambda: bench.run(cold), "bare libcurl, three requests": lambda: bench.run(bare),
        "warm": lambda: bench.run(warm),
        "bare libcurl, one GET": lambda: bench.run(bare, BENCH_TOKEN=token), **gets, **others,
        "--vm": lambda: bench.run(by_name), "--vm --sessions-only": lambda: bench.run(only)},
        bench.chosen.runs)
    bench.compare(COLD, medians, "cold",
                  "bare libcurl, three requests", 1.1)
    bench.compare(WARM, medians, "warm",
                  "bare libcurl, one GET", 1.1)
    for name in gets:
        bench.compare(WARM, medians, "warm", name)
    for name in others:
        bench.compare(COLD, medians, "cold", name)
    bench.compare("one cold `--vm`, which asks for the data collection", medians, "--vm",
                  "--vm --sessions-only")


ROWS = {"fleet": measure_fleet, "cold": measure_cold, "snapshot": measure_snapshot,
        "refresh": measure_refresh, "growth": measure_growth}


# ---- the table ----

def machine():
    """What this ran on."""
    model = platform.machine()
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    with open("/etc/os-release", encoding="utf-8") as file:
        system = dict(line.rstrip().split("=", 1) for line in file if "=" in line)
    return f"{os.cpu_count()} CPUs, {model}, {system['PRETTY_NAME'].strip(chr(34))}"


def is_over(line):
    measured = line.ratio if line.counted is None else line.counted
    return line.limit is not None and measured > line.limit


def table(lines):
    text = "| what | it takes | yardstick | ratio | at most |\n| --- | --- | --- | --- | --- |\n"
    for line in lines:
        verdict = "" if line.limit is None else f"{line.limit:g}"
        if line.counted is not None and verdict:
            verdict += " in all"
        if is_over(line):
            verdict += " **over**"
        text += (f"| {line.what} | {line.ours} | {line.yardstick} | {line.ratio:.2f} | "
                 f"{verdict} |\n")
    return text


def summary(lines):
    """The rows that are over, for whoever does not read the table."""
    over = [line for line in lines if is_over(line)]
    text = ""
    for line in over:
        unit = "" if line.counted is None else " in all"
        text += (f"over: {line.what}: {line.ours}; {line.yardstick}; ratio {line.ratio:.2f}; "
                 f"at most {line.limit:g}{unit}\n")
    return f"{text}{len(over)} rows over\n"


def results(bench, loads, seconds):
    """`seconds` is what each group of rows took."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return (f"{now:%Y-%m-%d %H:%M} UTC; {machine()}; load of the machine {loads[0]:.1f} at first, "
            f"{loads[1]:.1f} at last, of which this is about 2; medians of {bench.chosen.runs} "
            f"runs, of {bench.chosen.fleet_runs} for the fleet, of {bench.chosen.site_runs} for "
            f"refreshes, of one for {LARGE_VMS} VMs; "
            f"{sum(seconds.values()):.0f} s ("
            + ", ".join(f"{name} {took:.0f}" for name, took in seconds.items())
            + f").\n\n{table(bench.lines)}\n"
            + "".join(f"- {note}\n" for note in bench.notes))


def keep(text):
    """Behind what RESULTS.md says before its first figures."""
    path = os.path.join(HERE, "RESULTS.md")
    with open(path, encoding="utf-8") as file:
        head = file.read().split("\n## Figures\n")[0].rstrip("\n") + "\n"
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{head}\n## Figures\n\n{text}")


def read_arguments():
    parser = argparse.ArgumentParser(description="What a check costs, beside yardsticks.")
    parser.add_argument("rows", nargs="*", help=f"these alone of {', '.join(ROWS)}")
    parser.add_argument("--runs", type=int, default=100, help="of each candidate (100)")
    parser.add_argument("--fleet-runs", type=int, default=11, help="of those for a fleet (11)")
    parser.add_argument("--site-runs", type=int, default=5, help="of refreshes (5)")
    parser.add_argument("--keep", action="store_true", help="write the table to RESULTS.md")
    chosen = parser.parse_args()
    if set(chosen.rows) - set(ROWS):
        parser.error(f"rows are {', '.join(ROWS)}")
    return chosen


def main():
    chosen = read_arguments()
    if not shutil.which("cc") or not shutil.which("pkg-config"):
        print("skipped: no cc, or no pkg-config")
        return 77
    loads, seconds = [os.getloadavg()[0]], {}
    with harness.folder() as folder, Em(folder) as em:
        bench = Bench(folder, chosen, em)
        for name in chosen.rows or ROWS:
            start = time.monotonic()
            ROWS[name](bench)
            seconds[name] = time.monotonic() - start
    text = results(bench, loads + [os.getloadavg()[0]], seconds)
    print(text + summary(bench.lines), end="")
    if chosen.keep:
        keep(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
