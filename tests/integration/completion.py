#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Presses keys in an interactive bash, and reads back the line that its completion makes of them.

    completion.py COMPLETION-FILE PLUGIN [BASH-COMPLETION]

With BASH-COMPLETION, the file of Debian's package of that name, that finds the completion by the
program's name; without, it is sourced. Prints what is not as expected, and how much was tried.
"""
import os
import pathlib
import pty
import re
import select
import shutil
import sys
import tempfile

TAB = "\t"
ALL = "\x1b*"  # readline's insert-completions: all that Tab would offer, on the line
SHOW = "\x18\x18"  # bound below: tells the line
CLEAR = "\x01\x0b"  # to the start of the line, and all behind it away
LIMIT = 60  # seconds for an answer of bash, which takes milliseconds

STATES = ["critical", "ok", "unknown", "warning"]
RESULTS = ["Failed", "Success", "Warning", "none"]
SIGNS = ["disabled", "idle", "overdue", "uncovered"]
WHATS = RESULTS + SIGNS + [state + result for state in ("Completed", "InProgress", "Pending")
                   for result in ["", *("/" + result for result in RESULTS)]]

# All values that are offered behind each option, as readline sorts them; "" where anything is possible.
# Files and folders are those of the current folder.
FILES = ["folder one", "odd:name=x.pem", "other/", "password"]
FOLDERS = ["folder one", "other/"]
HOSTS = ["em01.example.com", "em02.example.com"]
VALUES = {
    "hostname": HOSTS, "port": ["9398", "9399"], "connect-to": HOSTS, "proxy": "", "username": "",
    "password-file": FILES, "password": "", "ca-file": FILES, "ca-path": FOLDERS,
    "pinned-pubkey": ["sha256//"], "tls-min": ["1.2", "1.3"], "timeout": "",
    "session-cache": FOLDERS, "unreachable-result": STATES, "id": "", "vm": "", "policy": "",
    "input": FILES, "backup-server": "", "include-vm": "", "exclude-vm": "", "since": "",
    "snapshot": FOLDERS, "snapshot-age": "", "warning": "", "critical": "", "warning-age": "",
    "critical-age": "", "warning-size": "", "critical-size": "", "warning-data-age": "",
    "critical-data-age": "", "warning-lag": "", "critical-lag": "", "warning-gap": "", "critical-gap": "",
    "warning-compliance": "", "critical-compliance": "", "warning-app-age": "", "critical-app-age": "",
    "rpo-window": "", "idle-after": "", "overdue-after": "",
    "map": sorted(what + "=" for what in WHATS), "reason": [state + ":" for state in STATES],
    "empty-result": STATES, "format": ["json", "openmetrics", "passive", "text"],
    "perfdata": ["auto", "none", "summary", "vm"],
    "passive-host": ["{backup_server}", "{policy}", "{vm}"],
    "passive-service": ["{backup_server}", "{policy}", "{vm}"], "extra-opts": "", "save": FILES,
}
FLAGS = ["ipv4", "ipv6", "insecure", "no-tls", "all", "em", "probe", "sessions-only", "rpo", "no-last-completed",
         "list", "verbose", "help", "version"]
LETTERS = {"H": "hostname", "p": "port", "4": "ipv4", "6": "ipv6", "u": "username", "k": "insecure",
           "t": "timeout", "i": "id", "w": "warning", "c": "critical", "v": "verbose", "h": "help",
           "V": "version"}

# What is typed behind the program's name, and what that becomes. A blank at the end says that the
# word is whole.
LINES = [
    # Names of options
    ("--form" + TAB, "--format="),
    ("--no-t" + TAB, "--no-tls "),
    ("--perf" + TAB + "n" + TAB, "--perfdata=none "),
    ("--extra-o" + TAB, "--extra-opts="),
    ("--vm=a --form" + TAB, "--vm=a --format="),
    ("--nonsense" + TAB, "--nonsense"),
    ("-- --form" + TAB, "-- --form"),
    # Values, behind = and as the next word, of letters too
    ("--format=j" + TAB, "--format=json "),
    ("--format j" + TAB, "--format json "),
    ("--tls-min=1." + TAB, "--tls-min=1."),
    ("--tls-min 1.3" + TAB, "--tls-min 1.3 "),
    ("-H em01" + TAB, "-H em01.example.com "),
    ("-Hem01" + TAB, "-Hem01.example.com "),
    ("-kvp 9398" + TAB, "-kvp 9398 "),
    ("-kvHem02" + TAB, "-kvHem02.example.com "),
    ("--password-file=pass" + TAB, "--password-file=password "),
    ("--password-file pass" + TAB, "--password-file password "),
    ("--list=" + TAB, "--list="),
    # A value is no option, whatever it looks like
    ("--username -t 30:o" + TAB, "--username -t 30:o"),
    ("--vm --format=" + TAB, "--vm --format="),
    ("--username=-t --format=j" + TAB, "--username=-t --format=json "),
    ("--extra-opts --form" + TAB, "--extra-opts --format="),
    # A deadline's state
    ("-t 30:c" + TAB, "-t 30:critical "),
    ("-t30:c" + TAB, "-t30:critical "),
    ("-kt30:c" + TAB, "-kt30:critical "),
    ("-t 30" + TAB, "-t 30"),
    ("--timeout=30:c" + TAB, "--timeout=30:critical "),
    ("--timeout 2m:" + ALL, "--timeout 2m:" + " ".join(STATES) + " "),
    ("--timeout=2m:" + ALL, "--timeout=2m:" + " ".join(STATES) + " "),
    # A map's cells and their states
    ("--map=InP" + TAB + "/F" + TAB + "w" + TAB, "--map=InProgress/Failed=warning "),
    ("--map=Warning=o" + TAB, "--map=Warning=ok "),
    ("--map Warning=o" + TAB, "--map Warning=ok "),
    ("--map=un" + TAB + "o" + TAB, "--map=uncovered=ok "),
    ("--map=Warning=" + ALL, "--map=Warning=" + " ".join(STATES) + " "),
    ("--map=Warning=ok,Suc" + TAB + "u" + TAB, "--map=Warning=ok,Success=unknown "),
    # A Reason's state
    ("--reason=cr" + TAB, "--reason=critical:"),
    ("--reason cr" + TAB, "--reason critical:"),
    ("--reason=critical:o" + TAB, "--reason=critical:o"),
    # Paths: quoted where they must be, folders go on, files of another kind are no folders
    ("--ca-file=fol" + TAB, "--ca-file=folder\\ one/"),
    ("--ca-file=folder\\ one/c" + TAB, "--ca-file=folder\\ one/ca.pem "),
    ("--ca-file folder\\ one/c" + TAB, "--ca-file folder\\ one/ca.pem "),
    ("--ca-file='folder one/c" + TAB, "--ca-file='folder one/ca.pem' "),
    ("--ca-file \"folder one/c" + TAB, "--ca-file \"folder one/ca.pem\" "),
    ("--ca-file=odd" + TAB, "--ca-file=odd\\:name\\=x.pem "),
    ("--ca-file=odd\\:n" + TAB, "--ca-file=odd\\:name\\=x.pem "),
    ("--ca-file=odd:n" + TAB, "--ca-file=odd:name\\=x.pem "),
    ("--ca-path=pass" + TAB, "--ca-path=pass"),
    ("--session-cache=oth" + TAB, "--session-cache=other/"),
    ("--snapshot oth" + TAB, "--snapshot other/"),
    ("--extra-opts=@pass" + TAB, "--extra-opts=@password "),
    ("--extra-opts=em01@other/v" + TAB, "--extra-opts=em01@other/veeam.ini "),
    ("--extra-opts=pass" + TAB, "--extra-opts=pass"),
    # Quoted words
    ("--vm='a b' --form" + TAB, "--vm='a b' --format="),
    ("--vm \"a -t\" --format=j" + TAB, "--vm \"a -t\" --format=json "),
]


class Bash:
    """An interactive bash without files of its own, whose line can be read."""

    def __init__(self, home, rcfile):
        self.answers = os.open(home / "answers", os.O_RDWR)
        environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "TERM": "dumb", "LC_ALL": "C.UTF-8",
                       "INPUTRC": "/dev/null", "BASH_COMPLETION_USER_DIR": str(home),
                       "HISTFILE": ""}
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(home / "here")
            os.execve("/bin/bash", ["bash", "--noprofile", "--rcfile", str(rcfile), "-i"], environment)

    def line(self, keys):
        """What stands on the line when the keys were pressed."""
        os.write(self.terminal, (keys + SHOW + CLEAR).encode())
        answer = b""
        screen = b""
        while not answer.endswith(b"\0"):
            readable = select.select([self.answers, self.terminal], [], [], LIMIT)[0]
            if not readable:
                sys.exit(f"bash does not answer to {keys!r}; the screen: {screen!r}")
            if self.terminal in readable:  # it would wait for a screen that is full
                screen += os.read(self.terminal, 65536)
            if self.answers in readable:
                answer += os.read(self.answers, 65536)
        return answer[:-1].decode()

    def close(self):
        os.close(self.terminal)  # hangs up
        os.waitpid(self.process, 0)
        os.close(self.answers)


def prepare(home, completion, package):
    """The folder that bash is in, with what its completion finds; gives its first file."""
    here = home / "here"
    for folder in FOLDERS:
        (here / folder).mkdir(parents=True)
    for file in ("folder one/ca.pem", "other/veeam.ini", "odd:name=x.pem", "password"):
        (here / file).touch()
    os.mkfifo(home / "answers")
    (home / "hosts").write_text("".join(f"127.0.0.1 {host}\n" for host in HOSTS), encoding="ascii")
    (home / "completions").mkdir()
    shutil.copy(completion, home / "completions" / "check_veeam_cdp_task")
    rcfile = home / "bashrc"
    rcfile.write_text(f"""PS1='$ '
