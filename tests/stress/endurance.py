#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs check after check against one emulator and kills some of them at random moments.

What must hold: a run that is left alone is well, one that gets SIGTERM ends by itself and says so,
and no more logon sessions stay open than runs were killed outright. --help tells the options.
"""

import argparse
import collections
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # pylint: disable=wrong-import-position

VMS = [{"name": "srv-db01", "sessions": [{"created": "-2h 13m"},
                                         {"created": "-10h 13m", "ended": "-2h 13m"}]}]
OK_LINE = re.compile(
    r"CDP TASK OK: srv-db01: newest session: InProgress, Success, for [0-9hm ]+; "
    r"last completed session: Completed, Success, ended [0-9hm ]+ ago"
    r"\|duration=[0-9.]+s;;;0 age=[0-9.]+s;;;0 total_size=0B;;;0\n")
# Behind it, if EM ended the session between one request and the next, and the fresh one as well.
LESS_LINE = re.compile(r"notice: not known in this run: [^|\n]* fresh logon [^|\n]*\n|"
                       r"notice: logoff failed, [^|\n]*: EM answers 401 to DELETE [^|\n]*\n")
TERMINATED_LINE = re.compile(r"CDP TASK UNKNOWN: [^|\n]*terminated: by a signal[^|\n]*\n")
REFUSED_LINE = re.compile(r"CDP TASK UNKNOWN: logon: EM answers 401 [^|\n]* fresh logon [^|\n]*\n")
MEASURED = 30         # undisturbed checks whose median tells how long one takes now
BEYOND = 1.25         # kills come up to so many times later than such a check usually ends
STOP_LIMIT = 2.0      # seconds from SIGTERM to the end, beyond those that a check usually takes
RUN_LIMIT = 60.0      # seconds after which a run counts as hung
SHOWN_COMPLAINTS = 20
CACHE_FILES = 3       # the session, the lock, and what a killed writer left for the next one

# What happens to a run: a signal, at a moment in usual durations of a check; EM ends all sessions.
Plan = collections.namedtuple("Plan", "number signal moment expire")
UNDISTURBED = Plan(0, None, None, False)
# What came of it. `moment`: seconds until the signal; `after`: seconds from the signal to the end,
# None where it came too late; `late`: whether that took too long; `caught`: whether SIGTERM had a
# handler when it came; `expiries`: how often EM may have ended all sessions meanwhile.
Run = collections.namedtuple("Run", "plan moment code out err after late caught expiries")


# ---- the emulator ----

class Em(harness.Em):
    """The one emulator; the logon sessions that it still has open never end by themselves."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.lock = threading.Lock()
        self.expiries_begun = 0
        self.expiries_done = 0

    def expire(self):
        # At some moment in between: a run counts from those done before it to those begun.
        with self.lock:
            self.expiries_begun += 1
        super().expire()
        with self.lock:
            self.expiries_done += 1

# ---- one run ----

