#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a picture of the services of contrib/icinga2 in Icinga Web 2, from a real run.

The plugin asks the emulator, an Icinga 2 writes into a MariaDB, Icinga Web 2 shows that by PHP's
own web server, and a headless Chromium looks at it. All of them have folders of their own, which go
again, and listen on loopback alone. What the page says must be what Icinga 2 knows of the services.

picture.py FILE: keeps the picture there. The one in contrib/icinga2 is made so. Exit code 77:
something is not installed.
"""

import html
import json
import os
import re
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
# pylint: disable=wrong-import-position
import director  # its database
import harness
import icinga2
from harness import (CRITICAL, LIMIT, OK, PASSWORD, PLUGIN, STATE_NAMES, WARNING, read, run, until,
                     write)
from icinga2 import Service, literal

CONTRIB = os.path.join(harness.CONTRIB, "icinga2")
DEMO = os.path.join(harness.SCENARIOS, "demo.json")
WEB = "/usr/share/icingaweb2"
SCHEMAS = ["/usr/share/icinga2-ido-mysql/schema/mysql.sql", WEB + "/schema/mysql.schema.sql"]
ROUTER = "/usr/share/php/Icinga/Application/webrouter.php"  # what `icingacli web serve` takes
WIDTH, HEIGHT = SIZE = 1200, 800
FEWEST_BYTES, MOST_BYTES = 40_000, 200_000  # an empty page is below, and README.md loads it
DISPLAYED = {"vm": "Veeam CDP VM {}", "policy": "Veeam CDP policy {}",
             "": "Veeam CDP Enterprise Manager"}  # as veeam_cdp_services.conf has it
SHOWN = Service("vm", "srv-web01", WARNING)  # the one with details
SERVICES = [SHOWN, Service("vm", "srv-db01", OK), Service("vm", "srv-new01", OK),
            Service("vm", "srv-file01", CRITICAL), Service("vm", "srv-mail01", CRITICAL),
            Service("policy", "CDP Policy Gold", WARNING), Service("", "answers", OK)]
PAGE = ("/monitoring/list/services?sort=service_severity"
        "#!/monitoring/service/show?host=em01&service=" + SHOWN.name)

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
object IdoMysqlConnection "ido" {{
  socket_path = {socket}
  user = "root"
  password = ""
  database = "icinga"
}}
include {contrib}
{host}
"""


def missing():
    """What is not installed, or ''."""
    programs = {**director.NEEDED, "chromium": "chromium", "pngquant": "pngquant"}
    del programs["icingacli"]
    files = {SCHEMAS[0]: "icinga2-ido-mysql", SCHEMAS[1]: "icingaweb2",
             WEB + "/modules/monitoring/module.info": "icingaweb2-module-monitoring"}
    for name, package in {**programs, **files}.items():
        if not os.path.exists(name) and harness.find(name) is None:
            return f"{name} is not installed ({package})"
    if "pdo_mysql" not in run("php", "-m"):
        return "PHP has no pdo_mysql (php-mysql)"
    return ""


class Web:
    """Icinga Web 2, which lets in whoever asks as its administrator."""

    def __init__(self, root, database):
        folder = os.path.join(root, "icingaweb2")
        files = {
            "config.ini": f'[global]\nmodule_path = "{WEB}/modules"\nconfig_backend = "db"\n'
                          'config_resource = "database"\nshow_stacktraces = "1"\n'
                          '[logging]\nlog = "php"\nlevel = "ERROR"\n',
            "authentication.ini": '[external]\nbackend = "external"\n',
            "roles.ini": '[administrators]\nusers = "icingaadmin"\npermissions = "*"\n',
            "resources.ini": '[database]\ntype = "db"\ndb = "mysql"\nhost = "localhost"\n'
                             'dbname = "icinga"\nusername = "root"\ncharset = "utf8"\n',
            "modules/monitoring/backends.ini": '[icinga]\ntype = "ido"\nresource = "database"\n',
        }
        for name, text in files.items():
            write(os.path.join(folder, name), text)
        os.makedirs(folder + "/enabledModules")
        os.symlink(WEB + "/modules/monitoring", folder + "/enabledModules/monitoring")
        self.log = os.path.join(root, "web.log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["php", "-d", "pdo_mysql.default_socket=" + database.socket,
                 "-d", "session.save_path=" + root, "-d", "date.timezone=UTC",
                 "-S", "127.0.0.1:0", "-t", WEB + "/public", ROUTER],
                env={**os.environ, "TMPDIR": root, "REMOTE_USER": "icingaadmin",
                     "ICINGAWEB_CONFIGDIR": folder, "ICINGAWEB_STORAGEDIR": folder,},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.url = until(lambda: re.search(r"\((http://127\.0\.0\.1:\d+)\) started",
                                           read(self.log)), "the web server listens")[1]

    def stop(self):
        harness.end_process(self.process)


def look(root, url, picture):
    """The page as Chromium has it after its scripts; `picture` is where what it looks like goes.

    Time is virtual: it stands still while an answer is awaited, however busy the machine.
    """
    screenshot = os.path.join(root, "screenshot.png")
    done = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-dev-shm-usage", "--no-proxy-server", "--hide-scrollbars",
         "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
         "--user-data-dir=" + os.path.join(root, "chromium"), f"--window-size={WIDTH},{HEIGHT}",
         "--virtual-time-budget=8000", "--dump-dom", "--screenshot=" + screenshot, url],
        env={**os.environ, "HOME": root, "TMPDIR": root, "TZ": "UTC", "LANGUAGE": "en"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        timeout=LIMIT, check=False)
    if done.returncode != 0 or not os.path.exists(screenshot):
        raise ChildProcessError(f"chromium: {done.returncode}: {done.stderr[-2000:]}")
    run("pngquant", "--strip", "--force", "--output=" + picture, "256", screenshot)
    return done.stdout


