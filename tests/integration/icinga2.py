#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Icinga 2 master and two satellites run the plugin, by the files of contrib/icinga2.

The master has the configuration and no plugin. The satellites get the command by the global zone
and run the checks against the emulator, those of two hosts when the master tells, those of a third
by themselves. What the master's API shows must be what the plugin itself says of the same VM or
policy. -v: every service. Exit code 77: there is no Icinga 2.
"""

import base64
import glob
import grp
import http.client
import json
import os
import pwd
import re
import shutil
import ssl
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
# pylint: disable=wrong-import-position
import harness
from harness import (CRITICAL, LIMIT, OK, PASSWORD, PLUGIN, STATE_NAMES, STATES, UNKNOWN, WARNING,
                     read, run, until, write)

CONTRIB = os.path.join(harness.CONTRIB, "icinga2")
API_PASSWORD = "Tr0ub4dor-of-the-API"
AGAIN = 5  # seconds until Icinga is asked for a check once more
STATE_OF = {"Success": OK, "Warning": WARNING, "Failed": CRITICAL}


# ---- what EM tells, and the services that there must be ----

GOLD = 'Policy@Site 1; "Gold"'


def vm(name, result="Success", reason="", policy="CDP Policy"):
    """A VM whose newest session runs, and whose last completed one has this result."""
    return {"name": name, "policy": policy, "sessions": [
        {"created": "-2h 13m", "total_size": 1073741824},
        {"created": "-10h 13m", "ended": "-2h 13m", "result": result, "reason": reason,
         "total_size": 5368709120}]}


def behind(policy):
    """VMs of the emulator's own scenario, of which some are behind the RPO of this policy."""
    scenario = json.loads(read(os.path.join(harness.SCENARIOS, "intervals.json")))
    return [{**item, "policy": policy} for item in scenario["vms"]
            if item["name"] in ("well", "lags", "gap", "slow")]


# What the examples have for such a policy.
RPO_LIMITS = {"warning_lag": "5m", "critical_lag": "15m", "warning_compliance": "95:",
              "critical_compliance": "75:"}
RPO_OPTIONS = ["--rpo", *(f"--{name.replace('_', '-')}={limit}" for name, limit in RPO_LIMITS.items())]

ODD = json.loads(read(os.path.join(harness.SCENARIOS, "odd-names.json")))["vms"]
SCENARIO = {
    "policies": [{"name": "CDP Policy"}, {"name": GOLD}, {"name": "CDP Policy 15 s"}],
    "vms": [
        vm("srv-db01"),
        vm("srv-web01", "Warning", "RPO of 15 seconds was exceeded 4 times"),
        vm("srv-mail01", "Failed", "Failed to write to the target disk"),
        vm("a;b `id` $(id)"), vm("cash$box"), vm("--odd"),
        vm("full=1", "Warning", 'Error: "disk 0" | full=1; 100% of 1 TB', GOLD),
        vm("wow!", "Warning", "the disk is full", GOLD), *ODD,
        *behind("CDP Policy 15 s"), {"name": "srv-odd01", "policy": GOLD, "sessions": [
            {"created": "-1h", "members": {"State": "Stopping"}}]}],
}


class Service:
    """One VM or policy of a host: its attributes there, and what they are as options."""

    def __init__(self, kind, name, state, options=None, attributes=None):
        written = name.replace("$", "$$")  # as Icinga wants it in its variables
        self.key, self.state, self.attributes = written, state, attributes
        self.kind = kind
        self.name = "-".join(["veeam-cdp", kind, written] if kind else ["veeam-cdp", written])
        self.options = [f"--{kind}={name}"] if options is None else options


# The scenario of an EM that has collected nothing for three hours.
STALE = {**SCENARIO, "collections": {"periods": [{"since": "-3h", "none": True}]}}
# What services have beside one for EM itself.
FRESH = "--warning-data-age=~:"

# An array of names, and what else a host can have.
ON_A = [Service("vm", name, state) for name, state in [
    ("srv-db01", OK), ("srv-web01", WARNING), ("srv-mail01", CRITICAL), ("srv-gone01", UNKNOWN),
    ("a;b `id` $(id)", OK), ("cash$box", OK), ("--odd", OK), ("full=1", WARNING)]] + [
        Service("vm", item["name"], STATE_OF[item["sessions"][1]["result"]]) for item in ODD] + [
            Service("policy", name, state) for name, state in [
                ("CDP Policy", CRITICAL), (GOLD, CRITICAL), ("No such policy", UNKNOWN)]] + [
                    Service("", "site", CRITICAL, ["--all"])]
