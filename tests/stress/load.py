#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A monitoring server at work: 1,000 checks a minute, 20 at a time, share a snapshot.

The emulator's fleets rotate by a formula (tests/emulator/README.md), so the sessions of each VM at
each moment are known here as well, and each verdict is compared with them. --help has the options.
"""

import argparse
import collections
import datetime
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # pylint: disable=wrong-import-position

MEASURE = os.path.abspath(os.environ.get("MEASURE", "tests/stress/measure"))
SECOND = 10**6  # all times here are whole microseconds since 1970, as the emulator's
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
WORDS = {"Success": "OK", "Warning": "WARNING", "Failed": "CRITICAL"}
REASONS = {"Success": None, "Warning": "RPO of 15 minutes was exceeded",
           "Failed": "Failed to write to the target disk"}
SHARES = {"--vm": 0.9, "--all": 0.05, "--policy": 0.05}
RENEWED = "snapshot renewed: "  # a notice of the check that asked EM
TOLERANCE = 1.1      # seconds that a duration may be off: EM's clock is known by the second
SNAPSHOT_FILES = ("snapshot", "lock", "failure", "new")
CACHE_FILES = 3      # the session, the lock, and a new session that is being written
RUN_LIMIT = 60       # seconds after which a run counts as hung
SHOWN_COMPLAINTS = 20
LATE = 10            # seconds that all may take longer; half as long again as well
MEMORY_GROWTH = 1.1  # the last third at most, in times of the first
MEMORY_SLACK = 256   # KiB


# ---- the truth ----

class Fleet:
    """What the emulator plays, by the formula."""

    def __init__(self, name, server, vms, completed, minutes, first_turn):
        self.name, self.server, self.vms, self.completed = name, server, vms, completed
        self.minutes, self.first_turn = minutes, first_turn
        self.length = minutes * 60 * SECOND
        self.warning_every, self.failed_every = 5, 7
        self.names = [f"{name}{vm + 1:05}" for vm in range(vms)]

    def scenario(self):
        return {"prefix": self.name, "policy": self.name, "backup_server": self.server,
                "vms": self.vms, "completed": self.completed, "minutes": self.minutes,
                "warning_every": self.warning_every, "failed_every": self.failed_every,
                "total_size": 0, "rotates_from": show_time(self.first_turn)}

    def begins(self, vm, turn):
        return self.first_turn + turn * self.length + vm * self.length // self.vms

    def turn_at(self, vm, moment):
        return (moment - self.begins(vm, 0)) // self.length

    def result(self, vm, turn):
        number = vm + 1 + turn
        return ("Failed" if number % self.failed_every == 0 else
                "Warning" if number % self.warning_every == 0 else "Success")

    def sessions(self, vm, turn):
        """What is shown of a VM while that turn runs: its session, and the last completed one."""
        last = self.result(vm, turn - 1)
        return [self.session(vm, turn, "InProgress", "Success", None),
                self.session(vm, turn - 1, "Completed", last, self.begins(vm, turn))]

    def session(self, vm, turn, state, result, ended):
        begins = self.begins(vm, turn)
        name = show_time(begins).replace("T", " ").rstrip("Z")
        return {"name": f"{self.names[vm]}@{name}", "state": state, "result": result,
                "reason": REASONS[result], "total_size_bytes": (vm + 1) * 4096,
                "created_at": begins // 1000, "ended_at": ended and ended // 1000}

    def restore_point(self, vm, turn):
        """When the newest completed session ended that did not fail, while that turn runs."""
        turn -= 1
        while self.result(vm, turn) == "Failed":
            turn -= 1
        return self.begins(vm, turn + 1)


def show_time(moment):
    return (EPOCH + datetime.timedelta(seconds=moment // SECOND)).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_time(text):
    """None of None."""
    if text is None:
        return None
    return (datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH
            ) // datetime.timedelta(microseconds=1)


def as_shown(session):
    """The members that a session of the truth has; times to the millisecond, as EM has them."""
    times = {key: read_time(session[key]) for key in ("created_at", "ended_at")}
    return {"name": session["name"], "state": session["state"], "result": session["result"],
            "reason": session["reason"], "total_size_bytes": session["total_size_bytes"],
            **{key: moment and moment // 1000 for key, moment in times.items()}}


# ---- runs ----

# `third`: of the whole, from 0. `expected`: the names of the VMs that it is to judge.
Plan = collections.namedtuple("Plan", "number third kind options expected")
Run = collections.namedtuple("Run", "plan code out err seconds kib")


def make_plans(chosen, fleets, count):
    dice = random.Random(chosen.seed)
    plans = []
    for number in range(count):
        fleet = dice.choice(fleets)
        kind = dice.choices(list(SHARES), list(SHARES.values()))[0]
        if number < len(SHARES):
            kind = list(SHARES)[number]  # a short run has each kind, too
        name = dice.choice(fleet.names)
        option, expected = {"--vm": ("--vm=" + name, [name]),
                            "--policy": ("--policy=" + fleet.name, fleet.names),
                            "--all": ("--all", [name for each in fleets for name in each.names])
                            }[kind]
        plans.append(Plan(number + 1, number * 3 // count, kind, [option], expected))
    return plans


class Runner:
    """Runs checks, with what they share."""

    def __init__(self, root, em, chosen):
        self.em, self.environment, self.root = em, harness.own_environment(), root
        self.snapshots, self.cache = (self.folder(name) for name in ("snapshots", "cache"))
        self.options = ["--snapshot=" + self.snapshots, "--session-cache=" + self.cache,
                        f"--snapshot-age={chosen.age}s", "--format=json"]

    def folder(self, name):
        path = os.path.join(self.root, name)
        os.mkdir(path, 0o700)
        return path

    def run(self, plan):
        result = os.path.join(self.root, f"cost{plan.number}")
        command = [MEASURE, result, *self.em.check(*plan.options, *self.options)]
        start = time.monotonic()
        try:
            told = subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  errors="backslashreplace", timeout=RUN_LIMIT, check=False)
            answer = told.returncode, told.stdout, told.stderr
        except subprocess.TimeoutExpired:
            answer = None, "", ""
        seconds = time.monotonic() - start
        kib = int(harness.read(result).split()[1]) if os.path.exists(result) else 0
        if os.path.exists(result):
            os.unlink(result)
        return Run(plan, *answer, seconds, kib)


# ---- judging ----

class Judge:
    """Compares each run with the truth as it ends; what needs all of them comes at the end."""

    def __init__(self, fleets, chosen):
        self.places = {name: (fleet, vm) for fleet in fleets
                       for vm, name in enumerate(fleet.names)}
        self.age = chosen.age
        self.lock = threading.Lock()
        self.complaints = []  # of the whole
        self.wrong_runs = []  # of one run each
        self.turns = collections.defaultdict(dict)  # by when EM was asked: each VM's turn
        self.known_by = {}  # when it was asked: the first moment at which a run had its answer
        self.uids, self.owners = {}, {}  # of each session; whose each is
        self.beyond = []    # numbers of checks, and seconds that their snapshots were too old
        self.renewals = []  # what checks said of how they asked EM
        self.verdicts = 0
        self.kinds = collections.Counter()
        self.states = collections.Counter()
        self.slowest = 0.0

    def complain(self, what):
        with self.lock:
            self.complaints.append(what)

    def judge(self, run):
        wrong = self.wrong_with(run)
        with self.lock:
            self.kinds[run.plan.kind] += 1
            self.slowest = max(self.slowest, run.seconds)
            if wrong:
                more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
                self.wrong_runs.append(f"check {run.plan.number}, {' '.join(run.plan.options)}: "
                                       f"{wrong[0]}{more}")

    def wrong_with(self, run):
        if run.code is None:
            return [f"it had not ended after {RUN_LIMIT} s"]
        if run.err:
            return [f"standard error has {run.err[:500]!r}"]
        try:
            document = json.loads(run.out)
        except ValueError:
            return [f"exit {run.code}, and no JSON: {run.out[:500]!r}"]
        if document["error"] or not document["snapshot"]:
            return [f"exit {run.code}: {document['summary'][:500]}"]
        wrong = self.wrong_document(run, document)
        with self.lock:
            self.renewals += [notice[len(RENEWED):] for notice in document["notices"]
                              if notice.startswith(RENEWED)]
        beyond = document["snapshot"]["age_seconds"] - self.age - run.seconds
        if beyond > 0:
            with self.lock:
                self.beyond.append((run.plan.number, beyond))
        for vm in document["vms"]:
            if vm["vm"] in self.places:
                wrong += self.wrong_vm(vm, document)
        return wrong

    @staticmethod
    def wrong_document(run, document):
        """What is wrong besides the VMs."""
        states = collections.Counter(vm["state"] for vm in document["vms"])
        worst = next((state for state in ("CRITICAL", "WARNING", "UNKNOWN") if states[state]), "OK")
        wrong = []
        if sorted(vm["vm"] for vm in document["vms"]) != sorted(run.plan.expected):
            wrong.append(f"other VMs: {[vm['vm'] for vm in document['vms']]}"[:500])
        if (document["state"], run.code) != (worst, harness.STATE_NAMES.index(worst)):
            wrong.append(f"{document['state']}, exit {run.code}, though a VM is {worst}")
        if any(document["counts"][state.lower()] != states[state]
               for state in harness.STATE_NAMES):
            wrong.append(f"{document['counts']} are not the counts of {dict(states)}")
        odd = [notice for notice in document["notices"] if not notice.startswith(RENEWED)]
        if odd or document["em"]["state"] != "OK":
            wrong.append(f"notices: {odd}, EM: {document['em']}")
        return wrong

    def wrong_vm(self, vm, document):
        """What is not as it was at some moment since EM was asked; until when, is seen later."""
        fleet, number = self.places[vm["vm"]]
        asked = read_time(document["snapshot"]["fetched_at"])
        now = read_time(document["checked_at"])
        shown = [as_shown(session) for session in vm["sessions"]]
        first, last = fleet.turn_at(number, asked), fleet.turn_at(number, now)
        turns = [turn for turn in range(first, last + 1) if fleet.sessions(number, turn) == shown]
        if not turns:
            return [f"{vm['vm']}: shown {vm['sessions']}, right from {show_time(asked)} on "
                    f"{fleet.sessions(number, first)}, until {show_time(now)} "
                    f"{fleet.sessions(number, last)}"]
        self.note(vm, turns[0], asked, now)
        return self.wrong_verdict(vm, fleet, turns[0], now) + self.wrong_uids(vm, turns[0])

    def wrong_verdict(self, vm, fleet, turn, now):
        """What does not follow from the sessions that are shown."""
        number = self.places[vm["vm"]][1]
        right = {"vm": vm["vm"], "policy": fleet.name, "backup_server": fleet.server, "signs": [],
                 "state": WORDS[fleet.result(number, turn - 1)]}
        wrong = [f"{vm['vm']}: {key} is {vm[key]!r}, not {value!r}"
                 for key, value in right.items() if vm[key] != value]
        for key, since in (("duration_seconds", fleet.begins(number, turn)),
                           ("age_seconds", fleet.restore_point(number, turn))):
            seconds = vm["metrics"][key]
            if seconds is None or abs(seconds - (now - since) / SECOND) > TOLERANCE:
                wrong.append(f"{vm['vm']}: {key} is {seconds}, not {(now - since) / SECOND}")
        return wrong

    def wrong_uids(self, vm, turn):
        """A session has one UID, and no other session has it."""
        wrong = []
        with self.lock:
            for session, of_turn in zip(vm["sessions"], (turn, turn - 1)):
                place, uid = (vm["vm"], of_turn), session["uid"]
                known = self.uids.setdefault(place, uid)
                owner = self.owners.setdefault(uid, place)
                if (known, owner) != (uid, place):
                    wrong.append(f"{place} has the UID {uid}; it had {known}, and the UID was of "
                                 f"{owner}")
        return wrong

    def note(self, vm, turn, asked, now):
        with self.lock:
            self.verdicts += 1
            self.states[vm["state"]] += 1
            known = self.turns[asked].setdefault(vm["vm"], turn)
            self.known_by[asked] = min(now, self.known_by.get(asked, now))
            if known != turn:
                self.complaints.append(f"{vm['vm']}: turn {known} and {turn} of one snapshot, "
                                       f"{show_time(asked)}")

    def judge_snapshots(self):
        """What a snapshot has was so before any check had seen that snapshot."""
        later = [f"{name} in the snapshot of {show_time(asked)}"
                 for asked, turns in self.turns.items() for name, turn in turns.items()
                 if turn > self.turn_at(name, self.known_by[asked])]
        self.complain_of("sessions that began only after the snapshot was there", later)
        moments = sorted(self.turns)
        gaps = [f"at {show_time(moment)} and {(after - moment) / SECOND} s later"
                for moment, after in zip(moments, moments[1:])
                if after - moment < self.age * SECOND]
        self.complain_of("EM was asked again too soon", gaps)
        # who waits takes what comes, which was asked for before
        self.complain_of("snapshots that were too old",
                         [f"check {number}, by {seconds} s" for number, seconds in self.beyond
                          if seconds > self.slowest])
        if self.rotations() == 0:
            self.complain("no session ended and began in all that was seen")

    def turn_at(self, name, moment):
        fleet, vm = self.places[name]
        return fleet.turn_at(vm, moment)

    def complain_of(self, what, cases):
        if cases:
            self.complain(f"{what}, {len(cases)} times: {cases[0]}")

    def rotations(self):
        """How many sessions were seen that began after another one of the VM was seen running."""
        seen = collections.defaultdict(set)
        for turns in self.turns.values():
            for name, turn in turns.items():
                seen[name].add(turn)
        return sum(len(turns) - 1 for turns in seen.values())


def judge_em(em, judge):
    """What EM saw, in words; complains if that is wrong."""
    counts, connections = em.counts(), em.control("connections")
    most = max((sum(other["first"] <= one["first"] < other["last"] for other in connections)
                for one in connections), default=0)
    if most > 1:
        judge.complain(f"{most} refreshes at once")
    if len(connections) != len(judge.turns):
        judge.complain(f"EM was asked over {len(connections)} connections, but the checks have "
                       f"seen {len(judge.turns)} snapshots")
    if judge.renewals and len(judge.renewals) != len(connections):
        judge.complain(f"{len(judge.renewals)} checks say that they asked EM, which "
                       f"{len(connections)} did")
    if (counts["logons"], counts["logoffs"], counts["open_sessions"]) != (1, 0, 1):
        judge.complain(f"{counts['logons']} logons, {counts['logoffs']} logoffs, "
                       f"{counts['open_sessions']} logon sessions left, though there is a cache")
    in_full = sum("in full" in renewal for renewal in judge.renewals)
    return (f"{len(connections)} refreshes, {in_full} in full, {most} at a time, "
            f"{counts['requests']} requests; {counts['logons']} logons, "
            f"{counts['open_sessions']} logon sessions left")


# ---- what may not grow ----

def thirds(samples):
    """The largest value of each third, of pairs of third and value."""
    return [max((value for third, value in samples if third == which), default=0)
            for which in range(3)]


class Files:
    """What is in the folders, looked at again and again."""

    def __init__(self, runner):
        self.runner, self.counts, self.sizes = runner, [], []

    def look(self, third, judge):
        count, size = 0, 0
        for folder in (self.runner.snapshots, self.runner.cache):
            names = os.listdir(folder)
            count += len(names)
            for name in names:
                try:
                    size += os.stat(os.path.join(folder, name)).st_size
                except FileNotFoundError:
                    pass  # replaced meanwhile
            if folder == self.runner.snapshots:
                odd = sorted(name for name in names if name.split(".")[-1] not in SNAPSHOT_FILES)
                if odd or len(names) > len(SNAPSHOT_FILES):
                    judge.complain(f"files in the snapshot's folder: {sorted(names)}")
            elif len(names) > CACHE_FILES:
                judge.complain(f"files in the cache's folder: {sorted(names)}")
        self.counts.append((third, count))
        self.sizes.append((third, size))

    def tell(self, judge):
        counts, sizes = thirds(self.counts), thirds(self.sizes)
        if counts[2] > counts[0] + 1 or sizes[2] > sizes[0] * 1.1 + 4096:
            judge.complain(f"files grow: of each third at most {counts} files, {sizes} bytes")
        return f"at most {max(counts)} of {max(sizes) / 1000:.0f} kB; by thirds {sizes}"


def judge_memory(samples, judge):
    """Of pairs of third and KiB, in words."""
    peaks = thirds(samples)
    usual = [round(statistics.median(kib for third, kib in samples if third == which))
             for which in range(3)]
    for what, (first, _, last) in (("at most", peaks), ("usually", usual)):
        if last > first * MEMORY_GROWTH + MEMORY_SLACK:
            judge.complain(f"memory grows: a check takes {what} {first} KiB in the first third, "
                           f"{last} in the last")
    return f"by thirds, a check usually takes {usual} KiB, at most {peaks}"


def emulator_kib(em):
    line = [line for line in harness.read(f"/proc/{em.pid}/status").splitlines()
            if line.startswith("VmRSS:")]
    return int(line[0].split()[1])


# ---- all of it ----

def make_fleets(chosen):
    """One whose sessions last a minute, one with sessions of 8 hours as they usually are."""
    dice = random.Random(chosen.seed)
    now = int(time.time()) * SECOND
    return [Fleet("fast", "vbr01", 100, 3, 1, now - dice.randrange(3600, 7200) * SECOND),
            Fleet("slow", "vbr02", 300, 9, 480, now - dice.randrange(86400, 864000) * SECOND)]


def play(chosen, runner, judge, plans):
    """Starts `jobs` checks at once, again and again. Returns memory, files, and what it took."""
    memory, files, futures = [], Files(runner), []
    pause = 60 * chosen.jobs / chosen.rate
    start = time.monotonic()

    def run(plan):
        done = runner.run(plan)
        memory.append((plan.third, done.kib))
        judge.judge(done)

    with harness.pool(chosen.jobs) as pool:
        for first in range(0, len(plans), chosen.jobs):
            time.sleep(max(0, start + first / chosen.jobs * pause - time.monotonic()))
            futures = [future for future in futures if not future.done() or future.result()]
            futures += [pool.submit(run, plan) for plan in plans[first:first + chosen.jobs]]
            files.look(plans[first].third, judge)
        for future in futures:
            future.result()
    return memory, files, time.monotonic() - start


def test(chosen, root):
    """Prints the summary; returns what is wrong."""
    fleets = make_fleets(chosen)
    plans = make_plans(chosen, fleets, max(3, chosen.jobs, round(chosen.minutes * chosen.rate)))
    judge = Judge(fleets, chosen)
    scenario = {"backup_servers": [{"name": fleet.server} for fleet in fleets],
                "policies": [{"name": fleet.name, "backup_server": fleet.server}
                             for fleet in fleets],
                "generate": [fleet.scenario() for fleet in fleets]}
    with harness.Em(root, scenario, lifetime=round(600 + chosen.minutes * 120)) as em:
        print(f"seed {chosen.seed}: {len(plans)} checks, {chosen.rate} a minute, {chosen.jobs} at "
              f"a time, of {sum(fleet.vms for fleet in fleets)} VMs; "
              f"a snapshot may be {chosen.age} s old", flush=True)
        before = emulator_kib(em)
        memory, files, took = play(chosen, Runner(root, em, chosen), judge, plans)
        judge.judge_snapshots()
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(judge.kinds.items()))
        print(f"  checks: {kinds}; {len(plans) * 60 / took:.0f} a minute; the slowest took "
              f"{judge.slowest:.2f} s; {len(judge.wrong_runs)} wrong")
        print(f"  verdicts: {judge.verdicts} of VMs, {dict(sorted(judge.states.items()))}; "
              f"{judge.rotations()} times the next session was seen")
        print(f"  EM: {judge_em(em, judge)}")
        print(f"  memory: {judge_memory(memory, judge)}; the emulator {before} KiB at first, "
              f"{emulator_kib(em)} at last")
        print(f"  files: {files.tell(judge)}")
    if took > 1.5 * (60 * len(plans) / chosen.rate + LATE):
        judge.complain(f"it took {took:.0f} s: that is no {chosen.rate} checks a minute")
    return judge.complaints + judge.wrong_runs


def read_arguments():
    parser = argparse.ArgumentParser(description="Many checks that share a snapshot.")
    parser.add_argument("--minutes", type=float, default=30, help="how long (30)")
    parser.add_argument("--rate", type=int, default=1000, help="checks a minute (1000)")
    parser.add_argument("--jobs", type=int, default=20, help="so many at a time (20)")
    parser.add_argument("--age", type=int, default=2, help="seconds of --snapshot-age (2)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9),
                        help="repeats the choices of a run")
    return parser.parse_args()


def main():
    chosen = read_arguments()
    start = time.monotonic()
    if not os.access(MEASURE, os.X_OK):
        sys.exit("nothing is built here: run this in a build folder, after make check TESTS=")
    with harness.folder() as root:
        complaints = test(chosen, root)
    print(f"  {time.monotonic() - start:.0f} s, {len(complaints)} things wrong")
    for complaint in complaints[:SHOWN_COMPLAINTS]:
        print("NOT: " + complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
