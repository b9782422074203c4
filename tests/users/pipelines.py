#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""contrib/pipelines: the commands of its README, with an Alertmanager and with a web server.

amtool reads the alerts back; the web server keeps what it gets. Exit code 77: a program is missing.
"""

import http.server
import json
import os
import re
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import monitoring  # pylint: disable=wrong-import-position
from monitoring import read, run, until, write  # pylint: disable=wrong-import-position

FOLDER = os.path.join(monitoring.CONTRIB, "pipelines")
SERVER = "vbr01.example.invalid"
ODD = ['say "hello"', "it's", "back\\slash", "{{ $labels.vm }}", "a=b,c; d|e", "$(id) `id`",
       "<b>bold</b> & more", "Bürgeramt-Größe", "仮想マシン 🚀", "ends in space ",
       "tab\there", "--odd", "x" * 200]
COMMAND = "$check $em --all --format=json"  # as the recipes have it
POLICY = 'Policy@Site 1; "Gold"'


def vm(name, result="Success", reason="", policy=POLICY):
    return {"name": name, "policy": policy, "sessions": [
        {"created": "-2h 13m"},
        {"created": "-10h 13m", "ended": "-2h 13m", "result": result, "reason": reason}]}


def scenario(*vms):
    return {"user": "monitor", "policies": [{"name": POLICY}, {"name": "Other"}], "vms": list(vms)}


WELL = vm("srv-db01")
FAILED = vm("srv-mail01", "Failed", 'Error: "disk 0" | full\nGröße: 1 < 2 & 3')
WARNED = vm("srv-mail01", "Warning", "RPO was exceeded")
PENDING = {"name": "srv-new01", "policy": "Other", "sessions": [
    {"created": "-1h", "members": {"State": "Odd"}}]}


# As contrib/prometheus' example groups, and faster.
NOTIFIES = """
route:
  receiver: web
  group_by: [alertname, backup_server]
  group_wait: 100ms
  group_interval: 500ms
