#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two weeks of a site of 500 VMs, by the emulator's clock, in some minutes.

weeks_world.py makes the site's story of a seed: sessions that end and begin, policies of several
kinds, servers away for patching, VMs that come, go and move, and standstills of each kind. Once a
collection the program is run with --all, and the services of all VMs are judged every five minutes,
by weeks_services, from the snapshot that it leaves; of every other run, one VM's asks EM by itself.
Each verdict is compared with the story:

- a VM for which all is well, and a run without such a VM, are OK: not one false alarm;
- each standstill is found within the limit of its kind, one collection and one check; it stays an
  alarm until it is over, and then it is gone;
- EM's data has the age that it has, and no VM is left out or invented.

--help has the options. The seed that is printed repeats a story.
"""

import argparse
import bisect
import collections
import datetime
import json
import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import harness  # pylint: disable=wrong-import-position
import weeks_world as world  # pylint: disable=wrong-import-position

SERVICES = os.path.abspath(os.environ.get("WEEKS_SERVICES", "tests/stress/weeks_services"))
SHOWN_COMPLAINTS = 20
USUAL = 2 * world.EVERY + 14 * world.MINUTE  # a collection, at most so late, and a check
SLOW = 100      # seconds that a run may take; meanwhile EM's clock goes on
TOLERANCE = 3   # seconds, of moments that EM says in whole ones

# A snapshot has replicas that EM was asked for within the hour; what is known by them alone shows at
# the first run after it. Policies are asked for each time.
EVERYTHING = world.HOUR + world.EVERY

LIMITS_WITHOUT_POLICY = {"hangs": world.FIRST_POINT, "policy disabled": world.IDLE}

Known = collections.namedtuple("Known", "read ended ended_read")


def span(seconds):
    seconds = int(seconds)
    return f"{seconds // 3600}h {seconds % 3600 // 60:02d}m"


def by_ems_clock(document, moment):
    """A moment of this host that the document tells, as EM's clock had it."""
    here = datetime.datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()
    return here + document["em"]["clock_offset_seconds"]


class Clock:
    """EM's: it is set forward before each run, and goes on with this host's."""

    def __init__(self, em, offset):
        self.em, self.offset = em, offset

    def set(self, moment):
        ahead = round(moment - time.time() - self.offset)
        self.offset += ahead
        self.em.control("advance", str(ahead))


