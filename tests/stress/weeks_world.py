# SPDX-License-Identifier: GPL-3.0-or-later
"""A site over some weeks: what its VMs do, what Enterprise Manager knows of it, what is to be said.

All of it follows from a seed, before anything runs. Times are whole seconds since 1970, UTC. A VM
here is what the plugin tells apart: a name under a policy of a backup server. It has sessions, and
expectations: from when until when it has a sign. EM reads the backup servers every 15 minutes, more
or less; what it shows of a server is the truth of the moment when it read it last.

This shares no code with the plugin and takes nothing from its answers. The limits are those that
the manual promises.
"""

import bisect
import collections
import json
import random
import time
import uuid

MINUTE, HOUR, DAY = 60, 3600, 86400
START = 1772409600       # Monday 2026-03-02
BEFORE = 7 * DAY         # so long before, the site has been running; EM keeps sessions as long
EVERY = 15 * MINUTE      # data collections; and runs of --all
SERVICES_EVERY = 5 * MINUTE  # checks of one VM
IDLE = HOUR              # --idle-after
SLACK = HOUR             # beyond the interval between long-term points: --overdue-after
FIRST_POINT = 25 * HOUR  # that limit of a VM without a completed session
DATA_AGE = 45 * MINUTE   # --warning-data-age
SURE_DATA_AGE = 54 * MINUTE  # three times any median spacing of collections that comes about here
SERVERS = "vbr01.example.invalid", "vbr02.example.invalid"


def text_of(moment):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


class Policy:
    """`hours`: between long-term points. `night`: the hours without replication, `no_points`: those
    without long-term points; each begin and end. `folder`: it names no VM."""

    def __init__(self, server, name, share, hours, night=None, no_points=None, folder=None):
        self.server, self.name, self.share, self.hours = server, name, share, hours
        self.night, self.no_points, self.folder = night, no_points, folder
        self.pause = self.length(night)
        self.idle = IDLE + self.pause
        self.overdue = hours * HOUR + SLACK + max(self.pause, self.length(no_points))
        self.disabled = []  # from, until

    @staticmethod
    def length(hours):
        return 0 if hours is None else (hours[1] - hours[0]) % 24 * HOUR

    @staticmethod
    def inside(moment, hours):
        """When these hours end, if the moment is within them."""
        if hours is None:
            return None
        passed = (moment - hours[0] * HOUR) % DAY
        length = Policy.length(hours)
        return moment - passed + length if passed < length else None

    def row(self, hours, digit):
        return "".join("0" if self.inside(hour * HOUR, hours) else digit for hour in range(24))

    def played(self, read):
        keys = {"name": self.name, "backup_server": self.server, "long_term_hours": self.hours,
                "enabled": not any(begin <= read < end for begin, end in self.disabled),
                "rpo_schedule": {"every_day": self.row(self.night, "1")},
                "long_term_schedule": {"every_day": self.row(self.no_points, "2")}}
        if self.folder:
            keys["includes"] = [{"type": "Folder", "name": self.folder}]
        return keys


def make_policies():
    one, two = SERVERS
    return [Policy(one, "CDP Gold", 90, 8), Policy(one, "CDP Silver", 60, 4),
            Policy(one, "Office hours", 50, 8, night=(22, 6)),
            Policy(one, "Folder Prod", 60, 8, folder="Prod"),
            Policy(two, "CDP Gold", 60, 8), Policy(two, "Daily", 80, 24),
            Policy(two, "Points by day", 40, 6, no_points=(20, 8)),
            Policy(two, "Folder Test", 60, 12, folder="Test")]


class Session:
    """One that is not `ended` within the weeks ends after them."""

    def __init__(self, uid, created, ended, result):
        self.uid, self.created, self.ended, self.result = uid, created, ended, result
        self.running = (f'{{"uid":"{uid}","created":"{text_of(created)}"}}')
        self.completed = (f'{{"uid":"{uid}","created":"{text_of(created)}",'
                          f'"ended":"{text_of(ended)}","result":"{result}"'
                          + (',"reason":"Failed to write to the target disk"'
                             if result == "Failed" else "") + "}")

    def played(self, read):
        return self.completed if self.ended <= read else self.running


class Expectation:
    """From `begin` on there is a reason for a sign, which shows once EM's data is `limit` younger
    than that; from `end` on the sign is no longer certain, from `cleared` on it must be gone."""

    def __init__(self, standstill, vm, begin, limit, end, cleared):
        self.standstill, self.vm = standstill, vm
        self.begin, self.limit, self.end, self.cleared = begin, limit, end, cleared
        self.first_due = None   # the check that has to find it
        self.found = None       # the check that did
        self.gone = None        # the first check after it that found none


