#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real snmptrapd with contrib/snmp, traps of a real snmptrap, and the states that Nagios and Icinga 2 show.

snmptrapd hands each trap to the handler twice: for Nagios' pipe, and for Icinga 2's pipe and a file of JSON.
-v: every line of the log. Exit code 77: a program is missing.
"""

import glob
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
# pylint: disable=wrong-import-position
import harness
from harness import CRITICAL, OK, PASSWORD, UNKNOWN, WARNING, read, until, write
from icinga2 import Node, api, set_up_certificates
from nagios import Nagios

CONTRIB = os.path.join(harness.CONTRIB, "snmp")
COMMUNITY, AUTHENTICATION, PRIVACY = (PASSWORD + end for end in ("-c", "-a", "-p"))
ENGINE = "0x80001f8880766565616d"
TRAP = "1.3.6.1.4.1.31023.1.1.1.0.16"
VARIABLE = "1.3.6.1.4.1.31023.1.1."
POLICY, STATUS, VM, SLA, THRESHOLD, DELAY = (
    VARIABLE + number for number in ("126", "127", "105", "128", "129", "130"))

LISTENER = """\
authCommunity execute {community}
createUser -e {engine} veeam SHA "{authentication}" AES "{privacy}"
authUser execute veeam priv
traphandle {trap} {handler} --pipe={nagios} {names}
traphandle {trap} {handler} --pipe={icinga} --json={json} {names}
doNotRetainNotificationLogs yes
"""
SENDER = """\
mibs :
defCommunity {community}
defSecurityName veeam
defSecurityLevel authPriv
defAuthType SHA
defAuthPassphrase {authentication}
defPrivType AES
defPrivPassphrase {privacy}
"""


class Snmptrapd:
    """On a free port, with the secrets in files."""

    def __init__(self, root, nagios, icinga):
        self.folder, self.log, self.json = (os.path.join(root, name) for name in ("snmp", "snmp/log", "snmp/reports"))
        secrets = {"community": COMMUNITY, "authentication": AUTHENTICATION, "privacy": PRIVACY}
        wrong = {name: text + "-wrong" for name, text in secrets.items()}
        configuration = write(os.path.join(self.folder, "snmptrapd.conf"), LISTENER.format(
            **secrets, engine=ENGINE, trap=TRAP, handler=os.path.join(CONTRIB, "veeam-cdp-trap"), nagios=nagios,
            icinga=icinga, json=self.json, names=names_in_example()), 0o600)
        write(os.path.join(self.folder, "snmp.conf"), SENDER.format(**secrets), 0o600)
        write(os.path.join(self.folder, "stranger/snmp.conf"), SENDER.format(**wrong), 0o600)
        # No MIBs, as Debian's snmp.conf has it.
        self.environment = {**os.environ, "SNMPCONFPATH": self.folder, "SNMP_PERSISTENT_DIR": self.folder, "MIBS": ""}
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen(
                [harness.find("snmptrapd"), "-f", "-Lo", "-C", "-c", configuration, "udp:127.0.0.1:0"],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=self.environment)
        self.port = until(self.find_port, "snmptrapd listens")

    def find_port(self):
        """Where it listens: the port that the kernel gave it."""
        if self.process.poll() is not None:
            raise ChildProcessError("snmptrapd has ended: " + read(self.log))
        own = {os.readlink(path) for path in glob.glob(f"/proc/{self.process.pid}/fd/*") if os.path.islink(path)}
        for line in read("/proc/net/udp").splitlines()[1:]:
            fields = line.split()
            if f"socket:[{fields[9]}]" in own and fields[1].startswith("0100007F:"):
                return int(fields[1].partition(":")[2], 16)
        return None

    def send(self, version, *values, trap=TRAP, stranger=False):
        """What snmptrap of that version sends: of each variable OID, type and value."""
        environment = dict(self.environment)
        if stranger:  # has other secrets
            environment["SNMPCONFPATH"] = environment["SNMP_PERSISTENT_DIR"] = os.path.join(self.folder, "stranger")
        if version == "1":  # the enterprise, and the number of the trap
            enterprise, _, number = trap.rpartition(".0.")
            head = [enterprise, "127.0.0.1", "6", number, "1"]
        else:
            head = ["1", trap]
        engine = ["-e", ENGINE] if version == "3" else []
        harness.run("snmptrap", "-v" + version, *engine, f"127.0.0.1:{self.port}", *head, *values,
                    environment=environment)

    def reports(self):
        return [json.loads(line) for line in read(self.json).splitlines()] if os.path.exists(self.json) else []

    def stop(self):
        harness.end_process(self.process)


def names_in_example():
    """--host and --service, as the example has them."""
    return re.search(r"^traphandle .* (--host=vbr01 --service='Veeam CDP RPO \{vm\}')$",
                     read(os.path.join(CONTRIB, "snmptrapd.conf")), re.MULTILINE)[1]


def report(vm, status, *measures, policy="CDP Policy"):
    """The variables of a report, in the order of VEEAM-MIB; the measures are SLA, threshold and max delay."""
    texts = {POLICY: policy, STATUS: status, VM: vm, **dict(zip((SLA, THRESHOLD, DELAY), measures))}
    return [word for oid, text in texts.items() for word in (oid, "s", text)]


# Of each trap: its version, its variables, the VM as services name it, its state, its performance data, and what
# the log says of it.
SOUND = (
    ("1", report("srv-db01", "Success", "99.9 %", "15 sec", "00:00:04"), "srv-db01", OK,
     "sla=99.9%;;;0;100 max_delay=4s;;;0 rpo_threshold=15s;;;0", None),
    ("2c", report("srv-web01", "Warning", "95", "15", "12"), "srv-web01", WARNING,
     "sla=95%;;;0;100 max_delay=12s;;;0 rpo_threshold=15s;;;0", None),
    ("3", report("srv-mail01", "Failed", "60,5 %", "1 min", "1 min 12.5 sec"), "srv-mail01", CRITICAL,
     "sla=60.5%;;;0;100 max_delay=72.5s;;;0 rpo_threshold=60s;;;0", None),
    ("3", report("srv-file01", "Violated", "n/a", "15 sec", "unknown"), "srv-file01", UNKNOWN,
     "rpo_threshold=15s;;;0",
     "cdpRpoStatus 'Violated': not a known status; cdpSla 'n/a', cdpMaxDelay 'unknown': not a number"),
    ("2c", [POLICY + ".0", "s", "P", STATUS + ".0", "s", "WARNING", VM + ".0", "s", "srv-zero01"], "srv-zero01",
     WARNING, "", "cdpSla, cdpRpoThreshold, cdpMaxDelay: missing"),
    ("2c", report("Bürgeramt-Größe", "Success", "100%"), "Bürgeramt-Größe", OK, "sla=100%;;;0;100",
     "cdpRpoThreshold, cdpMaxDelay: missing"),
)
SHUTDOWN = "\n[1] SHUTDOWN_PROGRAM\n[1] SHUTDOWN_PROCESS"
FORGED = f'"\n.{STATUS} "Success"\n.{VM} "forged'
HOSTILE = (
    ("2c", report("x;0;fine" + SHUTDOWN, "Failed" + SHUTDOWN + "|a=1", "95|b=1", "1\n2", "C:\\new;" + SHUTDOWN,
                  policy="P;" + SHUTDOWN), "x_0_fine [1] SHUTDOWN_PROGRAM [1] SHUTDOWN_PROCESS", UNKNOWN, "",
     "vmName, cdpPolicyName, cdpRpoStatus, cdpSla, cdpRpoThreshold, cdpMaxDelay: cleaned of blanks, control"),
    ("3", report("forger" + FORGED, "Failed", policy="P" + FORGED),
     f"forger_ .{STATUS} _Success_ .{VM} _forged", CRITICAL, "",
     "{vm}: with '_' for what a name can't have"),
    ("2c", report("ends in \\", "Warning"), "ends in \\", WARNING, "", "missing"),
    ("2c", [VM, "x", "61 00 07 1B 5B 33 31 6D 7C 62", STATUS, "s", "Failed"], "a [31m_b", CRITICAL, "",
     "vmName: cleaned of blanks, control characters, bars"),
    ("2c", [VM, "x", "62 FC 72 6F", STATUS, "s", "Success"], "b\ufffdro", OK, "", "vmName: cleaned of"),
    ("2c", report("x" * 60000, "Failed"), "x" * (255 - len("Veeam CDP RPO ...")) + "...", CRITICAL, "",
     "vmName of 60000 bytes: cut, over 255 bytes"),
    ("2c", report("long status", "s" * 60000, "9" * 100), "long status", UNKNOWN, "",
     "cdpRpoStatus of 60000 bytes: cut, over 255 bytes"),
    ("2c", report("types", "Success") + [SLA, "i", "95", THRESHOLD, "o", TRAP, DELAY, "t", "1250"], "types", OK,
     "sla=95%;;;0;100 max_delay=12.5s;;;0", "cdpRpoThreshold 'iso.3.6.1.4.1.31023.1.1.1.0.16': not a number"),
    ("2c", report("twice", "Failed") + report("other", "Success"), "twice", CRITICAL, "",
     "vmName: given twice, the first one counts"),
    ("2c", report("crowded", "Warning") + ["1.3.6.1.2.1.1.5.0", "s", "Success"] * 200, "crowded", WARNING, "",
     "1.3.6.1.2.1.1.5.0: not a part of a report, 200 such variables"),
    ("1", [VM, "s", "alone"], "alone", UNKNOWN, "",
     "cdpPolicyName, cdpRpoStatus, cdpSla, cdpRpoThreshold, cdpMaxDelay: missing"),
)
# Nothing is delivered of these, and the log says why; None: they do not even come to the handler.
DROPPED = (
    ("2c", [], TRAP, "dropped: it names neither a VM nor a policy"),
    ("2c", [VM, "i", "1", STATUS, "s", "Success"], TRAP, "dropped: vmName is not a text in quotes"),
    ("3", report("srv-db01", "Failed"), TRAP.replace(".16", ".15"), None),
)


def service(vm):
    return "Veeam CDP RPO " + vm


def changed(path, *changes):
    """An example with other values; each must be there once."""
    text = read(os.path.join(CONTRIB, path))
    for there, here in changes:
        assert text.count(there) == 1, there
        text = text.replace(there, here)
    return text


class Icinga(Node):
    """With the example, for VMs of these names and one more, whose state is short.

    Its first checks are within a minute; each report puts off the one of its service.
    """

    def __init__(self, root, vms):
        super().__init__(root, "master")  # as api() calls it
        self.pipe = self.path("icinga2.cmd")
        set_up_certificates([self])
        names = ", ".join('"' + vm.replace("\\", "\\\\") + '"' for vm in [*vms, "srv-sync", "srv-last"])
        example = changed("veeam_cdp_rpo.conf", ('[ "srv-db01", "srv-web01" ]', f"[ {names} ]"),
                          ('"hostalive"', '"dummy"'))
        self.configure(api(False) + example + f"""