def takes_sigterm(pid):
    """Whether SIGTERM does not just kill the process any more: its main thread has it blocked."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
            for line in status:
                if line.startswith("SigBlk:"):
                    return bool(int(line.split()[1], 16) >> (signal.SIGTERM - 1) & 1)
    except OSError:
        pass
    return False


def finish(process, seconds):
    """Its output, once it has ended; None where it has not after so long."""
    try:
        return process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        return None


class Check:
    """The command that is run again and again."""

    def __init__(self, em, cache):
        self.em = em
        self.command = em.check("--vm=srv-db01", *(["--session-cache=" + cache] if cache else []))
        self.environment = harness.own_environment()
        self.took = collections.deque(maxlen=MEASURED)

    def usual(self):
        """The seconds that a check takes now: other work on the machine comes and goes."""
        return statistics.median(self.took.copy())

    def run(self, plan=UNDISTURBED):
        """Runs it and, where the plan says so, kills it."""
        moment = plan.moment * self.usual() if plan.signal else RUN_LIMIT
        if plan.expire:
            self.em.expire()
        done_before = self.em.expiries_done
        start = time.monotonic()
        process = subprocess.Popen(self.command, env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   errors="backslashreplace")
        told = finish(process, moment)
        caught, after = False, None
        if plan.signal and told is None:
            caught = takes_sigterm(process.pid)
            process.send_signal(plan.signal)
            start = time.monotonic()
            told = finish(process, RUN_LIMIT)
            after = time.monotonic() - start
        code = process.returncode if told else None
        if not plan.signal:
            self.took.append(time.monotonic() - start)
        if told is None:
            process.kill()
            told = process.communicate()
        late = after is not None and after > STOP_LIMIT + self.usual()
        return Run(plan, moment, code, *told, after, late, caught,
                   self.em.expiries_begun - done_before)


def outcome(run):
    """What came of a run, in a few words, and what is wrong with that; "" where nothing is."""
    out = LESS_LINE.sub("", run.out) if run.expiries else run.out
    right = run.code == 0 and OK_LINE.fullmatch(out) is not None
    wrong = ""
    if run.err:
        wrong = "standard error is not empty"
    elif run.late:
        wrong = f"it took {run.after:.1f} s to end"
    if run.code is None:
        return "hung", f"it had not ended after {RUN_LIMIT:.0f} s"
    if run.expiries and run.code == 3 and REFUSED_LINE.fullmatch(run.out):
        # The logon in the cache had ended, maybe before this run, and so did the fresh one, within
        # it. One fresh logon is all that a run tries.
        return "refused twice", wrong
    if run.after is None:
        return ("left alone, OK" if not run.plan.signal else "ended before its signal", wrong
                or ("" if right else "it is not OK, though nothing disturbed it"))
    if run.plan.signal == signal.SIGKILL and run.code == -signal.SIGKILL:
        return "killed", wrong
    if right:
        return "right answer", wrong
    if run.plan.signal == signal.SIGKILL:
        return "odd", "neither killed nor the right answer"
    if run.code == 3 and TERMINATED_LINE.fullmatch(run.out):
        return "terminated", wrong
    if run.code == -signal.SIGTERM and run.out == "":
        # Before main could install its handlers, and only then.
        return "by the signal", wrong or ("its handler was installed" if run.caught else "")
    return "odd", "neither terminated nor the right answer"


def describe(run, wrong):
    sent = ("" if not run.plan.signal else
            f", {run.plan.signal.name} after {run.moment * 1000:.2f} ms")
    return (f"run {run.plan.number}{sent}: {wrong}: exit {run.code}, "
            f"stdout {run.out[:300]!r}, stderr {run.err[:1500]!r}")


# ---- all runs ----

def make_plans(chosen):
    """Who gets which signal when, by the seed."""
    dice = random.Random(chosen.seed)
    kinds = ([signal.SIGTERM] * round(chosen.runs * chosen.terminate)
             + [signal.SIGKILL] * round(chosen.runs * chosen.kill))
    kinds = (kinds + [None] * chosen.runs)[:chosen.runs]
    dice.shuffle(kinds)
    expiring = set(dice.sample(range(chosen.runs), min(chosen.expire, chosen.runs)))
    return [Plan(number, kind, dice.uniform(0, BEYOND) if kind else None,
                 number in expiring)
            for number, kind in enumerate(kinds, 1)]


def run_all(check, plans, jobs):
    """Yields the runs as they end; what waits for its turn takes no memory."""
    slots = threading.Semaphore(jobs * 4)
    with harness.pool(jobs) as pool:
        running = collections.deque()
        for plan in plans:
            slots.acquire()
            future = pool.submit(check.run, plan)
            future.add_done_callback(lambda _: slots.release())
            running.append(future)
            while running and running[0].done():
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def measure(check, jobs):
    """Has the check learn how long it takes. Returns what is wrong with the runs that told it."""
    runs = [check.run()]  # alone, so that it is the one that fills a cache
    with harness.pool(jobs) as pool:
        runs += pool.map(check.run, [UNDISTURBED] * (MEASURED - 1))
    wrongs = [(run, outcome(run)[1]) for run in runs]
    return [describe(run, wrong) for run, wrong in wrongs if wrong]


def judge_em(chosen, counts, killed):
    """What is wrong with the logons that EM saw, or was left with."""
    complaints = []
    cached = 1 if chosen.cache else 0
    if counts["open_sessions"] > killed + cached:
        complaints.append(f"{counts['open_sessions']} logon sessions left, though only "
                          f"{killed} runs were killed")
    # A run that is killed between its logon and its note of it leaves the next one a logon to do.
    allowed = 2 + chosen.expire + (killed if chosen.expire else 0)
    if chosen.cache and counts["logons"] > allowed:
        complaints.append(f"{counts['logons']} logons, though there is a session cache")
    return complaints


def judge_cache(check, folder):
    """What is wrong with what the killed ones left in the cache's folder."""
    left = sorted(os.listdir(folder))
    complaints = []
    if len(left) > CACHE_FILES:
        complaints.append(f"{len(left)} files left in the cache's folder: {left}")
    wrong = outcome(check.run())[1]
    if wrong:
        complaints.append("one more check: " + wrong)
    return left, complaints


