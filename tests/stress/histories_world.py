# SPDX-License-Identifier: GPL-3.0-or-later
"""A small site's history: what happens on it step by step, and what Enterprise Manager shows of it.

All of it follows from a seed. The site's clock is what backup servers go by, in whole seconds since
1970, UTC; EM's may be ahead of it, or behind. Sessions begin and end at seconds that end in 5, a
step is at one that ends in 0: so the second that a run takes makes no difference to what it gets.

What EM shows of a backup server is the truth of the moment when it collected its data last, which
may be hours ago. What an administrator does in EM, such as deleting a session, is seen at once.
"""

import json
import random
import time
import uuid

MINUTE, HOUR, DAY = 60, 3600, 86400
START = 1772409600  # Monday 2026-03-02
BEFORE = 4 * DAY    # so long before, sessions have been running
EVERY = 15 * MINUTE  # data collections
SERVERS = "vbr01.example.invalid", "vbr02.example.invalid"
LENGTHS = [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR]  # of sessions
FEATURES = {"policies": ["policies_query"], "replicas": ["replicas_query", "replica_vms"],
            "collection": ["system_sessions", "system_sessions_query"]}


def text_of(moment):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def at_five(moment):
    return int(moment) // 10 * 10 + 5


def span(seconds):
    return f"{int(seconds) // 3600}h {int(seconds) % 3600 // 60:02d}m"


class Policy:
    def __init__(self, name, server):
        self.name, self.server = name, server
        self.enabled, self.deleted = True, False
        self.folder = False  # it names no VM

    def played(self):
        keys = {"name": self.name, "backup_server": self.server.name, "enabled": self.enabled,
                "deleted": self.deleted}
        return {**keys, "includes": [{"type": "Folder", "name": "Prod"}]} if self.folder else keys


class Server:
    """`reads`: when EM has collected its data, oldest first. `away`: from, until."""

    def __init__(self, name):
        self.name = name
        self.reads = []
        self.away = None
        self.silent = False  # EM's collections say nothing of its being away

    def read(self, now):
        """When EM has read it last; one that it reads just now is known in part only."""
        return next(read for read in reversed(self.reads) if read <= now)

    def is_away(self, moment):
        return self.away is not None and self.away[0] <= moment < self.away[1]


class Session:
    """One that has not ended is of `ended` None. `name`: of its VM, as EM shows it."""

    def __init__(self, uid, name, policy, created, omits):
        self.uid, self.name, self.policy, self.created = uid, name, policy, created
        self.ended, self.result, self.size = None, "Success", 0
        self.omits = omits
        self.pending = False
        self.deleted = False

    def shown(self, now):
        """As EM shows it, to those who compare; None: not at all."""
        read = self.policy.server.read(now)
        if self.deleted or self.created > read:
            return None
        ended = self.ended if self.ended is not None and self.ended <= read else None
        return Shown(self, ended)

    def played(self, shown):
        keys = {"uid": self.uid, "created": text_of(self.created), "total_size": self.size}
        if shown.ended is None:
            keys["state"] = "Pending" if self.pending else "InProgress"
        else:
            keys.update(ended=text_of(shown.ended), result=self.result)
            if self.result != "Success":
                keys["reason"] = f"{self.result} of {self.uid[:4]}"
        return {**keys, "omit": self.omits} if self.omits else keys


class Shown:
    """What identifies a session in EM's answers, and what may change of it."""

    def __init__(self, session, ended):
        self.session, self.ended, self.created = session, ended, session.created
        self.uid = None if "UID" in session.omits else session.uid
        self.vm = None if "VmDisplayName" in session.omits else session.name
        linked = "Links" not in session.omits
        self.policy = session.policy.name if linked else None
        self.server = session.policy.server.name if linked else None
        self.identity = self.uid or f"{session.name} {session.created}"

    @property
    def members(self):
        return self.vm, self.policy, self.server, self.created, self.ended