for beside in ON_A:
    beside.options = [*beside.options, FRESH]
ON_A.append(Service("", "answers", OK, ["--em"]))
# A dictionary of names with attributes.
ON_B = [
    Service("vm", "srv-db01", OK, None, {}),
    Service("vm", "srv-web01", OK,
            ["--vm=srv-web01", "--map=Warning=ok", "--map=Failed=warning", "-v"],
            {"map": ["Warning=ok", "Failed=warning"], "verbose": 1}),
    Service("vm", "srv-mail01", OK, ["--vm=srv-mail01", "--no-last-completed"],
            {"no_last_completed": True}),
    Service("vm", "it's", WARNING,
            ["--vm=it's", "--warning-age=1h", "--critical-age=8h", "--warning-size=0:1GB"],
            {"warning_age": "1h", "critical_age": "8h", "warning_size": "0:1GB"}),
    Service("vm", "wow", CRITICAL, ["--vm=wow!", "--reason=critical:full$", "--perfdata=none"],
            {"vm": "wow!", "reason": "critical:full$$", "perfdata": "none"}),
    Service("vm", "two at once", WARNING, ["--vm=srv db 01", "--vm=pipe|bar"],
            {"vm": ["srv db 01", "pipe|bar"]}),
    Service("vm", "well", OK, ["--vm=well", "--rpo", "--rpo-window=2h"],
            {"rpo": True, "rpo_window": "2h"}),
    Service("policy", "CDP Policy 15 s", WARNING, ["--policy=CDP Policy 15 s", *RPO_OPTIONS],
            {"rpo": True, **RPO_LIMITS}),
    Service("policy", "CDP Policy", OK,
            ["--policy=CDP Policy", "--exclude-vm=^srv-web", "--exclude-vm=mail01$", "--since=12h",
             "--perfdata=vm"],
            {"exclude_vm": ["^srv-web", "mail01$$"], "since": "12h", "perfdata": "vm"}),
]
# Of the satellite's own zone, which schedules the checks itself.
ON_C = [Service("vm", "srv-mail01", CRITICAL), Service("vm", "srv-db01", OK)]
# EM answers, whatever its host has for the services of VMs; but how old its data may be is its own matter.
ON_D = [Service("", "answers", OK, ["--em", "--warning-data-age=10h"])]
# What a host may have for VMs, and --em would refuse, or be CRITICAL for.
FOR_VMS = {**{kind + metric: "1s" for kind in ("warning", "critical") for metric in ("", "_age")},
           **{kind + metric: "1s" for kind in ("warning_", "critical_") for metric in ("lag", "gap", "app_age")},
           "rpo": True, "rpo_window": "2h", "warning_compliance": "95:", "critical_compliance": "75:",
           "warning_size": "1B", "critical_size": "1B", "critical_data_age": "1s", "vm": "a",
           "policy": "b", "id": ["c"], "input": "/d", "all": True, "sessions_only": True,
           "backup_server": ["vbr"], "include_vm": ["srv"], "exclude_vm": "^", "since": "1d",
           "map": ["idle=critical"], "reason": ["critical:."], "no_last_completed": True,
           "idle_after": "2h", "overdue_after": "30h", "empty_result": "critical"}
HOSTS = (("em-a", ON_A, "satellite-a"), ("em-b", ON_B, "satellite-b"),
         ("em-c", ON_C, "satellite-b"), ("em-d", ON_D, "satellite-a"))


# ---- Icinga 2 ----

ICINGA = harness.find("icinga2")


def literal(value):
    """A value in Icinga's language."""
    if isinstance(value, dict):
        items = [f"{literal(key)} = {literal(item)}" for key, item in value.items()]
        return "{ " + ", ".join(items) + " }"  # }} without a space would be another sign
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return json.dumps(value)