def play(chosen, check, cache):
    """The whole of it. Prints the summary; returns what is wrong."""
    complaints = measure(check, chosen.jobs)
    first = check.usual()
    print(f"seed {chosen.seed}: {chosen.runs} runs, {chosen.jobs} at a time", flush=True)
    tally = {kind: collections.Counter() for kind in (None, signal.SIGTERM, signal.SIGKILL)}
    slowest = 0.0
    for run in run_all(check, make_plans(chosen), chosen.jobs):
        name, wrong = outcome(run)
        tally[run.plan.signal][name] += 1
        if run.plan.signal == signal.SIGTERM:
            slowest = max(slowest, run.after or 0)
        if wrong:
            complaints.append(describe(run, wrong))
    print(f"  a check takes {first * 1000:.0f} ms at first, {check.usual() * 1000:.0f} ms at last; "
          f"signals come within {BEYOND:.0%} of that")
    for kind, outcomes in tally.items():
        print(f"  {kind.name if kind else 'no signal'}: "
              + (", ".join(f"{count} {name}" for name, count in sorted(outcomes.items())) or "none")
              + (f"; the slowest ended after {slowest:.2f} s" if kind == signal.SIGTERM else ""))
    counts = check.em.counts()
    killed = tally[signal.SIGKILL]["killed"]
    complaints += judge_em(chosen, counts, killed)
    print(f"  EM: {counts['logons']} logons, {counts['logoffs']} logoffs, "
          f"{counts['open_sessions']} sessions left, {killed} runs were killed")
    if cache:
        left, wrongs = judge_cache(check, cache)
        complaints += wrongs
        print(f"  cache: {len(left)} files left; all sessions expired {chosen.expire} times")
    return complaints


def read_arguments():
    parser = argparse.ArgumentParser(description="Many checks, some of them killed.")
    parser.add_argument("--runs", type=int, default=10000, help="how many checks (10000)")
    parser.add_argument("--jobs", type=int, default=3, help="so many at a time (3)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9),
                        help="repeats the choices of a run")
    parser.add_argument("--terminate", type=float, default=0.05, help="share of SIGTERMs (0.05)")
    parser.add_argument("--kill", type=float, default=0.01, help="share of SIGKILLs (0.01)")
    parser.add_argument("--cache", action="store_true", help="with a session cache")
    parser.add_argument("--expire", type=int, default=0, metavar="TIMES",
                        help="with --cache: EM ends all sessions so many times")
    parser.add_argument("--slow", type=float, nargs="?", const=0.02, default=0, metavar="SECONDS",
                        help="EM's answers are so late (0.02)")
    return parser.parse_args()


def main():
    chosen = read_arguments()
    start = time.monotonic()
    with harness.folder() as folder:
        cache = os.path.join(folder, "cache") if chosen.cache else None
        if cache:
            os.mkdir(cache, 0o700)
        with Em(folder, {"vms": VMS, "replies": [{"delay": chosen.slow}] if chosen.slow else []},
                "--idle-timeout=1000000", lifetime=600 + 2 * chosen.runs) as em:
            complaints = play(chosen, Check(em, cache), cache)
    print(f"  {time.monotonic() - start:.0f} s, {len(complaints)} things wrong")
    for complaint in complaints[:SHOWN_COMPLAINTS]:
        print("NOT: " + complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
