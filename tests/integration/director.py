#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Icinga Director restores the basket of contrib/director, and an Icinga 2 runs what it renders.

The Director has a MariaDB and an Icinga Web configuration of its own, in folders that go again. It
deploys nothing: the test takes what it rendered out of the database. -v: every service. Exit code
77: something is not installed.
"""

import glob
import json
import os
import pwd
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
# pylint: disable=wrong-import-position
import harness
import icinga2  # an Icinga 2, and what is compared, as that test has it
from harness import (CRITICAL, LIMIT, OK, PASSWORD, PLUGIN, UNKNOWN, WARNING, find, read, run,
                     until, write)
from icinga2 import Service, by_hand, differences

CONTRIB = os.path.join(harness.CONTRIB, "director")
BASKET = os.path.join(CONTRIB, "veeam_cdp.json")
MODULES = "/usr/share/icingaweb2/modules"
NEEDED = {"mariadbd": "mariadb-server-core", "mariadb-install-db": "mariadb-server-core",
          "mariadb": "mariadb-client-core", "icingacli": "icingacli", "php": "php-cli",
          "icinga2": "icinga2-bin"}
# Options that a service has no use for, what would show a password, and -v: three arguments.
NO_ARGUMENTS = {"--help", "--version", "--format", "--list", "--probe", "--save", "--passive-host",
                "--passive-service", "--password", "--verbose"}


def missing():
    """What is not installed, or ''."""
    if harness.missing(NEEDED):
        return harness.missing(NEEDED)
    if not os.path.exists(MODULES + "/director/module.info"):
        return "Icinga Director is not installed (icingaweb2-module-director)"
    if "pdo_mysql" not in run("php", "-m"):
        return "PHP has no pdo_mysql (php-mysql)"
    return ""


class Database:
    """A MariaDB that listens on a socket alone, with an empty database of this name."""

    def __init__(self, root, name="director"):
        self.name, self.socket = name, os.path.join(root, "database.sock")
        self.log = os.path.join(root, "database.log")
        folder, user = os.path.join(root, "database"), pwd.getpwuid(os.geteuid()).pw_name
        run(find("mariadb-install-db"), "--no-defaults", "--user=" + user, "--datadir=" + folder,
            "--skip-test-db", "--auth-root-authentication-method=normal")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [find("mariadbd"), "--no-defaults", "--datadir=" + folder,
                 "--socket=" + self.socket, "--skip-networking", "--user=" + user,
                 "--pid-file=" + os.path.join(root, "database.pid"),
                 "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(lambda: os.path.exists(self.socket), "the database listens")
        self.query(f"CREATE DATABASE {name} CHARACTER SET utf8", database="mysql")

    def query(self, statement, database=None):
        """The rows, each a list of texts."""
        told = run("mariadb", "--no-defaults", "--user=root", "--socket=" + self.socket, "--batch",
                   "--skip-column-names", "--execute", statement, database or self.name)
        return [line.split("\t") for line in told.splitlines()]

    def everything(self):
        """A checksum of each table's rows."""
        tables = self.query("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")
        return dict(self.query("CHECKSUM TABLE " + ", ".join(row[0] for row in tables)))

    def stop(self):
        harness.end_process(self.process)


