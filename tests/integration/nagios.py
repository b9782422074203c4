#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Nagios 4 with the files of contrib/nagios, against the emulator.

    nagios.py active    Nagios runs the checks: the example's, and one for each VM with an odd name
    nagios.py passive   a run whose results go into its command pipe

What its status file has must be what the plugin printed. -v: every service. Exit code 77: there is no
Nagios.
"""

import glob
import grp
import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
# pylint: disable=wrong-import-position
import harness
from harness import PASSWORD, PLUGIN, read, run, until, write
from icinga2 import FRESH, RPO_OPTIONS, STALE, behind, by_hand, vm, without_times
from nagios_daemon import COMMON, ILLEGAL

CONTRIB = os.path.join(harness.CONTRIB, "nagios")
NAGIOS = harness.find("nagios4")
SAMPLES = "/etc/nagios4/objects"  # generic-service and linux-server, as Nagios brings them

MAIN = COMMON + """\
cfg_dir={0}/conf.d
resource_file={0}/resource.cfg
service_inter_check_delay_method=n
service_interleave_factor=1
check_workers=2
check_service_freshness=1
service_freshness_check_interval=1
"""

# In place of the plugin: keeps what a list of processes would show of it and of its parent, and
# what it prints.
RECORDER = """#!/bin/sh
cat "/proc/$PPID/cmdline" >"{0}/$$.parent"
cat /proc/$$/cmdline >"{0}/$$.arguments"
"{1}" "$@" >"{0}/$$.output" 2>&1
code=$?
cat "{0}/$$.output"
exit $code
"""

# Of linux-server; in Debian it comes with monitoring-plugins-basic. No host is checked here.
ALIVE = """\
define command {
    command_name  check-host-alive
    command_line  /bin/true
}
"""

SERVICE = """\
define service {{
    use                  veeam-cdp
    host_name            em01
    service_description  {0}
    check_command        check_veeam_cdp_vm!{1}
}}
"""


PASSIVE_SERVICE = """\
define service {{
    use                  veeam-cdp-passive
    host_name            {0}
    service_description  {1}
    {2}
}}
"""


IN_README = "it's 5 $; wow!"  # README.md writes it in a check_command

# What a shell, Nagios' macros, its commands or its files might take for something else.
ODDER = [
    vm(IN_README), vm("wow!"), vm("!"), vm("back\\!slash"), vm("ends in \\"), vm("a\\;b"),
    vm("cash$box"), vm("$"), vm("$$"), vm("$HOSTNAME$"), vm("$ARG1$"), vm("$USER9$"),
    vm("$(id) `id`"), vm("'; exit 3; '"),
    vm("\\"), vm("\\\\"), vm("\\'"), vm("it''s"), vm("--odd"), vm("#no comment"), vm(";no comment"),
    vm("{brace}"), vm("  blanks  "), vm("tab\there"), vm("*"), vm("~root"), vm("&& false || true"),
    vm("Ärger", "Failed", "Größe: \"1|2\" = 3; C:\\new 'x' $HOME `id` <b> \u2014 ende"),
    vm("long " + "ö" * 250, "Warning", "r" * 900),
]


def argument(name):
    """A name in an argument of check_command, by the table in README.md."""
    written = {"'": "'\\''", "\\": "'\"\\\\\"'", "!": "\\!", "$": "$$", ";": "\\;"}
    name = "".join(written.get(character, character) for character in name)
    return name + "''" if name.endswith(" ") else name


def service_name(name):
    """The service of a VM as --passive-service='Veeam CDP VM {vm}' names it."""
    name = re.sub("[;" + re.escape(ILLEGAL) + "]", "_", "Veeam CDP VM " + name)
    name = re.sub(r"[\x00-\x20]+", " ", name).strip()
    if len(name.encode()) > 255:
        name = name.encode()[:252].decode(errors="ignore") + "..."
    return name


def passive_service(host, name, more=""):
    """Its definition. A backslash at the end of a line would join the next one; two are one."""
    name += "\\" if name.endswith("\\") else ""
    return PASSIVE_SERVICE.format(host, name, more)


def options_in(arguments):
    return arguments.split("\0")[2:-1]  # behind /bin/sh and the recorder


class Nagios:
    """Nagios 4 with folders of its own, and contrib/nagios as README.md has it copied."""

    def __init__(self, root, examples):
        self.root, self.process = os.path.join(root, "nagios"), None
        self.log = self.path("nagios.log")
        for folder in ("conf.d", "results", "records", "plugins"):
            os.makedirs(self.path(folder))
        for name in ("commands", "contacts", "timeperiods", "templates"):
            shutil.copy(os.path.join(SAMPLES, name + ".cfg"), self.path("conf.d"))
        for name in ("veeam_cdp.cfg", *examples):
            shutil.copy(os.path.join(CONTRIB, name), self.path("conf.d"))
        write(self.path("conf.d/alive.cfg"), ALIVE)
        write(self.path("nagios.cfg"), MAIN.format(
            self.root, pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name, ILLEGAL))
        write(self.path("resource.cfg"),
              f"$USER1$={self.path('plugins')}\n$USER9$={self.path('veeam.ini')}\n")
        write(self.path("plugins/check_veeam_cdp_task"),
              RECORDER.format(self.path("records"), PLUGIN), 0o755)

    def path(self, name):
        return os.path.join(self.root, name)

    def ini(self, section, em):
        """contrib's ini file, made one for this emulator."""
        text = read(os.path.join(CONTRIB, "veeam.ini"))
        for key, value in (("username", "monitor"), ("password", PASSWORD),
                           ("pinned-pubkey", em.pin),
                           ("hostname", "em01.example.com\nconnect-to = 127.0.0.1:" + em.port),
                           ("snapshot", self.path("cache")), ("session-cache", self.path("cache"))):
            text, count = re.subn(rf"^#?{key} = .*$", lambda _, line=f"{key} = {value}": line, text,
                                  flags=re.MULTILINE)
            assert count == 1, key
        write(self.path("veeam.ini"), text.replace("[em01]", f"[{section}]"), 0o640)

    def verify(self):
        """Nagios' own opinion of the configuration; not one warning."""
        said = run(NAGIOS, "-v", self.path("nagios.cfg"))
        for what in ("Warnings", "Errors"):
            assert re.search(rf"^Total {what}: +0$", said, re.MULTILINE), said

    def start(self):
        self.verify()
        with open(self.path("output"), "wb") as output:
            self.process = subprocess.Popen([NAGIOS, self.path("nagios.cfg")], stdout=output,
                                            stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        until(lambda: os.path.exists(self.path("nagios.cmd")), "Nagios' command pipe")

    def stop(self):
        harness.end_process(self.process)

    def services(self):
        """What status.dat has of each service that has a result, by its name."""
        found = {}
        try:
            text = read(self.path("status.dat"))
        except OSError:
            return found
        for block in re.findall(r"^servicestatus \{\n(.*?)^\t\}", text, re.MULTILINE | re.DOTALL):
            members = dict(line[1:].split("=", 1) for line in block.splitlines())
            if members["has_been_checked"] == "1":
                found[members["service_description"]] = members
        return found

    def order(self, command, service, seconds):
        """One of Nagios' commands, for a service of em01 and so many seconds from now."""
        now = int(time.time())
        with open(self.path("nagios.cmd"), "w", encoding="utf-8") as pipe:
            pipe.write(f"[{now}] {command};em01;{service};{now + seconds}\n")

    def until_checked(self, number):
        """The services, as soon as so many have a result."""
        return until(lambda: len(self.services()) >= number and self.services(),
                     f"{number} services have a result")

    def records(self):
        """Of each run by Nagios: its options, what it printed, and what the processes showed."""
        for path in glob.glob(self.path("records/*.arguments")):
            arguments = read(path)
            yield (options_in(arguments), read(path.replace(".arguments", ".output")),
                   arguments + read(path.replace(".arguments", ".parent")))

    def runs(self):
        """Of each run that Nagios has begun: its options but the first, which all have."""
        return [options_in(read(path))[1:] for path in glob.glob(self.path("records/*.arguments"))]


def as_status(output):
    """What status.dat has of a plugin's output: text, long text and performance data.

    Nagios makes a ; in the first line's text a :, and writes the ends of lines and backslashes of a
    long text as \\n and \\\\.
    """
    first, _, more = output.rstrip("\n").partition("\n")
    text, _, perfdata = first.partition("|")
    more = more.replace("\\", "\\\\").replace("\n", "\\n")
    return {"plugin_output": text.replace(";", ":"), "long_plugin_output": more,
            "performance_data": perfdata}


def timeless(output):
    """Two runs are some seconds apart."""
    metrics_and_dates = r"(duration|age|time)=[0-9.]+s|[0-9-]{10} [0-9:]{5}(?= UTC)"
    return without_times(re.sub(metrics_and_dates, "", output))


class Test(harness.Test):
    """What both tests have: an emulator and a Nagios. `part` is one of the two."""

    def __init__(self, root, part):
        super().__init__(root)
        self.part, self.em, self.nagios = part, None, None

    def run(self):
        self.part(self)

    def set_up(self, scenario, section, *examples):
        self.em = self.start(harness.Em, scenario)
        self.nagios = self.start(Nagios, examples)
        self.nagios.ini(section, self.em)

    def same(self, service, seen, output, state):
        """What Nagios has of a service, with what the plugin printed for it."""
        for key, right in {**as_status(output), "current_state": str(state)}.items():
            self.check(seen[key] == right,
                       f"{service}: {key} is\n  {seen[key]!r}, not\n  {right!r}")
        if self.verbose:
            print(f"{service}: {seen['plugin_output']}")


def odd_names():
    """The emulator's scenario with odd names, and odder ones."""
    scenario = json.loads(read(os.path.join(harness.SCENARIOS, "odd-names.json")))
    scenario["vms"] += ODDER
    return scenario


def active(test):
    """A service for each VM, and those of the example, whose VMs EM does not know."""
    scenario = odd_names()
    vms = {f"Veeam CDP {number}": "--vm=" + item["name"]
           for number, item in enumerate(scenario["vms"])}
    scenario["policies"].append({"name": "CDP Policy Gold"})
    scenario["vms"] += behind("CDP Policy Gold")
    test.set_up(scenario, "em01", "veeam_cdp_active.cfg")
    readme, written = read(os.path.join(CONTRIB, "README.md")), argument(IN_README)
    test.check(f"`check_veeam_cdp_vm!{written}`" in readme,
               f"README.md does not write {IN_README} as {written}")
    write(test.nagios.path("conf.d/vms.cfg"),
          "".join(SERVICE.format(name, argument(option[5:])) for name, option in vms.items()))
    expected = {name: [option] for name, option in vms.items()}
    expected |= {
        "Veeam CDP VM srv-db01": ["--vm=srv-db01", FRESH, "--map=idle=critical",
                                  "--warning-age=12h", "--critical-age=16h"],
        "Veeam CDP VM srv-web01": ["--vm=srv-web01", FRESH],
        "Veeam CDP policy CDP Policy": ["--policy=CDP Policy", FRESH],
        "Veeam CDP policy CDP Policy Gold": ["--policy=CDP Policy Gold", FRESH, *RPO_OPTIONS],
        "Veeam CDP site": ["--all", FRESH, "--exclude-vm=^test-"],
        "Veeam CDP EM": ["--em"]}
    test.nagios.start()
    seen = test.nagios.until_checked(len(expected))
    common = f"--extra-opts=em01@{test.nagios.path('veeam.ini')}"
    records = {}
    for options, output, _ in test.nagios.records():
        test.check(options[0] == common, f"options {options}")
        records.setdefault(tuple(options[1:]), []).append(output)
    states = {}
    for service, options in expected.items():
        printed = records.pop(tuple(options), [])
        test.check(len(printed) == 1, f"{service}: Nagios ran {len(printed)} checks with {options}")
        own = by_hand([PLUGIN, common, *options])
        states[own.returncode] = states.get(own.returncode, 0) + 1
        for output in printed:
            test.same(service, seen[service], output, own.returncode)
            test.check(timeless(output) == timeless(own.stdout),
                       f"{service}: by hand {own.stdout!r}, not {output!r}")
    test.check(not records, f"checks that no one asked for: {list(records)}")
    test.check(seen["Veeam CDP EM"]["current_state"] == "0", f"{seen['Veeam CDP EM']}")
    behind_rpo = seen["Veeam CDP policy CDP Policy Gold"]
    test.check(behind_rpo["current_state"] == "1" and "4 VMs: 3 warning, 1 ok" in behind_rpo["plugin_output"]
               and re.search(r"\[WARNING\] lags, policy CDP Policy Gold, [^:]*: lag 10m \(warning: 5m\)",
                             behind_rpo["long_plugin_output"])
               and "max_rpo_lag=600s;300;900;0" in behind_rpo["performance_data"], f"{behind_rpo}")
    test.no_password_shown(*(shown for _, _, shown in test.nagios.records()))
    stale = stale_em(test, scenario, expected)
    without_em(test, expected)
    print(f"{len(expected)} services, as Nagios' status file has them: " + ", ".join(
        f"{states.get(code, 0)} {name}" for code, name in enumerate(harness.STATE_NAMES)) +
        f"; a stale EM is one alert: {stale}")


def is_hard(test, state):
    """Whether the service of EM itself, after one more check, has that state for good."""
    test.nagios.order("SCHEDULE_FORCED_SVC_CHECK", "Veeam CDP EM", 0)
    seen = test.nagios.services()["Veeam CDP EM"]
    return (seen["current_state"], seen["state_type"]) == (state, "1") and seen


def stale_em(test, scenario, expected):
    """EM answers from old data, and a VM fails: its service is checked, and is a problem."""
    test.em.play({**scenario, "vms": [*scenario["vms"], vm("srv-db01", "Failed", "the disk is full"),
                                      vm("srv-web01")], "collections": STALE["collections"]})
    shutil.rmtree(test.nagios.path("cache"))
    seen = until(lambda: is_hard(test, "1"), "EM is known to be stale")
    test.check(" old" in seen["plugin_output"], f"a stale EM: {seen}")
    for name, state in (("srv-db01", "2"), ("srv-web01", "0")):
        name = "Veeam CDP VM " + name
        before = test.nagios.runs().count(expected[name])
        test.nagios.order("SCHEDULE_SVC_CHECK", name, 0)
        until(lambda name=name, before=before: test.nagios.runs().count(expected[name]) > before,
              f"{name} is checked while EM is stale")
        until(lambda name=name, state=state: test.nagios.services()[name]["current_state"] == state,
              f"{name} is {state} while EM is stale")
    return seen["plugin_output"]


def without_em(test, expected):
    """As long as EM is away, those that depend on the service that says so are not checked."""
    nagios = test.nagios
    alone = "Veeam CDP 0"

    test.em.stop()
    shutil.rmtree(nagios.path("cache"))
    until(lambda: is_hard(test, "3"), "EM is known to be away")
    before = nagios.runs()
    dependent = [name for name in expected if not re.fullmatch("Veeam CDP (EM|[0-9]+)", name)]
    for name in dependent:
        nagios.order("SCHEDULE_SVC_CHECK", name, 0)
    nagios.order("SCHEDULE_SVC_CHECK", alone, 2)
    until(lambda: nagios.runs().count(expected[alone]) > before.count(expected[alone]),
          "a service that depends on none is checked")
    for name in dependent:
        test.check(nagios.runs().count(expected[name]) == before.count(expected[name]),
                   f"{name} is checked without EM")
    test.check(len(dependent) == 5, f"{dependent} depend on it")


def timer(test, host):
    """What the line for cron in README.md writes into the command pipe."""
    line = re.search(r"^\*/5 \* \* \* \* nagios (.*)$", read(os.path.join(CONTRIB, "README.md")),
                     re.MULTILINE)[1]
    assert f"={host}@" in line, line
    for there, here in (("/usr/lib/nagios/plugins/check_veeam_cdp_task", PLUGIN),
                        ("/etc/nagios4/veeam.ini", test.nagios.path("veeam.ini")),
                        (">/dev/null", ">" + test.nagios.path("printed")),
                        ("/var/lib/nagios4/rw/nagios.cmd", test.nagios.path("nagios.cmd"))):
        assert line.count(there) == 1 + there.endswith(".cmd"), there
        line = line.replace(there, here)
    run("sh", "-c", line)
    return read(test.nagios.path("printed"))


def passive(test):
    """The example's services, one for each odd name, and one whose VM EM does not have."""
    host = "em01.example.com"
    scenario = odd_names()
    scenario["vms"] += [vm("srv-db01"), vm("srv-web01", "Warning", "the disk is full")]
    test.set_up(scenario, host, "veeam_cdp_passive.cfg")
    example = {"Veeam CDP VM -", "Veeam CDP VM srv-db01", "Veeam CDP VM srv-web01"}
    services = {service_name(item["name"]) for item in scenario["vms"]}
    write(test.nagios.path("conf.d/vms.cfg"),
          "".join(passive_service(host, service) for service in sorted(services - example)) +
          passive_service(host, "Veeam CDP VM gone", "freshness_threshold 1"))
    services |= example
    test.nagios.start()
    printed = timer(test, host)
    seen = test.nagios.until_checked(len(services) + 1)
    for line in printed.splitlines():
        _, on, service, state, output = line.split(";", 4)
        test.check(on == host and service in services, f"no service for {line}")
        if service in services:
            services.remove(service)
            test.same(service, seen[service], output, state)
    test.check(not services, f"without a result: {services}")
    objects = read(test.nagios.path("objects.cache")).partition("define service {")[2]
    late = sorted(set(re.findall(r"^\tfreshness_threshold\t(\d+)$", objects, re.MULTILINE)))
    test.check(late == ["1", "900"], f"results are late after {late} s")
    gone = seen["Veeam CDP VM gone"]
    test.check(gone["current_state"] == "3" and "no result came" in gone["plugin_output"],
               f"{gone}")
    log = read(test.nagios.path("nagios.log"))
    test.check("could not be found" not in log, "a result without a service: " + log)
    print(f"{len(seen)} services: one run served {len(seen) - 1}, "
          "and the one it did not is UNKNOWN")


def main():
    part = {"active": active, "passive": passive}[sys.argv[1]]
    return harness.main(lambda root: Test(root, part), harness.missing({"nagios4": "nagios4-core"}))


if __name__ == "__main__":
    sys.exit(main())
