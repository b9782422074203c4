#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""contrib/prometheus from the plugin to an alert, on the real programs.

The script writes the file, node_exporter serves it by the link that the README tells of, Prometheus
evaluates the rules, and amtool reads the alerts from the Alertmanager. Exit code 77: one of them is
not installed.
"""

import os
import re
import signal
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
# pylint: disable=wrong-import-position
import harness
import monitoring
from harness import PASSWORD, PLUGIN, read, run, until, write

CONTRIB = os.path.join(harness.CONTRIB, "prometheus")
SCRIPT = os.path.join(CONTRIB, "veeam-cdp-textfile")
RULES = os.path.join(CONTRIB, "veeam_cdp.rules.yml")
EXAMPLE = os.path.join(CONTRIB, "alertmanager.example.yml")
CUT_OFF = 65  # the script's exit code


def vm(name, running="-2h 13m", completed="-2h 13m", result="Success", reason=""):
    """A VM whose newest session runs since then, and whose last completed one ended so."""
    return {"name": name, "sessions": [
        {"created": running, "total_size": 1073741824},
        {"created": "-3d", "ended": completed, "result": result, "reason": reason,
         "total_size": 5368709120}]}


def ended(name, moment, policy="CDP Policy"):
    """A VM for which nothing has run since then."""
    return {"name": name, "policy": policy, "sessions": [
        {"created": "-60h", "ended": moment, "total_size": 1073741824}]}


ODD = 'say "hello" \\ {{ $labels.vm }} Größe 🚀'
WELL = {"vms": [vm("srv-db01")]}
# Restore points of some VMs came late, or too rarely; then they are not told any more of one.
BEHIND = {"vms": [vm("srv-db01"), {**vm("srv-lags01"), "intervals": {"lag_seconds": 600}},
                  {**vm("srv-rare01"), "intervals": {"rpo_seconds": 60}}]}
UNTOLD = {"vms": [*BEHIND["vms"][:1], {**vm("srv-lags01"), "intervals": {"none": True}}, vm("srv-rare01")]}
TROUBLE = {"policies": [{"name": "CDP Policy"}, {"name": "Paused", "enabled": False}], "vms": [
    ended("srv-idle01", "-5h"), ended("srv-paused01", "-52h", "Paused"),
    vm("srv-db01"), vm("srv-mail01", result="Failed", reason="Failed to write to the target disk"),
    vm("srv-web01", result="Warning", reason="RPO was exceeded"),
    vm("srv-old01", running="-2h", completed="-2d"), vm("srv-long01", running="-13h 13m"),
    vm("srv-both01", running="-2h", completed="-2d", result="Failed"),
    vm(ODD, result="Failed", reason=f"The disk of {ODD} is full")]}
# Commands in place of the plugin, and what the script makes of them.
BROKEN = {
    "says nothing": ("exit 0", CUT_OFF),
    "is cut off": ("printf 'veeam_cdp_up{server=\"\"} 1\\n'", CUT_OFF),
    "is cut off within the last line": ("printf 'veeam_cdp_up{server=\"\"} 1\\n# EO'", CUT_OFF),
    "crashes after a whole answer": ("echo '# EOF'; kill -SEGV $$", 128 + signal.SIGSEGV),
    "is none": ("exec /nonexistent/plugin", 127),
}


def samples(text, name="veeam_cdp_"):
    """The lines with values, as a set: node_exporter sorts series and labels."""
    found = set()
    for line in text.splitlines():
        if line.startswith(name):
            labels = re.findall(r'([a-z_]+="(?:[^"\\]|\\.)*")', line.partition("{")[2])
            found.add((re.match(r"[a-z_]+", line)[0], tuple(sorted(labels)),
                       float(line.rpartition(" ")[2])))
    return found


class Test(harness.Test):
    """From the plugin to the alert."""

    def __init__(self, root):
        super().__init__(root)
        self.file = self.path("state/em01/veeam_cdp.prom")
        os.makedirs(os.path.dirname(self.file))
        self.em = self.credentials = None

    def written(self, *command, expected=0, **environment):
        """Runs the script; by default with the plugin and the password that systemd would give."""
        command = command or (PLUGIN, *self.em.options, "--all")
        return run(SCRIPT, self.file, *command, expected=expected,
                   environment={"CREDENTIALS_DIRECTORY": self.credentials, **environment})

    def alone(self, when):
        self.compare(f"the folder {when}", [os.path.basename(self.file)],
                     os.listdir(os.path.dirname(self.file)))

    def files(self):
        """What is written, and what leaves the file as it was."""
        self.written()
        text = read(self.file)
        self.check("veeam_cdp_up{" in text and text.endswith("\n# EOF\n"), f"the file: {text}")
        self.compare("its mode", 0o644, stat.S_IMODE(os.stat(self.file).st_mode))
        self.compare("what promtool says", "", run("promtool", "check", "metrics", text=text))
        self.alone("after a run")
        with open(self.file, encoding="utf-8") as reader:
            self.written()
            self.compare("what a reader gets who opened the file before", text, reader.read())
        text = read(self.file)
        for what, (script, code) in BROKEN.items():
            broken = write(self.path("broken"), "#!/bin/sh\n" + script + "\n", 0o755)
            before = os.stat(self.file)
            self.written(broken, expected=code)
            self.check(os.stat(self.file) == before and read(self.file) == text,
                       f"the file changed, though the plugin {what}")
            self.alone(f"after one that {what}")
        for arguments in ((), (self.file,), ("veeam_cdp.prom", PLUGIN), ("/tmp/veeam.txt", PLUGIN)):
            run(SCRIPT, *arguments, expected=64)
        run(SCRIPT, self.path("none/veeam_cdp.prom"), PLUGIN, expected=66)

    def faults(self):
        """A fault is an answer as well."""
        self.written(PLUGIN, "--hostname=localhost", "--port=1", "--username=monitor", "--all")
        self.check("veeam_cdp_up{server=\"localhost:1\"} 0\n" in read(self.file) and
                   'kind="unreachable"' in read(self.file), "no fault in the file")
        self.alone("after a fault")

    def killed(self, number):
        """A run that is ended in its midst; what it leaves, and what the next one makes of it."""
        self.written()
        text = read(self.file)
        fifo = self.path(f"fifo{number}")
        os.mkfifo(fifo)
        # Its end is seen by a write into a FIFO that it alone still reads.
        slow = write(self.path("slow"), f"#!/bin/sh\necho half\nexec cat '{fifo}'\n", 0o755)
        with subprocess.Popen([SCRIPT, self.file, slow], stdin=subprocess.DEVNULL) as process:
            new = self.file + ".new"
            until(lambda: os.path.exists(new) and read(new) == "half\n", "half an answer")
            with open(fifo, "w", encoding="utf-8") as late:
                if number == signal.SIGKILL:
                    process.send_signal(number)
                    process.wait()
                    self.compare("the file after SIGKILL", text, read(self.file))
                    self.written()  # while the command of the killed run still lives and writes
                    late.write("late\n# EOF\n")
                else:
                    process.send_signal(number)
            process.wait()
        if number != signal.SIGKILL:
            self.compare("its exit code after a signal", 143, process.returncode)
            self.compare("the file after a signal", text, read(self.file))
        else:
            self.check("late" not in read(self.file) and "half" not in read(self.file),
                       "a killed run wrote into the next one's file")
        self.alone(f"after signal {number}")

    def together(self):
        """Two runs at once: one after the other, both well."""
        environment = {**os.environ, "CREDENTIALS_DIRECTORY": self.credentials}
        runs = [subprocess.Popen([SCRIPT, self.file, PLUGIN, *self.em.options, "--all"],
                                 stdin=subprocess.DEVNULL, env=environment) for _ in range(4)]
        self.compare("the exit codes of four at once", [0] * 4, [one.wait() for one in runs])
        self.alone("after four at once")

    def served(self):
        """node_exporter shows all that is in the file, and its time, by the link."""
        link = self.path("textfiles/veeam_cdp_em01.prom")
        os.makedirs(os.path.dirname(link))
        os.symlink(self.file, link)
        self.written()
        node = self.start(monitoring.NodeExporter, os.path.dirname(link))
        text = node.samples()
        self.check(len(samples(read(self.file))) > 40, "too few samples in the file")
        self.compare("what is served", samples(read(self.file)), samples(text))
        self.check("\nnode_textfile_scrape_error 0\n" in text, "node_textfile_scrape_error")
        seconds = float(int(os.stat(self.file).st_mtime))
        self.compare("the time of the file",
                     {("node_textfile_mtime_seconds", (f'file="{link}"',), seconds)},
                     samples(text, "node_textfile_mtime_seconds"))
        return node, len(samples(text))

    def alerts(self, node):
        """Alerts of all kinds, as amtool shows them."""
        # Fifteen minutes are too long for a test; promtool tests them.
        rules, count = re.subn(r"^( +for:) (10m|15m|1h|12h)\b", r"\1 1s", read(RULES),
                               flags=re.MULTILINE)
        self.compare("the rules that wait", 11, count)
        # The example, without its mails.
        example, count = re.subn(r"^(global:\n(  .*\n)+|    email_configs:\n(      .*\n)+)", "",
                                 read(EXAMPLE), flags=re.MULTILINE)
        self.compare("what the example has to do with mails", 2, count)
        alertmanager = self.start(monitoring.Alertmanager, example)
        self.start(monitoring.Prometheus, node, write(self.path("rules.yml"), rules), alertmanager)

        def names_of(alerts):
            return sorted((alert["labels"]["alertname"], alert["labels"].get("vm", ""))
                          for alert in alerts)

        def become(expected, what):
            """The alerts, once they are these and no others."""
            names = []

            def seen():
                alerts = alertmanager.alerts()
                names[:] = names_of(alerts)
                return alerts if names == sorted(expected) else None

            try:
                return until(seen, what)
            except TimeoutError as error:
                raise TimeoutError(f"{error}: {names}, not {sorted(expected)}") from None

        clock = time.monotonic()
        trouble = [
            ("VeeamCdpSessionFailed", "srv-mail01"), ("VeeamCdpSessionFailed", ODD),
            ("VeeamCdpSessionFailed", "srv-both01"),
            ("VeeamCdpVmNotOk", "srv-web01"), ("VeeamCdpLongTermPointStale", "srv-old01"),
            ("VeeamCdpStandsStill", "srv-long01"), ("VeeamCdpStandsStill", "srv-idle01"),
            ("VeeamCdpPolicyDisabled", "")]
        seen = become(trouble, "alerts")
        seconds = time.monotonic() - clock
        signs = {alert["labels"]["vm"]: alert["annotations"]["description"] for alert in seen
                 if alert["labels"]["alertname"] == "VeeamCdpStandsStill"}
        for name, sign in (("srv-long01", "overdue"), ("srv-idle01", "idle")):
            self.check(f") is {sign}. " in signs[name], f"{name} is {sign}: {signs[name]}")
        # A failed session has left no restore point.
        self.compare("what needs no mail of its own",
                     [("VeeamCdpLongTermPointStale", name) for name in (ODD, "srv-both01", "srv-mail01")],
                     names_of(alertmanager.alerts("--inhibited")))
        failed, = (alert for alert in seen if alert["labels"].get("vm") == "srv-mail01")
        self.compare("the labels", {
            "alertname": "VeeamCdpSessionFailed", "severity": "critical", "job": "node",
            "instance": "node01", "vm": "srv-mail01", "policy": "CDP Policy",
            "backup_server": "vbr01.example.invalid"}, failed["labels"])
        self.compare("the summary", "CDP of srv-mail01 failed", failed["annotations"]["summary"])
        odd, = (alert for alert in seen if alert["labels"].get("vm") == ODD)
        self.compare("an odd name", f"CDP of {ODD} failed", odd["annotations"]["summary"])
        self.compare("the Reason", f"A CDP session of {ODD} (policy CDP Policy, backup server "
                     f"vbr01.example.invalid) has the result Failed: The disk of {ODD} is full",
                     odd["annotations"]["description"])

        self.em.play({**TROUBLE, "collections": {"periods": [{"since": "-3h", "none": True}]}})
        self.written()
        seen = become([*trouble, ("VeeamCdpDataStale", "")], "a stale EM beside VMs that failed")
        stale, = (alert for alert in seen
                  if alert["labels"]["alertname"] == "VeeamCdpDataStale")
        self.check(re.match(r"Its data, 3h \d+m \d+(\.\d+)?s old, may say ",
                            stale["annotations"]["description"]), f"a stale EM: {stale}")

        self.em.play(WELL)
        self.written()
        become([("VeeamCdpVmGone", one["name"]) for one in TROUBLE["vms"]
                if one["name"] != "srv-db01"], "VMs that are gone")

        self.behind([("VeeamCdpVmGone", one["name"]) for one in TROUBLE["vms"] if one["name"] != "srv-db01"],
                    become)

        self.em.play({**WELL, "may": {"log_on": False}})
        self.written()
        down, = become([("VeeamCdpEnterpriseManagerDown", "")], "EM is down")
        self.check(down["annotations"]["description"].startswith("Fault: forbidden. "),
                   f"no kind of fault: {down}")

        os.unlink(self.file)
        become([("VeeamCdpGone", ""), ("VeeamCdpNoData", "")], "no data")
        return seconds

    def behind(self, gone, become):
        """VMs that are behind their RPO, besides those alerts."""
        rpo = (PLUGIN, *self.em.options, "--policy=CDP Policy", "--rpo")
        self.em.play(BEHIND)
        self.written(*rpo)
        seen = become([*gone, ("VeeamCdpLag", "srv-lags01"), ("VeeamCdpRpoMissed", "srv-rare01")],
                      "VMs that are behind their RPO")
        lag, = (alert for alert in seen if alert["labels"]["alertname"] == "VeeamCdpLag")
        self.compare("the lag", "The newest short-term restore point of srv-lags01 (policy CDP Policy, backup "
                     "server vbr01.example.invalid) is 10m 0s old; the policy's RPO is 15s.",
                     lag["annotations"]["description"])
        self.em.play(UNTOLD)
        self.written(*rpo)
        become([*gone, ("VeeamCdpLagUnknown", "srv-lags01")], "a VM without restore points")

    def run(self):
        self.em = self.start(harness.Em, TROUBLE)
        self.credentials = self.path("credentials")
        # As an access list for one user looks.
        write(self.path("credentials/password"), PASSWORD + "\n")
        os.chmod(self.path("credentials/password"), 0o440)
        self.files()
        self.faults()
        self.killed(signal.SIGTERM)
        self.killed(signal.SIGKILL)
        self.together()
        node, count = self.served()
        seconds = self.alerts(node)
        self.compare("the logons that are left", 0, self.em.counts()["open_sessions"])
        print(f"{count} samples by node_exporter; 8 alerts after {seconds:.1f} s, their ends, VMs "
              "behind their RPO, EM stale, down and no data, as amtool shows them")


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(harness.main(Test, harness.missing(monitoring.PROMETHEUS | monitoring.ALERTMANAGER)))