class Node:
    """One Icinga 2 with folders of its own."""

    def __init__(self, root, name):
        self.name, self.folder, self.process = name, os.path.join(root, name), None
        self.log = self.path("output")
        folders = {"ConfigDir": "etc", "DataDir": "data", "LogDir": "log", "CacheDir": "cache",
                   "SpoolDir": "spool", "InitRunDir": "run", "ZonesDir": "etc/zones.d"}
        for folder in folders.values():
            os.makedirs(self.path(folder), exist_ok=True)
        defines = {**{key: self.path(folder) for key, folder in folders.items()},
                   "PidPath": self.path("run/pid"),
                   "RunAsUser": pwd.getpwuid(os.geteuid()).pw_name,
                   "RunAsGroup": grp.getgrgid(os.getegid()).gr_name}
        self.defines = [f"-D{key}={value}" for key, value in defines.items()]
        self.daemon = [ICINGA, "daemon", "-c", self.path("etc/icinga2.conf"), *self.defines]

    def path(self, name):
        return os.path.join(self.folder, name)

    def configure(self, text):
        write(self.path("etc/icinga2.conf"),
              f'const PluginDir = "/nonexistent"\n'
              f"const PluginContribDir = {literal(self.path('plugins'))}\n"
              f"const NodeName = {literal(self.name)}\n"
              f"include <itl>\ninclude <plugins>\n{text}")

    def validated(self):
        """What `icinga2 daemon -C` says of the configuration."""
        return subprocess.run([*self.daemon, "-C"], stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, timeout=LIMIT, check=False)

    def start(self):
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen(self.daemon, stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=subprocess.STDOUT)

    def port(self):
        """Where it listens: a free port that it chose, another one after each reload."""
        def told():
            if self.process.poll() is not None:
                raise ChildProcessError(f"{self.name} has ended")
            return re.findall(r"Started new listener on '\[127\.0\.0\.1\]:(\d+)'", read(self.log))
        return int(until(told, f"{self.name} listens")[-1])

    def stop(self):
        harness.end_process(self.process)

    def ask(self, path, method="GET", **body):
        """Its API's results; none while it does not listen, or knows no such object."""
        context = ssl.create_default_context(cafile=self.path("data/certs/ca.crt"))
        context.check_hostname = False  # the certificate's name is the node's
        # Icinga's certificates have no key identifiers, which Python asks for from 3.13 on.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        connection = http.client.HTTPSConnection("127.0.0.1", self.port(), context=context,
                                                 timeout=LIMIT)
        basic = base64.b64encode(f"test:{API_PASSWORD}".encode()).decode()
        try:
            connection.request("POST", "/v1/" + path, json.dumps(body),
                               {"Accept": "application/json", "Authorization": "Basic " + basic,
                                "X-HTTP-Method-Override": method})
            answer = connection.getresponse()
            text = answer.read()
        except OSError:
            return []
        finally:
            connection.close()
        return json.loads(text)["results"] if answer.status == 200 else []

    def checked(self, kind="service", which="true", also=()):
        """What it knows of these objects, by their names, once each had one more check.

        Icinga forgets that it was asked for a check where another one just ends, and a satellite
        takes no such wish of its master in its first minute: so it is asked again, and others as
        well.
        """
        begin, asked = time.time(), 0

        def known():
            nonlocal asked
            found = self.ask(f"objects/{kind}s", filter=which)
            attributes = {item["name"]: item["attrs"] for item in found}
            old = [name for name, item in attributes.items() if not item["last_check_result"]
                   or item["last_check_result"]["execution_start"] < begin]
            if old and time.time() > asked + AGAIN:
                for node in (self, *also):
                    node.ask("actions/reschedule-check", "POST", type=kind.title(), force=True,
                             filter=f"{kind}.__name in wanted", filter_vars={"wanted": old})
                asked = time.time()
            return None if old else attributes

        return until(known, f"each {kind} has a new result")


# ---- the zones ----

API = """
object ApiListener "api" {{
  bind_host = "127.0.0.1"
  bind_port = 0
  accept_config = {accept}
  accept_commands = {accept}
}}
object ApiUser "test" {{
  password = {password}
  permissions = [ "objects/query/*", "actions/reschedule-check" ]
}}
object CheckerComponent "checker" {{}}
object Endpoint "master" {{ {master} }}
object Zone "master" {{ endpoints = [ "master" ] }}
object Zone "global-commands" {{ global = true }}
"""
SATELLITE = """
object Endpoint {name} {{}}
object Zone {name} {{
  endpoints = [ {name} ]
  parent = "master"
}}
"""
# In place of the plugin: keeps what a list of processes would show, and becomes the plugin.
RECORDER = """#!/bin/sh
cat /proc/$$/cmdline >"{folder}/records/$$"
exec "{plugin}" "$@"
"""


def api(accept, master=""):
    return API.format(accept=literal(accept), password=literal(API_PASSWORD), master=master)