object ExternalCommandListener "command" {{ command_path = "{self.pipe}" }}
object Service "{service('srv-short')}" {{
  import "veeam-cdp-rpo"
  host_name = "vbr01"
  check_interval = 2s
}}
""")

    def services(self):
        return {item["attrs"]["name"]: item["attrs"] for item in self.ask("objects/services")}


NAGIOS_SERVICE = """\
define service {{
    use                  veeam-cdp-rpo
    host_name            vbr01
    service_description  {0}
    {1}
}}
"""


def start_nagios(test, vms):
    nagios = test.start(Nagios, ["../snmp/veeam_cdp_rpo.cfg"])
    in_example = ("srv-db01", "srv-web01")
    write(nagios.path("conf.d/vms.cfg"),
          "".join(NAGIOS_SERVICE.format(service(vm) + ("\\" if vm.endswith("\\") else ""), "")
                  for vm in [*vms, "srv-sync", "srv-last"] if vm not in in_example) +
          NAGIOS_SERVICE.format(service("srv-short"), "freshness_threshold 1"))
    nagios.start()
    return nagios


class Test(harness.Test):
    """Runs all of it."""

    nagios = icinga = snmptrapd = None

    def start_all(self, vms):
        self.icinga = self.start(Icinga, vms)
        self.icinga.start()
        self.nagios = start_nagios(self, vms)
        until(lambda: os.path.exists(self.icinga.pipe), "Icinga's command pipe")
        self.snmptrapd = self.start(Snmptrapd, self.nagios.path("nagios.cmd"), self.icinga.pipe)

    def deliver(self, version, values):
        """The line of JSON that comes of a trap, and what the log got meanwhile."""
        count, before = len(self.snmptrapd.reports()), len(read(self.snmptrapd.log))
        self.snmptrapd.send(version, *values)
        until(lambda: len(self.snmptrapd.reports()) > count, f"a report of {values[:9]}"[:300])
        reports = self.snmptrapd.reports()
        self.check(len(reports) == count + 1, f"{len(reports) - count} lines of JSON by one trap")
        return reports[-1], before

    def send_all(self, rows):
        """Of each service what JSON said of it."""
        expected, marks = {}, []
        for version, values, vm, state, perfdata, note in rows:
            said, before = self.deliver(version, values)
            self.compare(f"{vm}: the state", state, said["exit_code"])
            self.compare(f"{vm}: performance data", perfdata, said["performance_data"])
            expected[service(vm)] = said
            marks.append((vm, before, note))
        self.deliver("2c", report("srv-sync", "Success", "1%", "1", "1"))  # now the log is complete
        log = read(self.snmptrapd.log)
        ends = [before for _, before, _ in marks[1:]] + [len(log)]
        for (vm, before, note), end in zip(marks, ends):
            lines = log[before:end].splitlines()
            self.check(len(lines) == (2 if note else 0) and all(
                "from 127.0.0.1: " in line and note in line for line in lines), f"{vm}: not {note!r}, but {lines}")
        return expected

    def compare_states(self, expected):
        """What Nagios and Icinga show is what JSON says; Nagios makes a ; in an output a :"""
        in_nagios = until(lambda: set(expected) <= set(self.nagios.services()) and self.nagios.services(),
                          "Nagios has all results")
        in_icinga = until(lambda: self.in_icinga(expected), "Icinga has all results")
        for name, said in expected.items():
            output = said["summary"].replace("\\", "/")
            seen = in_nagios[name]
            self.compare(f"{name} in Nagios", (str(said["exit_code"]), output.replace(";", ":"), "",
                                               said["performance_data"]),
                         (seen["current_state"], seen["plugin_output"], seen["long_plugin_output"],
                          seen["performance_data"]))
            result = in_icinga[name]["last_check_result"]
            self.compare(f"{name} in Icinga 2", (said["exit_code"], output, said["performance_data"]),
                         (int(result["state"]), result["output"], " ".join(result["performance_data"])))
            if self.verbose:
                print(f"{name}: {output}|{said['performance_data']}")

    def in_icinga(self, expected):
        """Its services, as soon as these have results that came by the pipe."""
        services = self.icinga.services()
        waits = [name for name in expected if not services[name]["last_check_result"]
                 or services[name]["last_check_result"]["active"]]
        return None if waits else services

    def nothing_of(self):
        """Traps that are dropped, and those that no one may send."""
        count = len(self.snmptrapd.reports())
        for version, values, trap, why in DROPPED:
            before = len(read(self.snmptrapd.log))
            self.snmptrapd.send(version, *values, trap=trap)
            if why:
                until(lambda before=before, why=why: read(self.snmptrapd.log)[before:].count(why) == 2, why)
        for version in ("1", "2c", "3"):
            self.snmptrapd.send(version, *report("srv-db01", "Failed"), stranger=True)
        self.compare("lines of JSON by traps that are dropped", count, len(self.snmptrapd.reports()))
        self.deliver("2c", report("srv-sync", "Success"))  # is the only one after all these

    def returns(self):
        """A CRITICAL without a further report is OK again."""
        begin = time.time()
        self.deliver("2c", report("srv-short", "Failed"))
        name = service("srv-short")
        alert = f"SERVICE ALERT: vbr01;{name};CRITICAL;HARD;1;CDP RPO CRITICAL: srv-short"
        end = f"SERVICE ALERT: vbr01;{name};OK;HARD;1;CDP RPO OK: no report came"
        until(lambda: re.search(re.escape(alert) + ".*" + re.escape(end), read(self.nagios.log), re.DOTALL),
              "Nagios has an end of srv-short")
        def has_ended():
            attributes = self.icinga.services()[name]
            return (attributes["last_state_critical"] > begin and attributes["state"] == OK and
                    "no report came" in attributes["last_check_result"]["output"])
        until(has_ended, "Icinga has an end of srv-short")
        return time.time() - begin

    def nothing_was_injected(self):
        """The same commands do something if they get through."""
        nagios_log, icinga_log = (lambda: read(self.nagios.log)), (lambda: read(self.icinga.log))
        for log in (nagios_log, icinga_log):
            self.check("SHUTDOWN_PRO" not in re.sub("PROCESS_SERVICE_CHECK_RESULT;.*|PASSIVE SERVICE CHECK: .*|"
                                                    "SERVICE ALERT: .*", "", log()), "a command was injected")
        self.check("could not be found" not in nagios_log(), "a result without a service")
        with open(self.icinga.pipe, "w", encoding="utf-8") as pipe:
            pipe.write(f"[{int(time.time())}] SHUTDOWN_PROCESS\n")
        until(lambda: self.icinga.process.poll() is not None, "Icinga obeys its pipe")

    def one_is_down(self):
        """Icinga is gone: Nagios and JSON have the report, and the log says that Icinga has not."""
        before = len(read(self.snmptrapd.log))
        self.deliver("3", report("srv-last", "Warning"))
        name = service("srv-last")
        until(lambda: self.nagios.services().get(name, {}).get("current_state") == "1", "Nagios has srv-last")
        lost = until(lambda: re.findall("dropped: .*srv-last.*", read(self.snmptrapd.log)[before:]), "the log")
        self.check(len(lost) == 1 and self.icinga.pipe in lost[0], f"a trap without Icinga: {lost}")
        with open(self.nagios.path("nagios.cmd"), "w", encoding="utf-8") as pipe:
            pipe.write(f"[{int(time.time())}] SHUTDOWN_PROGRAM\n")
        until(lambda: "EXTERNAL COMMAND: SHUTDOWN" in read(self.nagios.log), "Nagios obeys its pipe")

    def logs(self):
        for part in self.started:
            lines = [line.replace(PASSWORD, "***") for line in read(part.log).splitlines()
                     if not re.search("HttpServerConnection|no client certificate|stale by", line)]
            print("\n".join([part.log, *lines[-80:]]))

    def run(self):
        rows = SOUND + HOSTILE
        self.start_all([row[2] for row in rows])
        begin = time.monotonic()
        expected = self.send_all(rows)
        sent = time.monotonic() - begin
        self.compare_states(expected)
        self.nothing_of()
        ended = self.returns()
        self.no_password_shown(read(self.snmptrapd.log), read(self.snmptrapd.json))
        self.nothing_was_injected()
        self.one_is_down()
        states = [said["exit_code"] for said in expected.values()]
        print(f"{len(rows)} traps of v1, v2c and v3 (SHA, AES) in {sent:.1f} s, {len(HOSTILE)} of them hostile: "
              f"{len(states)} services in Nagios and in Icinga 2: " +
              ", ".join(f"{states.count(state)} {harness.STATE_NAMES[state]}" for state in harness.STATES) +
              f"; {len(DROPPED)} traps dropped; nothing injected; a CRITICAL was OK again after {ended:.1f} s")


if __name__ == "__main__":
    sys.exit(harness.main(Test, harness.missing({
        "snmptrapd": "snmptrapd", "snmptrap": "snmp", "nagios4": "nagios4-core", "icinga2": "icinga2-bin"})))