def words(markup):
    """What is to be read of a piece of a page."""
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", markup)).split())


class Test(harness.Test):
    """Runs all of it."""

    def __init__(self, root, picture):
        super().__init__(root)
        self.picture = picture
        self.em = self.database = self.node = self.web = None

    def icinga(self):
        """An Icinga 2 with a host such as an admin would write."""
        self.node = self.start(icinga2.Node, "master")
        icinga2.set_up_certificates([self.node])
        os.makedirs(self.node.path("plugins"))
        os.symlink(PLUGIN, self.node.path("plugins/check_veeam_cdp_task"))
        host = icinga2.host(
            "em01", "em01.example.com", SERVICES, veeam_cdp_answers=True,
            veeam_cdp_task_username="monitor", veeam_cdp_task_password_file=self.em.password_file,
            veeam_cdp_task_connect_to="127.0.0.1:" + self.em.port,
            veeam_cdp_task_pinned_pubkey=self.em.pin,
            veeam_cdp_task_warning_age="12h", veeam_cdp_task_critical_age="16h")
        self.node.configure(ICINGA.format(
            password=literal(icinga2.API_PASSWORD), socket=literal(self.database.socket),
            contrib=literal(os.path.join(CONTRIB, "veeam_cdp_*.conf")), host=host))
        self.node.start()

    def written(self):
        """Whether the database has the host and all services, as checked often enough."""
        return self.database.query(
            "SELECT (SELECT COUNT(*) FROM icinga_hoststatus"
            "        WHERE has_been_checked = 1 AND state_type = 1),"
            "       (SELECT COUNT(*) FROM icinga_servicestatus"
            "        WHERE has_been_checked = 1 AND state_type = 1)") == [["1", str(len(SERVICES))]]

    def page(self, markup, known):
        """Each service's row, and the details of one."""
        rows = [words(row) for row in re.findall("<tr[ >].*?</tr>", markup, re.DOTALL)]
        for made in SERVICES:
            name = DISPLAYED[made.kind].format(made.key)
            result = known["em01!" + made.name]["last_check_result"]
            output = icinga2.without_times(words(html.escape(result["output"].split("\n")[0])))
            self.check(f"CDP TASK {STATE_NAMES[made.state]}: " in output, f"{name} is {output}")
            right = re.compile(rf"{STATE_NAMES[made.state]} for <time> {re.escape(name)} on em01 "
                               rf"{re.escape(output)}")
            self.check(any(right.fullmatch(icinga2.without_times(row)) for row in rows),
                       f"no row of {name}, {output}, among {rows}")
            if made is SHOWN:
                self.details(words(markup), output, result["performance_data"])
        self.check(PASSWORD not in markup, "a password in the page")

    def details(self, text, output, metrics):
        text = icinga2.without_times(text)
        self.check("Plugin Output " + output in text, f"no output in the details: {text}")
        self.check(f"Service: {DISPLAYED[SHOWN.kind].format(SHOWN.key)} ({SHOWN.name})" in text,
                   f"no details of {SHOWN.name}: {text}")
        self.check(len(metrics) == 3, f"{SHOWN.name} has the metrics {metrics}")
        table = text.partition(" Performance data ")[2]
        for metric in metrics:
            label = metric.partition("=")[0]
            self.check(re.search(rf" {re.escape(label)} [0-9.]+ (h|[KMG]iB) ", table),
                       f"no {label} in the details: {table}")
        self.check(" 12.00 h 16.00 h " in table, f"no thresholds in the details: {table}")

    def looks_well(self, path):
        """A PNG of that size; returns how many bytes it has."""
        with open(path, "rb") as file:
            picture = file.read()
        # The signature, then the first chunk, which begins with the size.
        self.check(picture.startswith(b"\x89PNG\r\n\x1a\n"), f"{path} is no PNG")
        size = struct.unpack(">II", picture[16:24])
        self.check(size == SIZE, f"{path} is of {size}, not of {SIZE}")
        self.check(FEWEST_BYTES < len(picture) < MOST_BYTES, f"{path} has {len(picture)} bytes")
        return len(picture)

    def run(self):
        self.em = self.start(harness.Em, json.loads(read(DEMO)))
        self.database = self.start(director.Database, "icinga")
        for schema in SCHEMAS:
            self.database.query("SOURCE " + schema)
        self.icinga()
        self.web = self.start(Web, self.database)
        for _ in range(2):  # max_check_attempts
            self.node.checked("host")
            known = self.node.checked()
        until(self.written, "the database has all services")
        self.page(look(self.root, self.web.url + PAGE, self.picture), known)
        size = self.looks_well(self.picture)
        kept = self.looks_well(os.path.join(CONTRIB, "services.png"))
        counts = [sum(made.state == state for made in SERVICES) for state in harness.STATES]
        print(f"{len(SERVICES)} services as Icinga Web 2 shows them: "
              + ", ".join(f"{count} {name}" for count, name in zip(counts, STATE_NAMES) if count)
              + f"; a picture of {WIDTH}x{HEIGHT} in {size} bytes, the kept one has {kept}")

    def logs(self):
        for part in (self.node, self.web):
            if part:
                dull = "HttpServerConnection|no client certificate|Accepted$|Closing$"
                lines = [line for line in read(part.log).replace(PASSWORD, "***").splitlines()
                         if not re.search(dull, line)]
                print("\n".join(lines[-40:]))


def main():
    if len(sys.argv) != 2:
        print("usage: picture.py FILE", file=sys.stderr)
        return 2
    picture = os.path.abspath(sys.argv[1])
    return harness.main(lambda root: Test(root, picture), missing())


if __name__ == "__main__":
    sys.exit(main())