def host(name, address, services, **variables):
    lines = [f"object Host {literal(name)} {{", 'check_command = "dummy"',
             f"address = {literal(address)}"]
    lines += [f"vars.{key} = {literal(value)}" for key, value in variables.items()]
    for kind, variable in (("vm", "vms"), ("policy", "policies")):
        chosen = [service for service in services if service.kind == kind]
        if any(service.attributes is None for service in chosen):
            targets = [service.key for service in chosen]
        else:
            targets = {service.key: {"veeam_cdp_task_" + key: value
                                     for key, value in service.attributes.items()}
                       for service in chosen}
        lines.append(f"vars.veeam_cdp_{variable} = {literal(targets)}")
    return "\n".join(lines) + "\n}\n"


def set_up_certificates(nodes):
    """The master is the authority; what `icinga2 node setup` would ask it for is signed here.

    Not `icinga2 pki new-cert`: a key of its size takes 5 seconds, or 20 on a busy machine.
    """
    authority = nodes[0]
    run(ICINGA, "pki", "new-ca", *authority.defines)
    for node in nodes:
        name = node.path("data/certs/" + node.name)
        os.makedirs(node.path("data/certs"))
        shutil.copy(authority.path("data/ca/ca.crt"), node.path("data/certs"))
        run("openssl", "req", "-newkey", "rsa:2048", "-noenc", "-batch",
            "-subj", "/CN=" + node.name, "-keyout", name + ".key", "-out", name + ".csr")
        run(ICINGA, "pki", "sign-csr", "--csr", name + ".csr", "--cert", name + ".crt",
            *authority.defines)


class Cluster:
    """A master and two satellites. The master has all of the configuration, and no plugin."""

    def __init__(self, root, em):
        self.root, self.em = root, em
        self.password_file = em.password_file
        self.master = Node(root, "master")
        self.satellites = [Node(root, "satellite-a"), Node(root, "satellite-b")]
        self.nodes = [self.master, *self.satellites]
        set_up_certificates(self.nodes)
        self.set_up_master()

    def set_up_master(self):
        self.master.configure(api(False) + "".join(SATELLITE.format(name=literal(node.name))
                                                   for node in self.satellites))
        zones = self.master.path("etc/zones.d/")
        os.makedirs(zones + "global-commands")
        for name in ("veeam_cdp_task.conf", "veeam_cdp_services.conf"):
            shutil.copy(os.path.join(CONTRIB, name), zones + "global-commands")
        # One logs on by a file and trusts a certificate, the other by an attribute and a key. It is
        # dialled elsewhere than at the host's address, where there is nothing.
        cache = os.path.join(self.root, "cache")
        by_file = {"veeam_cdp_task_password_file": self.password_file,
                   "veeam_cdp_task_username": "monitor",
                   "veeam_cdp_task_port": int(self.em.port),
                   "veeam_cdp_task_ca_file": self.em.certificate}
        by_attribute = {"veeam_cdp_task_password": PASSWORD,
                        "veeam_cdp_task_username": "monitor",
                        "veeam_cdp_task_hostname": "em01.example.invalid",
                        "veeam_cdp_task_connect_to": "127.0.0.1:" + self.em.port,
                        "veeam_cdp_task_pinned_pubkey": self.em.pin}
        write(zones + "master/hosts.conf",
              host("em-a", "localhost", ON_A, veeam_cdp_endpoint="satellite-a", **by_file,
                   veeam_cdp_task_session_cache=cache, veeam_cdp_site=True,
                   veeam_cdp_answers=True) +
              host("em-b", "192.0.2.1", ON_B, veeam_cdp_endpoint="satellite-b", **by_attribute) +
              host("em-d", "localhost", ON_D, veeam_cdp_endpoint="satellite-a", **by_file,
                   veeam_cdp_answers=True, veeam_cdp_task_warning_data_age="10h",
                   **{"veeam_cdp_task_" + key: value for key, value in FOR_VMS.items()}))
        write(zones + "satellite-b/hosts.conf", host("em-c", "localhost", ON_C, **by_file))

    def start(self):
        """Until both satellites are connected and have got the command from the master."""
        self.master.start()
        address = f'host = "127.0.0.1", port = {self.master.port()}'
        for node in self.satellites:
            node.configure(api(True, address) + SATELLITE.format(name=literal(node.name)))
            write(node.path("plugins/check_veeam_cdp_task"),
                  RECORDER.format(folder=node.folder, plugin=PLUGIN), 0o755)
            os.makedirs(node.path("records"))
            node.start()
        for node in self.satellites:
            until(lambda node=node: node.ask("objects/checkcommands/veeam_cdp_task"),
                  f"{node.name} has the command")
            endpoint = "objects/endpoints/" + node.name
            until(lambda endpoint=endpoint: any(item["attrs"]["connected"]
                                                for item in self.master.ask(endpoint)),
                  f"{node.name} is connected")

    def results(self):
        """The check results of all services, by their names, once each has one of a check now."""
        services = self.master.checked(also=self.satellites)
        return {name: attributes["last_check_result"] for name, attributes in services.items()}

    def stop(self):
        for node in reversed(self.nodes):
            node.stop()