class Director:
    """icingacli with a configuration of its own."""

    def __init__(self, root, database):
        self.database, self.folder = database, os.path.join(root, "icingaweb2")
        write(self.folder + "/config.ini", f'[global]\nmodule_path = "{MODULES}"\n'
              'config_backend = "ini"\n[logging]\nlog = "none"\n')
        write(self.folder + "/resources.ini", '[director]\ntype = "db"\ndb = "mysql"\n'
              'host = "localhost"\ndbname = "director"\nusername = "root"\ncharset = "utf8"\n')
        write(self.folder + "/modules/director/config.ini", '[db]\nresource = "director"\n')
        os.makedirs(self.folder + "/enabledModules")
        for module in ("director", "incubator", "reactbundle"):
            os.symlink(f"{MODULES}/{module}", f"{self.folder}/enabledModules/{module}")
        # For the lines of README.md: what they call icingacli.
        write(self.folder + "/bin/icingacli", "#!/bin/sh\n"
              f"export ICINGAWEB_CONFIGDIR={self.folder}\n"
              f"exec php -d pdo_mysql.default_socket={database.socket} "
              f'{find("icingacli")} "$@"\n', 0o755)
        self("migration", "run")

    def shell(self, script, text=""):
        """What a script printed, in whose PATH this Director is."""
        done = subprocess.run(["sh", "-e", "-c", script], input=text, text=True, cwd=CONTRIB,
                              env={**os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}"},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT,
                              check=False)
        if done.returncode != 0 or "ERROR" in done.stdout:
            raise ChildProcessError(f"{script}: {done.stdout}")
        return done.stdout

    def __call__(self, *words, text=""):
        return self.shell("icingacli director " + " ".join(words), text)

    def create(self, kind, name, **properties):
        """On standard input, as a command line would show a password."""
        self(kind, "create", f"'{name}'", "--json",
             text=json.dumps({"object_type": "object", **properties}))

    def render(self, folder):
        """Writes the files that it would deploy, and returns what it said."""
        said = self("config", "render")
        rows = self.database.query(
            "SELECT f.file_path, HEX(g.content) FROM director_generated_config_file f"
            " JOIN director_generated_file g ON g.checksum = f.file_checksum"
            " WHERE f.config_checksum = UNHEX('" + re.search("[0-9a-f]{40}", said)[0] + "')")
        for path, content in rows:
            write(os.path.join(folder, path), bytes.fromhex(content).decode())
        return said


ICINGA = """
object ApiListener "api" {{
  bind_host = "127.0.0.1"
  bind_port = 0
}}
object ApiUser "test" {{
  password = {password}
  permissions = [ "objects/query/*", "actions/reschedule-check" ]
}}
object CheckerComponent "checker" {{}}
object Endpoint "master" {{}}
object Zone "master" {{ endpoints = [ "master" ] }}
object Zone "director-global" {{ global = true }}
include {file}
"""

SCENARIO = {
    "policies": [{"name": "CDP Policy"}, {"name": icinga2.GOLD}, {"name": "CDP Policy 15 s"}],
    "vms": [icinga2.vm("srv-db01"), icinga2.vm("--odd"), icinga2.vm("it's $5 = \"a;b\" \\ | ü"),
            icinga2.vm("srv-web01", "Warning", "RPO of 15 seconds was exceeded 4 times"),
            icinga2.vm("srv-mail01", "Failed", "the disk is full", icinga2.GOLD),
            *icinga2.behind("CDP Policy 15 s")]}


def service(kind, state, options, **attributes):
    """A service that imports veeam-cdp-KIND, and the options that its attributes are."""
    made = Service(kind, options[0], state, list(options), attributes)
    made.name = f"{kind} {state} {len(options)} {' '.join(attributes)}"
    return made


