#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks for a whole fleet, by --all and --policy, while the fleet changes between one page and the next.

In each run VMs appear and vanish, sessions end and new ones start, and the oldest are deleted, at
random moments within the reading of many small pages. What must hold: a VM that was there all the
time is in the answer exactly once, one that was there for a part of it at most once, one that never
was not at all; and each session shown was, at some moment of the run, as it is shown. --help tells
the options.
"""

import argparse
import collections
import copy
import datetime
import json
import os
import random
import subprocess
import sys
import threading
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # pylint: disable=wrong-import-position

POLICIES = ["CDP Policy", "CDP Policy Gold"]
RUN_LIMIT = 60            # seconds after which a run counts as hung
SHOWN_COMPLAINTS = 10
SHOWN_VMS = 3             # of one complaint
GAVE_UP = "EM's pages change faster than they can be read"
MOST_GIVEN_UP = 0.1       # of all runs; each is a fault and says so, but that is not to be usual
URN = "urn:veeam:CdpReplicaTaskSession:"
# When a VM is idle, and when overdue: after an hour, after the emulator's 8 h between restore points
# and one more, without any restore point after 25. EM's last data collection, at which spans end, may be so old.
IDLE, OVERDUE = datetime.timedelta(hours=1), datetime.timedelta(hours=9)
OVERDUE_AT_FIRST = datetime.timedelta(hours=25)
COLLECTED = datetime.timedelta(minutes=20)
POLICY_DAY = datetime.timedelta(hours=15, seconds=8)  # when the emulator's policy sessions change


# ---- the fleet that changes ----

def text_of(moment):
    """In the shortest form, which is the plugin's."""
    fraction = f".{moment.microsecond // 1000:03d}".rstrip("0").rstrip(".")
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction + "Z"


class Session:
    """A task session; a change makes another one of the same UID, so that snapshots stay."""

    def __init__(self, uid, created, ended=None, result="Success"):
        self.uid, self.created, self.ended, self.result = uid, created, ended, result

    def shown(self):
        """As the plugin shows it."""
        return (URN + self.uid, "InProgress" if self.ended is None else "Completed", self.result,
                text_of(self.created), self.ended and text_of(self.ended))

    def played(self):
        """As a scenario has it."""
        keys = {"uid": self.uid, "created": text_of(self.created), "result": self.result}
        return keys if self.ended is None else {**keys, "ended": text_of(self.ended)}