# ---- what is compared ----

def without_times(text):
    """Two runs are some seconds apart."""
    return re.sub(r"\b[0-9.]*\d[wdhms]\b( \d+[wdhms]\b)*", "<time>", text)


def metrics(perfdata):
    """Of each label the value, and what follows it."""
    found = {}
    for label, value, rest in re.findall(r"('[^']*'|[^ =]+)=([0-9.]+)(\S*)", perfdata):
        found[label.strip("'")] = (float(value), rest)
    return found


def differences(expected, own, result, satellite, elapsed):
    """What of a result is not as the plugin's own run, `own`, has it."""
    first, _, more = own.stdout.rstrip("\n").partition("\n")
    text, _, perfdata = first.partition("|")
    text = "\n".join([text, more] if more else [text])
    told, seen = metrics(perfdata), metrics(" ".join(result["performance_data"]))
    for what, right, wrong in (
            ("the plugin's exit code", expected.state, own.returncode),
            ("the state", expected.state, int(result["state"])),
            ("check_source", satellite, result["check_source"]),
            ("the output", without_times(text), without_times(result["output"])),
            ("the metrics", {label: rest for label, (_, rest) in told.items()},
             {label: rest for label, (_, rest) in seen.items()})):
        if right != wrong:
            yield f"{what} is {wrong!r}, not {right!r}"
    for label in set(told) & set(seen):
        if abs(told[label][0] - seen[label][0]) > elapsed:
            yield f"{label} is {seen[label][0]}, not {told[label][0]}"


