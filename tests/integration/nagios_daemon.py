#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the test of Nagios needs besides bats: its configuration, and its status file as JSON.

    nagios_daemon.py configure DIRECTORY USER GROUP < JSON list of VMs' names
    nagios_daemon.py status DIRECTORY
"""
import json
import pathlib
import re
import sys

SERVICE = "Veeam CDP task"
ILLEGAL = "`~!$%^&*|'\"<>?,()="  # nagios.cfg as Debian ships it

# For any test: whose files are where, and nothing but checks.
COMMON = """\
log_file={0}/nagios.log
object_cache_file={0}/objects.cache
precached_object_file={0}/objects.precache
status_file={0}/status.dat
temp_file={0}/nagios.tmp
temp_path={0}
lock_file={0}/nagios.lock
check_result_path={0}/results
state_retention_file={0}/retention.dat
command_file={0}/nagios.cmd
query_socket={0}/nagios.qh
debug_file={0}/nagios.debug
nagios_user={1}
nagios_group={2}
illegal_object_name_chars={3}
illegal_macro_output_chars=`~$&|'"<>
status_update_interval=1
check_result_reaper_frequency=1
check_external_commands=1
use_syslog=0
check_for_updates=0
enable_notifications=0
execute_host_checks=0
"""

MAIN = COMMON + """\
cfg_file={0}/objects.cfg
check_workers=1
log_external_commands=1
execute_service_checks=0
"""

OBJECTS = """\
define timeperiod {
    timeperiod_name always
    alias always
}
define command {
    command_name nothing
    command_line /bin/false
}
define contact {
    contact_name nobody
    host_notification_period always
    host_notification_commands nothing
    service_notification_period always
    service_notification_commands nothing
}
"""

HOST = """\
define host {{
    host_name {0}
    address 127.0.0.1
    max_check_attempts 1
    contacts nobody
}}
define service {{
    host_name {0}
    service_description {1}
    check_command nothing
    active_checks_enabled 0
    passive_checks_enabled 1
    max_check_attempts 1
    contacts nobody
}}
"""


def object_name(name):
    """A VM's name as the manual says that its host is called."""
    name = re.sub("[;" + re.escape(ILLEGAL) + "]", "_", name)
    name = re.sub(r"[\x00-\x20]+", " ", name).strip()
    return name if len(name) <= 255 else name[:252] + "..."


def configure(directory, user, group):
    """Writes nagios.cfg and objects.cfg with a host and a service for each VM, and prints the hosts."""
    hosts = sorted({object_name(name) for name in json.load(sys.stdin)})
    (directory / "results").mkdir()
    (directory / "nagios.cfg").write_text(MAIN.format(directory, user, group, ILLEGAL), encoding="utf-8")
    (directory / "objects.cfg").write_text(
        OBJECTS + "".join(HOST.format(host, SERVICE) for host in hosts), encoding="utf-8")
    print(json.dumps(hosts))


def status(directory):
    """Prints {host: {state, output, long_output, perfdata}} of the services that have a result."""
    services = {}
    text = (directory / "status.dat").read_text(encoding="utf-8")
    for block in re.findall(r"^servicestatus \{\n(.*?)^\t\}", text, re.MULTILINE | re.DOTALL):
        members = dict(line.strip().split("=", 1) for line in block.splitlines())
        if members["has_been_checked"] == "1":
            services[members["host_name"]] = {
                "state": int(members["current_state"]),
                "output": members["plugin_output"],
                "long_output": members["long_plugin_output"],
                "perfdata": members["performance_data"],
            }
    print(json.dumps(services))


if __name__ == "__main__":
    {"configure": configure, "status": status}[sys.argv[1]](pathlib.Path(sys.argv[2]), *sys.argv[3:])