SERVICES = [
    service("vm", OK, ["--vm=it's $5 = \"a;b\" \\ | ü", "--vm=--odd"],
            vm=["it's $$5 = \"a;b\" \\ | ü", "--odd"]),
    service("vm", WARNING, ["--vm=srv-web01", "-v"], vm=["srv-web01"], verbose="1"),
    service("vm", OK, ["--vm=srv-web01", "--map=Warning=ok", "--map=Failed=warning"],
            vm=["srv-web01"], map=["Warning=ok", "Failed=warning"]),
    service("vm", CRITICAL, ["--vm=srv-mail01", "--reason=critical:full$"],
            vm="srv-mail01", reason=["critical:full$$"]),
    service("vm", UNKNOWN, ["--vm=gone"], vm=["gone"]),
    service("policy", CRITICAL, ["--policy=" + icinga2.GOLD, icinga2.FRESH], policy=[icinga2.GOLD]),
    service("site", WARNING, ["--all", "--exclude-vm=mail01$"], exclude_vm=["mail01$$"]),
    service("policy", WARNING, ["--policy=CDP Policy 15 s", *icinga2.RPO_OPTIONS], policy=["CDP Policy 15 s"]),
    service("answers", OK, ["--em"]),
]
DEPENDENT = [one for one in SERVICES if icinga2.FRESH in one.options]  # those that depend on it
MEASURED = [one for one in SERVICES if "--rpo" in one.options]
# On the second host, what is for VMs must not reach EM's own service.
HOSTS = {"em02": (SERVICES, {}), "em03": ([service("answers", OK, ["--em", "--warning-data-age=10h"])], {
    "veeam_cdp_task_" + key: value for key, value in
    {**icinga2.FOR_VMS, "warning_data_age": "10h"}.items()})}
COUNT = sum(len(services) for services, _ in HOSTS.values())


