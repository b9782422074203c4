#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""contrib/grafana's dashboard: is it sound, and does Prometheus answer what its panels ask?

Grafana itself is not here. Each expression goes to a real Prometheus, which has scraped what the
plugin measured of two Enterprise Managers, one of which is down. Exit code 77: a program is not
installed.
"""

import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
# pylint: disable=wrong-import-position
import harness
import monitoring
from harness import PLUGIN, read, run, until, write

DASHBOARD = os.path.join(harness.CONTRIB, "grafana", "veeam_cdp.dashboard.json")
WIDTH = 24  # of Grafana's grid
PANELS = {"stat", "state-timeline", "table", "timeseries"}
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
# What srv-db01 has, in seconds or bytes, and how much more it may be on a busy machine.
LATER = 600
VALUES = {"Age of the last long-term restore point": ("s", 7200, LATER),
          "Duration of the newest session": ("s", 3600, LATER),
          "Size of the newest session": ("bytes", 1073741824, 0), "Measured": ("s", 0, LATER),
          "Lag behind the RPO": ("s", 5, 0), "RPO compliance": ("percentunit", 1, 0),
          # EM collected 5 minutes ago, and does so every 15 minutes.
          "Age of Enterprise Manager's data": ("s", 0, 1200)}
WORDS = {"Enterprise Manager": ["no answer", "answers"],
         "Verdicts": ["OK", "WARNING", "CRITICAL", "UNKNOWN"],
         "VMs that are not OK": ["OK", "WARNING", "CRITICAL", "UNKNOWN"]}
# Columns that Grafana makes of a query as a table, besides the labels.
COLUMNS = {"Time", "Value", "__name__"}
ODD = 'say "hello" \\ (Größe) 🚀'
STOPPED = {"srv-mail01": "idle", "srv-web01": "disabled"}  # where nothing runs
SCENARIO = {"policies": [{"name": "CDP Policy"}, {"name": "Gold", "enabled": False}], "vms": [
    {"name": name, "policy": policy, "sessions": [
        *([] if name in STOPPED else [{"created": "-1h", "total_size": 1073741824}]),
        {"created": "-10h", "ended": "-2h", "result": result, "reason": reason}]}
    for name, policy, result, reason in (
        ("srv-db01", "CDP Policy", "Success", "as it should be"),
        ("srv-web01", "Gold", "Warning", ""),
        ("srv-mail01", "CDP Policy", "Failed", 'The target disk "0" is full'),
        (ODD, "Gold", "Failed", "The source host is not reachable"))]}


def members(value, name):
    """All values of members of that name, at any depth."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == name:
                yield item
            yield from members(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from members(item, name)


class Test(harness.Test):
    """The dashboard."""

    def __init__(self, root):
        super().__init__(root)
        self.text = read(DASHBOARD)
        self.dashboard = json.loads(self.text)
        self.panels = self.dashboard["panels"]
        self.variables = {variable["name"]: variable
                          for variable in self.dashboard["templating"]["list"]}
        self.prometheus = self.moment = None

    def sound(self):
        """No ids of anybody's Grafana, the data source a variable, a grid without overlaps."""
        self.compare("its id", None, self.dashboard["id"])
        self.check("uid" not in self.dashboard and "__inputs" not in self.dashboard, "it has ids")
        sources = list(members(self.dashboard, "datasource"))
        self.compare("the data sources", [DATASOURCE] * len(sources), sources)
        self.compare("the variable of the data source", ("datasource", "prometheus"),
                     tuple(self.variables["datasource"][key] for key in ("type", "query")))
        self.compare("the version of its schema", 38, self.dashboard["schemaVersion"])
        ids = [panel["id"] for panel in self.panels]
        self.compare("the ids of panels", sorted(set(ids)), sorted(ids))
        cells = set()
        for panel in self.panels:
            title, grid = panel["title"], panel["gridPos"]
            self.check(panel["type"] in PANELS and panel["description"] and panel["targets"],
                       f"{title} lacks something")
            self.check(grid["x"] + grid["w"] <= WIDTH, f"{title} is too wide")
            own = {(x, y) for x in range(grid["x"], grid["x"] + grid["w"])
                   for y in range(grid["y"], grid["y"] + grid["h"])}
            self.check(not own & cells, f"{title} overlaps another panel")
            cells |= own
            ids = [target["refId"] for target in panel["targets"]]
            self.compare(f"the refIds of {title}", sorted(set(ids)), sorted(ids))
        used = set(re.findall(r"\$\{?(\w+)", self.text)) - {"__all"}
        self.compare("the variables", used, set(self.variables))

    def ask(self, panel, target, **chosen):
        """The series of a panel, with regular expressions for variables, as Grafana has them."""
        values = {name: variable.get("allValue") for name, variable in self.variables.items()}
        values.update(chosen)
        expression = re.sub(r"\$(\w+)", lambda found: values[found[1]], target["expr"])
        self.check(target["instant"] != target["range"], f"{panel['title']}: instant or range?")
        # A scrape that failed later, on a busy machine, does not matter.
        if target["instant"]:
            return self.prometheus.query(expression, time=self.moment)
        return self.prometheus.ask("query_range", query=expression, start=self.moment - 30,
                                   end=self.moment, step=1)["result"]

    def answered(self):
        """Every expression has series; legends and columns are of labels that are there."""
        count = 0
        for panel in self.panels:
            title = panel["title"]
            for target in panel["targets"]:
                series = self.ask(panel, target)
                count += 1
                self.check(series, f"{title}: no series of {target['expr']}")
                labels = {label for one in series for label in one["metric"]}
                self.check(set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= labels,
                           f"{title}: the legend has other labels than {labels}")
                for change in panel.get("transformations", []):
                    for columns in change["options"].values():
                        self.check(set(columns) <= labels | COLUMNS,
                                   f"{title}: columns {set(columns)}, but labels {labels}")
                if "task" in target["expr"]:
                    some = self.ask(panel, target, vm="(srv-mail01|srv-web01)")
                    # A VM of a disabled policy has no lag.
                    self.compare(f"{title}: the VMs that are chosen",
                                 {"srv-mail01"} if "_rpo_" in target["expr"] else {"srv-mail01", "srv-web01"},
                                 {one["metric"]["vm"] for one in some})
                    self.compare(f"{title}: those of a policy that is not there", [],
                                 self.ask(panel, target, policy="(none)"))
        return count

    def meaning(self):
        """What numbers are, what words stand for them; overrides are of columns that there are."""
        values, words = set(), set()
        for panel in self.panels:
            title = panel["title"]
            unit, least, more = VALUES.get(title, (None, 0, 0))
            self.compare(f"the unit of {title}", unit, panel["fieldConfig"]["defaults"].get("unit"))
            for series in self.ask(panel, panel["targets"][0]) if unit else ():
                if series["metric"].get("vm", "srv-db01") == "srv-db01":
                    last = series["value"] if "value" in series else series["values"][-1]
                    self.check(least <= float(last[1]) <= least + more, f"{title}: {last}")
                    values.add(title)
            for mapping in members(panel["fieldConfig"], "options"):
                if isinstance(mapping, dict):
                    texts = [mapping[number]["text"] for number in sorted(mapping)]
                    self.compare(f"the words of {title}", WORDS.get(title), texts)
                    words.add(title)
            names = {name for change in panel.get("transformations", [])
                     for name in change["options"]["renameByName"].values()}
            for override in panel["fieldConfig"]["overrides"]:
                self.check(override["matcher"]["options"] in names,
                           f"{title}: no column {override}")
        self.compare("the panels with values", set(VALUES), values)
        self.compare("the panels with words", set(WORDS), words)

    def table(self):
        """What is not OK, with State, Result and Reason."""
        panel, = (panel for panel in self.panels if panel["title"] == "VMs that are not OK")
        labels = ("vm", "session", "state", "result", "reason")
        rows = {tuple(one["metric"].get(label, "") for label in labels) + (one["value"][1],)
                for one in self.ask(panel, panel["targets"][0])}
        expected = set()
        for name, result, reason, status in (
                ("srv-web01", "Warning", "", "1"),
                ("srv-mail01", "Failed", 'The target disk "0" is full', "2"),
                (ODD, "Failed", "The source host is not reachable", "2")):
            completed = ("Completed", result, reason, status)
            running = ("InProgress", "Success", "", status)
            expected.add((name, "newest", *(completed if name in STOPPED else running)))
            expected.add((name, "last_completed", *completed))
        # A VM that EM does not have has no sessions.
        expected.add(("srv-gone01", "", "", "", "", "3"))
        self.compare("the rows", expected, rows)

    def standstill(self):
        """Which VMs show a sign, and which policies are disabled."""
        for title, labels, expected in (
                ("Signs that replication stands still", ("vm", "sign"), set(STOPPED.items())),
                ("Disabled policies", ("policy",), {("Gold",)})):
            panel, = (panel for panel in self.panels if panel["title"] == title)
            self.compare(f"what is in {title}", expected, {
                tuple(one["metric"][label] for label in labels)
                for one in self.ask(panel, panel["targets"][0])})

    def chosen_from(self):
        """What the variables offer."""
        for name, expected in (("vm", [ODD, "srv-db01", "srv-gone01", "srv-mail01", "srv-web01"]),
                               ("policy", ["CDP Policy", "Gold"]),
                               ("backup_server", ["vbr01.example.invalid"])):
            metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)",
                                         self.variables[name]["query"]["query"]).groups()
            self.compare(f"the values of {name}", expected,
                         self.prometheus.ask(f"label/{label}/values", **{"match[]": metric}))

    def run(self):
        self.sound()
        em = self.start(harness.Em, SCENARIO)
        names = [f"--vm={vm['name']}" for vm in SCENARIO["vms"]]
        textfiles = self.path("textfiles/")
        write(textfiles + "veeam_cdp_em01.prom",
              run(*em.check(*names, "--vm=srv-gone01", "--rpo", "--format=openmetrics"), expected=2))
        write(textfiles + "veeam_cdp_em02.prom",
              run(PLUGIN, "--hostname=localhost", "--port=1", "--username=monitor",
                  "--password-file=" + em.password_file, "--all", "--format=openmetrics",
                  expected=3))
        self.prometheus = self.start(monitoring.Prometheus,
                                     self.start(monitoring.NodeExporter, textfiles))
        scraped = until(lambda: self.prometheus.query("timestamp(veeam_cdp_fault_info)"),
                        "a scrape")
        self.moment = int(float(scraped[0]["value"][1])) + 1  # a whole number, for the steps
        count = self.answered()
        self.meaning()
        self.table()
        self.standstill()
        self.chosen_from()
        print(f"{len(self.panels)} panels; {count} expressions have series in a real Prometheus, "
              f"and {len(self.variables) - 1} variables have values; Grafana itself was not run")


if __name__ == "__main__":
    sys.exit(harness.main(Test, harness.missing(monitoring.PROMETHEUS)))