class Services:
    """weeks_services, which judges whatever VMs it is told to."""

    def __init__(self, em, snapshot):
        self.process = subprocess.Popen(
            [SERVICES, *em.options, "--vm=any", "--snapshot=" + snapshot, "--snapshot-age=52w"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
            env=harness.own_environment())

    def judge(self, moments, names):
        """What is not OK: moment, name, states of run and data, policy, server, state, sign."""
        self.process.stdin.write("\n".join([" ".join(map(str, moments)), *names, "", ""]))
        self.process.stdin.flush()
        rows = []
        for line in self.process.stdout:
            if line.startswith("end "):
                if int(line.split()[1]) != len(names):
                    raise RuntimeError(f"services: {line}, not {len(names)}")
                return rows
            moment, name, run, stale, policy, server, state, sign = line.rstrip("\n").split("\t")
            rows.append((int(moment), name, int(run), int(stale), policy, server, int(state), sign))
        raise RuntimeError("weeks_services has ended")

    def stop(self):
        """It may have found a leak by then."""
        self.process.stdin.close()
        if self.process.wait(harness.LIMIT) != 0:
            raise RuntimeError("weeks_services has failed")


class Comparison:
    """What is said, beside what the world expects."""

    def __init__(self, story):
        self.story = story
        self.complaints = []
        self.counts = collections.Counter()
        self.vms = {vm.key: vm for vm in story.vms}
        self.stale = []  # when --all was run, and whether it said that EM's data is too old
        self.by_name = collections.defaultdict(list)
        for vm in story.vms:
            self.by_name[vm.name].append(vm)

    def complain(self, now, what):
        self.complaints.append(f"{world.text_of(now)}: {what}")

    # ---- what is expected ----

    @staticmethod
    def is_due(one, known, live=False):
        """True: the sign must show; False: it must not; None: either."""
        if known.read < one.begin or known.read >= one.cleared:
            return False
        # A collection that still runs shows by a session's times that EM has heard from the server.
        if one.limit and max(known.ended, known.read) <= one.begin + one.limit - TOLERANCE:
            return False
        sure = known.read < one.end and (
            known.ended_read > one.begin + one.limit + TOLERANCE if one.limit else True)
        late = not live and known.read < one.begin + Comparison.delay(one)
        return True if sure and not late else None

    @staticmethod
    def delay(one):
        """How much later a snapshot may know the reason than its policies and sessions."""
        return EVERYTHING if one.standstill.kind == "never began" and one.vm.policy.folder else 0

    def expected(self, vm, known, live=False):
        """The expectation that holds, and if it is due."""
        for one in vm.expectations:
            due = self.is_due(one, known, live)
            if due is not False:
                return one, due
        return None, False

    @staticmethod
    def must_be_there(vm, read, live=False):
        """It is known by its sessions or its policy, or as soon as it is known to replicas."""
        at_once = live or not vm.policy.folder or any(one.created <= read for one in vm.sessions)
        return vm.since + (0 if at_once else EVERYTHING) <= read < vm.until

    @staticmethod
    def may_be_there(vm, read):
        return vm.since <= read

    def data_due(self, server, now):
        """Whether that server's data is too old; None: it may be said or not."""
        age = now - self.known[server].ended
        return False if age <= world.DATA_AGE - TOLERANCE else True if age > world.SURE_DATA_AGE \
            else None

    def look(self, now):
        """What EM has at that moment."""
        self.known = {server: Known(*self.story.known(server, now)) for server in world.SERVERS}

    # ---- one VM's verdict ----

    def compare_vm(self, now, key, state, signs, where):
        """Counts it; complains if it is not as it should be."""
        vm = self.vms.get(key)
        known = self.known.get(key[2])
        if vm is None or known is None or not self.may_be_there(vm, known.read):
            self.complain(now, f"{where}: there is no such VM: {key}, {state} {signs}")
            return
        one, due = self.expected(vm, known)
        self.counts["verdicts"] += 1
        if state == harness.OK and not signs:
            if due and self.must_be_there(vm, known.read):
                self.counts["missed"] += 1
                self.complain(now, f"{where}: {key} is OK, but {self.reason(one, known)}")
            elif one is None or due is None:
                self.settle(vm, now)
            return
        if one is None:
            self.counts["false alarms"] += 1
            self.complain(now, f"{where}: {key} is {state} {sorted(signs)}; "
                          + self.history(vm, known))
            return
        kind = one.standstill.kind
        fits = (state == harness.CRITICAL and not signs if kind == "fails" else
                state == harness.WARNING and len(signs) == 1
                and signs <= self.signs_of(one, known))
        if not fits:
            self.counts["wrong signs"] += 1
            self.complain(now, f"{where}: {key} is {state} {sorted(signs)}; "
                          f"{self.reason(one, known)}; {self.history(vm, known)}")
        if one.found is None:
            one.found = now

    @staticmethod
    def signs_of(one, known):
        """Once its policy is enabled again, a VM is idle until its first session has begun."""
        kind = one.standstill.kind
        if kind != "policy disabled" or known.read < one.end:
            return world.SIGNS[kind]
        return world.SIGNS["stops"]

    def settle(self, vm, now):
        for one in vm.expectations:
            if one.found and one.gone is None and self.known[vm.policy.server].read >= one.cleared:
                one.gone = now

    def reason(self, one, known):
        return (f"{one.standstill.kind} since {world.text_of(one.begin)}, limit {span(one.limit)}, "
                f"until {world.text_of(one.end)}; EM read it {world.text_of(known.read)}, "
                f"collected {world.text_of(known.ended)}")

    @staticmethod
    def history(vm, known):
        seen = [one for one in vm.sessions if one.created <= known.read][-3:]
        shown = [f"{world.text_of(one.created)}–"
                 f"{world.text_of(one.ended) if one.ended <= known.read else ''} {one.result}"
                 for one in seen]
        return (f"its sessions: {', '.join(shown)}; in its policy from {world.text_of(vm.since)} "
                f"until {world.text_of(vm.until)}; read {world.text_of(known.read)}, collected "
                f"{world.text_of(known.ended)}")

    def compare_metrics(self, now, vm, metrics):
        """Age and duration: of the last session that left a restore point, and of the newest."""
        read = self.known[vm.policy.server].read
        shown = [one for one in vm.sessions if one.created <= read
                 and (one.ended > read or one.ended >= read - world.BEFORE)]
        points = [one.ended for one in shown if one.ended <= read and one.result == "Success"]
        if not shown:
            return
        newest = shown[-1]
        end = newest.ended if newest.ended <= read else now
        right = {"age_seconds": now - (points[-1] if points else shown[0].created),
                 "duration_seconds": end - newest.created}
        for key, value in right.items():
            if metrics[key] is None or abs(metrics[key] - value) > TOLERANCE:
                self.counts["wrong ages"] += 1
                self.complain(now, f"--all: {vm.key} has {key} {metrics[key]}, not {value}; "
                              + self.history(vm, self.known[vm.policy.server]))

    # ---- a run of --all ----

    def compare_run(self, now, code, document):
        """All its VMs, the age of EM's data, and the run's own state."""
        if document["error"] is not None:
            self.complain(now, f"--all: {document['error']}")
            return
        judged = by_ems_clock(document, document["checked_at"])
        if not -TOLERANCE < judged - now < SLOW:
            self.complain(now, f"--all: EM's clock is at {world.text_of(judged)}")
        seen = set()
        for vm in document["vms"]:
            key = (vm["vm"], vm["policy"], vm["backup_server"])
            if key in seen:
                self.complain(now, f"--all: {key} is there twice")
            seen.add(key)
            self.compare_vm(now, key, harness.STATE_NAMES.index(vm["state"]),
                            set(vm["signs"]), "--all")
            if key in self.vms:
                self.compare_metrics(judged, self.vms[key], vm["metrics"])
        for vm in self.story.vms:
            if vm.key not in seen and self.must_be_there(vm, self.known[vm.policy.server].read):
                self.counts["left out"] += 1
                self.complain(now, f"--all: {vm.key} is left out")
        self.compare_em(now, judged, document["em"])
        worst = max([harness.STATE_NAMES.index(one["state"])
                     for one in [document["em"], *document["vms"]]], key=[0, 2, 3, 1].__getitem__)
        if not code == document["exit_code"] == worst:
            self.complain(now, f"--all: exit code {code}, not {worst}: {document['summary']}")
        self.compare_standing(now, document)

    def compare_em(self, now, judged, em):
        """Its data's age, the state that comes of it, and the servers that it has missed."""
        age = judged - min(one.ended for one in self.known.values())
        told = em["data_age_seconds"]
        if told is None or abs(told - age) > TOLERANCE:
            self.complain(now, f"--all: EM's data is {told} s old, not {age}")
        newest = [one for one in self.story.collections if one.end <= now][-1]
        missed = sorted(set(world.SERVERS) - set(newest.reads))
        if sorted(em["not_collected"] or []) != missed:
            self.complain(now, f"--all: not collected: {em['not_collected']}, not {missed}")
        dues = [self.data_due(server, judged) for server in world.SERVERS]
        stale = em["state"] != "OK"
        self.stale.append((now, stale))
        if em["state"] not in ("OK", "WARNING") or (stale and not any(due is not False
                                                                      for due in dues)):
            self.counts["false alarms"] += 1
            self.complain(now, f"--all: EM is {em['state']}: {em['why']}, its data {age} s old")
        elif any(dues) and not stale:
            self.counts["missed"] += 1
            self.complain(now, f"--all: EM's data is {age} s old, and that is {em['state']}")

    def compare_standing(self, now, document):
        """The line that a whole server stands."""
        for server in world.SERVERS:
            read = self.known[server].read
            said = any(notice.startswith("no task session runs on ") and server in notice
                       for notice in document["notices"])
            stands = [one for one in self.story.standstills
                      if one.kind == "server stands" and one.server == server]
            if said and not any(one.begin <= read < one.end + 2 * world.MINUTE for one in stands):
                self.counts["false alarms"] += 1
                self.complain(now, f"--all: says that nothing runs on {server}")
            for one in stands:
                if one.begin + world.MINUTE <= read < one.end and not said:
                    self.complain(now, f"--all: does not say that nothing runs on {server}: "
                                  f"{document['notices']}")
                elif said and one.begin <= read < one.end:
                    one.line = True

    # ---- a run of --vm that asks EM ----

    def compare_live(self, now, name, code, document):
        """It asks for the policy only if it would report a sign without: some are found later."""
        if document["error"]:
            self.complain(now, f"live --vm={name}: {document['error']}")
            return
        seen = set()
        for vm in document["vms"]:
            key = (vm["vm"], vm["policy"], vm["backup_server"])
            seen.add(key)
            signs = set(vm["signs"])
            one, due = self.expected(self.vms[key], self.known[key[2]], True) \
                if key in self.vms else (None, False)
            limit = one and LIMITS_WITHOUT_POLICY.get(one.standstill.kind)
            if due and limit and not signs and vm["state"] == "OK" \
                    and self.known[key[2]].ended <= one.begin + limit + TOLERANCE:
                continue
            self.compare_vm(now, key, harness.STATE_NAMES.index(vm["state"]), signs, "live --vm")
        for vm in self.by_name[name]:
            if vm.key not in seen and self.must_be_there(vm, self.known[vm.policy.server].read, True):
                self.counts["left out"] += 1
                self.complain(now, f"live --vm: {vm.key} is left out")
        due = self.data_due(self.by_name[name][-1].policy.server,
                            by_ems_clock(document, document["checked_at"]))
        if due is not None and due != (document["em"]["state"] == "WARNING"):
            self.complain(now, f"live --vm={name}: EM is {document['em']['state']}: "
                          f"{document['em']['why']}, {due}; {code}")

    def some_name(self, dice):
        """Of any VM, as often as not of one for which a sign is due."""
        vms = [vm for vm in self.story.vms
               if self.must_be_there(vm, self.known[vm.policy.server].read)]
        due = [vm for vm in vms if self.expected(vm, self.known[vm.policy.server])[1]]
        return dice.choice(due if due and dice.random() < 0.5 else vms).name

    # ---- the services ----

    def compare_services(self, now, later, moments, rows):
        """Those that are not OK, beside those that should not be; `later` than the data."""
        due = collections.defaultdict(set)
        names = self.names()
        for name in names:
            for vm in self.by_name[name]:
                known = self.known[vm.policy.server]
                if self.must_be_there(vm, known.read) and self.expected(vm, known)[1]:
                    due[name].add(vm.key)
        said = collections.defaultdict(set)
        stale = collections.defaultdict(lambda: harness.OK)
        for moment, name, run, data, policy, server, state, sign in rows:
            stale[moment, name] = data
            if server == "-":
                if state != harness.OK or data == harness.OK or run != data:
                    self.complain(now + moment, f"--vm={name}: {run} {policy}")
                continue
            key = (name, policy, server)
            said[moment, name].add(key)
            self.compare_vm(now + moment, key, state, {sign} - {"-"}, "--vm")
        for moment in moments:
            self.counts["verdicts"] += len(names)
            dues = {server: self.data_due(server, now + later + moment) for server in world.SERVERS}
            for name, keys in due.items():
                for key in keys - said[moment, name]:
                    self.counts["missed"] += 1
                    self.complain(now + moment, f"--vm: {key} is OK, but " + self.reason(
                        self.expected(self.vms[key], self.known[key[2]])[0], self.known[key[2]]))
            self.compare_stale(now, moment, names, dues, stale)

    def compare_stale(self, now, moment, names, dues, stale):
        """Each VM's service says that its own backup server's data is old, and no other's."""
        wrong = []
        for name in names:
            due = dues[self.by_name[name][-1].policy.server]
            if due is not None and due != (stale[moment, name] == harness.WARNING):
                wrong.append(name)
        if wrong:
            self.counts["false alarms" if not any(dues.values()) else "missed"] += len(wrong)
            self.complain(now + moment, f"--vm: of {len(wrong)} VMs, as of {wrong[0]}, the "
                          f"state of EM's data is wrong; {dues}")

    def names(self):
        return sorted({vm.name for vm in self.story.vms
                       if self.must_be_there(vm, self.known[vm.policy.server].read)})


# ---- all runs ----

def run_plugin(em, *options):
    """The exit code and the document of a run."""
    told = subprocess.run(em.check("--format=json", *options), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=harness.own_environment(), timeout=harness.LIMIT, check=False)
    if told.stderr:
        raise RuntimeError(f"standard error: {told.stderr[:500]!r}")
    return told.returncode, json.loads(told.stdout)


def choose_wording(dice):
    """How this EM writes its JSON."""
    return {"casing": dice.choice(["pascal", "camel"]), "lists": dice.choice(["wrapped", "bare"]),
            "list_items": dice.choice(["plural", "singular"]),
            "running_end": dice.choice(["null", "absent"]),
            "empty_reason": dice.choice(["empty", "null", "absent"]),
            "empty_lists": dice.choice(["empty", "null", "absent"]),
            "scalars": dice.choice(["typed", "text"]),
            "long_term_days": dice.choice(["TimePeriods", "Schedule"])}


def play(chosen, em, story, comparison, snapshot):
    """All runs, one after the other. Returns their moments, without those for which EM was away."""
    clock = Clock(em, 0)
    services = Services(em, snapshot)
    dice = random.Random(f"runs {chosen.seed}")
    wording = json.dumps(choose_wording(dice))
    answered = []
    try:
        for number, now in enumerate(story.runs):
            clock.set(now)
            em.control("scenario", '{"wording":' + wording + "," + story.scenario(now)[1:])
            code, document = run_plugin(em, "--all", "--snapshot=" + snapshot, "--snapshot-age=0")
            comparison.counts["runs"] += 1
            if story.is_away(now):
                comparison.counts["runs while EM was away"] += 1
                if code != 3 or not document["error"] or document["error"]["kind"] not in (
                        "unreachable", "server"):
                    comparison.complain(now, f"EM is away: {code} {document['error']}")
                continue
            answered.append(now)
            comparison.look(now)
            comparison.compare_run(now, code, document)
            if chosen.services and not document["error"]:
                play_services(em, comparison, services, now, document, dice)
            if len(comparison.complaints) > chosen.most:
                print(f"  stopped after {number + 1} of {len(story.runs)} runs")
                break
    finally:
        services.stop()
    return answered


def play_services(em, comparison, services, now, document, dice):
    """Those of all VMs until the next run, from the snapshot, and one that asks EM."""
    pauses = range(0, world.EVERY, world.SERVICES_EVERY)
    names = comparison.names()
    asked = by_ems_clock(document, document["snapshot"]["fetched_at"])
    comparison.compare_services(now, asked - now, pauses, services.judge(pauses, names))
    comparison.counts["services"] += len(names) * len(pauses)
    if dice.random() < 0.5:
        name = comparison.some_name(dice)
        comparison.compare_live(now, name, *run_plugin(em, "--vm=" + name))
        comparison.counts["live services"] += 1


def first_check(story, answered, server, moment):
    """The check by which a reason of that moment has to be found: the next one after the end of
    the first collection that reads the server after it."""
    for one in story.collections:
        if one.reads.get(server, 0) > moment + TOLERANCE:
            place = bisect.bisect_left(answered, one.end)
            return answered[place] if place < len(answered) else None
    return None


def summarize(story, comparison, answered):
    """Prints a table, a row a kind; complains of standstills that were not found in time."""
    print(f"  {'injected':22}{'count':>5}{'found':>6}{'over':>6}  found after the limit     "
          f"over after  while EM's data\n"
          f"{'':41}usual    latest       latest  stood as well: latest")
    for kind in ["stops", "hangs", "never began", "fails", "policy disabled", "server stands",
                 "collection stops", "server not collected"]:
        all_of_kind = [one for one in story.standstills if one.kind == kind]
        found, over, waits, ends = 0, 0, [], []
        for one in all_of_kind:
            judged = outage_found if one in story.outages else standstill_found
            fine, gone = judged(story, comparison, answered, one, waits, ends)
            found, over = found + fine, over + gone
        usual = sorted(wait for wait in waits if wait <= USUAL)
        late = [wait for wait in waits + ends if wait > USUAL]
        ends = [end for end in ends if end <= USUAL]
        print(f"  {kind:22}{len(all_of_kind):>5}{found:>6}{over:>6}"
              f"{span(usual[len(usual) // 2]) if usual else '-':>13}"
              f"{span(usual[-1]) if usual else '-':>10}{span(max(ends)) if ends else '-':>13}"
              f"{span(max(late)) if late else '-':>17}")


def standstill_found(story, comparison, answered, standstill, waits, ends):
    """Whether each VM that it concerns was found in time, and was well again in time."""
    fine = gone = True
    seen = 0
    for one in standstill.expectations:
        server = one.vm.policy.server
        limit = one.limit + Comparison.delay(one)
        latest = first_check(story, answered, server, one.begin + limit)
        if latest is None or one.begin + limit >= one.end:
            continue
        known = Known(*story.known(server, latest))
        if Comparison.is_due(one, known) is not True and one.found is None:
            continue  # over, before EM could know
        seen += 1
        if one.found is None or one.found > latest:
            fine = False
            comparison.complain(one.begin, f"{standstill.kind}, {one.vm.key}: found "
                                f"{one.found and world.text_of(one.found)}, not by "
                                f"{world.text_of(latest)}")
            continue
        waits.append(one.found - one.begin - one.limit)
        again = first_check(story, answered, server, one.cleared)
        if again is not None and one.vm.until > one.cleared and not is_followed(story, one, again):
            if one.gone is None or one.gone > again:
                gone = False
                comparison.complain(one.begin, f"{standstill.kind}, {one.vm.key}: gone "
                                    f"{one.gone and world.text_of(one.gone)}, not by "
                                    f"{world.text_of(again)}")
            else:
                ends.append(one.gone - one.cleared)
    # What replicas alone tell may be over, or EM not collect, before a snapshot has them.
    is_late = all(Comparison.delay(one) > 0 for one in standstill.expectations)
    if not seen and not (standstill.expectations and is_late):
        comparison.complain(standstill.begin, f"{standstill.kind}: EM could not know of it, until "
                            f"{world.text_of(standstill.end)}: {len(standstill.expectations)}")
        fine = False
    return fine, gone


def is_followed(story, one, moment):
    """Whether EM may know the VM's next standstill by then: it need not have shown it well between."""
    known = Known(*story.known(one.vm.policy.server, moment))
    return any(other is not one and Comparison.is_due(other, known) is not False
               for other in one.vm.expectations)


def outage_found(story, comparison, answered, outage, waits, ends):
    """The same of EM's data: whether it was found to be too old, and then was not."""
    server = outage.server or world.SERVERS[0]
    ends_of_data = [(one.start, one.end) for one in story.collections if server in one.reads]
    last = max(end for start, end in ends_of_data if start < outage.begin)
    again = min((end for start, end in ends_of_data if start >= outage.begin),
                default=story.horizon)
    said = [moment for moment, stale in comparison.stale
            if stale and last + world.DATA_AGE - TOLERANCE <= moment < again]
    late = bisect.bisect_left(answered, last + world.SURE_DATA_AGE)
    if not said or late < len(answered) and said[0] > answered[late]:
        comparison.complain(outage.begin, f"{outage.kind} {outage.server}: found "
                            f"{said and world.text_of(said[0])}; the data is of "
                            f"{world.text_of(last)}, then of {world.text_of(again)}")
        return False, False
    waits.append(said[0] - last - world.DATA_AGE)
    well = next((moment for moment, stale in comparison.stale
                 if not stale and moment >= again), None)
    if well is not None:
        ends.append(well - again)
    return True, well is not None or not answered or answered[-1] < again


def read_arguments():
    parser = argparse.ArgumentParser(description="Two weeks of a site, in some minutes.")
    parser.add_argument("--days", type=float, default=14, help="how long (14)")
    parser.add_argument("--vms", type=int, default=500, help="how many there are at first (500)")
    parser.add_argument("--standstills", type=int, default=200, help="how many are injected (200)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9),
                        help="the same story again")
    parser.add_argument("--no-services", dest="services", action="store_false",
                        help="without the services of single VMs")
    parser.add_argument("--most", type=int, default=200, help="stop after so many complaints (200)")
    return parser.parse_args()


def main():
    chosen = read_arguments()
    start = time.monotonic()
    print(f"seed {chosen.seed}: {chosen.days:g} days, {chosen.vms} VMs, "
          f"{chosen.standstills} standstills", flush=True)
    story = world.World(chosen.seed, chosen.days, chosen.vms, chosen.standstills)
    comparison = Comparison(story)
    with harness.folder() as folder, harness.Em(folder, None, "--no-tls", lifetime=6 * 3600) as em:
        snapshot = os.path.join(folder, "snapshot")
        answered = play(chosen, em, story, comparison, snapshot)
    summarize(story, comparison, answered)
    counts = comparison.counts
    counts["VMs uncovered before their first session"] = sum(
        one.found is not None for vm in story.vms for one in vm.expectations
        if one.standstill.kind == "added")
    print("  " + ", ".join(f"{counts[name]} {name}" for name in (
        "runs", "runs while EM was away", "services", "live services", "verdicts")))
    print("  " + ", ".join(f"{counts[name]} {name}" for name in (
        "false alarms", "missed", "wrong signs", "wrong ages", "left out",
        "VMs uncovered before their first session")))
    print(f"  {time.monotonic() - start:.0f} s, {len(comparison.complaints)} things wrong")
    for complaint in comparison.complaints[:SHOWN_COMPLAINTS]:
        print("NOT: " + complaint)
    return 1 if comparison.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
