#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Zabbix imports the templates of contrib/zabbix, and finds what the plugin says of an emulated EM.

A zabbix_server with a MariaDB, an agent 2 and the frontend by PHP's own web server have folders of
their own, which go again, and listen on loopback alone. All that is done and looked at goes through
the frontend's API. -v: every item. Exit code 77: something is not installed.
"""

import glob
import gzip
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
# pylint: disable=wrong-import-position
import director  # its database
import harness
from harness import LIMIT, PLUGIN, find, read, run, until, write

CONTRIB = os.path.join(harness.CONTRIB, "zabbix")
AGENT2, EXTERNAL = "Veeam CDP by Zabbix agent 2", "Veeam CDP by external check"
FILES = {AGENT2: "veeam_cdp_agent2.yaml", EXTERNAL: "veeam_cdp_external.yaml"}
SCHEMA = "/usr/share/zabbix-server-mysql"
FRONTEND = "/usr/share/zabbix"
NEEDED = {"mariadbd": "mariadb-server-core", "mariadb-install-db": "mariadb-server-core",
          "mariadb": "mariadb-client-core", "php": "php-cli", "zabbix_server": "zabbix-server-mysql",
          "zabbix_agent2": "zabbix-agent2"}
EXTENSIONS = {"mysqli": "php-mysql", "bcmath": "php-bcmath", "gd": "php-gd",
              "mbstring": "php-mbstring", "SimpleXML": "php-xml"}
OF_TEMPLATES = ("INSERT INTO `(dashboard|event|function|graph|host|http|item|interface|lld|sysmap|trigger|valuemap|"
                "widget)")
SEVERITIES = ["not classified", "information", "warning", "average", "high", "disaster"]
STATES = {"OK": "0", "WARNING": "1", "CRITICAL": "2", "UNKNOWN": "3"}
POLICY_DISABLED, GONE = "4", "9"
NO_ANSWER = "4"
INTERVAL = 3  # seconds between two runs of the plugin
PREFIX = "Veeam CDP: "


def missing():
    """What is not installed, or ''."""
    if harness.missing(NEEDED):
        return harness.missing(NEEDED)
    for path, package in {SCHEMA + "/schema.sql.gz": "zabbix-server-mysql",
                          FRONTEND + "/api_jsonrpc.php": "zabbix-frontend-php"}.items():
        if not os.path.exists(path):
            return f"{path} is not installed ({package})"
    modules = run("php", "-m").split()
    for extension, package in EXTENSIONS.items():
        if extension not in modules:
            return f"PHP has no {extension} ({package})"
    return ""


def free_port():
    """One of those that Zabbix takes, which are none that the system gives by itself."""
    while True:
        port = random.randint(20000, 32767)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


class Daemon:
    """One of Zabbix' daemons, with a configuration of its own."""

    def __init__(self, root, program, settings):
        self.folder = os.path.join(root, program)
        os.makedirs(self.folder, exist_ok=True)
        self.log, self.port = os.path.join(self.folder, "log"), free_port()
        lines = {"LogType": "file", "LogFile": self.log, "LogFileSize": 0, "ListenPort": self.port,
                 "ListenIP": "127.0.0.1", "PidFile": os.path.join(self.folder, "pid"),
                 "Timeout": 30, **settings}
        configuration = write(os.path.join(self.folder, "conf"), "".join(
            f"{key}={value}\n" for key, value in lines.items()))
        with open(os.path.join(self.folder, "output"), "wb") as output:
            self.process = subprocess.Popen(
                [find(program), "--foreground", "--config", configuration],
                env={**os.environ, "VEEAM_CDP_PLUGIN": os.path.join(root, "plugin"),
                     "VEEAM_CDP_INI": os.path.join(root, "veeam_cdp.ini")},
                stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def stop(self):
        harness.end_process(self.process)


class Agent(Daemon):
    """An agent 2 with the UserParameter of contrib/zabbix."""

    def __init__(self, root):
        parameter = read(os.path.join(CONTRIB, "veeam_cdp.conf"))
        parameter = parameter.replace("/usr/local/bin/", CONTRIB + "/")
        super().__init__(root, "zabbix_agent2", {
            "Hostname": "agent", "Server": "127.0.0.1", "ServerActive": "127.0.0.1:1",
            "ControlSocket": os.path.join(root, "agent.sock"),
            "PluginSocket": os.path.join(root, "plugin.sock"),
            "Include": write(os.path.join(root, "veeam_cdp.conf"), parameter)})


class Server(Daemon):
    """A zabbix_server that has each change of its configuration after a second."""

    def __init__(self, root, database):
        scripts = os.path.join(root, "externalscripts")
        os.makedirs(scripts)
        shutil.copy(os.path.join(CONTRIB, "veeam_cdp"), scripts)
        super().__init__(root, "zabbix_server", {
            "AllowRoot": 1, "AllowUnsupportedDBVersions": 1, "DBSocket": database.socket, "DBName": database.name, "DBUser": "root",
            "SocketDir": self.made(root, "sockets"), "ExternalScripts": scripts,
            "CacheUpdateFrequency": 1, "HousekeepingFrequency": 0, "StartPingers": 0,
            "StartDiscoverers": 0, "StartHTTPPollers": 0, "StartPollers": 3})

    @staticmethod
    def made(root, name):
        os.makedirs(os.path.join(root, name), exist_ok=True)
        return os.path.join(root, name)


class Frontend:
    """The frontend, and its API."""

    def __init__(self, root, database):
        folder = os.path.join(root, "frontend")
        shutil.copytree(FRONTEND, folder, symlinks=True)
        own = write(folder + "/conf/own.php", "<?php\n" + "".join(
            f"$DB['{key}'] = '{value}';\n" for key, value in {
                "TYPE": "MYSQL", "SERVER": "localhost", "PORT": "0", "DATABASE": database.name,
                "USER": "root", "PASSWORD": "", "SCHEMA": ""}.items())
              + "$DB['ENCRYPTION'] = false;\n$DB['DOUBLE_IEEE754'] = true;\n")
        place = folder + "/include/classes/core/CConfigFile.php"
        write(place, read(place).replace("/etc/zabbix/zabbix.conf.php", own))
        self.log, self.token = os.path.join(root, "frontend.log"), None
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["php", "-d", "mysqli.default_socket=" + database.socket, "-d",
                 "date.timezone=UTC", "-d", "memory_limit=256M", "-d", "session.save_path=" + root,
                 "-S", "127.0.0.1:0", "-t", folder],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.url = until(lambda: re.search(r"\((http://127\.0\.0\.1:\d+)\) started",
                                           read(self.log)), "the frontend listens")[1]

    def log_on(self):
        self.token = self("user.login", username="Admin", password="zabbix")

    def __call__(self, method, *listed, **named):
        """The result of a method; what it refuses is an error."""
        body = {"jsonrpc": "2.0", "method": method, "params": list(listed) or named, "id": 1,
                **({"auth": self.token} if self.token else {})}
        request = urllib.request.Request(self.url + "/api_jsonrpc.php", json.dumps(body).encode(),
                                         {"Content-Type": "application/json-rpc"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=LIMIT) as answer:
            told = json.loads(answer.read())
        if "error" in told:
            raise ValueError(f"{method}: {told['error']}")
        return told["result"]

    def stop(self):
        harness.end_process(self.process)


def vm(name, result="Success", reason="", policy="CDP Policy", runs=True, **more):
    """One whose last session ended two hours ago."""
    running = [{"created": "-2h", "total_size": 1073741824}] if runs else []
    return {"name": name, "policy": policy, "sessions": [
        *running, {"created": "-10h", "ended": "-2h", "result": result, "reason": reason}], **more}


ODD = "it's $5 = \"a;b\" \\ {$VEEAM.CDP.PORT} {HOST.NAME} ü"
CALM = [vm("srv-db01"), vm(ODD)]
WEB = vm("srv-web01", "Warning", "RPO of 15 seconds was exceeded 4 times")
MAIL = vm("srv-mail01", "Failed", "the disk is full")
IDLE = vm("srv-idle01", runs=False)
PAUSED = vm("srv-paused01", policy="Paused", runs=False)
POLICIES = [{"name": "CDP Policy"}, {"name": "Paused", "enabled": False}]
SCENARIO = {"policies": POLICIES, "vms": [*CALM, WEB, MAIL, IDLE, PAUSED]}
# What is wrong: the beginning of a problem's name, its severity, a part of the rest.
PROBLEMS = {
    "VM srv-web01 (CDP Policy) is WARNING": ("warning", "RPO of 15 seconds"),
    "VM srv-mail01 (CDP Policy) is CRITICAL": ("high", "the disk is full"),
    "VM srv-idle01 (CDP Policy) is WARNING": ("warning", "idle for"),
    "Policy Paused (vbr01.example.invalid) is disabled": ("warning", "")}
CALM_LATER = {"VM srv-web01 (CDP Policy) is WARNING": ("warning", "RPO of 15 seconds")}
LATER = {
    **CALM_LATER,
    "VM srv-db01 (CDP Policy) is CRITICAL": ("high", "its host is gone"),
    "Policy Paused (vbr01.example.invalid) is disabled": ("warning", "")}


class Test(harness.Test):
    """Runs all of it."""

    em = database = api = server = agent = None
    hosts = {}  # ids, by the template
    version = groups = ""  # of Zabbix; what its import calls the groups of templates

    def set_up(self):
        self.em = self.start(harness.Em, SCENARIO)
        os.symlink(PLUGIN, self.path("plugin"))
        self.database = self.start(director.Database, "zabbix")
        self.database.query("ALTER DATABASE zabbix CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        for name in ("schema", "data"):
            with gzip.open(f"{SCHEMA}/{name}.sql.gz", "rt", encoding="utf-8") as file:
                # Nothing of Zabbix' own templates and hosts, which take a minute.
                lines = [line for line in file if not re.match(OF_TEMPLATES, line)]
            self.database.query("SOURCE " + write(self.path(name + ".sql"), "".join(lines)))
        self.api = self.start(Frontend, self.database)
        self.version = self.api("apiinfo.version")
        self.groups = "groups" if self.version.startswith("6.0") else "template_groups"
        self.api.log_on()
        write(self.path("veeam_cdp.ini"), f"[logon]\nusername = monitor\n"
              f"password-file = {self.em.password_file}\nca-file = {self.em.certificate}\n"
              "[quiet]\nwarning-size = 9TB\n[lag]\nrpo =\npolicy = CDP Policy\ncritical-app-age = 1d\n", 0o600)

    def templates(self):
        """Both are imported; once more changes nothing, nor does what is exported differ."""
        expected = run("sed", "-f", os.path.join(CONTRIB, "external.sed"),
                       os.path.join(CONTRIB, FILES[AGENT2]))
        self.check(read(os.path.join(CONTRIB, FILES[EXTERNAL])) == expected,
                   "external.sed makes another veeam_cdp_external.yaml")
        rules = {name: {"createMissing": True, **({"updateExisting": True} if updated else {})}
                 for name, updated in {self.groups: False, "templates": True, "valueMaps": True,
                                       "items": True, "discoveryRules": True, "triggers": True}.items()}
        exported = []
        for _ in range(2):
            for name in FILES.values():
                self.api("configuration.import", format="yaml", rules=rules,
                         source=read(os.path.join(CONTRIB, name)))
            known = self.api("template.get", filter={"host": list(FILES)}, output=["templateid"])
            exported.append(re.sub("date: .*", "", self.api(
                "configuration.export", format="yaml",
                options={"templates": [one["templateid"] for one in known]})))
        self.check(exported[0] == exported[1], "a second import changes something")

    def host(self, template, **macros):
        """One with a template, and how it is told from other ones: the macros."""
        found, = self.api("template.get", filter={"host": template})
        values = {"SECTION": "logon", "HOSTNAME": "localhost", "PORT": self.em.port,
                  "SECTION.VMS": "quiet", "ALL": "yes", "INTERVAL": f"{INTERVAL}s", **macros}
        group, = self.api("hostgroup.get", filter={"name": "Virtual machines"})
        made = self.api(
            "host.create", host=f"em by {template}", groups=[{"groupid": group["groupid"]}],
            templates=[{"templateid": found["templateid"]}],
            macros=[{"macro": "{$VEEAM.CDP." + key + "}", "value": value}
                    for key, value in values.items()],
            interfaces=[{"type": 1, "main": 1, "useip": 1, "ip": "127.0.0.1", "dns": "",
                         "port": str(self.agent.port)}])
        self.hosts[template], = made["hostids"]

    def items(self, template):
        """What was measured, by key."""
        return {item["key_"]: item for item in self.api(
            "item.get", hostids=self.hosts[template], webitems=False, selectTags="extend",
            output=["key_", "name", "lastvalue", "lastclock", "state", "error"])}

    def of_vms(self, template):
        """Of each VM, what was measured of it."""
        told = {}
        for key, item in self.items(template).items():
            found = re.fullmatch(r"veeam\.cdp\.vm\.(\w+)\[([0-9a-f]{32})\]", key)
            if found:
                name = {tag["tag"]: tag["value"] for tag in item["tags"]}["vm"]
                told.setdefault(name, {})[found[1]] = item
        return told

    def problems(self, template):
        """What goes on: a problem's severity, by its name."""
        return {problem["name"].removeprefix(PREFIX): SEVERITIES[int(problem["severity"])]
                for problem in self.api("problem.get", hostids=self.hosts[template])}

    def answers(self, key, value, count):
        """Waits until each host has so many further values of that item."""
        since = int(time.time()) + 1  # what began before may end now
        for template in FILES:
            item = self.items(template)[key]["itemid"]
            until(lambda: sum(one["value"] == value for one in self.api(
                "history.get", itemids=item, history=3, time_from=since)) >= count,
                f"{key} is {value} on {template}")

    def set_macro(self, name, value):
        """Of both hosts."""
        for known in self.api("usermacro.get", hostids=list(self.hosts.values()),
                              filter={"macro": "{$VEEAM.CDP." + name + "}"}):
            self.api("usermacro.update", hostmacroid=known["hostmacroid"], value=value)

    def expect(self, what, expected):
        """These are the problems of each host, and no others."""
        for template in FILES:
            self.expect_on(template, what, expected)

    def expect_on(self, template, what, expected):
        def fits():
            told = self.problems(template)
            return len(told) == len(expected) and all(
                any(name.startswith(begin) and rest in name and severity == wanted
                    for name, severity in told.items())
                for begin, (wanted, rest) in expected.items())
        try:
            until(fits, f"{what} on {template}")
        except TimeoutError:
            known = {name: one["status"]["lastvalue"] for name, one in self.of_vms(template).items()}
            self.check(False, f"{what} on {template}: {self.problems(template)}, VMs {known}")

    def values(self, template, document):
        """Items of VMs are what the plugin says by hand."""
        until(lambda: len(self.of_vms(template)) == len(document["vms"]) and all(
            one["status"]["lastclock"] != "0" for one in self.of_vms(template).values()),
              f"all VMs on {template}")
        told = self.of_vms(template)
        for one in document["vms"]:
            name = one["vm"].replace("{", "(") if one["vm"] == ODD else one["vm"]
            items = told.get(name, {})
            status = POLICY_DISABLED if one["signs"] == ["disabled"] else STATES[one["state"]]
            self.check(items and items["status"]["lastvalue"] == status,
                       f"{name} on {template} is {items.get('status')}, not {status}")
            for key, metric in (("size", "total_size"), ("age", "age"), ("duration", "duration")):
                measured = float(items[key]["lastvalue"])
                least = one["metrics"][metric + ("_bytes" if key == "size" else "_seconds")]
                self.check(least <= measured <= least + (0 if key == "size" else LIMIT),
                           f"{key} of {name} on {template} is {measured}, not {least}")
            if self.verbose:
                print(template, name, {key: item["lastvalue"] for key, item in items.items()})
        self.sound(template, len(told))
        return sum(len(one) for one in told.values())

    def sound(self, template, vms):
        """Nothing is refused: each item is supported, each VM has its triggers."""
        for item in self.items(template).values():
            self.check(item["state"] == "0", f"{item['name']} on {template}: {item['error']}")
        for rule in self.api("discoveryrule.get", hostids=self.hosts[template], output="extend"):
            self.check(rule["error"] == "", f"{rule['name']} on {template}: {rule['error']}")
        count = len(self.api("trigger.get", hostids=self.hosts[template], search={
            "description": PREFIX + "VM "}, startSearch=True))
        self.compare(f"the number of triggers on {template}", 3 * vms, count)

    def logs(self):
        """The frontend's and the database's say nothing."""
        for part in (self.server, self.agent):
            if part:
                print("\n".join(read(part.log).splitlines()[-60:]))

    def broken(self):
        """Whatever is printed instead of an answer, no VM is gone."""
        plugin = self.path("plugin")
        os.unlink(plugin)
        write(plugin, "#!/bin/sh\necho Segmentation fault\n", 0o755)
        since = time.time()
        for template in FILES:
            until(lambda: [one["state"] for key, one in self.items(template).items()
                           if re.match("veeam.cdp\\[", key)] == ["1", "1"], f"what {template} refuses")
        until(lambda: time.time() > since + 3 * INTERVAL, "further runs")
        self.expect("plugin broken", PROBLEMS)
        os.unlink(plugin)
        os.symlink(PLUGIN, plugin)

    def down(self):
        """While EM is away that is one problem. What happens meanwhile is seen when it is back."""
        self.set_macro("PORT", str(free_port()))
        self.answers("veeam.cdp.em.status", NO_ANSWER, 2)
        self.answers("veeam.cdp.run.status", NO_ANSWER, 3)
        self.expect("EM down", {**PROBLEMS, "Enterprise Manager does not answer": (
            "high", "unreachable: ")})
        self.em.play({**SCENARIO, "vms": [vm("srv-db01", "Failed", "its host is gone"), WEB]})
        self.set_macro("PORT", self.em.port)
        self.expect("EM back", LATER)

    def gone(self):
        """What EM does not list any more has no problem, and no items after a day, which is now."""
        for template in FILES:
            told = self.of_vms(template)
            self.check(told["srv-mail01"]["status"]["lastvalue"] == GONE,
                       f"srv-mail01 is {told['srv-mail01']['status']}")
            rules = self.api("discoveryrule.get", hostids=self.hosts[template], output="extend")
            for rule in rules:
                self.compare(f"the time that {rule['name']} are kept", "1d", rule["lifetime"])
                self.api("discoveryrule.update", itemid=rule["itemid"], lifetime="0")
            until(lambda: set(self.of_vms(template)) == {"srv-db01", "srv-web01"},
                  f"the end of items on {template}")

    def lag(self):
        """VMs of a policy that the ini file names, with --rpo: items of the lag, and a problem."""
        self.em.play({"policies": POLICIES[:1], "vms": [
            vm("srv-db01", intervals={"lag_seconds": 1200}), WEB]})
        self.set_macro("SECTION.VMS", "lag")
        self.set_macro("ALL", "no")
        self.expect("lag", {**CALM_LATER, "The replica of VM srv-db01 (CDP Policy) lags behind": (
            "warning", "")})
        for template in FILES:
            measured = self.of_vms(template)["srv-db01"]
            lag = float(measured["rpo_lag"]["lastvalue"])
            self.check(1200 <= lag < 1200 + LIMIT, f"the lag on {template} is {lag}")
            for key in ("rpo_gap", "rpo_compliance", "app_age"):
                self.check(measured[key]["lastclock"] != "0", f"no {key} on {template}")
        self.set_macro("SECTION.VMS", "quiet")
        self.set_macro("ALL", "yes")

    def stale(self):
        """Old data is one problem."""
        self.em.play({"policies": POLICIES[:1], "vms": [vm("srv-db01"), WEB],
                      "collections": {"periods": [{"since": "-4h", "none": True}]}})
        self.expect("EM stale", {**CALM_LATER, "Enterprise Manager's data is stale": ("average", " old ")})

    def nothing(self):
        """A site without a VM is no answer, but its VMs are gone."""
        self.em.play({"policies": [], "vms": []})
        self.expect("no VM", {"VMs could not be judged": ("high", "not-found: ")})

    def run(self):
        self.set_up()
        self.templates()
        self.agent = self.start(Agent)
        self.server = self.start(Server, self.database)
        document = json.loads(run(*self.em.check("--all", "--format=json"), expected=2))
        for template in FILES:
            self.host(template)
        counts = [self.values(template, document) for template in FILES]
        self.expect("problems", PROBLEMS)
        self.broken()
        self.down()
        self.gone()
        self.lag()
        self.stale()
        self.nothing()
        self.no_password_shown(*(read(path) for path in glob.glob(self.path("*/log"))))
        print(f"Zabbix {self.version}, templates imported twice; {counts[0]} items of {len(document['vms'])} VMs by agent 2 and "
              f"{counts[1]} by an external check, as the plugin says; {len(PROBLEMS)} problems, EM down is "
              "one more, EM stale is one, a replica that lags is one; VMs that are gone have no problem and, in the end, no items")


if __name__ == "__main__":
    sys.exit(harness.main(Test, missing()))
