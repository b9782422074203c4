#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""contrib/pipelines: the commands of its README, with an Alertmanager and with a web server.

The commands are run as they are typed, but for hosts, ports and the folders of the package. amtool
reads the alerts back; the web server keeps what it gets, also from the Alertmanager. Exit code 77:
a program is missing.
"""

import http.server
import json
import os
import re
import sys
import threading
import time
import urllib.request
from collections import Counter

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
# pylint: disable=wrong-import-position
import harness
import monitoring
from harness import CONTRIB, PASSWORD, PLUGIN, read, run, until, write

FOLDER = os.path.join(CONTRIB, "pipelines")
# What the README and the scripts say in place of what is here.
THEIRS = {"plugin": "/usr/lib/nagios/plugins/check_veeam_cdp_task",
          "contrib": "/usr/share/doc/check-veeam-cdp-task/contrib",
          "em": "-H em01.example.com -u monitor", "options": "--all", "hold": '--arg em "$em"',
          "alertmanager": "http://localhost:9093", "webhook": "https://chat.example.com/hooks/0123"}
SERVER, SERVER2 = "vbr01.example.invalid", "vbr02.example.invalid"
ODD = ['say "hello"', "it's", "back\\slash", "{{ $labels.vm }}", "a=b,c; d|e", "$(id) `id`",
       "<b>bold</b> & more", "Bürgeramt-Größe", "仮想マシン 🚀", "ends in space ",
       "tab\there", "--odd", "x" * 200]
POLICY = 'Policy@Site 1; "Gold"'
RUNNING, COMPLETED = (f"11111111-1111-4111-8111-11111111111{digit}" for digit in "12")


def label_set(alertname="VeeamCdpVm", **labels):
    return tuple(sorted({"alertname": alertname, "em": "em01", **labels}.items()))


def vm(name, result="Success", reason="", policy=POLICY, server=SERVER):
    return {"name": name, "policy": policy, "backup_server": server, "sessions": [
        {"created": "-2h 13m"},
        {"created": "-10h 13m", "ended": "-2h 13m", "result": result, "reason": reason}]}


def scenario(*vms):
    return {"backup_servers": [{"name": SERVER}, {"name": SERVER2}],
            "policies": [{"name": POLICY}, {"name": "Other"},
                         {"name": POLICY, "backup_server": SERVER2}], "vms": list(vms)}


def without_other(*vms):
    """The same, but EM does not know the policy "Other"."""
    whole = scenario(*vms)
    return {**whole, "policies": [one for one in whole["policies"] if one["name"] != "Other"]}


WELL = vm("srv-db01")
FAILED = vm("srv-mail01", "Failed", 'Error: "disk 0" | full\nGröße: 1 < 2 & 3')
WARNED = vm("srv-mail01", "Warning", "RPO was exceeded")
PENDING = {"name": "srv-new01", "policy": "Other", "sessions": [
    {"created": "-1h", "members": {"State": "Odd"}}]}
MAIL = label_set(severity="critical", vm="srv-mail01", policy=POLICY, backup_server=SERVER)
STOPPED = {"periods": [{"since": "-3h", "none": True}]}  # EM's data collections
# Two sessions that have the same Reason.
TWICE = {"name": "srv-twice01", "policy": POLICY, "sessions": [
    {"created": "-2h", "result": "Failed", "reason": "full"},
    {"created": "-9h", "ended": "-2h", "result": "Failed", "reason": "full"}]}


class Keeper(http.server.BaseHTTPRequestHandler):
    """Keeps what is posted, and answers as its server is told."""

    def do_POST(self):  # pylint: disable=invalid-name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.kept.append((self.headers["Content-Type"], json.loads(body)))
        self.send_response(self.server.status)
        self.end_headers()

    def do_GET(self):  # pylint: disable=invalid-name
        self.server.asked.append(self.path)
        status, body = self.server.answer
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_arguments):  # pylint: disable=arguments-differ
        pass


class Web(http.server.ThreadingHTTPServer):
    """A server for webhooks, or one that is no Alertmanager."""

    def __init__(self, _root):
        super().__init__(("127.0.0.1", 0), Keeper)
        self.kept, self.status, self.asked, self.answer = [], 200, [], (404, "")
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(harness.PAUSE,)).start()

    def stop(self):
        self.shutdown()
        self.server_close()


class Alertmanager(monitoring.Alertmanager):
    """One that soon tells a web server of alerts and of their ends."""

    def __init__(self, root, web):
        super().__init__(root)
        write(os.path.join(root, "alertmanager.yml"), json.dumps({
            "route": {"receiver": "web", "group_by": ["alertname", "backup_server"],
                      "group_wait": "100ms", "group_interval": "100ms"},
            "receivers": [{"name": "web", "webhook_configs": [
                {"url": web.url, "send_resolved": True}]}]}))
        self.post("/-/reload")

    def post(self, path, body=None):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), method="POST",
                                         headers={"Content-Type": "application/json"})
        monitoring.OPENER.open(request, timeout=harness.LIMIT).close()


def blocks(heading):
    """What is typed, of the README below that heading."""
    text = read(os.path.join(FOLDER, "README.md")).partition(f"\n## {heading}\n")[2]
    return [block.strip("\n") + "\n" for block in text.partition("\n## ")[0].split("```")[1::2]]


def replace(text, old, new):
    """The text with another value in the one place that has the old one."""
    if text.count(old) != 1:
        raise ValueError(f"{old!r} is there {text.count(old)} times: {text}")
    return text.replace(old, new)


class Test(harness.Test):
    """Both recipes."""

    def __init__(self, root):
        super().__init__(root)
        self.em = self.alertmanager = self.hook = self.web = None

    def typed(self, commands, **options):
        """What the commands print to a user who has this home."""
        return run("sh", "-ec", commands, environment={"HOME": self.root}, **options)

    def install(self, heading, name, **values):
        """Types the commands that install a script, and edits its first lines."""
        self.typed(replace(blocks(heading)[0], THEIRS["contrib"], CONTRIB))
        path = self.path("veeam-cdp/" + name)
        text = read(path)
        for key, value in {"plugin": PLUGIN, "contrib": CONTRIB, "em": self.options,
                           **values}.items():
            text = replace(text, THEIRS[key], value)
        write(path, text)

    def fake(self, script):
        """The path of another plugin."""
        return write(self.path("fake"), "#!/bin/sh\n" + script + "\n", 0o755)

    @property
    def options(self):
        return " ".join(self.em.options)

    @property
    def down(self):
        """Nothing listens there."""
        return self.options.replace("--port=" + self.em.port, "--port=1")

    # ---- Alertmanager ----

    def alert(self, expected=0, **values):
        """What amtool prints after a run."""
        values = {"alertmanager": self.alertmanager.url, **values}
        self.install("Alertmanager", "to_alertmanager.sh", **values)
        return self.typed(replace(blocks("Alertmanager")[1], THEIRS["alertmanager"],
                                  values["alertmanager"]), expected=expected)

    def shown(self):
        """Of each active alert: its labels as a tuple, and its annotations."""
        return {tuple(sorted(alert["labels"].items())): alert["annotations"]
                for alert in self.alertmanager.alerts()}

    def expected(self):
        """What must be shown, from the plugin's own JSON."""
        document = json.loads(run(*self.em.check("--all", "--format=json"), expected=2))
        return {label_set(severity="critical" if one["state"] == "CRITICAL" else "warning",
                          vm=one["vm"], policy=one["policy"], backup_server=one["backup_server"]):
                (one["state"], {session["reason"] for session in one["sessions"]} - {None, ""})
                for one in document["vms"] if one["state"] != "OK"}

    def become(self, keys, what):
        try:
            until(lambda: set(self.shown()) == set(keys), what)
        except TimeoutError:
            self.check(False, f"{what}: {sorted(self.shown())}, not {sorted(keys)}")

    def vms(self):
        """Labels and annotations, with odd names too; a change of state; a recovery."""
        self.em.play(scenario(WELL, FAILED, PENDING, TWICE, vm("srv-web01", "Warning", "RPO"),
                              vm("srv-both01", "Failed", "A"),
                              vm("srv-both01", "Warning", "B", policy="Other"),
                              vm("srv-both01", "Failed", "C", server=SERVER2),
                              *(vm(name, "Failed", f"Processing {name}") for name in ODD)))
        printed = self.alert()
        self.check("VeeamCdpVm" in printed and "CDP CRITICAL: srv-mail01" in printed,
                   f"the README's amtool printed {printed}")
        expected = self.expected()
        self.become(expected, "alerts of VMs")
        count = len(expected)
        self.compare("how many alerts", len(ODD) + 7, count)
        for key, annotations in self.shown().items():
            state, reasons = expected[key]
            name = dict(key)["vm"]
            self.compare(f"the state of {name}", state, annotations["state"])
            self.compare(f"the Reason of {name}", reasons, {annotations.get("reason")} - {None})
            self.compare(f"the summary of {name}", f"CDP {state}: {name}", annotations["summary"])
            self.check(annotations["description"], f"{name} has no description")
        mail = {"vm": "srv-mail01", "policy": POLICY, "backup_server": SERVER}
        found = self.alertmanager.alerts("alertname=VeeamCdpVm", 'vm="srv-mail01"')
        self.compare("what a matcher finds", [{"alertname": "VeeamCdpVm", "em": "em01",
                                               "severity": "critical", **mail}],
                     [alert["labels"] for alert in found])
        self.alert()
        self.become(expected, "the same alerts once more")

        self.em.play(scenario(WELL, WARNED))
        self.alert()
        self.check(label_set(severity="warning", **mail) in self.shown() and
                   label_set(severity="critical", **mail) not in self.shown(),
                   f"CRITICAL that became WARNING: {sorted(self.shown())}")
        # Those of VMs that EM does not have any more are kept, and say so.
        self.compare("how many alerts are kept", count, len(self.shown()))
        self.compare("what they say", {"WARNING": 1, "no longer seen": count - 1}, Counter(
            annotations["state"] for annotations in self.shown().values()))

        self.em.play(scenario(WELL, vm("srv-mail01"), vm("srv-new01", policy="Other"),
                              vm("srv-web01"), vm("srv-twice01"), vm("srv-both01"),
                              vm("srv-both01", policy="Other"), vm("srv-both01", server=SERVER2),
                              *map(vm, ODD)))
        self.alert()
        self.become([], "all have recovered")
        return count

    def hold(self):
        """An alert that is not sent again ends."""
        self.em.play(scenario(vm("srv-held01", "Failed", "full")))
        self.alert(hold=THEIRS["hold"] + " --arg hold 3")
        self.told("srv-held01", "critical", "firing")
        self.told("srv-held01", "critical", "resolved")
        self.become([], "what was not held")

    def gone(self):
        """An alert of a VM that is no longer seen does not end, nor while EM does not answer."""
        lost = label_set(severity="critical", vm="srv-lost01", policy="Other", backup_server=SERVER)
        named = label_set(severity="warning", policy="Other")
        self.em.play(scenario(WELL, vm("srv-lost01", "Failed", "full", policy="Other")))
        self.alert(hold=THEIRS["hold"] + " --arg hold 7200")
        self.told("srv-lost01", "critical", "firing")

        def ends():
            return self.alertmanager.alerts("alertname=VeeamCdpVm", "vm=srv-lost01")[0]["endsAt"]
        first = ends()
        self.alert(em=self.down)
        self.become([lost, label_set("VeeamCdpFault", severity="critical")], "EM is down")
        self.check(ends() > first, "an alert ends earlier while EM is down")
        self.compare("what it says", "CRITICAL", self.shown()[lost]["state"])
        self.em.play(without_other(WELL))
        self.alert(options="--policy=Other")
        self.become([lost, named], "EM does not know the policy")
        self.compare("what it says then", "CRITICAL", self.shown()[lost]["state"])
        for _ in range(2):
            self.alert()
            self.become([lost], "a VM that is no longer seen")
            annotations = self.shown()[lost]
            self.compare("its summary", "CDP: srv-lost01 is no longer seen", annotations["summary"])
            self.check(annotations["description"].startswith(
                "It was CRITICAL when Enterprise Manager listed it last: last completed session: "
                "Completed, Failed"), f"{annotations}")
        self.compare("how often its end was told", 0, self.heard()["srv-lost01", "critical", "resolved"])
        self.em.play(scenario(WELL, vm("srv-lost01", policy="Other")))
        self.alert()
        self.become([], "it is well")
        # By hand, as the README has it.
        self.em.play(scenario(WELL, vm("srv-lost01", "Failed", "full", policy="Other")))
        self.alert()
        self.em.play(scenario(WELL))
        self.alert()
        run("amtool", "--alertmanager.url=" + self.alertmanager.url, "alert", "add", "VeeamCdpVm",
            *(f"{name}={value}" for name, value in lost if name != "alertname"),
            "--end=" + time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        self.become([], "it was ended by hand")
        self.alert()
        self.become([], "it stays ended")

    def stale(self):
        """EM's old data is an alert beside those of VMs."""
        stale = label_set("VeeamCdpManager", severity="warning")
        self.em.play({**scenario(WELL, FAILED), "collections": STOPPED})
        self.alert()
        self.become([MAIL, stale], "a stale EM")
        self.check("EM's data is 3h" in self.shown()[stale]["summary"], f"{self.shown()[stale]}")
        self.alert(em=self.down)
        self.become([MAIL, stale, label_set("VeeamCdpFault", severity="critical")],
                    "a stale EM that is down")
        self.em.play(scenario(WELL, vm("srv-mail01")))
        self.alert()
        self.become([], "EM has collected")

    def sessions(self):
        """Two sessions of one VM, asked for by their ids: the worse is the alert."""
        one = vm("srv-mail01", "Failed", "full")
        one["sessions"][0]["uid"], one["sessions"][1]["uid"] = RUNNING, COMPLETED
        self.em.play(scenario(one))
        self.alert(options=f"-i {RUNNING} -i {COMPLETED}")
        self.become([MAIL], "two sessions")
        self.compare("the worse one's state", ["CRITICAL"],
                     [annotations["state"] for annotations in self.shown().values()])
        self.em.play(scenario(vm("srv-mail01")))
        self.alert()
        self.become([], "one that is well")

    def faults(self):
        """Whatever gives no verdict is an alert, which ends with the next verdict."""
        fault = label_set("VeeamCdpFault", severity="critical")
        self.em.play(scenario(WELL))
        for kind, values in (
                ("unreachable", {"em": self.down}),
                ("usage", {"options": "--nonsense"}),
                ("forbidden", {}),
                ("no answer", {"plugin": "/nonexistent/plugin"}),
                ("no answer", {"plugin": self.fake("true")}),
                ("no answer", {"plugin": self.fake("printf '{\"vms\": ['")}),
                ("no answer", {"plugin": self.fake("echo null")})):
            self.em.play({**scenario(WELL), "may": {"log_on": kind != "forbidden"}})
            self.alert(**values)
            self.become([fault], kind)
            self.compare("the kind of fault", [kind],
                         [annotations["kind"] for annotations in self.shown().values()])
            self.em.play(scenario(WELL))
            self.alert()
            self.become([], f"the end of {kind}")
        # EM answers, and has nothing of that name; or has nothing at all.
        self.alert(options="--vm=gone")
        gone = label_set(severity="warning", vm="gone")
        self.become([gone], "an alert of a VM that is not there")
        self.em.play(scenario())
        self.alert()
        self.become([gone, fault], "an alert when there is no VM")
        self.compare("its kind and state", ("not-found", "UNKNOWN"),
                     tuple(self.shown().get(fault, {}).get(key) for key in ("kind", "state")))
        self.alert(em="-H localhost -p 1", alertmanager="http://127.0.0.1:1", expected=7)

    def told(self, *key):
        """Waits until the receiver was told of this name, severity and status."""
        until(lambda: key in self.heard(), f"{key} among {self.heard()}")

    def heard(self):
        """How often the receiver was told of each."""
        return Counter((alert["labels"].get("vm", alert["labels"]["alertname"]),
                        alert["labels"]["severity"], alert["status"])
                       for _, body in list(self.hook.kept) for alert in body["alerts"])

    def receiver(self):
        """What Alertmanager tells: nothing of VMs that are well, and of each end once."""
        well = [vm(f"srv-well0{digit}") for digit in "123"]
        other = vm("srv-web01", "Warning", "RPO")  # it keeps the group
        self.em.play(scenario(*well, other, FAILED))
        self.alert()
        self.told("srv-mail01", "critical", "firing")
        self.told("srv-web01", "warning", "firing")
        self.em.play(scenario(*well, vm("srv-well04"), other, FAILED))
        self.alert()
        self.em.play(scenario(*well, other, WARNED))
        self.alert()
        self.told("srv-mail01", "critical", "resolved")
        self.told("srv-mail01", "warning", "firing")
        self.em.play(scenario(*well, other, vm("srv-mail01")))
        self.alert()
        self.told("srv-mail01", "warning", "resolved")
        self.alert(em=self.down)
        self.told("VeeamCdpFault", "critical", "firing")
        self.check(label_set(severity="warning", vm="srv-web01", policy=POLICY,
                             backup_server=SERVER) in self.shown(), "a fault ended an alert")
        self.alert()
        self.told("VeeamCdpFault", "critical", "resolved")
        self.alert()
        # Whatever was sent before this one would be told with it.
        self.em.play(scenario(*well, other, vm("srv-mail01"), vm("srv-last01", "Failed", "full")))
        self.alert()
        self.told("srv-last01", "critical", "firing")
        heard = self.heard()
        self.compare("what the receiver was told of",
                     {"srv-mail01", "srv-web01", "srv-last01", "VeeamCdpFault"},
                     {name for name, _, _ in heard})
        self.compare("the ends that it was told", {
            ("srv-mail01", "critical", "resolved"): 1, ("srv-mail01", "warning", "resolved"): 1,
            ("VeeamCdpFault", "critical", "resolved"): 1},
            {key: count for key, count in heard.items() if key[2] == "resolved"})
        self.em.play(scenario(*map(vm, ("srv-web01", "srv-last01"))))
        self.alert()
        self.become([], "all are well")

    def others(self):
        """Alerts of another EM, and those that are not of this recipe, do not end."""
        labels = dict(MAIL)
        others = [{**labels, "em": "em02"}, {**labels, "alertname": "VeeamCdpVmNotOk"}]
        self.alertmanager.post("/api/v2/alerts", [{"labels": one} for one in others])
        self.em.play(scenario(FAILED))
        self.alert()
        self.em.play(scenario(vm("srv-mail01")))
        self.alert()
        self.become([tuple(sorted(one.items())) for one in others], "alerts of others")
        self.alertmanager.post("/api/v2/alerts", [
            {"labels": one, "endsAt": "2026-01-01T00:00:00Z"} for one in others])
        self.become([], "no alerts of others")

    def unasked(self):
        """An Alertmanager that does not tell its alerts gets the problems, and no ends."""
        web = self.start(Web)
        ended = {"labels": {**dict(MAIL), "severity": "warning"}, "annotations": {"summary": "s"},
                 "updatedAt": "2026-01-01T00:00:00.000Z"}
        self.em.play(scenario(WELL, FAILED))
        for status, body, ends in (
                (200, json.dumps([ended]), 1), (200, "[]", 0), (500, json.dumps([ended]), 0),
                (200, json.dumps([ended])[:-1], 0), (200, "<html>busy</html>", 0), (200, "", 0),
                (200, "[1]", 0), (200, json.dumps([{}, "labels", {"labels": 1}]), 0)):
            web.kept.clear()
            web.asked.clear()
            web.answer = (status, body)
            self.install("Alertmanager", "to_alertmanager.sh", alertmanager=web.url)
            self.typed("~/veeam-cdp/to_alertmanager.sh")
            what = f"{status} {body[:20]}"
            self.compare(f"what is asked, {what}", ["/api/v2/alerts?filter=em%3D%22em01%22"],
                         [path.replace("%3d", "%3D") for path in web.asked])
            (_, sent), = web.kept
            self.compare(f"the first alert after {what}", MAIL,
                         tuple(sorted(sent[0]["labels"].items())))
            self.compare(f"the ends after {what}", [
                {"labels": ended["labels"], "annotations": ended["annotations"],
                 "endsAt": ended["updatedAt"]}] * ends, sent[1:])

    # ---- a webhook ----

    def post(self, expected=0, **values):
        """What the server got by one run."""
        self.web.kept.clear()
        self.install("A webhook", "to_webhook.sh", webhook=self.web.url + "/hook", **values)
        self.typed(blocks("A webhook")[1], expected=expected)
        for kind, _ in self.web.kept:
            self.compare("Content-Type", "application/json", kind)
        return [message for _, message in self.web.kept]

    def one(self, what, **values):
        messages = self.post(**values)
        self.compare(f"messages, {what}", 1, len(messages))
        return messages[0] if messages else {"text": "", "fault": {}, "problems": []}

    def webhook(self):
        self.em.play(scenario(WELL))
        self.compare("messages when all is well", [], self.post())
        self.em.play(scenario(WELL, FAILED, TWICE, *(vm(name, "Failed", f"Processing {name}")
                                                     for name in ODD)))
        # A server that has a fault gets the message once more.
        self.web.status = 500
        self.post(expected=22)
        self.web.status = 200
        message = self.one("after one that failed")
        document = json.loads(run(*self.em.check("--all", "--format=json"), expected=2))
        right, sent = (sorted((one["vm"], one["policy"], one["state"]) for one in vms)
                       for vms in (document["vms"], message["problems"]))
        self.compare("the problems", [one for one in right if one[2] != "OK"], sent)
        reasons = {one["vm"]: one["reasons"] for one in message["problems"]}
        self.compare("a Reason", [FAILED["sessions"][1]["reason"]], reasons["srv-mail01"])
        self.compare("two alike", ["full"], reasons["srv-twice01"])
        text = message["text"].split("\n")
        self.compare("the text", "CDP on em01: CRITICAL: 15 of 16 VMs", text[0])
        self.compare("its lines", 16, len(text))
        self.check("&lt;b&gt;bold&lt;/b&gt; &amp; more" in message["text"] and
                   "<b>" not in message["text"], f"the text: {message['text']}")
        self.compare("messages when nothing has changed", [], self.post())
        self.em.play(scenario(WELL, WARNED))
        self.check("WARNING: 1 of 2 VMs" in self.one("another state")["text"], "another state")
        fault = self.one("EM is down", em=self.down)
        self.check(fault["fault"]["kind"] == "unreachable" and fault["text"].startswith(
            "CDP on em01: UNKNOWN: unreachable: "), f"a fault: {fault}")
        self.compare("messages when EM is still down", [], self.post(em=self.down))
        silent = self.one("the plugin is silent", plugin=self.fake("true"))
        self.check("no answer" in silent["text"], f"a silent plugin: {silent}")
        self.em.play(scenario(WELL, vm("srv-mail01")))
        well = self.one("all is well again")
        self.compare("all is well again", "CDP on em01: OK: 2 VMs, none has a problem", well["text"])
        self.compare("messages when all is still well", [], self.post())

    def no_longer_seen(self):
        """A VM with a problem that EM does not list any more is told so, once, and never as well."""
        place = f"({POLICY}, {SERVER})"
        self.em.play(scenario(WELL, FAILED, vm("srv-web01", "Warning", "RPO")))
        self.one("two problems")
        self.em.play(scenario(WELL, vm("srv-web01", "Warning", "RPO")))
        # First EM is down: nothing is said of VMs.
        self.compare("what is gone while EM is down", [], self.one("a fault", em=self.down)["gone"])
        self.compare("messages when it is still down", [], self.post(em=self.down))
        message = self.one("one is gone")
        self.compare("the text", ["CDP on em01: WARNING: 1 of 2 VMs", f"no longer seen, was CRITICAL: "
                                  f"srv-mail01 {place}"],
                     [line for line in message["text"].split("\n") if "srv-web01" not in line])
        self.compare("what is gone", [{"vm": "srv-mail01", "policy": POLICY, "backup_server": SERVER,
                                       "state": "CRITICAL"}], message["gone"])
        self.compare("messages when it is still gone", [], self.post())
        self.em.play(scenario(WELL))
        message = self.one("the other one is gone")
        self.compare("the text", f"CDP on em01: UNKNOWN: 0 of 1 VMs\nno longer seen, was WARNING: "
                     f"srv-web01 {place}", message["text"])
        self.compare("the state", "UNKNOWN", message["state"])
        self.compare("messages when both are gone", [], self.post())
        # What an older version kept.
        write(self.path("veeam-cdp/em01.known"),
              json.dumps([None, ["srv-mail01", POLICY, SERVER, "WARNING"]]) + "\n")
        self.compare("what is gone of an older version's", ["srv-mail01"],
                     [one["vm"] for one in self.one("an older version's")["gone"]])

    def policies(self):
        """VMs of a policy that EM does not know are not said to be gone one by one."""
        lost = vm("srv-lost01", "Failed", "full", policy="Other")
        for playing, problems, gone in (
                (scenario(WELL, lost), ["srv-lost01"], []), (without_other(WELL), [None], []),
                (scenario(WELL, lost), ["srv-lost01"], []),
                (scenario(WELL, vm("srv-next01", policy="Other")), [], ["srv-lost01"])):
            self.em.play(playing)
            message = self.one(f"{problems}", options="--policy=Other")
            for what, names in (("problems", problems), ("gone", gone)):
                self.compare(f"the {what}, {playing}", names, [one["vm"] for one in message[what]])
            self.compare("messages when nothing has changed", [], self.post(options="--policy=Other"))

    def old_data(self):
        """EM's data is too old, and that is over."""
        self.em.play({**scenario(WELL, FAILED), "collections": STOPPED})
        message = self.one("a stale EM")
        self.compare("its state", ("CRITICAL", "WARNING"), (message["state"], message["run"]["state"]))
        self.check("\nWARNING: EM's data is 3h" in message["text"] and
                   "\nCRITICAL srv-mail01" in message["text"], f"a stale EM: {message['text']}")
        self.compare("messages when it is still stale", [], self.post())
        self.em.play({**scenario(WELL, vm("srv-mail01")), "collections": STOPPED})
        message = self.one("a stale EM, and no VM with a problem")
        self.check(message["text"].startswith("CDP on em01: WARNING: 0 of 2 VMs\nWARNING: EM's data is 3h"),
                   f"a stale EM alone: {message['text']}")
        self.em.play(scenario(WELL, vm("srv-mail01")))
        self.compare("EM has collected", "CDP on em01: OK: 2 VMs, none has a problem",
                     self.one("EM has collected")["text"])

    def one_name(self):
        """One name and state in another policy, then on another backup server: a message each."""
        place = {"policy": POLICY, "server": SERVER}
        for what, change in (("the first", {}), ("another policy", {"policy": "Other"}),
                             ("the first again", {"policy": POLICY}),
                             ("another server", {"server": SERVER2})):
            place.update(change)
            self.em.play(scenario(WELL, vm("srv-both01", "Failed", "full", **place)))
            problems = self.one(what)["problems"]
            self.compare(f"the problems, {what}", [
                {"vm": "srv-both01", "policy": place["policy"], "backup_server": place["server"]}],
                [{key: problem[key] for key in ("vm", "policy", "backup_server")}
                 for problem in problems])
            self.compare(f"messages when nothing has changed, {what}", [], self.post())

    def many(self):
        """20 VMs are shown; of the 21st is said that there are more."""
        for count in (20, 21):
            self.em.play(scenario(*(vm(f"srv-many{number:02}", "Failed", "full")
                                    for number in range(count))))
            message = self.one(f"{count} problems")
            self.compare("how many problems", count, len(message["problems"]))
            names = [name for line in message["text"].split("\n")[1:]
                     for name in re.findall("srv-many[0-9]+|^and more$", line)]
            self.compare(f"what is shown of {count}", [
                *(f"srv-many{number:02}" for number in range(20)), *["and more"] * (count - 20)],
                names)

    def run(self):
        self.em = self.start(harness.Em, scenario(WELL))
        self.typed(blocks("A folder")[0], text=PASSWORD + "\n")
        self.hook = self.start(Web)
        self.alertmanager = self.start(Alertmanager, self.hook)
        self.receiver()
        self.others()
        count = self.vms()
        self.hold()
        self.gone()
        self.stale()
        self.sessions()
        self.faults()
        self.unasked()
        self.web = self.start(Web)
        self.webhook()
        self.no_longer_seen()
        self.policies()
        self.old_data()
        self.one_name()
        self.many()
        print(f"{count} alerts by curl, as amtool shows them, and their ends; 7 faults; a stale EM; "
              "a receiver was told of each end once, of nothing that was well, and of no end of what "
              "is no longer seen; what a web server got")


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(harness.main(Test, harness.missing(
        {**monitoring.ALERTMANAGER, "jq": "jq", "curl": "curl"})))