class Vm:
    """Under one policy. `named`: the policy includes it; `replica`: EM has one of it."""

    def __init__(self, name, policy, length):
        self.name, self.policy, self.length = name, policy, length
        self.sessions = []
        self.named, self.replica = True, False
        self.next = None     # when its next session begins; None: not of itself
        self.due = None      # when the one that runs ends; None: never
        self.results = []    # of the sessions that end next
        self.gone = False
        self.once = False    # the session that is next is the last

    @property
    def running(self):
        return self.sessions[-1] if self.sessions and self.sessions[-1].ended is None else None


class World:
    """`now` is the site's clock."""

    def __init__(self, seed):
        self.dice = random.Random(f"histories {seed}")
        dice = self.dice
        self.now = START + dice.randrange(DAY // 10) * 10
        self.begin = self.now - BEFORE
        self.servers = [Server(name) for name in SERVERS[:dice.choice([1, 2, 2])]]
        self.numbers = {"policy": 0, "vm": 0}
        self.policies, self.vms = [], []
        self.collections = []
        self.collecting_stops = None  # until
        self.happened = []            # in words, since the last step
        self.choose_em()
        for server in self.servers:
            self.add_policy(server)
        if dice.random() < 0.5:
            self.add_policy(dice.choice(self.servers))
        for _ in range(dice.randint(6, 20)):
            self.add_vm(self.begin)
        self.next_collection = self.begin + dice.randrange(EVERY // 10) * 10
        for _ in range(dice.choice([0, 1, 2])):
            self.fade()
        if dice.random() < 0.4:
            self.be_away()
        self.grow(self.now)

    def choose_em(self):
        """Whose clock is wrong, what the user may see, how EM writes, what sessions lack."""
        dice = self.dice
        wrong = dice.choice([0, 0, 0, 20, -20, 10 * MINUTE, -10 * MINUTE, 3 * HOUR, -3 * HOUR, DAY,
                             -DAY])
        self.em_ahead, self.host_ahead = dice.choice([(wrong, 0), (0, wrong)])
        self.lacks_date = dice.random() < 0.04
        self.refused = {name for name in FEATURES if dice.random() < 0.12}
        self.since = dice.choice(["1d", "2d", "3d", "3d", "3d"])
        self.sessions_only = dice.random() < 0.08
        self.odd = dice.choice([None] * 14 + ["UID", "VmDisplayName", "Links"])
        self.choose_wording()

    def choose_wording(self):
        dice = self.dice
        self.wording = {"casing": dice.choice(["pascal", "camel"]),
                        "lists": dice.choice(["wrapped", "bare"]),
                        "running_end": dice.choice(["null", "absent"]),
                        "empty_reason": dice.choice(["empty", "null", "absent"]),
                        "lacks_date": self.lacks_date}
        if dice.random() < 0.15 and self.odd != "UID":  # which pages need
            self.wording["largest_page"] = dice.randint(5, 15)

    def say(self, what):
        self.happened.append(what)

    # ---- who there is ----

    def uid(self):
        return str(uuid.UUID(int=self.dice.getrandbits(128), version=4))

    def add_policy(self, server):
        self.numbers["policy"] += 1
        policy = Policy(f"Policy {self.numbers['policy']}", server)
        policy.folder = self.dice.random() < 0.2
        self.policies.append(policy)
        return policy

    def live_policies(self):
        return [one for one in self.policies if not one.deleted]

    def add_vm(self, moment, name=None, policy=None):
        """One of which the first session begins then."""
        if name is None:
            self.numbers["vm"] += 1
            name = f"vm{self.numbers['vm']:02d}"
        policy = policy or self.dice.choice(self.live_policies())
        vm = Vm(name, policy, self.dice.choice(LENGTHS))
        vm.next = at_five(moment + self.dice.randrange(vm.length))
        vm.named = not policy.folder
        self.vms.append(vm)
        return vm

    def some(self, fits=lambda vm: True):
        """A VM that EM has, or None."""
        fitting = [vm for vm in self.vms if not vm.gone and fits(vm)]
        return self.dice.choice(fitting) if fitting else None

    # ---- sessions, by their own course ----

    def start(self, vm, moment):
        omits = []
        if self.odd is not None and self.dice.random() < 0.15:
            omits = ["VmDisplayName", "Name"] if self.odd == "VmDisplayName" else [self.odd]
        one = Session(self.uid(), vm.name, vm.policy, moment, omits)
        one.size = self.dice.randrange(10**9)
        one.pending = self.dice.random() < 0.05
        vm.sessions.append(one)
        vm.replica = vm.replica or len(vm.sessions) == 1
        vm.due = at_five(moment + vm.length * self.dice.uniform(0.9, 1.1))
        vm.next = None

    def end(self, vm, moment):
        one = vm.running
        one.ended = moment
        one.result = vm.results.pop(0) if vm.results else self.dice.choices(
            ["Success", "Warning", "Failed"], [20, 1, 2])[0]
        vm.due = None

    def live(self, vm, until):
        while True:
            if vm.running is not None and vm.due is not None and vm.due <= until:
                ended = vm.due
                self.end(vm, ended)
                vm.next = None if vm.once else ended + self.dice.choice([0, 0, 10, 30, 600])
                vm.once = False
            elif vm.running is None and vm.next is not None and vm.next <= until:
                self.start(vm, vm.next)
            else:
                return

    def grow(self, until):
        """All VMs and EM's data collections go on until then."""
        for vm in self.vms:
            if not vm.gone:
                self.live(vm, until)
        while self.next_collection <= until:
            self.collect(self.next_collection)
            self.next_collection += EVERY + self.dice.choice([0, 0, 0, 0, 10, 120, 400])

    def collect(self, start):
        if self.collecting_stops is not None and start < self.collecting_stops:
            return
        length = self.dice.choice([20, 40, 240])
        missed = []
        for server in self.servers:
            if server.is_away(start) and server.reads:
                missed += [] if server.silent else [server.name]
            else:
                server.reads.append(start + self.dice.choice([2, length - 12]))
        self.collections.append((start, start + length, missed, self.em_ahead))

    # ---- what else happens ----

    def moment(self, begin):
        """Any one of this step."""
        return at_five(begin + self.dice.random() * (self.now - 10 - begin))

    def step(self, length):
        """Goes on for so long; something happens meanwhile, or at its end."""
        begin, self.now = self.now, self.now + length
        self.happened = []
        acts = [(self.fail, 6), (self.warn, 3), (self.stop, 4), (self.go_on, 4), (self.hang, 2),
                (self.flap, 5), (self.blip, 6), (self.appear, 4), (self.move, 4), (self.rename, 4),
                (self.delete_vm, 3), (self.delete_session, 5), (self.purge, 2),
                (self.server_leaves, 2), (self.collecting_ends, 2), (self.toggle_policy, 3),
                (self.new_policy, 1), (self.delete_policy, 1), (self.toggle_replica, 3),
                (self.toggle_name, 2), (self.rights_change, 1), (self.em_changes, 1)]
        later = {self.move, self.rename, self.delete_vm, self.delete_session, self.purge,
                 self.toggle_replica, self.toggle_name, self.rights_change, self.em_changes,
                 self.delete_policy}
        chosen = self.dice.choices([act for act, _ in acts], [weight for _, weight in acts],
                                   k=self.dice.choice([0, 1, 1, 2, 3, 5]))
        for act in [act for act in chosen if act not in later]:
            act(begin)
        self.grow(self.now)
        for act in [act for act in chosen if act in later]:
            act(begin)

    def fail(self, _begin):
        vm = self.some()
        if vm:
            vm.results = ["Failed"] * self.dice.choice([1, 1, 3])
            self.say(f"{vm.name} fails")

    def warn(self, _begin):
        vm = self.some()
        if vm:
            vm.results = ["Warning"]
            self.say(f"{vm.name} ends with a warning")

    def stop(self, begin):
        vm = self.some(lambda vm: vm.running is not None)
        if vm:
            self.halt(vm, max(self.moment(begin), vm.running.created + 10))
            self.say(f"{vm.name} stops")

    def halt(self, vm, moment):
        if vm.due is None or vm.due > moment:
            vm.due = moment
        self.end(vm, vm.due)
        vm.next = None

    def go_on(self, begin):
        """What has stopped, or hangs."""
        vm = self.some(lambda vm: (vm.due is None if vm.running else vm.next is None)
                       and vm.policy.enabled and not vm.policy.deleted)
        if vm and vm.running:
            vm.due = max(self.moment(begin), vm.running.created + 10)
        elif vm:
            vm.next = max(self.moment(begin), vm.sessions[-1].ended if vm.sessions else 0)
        if vm:
            self.say(f"{vm.name} goes on")

    def hang(self, _begin):
        vm = self.some(lambda vm: vm.running is not None)
        if vm:
            vm.due = None
            self.say(f"{vm.name} hangs")

    def flap(self, _begin):
        """Sessions so short that some begin and end between two runs."""
        vm = self.some(lambda vm: vm.running is not None)
        if vm:
            vm.length = self.dice.randint(3, 30) * MINUTE
            vm.due = at_five(max(vm.running.created, self.now - HOUR)) + vm.length
            self.say(f"{vm.name} has sessions of {span(vm.length)}")

    def blip(self, begin):
        """One short session of a VM of which nothing else runs."""
        vm = self.some(lambda vm: vm.running is None and vm.next is None and vm.sessions)
        if vm:
            vm.next = max(self.moment(begin), vm.sessions[-1].ended)
            vm.length = self.dice.randint(1, 5) * MINUTE
            vm.once = True
            self.say(f"{vm.name} has one session of {span(vm.length)}")

    def appear(self, begin):
        vm = self.add_vm(begin)
        vm.next = self.moment(begin) if self.dice.random() < 0.7 else None
        vm.replica = self.dice.random() < 0.5
        vm.length = self.dice.choice([vm.length, 20 * HOUR])
        self.say(f"{vm.name} is new in {vm.policy.name}")

    def move(self, _begin):
        vm = self.some(lambda vm: vm.sessions)
        policies = [one for one in self.live_policies()
                    if vm and one is not vm.policy and not any(
                        other.name == vm.name and other.policy is one for other in self.vms)]
        if not policies:
            return
        if vm.running:
            self.halt(vm, self.now - 5)
        vm.next = None
        vm.named = False
        vm.replica = self.dice.random() < 0.5
        new = self.add_vm(self.now, vm.name, self.dice.choice(policies))
        new.next = self.now + 5
        self.say(f"{vm.name} moves from {vm.policy.name} to {new.policy.name}")

    def rename(self, _begin):
        """EM gives the new name in the session that runs, or in all."""
        vm = self.some(lambda vm: vm.sessions)
        if not vm:
            return
        old, vm.name = vm.name, vm.name + "n"
        everywhere = self.dice.random() < 0.5 or not vm.running
        for one in vm.sessions if everywhere else vm.sessions[-1:]:
            one.name = vm.name
        self.say(f"{old} is now {vm.name}, {'in all' if everywhere else 'in its last'} sessions")

    def delete_vm(self, _begin):
        """From EM, with its sessions; maybe not with its replica."""
        vm = self.some()
        if vm:
            vm.gone = True
            vm.named = False
            vm.replica = vm.replica and self.dice.random() < 0.2
            for one in vm.sessions:
                one.deleted = True
            self.say(f"{vm.name} of {vm.policy.name} is deleted")

    def delete_session(self, _begin):
        vm = self.some(lambda vm: any(not one.deleted for one in vm.sessions))
        if not vm:
            return
        last = [one for one in vm.sessions if not one.deleted][-self.dice.choice([1, 1, 2, 2, 3]):]
        one = last[0]
        one.deleted = True
        if one.ended is None:
            one.ended, vm.due = self.now - 5, None
            vm.next = self.dice.choice([None, self.now + 5, self.now + HOUR + 5])
        self.say(f"the session {one.uid} of {vm.name} is deleted")

    def purge(self, _begin):
        """The oldest ones, or all that have completed."""
        vm = self.some(lambda vm: vm.sessions)
        if vm:
            kept = self.dice.choice([0, 1, 3])
            completed = [one for one in vm.sessions if one.ended is not None]
            for one in completed[:len(completed) - kept]:
                one.deleted = True
            self.say(f"of {vm.name}, EM keeps {kept} completed sessions")

    def leave(self, server, begin, end):
        """A backup server is away for hours; most often EM's collections say so."""
        server.away = begin, end
        server.silent = self.dice.random() < 0.4
        self.say(f"{server.name} is away from {text_of(begin)} for {span(end - begin)}"
                 + (", and EM does not say so" if server.silent else ""))

    def server_leaves(self, _begin):
        server = self.dice.choice(self.servers)
        if server.away is None or server.away[1] <= self.now:
            self.leave(server, self.now, self.now + self.dice.choice(
                [30 * MINUTE, 3 * HOUR, 4 * HOUR, 7 * HOUR]))

    def fade(self):
        """A VM has stopped, so that its last session is soon as old as nobody looks back."""
        vm = self.some()
        until = self.now - int(self.since[:-1]) * DAY + self.dice.randrange(2 * HOUR)
        self.live(vm, until)
        if vm.running:
            self.halt(vm, max(at_five(until), vm.running.created + 10))
        vm.next = None
        vm.named = False
        vm.replica = self.dice.random() < 0.3

    def be_away(self):
        """A server has been away for hours and will be back soon; some of its VMs, of which nothing
        ran when it left, had short sessions meanwhile, and have stopped."""
        server = self.dice.choice(self.servers)
        begin = self.now - self.dice.randrange(3 * HOUR, 6 * HOUR) // 10 * 10
        self.grow(begin - HOUR)
        flapping = [vm for vm in self.vms if vm.policy.server is server and vm.running][:4]
        for vm in flapping:
            self.halt(vm, max(begin - HOUR + 5, vm.running.created + 10))
            vm.length = self.dice.randint(5, 30) * MINUTE
            vm.next = begin + 5
        self.grow(begin)
        self.leave(server, begin, self.now + self.dice.randrange(HOUR) // 10 * 10)
        self.grow(begin + HOUR)
        for vm in flapping:
            if vm.running:
                self.halt(vm, max(begin + HOUR + 5, vm.running.created + 10))

    def collecting_ends(self, _begin):
        self.collecting_stops = self.now + self.dice.choice([HOUR, 3 * HOUR, 5 * HOUR])
        self.say(f"EM collects nothing until {text_of(self.collecting_stops)}")

    def toggle_policy(self, begin):
        policy = self.dice.choice(self.live_policies())
        policy.enabled = not policy.enabled
        moment = self.moment(begin)
        for vm in self.vms:
            if vm.policy is policy and not vm.gone:
                if not policy.enabled:
                    vm.next = None
                    if vm.running:
                        self.halt(vm, max(moment, vm.running.created + 10))
                elif not vm.running:
                    vm.next = max(moment, vm.sessions[-1].ended if vm.sessions else 0)
        self.say(f"{policy.name} is {'enabled' if policy.enabled else 'disabled'}")

    def new_policy(self, _begin):
        self.say(f"{self.add_policy(self.dice.choice(self.servers)).name} is new")

    def delete_policy(self, _begin):
        """Its replicas and its sessions stay, or not."""
        if len(self.live_policies()) < 2:
            return
        policy = self.dice.choice(self.live_policies())
        policy.deleted = True
        with_sessions = self.dice.random() < 0.5
        for vm in self.vms:
            if vm.policy is policy and not vm.gone:
                if vm.running:
                    self.halt(vm, self.now - 5)
                vm.next, vm.named, vm.gone = None, False, True
                vm.replica = vm.replica and not with_sessions
                for one in vm.sessions if with_sessions else []:
                    one.deleted = True
        self.say(f"{policy.name} is deleted{', with its sessions' if with_sessions else ''}")

    def toggle_replica(self, _begin):
        vm = self.some()
        if vm:
            vm.replica = not vm.replica
            self.say(f"{vm.name} has {'a' if vm.replica else 'no'} replica")

    def toggle_name(self, _begin):
        vm = self.some(lambda vm: not vm.policy.folder)
        if vm:
            vm.named = not vm.named
            self.say(f"{vm.policy.name} {'names' if vm.named else 'does not name'} {vm.name}")

    def rights_change(self, _begin):
        name = self.dice.choice(sorted(FEATURES))
        self.refused ^= {name}
        self.say(f"the user may {'not ' if name in self.refused else ''}see {name}")

    def em_changes(self, _begin):
        """EM is updated, or its clock is set, forward or back."""
        if self.dice.random() < 0.5:
            self.choose_wording()
            self.say("EM writes in another way")
        elif self.host_ahead == 0 and self.em_ahead >= 0:
            before = self.em_ahead
            self.em_ahead = 0 if before else self.dice.choice([-10, -600, -2 * HOUR, 600])
            self.say(f"EM's clock is set by {self.em_ahead - before} s")

    # ---- what EM shows ----

    def shown(self):
        """All task sessions, by what identifies them."""
        found = [one.shown(self.now) for vm in self.vms for one in vm.sessions]
        return {one.identity: one for one in found if one is not None}

    def scenario(self, replies=()):
        entries = {}
        for vm in self.vms:
            for one in vm.sessions:
                shown = one.shown(self.now)
                if shown is not None:
                    self.entry(entries, one.name, one.policy)["sessions"].append(one.played(shown))
            if vm.named or vm.replica:
                entry = self.entry(entries, vm.name, vm.policy)
                entry["left"] = entry["left"] and not vm.named
                entry["replica"] = entry["replica"] or vm.replica
        refuses = {feature: 403 for name in self.refused for feature in FEATURES[name]}
        return json.dumps({
            "wording": self.wording, "refuses": refuses,
            "backup_servers": [{"name": server.name} for server in self.servers],
            "policies": [policy.played() for policy in self.policies],
            "policy_sessions": self.policy_sessions(),
            "collections": {"every_minutes": 0, "newest": text_of(START - 20 * DAY),
                            "others": False},
            "system_sessions": self.system_sessions(), "vms": list(entries.values()),
            "replies": list(replies)})

    @staticmethod
    def entry(entries, name, policy):
        return entries.setdefault((name, policy.name), {
            "name": name, "policy": policy.name, "backup_server": policy.server.name,
            "left": True, "replica": False, "sessions": []})

    def policy_sessions(self):
        """One a day for each policy, as of old."""
        first = START - BEFORE - DAY
        return [{"policy": policy.name, "backup_server": policy.server.name,
                 "created": text_of(first + day * DAY),
                 "uid": str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{policy.name} {day}")),
                 **({"ended": text_of(first + (day + 1) * DAY)}
                    if first + (day + 1) * DAY <= self.now else {})}
                for policy in self.policies for day in range((self.now - first) // DAY + 1)]

    def system_sessions(self):
        sessions = []
        for start, end, missed, ahead in self.collections[-60:]:
            keys = {"type": "CollectJob", "created": text_of(start + ahead),
                    "uid": str(uuid.uuid5(uuid.NAMESPACE_DNS, str(start)))}
            if end <= self.now:
                keys["ended"] = text_of(end + ahead)
                keys["misses"] = missed
            sessions.append(keys)
        return sessions