class Standstill:
    """One that is injected: of a VM, of a policy, of a server, or of EM's data."""

    def __init__(self, kind, begin, end, server=None, policy=None):
        self.kind, self.begin, self.end = kind, begin, end
        self.server, self.policy = server, policy
        self.expectations = []
        self.retries = False  # what fails begins anew after an hour


# What each kind is seen by: signs, any of them, or a state.
SIGNS = {"stops": {"idle", "uncovered"}, "hangs": {"overdue"}, "never began": {"uncovered"},
         "fails": set(), "policy disabled": {"disabled"}, "server stands": {"idle", "uncovered"},
         "added": {"uncovered"}}


class Vm:
    """`since` and `until`: when its policy has it, or named it if it names VMs."""

    def __init__(self, name, policy, since, until):
        self.name, self.policy, self.since, self.until = name, policy, since, until
        self.replica_until = until
        self.key = (name, policy.name, policy.server)
        self.sessions = []
        self.standstills = []
        self.expectations = []
        self.initial_sync = 0
        self.begins = since        # the first session
        self.replica_first = False  # that it should run is known by a replica
        self.busy = []
        self.texts = {}            # by what is visible
        self.starts = []

    def free(self, begin, end):
        return all(end <= other[0] or other[1] <= begin for other in self.busy)

    def played(self, read):
        """Of a scenario, as EM read it then; "" if EM has nothing of it."""
        newest = bisect.bisect_right(self.starts, read)
        oldest = bisect.bisect_left(self.ends, read - BEFORE)
        ended = bisect.bisect_right(self.ends, read)
        named = self.since <= read < self.until
        began = newest > 0 and self.sessions[0].created <= read
        replica = (began or (named and self.replica_first)) and read < self.replica_until
        if not named and not replica and newest <= oldest:
            return ""
        state = (newest, oldest, ended, named, replica)
        if self.texts.get("state") != state:
            self.texts["state"] = state
            self.texts["text"] = (
                f'{{"name":"{self.name}","policy":"{self.policy.name}",'
                f'"backup_server":"{self.policy.server}","left":{json.dumps(not named)},'
                f'"replica":{json.dumps(replica)},"sessions":['
                + ",".join(one.played(read) for one in self.sessions[oldest:newest]) + "]}")
        return self.texts["text"]

    @property
    def ends(self):
        if "ends" not in self.texts:
            self.texts["ends"] = [one.ended for one in self.sessions]
        return self.texts["ends"]


class Collection:
    """`reads`: when each server was read; one that is not there was missed. It may have failed."""

    def __init__(self, start, end, reads):
        self.start, self.end, self.reads = start, end, reads
        self.uid = str(uuid.UUID(int=start << 64 | 0x5 << 12 | 0x8 << 60))

    def played(self, now):
        keys = {"type": "CollectJob", "created": text_of(self.start), "uid": self.uid}
        missed = [server for server in SERVERS if server not in self.reads]
        if self.end <= now:
            keys["ended"] = text_of(self.end)
            if missed:
                keys["misses"] = missed
        return keys


