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
COMMAND = "check_veeam_cdp_task $em --all --format=json"  # as the recipes have it
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


class Keeper(http.server.BaseHTTPRequestHandler):
    """Keeps what it gets, and answers with the status that it is told."""

    kept, status = [], 200

    def do_POST(self):  # pylint: disable=invalid-name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.kept.append((self.headers["Content-Type"], json.loads(body)))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_arguments):  # pylint: disable=arguments-differ
        pass


class Web:
    """A server for webhooks."""

    def __init__(self, _root):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keeper)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
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
        """Runs a recipe in its folder, after a change."""
        script = write(self.path("recipe.sh"), change(recipe(heading, **values)))
        path = os.path.dirname(monitoring.PLUGIN) + ":" + os.environ["PATH"]
        return run("sh", "-c", f"cd '{FOLDER}' && . '{script}'", expected=expected,
                   environment={"PATH": path})

    # ---- Alertmanager ----

    def alert(self, em=None, **options):
        self.shell("Alertmanager", {"em": em or self.options,
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
        self.shell("A webhook", {"em": em or self.options, "webhook": self.web.url,
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

    def run(self):
        self.em = self.start(monitoring.Em, scenario(WELL))
        self.alertmanager = self.start(monitoring.Alertmanager)
        count = self.vms()
        self.hold()
        self.faults()
        self.web = self.start(Web)
        self.webhook()
        print(f"{count} alerts by curl, as amtool shows them, and their ends; 6 faults; "
              "what a web server got")


if __name__ == "__main__":
    sys.exit(monitoring.main(Test, "prometheus-alertmanager", "amtool", "jq", "curl"))