receivers: [{name: web, webhook_configs: [{url: "%s", send_resolved: true}]}]
"""


class Keeper(http.server.BaseHTTPRequestHandler):
    """Keeps what it gets, and answers with the status that it is told."""

    kept, told, status = [], [], 200

    def do_POST(self):  # pylint: disable=invalid-name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/hook":
            self.kept.append((self.headers["Content-Type"], json.loads(body)))
        else:  # by the Alertmanager
            self.told.extend(json.loads(body)["alerts"])
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_arguments):  # pylint: disable=arguments-differ
        pass


class Web:
    """A server for webhooks."""

    def __init__(self, _root):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keeper)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, args=(monitoring.PAUSE,)).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def recipe(heading, **values):
    """The commands below that heading of the README, with these values for its variables."""
    text = read(os.path.join(FOLDER, "README.md")).partition(f"\n## {heading}\n")[2]
    commands = text.split("```")[1].strip() + "\n"
    for name, value in values.items():
        commands, count = re.subn(f"^{name}=.*$", lambda _, n=name, v=value: f'{n}="{v}"', commands,
                                  flags=re.MULTILINE)
        if count != 1:
            raise ValueError(f"the recipe has {count} lines with {name}=")
    return commands


class Test(monitoring.Test):
    """Both recipes."""

    def __init__(self, root):
        super().__init__(root)
        self.em = self.alertmanager = self.web = None

    def shell(self, heading, values, expected=0, change=lambda commands: commands):
        """Runs a recipe, after a change."""
        installed = re.search("^recipe=/usr/share/doc/check-veeam-cdp-task/contrib/(pipelines/.*)$",
                              recipe(heading), flags=re.MULTILINE)[1]
        values = {**values, "check": monitoring.PLUGIN,
                  "recipe": os.path.join(monitoring.CONTRIB, installed)}
        script = write(self.path("recipe.sh"), change(recipe(heading, **values)))
        return run("sh", script, expected=expected)

    # ---- Alertmanager ----

    def alert(self, em=None, **options):
        self.shell("Alertmanager", {"em": em or self.options, "active": self.path("active"),
                                    "alertmanager": self.alertmanager.url}, **options)

    @property
    def options(self):
        return " ".join([*self.em.options, "--password-file=" + self.em.password_file])

    @property
    def down(self):
        """Nothing listens there."""
        return self.options.replace("--port=" + self.em.port, "--port=1")

    def shown(self):
        """Of each active alert: its labels as a tuple, and its annotations."""
        return {tuple(sorted(alert["labels"].items())): alert["annotations"]
                for alert in self.alertmanager.alerts()}

    @staticmethod
    def labels(alertname="VeeamCdpVm", **labels):
        return tuple(sorted({"alertname": alertname, "em": "em01", **labels}.items()))

    def expected(self):
        """What must be shown, from the plugin's own JSON."""
        document = json.loads(self.em.plugin("--all", "--format=json", expected=2))
        return {self.labels(severity="critical" if one["state"] == "CRITICAL" else "warning",
                            vm=one["vm"], policy=one["policy"], backup_server=one["backup_server"]):
                (one["state"], {session["reason"] for session in one["sessions"]} - {None, ""})
                for one in document["vms"] if one["state"] != "OK"}

    def become(self, keys, what):
        try:
            until(lambda: set(self.shown()) == set(keys), what)
        except TimeoutError:
            self.check(False, f"{what}: {sorted(self.shown())}, not {sorted(keys)}")

    def told(self, status, name):
        """How often the Alertmanager has told that this VM's alert has that status."""
        return sum((alert["status"], alert["labels"].get("vm")) == (status, name)
                   for alert in Keeper.told)

    def notified(self):
        """Who is wrong is told of, its end once, and never a VM that was always well."""
        others = [vm(f"srv-ok{number}") for number in range(3)]
        self.em.play(scenario(WELL, FAILED, *others))
        self.alert()
        until(lambda: self.told("firing", "srv-mail01"), "a notification")
        for _ in range(2):
            self.em.play(scenario(WELL, vm("srv-mail01"), *others))
            self.alert()
            until(lambda: self.told("resolved", "srv-mail01"), "the notification of its end")
        self.em.play(scenario(WELL, vm("srv-new02"), vm("srv-web01", "Failed"), *others))
        self.alert()
        until(lambda: self.told("firing", "srv-web01"), "another notification")
        self.compare("the VMs that were told of", {"srv-mail01", "srv-web01"},
                     {alert["labels"].get("vm") for alert in Keeper.told})
        self.compare("how often the end was told", 1, self.told("resolved", "srv-mail01"))
        # Where the Alertmanager does not tell what it has, what is wrong is sent all the same.
        self.em.play(scenario(WELL, FAILED, vm("srv-web01"), *others))
        self.alert(change=lambda text: text.replace("/api/v2/alerts >", "/nowhere >"))
        self.become([self.labels(severity="critical", vm=name, policy=POLICY, backup_server=SERVER)
                     for name in ("srv-mail01", "srv-web01")], "alerts without an answer")
        self.em.play(scenario(WELL, vm("srv-mail01"), vm("srv-web01"), *others))
        self.alert()
        self.become([], "all is well")

    def same_names(self):
        """Sessions of one VM, asked for by ids: the worst is the alert; a Reason is there once."""
        both = vm("srv-mail01", "Failed", "The disk is full")
        both["sessions"][0]["reason"] = "The disk is full"
        self.em.play(scenario(both))
        document = json.loads(self.em.plugin("--all", "--format=json", expected=2))
        ids = " ".join("--id=" + session["uid"].rpartition(":")[2]
                       for session in document["vms"][0]["sessions"])
        key = self.labels(severity="critical", vm="srv-mail01", policy=POLICY, backup_server=SERVER)
        for options in (ids, "--all"):
            self.alert(change=lambda text, options=options: text.replace("--all", options))
            self.become([key], f"one alert with {options}")
        self.compare("the Reason of both sessions", "The disk is full", self.shown()[key]["reason"])
        message = self.one("two Reasons alike")
        self.compare("the Reasons", [["The disk is full"]],
                     [one["reasons"] for one in message["problems"]])
        self.em.play(scenario(vm("srv-mail01")))
        self.alert()
        self.become([], "the end of the alert")
        self.one("its end")

    def vms(self):
        """Labels and annotations, with odd names too; a change of state; a recovery."""
        self.em.play(scenario(WELL, FAILED, PENDING, vm("srv-web01", "Warning", "RPO"),
                              *(vm(name, "Failed", f"Processing {name}") for name in ODD)))
        self.alert()
        expected = self.expected()
        self.become(expected, "alerts of VMs")
        count = len(expected)
        self.compare("how many alerts", len(ODD) + 3, count)
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
        # Those of VMs that EM does not have any more are kept, for an hour.
        self.check(self.labels(severity="warning", **mail) in self.shown() and
                   self.labels(severity="critical", **mail) not in self.shown(),
                   f"CRITICAL that became WARNING: {sorted(self.shown())}")
        self.compare("how many alerts are kept", count, len(self.shown()))

        self.em.play(scenario(WELL, vm("srv-mail01"), vm("srv-new01", policy="Other"),
                              vm("srv-web01"), *map(vm, ODD)))
        self.alert()
        self.become([], "all have recovered")
        return count

    def hold(self):
        """An alert that is not sent again ends."""
        self.em.play(scenario(FAILED))
        self.alert(change=lambda text: text.replace("--arg em em01", "--arg em em01 --arg hold 3"))
        self.become([self.labels(severity="critical", vm="srv-mail01", policy=POLICY,
                                 backup_server=SERVER)], "an alert that is held for 3 seconds")
        self.become([], "its end")

    def faults(self):
        """Whatever gives no verdict is an alert, which ends with the next verdict."""
        fault = self.labels("VeeamCdpFault", severity="critical")
        self.em.play(scenario(WELL))
        for kind, em, instead in (
                ("unreachable", self.down, None),
                ("usage", "--nonsense", None),
                ("forbidden", self.options, None),
                ("no answer", self.options, "true"),
                ("no answer", self.options, "printf '{\"vms\": ['"),
                ("no answer", self.options, "echo null")):
            self.em.play({**scenario(WELL), "may": {"log_on": kind != "forbidden"}})
            self.alert(em, change=lambda text, instead=instead or COMMAND:
                       text.replace(COMMAND, instead))
            self.become([fault], kind)
            self.compare("the kind of fault", [kind],
                         [annotations["kind"] for annotations in self.shown().values()])
            self.em.play(scenario(WELL))
            self.alert()
            self.become([], f"the end of {kind}")
        # EM answers, and has nothing of that name; or has nothing at all.
        self.alert(change=lambda text: text.replace("--all", "--vm=gone"))
        gone = self.labels(severity="warning", vm="gone")
        self.become([gone], "an alert of a VM that is not there")
        self.em.play(scenario())
        self.alert()
        self.become([gone, fault], "an alert when there is no VM")
        self.compare("its kind and state", ("not-found", "UNKNOWN"),
                     tuple(self.shown().get(fault, {}).get(key) for key in ("kind", "state")))
        self.alert("-H localhost -p 1", expected=7, change=lambda text: text.replace(
            self.alertmanager.url, "http://127.0.0.1:1"))

    # ---- a webhook ----

    def post(self, em=None, **options):
        """What the server got by one run."""
        Keeper.kept.clear()
        self.shell("A webhook", {"em": em or self.options, "webhook": self.web.url + "hook",
                                 "known": self.path("known")}, **options)
        for kind, _ in Keeper.kept:
            self.compare("Content-Type", "application/json", kind)
        return [message for _, message in Keeper.kept]

    def one(self, what, *arguments, **options):
        messages = self.post(*arguments, **options)
        self.compare(f"messages, {what}", 1, len(messages))
        return messages[0] if messages else {"text": "", "fault": {}, "problems": []}

    def webhook(self):
        self.em.play(scenario(WELL))
        self.compare("messages when all is well", [], self.post())
        self.em.play(scenario(WELL, FAILED, *(vm(name, "Failed", f"Processing {name}")
                                              for name in ODD)))
        # A server that has a fault gets the message once more.
        Keeper.status = 500
        self.post(expected=22)
        Keeper.status = 200
        message = self.one("after one that failed")
        document = json.loads(self.em.plugin("--all", "--format=json", expected=2))
        right, sent = (sorted((one["vm"], one["policy"], one["state"]) for one in vms)
                       for vms in (document["vms"], message["problems"]))
        self.compare("the problems", [one for one in right if one[2] != "OK"], sent)
        self.check(FAILED["sessions"][1]["reason"] in [reason for one in message["problems"]
                                                       for reason in one["reasons"]], "no Reason")
        text = message["text"].split("\n")
        self.compare("the text", "CDP on em01: CRITICAL: 14 of 15 VMs", text[0])
        self.compare("its lines", 15, len(text))
        self.check("&lt;b&gt;bold&lt;/b&gt; &amp; more" in message["text"] and
                   "<b>" not in message["text"], f"the text: {message['text']}")
        self.compare("messages when nothing has changed", [], self.post())
        self.em.play(scenario(WELL, WARNED))
        self.check("WARNING: 1 of 2 VMs" in self.one("another state")["text"], "another state")
        fault = self.one("EM is down", self.down)
        self.check(fault["fault"]["kind"] == "unreachable" and fault["text"].startswith(
            "CDP on em01: UNKNOWN: unreachable: "), f"a fault: {fault}")
        self.compare("messages when EM is still down", [], self.post(self.down))
        silent = self.one("the plugin is silent", change=lambda text: text.replace(COMMAND, "true"))
        self.check("no answer" in silent["text"], f"a silent plugin: {silent}")
        self.em.play(scenario(WELL))
        well = self.one("all is well again")
        self.compare("all is well again", "CDP on em01: OK: all is well again", well["text"])
        self.compare("messages when all is still well", [], self.post())

    def webhook_changes(self):
        """What a message is for: also a VM of the same name elsewhere. It has twenty lines."""
        for policy, other in ((POLICY, "Other"), ("Other", POLICY)):
            self.em.play(scenario(vm("srv-twin01", "Failed", policy=policy),
                                  vm("srv-twin01", policy=other)))
            message = self.one(f"the VM of {policy}")
            self.compare("the VM", [policy], [one["policy"] for one in message["problems"]])
        for count, last in ((20, "CRITICAL many"), (21, "and more")):
            self.em.play(scenario(*(vm(f"many{number:02}", "Failed") for number in range(count))))
            text = self.one(f"{count} VMs")["text"].split("\n")
            self.compare(f"the lines of {count} VMs", min(count, 20) + count // 21 + 1, len(text))
            self.check(text[-1].startswith(last), f"the last line of {count} VMs: {text[-1]}")

    def run(self):
        self.em = self.start(monitoring.Em, scenario(WELL))
        self.web = self.start(Web)
        self.alertmanager = self.start(monitoring.Alertmanager, NOTIFIES % (self.web.url + "told"))
        self.notified()
        count = self.vms()
        self.same_names()
        self.hold()
        self.faults()
        self.webhook()
        self.webhook_changes()
        print(f"{count} alerts by curl, as amtool shows them, and their ends; 6 faults; "
              "what a web server got")


if __name__ == "__main__":
    sys.exit(monitoring.main(Test, "prometheus-alertmanager", "amtool", "jq", "curl"))