class Fleet:
    """VMs, each a policy and sessions, oldest first. Its clock moves a little with each change."""

    def __init__(self, dice, chosen):
        self.dice, self.burst = dice, chosen.burst
        self.vms = {}
        self.named = 0
        self.now = (datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
                    - datetime.timedelta(minutes=2))
        midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        if abs(self.now - midnight - POLICY_DAY) < datetime.timedelta(minutes=2):
            self.now -= datetime.timedelta(minutes=5)  # a new policy session would be another story
        # EM has one of the day whatever sessions there are; the emulator makes it for the first.
        self.day = midnight + POLICY_DAY
        self.day -= datetime.timedelta(days=1 if self.day > self.now else 0)
        self.wording = {"largest_page": dice.randint(5, 25)}
        self.delay = dice.choice([0.001, 0.004, 0.01])
        for policy in POLICIES + dice.choices(POLICIES, k=dice.randint(0, 4)):
            self.add_group(policy, dice.randint(5, 25), dice.randint(0, 3))
        self.add_old(dice.randint(10, 40))

    def uid(self):
        return str(uuid.UUID(int=self.dice.getrandbits(128), version=4))

    def tick(self):
        # Some changes come within the same thousandth of a second.
        self.now += datetime.timedelta(milliseconds=self.dice.choice([0, 1, 1, 5]))
        return self.now

    def add_group(self, policy, count, completed):
        """VMs whose sessions begin together, as a schedule starts them."""
        age = datetime.timedelta(hours=self.dice.randint(1, 10), seconds=self.dice.randint(0, 9))
        for _ in range(count):
            self.named += 1
            sessions = []
            for number in range(completed, 0, -1):
                begin = self.now - age - number * datetime.timedelta(hours=8)
                sessions.append(Session(self.uid(), begin, begin + datetime.timedelta(hours=7),
                                        self.dice.choice(["Success", "Success", "Failed"])))
            if completed == 0 or self.dice.random() < 0.8:
                sessions.append(Session(self.uid(), self.now - age))
            self.vms[f"vm{self.named:04d}", policy] = sessions

    def add_old(self, count):
        """VMs with one session each, older than all others and than one another."""
        for number in range(count):
            self.named += 1
            begin = self.now - datetime.timedelta(hours=60, seconds=number)
            ended = begin + datetime.timedelta(hours=7) if self.dice.random() < 0.5 else None
            policy = self.dice.choice(POLICIES)
            self.vms[f"vm{self.named:04d}", policy] = [Session(self.uid(), begin, ended)]

    def some(self):
        """A few of the VMs, or as many as one burst has."""
        names = sorted(self.vms)
        return self.dice.sample(names, min(len(names), self.dice.randint(1, self.burst)))

    # Each way of a change.

    def appear(self):
        moment = self.tick()
        policy = self.dice.choice(POLICIES)
        for _ in range(self.dice.randint(1, self.burst)):
            self.named += 1
            self.vms[f"vm{self.named:04d}", policy] = [Session(self.uid(), moment)]

    def go_on(self, names=None):
        """What runs ends, and the next session begins."""
        moment = self.tick()
        for name in names or self.some():
            sessions = self.vms[name]
            if sessions[-1].ended is None:
                self.end(sessions, moment)
            sessions.append(Session(self.uid(), moment))

    def complete(self):
        moment = self.tick()
        for name in self.some():
            if self.vms[name][-1].ended is None:
                self.end(self.vms[name], moment)

    def end(self, sessions, moment):
        last = sessions[-1]
        sessions[-1] = Session(last.uid, last.created, moment,
                               self.dice.choice(["Success", "Warning", "Failed"]))

    def retire(self):
        """The oldest are deleted, but of no VM the last: that one begins a new session before."""
        oldest = sorted({session.created for sessions in self.vms.values()
                         for session in sessions})[:self.dice.randint(1, 2)]
        alone = [name for name, sessions in self.vms.items() if sessions[-1].created <= oldest[-1]]
        if alone:
            self.go_on(alone[:self.burst])
        self.forget(oldest[-1])

    def forget(self, until):
        for name in list(self.vms):
            self.vms[name] = [one for one in self.vms[name] if one.created > until]
            if not self.vms[name]:
                del self.vms[name]

    def change(self):
        for way in self.dice.choices([self.appear, self.go_on, self.complete, self.retire],
                                     weights=[2, 3, 2, 4], k=self.dice.randint(1, 3)):
            way()

    def scenario(self):
        vms = [{"name": name, "policy": policy, "sessions": [one.played() for one in sessions]}
               for (name, policy), sessions in self.vms.items()]
        return {"wording": self.wording,
                "policies": [{"name": policy} for policy in POLICIES], "vms": vms,
                "policy_sessions": [{"policy": policy, "created": text_of(self.day)}
                                    for policy in POLICIES],
                "replies": [{"path": "/api/query", "delay": self.delay}]}

    def snapshot(self):
        return {name: copy.copy(sessions) for name, sessions in self.vms.items()}


# ---- one run ----

# What EM had, in the order of time, from before the run until after it; what the plugin said.
Run = collections.namedtuple("Run", "policy snapshots code document out err")