class Test(harness.Test):
    """Runs all of it."""

    em = database = director = node = None

    def restore(self):
        """By README.md; the second time changes nothing that is in the database."""
        restore = re.search(r"`(icingacli director basket restore <\S+)`",
                            read(os.path.join(CONTRIB, "README.md")))[1]
        self.director.shell(restore)
        # What its kickstart finds in an Icinga 2.
        for kind, name in (("zone", "master"), ("command", "hostalive")):
            self.director(kind, "create", name, "--json", text='{"object_type": "external_object"}')
        self.director.render(os.path.join(self.root, "alone"))
        before = self.database.everything()
        self.director.shell(restore)
        said = self.director("config", "render")
        after = self.database.everything()
        self.check("already exists" in said, said)
        self.check(len(before) > 100, f"only tables {before}")
        for table, checksum in before.items():
            self.check(after[table] == checksum, f"restoring twice changes {table}")
        hidden = self.database.query(
            "SELECT setting_value FROM director_datafield_setting JOIN director_datafield"
            " ON datafield_id = id WHERE varname = 'veeam_cdp_task_password'")
        self.check(hidden == [["hidden"]], f"the field of the password is {hidden}")

    def fields(self):
        """Each attribute of the rendered command is a data field, and each option an argument."""
        command = read(os.path.join(self.root, "alone/zones.d/director-global/commands.conf"))
        rendered = set(re.findall(r'^        "(--[a-z0-9-]+)" = \{$', command, re.MULTILINE))
        shown = subprocess.run([PLUGIN, "--help"], stdout=subprocess.PIPE, text=True,
                               check=False).stdout
        options = set(re.findall(r"--[a-z0-9][a-z0-9-]+", shown))
        self.check(len(options) > 40, f"--help has only {options}")
        self.check(options - NO_ARGUMENTS == rendered,
                   f"of --help and the command, one alone has {options - NO_ARGUMENTS ^ rendered}")
        attributes = set(re.findall(r"\$(veeam_cdp_task_\w+)\$", command))
        attributes.add("veeam_cdp_task_password")
        fields = {row[0] for row in self.database.query("SELECT varname FROM director_datafield")}
        self.check(attributes == fields, f"data fields or attributes alone: {attributes ^ fields}")
        return len(rendered), len(fields)

    def like_icinga2(self):
        """Of each option, the command says and does what that of contrib/icinga2 does."""
        basket = json.loads(read(BASKET))
        command = basket["Command"]["veeam_cdp_task"]
        arguments = command["arguments"]
        conf = read(os.path.join(harness.CONTRIB, "icinga2/veeam_cdp_task.conf"))
        described = re.findall(
            r'^\t\t"(-[^"]+)" = \{\n\t\t\t(value|set_if) = (.*?)\n'
            r'.*?description = "([^\n]*)"\n\t\t\}$', conf, re.MULTILINE | re.DOTALL)
        for option, kind, value, description in described:
            told = arguments.get(option, {})
            self.check(told.get("description") == description.replace("\\\\", "\\"),
                       f"{option} is described as {told}")
            given = told.get(kind)
            if isinstance(given, dict):  # each value with the option, in one word
                value = (f'var given = macro({value}); if (typeof(given) == String) '
                         f'{{ given = [ given ] }}; return given.map(x => "{option}=" + x)')
                given = given["body"]
            self.check(given == value.strip('"{} '), f"{option} is {given}, not {value}")
        self.check(len(described) == len(arguments),
                   f"{len(described)} and {len(arguments)} arguments")
        self.check(int(command["timeout"]) == 60 and "\ttimeout = 1m\n" in conf, "timeouts differ")
        self.like_its_rules(basket)

    def like_its_rules(self, basket):
        """Templates have what the rules of contrib/icinga2 have; lists, what the plugin takes."""
        template = basket["ServiceTemplate"]["veeam-cdp"]
        rules = read(os.path.join(harness.CONTRIB, "icinga2/veeam_cdp_services.conf"))
        answers = basket["ServiceTemplate"]["veeam-cdp-answers"]
        for of, key, minutes, before in ((template, "check_interval", 10,
                                          "host.vars.veeam_cdp_check_interval || "),
                                         (template, "retry_interval", 2, ""),
                                         (answers, "check_interval", 2, ""),
                                         (answers, "retry_interval", 1, "")):
            self.check(int(of[key]) == minutes * 60 and f"\t{key} = {before}{minutes}m\n" in rules,
                       f"{key} of {of['object_name']} differs")
        for kind in ("vm", "policy"):
            field, = basket["ServiceTemplate"]["veeam-cdp-" + kind]["fields"]
            name = basket["Datafield"][str(field["datafield_id"])]["varname"]
            self.check((name, field["is_required"]) == ("veeam_cdp_task_" + kind, "y"),
                       f"the field of {kind} is {name}, {field}")
        # What the service of EM itself and those that depend on it leave out of what a host has.
        left_out = re.search(r"for \(option in \[(.*?)\]\)", rules, re.DOTALL)[1]
        beside = basket["ServiceTemplate"]["veeam-cdp-dependent"]["vars"]
        self.compare("what --em leaves out", {
            "veeam_cdp_task_" + name: [] for name in re.findall(r'"(\w+)"', left_out)} | {
                "veeam_cdp_task_em": True, "veeam_cdp_task_all": False,
                "veeam_cdp_task_sessions_only": False, "veeam_cdp_task_rpo": False,
                "veeam_cdp_task_critical_data_age": []},
                     basket["ServiceTemplate"]["veeam-cdp-answers"]["vars"])
        for name, value in beside.items():
            self.check(f"vars.{name} = {json.dumps(value)}\n" in rules, f"{name} differs")
        for name, words in (("states", "ok warning critical unknown"),
                            ("performance data", "auto vm summary none"), ("output", "0 1 2 3"),
                            ("TLS versions", "1.2 1.3")):
            entries = basket["DataList"]["Veeam CDP " + name]["entries"]
            self.check([entry["entry_name"] for entry in entries] == words.split(),
                       f"the list of {name} is {entries}")

    def example(self):
        """README.md's commands of the shell make what Icinga 2 accepts, a dependency among them."""
        lines = re.search(r"```\n(icingacli director host create .*?)\n```",
                          read(os.path.join(CONTRIB, "README.md")), re.DOTALL)[1]
        self.director.shell(lines)
        self.node = icinga2.Node(self.root, "example")
        self.node.configure('object Endpoint "example" {}\n'
                            'object Zone "master" { endpoints = [ "example" ] }\n'
                            'object Zone "director-global" { global = true }\n')
        self.accepted("Instantiated 2 Services.", "Instantiated 1 Dependency.")
        rendered = "".join(read(path) for path in glob.glob(self.node.path("etc/**/*.conf"),
                                                            recursive=True))
        dependency = re.search(r'^apply Dependency "Veeam CDP em01" to Service \{\n(.*?)^\}', rendered,
                               re.MULTILINE | re.DOTALL)
        self.check(dependency and re.search(r"^ +states = \[ OK, Warning \]$", dependency[1], re.MULTILINE)
                   and re.search(r"^ +disable_checks = true$", dependency[1], re.MULTILINE),
                   f"the dependency: {dependency}")
        # Nothing that runs here may look for it.
        self.director("dependency", "delete", "'Veeam CDP em01'")
        self.director("host", "delete", "em01")

    def accepted(self, *counts):
        """What the Director renders, by `icinga2 daemon -C`."""
        self.director.render(self.node.path("etc"))
        answer = self.node.validated()
        self.check(answer.returncode == 0 and "warning/" not in answer.stdout
                   and all(count in answer.stdout for count in counts), answer.stdout)

    def objects(self):
        """Hosts whose password the Director has, and their services."""
        for host, (services, more) in HOSTS.items():
            self.director.create(
                "host", host, imports=["veeam-cdp-em"], address=host + ".example.invalid",
                check_command="hostalive", vars={
                    "veeam_cdp_task_username": "monitor", "veeam_cdp_task_password": PASSWORD,
                    "veeam_cdp_task_connect_to": "127.0.0.1:" + self.em.port,
                    "veeam_cdp_task_pinned_pubkey": self.em.pin, **more})
            for made in services:
                also = (["veeam-cdp-dependent"] if made in DEPENDENT else []) + (
                    ["veeam-cdp-rpo"] if made in MEASURED else [])
                self.director.create(
                    "service", made.name, host=host, imports=["veeam-cdp-" + made.kind, *also],
                    vars={"veeam_cdp_task_" + key: value for key, value in made.attributes.items()})

    def icinga(self):
        """Icinga 2 with what the Director rendered."""
        self.node = self.start(icinga2.Node, "master")
        icinga2.set_up_certificates([self.node])
        self.node.configure(ICINGA.format(
            password=icinga2.literal(icinga2.API_PASSWORD),
            file=icinga2.literal(os.path.join(CONTRIB, "veeam_cdp_password.conf"))))
        self.accepted(f"Instantiated {COUNT} Services.")
        write(self.node.path("plugins/check_veeam_cdp_task"),
              icinga2.RECORDER.format(folder=self.node.folder, plugin=PLUGIN), 0o755)
        os.makedirs(self.node.path("records"))
        self.node.start()

    def results(self):
        """What Icinga 2 has of each service is what the plugin says by hand."""
        asked = time.time()
        results = self.node.checked(which='host.name in [ "em02", "em03" ]')
        for host, made in [(host, made) for host, (services, _) in HOSTS.items()
                           for made in services]:
            result = results[f"{host}!{made.name}"]["last_check_result"]
            own = by_hand(self.em.check(*made.options))
            if self.verbose:
                print(f"{host}!{made.name}: {result['output']}")
            for difference in differences(made, own, result, "master", time.time() - asked + 1):
                self.check(False, f"{host}!{made.name}: {difference}")

    def run(self):
        self.em = self.start(harness.Em, SCENARIO)
        self.database = self.start(Database)
        self.director = Director(self.root, self.database)
        self.restore()
        arguments, fields = self.fields()
        self.like_icinga2()
        self.example()
        self.objects()
        self.icinga()
        self.results()
        records = [read(path) for path in glob.glob(self.node.path("records/*"))]
        self.check(len(records) >= COUNT, f"{len(records)} checks were run")
        self.no_password_shown(*records)
        print(f"a basket of {arguments} options and {fields} data fields, restored twice; Icinga 2 "
              f"accepts what is rendered, and {COUNT} services are as the plugin says")


if __name__ == "__main__":
    sys.exit(harness.main(Test, missing()))
