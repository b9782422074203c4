# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus and its companions, with folders of their own on free ports, for the tests with them."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
# pylint: disable=wrong-import-position
import harness
from harness import LIMIT, read, run, until, write

# The programs, and Debian's packages that have them.
ALERTMANAGER = {"prometheus-alertmanager": "prometheus-alertmanager",
                "amtool": "prometheus-alertmanager"}
PROMETHEUS = {"prometheus": "prometheus", "promtool": "prometheus",
              "prometheus-node-exporter": "prometheus-node-exporter"}
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def fetch(url):
    with OPENER.open(url, timeout=LIMIT) as answer:
        return answer.read().decode()


class Daemon:
    """One that listens on a free port, which it tells in its log."""

    def __init__(self, root, name, *options):
        self.folder = os.path.join(root, name)
        os.makedirs(self.folder, exist_ok=True)
        self.log = os.path.join(self.folder, "log")
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen(
                [harness.find(name), "--web.listen-address=127.0.0.1:0", *options],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        try:
            self.url = "http://" + until(self.address, f"{name} listens")
        except Exception:
            print(read(self.log))
            self.stop()
            raise

    def address(self):
        if self.process.poll() is not None:
            raise ChildProcessError("it has ended")
        found = re.search(r'msg="Listening on" address=(127\.0\.0\.1:[1-9]\d*)', read(self.log))
        return found and found[1]

    def stop(self):
        harness.end_process(self.process)


class NodeExporter(Daemon):
    """With the textfile collector alone."""

    def __init__(self, root, textfiles):
        super().__init__(root, "prometheus-node-exporter", "--collector.disable-defaults",
                         "--collector.textfile", "--collector.textfile.directory=" + textfiles)

    def samples(self):
        return fetch(self.url + "/metrics")


class Alertmanager(Daemon):
    """Who shows alerts, as amtool reads them."""

    def __init__(self, root, text="route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"):
        configuration = write(os.path.join(root, "alertmanager.yml"), text)
        super().__init__(root, "prometheus-alertmanager", "--config.file=" + configuration,
                         "--storage.path=" + os.path.join(root, "alertmanager-data"),
                         "--cluster.listen-address=")
        until(self.ready, "Alertmanager is ready")

    def ready(self):
        try:
            return fetch(self.url + "/-/ready")
        except urllib.error.HTTPError:
            return None

    def alerts(self, *options):
        """The active alerts, or by options others, as amtool shows them."""
        return json.loads(run("amtool", "--alertmanager.url=" + self.url, "alert", "query",
                              "--output=json", *options))


class Prometheus(Daemon):
    """Scrapes node_exporter, evaluates rules, tells the Alertmanager, all in short intervals."""

    def __init__(self, root, node_exporter, rules=None, alertmanager=None):
        configuration = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s",
                       "evaluation_interval": "500ms"},
            "scrape_configs": [{"job_name": "node", "static_configs": [
                {"targets": [node_exporter.url.removeprefix("http://")],
                 "labels": {"instance": "node01"}}]}]}
        if rules:
            configuration["rule_files"] = [rules]
            configuration["alerting"] = {"alertmanagers": [{"static_configs": [
                {"targets": [alertmanager.url.removeprefix("http://")]}]}]}
        # JSON is YAML.
        path = write(os.path.join(root, "prometheus.yml"), json.dumps(configuration))
        run("promtool", "check", "config", path)
        super().__init__(root, "prometheus", "--config.file=" + path,
                         "--storage.tsdb.path=" + os.path.join(root, "prometheus-data"),
                         "--rules.alert.resend-delay=1s")

    def ask(self, path, **parameters):
        """What its API says; a refused query is an error that says why."""
        try:
            answer = fetch(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        except urllib.error.HTTPError as error:
            if error.code == 503:  # it starts
                return None
            raise ValueError(f"{path} {parameters}: {error.read().decode()}") from error
        return json.loads(answer)["data"]

    def query(self, expression, **parameters):
        data = self.ask("query", query=expression, **parameters)
        return data["result"] if data else None