def by_hand(command):
    """What came of it: the exit code, and what it printed."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, timeout=LIMIT, check=False)


class Test(harness.Test):
    """Runs all of it."""

    em = cluster = None

    def example(self):
        """The example of a host, with the lines that are there to be used, makes seven services."""
        node = Node(self.root, "example")
        example = read(os.path.join(CONTRIB, "em01.conf"))
        example, count = re.subn(r"^\t//(vars\.(?!veeam_cdp_endpoint)|include|\t|\})", r"\t\1", example,
                                 flags=re.MULTILINE)
        example = example.replace("/usr/share/check_veeam_cdp_task/icinga2", CONTRIB)
        write(node.path("etc/em01.conf"), example)
        write(node.path("etc/em01-vms.inc"), 'vars.veeam_cdp_vms["srv-new01"] = {}\n')
        node.configure('include "em01.conf"\n')
        answer = node.validated()
        self.check(count == 20, f"the example has {count} lines to be used, not 20")
        self.check(answer.returncode == 0 and "Instantiated 7 Services" in answer.stdout
                   and "Instantiated 6 Dependencies" in answer.stdout,
                   "the example: " + answer.stdout)

    def own_run(self, service):
        """What the plugin says when it is run by hand."""
        return by_hand(self.em.check(*service.options))

    def compare(self, results):
        counts = {state: 0 for state in STATES}
        begin = min(result["execution_start"] for result in results.values())
        for name, services, satellite in HOSTS:
            for service in services:
                result = results.pop(f"{name}!{service.name}", None)
                if result is None:
                    self.check(False, f"there is no service {name}!{service.name}")
                    continue
                own = self.own_run(service)
                counts[int(result["state"])] += 1
                if self.verbose:
                    print(f"{result['check_source']} {name}!{service.name}: {result['output']}"
                          f"|{' '.join(result['performance_data'])}")
                for difference in differences(service, own, result, satellite,
                                              time.time() - begin + 1):
                    self.check(False, f"{name}!{service.name}: {difference}")
        self.check(not results, f"services that no one asked for: {list(results)}")
        return ", ".join(f"{counts[state]} {STATE_NAMES[state]}" for state in STATES)

    def no_password_was_shown(self):
        """Of the checks there are records, of the rest, the daemons for one, there is /proc."""
        records = []
        for node in self.cluster.satellites:
            for path in glob.glob(node.path("records/*")):
                records.append(read(path))
                self.check("check_veeam_cdp_task\0--" in records[-1], f"no check: {records[-1]!r}")
        self.check(len(records) >= sum(len(services) for _, services, _ in HOSTS),
                   f"{len(records)} checks were run by satellites")
        self.no_password_shown(*records)

    def checked(self, name):
        """A service of em-a after one more check."""
        name = "em-a!" + name
        return self.cluster.master.checked(which=f"service.__name == {literal(name)}")[name]

    def stale_em(self):
        """EM answers from old data: one service says so, and a VM that fails is a problem as before."""
        self.em.play(STALE)
        for _ in range(2):  # max_check_attempts
            answers = self.checked("veeam-cdp-answers")
        self.check((answers["state"], answers["state_type"]) == (WARNING, 1) and
                   " old" in answers["last_check_result"]["output"], f"a stale EM: {answers}")
        # No one forces these checks.
        for name, state in (("srv-mail01", CRITICAL), ("srv-db01", OK)):
            name = "em-a!veeam-cdp-vm-" + name
            before = self.executed(name)
            self.cluster.master.ask("actions/reschedule-check", "POST", type="Service",
                                    filter=f"service.__name == {literal(name)}")
            until(lambda name=name, before=before: self.executed(name) > before,
                  f"{name} is checked while EM is stale")
            seen, = self.cluster.master.ask("objects/services",
                                            filter=f"service.__name == {literal(name)}")
            self.check((seen["attrs"]["state"], seen["attrs"]["last_reachable"]) == (state, True),
                       f"{name} while EM is stale: {seen['attrs']}")
        return answers["last_check_result"]["output"].partition("\n")[0]

    def without_em(self):
        """As long as EM is away, one service says so, and the others count as out of reach."""
        reachable = self.checked("veeam-cdp-vm-srv-db01")["last_reachable"]
        self.em.stop()
        for _ in range(2):  # max_check_attempts
            answers = self.checked("veeam-cdp-answers")
        self.check((answers["state"], answers["state_type"]) == (UNKNOWN, 1),
                   f"without EM: {answers}")
        alone = self.checked("veeam-cdp-vm-srv-db01")["last_reachable"]
        self.check((reachable, alone) == (True, False),
                   f"reachable with EM: {reachable}, without: {alone}")
        # No one forces the check: it is not made, but that of a host without such a service is.
        srv_db01 = "em-a!veeam-cdp-vm-srv-db01"
        before = self.executed(srv_db01)
        other = "em-b!veeam-cdp-vm-srv-db01"
        latest = self.executed(other)
        for name in (srv_db01, other):
            self.cluster.master.ask("actions/reschedule-check", "POST", type="Service",
                                    filter=f"service.__name == {literal(name)}")
        until(lambda: self.executed(other) > latest, "a check that depends on nothing")
        self.check(self.executed(srv_db01) == before, "a check is made while EM is away")

    def executed(self, name):
        """When the service was checked last."""
        found = self.cluster.master.ask("objects/services", attrs=["last_check_result"],
                                        filter=f"service.__name == {literal(name)}")
        return found[0]["attrs"]["last_check_result"]["execution_start"]

    def run(self):
        clock = [time.monotonic()]
        self.example()
        self.em = self.start(harness.Em, SCENARIO)
        self.cluster = self.start(Cluster, self.em)
        clock.append(time.monotonic())
        self.cluster.start()
        clock.append(time.monotonic())
        results = self.cluster.results()
        clock.append(time.monotonic())
        total = len(results)
        states = self.compare(results)
        sessions = self.em.counts()["open_sessions"]
        self.check(sessions == 1, f"{sessions} logons are left: not that of the cache alone")
        self.no_password_was_shown()
        stale = self.stale_em()
        self.without_em()
        seconds = [f"{after - before:.1f} s" for before, after in zip(clock, clock[1:])]
        print(f"{total} services on 2 satellites, as their master shows them: {states}; "
              f"{seconds[0]} for certificates, {seconds[1]} until all were connected and had the "
              f"command, {seconds[2]} for the checks; a stale EM is one alert: {stale}")

    def logs(self):
        for path in sorted(glob.glob(os.path.join(self.root, "*", "output"))):
            lines = [line.replace(PASSWORD, "***") for line in read(path).splitlines()
                     if "HttpServerConnection" not in line and "no client certificate" not in line]
            print("\n".join([path, *lines[-40:]]))


if __name__ == "__main__":
    sys.exit(harness.main(Test, harness.missing({"icinga2": "icinga2-bin"})))