class Churn(threading.Thread):
    """Changes the fleet at random moments until it is told to stop."""

    def __init__(self, em, fleet):
        super().__init__()
        self.em, self.fleet = em, fleet
        self.snapshots = [fleet.snapshot()]
        self.stopped = threading.Event()

    def run(self):
        dice = self.fleet.dice
        pause = dice.choice([1, 4, 10]) * self.fleet.delay
        while not self.stopped.wait(dice.uniform(0, 2 * pause)):
            self.fleet.change()
            # Before EM has it: from then on it may be seen.
            self.snapshots.append(self.fleet.snapshot())
            self.em.play(self.fleet.scenario())

    def stop(self):
        self.stopped.set()
        self.join()


def play_run(em, chosen, number):
    """A fleet of its own, and one run of the plugin while it changes."""
    dice = random.Random(f"{chosen.seed} {number}")
    fleet = Fleet(dice, chosen)
    policy = dice.choice([None, None] + POLICIES)
    em.play(fleet.scenario())
    command = em.check("--format=json", "--timeout=50",
                       "--policy=" + policy if policy else "--all")
    churn = Churn(em, fleet)
    churn.start()
    try:
        told = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, errors="backslashreplace",
                              env=harness.own_environment(), timeout=RUN_LIMIT, check=False)
    finally:
        churn.stop()
    try:
        document = json.loads(told.stdout)
    except ValueError:
        document = None
    return Run(policy, churn.snapshots, told.returncode, document, told.stdout, told.stderr)


def shorten(names):
    names = sorted(names)
    return ", ".join(map(str, names[:SHOWN_VMS])) + (" and more" if len(names) > SHOWN_VMS else "")


def judge_vms(run):
    """What is wrong with the VMs of the answer."""
    moments = [{name for name in snapshot if run.policy in (None, name[1])}
               for snapshot in run.snapshots]
    always, ever = set.intersection(*moments), set.union(*moments)
    counts = collections.Counter((vm["vm"], vm["policy"]) for vm in run.document["vms"])
    found = [("missed", always - set(counts)),
             ("shown more than once", [name for name, count in counts.items() if count > 1]),
             ("shown though they never were there", set(counts) - ever)]
    wrongs = [f"{len(names)} VMs {what}: {shorten(names)}" for what, names in found if names]
    if run.document["counts"]["vms"] != len(run.document["vms"]):
        wrongs.append("its count of VMs is not that of its list")
    return wrongs


def judge_sessions(run):
    """What is wrong with the sessions that it shows."""
    true = collections.defaultdict(set)
    for snapshot in run.snapshots:
        for name, sessions in snapshot.items():
            true[name].update(session.shown() for session in sessions)
    wrongs = []
    for vm in run.document["vms"]:
        for one in vm["sessions"]:
            shown = (one["uid"], one["state"], one["result"], one["created_at"], one["ended_at"])
            if shown not in true[vm["vm"], vm["policy"]]:
                wrongs.append(f"{vm['vm']} never had the session {shown}")
        # Policies are read after sessions, and replicas after those: a VM that came meanwhile may be
        # known by its policy only, or by its replica only, as one that has left.
        if not vm["sessions"] and ((vm["vm"], vm["policy"]) in run.snapshots[0]
                                   or vm["signs"] not in ([], ["uncovered"])):
            wrongs.append(f"{vm['vm']} has no session, and the signs {vm['signs']}")
    return wrongs[:SHOWN_VMS]


def signs_of(sessions, now):
    """The signs of a VM that stays as it is: those that it has, and those that it may have."""
    newest = max(sessions, key=lambda one: one.created)
    runs = any(one.ended is None for one in sessions)
    overdue = OVERDUE if any(one.ended for one in sessions) else OVERDUE_AT_FIRST
    name, span, limit = (("overdue", now - newest.created, overdue) if newest.ended is None else
                         ("idle", now - newest.ended, IDLE))
    if name == "idle" and runs:
        return set(), {name}
    return {name} if span > limit + COLLECTED else set(), {name} if span > limit - COLLECTED else set()