HOSTFILE={home}/hosts
tell() {{ printf '%s\\0' "$READLINE_LINE" >{home}/answers; }}
bind -x '"\\C-x\\C-x": tell'
bind 'set completion-query-items 0' 'set page-completions off' 'set enable-bracketed-paste off'
bind 'set bell-style none'
bind 'set mark-symlinked-directories on'
. '{package or completion}'
""", encoding="utf-8")
    return rcfile


def quoted(word):
    """As readline quotes the name of a file; the folder's / only counts where it goes on."""
    return re.sub(r"([ :=])", r"\\\1", word.rstrip("/"))


def all_lines():
    """The lines of the table, and those that each option has."""
    yield from LINES
    names = ["--" + name for name in FLAGS] + [f"--{name}=" for name in VALUES]
    yield "--" + ALL, " ".join(sorted(names)) + " "
    names += ["-" + letter for letter in LETTERS]
    for start in ("-", ""):
        yield start + ALL, " ".join(sorted(names)) + " "
    spelt = [(f"--{name}=", values) for name, values in VALUES.items()]
    spelt += [(f"--{name} ", values) for name, values in VALUES.items() if name != "extra-opts"]
    spelt += [(f"-{letter} ", VALUES[name]) for letter, name in LETTERS.items() if name in VALUES]
    for start, values in spelt:
        words = [quoted(word) if values in (FILES, FOLDERS) else word for word in values]
        yield start + ALL, start + "".join(word + " " for word in words)
    for name in [*FLAGS, *(letter for letter, name in LETTERS.items() if name in FLAGS)]:
        option = ("-" if len(name) == 1 else "--") + name
        yield f"{option} --empt" + TAB, f"{option} --empty-result="


def main():
    completion, plugin, *package = sys.argv[1:]
    failures = tried = 0
    with tempfile.TemporaryDirectory() as home:
        home = pathlib.Path(home)
        bash = Bash(home, prepare(home, completion, package[0] if package else None))
        # Of a program with its folder, what bash-completion 2.11 finds counts from the second Tab on.
        bash.line(f"{plugin} --" + TAB)
        for program in (plugin, f"VEEAM_EM_USERNAME=monitor {plugin}", f"true; {plugin}"):
            for keys, expected in all_lines() if program == plugin else LINES[:3]:
                got = bash.line(f"{program} {keys}")
                tried += 1
                if got != f"{program} {expected}":
                    failures += 1
                    print(f"{keys!r} becomes {got!r}, not {expected!r}")
        bash.close()
    print(f"{tried} lines were completed, {failures} of them wrong")
    return 1 if failures else 0


sys.exit(main())
