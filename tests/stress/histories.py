#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a snapshot that was refreshed, step by step, has what a full fetch gives.

histories_world.py makes small sites of a seed, each of which lives through some steps of minutes to
hours by the emulator's clock and by this host's, which move_clock.so sets for the programs. After
each step the program renews one snapshot of the history, and makes another one in an empty folder,
while EM stands still; site_dump prints all that the two have. Differences are allowed if they have
a name, and only until all is asked for anew, once an hour:

    deleted      what was deleted in EM, or renamed there after it had completed
    untold       a session that began and ended more than two hours before the last refresh
    protection   replicas, and sessions that were looked up for them; policies and what they name,
                 if one of the two runs may not see them
    unplaced     sessions that lack their policy and server, which are found by their VM's name
    remembered   VMs of which EM tells nothing any more, if it does not tell of replicas
    oldest       how old a VM is, by sessions of which EM tells nothing any more, or of long ago

The last two may stay. Anything else is a complaint, with the history's own seed: --only repeats it.
"""

import argparse
import collections
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # pylint: disable=wrong-import-position
import histories_world as world  # pylint: disable=wrong-import-position

SITE_DUMP = os.path.join(harness.BUILD, "tests/stress/site_dump")
MOVE_CLOCK = os.path.join(harness.BUILD, "tests/stress/move_clock.so")
SHOWN_COMPLAINTS = 20
MEANT = 20             # of so many histories, most refreshes ask for what changed
HOURLY = 3600
SLACK = 30             # seconds, of moments by the clock
MARGIN = 2 * world.HOUR
REMEMBERED = 7 * world.DAY
SECOND = 1000000       # of times in dumps
NAMES = "deleted", "untold", "protection", "unplaced", "remembered", "oldest"
UNTIL_FULL = "deleted", "untold", "protection", "unplaced"
FULL, TRIED = "in full", "renewed only by what changed"
RENEWED = re.compile(r"snapshot renewed: \d+ task sessions read, (in full|those that run)")
NOT_ASKED, TOLD = "0", "1"  # of what EM was asked besides sessions
COMPLETED = "0"


# ---- clocks ----

class Clocks:
    """EM's, and the one of this host as the programs have it; both go on with the real one."""

    def __init__(self, em, root):
        self.em, self.ahead = em, 0
        self.path = os.path.join(root, "clock")
        self.write(0)

    def write(self, ahead):
        with open(self.path, "wb") as file:  # in place: it is mapped
            file.write(struct.pack("=q", ahead))

    def set(self, moment, host_ahead):
        """EM's shows that moment, or up to a second more, and this host's is so far ahead of it."""
        ahead = -int(time.time() - moment)
        self.em.control("advance", str(ahead - self.ahead))
        self.ahead = ahead
        self.write(ahead + host_ahead)

    def environment(self):
        moved = {"LD_PRELOAD": MOVE_CLOCK, "MOVE_CLOCK": self.path}
        if harness.is_sanitized():
            moved["ASAN_OPTIONS"] = ":".join(["verify_asan_link_order=0",
                                              os.environ.get("ASAN_OPTIONS", "")])
        return harness.own_environment(**moved)


# ---- what snapshots have ----

class Dump:
    """What site_dump printed of one: a dict for each line, by its kind."""

    def __init__(self, lines):
        self.rows = collections.defaultdict(list)
        for line in lines:
            kind, *members = line.split("\t")
            self.rows[kind].append(dict(member.split("=", 1) for member in members))
        self.fault = self.rows["fault"][0]["text"] if self.rows["fault"] else None
        self.asked = self.rows["asked"][0] if self.rows["asked"] else None
        self.sessions = {}
        self.twice = []
        for row in self.rows["session"]:
            key = identity(row)
            if key in self.sessions:
                self.twice.append(key)
            self.sessions[key] = row
        self.answers = {row["topic"]: row for row in self.rows["answer"]}
        self.policies = {(row["name"], row.get("server")): row for row in self.rows["policy"]}
        self.facts = {(row["vm"], row.get("policy"), row.get("server"), fact)
                      for row in self.rows["protected"] for fact in ("named", "replica")
                      if row[fact] == "1"}
        self.collection = sorted(map(str, self.rows["collection"] + self.rows["collected"]))

    def collected(self, server):
        """When that server was, in seconds by EM's clock; None: that is not known."""
        moments = [int(row["succeeded"]) for row in self.rows["collection"] if "succeeded" in row]
        moments += [int(row["at"]) for row in self.rows["collected"]
                    if row.get("server") == server and "at" in row]
        return max(moments) / SECOND if moments else None