def judge_signs(run):
    """What is wrong with the signs of the VMs that did not change meanwhile."""
    wrongs = []
    now = datetime.datetime.now(datetime.timezone.utc)
    for vm in run.document["vms"]:
        name = vm["vm"], vm["policy"]
        if name not in run.snapshots[0] or any(
                snapshot.get(name) != run.snapshots[0][name] for snapshot in run.snapshots):
            continue
        must, may = signs_of(run.snapshots[0][name], now)
        if not must <= set(vm["signs"]) <= may:
            wrongs.append(f"{vm['vm']} has the signs {vm['signs']}, not {sorted(must)}")
        if vm["signs"] and vm["state"] == "OK":
            wrongs.append(f"{vm['vm']} is OK with the signs {vm['signs']}")
    return wrongs[:SHOWN_VMS]


def judge(run):
    """What came of a run, in a few words, and what is wrong with it."""
    if run.err:
        return "odd", ["standard error is not empty: " + run.err[:500]]
    if run.document is None:
        return "odd", [f"exit code {run.code}, no JSON: {run.out[:500]}"]
    error = run.document["error"]
    if error is not None and error["kind"] == "protocol" and GAVE_UP in error["message"]:
        return "gave up", [] if run.code == 3 else [f"exit code {run.code} of a fault"]
    if error is not None:
        return "odd", [f"a fault: {error['kind']}: {error['message']}"]
    wrongs = judge_vms(run) + judge_sessions(run) + judge_signs(run)
    if run.code not in (0, 1, 2) or run.code != run.document["exit_code"]:
        wrongs.append(f"exit code {run.code}")
    return "wrong" if wrongs else "right", wrongs


# ---- all runs ----

def play_all(chosen, em):
    """Prints the summary; returns what is wrong."""
    complaints = []
    tally = collections.Counter()
    changes = []
    numbers = [chosen.only] if chosen.only else range(1, chosen.runs + 1)
    for number in numbers:
        run = play_run(em, chosen, number)
        name, wrongs = judge(run)
        tally[name] += 1
        changes.append(len(run.snapshots) - 1)
        complaints += [f"run {number}, {'--policy=' + run.policy if run.policy else '--all'}, "
                       f"{changes[-1]} changes: {wrong}" for wrong in wrongs]
    print("  " + ", ".join(f"{count} {name}" for name, count in sorted(tally.items()))
          + f"; {sum(changes)} changes, {min(changes)} to {max(changes)} in a run")
    if tally["gave up"] > MOST_GIVEN_UP * len(numbers) + 1:
        complaints.append(f"{tally['gave up']} runs gave up")
    if sum(changes) < len(numbers):
        complaints.append("there was less than one change in a run: nothing was tested")
    left = em.counts()["open_sessions"]
    if left:
        complaints.append(f"{left} logon sessions left")
    return complaints


def read_arguments():
    parser = argparse.ArgumentParser(description="A fleet that changes while it is read.")
    parser.add_argument("--runs", type=int, default=200, help="how many runs (200)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9),
                        help="the same fleets and changes again; their moments are the machine's")
    parser.add_argument("--only", type=int, metavar="N", help="the Nth run alone")
    parser.add_argument("--burst", type=int, default=6, metavar="N",
                        help="so many VMs at most appear or go on at once (6)")
    return parser.parse_args()


def main():
    chosen = read_arguments()
    start = time.monotonic()
    print(f"seed {chosen.seed}: {chosen.runs} runs", flush=True)
    lifetime = 600 + chosen.runs * RUN_LIMIT
    with harness.folder() as folder, harness.Em(folder, lifetime=lifetime) as em:
        complaints = play_all(chosen, em)
    print(f"  {time.monotonic() - start:.0f} s, {len(complaints)} things wrong")
    for complaint in complaints[:SHOWN_COMPLAINTS]:
        print("NOT: " + complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
