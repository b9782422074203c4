# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated EM, and Prometheus and its companions, with folders of their own on free ports.

For the programs of this folder. CHECK_VEEAM_CDP_TASK, EM_EMULATOR and SRCDIR come from make check.
"""

import json
import os
import re
import secrets
import shlex
import shutil
import signal
import ssl
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.join(os.environ["SRCDIR"], "tests", "integration"))
# pylint: disable=wrong-import-position
from common import LIMIT, PAUSE, carry_out, read, until, write

PLUGIN = os.environ["CHECK_VEEAM_CDP_TASK"]
EMULATOR = os.environ["EM_EMULATOR"]
CONTRIB = os.path.join(os.environ["SRCDIR"], "contrib")
PASSWORD = "Tr0ub4dor-" + secrets.token_hex(8)
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def run(*command, text=None, expected=0, environment=None):
    """What the command printed on standard output; its exit code must be `expected`."""
    done = subprocess.run(command, input="" if text is None else text, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, encoding="utf-8", timeout=LIMIT, check=False,
                          env={**os.environ, **(environment or {})})
    if done.returncode != expected:
        raise ChildProcessError(f"{shlex.join(command)}: {done.returncode}, not {expected}: "
                                f"{done.stdout[-2000:]}{done.stderr}")
    return done.stdout


def fetch(url):
    with OPENER.open(url, timeout=LIMIT) as answer:
        return answer.read().decode()


class Em:
    """The emulator; `play` has it play another scenario."""

    def __init__(self, root, scenario):
        self.password_file = write(os.path.join(root, "password"), PASSWORD + "\n", 0o600)
        path = write(os.path.join(root, "scenario.json"), json.dumps(scenario))
        told = run(EMULATOR, "--background", f"--lifetime={4 * LIMIT}", "--dir=" + root,
                   "--scenario=" + path, "--password-file=" + self.password_file)
        values = dict(line.split("=", 1) for line in shlex.split(told))
        self.port, self.pid = values["EM_PORT"], int(values["EM_PID"])
        self.certificate = os.path.join(root, "cert.pem")
        # Without a password: who runs the plugin adds it.
        self.options = ["--hostname=localhost", "--port=" + self.port, "--username=monitor",
                        "--ca-file=" + self.certificate]

    def control(self, path, body=None):
        context = ssl.create_default_context(cafile=self.certificate)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                             urllib.request.HTTPSHandler(context=context))
        data = None if body is None else json.dumps(body).encode()
        with opener.open(f"https://localhost:{self.port}/emulator/{path}", data,
                         timeout=LIMIT) as answer:
            return answer.read().decode()

    def play(self, scenario):
        self.control("scenario", scenario)

    def open_sessions(self):
        return json.loads(self.control("counts"))["open_sessions"]

    def plugin(self, *options, expected=0):
        return run(PLUGIN, *self.options, "--password-file=" + self.password_file, *options,
                   expected=expected)

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)


class Daemon:
    """One that listens on a free port, which it tells in its log."""

    def __init__(self, root, name, *options):
        self.folder = os.path.join(root, name)
        os.makedirs(self.folder, exist_ok=True)
        self.log = os.path.join(self.folder, "log")
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen(
                [shutil.which(name), "--web.listen-address=127.0.0.1:0", *options],
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
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


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


def missing(*programs):
    """Says which of the programs are not there."""
    names = [name for name in programs if shutil.which(name) is None]
    if names:
        print("skipped: these are not installed: " + " ".join(names))
    return names


class Test:
    """A folder, what was started in it, and complaints."""

    def __init__(self, root):
        self.root, self.complaints, self.started = root, [], []

    def start(self, kind, *arguments):
        self.started.append(kind(self.root, *arguments))
        return self.started[-1]

    def path(self, name):
        return os.path.join(self.root, name)

    def check(self, fine, complaint):
        if not fine:
            self.complaints.append(complaint)

    def compare(self, what, right, wrong):
        self.check(right == wrong, f"{what} is {wrong!r}, not {right!r}")

    def run(self):
        raise NotImplementedError

    def stop(self):
        for daemon in reversed(self.started):
            daemon.stop()

    def logs(self):
        for daemon in self.started:
            if hasattr(daemon, "log"):
                print("\n".join([daemon.log, *read(daemon.log).splitlines()[-30:]]))


def main(test_class, *programs):
    """Runs a test; 77: a program is missing."""
    if missing(*programs):
        return 77
    os.umask(0o022)
    return carry_out(test_class, PASSWORD)