# What showed a defect once, and is repeated with the steady ones: all VMs that a policy names were
# renamed, and their sessions were older than the changes; only policies named a backup server that
# no collection of late has heard of.
FOUND = ["627349026-13", "108364253-130"]


def identity(row):
    """As histories_world.Shown has it."""
    return row["uid"].rsplit(":", 1)[-1] if "uid" in row else \
        f"{row.get('vm')} {seconds(row, 'created')}"


def seconds(row, name):
    return int(row[name]) // SECOND if name in row else None


def members(row):
    """As histories_world.Shown has them."""
    return (row.get("vm"), row.get("policy"), row.get("server"), seconds(row, "created"),
            seconds(row, "ended"))


def key_of(row):
    return row.get("vm"), row.get("policy"), row.get("server")


def runs(row):
    return row["state"] != COMPLETED


def is_unplaced(row):
    return "policy" not in row and "vm" in row and not runs(row)


class Dumper:
    """site_dump, which prints whatever snapshot it is told to."""

    def __init__(self, em, environment, options):
        self.process = subprocess.Popen(
            [SITE_DUMP, *em.options, *options, "--snapshot=any"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, encoding="utf-8", env=environment)

    def dump(self, folder):
        self.process.stdin.write(folder + "\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line == "end\n":
                return Dump(lines)
            lines.append(line.rstrip("\n"))
        raise RuntimeError(f"site_dump has ended: {self.process.wait(harness.LIMIT)}")

    def stop(self):
        """It may have found a leak by then."""
        self.process.stdin.close()
        if self.process.wait(harness.LIMIT) != 0:
            raise RuntimeError("site_dump has failed")


# ---- comparing ----

class Refresh:
    """One that was compared: EM's state then, by the site's clock, and what came of it."""

    def __init__(self, moment, shown, dump):
        self.moment, self.shown, self.dump = moment, shown, dump


class Comparison:
    """Of one history. `since_full`: the refreshes from the last full one on, oldest first."""

    def __init__(self, site):
        self.site = site
        self.since_full = []
        self.full_at = None       # by EM's clock
        self.bounds = {}          # by session: what the first refresh that could see it asked for
        self.early = {}           # the same, as long as its server was collected then
        self.remembered = set()   # sessions
        self.reached = False      # a run has looked back for longer than the others
        self.tried = False        # a run has failed to ask for everything, and goes without
        self.named = collections.Counter()
        self.complaints = []

    def complain(self, what):
        self.complaints.append(what)

    def em_now(self):
        return self.site.now + self.site.em_ahead

    def compare(self, refreshed, fresh, full):
        """`full`: whether the refreshed one says that all was asked for."""
        self.refreshed, self.fresh = refreshed, fresh
        self.shown = self.site.shown()
        overdue = self.full_at is None or self.em_now() - self.full_at >= HOURLY + SLACK
        self.strict = full or overdue
        self.touched = collections.defaultdict(set)  # VMs, by the names of their differences
        if overdue and not full:
            self.complain("not all was asked for, though the last time is an hour ago")
        self.note_bounds()
        self.check_fresh()
        self.compare_commons()
        self.compare_sessions()
        if full:
            self.since_full, self.full_at, self.tried = [], self.em_now(), False
        self.since_full.append(Refresh(self.site.now, self.shown, refreshed))

    def name(self, name, what, *keys):
        if self.strict and name in UNTIL_FULL:
            self.complain(f"{name}, though all was asked for: {what}")
        self.named[name] += 1
        for key in keys:
            self.touched[key].add(name)

    def touched_by_name(self, row):
        """Of all VMs of the name: one is looked for by it, and then all of them are found."""
        return set().union(*(names for key, names in self.touched.items()
                             if key[0] == row.get("vm")))

    def is_untold(self, key):
        """Whether no refresh need have seen the session, which completed. What EM tells before the
        end of the data collection that it has it from, it may have told already."""
        bound, shown = self.bounds.get(key), self.shown[key]
        if key in self.early:
            server, collected, margin = self.early[key]
            if self.tried or self.fresh.collected(server) == collected:
                bound = margin
        return bound is not None and shown.ended < bound and shown.created < bound

    def has_untold(self, row):
        """Whether there is such a session of that VM."""
        return any(self.is_untold(key) for key, shown in self.shown.items()
                   if (shown.vm, shown.policy, shown.server) == key_of(row))

    @property
    def last(self):
        return self.since_full[-1] if self.since_full else None

    def note_bounds(self):
        """Of what completed and was not there at the last refresh: what may be missed of it."""
        if self.last is None:
            return
        margin = self.last.moment - MARGIN
        bound = min([margin, *(moment - MARGIN for moment in self.collected(self.last.dump)
                               if self.collected(self.fresh) and not self.tried
                               and moment < self.last.moment - world.HOUR)])
        for key, shown in self.shown.items():
            if shown.ended is not None and key not in self.last.shown:
                self.bounds[key] = bound
                server = shown.session.policy.server.name
                collected = self.fresh.collected(server)
                if collected is not None and collected - self.site.em_ahead < shown.ended:
                    self.early[key] = server, collected, margin

    def collected(self, dump):
        """When EM has collected its servers, by the site's clock, if it tells."""
        moments = [dump.collected(server.name) for server in self.site.servers]
        return [moment - self.site.em_ahead for moment in moments if moment is not None]

    def check_fresh(self):
        """What EM shows is what a full fetch has of it."""
        for key, row in self.fresh.sessions.items():
            if key not in self.shown or self.shown[key].members != members(row):
                self.complain(f"a full fetch invents {describe(row)}")
        for dump in (self.refreshed, self.fresh):
            for key in dump.twice:
                self.complain(f"{describe(dump.sessions[key])} is there twice")

    # ---- besides sessions ----

    def before(self):
        return self.last.dump if self.last is not None else None

    def compare_commons(self):
        if self.refreshed.collection != self.fresh.collection:
            self.complain(f"data collection: {self.refreshed.collection}, not "
                          f"{self.fresh.collection}")
        offsets = [int(dump.asked.get("offset", 10**15)) for dump in (self.refreshed, self.fresh)]
        if abs(offsets[0] - offsets[1]) > 2 * SECOND:
            self.complain(f"EM's clock is ahead by {offsets[0]}, not {offsets[1]}")
        for topic, row in self.fresh.answers.items():
            self.compare_answer(topic, self.refreshed.answers[topic], row)
        for name in sorted({*self.refreshed.policies, *self.fresh.policies}):
            old, new = self.refreshed.policies.get(name), self.fresh.policies.get(name)
            if old != new:
                vms = {key_of(row) for dump in (self.refreshed, self.fresh)
                       for row in dump.sessions.values() if key_of(row)[1:] == name}
                self.compare_of_policy(f"policy {name}: {old}, not {new}",
                                       lambda dump, name=name, old=old:
                                       dump.policies.get(name) == old, *vms)
        for fact in sorted(self.refreshed.facts ^ self.fresh.facts, key=str):
            there = fact in self.refreshed.facts
            compare = self.compare_of_policy if fact[3] == "named" else self.compare_stale
            compare(f"{fact}: {there}", lambda dump, fact=fact, there=there:
                    (fact in dump.facts) == there, fact[:3])
        old, new = self.refreshed.rows["unjoined"], self.fresh.rows["unjoined"]
        if old != new:
            self.compare_stale(f"unjoined: {old}, not {new}",
                               lambda dump: dump.rows["unjoined"] == old)

    def compare_answer(self, topic, old, new):
        if topic == "older" and {old["knowledge"], new["knowledge"]} <= {NOT_ASKED, TOLD}:
            return  # there may have been no need of it
        if old == new:
            return
        if topic in ("policies", "replicas"):
            self.compare_stale(f"answer to {topic}: {old}, not {new}",
                               lambda dump: dump.answers[topic] == old)
        else:
            self.complain(f"answer to {topic}: {old}, not {new}")

    def compare_of_policy(self, what, was_so, *keys):
        """Policies are asked for each time; they stay as they were only if EM refuses them since,
        or until all is asked for if it did."""
        if all(dump.answers["policies"]["knowledge"] == TOLD for dump in
               (self.refreshed, self.fresh)):
            self.complain(what)
        else:
            self.compare_stale(what, was_so, *keys)

    def compare_stale(self, what, was_so, *keys):
        """A difference is allowed if the last snapshot had it so."""
        if self.before() is None or not was_so(self.before()):
            self.complain("not of now, nor of the last snapshot: " + what)
        else:
            self.name("protection", what, *keys)

    # ---- sessions ----

    def compare_sessions(self):
        old, new = self.refreshed.sessions, self.fresh.sessions
        for key in sorted(old.keys() & new.keys()):
            if members(old[key]) != members(new[key]):
                self.compare_stale_session(key, old[key])
        gone = [key for key in old if key not in new
                and (key not in self.shown or members(old[key]) != self.shown[key].members)]
        for key in gone:
            self.compare_stale_session(key, old[key])
        for key in sorted(new.keys() - old.keys()):
            self.explain_missing(key, new[key], [old[one] for one in gone])
        for key in sorted(old.keys() - new.keys() - set(gone)):
            self.explain_extra(key, old[key])
        for key in sorted(old.keys() & new.keys()):
            if members(old[key]) == members(new[key]):
                self.compare_members(old[key], new[key])

    def was_shown(self, key, row):
        """Whether EM showed that session so, since all was asked for."""
        return any(key in one.shown and one.shown[key].members == members(row)
                   for one in self.since_full)

    def was_renamed(self, row):
        """Whether EM showed a session of that VM with another name, since all was asked for."""
        keys = [key for key, shown in self.shown.items()
                if (shown.vm, shown.policy, shown.server) == key_of(row)]
        return any(key in one.shown and one.shown[key].vm != row.get("vm")
                   for one in self.since_full for key in keys)

    def is_remembered(self, row):
        """Whether EM tells nothing of that VM, nor of replicas."""
        untold = any(dump.answers["replicas"]["knowledge"] != TOLD or dump.rows["unjoined"]
                     for dump in (self.refreshed, self.fresh))
        newest = max(seconds(row, "ended") or seconds(row, "created")
                     for row in self.refreshed.sessions.values() if key_of(row) == key_of(row))
        known = any(key_of(other) == key_of(row) for other in self.fresh.sessions.values())
        had = self.reached or self.before() is not None and identity(row) in self.before().sessions
        return untold and not known and self.site.now - newest < REMEMBERED and had

    def compare_stale_session(self, key, row):
        """One that is not so, or not at all, in EM any more."""
        keys = [key_of(row)]
        if key in self.shown:
            shown = self.shown[key]
            keys.append((shown.vm, shown.policy, shown.server))
        if self.is_remembered(row):
            self.remembered.add(key)
            self.name("remembered", describe(row), *keys)
        elif key in self.remembered and not runs(row):  # and its VM is there again
            self.name("untold" if self.has_untold(row) else "deleted", describe(row), *keys)
        elif runs(row):
            self.complain(f"{describe(row)} does not run, or not so: {self.truth(key)}")
        elif not self.was_shown(key, row):
            self.complain(f"EM did not show {describe(row)}: {self.truth(key)}")
        else:
            self.name("deleted", describe(row), *keys)

    def explain_missing(self, key, row, gone):
        hidden = any(key_of(one) == key_of(row) and one["created"] > row["created"]
                     for one in gone)
        if runs(row):
            self.complain(f"{describe(row)} is missing")
        elif hidden or self.was_renamed(row):
            self.name("deleted", describe(row), key_of(row))
        elif self.is_untold(key):
            self.name("untold", describe(row), key_of(row))
        elif "protection" in self.touched_by_name(row):
            self.name("protection", describe(row), key_of(row))
        elif is_unplaced(row) or self.has_unplaced(row):
            self.name("unplaced", describe(row), key_of(row))
        else:
            bound = self.bounds.get(key)
            self.complain(f"{describe(row)} is missing; what changed is asked for from "
                          f"{bound and world.text_of(bound)} on")

    def has_unplaced(self, row):
        """Whether a newer session that lacks its policy stands for that VM."""
        return any(is_unplaced(one) and one["vm"] == row.get("vm")
                   and one["created"] > row["created"]
                   for one in self.refreshed.sessions.values())

    def explain_extra(self, key, row):
        """One that EM shows, and a full fetch has no need of, as a newer one is known to it."""
        late = {"untold", "deleted"} & self.touched[key_of(row)]
        if late and not runs(row):
            self.name(max(late), describe(row), key_of(row))
        elif self.is_remembered(row):
            self.name("remembered", describe(row), key_of(row))
        elif "protection" in self.touched_by_name(row):
            self.name("protection", describe(row), key_of(row))
        elif is_unplaced(row):
            self.name("unplaced", describe(row), key_of(row))
        else:
            self.complain(f"{describe(row)} is too much")

    def compare_members(self, old, new):
        """Of one session that both have. How old its VM is, and if the session may be of another
        VM, depends on what else was found by its VM's name."""
        differing = {name for name in {*old, *new} if old.get(name) != new.get(name)}
        touched = self.touched_by_name(new)
        older = "oldest" in old and ("oldest" not in new
                                     or int(old["oldest"]) < int(new["oldest"]))
        if differing == {"oldest"} and (older or self.was_looked_for(new)):
            self.named["oldest"] += 1
        elif differing and differing <= {"oldest", "odd"} and touched:
            self.name(min(touched), describe(new))
        elif differing == {"oldest"} and self.was_renamed(new):
            self.name("deleted", describe(new), key_of(new))
        elif differing == {"oldest"} and self.has_untold(new):
            self.name("untold", describe(new), key_of(new))
        elif differing and differing <= {"oldest", "odd"} and self.site.odd == "Links":
            self.name("unplaced", describe(new), key_of(new))
        elif differing:
            self.complain(f"{describe(new)}: " + ", ".join(
                f"{name} is {old.get(name)}, not {new.get(name)}" for name in sorted(differing)))

    def was_looked_for(self, row):
        """Whether a full fetch has looked for sessions by the VM's name, all of that name."""
        keys = {*(fact[:3] for fact in self.fresh.facts),
                *map(key_of, self.fresh.sessions.values())}
        completed = {key_of(one) for one in self.fresh.sessions.values() if not runs(one)}
        if self.fresh.rows["unjoined"] or any(key[0] == row.get("vm") for key in keys - completed):
            return True  # VMs that join nothing are looked for before they are left out
        earlier = min(self.site.em_ahead, self.site.host_ahead)
        reach = int(self.site.since[:-1]) * world.DAY
        return any(not runs(one) and key_of(one) == key_of(row)
                   and (seconds(one, "ended") or 0) < self.site.now + earlier - reach
                   for one in self.fresh.sessions.values())

    def truth(self, key):
        shown = self.shown.get(key)
        return f"EM shows {shown.members}" if shown is not None else "EM has no such session"


def describe(row):
    created, ended = (seconds(row, name) for name in ("created", "ended"))
    return (f"{identity(row)} of {row.get('vm')} ({row.get('policy')}), "
            f"{created and world.text_of(created)}–{ended and world.text_of(ended)}")


# ---- one history ----

class History:
    """A site, its two snapshots, and what comes of them."""

    def __init__(self, em, clocks, root, seed, verbose):
        self.em, self.clocks, self.seed, self.verbose = em, clocks, seed, verbose
        self.site = world.World(seed)
        self.dice = random.Random(f"runs {seed}")
        self.folder = os.path.join(root, "history")
        self.refreshed = os.path.join(self.folder, "refreshed")
        self.comparison = Comparison(self.site)
        self.counts = collections.Counter()
        self.log = []
        self.steps = 0
        self.options = ["--all", *(["--sessions-only"] if self.site.sessions_only else [])]

    def play(self):
        os.mkdir(self.folder)
        dumper = Dumper(self.em, self.clocks.environment(),
                        [*self.options, "--since=" + self.site.since])
        try:
            for number in range(self.dice.randint(6, 12)):
                if number > 0:
                    self.site.step(self.length())
                self.play_step(dumper)
                if self.comparison.complaints:
                    break
            dumper.stop()
        except RuntimeError as error:
            self.comparison.complain(str(error))
        finally:
            dumper.process.kill()
            shutil.rmtree(self.folder)
        return self.comparison

    def length(self):
        """Of a step."""
        shortest, longest = self.dice.choices(
            [(1, 10), (10, 40), (40, 90), (120, 480)], [50, 40, 6, 4])[0]
        return self.dice.randrange(shortest * world.MINUTE, longest * world.MINUTE) // 10 * 10

    def host_now(self):
        return self.site.now + self.site.host_ahead

    def play_step(self, dumper):
        self.steps += 1
        self.note(f"{world.text_of(self.site.now)}: {'; '.join(self.site.happened)}")
        self.clocks.set(self.site.now + self.site.em_ahead,
                        self.site.host_ahead - self.site.em_ahead)
        self.em.control("scenario", self.site.scenario())
        if self.steps > 1:
            self.disturb(dumper)
            self.em.control("scenario", self.site.scenario())
        output = self.run(self.refreshed)
        full = self.was_full(output)
        fresh = os.path.join(self.folder, f"fresh-{self.steps}")
        self.run(fresh)
        dumps = [dumper.dump(folder) for folder in (self.refreshed, fresh)]
        shutil.rmtree(fresh)
        for dump in dumps:
            if dump.fault or abs(seconds(dump.asked, "at") - self.host_now()) > SLACK:
                raise RuntimeError(f"no snapshot: {dump.fault}, {dump.asked}: {output}")
        self.comparison.compare(*dumps, full)
        self.counts["full" if full else "changes"] += 1
        self.note(f"  {'full' if full else 'changes'}, {len(dumps[1].sessions)} sessions")

    def note(self, what):
        self.log.append(what)
        if self.verbose:
            print("    " + what, flush=True)

    def run(self, folder, since=None):
        """What a run says that renews the snapshot."""
        told = self.start(folder, since or self.site.since)
        out, err = told.communicate(timeout=harness.LIMIT)
        if err:
            raise RuntimeError(f"standard error: {err[:500]}")
        return out

    def start(self, folder, since):
        return subprocess.Popen(
            self.em.check(*self.options, "-v", "--format=json", "--since=" + since,
                          "--snapshot=" + folder, "--snapshot-age=0"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            encoding="utf-8", env=self.clocks.environment())

    def was_full(self, output):
        """Whether a run says that it asked for everything, or for what changed."""
        words = RENEWED.findall(output)
        if len(words) != 1:
            raise RuntimeError(f"what was read is not said once: {output}")
        return words[0] == FULL

    # ---- what may come between ----

    def disturb(self, dumper):
        """Now and then a run that is killed or fails, or a snapshot that is of no use."""
        dice = self.dice
        ways = {self.kill: 6, self.fault: 8, self.damage: 4, self.reach: 3, None: 79}
        if self.site.odd == "Links":  # whose VM such a session is of depends on what else was read
            del ways[self.reach]
        way = dice.choices(list(ways), list(ways.values()))[0]
        if way is None:
            return
        asked = dumper.dump(self.refreshed).asked
        what, output = way()
        self.note("  " + what)
        renewed = dumper.dump(self.refreshed).asked not in (None, asked)
        if renewed and (output is None or FULL in RENEWED.findall(output) or TRIED in output):
            self.comparison.full_at = self.comparison.em_now()
            self.comparison.tried = output is None or TRIED in output

    def reach(self):
        """Another check needs more than the others."""
        self.comparison.reached = True
        return "a run looks back for 5 days", self.run(self.refreshed, "5d")

    def kill(self):
        pause = self.dice.uniform(0.002, 0.06)
        self.em.control("scenario", self.site.scenario(
            [{"path": "/api/", "nth": self.dice.randint(1, 8), "delay": 20}]
            if self.dice.random() < 0.5 else []))
        told = self.start(self.refreshed, self.site.since)
        try:
            told.communicate(timeout=pause)
        except subprocess.TimeoutExpired:
            told.kill()
            told.communicate()
        return "a run is killed", None

    def fault(self):
        reply = self.dice.choice([{"drop": True}, {"status": 500}, {"status": 200, "body": "{"},
                                  {"status": 200, "body": "{}"},
                                  {"status": 200, "body": "{\"Entities\":", "truncate": 100}])
        path = self.dice.choice(["/api/", "/api/query", "/api/query?type=Cdp"])
        reply = {**reply, "path": path, "nth": self.dice.randint(1, 8)}
        self.em.control("scenario", self.site.scenario([reply]))
        return f"a run gets {reply}", self.run(self.refreshed)

    def damage(self):
        """Of another version, cut, or with another byte in it."""
        paths = [entry.path for entry in os.scandir(self.refreshed)
                 if entry.name.endswith(".snapshot")]
        for path in paths:
            with open(path, "r+b") as file:
                content = bytearray(file.read())
                way = self.dice.choice(["version", "cut", "byte", "gone"])
                if way == "version":
                    content[8] -= 1
                elif way == "cut":
                    del content[self.dice.randrange(len(content)):]
                elif way == "byte":
                    content[self.dice.randrange(len(content))] ^= 1 << self.dice.randrange(8)
                file.seek(0)
                file.truncate()
                file.write(content)
            if way == "gone":
                os.unlink(path)
        return "the snapshot is damaged", ""


# ---- all histories ----

def seeds_of(chosen):
    if chosen.only is not None:
        return [chosen.only]
    return ([f"steady-{number}" for number in range(1, chosen.steady + 1)]
            + (FOUND if chosen.steady else [])
            + [f"{chosen.seed}-{number}" for number in range(1, chosen.histories + 1)])


def play_all(chosen, em, root):
    """Prints the summary; returns what is wrong."""
    clocks = Clocks(em, root)
    named, counts = collections.Counter(), collections.Counter()
    complaints = []
    for seed in seeds_of(chosen):
        history = History(em, clocks, root, seed, chosen.verbose)
        comparison = history.play()
        named += comparison.named
        counts += history.counts
        if comparison.complaints:
            shown = comparison.complaints[:3]
            complaints.append("\n  ".join([f"--only={seed}, step {history.steps}:", *shown,
                                           *history.log[-6:]]))
    print(f"  {counts['full']} refreshes in full, {counts['changes']} of what changed")
    print("  allowed: " + ", ".join(f"{named[name]} {name}" for name in NAMES))
    if len(seeds_of(chosen)) >= MEANT and counts["changes"] < counts["full"]:
        complaints.append("most refreshes were full: they say nothing")
    return complaints


def read_arguments():
    parser = argparse.ArgumentParser(description="Snapshots that are refreshed, and full ones.")
    parser.add_argument("--histories", type=int, default=300, help="how many (300)")
    parser.add_argument("--steady", type=int, default=0, metavar="N",
                        help="and so many that are always the same (0)")
    parser.add_argument("--seed", default=str(random.SystemRandom().randrange(10**9)),
                        help="the same histories again")
    parser.add_argument("--only", metavar="SEED", help="the one history of this seed")
    parser.add_argument("-v", "--verbose", action="store_true", help="show what happens")
    return parser.parse_args()


def main():
    chosen = read_arguments()
    start = time.monotonic()
    print(f"seed {chosen.seed}: {len(seeds_of(chosen))} histories", flush=True)
    lifetime = 600 + 10 * len(seeds_of(chosen))
    with harness.folder() as root, harness.Em(os.path.join(root, "em"), None, "--no-tls",
                                              lifetime=lifetime) as em:
        complaints = play_all(chosen, em, root)
    print(f"  {time.monotonic() - start:.0f} s, {len(complaints)} things wrong")
    for complaint in complaints[:SHOWN_COMPLAINTS]:
        print("NOT: " + complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