class World:
    """`standstills` is how many are injected, `vms` how many VMs there are at first."""

    def __init__(self, seed, days, vms, standstills):
        self.dice = random.Random(f"weeks {seed}")
        self.horizon = START + days * DAY
        self.policies = make_policies()
        self.by_server = {server: [one for one in self.policies if one.server == server]
                          for server in SERVERS}
        self.vms, self.standstills = [], []
        self.away = []      # EM: from, until
        self.patches = []   # server, from, until
        self.outages = []   # standstills of EM's data
        self.numbers = collections.Counter()
        self.weeks = days / 14
        first = START + self.dice.randrange(EVERY)
        # Of --all: at any moment of a collection or between two.
        self.runs = [first + number * EVERY + self.dice.randrange(-10, 11)
                     for number in range(int((self.horizon - START) / EVERY))]
        self.add_vms(vms)
        self.plan(standstills)
        for vm in self.vms:
            self.live(vm)
        self.collect()

    def scaled(self, count, least=1):
        """Of what two weeks have so often."""
        return max(least, round(count * self.weeks))

    def uid(self):
        return str(uuid.UUID(int=self.dice.getrandbits(128), version=4))

    # ---- who there is ----

    def name(self):
        self.numbers["vm"] += 1
        return f"srv{self.numbers['vm']:04d}"

    def add_vm(self, name, policy, since, until=None):
        vm = Vm(name, policy, since, until or self.horizon + DAY)
        for one in self.standstills:
            self.share(one, vm)
        self.vms.append(vm)
        return vm

    def add_vms(self, count):
        total = sum(policy.share for policy in self.policies)
        for policy in self.policies:
            phase = self.dice.randrange(policy.hours * HOUR)
            for _ in range(round(policy.share * count / total)):
                vm = self.add_vm(self.name(), policy, START - BEFORE - 2 * DAY)
                vm.begins = vm.since + phase + self.dice.randrange(90)

    @staticmethod
    def concerns(standstill, vm):
        return ((standstill.kind == "policy disabled" and standstill.policy is vm.policy)
                or (standstill.kind == "server stands" and standstill.server == vm.policy.server))

    # ---- what happens ----

    def moment(self, margin_before, margin_after):
        """Any one that leaves so much of the time before and behind it."""
        return START + self.dice.randrange(margin_before,
                                           max(margin_before + 1,
                                               int(self.horizon - START - margin_after)))

    def place(self, taken, before, length, after):
        """A moment for something of that length, away from what is taken; None: no room."""
        for _ in range(2000):
            begin = self.moment(HOUR, length + after)
            if all(begin + length + after <= other[0] or other[1] + before <= begin
                   for other in taken):
                taken.append((begin, begin + length))
                return begin
        return None

    def plan(self, count):
        kinds = {"stops": 62, "hangs": 44, "never began": 30, "fails": 40, "policy disabled": 8,
                 "server stands": 4, "collection stops": 6, "server not collected": 6}
        numbers = {kind: max(1, round(share * count / 200)) for kind, share in kinds.items()}
        numbers["stops"] += count - sum(numbers.values())
        self.plan_em(numbers)
        self.plan_groups(numbers)
        self.plan_changes()
        self.plan_vms(numbers, count)

    def plan_em(self, numbers):
        """What concerns EM and its collections; never two of it at a time."""
        taken = []
        for kind in ["collection stops", "server not collected"]:
            for _ in range(numbers[kind]):
                length = self.dice.randrange(2 * HOUR, 4 * HOUR)
                begin = self.place(taken, 2 * HOUR, length, 2 * HOUR)
                if begin is not None:
                    server = self.dice.choice(SERVERS) if kind == "server not collected" else None
                    self.outages.append(Standstill(kind, begin, begin + length, server))
        self.standstills += self.outages
        for _ in range(self.scaled(8)):
            length = 40 * MINUTE
            begin = self.place(taken, 2 * HOUR, length, 2 * HOUR)
            if begin is not None:
                self.patches.append((self.dice.choice(SERVERS), begin, begin + length))
        for number in range(self.scaled(10)):
            length = self.dice.randrange(4 * MINUTE, 12 * MINUTE)
            begin = self.place(taken, 2 * HOUR, length + EVERY, 2 * HOUR)
            if begin is not None and number % 2 == 0:  # a run falls into it
                run = self.runs[bisect.bisect_left(self.runs, begin)]
                begin = run - self.dice.randrange(length)
            if begin is not None:
                self.away.append((begin, begin + length))

    def plan_groups(self, numbers):
        """Policies disabled, one of them for days, and servers on which nothing runs."""
        taken = {server: [] for server in SERVERS}
        for number in range(numbers["policy disabled"]):
            policy = self.dice.choice(self.policies)
            length = (4 * DAY + 5 * HOUR if number == 0 and self.weeks >= 0.7
                      else self.dice.randrange(5 * HOUR, 8 * HOUR))
            begin = self.place(taken[policy.server], 2 * HOUR, length, 2 * HOUR)
            if begin is not None:
                self.add_group(Standstill("policy disabled", begin, begin + length, policy.server,
                                          policy))
                policy.disabled.append((begin, begin + length))
        for _ in range(numbers["server stands"]):
            server = self.dice.choice(SERVERS)
            length = self.dice.randrange(5 * HOUR, 8 * HOUR)
            begin = self.place(taken[server], 2 * HOUR, length, 2 * HOUR)
            if begin is not None:
                self.add_group(Standstill("server stands", begin, begin + length, server))

    def add_group(self, standstill):
        self.standstills.append(standstill)
        for vm in self.vms:
            self.share(standstill, vm)

    def share(self, standstill, vm):
        if self.concerns(standstill, vm):
            vm.standstills.append(standstill)
            vm.busy.append((standstill.begin - 3 * HOUR, standstill.end + 3 * HOUR))

    def pick(self, fits):
        """A VM that was there from the beginning, and to which no such thing has happened."""
        vms = [vm for vm in self.vms if vm.since < START and vm.until > self.horizon and fits(vm)]
        return self.dice.choice(vms) if vms else None

    def calm(self, policy, begin, end):
        """Whether no standstill of a whole policy or server concerns it then."""
        return all(not self.concerns(one, Vm("", policy, 0, 0))
                   or end < one.begin - 2 * HOUR or one.end + 2 * HOUR < begin
                   for one in self.standstills)

    def plan_changes(self):
        """New VMs, and those that are moved, renamed, or powered off and excluded."""
        for kind, count in {"new": 20, "moved": 12, "renamed": 8, "excluded": 8}.items():
            for number in range(self.scaled(count, 2)):
                # One early enough that even a day shows whether it is mistaken for a standstill.
                latest = 4 * HOUR if number == 0 else self.horizon - START - 2 * HOUR
                for _ in range(200):
                    moment = START + HOUR + self.dice.randrange(int(latest) - HOUR)
                    if self.change(kind, self.dice.choice(self.policies), moment, number == 0):
                        break

    def change(self, kind, policy, moment, is_early):
        """False: that can't be then, with that policy."""
        until = moment + (22 * HOUR if kind == "new" else HOUR)
        if Policy.inside(moment, policy.night) or not self.calm(policy, moment - HOUR, until):
            return False
        if kind != "new":
            return self.change_vm(kind, policy, moment, is_early)
        if is_early and (policy.night or policy.no_points or policy.hours > 8):
            return False  # there the first copy takes no longer than any session may
        vm = self.add_vm(self.name(), policy, moment)
        vm.begins = moment + self.dice.randrange(45)
        vm.initial_sync = 0 if policy.night else 20 * HOUR
        vm.busy.append((0, moment + DAY))
        return True

    def change_vm(self, kind, policy, moment, is_early):
        old = self.pick(lambda vm: vm.free(moment - 2 * HOUR, moment + 2 * HOUR)
                        and vm.policy.server == policy.server
                        and (kind == "moved" or not vm.policy.folder)
                        # A policy that names its VMs shows by that that it has left.
                        and (kind != "moved" or not is_early or vm.policy.folder)
                        and (vm.policy is policy) == (kind != "moved"))
        if old is None:
            return False
        old.until = moment
        # The replica of a VM that moved stays for a while, the others' are renamed or deleted.
        old.replica_until = moment + (self.dice.randrange(5 * DAY) if kind == "moved" else 0)
        old.busy.append((moment - 2 * HOUR, self.horizon + 2 * DAY))
        if kind == "excluded":
            return True
        name = old.name if kind == "moved" else self.name()
        new = self.add_vm(name, policy, moment)
        new.begins = moment + self.dice.randrange(45)
        new.busy.append((0, moment + 4 * HOUR))
        return True

    def plan_vms(self, numbers, count):
        for kind in ["stops", "hangs", "fails", "never began"]:
            for number in range(numbers[kind]):
                self.plan_vm(kind, number)
        for _ in range(count):  # if there was no room for one
            if len(self.standstills) < count:
                self.plan_vm(self.dice.choice(["stops", "never began"]), numbers["stops"])

    def plan_vm(self, kind, number):
        for _ in range(1000):
            vm = self.dice.choice(self.vms)
            policy = vm.policy
            before = after = 2 * HOUR
            if kind == "stops":
                length = policy.idle + self.dice.randrange(5 * HOUR, 12 * HOUR)
                if number < 3 and self.weeks >= 0.7:
                    length += [9 * DAY, 4 * DAY, 3 * DAY][number]
            elif kind == "hangs":
                # It begins with the session that hangs.
                length = policy.overdue + self.dice.randrange(5 * HOUR, 9 * HOUR)
                before += policy.hours * HOUR + policy.pause
                after += policy.pause
            elif kind == "fails":
                length = self.dice.randrange(5 * HOUR, 20 * HOUR)
                before += policy.hours * HOUR + policy.pause
                longest = policy.hours * HOUR + policy.pause
                after = HOUR + max(longest, 2 * longest + 5 * HOUR - length)
            else:
                length = self.dice.randrange(5 * HOUR, 30 * HOUR)
            if HOUR + length + after > self.horizon - START:
                continue
            begin = self.moment(HOUR, length + after)
            if kind == "never began":
                if not self.calm(policy, begin, begin + length + 20 * HOUR):
                    continue
                vm = self.add_vm(self.name(), policy, begin)
                vm.replica_first = policy.folder is not None
                vm.begins = begin + length
                vm.busy.append((0, self.horizon + DAY))
                standstill = Standstill(kind, begin, vm.begins)
                self.expect(standstill, vm, begin, 0, vm.begins, vm.begins)
            else:
                if not vm.free(begin - before, begin + length + after):
                    continue
                standstill = Standstill(kind, begin, begin + length)
                standstill.retries = kind == "fails" and self.dice.random() < 0.5
                vm.busy.append((begin - before, begin + length + after))
                vm.standstills.append(standstill)
            self.standstills.append(standstill)
            return

    # ---- how a VM lives through it ----

    def expect(self, standstill, vm, begin, limit, end, cleared):
        one = Expectation(standstill, vm, begin, limit, end, cleared)
        if standstill.kind != "added":
            standstill.expectations.append(one)
        vm.expectations.append(one)

    @staticmethod
    def blocked(vm, moment):
        """The standstill within which nothing of it may run at that moment."""
        for one in vm.standstills:
            if one.kind not in ("hangs", "fails") and one.begin <= moment < one.end:
                return one
        return None

    def next_start(self, vm, moment):
        """When the next session may begin, and the standstills that kept it from it."""
        kept = []
        while True:
            one = self.blocked(vm, moment)
            morning = Policy.inside(moment, vm.policy.night)
            if one is not None:
                kept.append(one)
                moment = one.end + self.dice.randrange(90)
            elif morning is not None:
                kept += [one for one in vm.standstills if one.kind == "policy disabled"
                         and one.begin < morning and moment < one.end]
                moment = morning + self.dice.randrange(90)
            else:
                return moment, kept

    def natural_end(self, vm, created, is_first):
        policy = vm.policy
        due = created + policy.hours * HOUR
        if is_first and vm.initial_sync:
            return created + vm.initial_sync
        due = Policy.inside(due, policy.no_points) or due
        if any(one.kind == "fails" and one.retries and one.begin <= created < one.end
               for one in vm.standstills):
            due = created + HOUR
        for server, begin, end in self.patches:
            if server == policy.server and begin <= due < end:
                due = end + self.dice.randrange(4 * MINUTE)
        return due

    def cut(self, vm, created, due):
        """The session's end, if something ends it before it is due."""
        if vm.policy.night is not None:
            evening = created + (vm.policy.night[0] * HOUR - created) % DAY
            due = min(due, evening + self.dice.randrange(60))
        for one in vm.standstills:
            if one.kind not in ("hangs", "fails") and created < one.begin <= due:
                due = one.begin + self.dice.randrange(30)
        return due

    def live(self, vm):
        """Its sessions, one after the other, and what is to be said of it."""
        last = min(self.horizon + DAY, vm.until)
        created, kept = self.next_start(vm, vm.begins)
        for one in vm.expectations:  # it should have begun long before
            one.end = one.cleared = one.standstill.end = created
        if vm.since > START and not vm.expectations:
            self.expect(Standstill("added", vm.since, created), vm, vm.since, 0, vm.since, created)
        failing = None  # the standstill and when the first session failed
        failed = []
        while created < last:
            due = self.natural_end(vm, created, not vm.sessions)
            ended = self.cut(vm, created, due)
            hang = next((one for one in vm.standstills if one.kind == "hangs"
                         and one.begin < ended and not one.expectations), None)
            fails = next((one for one in vm.standstills if one.kind == "fails"
                          and one.begin <= ended
                          and (ended < one.end or one not in failed
                               or (failing and ended < failing[1] + 5 * HOUR))), None)
            if hang is not None:
                limit = vm.policy.overdue
                if not vm.sessions:
                    limit = max(limit, FIRST_POINT + vm.policy.pause)
                ended = created + limit + (hang.end - hang.begin - vm.policy.overdue)
                self.expect(hang, vm, created, limit, ended, ended)
            ended = min(ended, last)
            result = "Failed" if fails else "Success"
            if fails and failing is None:
                failing = (fails, ended)
                failed.append(fails)
            elif result == "Success" and failing is not None:
                self.expect(failing[0], vm, failing[1], 0, ended, ended)
                failing = None
            vm.sessions.append(Session(self.uid(), created, ended, result))
            begin = ended + self.dice.choice([0, 0, 0, 1, 5, 30])
            created, kept = self.next_start(vm, begin)
            self.expect_standstill(vm, ended, kept, created, last)
        if failing is not None:
            self.expect(failing[0], vm, failing[1], 0, vm.until, vm.until)
        vm.starts = [one.created for one in vm.sessions]

    def expect_standstill(self, vm, ended, kept, created, last):
        if not kept or ended >= last:
            return
        for one in dict.fromkeys(kept):  # a night may keep it from beginning, too
            if one.kind == "policy disabled":
                cleared = one.end if created - ended <= vm.policy.idle else created
                self.expect(one, vm, max(ended, one.begin), 0, min(one.end, last),
                            min(cleared, last))
        if any(one.kind != "policy disabled" for one in kept):
            one = next(one for one in kept if one.kind != "policy disabled")
            self.expect(one, vm, ended, vm.policy.idle, min(created, last), min(created, last))

    # ---- what EM reads ----

    def collects_from(self, moment):
        """When it does what it should do then, if EM itself is away."""
        for begin, end in self.away:
            if begin <= moment < end:
                return end + MINUTE
        return moment

    def collect(self):
        """Collections: late now and then, for up to ten minutes; missing whatever is away."""
        self.collections = []
        due = START - 2 * DAY
        while due < self.horizon:
            late = self.dice.randrange(20)
            if self.dice.random() < 0.05:
                late = self.dice.randrange(10 * MINUTE)
            start = self.collects_from(due + late)
            length = self.dice.choice([18, 20, 25, 40, 90, 4 * MINUTE])
            due += EVERY
            stopped = next((one for one in self.outages if one.kind == "collection stops"
                            and one.begin <= start < one.end), None)
            if stopped is not None and int(stopped.begin) % 2:
                continue  # else they all fail
            if any(start < begin < start + length for begin, _ in self.away):
                continue
            if self.collections and start < self.collections[-1].end:
                continue  # the one before was late, and EM has one at a time
            reads = {}
            for server in SERVERS:
                missed = stopped is not None or any(
                    one.server == server and one.begin <= start < one.end for one in self.outages
                ) or any(name == server and begin <= start < end
                         for name, begin, end in self.patches)
                if not missed:
                    reads[server] = start + self.dice.randrange(1, max(2, length - 1))
            self.collections.append(Collection(start, start + length, reads))
        self.starts_of_collections = [one.start for one in self.collections]

    def known(self, server, now):
        """What EM shows of that server: read when; and when the collection ended of which it says
        that it was collected, and when that one had read it."""
        read = ended = ended_read = None
        newest = bisect.bisect_right(self.starts_of_collections, now)
        for one in reversed(self.collections[:newest]):
            if server not in one.reads:
                continue
            if read is None and one.reads[server] <= now:
                read = one.reads[server]
            if one.end <= now:
                return read, one.end, one.reads[server]
        return read, ended, ended_read

    def scenario(self, now):
        """What EM knows then, as a text."""
        reads = {server: self.known(server, now)[0] for server in SERVERS}
        newest = bisect.bisect_right(self.starts_of_collections, now)
        keys = {"backup_servers": [{"name": server} for server in SERVERS],
                "policies": [policy.played(reads[policy.server]) for policy in self.policies],
                "policy_sessions": self.policy_sessions(now),
                "collections": {"every_minutes": 0, "newest": text_of(START - DAY)},
                "system_sessions": [one.played(now)
                                    for one in self.collections[max(0, newest - 150):newest]]}
        if self.is_away(now):
            keys["replies"] = [{"path": "/api", **self.dice.choice([{"status": 503},
                                                                    {"drop": True}])}]
        vms = [text for text in (vm.played(reads[vm.policy.server]) for vm in self.vms) if text]
        return json.dumps(keys)[:-1] + ',"vms":[' + ",".join(vms) + "]}"

    def policy_sessions(self, now):
        """One a day for each policy."""
        sessions = []
        for number, policy in enumerate(self.policies):
            for day in range(-2 - BEFORE // DAY - 3, (now - START) // DAY + 1):
                created = START + day * DAY + number * HOUR + 8
                if created > now or created < now - BEFORE - 5 * DAY:
                    continue
                keys = {"policy": policy.name, "backup_server": policy.server,
                        "created": text_of(created),
                        "uid": str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{number} {day}"))}
                if created + DAY <= now:
                    keys["ended"] = text_of(created + DAY)
                sessions.append(keys)
        return sessions

    def is_away(self, now):
        return any(begin <= now < end for begin, end in self.away)
