#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables for contrib/snmp/veeam-cdp-trap: trap.py readings|traps|broken|pipes.

Prints what is wrong, or how many rows are right.
"""

import contextlib
import fcntl
import importlib.machinery
import importlib.util
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time

HANDLER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../contrib/snmp/veeam-cdp-trap")
LOADER = importlib.machinery.SourceFileLoader("handler", HANDLER)
handler = importlib.util.module_from_spec(importlib.util.spec_from_loader("handler", LOADER))
LOADER.exec_module(handler)

LINE = re.compile(r"\[[0-9]{10}\] PROCESS_SERVICE_CHECK_RESULT;([^;|\n]{1,255});([^;|\n]{1,255});([0-3]);"
                  r"(CDP RPO [^|\n\\]*)(?:\|((?:(?:sla|max_delay|rpo_threshold)=[0-9.]+[%s];;;0(?:;100)? ?)+))?\n")


# ---- numbers ----

PERCENTAGES = (
    ("95", 95), ("95%", 95), ("95.5 %", 95.5), ("95,5 %", 95.5), (" 99.999% ", 99.999), ("100.00 %", 100), ("0", 0),
    ("95\u00a0%", 95), ("95 percent", 95), ("95,123 %", 95.123),
    ("101", None), ("-5", None), ("1e1", None), ("nan", None), ("inf", None), ("95 % of 100", None), ("", None),
    ("95 s", None), ("0x10", None), ("\u0669\u0665", None), ("9" * 40, None), ("95..5", None), ("%", None))
SPANS = (
    ("12", 12), ("12 sec", 12), ("12s", 12), ("12.5 seconds", 12.5), ("12,5 s", 12.5), ("1 second(s)", 1),
    ("00:00:12", 12), ("0:01:12", 72), ("00:00:12.3456789", 12.3456789), ("1.02:00:00", 93600),
    ("00:00:12,345", 12.345), ("0:0:00:12.50", 12.5), ("500 ms", 0.5), ("2 min", 120), ("1 min 12 sec", 72), ("1m12s", 72),
    ("1 hour, 5 minutes", 3900), ("2 h", 7200), ("1 Day", 86400), ("15 SEC", 15), ("0", 0),
    ("1,234 sec", None), ("1,234", None), ("-12", None), ("12:34", None), ("00:61:00", None), ("00:00:99", None),
    ("< 12 sec", None), ("12 parsecs", None), ("12 sec 13", None), ("n/a", None), ("", None), ("1e3 s", None),
    ("infinity", None), ("9" * 30 + " s", None), ("sec", None), ("12 sec; 13 sec", None))


def readings():
    for read, table in ((handler.read_percent, PERCENTAGES), (handler.read_seconds, SPANS)):
        for text, expected in table:
            yield f"{read.__name__} of {text!r}", expected, round_off(read(text))
    for value, expected in ((0, "0"), (12.0, "12"), (12.5, "12.5"), (1 / 3, "0.333"), (1e9, "1000000000"),
                            (0.0001, "0"), (100.0, "100")):
        yield f"decimal of {value}", expected, handler.decimal(value)


def round_off(value):
    return value if value is None else round(value, 7)


# ---- traps, as snmptrapd writes them ----

TRAP = ".1.3.6.1.4.1.31023.1.1.1.0.16"
HEAD = (b"vbr01\nUDP: [192.0.2.7]:49152->[192.0.2.1]:162\niso.3.6.1.2.1.1.3.0 5:1:2:3.45\n"
        b"iso.3.6.1.6.3.1.1.4.1.0 iso.3.6.1.4.1.31023.1.1.1.0.16\n")
NAMES = {"vm": 105, "policy": 126, "status": 127, "sla": 128, "threshold": 129, "delay": 130}


def quoted(value):
    """As snmptrapd writes a text: in hexadecimal if a byte of it is not printable."""
    data = value if isinstance(value, bytes) else value.encode()
    if all(32 <= byte < 127 or 9 <= byte <= 13 for byte in data):
        return b'"' + data.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    groups = [data[at:at + 16] for at in range(0, len(data), 16)]
    return b'"' + b"\n".join(b"".join(b"%02X " % byte for byte in group) for group in groups) + b'"'


def variable(number, value):
    return b"iso.3.6.1.4.1.31023.1.1.%d %s\n" % (number, value)


def trap(**values):
    return HEAD + b"".join(variable(NAMES[name], quoted(value)) for name, value in values.items())


SOUND = {"policy": "CDP Policy", "status": "Warning", "vm": "srv-db01", "sla": "95,5 %", "threshold": "15 sec",
         "delay": "00:00:20"}
WHOLE = "CDP RPO WARNING: srv-db01 (CDP Policy): Warning; SLA 95,5 %, max delay 00:00:20, RPO threshold 15 sec"
SHUTDOWN = "\n[1] SHUTDOWN_PROGRAM"
RAW = b"iso.3.6.1.4.1.31023.1.1."

# Of each trap what JSON has, and a part of the log, "" if it has nothing. Of one that is dropped: None.
TRAPS = (
    ("a sound one", trap(**SOUND), {
        "sender": "192.0.2.7", "vm": "srv-db01", "policy": "CDP Policy", "status": "Warning", "state": "WARNING",
        "exit_code": 1, "summary": WHOLE, "notes": None,
        "metrics": {"sla_percent": 95.5, "max_delay_seconds": 20, "rpo_threshold_seconds": 15},
        "performance_data": "sla=95.5%;;;0;100 max_delay=20s;;;0 rpo_threshold=15s;;;0"}, ""),
    ("numeric OIDs, and .0 behind them", trap(**SOUND).replace(b"iso.", b".1.").replace(b" \"", b".0 \""),
     {"summary": WHOLE}, ""),
    ("success", trap(**{**SOUND, "status": "Success"}), {"state": "OK"}, ""),
    ("failed, in other letters", trap(**{**SOUND, "status": "FAILED"}), {"state": "CRITICAL"}, ""),
    ("a word of --map", trap(**{**SOUND, "status": "SLA missed"}), {"state": "CRITICAL", "status": "SLA missed"}, ""),
    ("an unknown word", trap(**{**SOUND, "status": "Violated;\x1b[31m|x=1"}),
     {"state": "UNKNOWN", "status": "Violated; [31m x=1"}, "cdpRpoStatus 'Violated; [31m x=1': not a known status"),
    ("no status", trap(vm="a", policy="p"), {"state": "UNKNOWN", "status": None,
                                             "summary": "CDP RPO UNKNOWN: a (p): no status"}, "cdpRpoStatus, cdpSla"),
    ("an empty name", trap(**{**SOUND, "vm": ""}), {"vm": None, "state": "WARNING"}, "vmName: missing"),
    ("a name of blanks", trap(**{**SOUND, "vm": " \t\n"}), {"vm": None}, "vmName: cleaned"),
    ("neither VM nor policy", trap(status="Failed"), None, "dropped: it names neither a VM nor a policy"),
    ("numbers that are none", trap(**{**SOUND, "sla": "-5 %", "delay": "1,234 sec"}), {
        "metrics": {"sla_percent": None, "max_delay_seconds": None, "rpo_threshold_seconds": 15},
        "performance_data": "rpo_threshold=15s;;;0"}, "cdpSla '-5 %', cdpMaxDelay '1,234 sec': not a number"),
    ("a line in a name", trap(**{**SOUND, "vm": "x;0;fine" + SHUTDOWN}),
     {"vm": "x;0;fine [1] SHUTDOWN_PROGRAM"}, "vmName: cleaned"),
    ("a variable in a name", trap(**{**SOUND, "vm": f'x"\n{TRAP[:-7]}127 "Success'}),
     {"vm": f'x" {TRAP[:-7]}127 "Success', "state": "WARNING"}, "vmName: cleaned"),
    ("a backslash and a quote", trap(**{**SOUND, "vm": 'C:\\"\\'}), {"vm": 'C:\\"\\'}, "{vm}: with '_'"),
    ("bytes that are not UTF-8", trap(**{**SOUND, "vm": b"b\xfcro\xc3\x00z"}), {"vm": "b\ufffdro\ufffd z"},
     "vmName: cleaned"),
    ("marks of direction", trap(**{**SOUND, "vm": "a\u202eb\u2028c"}), {"vm": "a b c"}, "vmName: cleaned"),
    ("UTF-8", trap(**{**SOUND, "vm": "Bürgeramt \u4eee\u60f3"}), {"vm": "Bürgeramt \u4eee\u60f3"}, ""),
    ("all in hexadecimal", HEAD + b"".join(variable(NAMES[name], b'"' + b"".join(
        b"%02X " % byte for byte in value.encode()) + b'"') for name, value in SOUND.items()), {"summary": WHOLE}, ""),
    ("60 KB", trap(**{**SOUND, "vm": "\xfc" * 30000}), {"vm": "\xfc" * 126 + "..."},
     "vmName of 60000 bytes: cut, over 255 bytes"),
    ("60 KB of hexadecimal without a name", trap(**{**SOUND, "policy": b"\0" * 60000}), {"policy": None}, "cut"),
    ("the longest line", trap(**{name: '"' * 300 for name in SOUND}), {"vm": '"' * 252 + "..."}, "cut, over 255 bytes"),
    ("others", trap(**SOUND) + b'iso.3.6.1.2.1.1.5.0 "Success"\n', {"summary": WHOLE},
     "1.3.6.1.2.1.1.5.0: not a part of a report, 1 such variables"),
    ("one twice", trap(**SOUND) + trap(vm="other", status="Success")[len(HEAD):],
     {"vm": "srv-db01", "state": "WARNING"},
     "vmName, cdpRpoStatus: given twice, the first one counts"),
    ("an integer and an OID for numbers", trap(vm="a", status="Success") + RAW + b"128 95\n" + RAW + b"130 iso.3\n",
     {"performance_data": "sla=95%;;;0;100"}, "cdpMaxDelay 'iso.3': not a number"),
    ("an integer for a name", trap(status="Success") + RAW + b"105 95\n", None, "vmName is not a text in quotes"),
    ("with VEEAM-MIB, a name with a line", HEAD + RAW + b'105 x\n' + RAW + b'127 "Success"\n', None,
     "vmName is not a text in quotes: has snmptrapd loaded VEEAM-MIB?"),
    ("names of a MIB", HEAD + b'VEEAM-MIB::vmName.0 "a"\n', None, "can't be read from byte"),
    ("another trap", trap(**SOUND).replace(b"1.1.1.0.16", b"1.1.1.0.1"), None,
     "dropped: it is not an RPO report: snmpTrapOID is 1.3.6.1.4.1.31023.1.1.1.0.1"),
    ("a second snmpTrapOID", trap(**SOUND).replace(b"1.1.1.0.16", b"1.1.1.0.1") +
     HEAD[HEAD.index(b"iso.3.6.1.6"):], None, "it is not an RPO report"),
    ("no trap at all", b"", None, "snmpTrapOID is missing"),
    ("a quote that does not end", trap(**SOUND)[:-2], None, "can't be read"),
    ("no OID", HEAD + b"\n\n" + b"x" * 1000, None, "can't be read"),
    ("a sender that is none", trap(**SOUND).replace(b"[192.0.2.7]", b"[;\x1b]"), {"sender": "192.0.2.1"}, ""),
)
NAMES_OF_SERVICES = (
    # As tests/integration/nagios.py has them of --format=passive.
    ("it's 5 $; wow!", "it_s 5 __ wow_"), ("a|b", "a_b"), ("tab\there", "tab here"), ("  x  ", "x"), ("{vm}", "{vm}"),
    ("{policy}", "{policy}"), ("`~!$%^&*|'\"<>?,()=;", "_" * 19), ("\0", "unnamed"), ("ö" * 200, "ö" * 126 + "..."),
    ("x" * 251 + " " + "y" * 9, "x" * 251 + "..."), ("a\uffffb", "a\ufffdb"))


class Run:
    """The handler in this process: what it writes into a pipe and into a file, and its log."""

    def __init__(self, folder):
        self.pipe, self.json = os.path.join(folder, "pipe"), os.path.join(folder, "json")
        os.mkfifo(self.pipe)
        self.reader = os.open(self.pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.options = handler.read_options([f"--pipe={self.pipe}", f"--json={self.json}", "--map=sla Missed=critical",
                                             "--host={policy}", "--service=RPO {vm}"])

    def __call__(self, data):
        open(self.json, "w", encoding="utf-8").close()
        notes, dropped = handler.Notes(), ""
        try:
            handler.handle(data, self.options, notes)
        except handler.Dropped as error:
            dropped = str(error)
        try:
            line = os.read(self.reader, 65536).decode()
        except BlockingIOError:
            line = ""
        with open(self.json, encoding="utf-8", newline="") as file:
            report = file.read()
        return line, report, handler.clean(dropped and f"dropped: {dropped}; {notes}" or str(notes), 2000)

    def well_formed(self, line, report):
        """What is wrong with what came of a trap; nothing may come, but not one without the other."""
        if not line and not report:
            return None
        found = LINE.fullmatch(line)
        if not found or len(line.encode()) > 4096 or len(report.encode()) > 4096:
            return f"a line {line!r}"
        if report.count("\n") != 1 or not report.endswith("\n") or re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", report):
            return f"JSON {report!r}"
        said = json.loads(report)
        if (int(found[3]), found[4], found[5] or "") != (said["exit_code"], said["summary"].replace("\\", "/"),
                                                           said["performance_data"]):
            return f"{line!r}, but {said}"
        return None


def traps():
    with tempfile.TemporaryDirectory() as folder:
        run = Run(folder)
        for what, data, expected, log in TRAPS:
            begin = time.time()
            line, report, told = run(data)
            yield f"{what}: not from the past", True, not line or begin <= int(line[1:11]) <= begin + 60
            said = json.loads(report) if report else None
            yield what, None, run.well_formed(line, report)
            yield what, expected, said and {key: said[key] for key in expected or said}
            yield f"{what}: the log {told!r}", True, log in told if log else not told
    for name, expected in NAMES_OF_SERVICES:
        yield f"the name of {name!r}", expected, handler.object_name("{vm}", {"{vm}": name, "{policy}": "p"})
    yield "a template", "a_b p {vm}", handler.object_name("a;b {vm} {policy}", {"{vm}": "p", "{policy}": "{vm}"})


def broken():
    """Sound traps with bytes removed, doubled and replaced."""
    source = random.Random(4711)
    bricks = [b'"', b"\\", b"\n", b";", b"|", b"\0", b"\xff", b" ", b".", b'"\n' + RAW + b'127 "Success', b"41 ",
              b"{vm}", SHUTDOWN.encode(), b"\r", b"\x85", "\u2028".encode(), b"9" * 30]
    delivered = 0
    with tempfile.TemporaryDirectory() as folder:
        run = Run(folder)
        for number in range(2000):
            data = trap(**{name: source.choice(bricks) + value.encode() if source.random() < 0.3 else value
                           for name, value in SOUND.items()})
            for _ in range(source.randrange(6)):
                at = source.randrange(len(HEAD) if source.random() < 0.8 else 0, len(data))
                data = data[:at] + source.choice(bricks) + data[at + source.randrange(4):]
            line, report, told = run(data)
            delivered += bool(line)
            yield f"trap {number}, {data!r}", None, run.well_formed(line, report)
            yield f"trap {number}, {data!r}, nothing of it in the log", False, not line and "dropped: " not in told
    yield "some of them are delivered, some are not", True, 200 < delivered < 1800


# ---- pipes ----

def program(data, *options, **more):
    """The handler as snmptrapd runs it: its exit code, what it printed, its log, and how long it took."""
    begin = time.monotonic()
    done = subprocess.run([HANDLER, *options], input=data, capture_output=True, timeout=60, check=False, **more)
    return done.returncode, done.stdout.decode(), done.stderr.decode(), time.monotonic() - begin


def log_of(data, *options):
    """What the log gets of a trap, by the handler in this process."""
    notes = handler.Notes()
    try:
        handler.handle(data, handler.read_options(options), notes)
    except handler.Dropped as error:
        return f"dropped: {error}"
    return str(notes)


def pipes():
    handler.FULL_PIPE = 10
    with tempfile.TemporaryDirectory() as folder:
        pipe, file = os.path.join(folder, "pipe"), os.path.join(folder, "json")
        os.mkfifo(pipe)
        sound = trap(**SOUND)
        for path, why in ((pipe, "nobody reads it: is the daemon running?"), (folder, "Is a directory"),
                          ("/dev/null", "it is not a pipe"), (folder + "/none", "No such file or directory")):
            yield f"--pipe={path}", f"dropped: {path}: {why}: {WHOLE}", log_of(
                sound, f"--pipe={path}", f"--json={file}")
        with open(file, "rb") as lines:
            yield "JSON has them all the same, a line each", 4, len([json.loads(line) for line in lines])
        yield "no file was made of a missing pipe", ["json", "pipe"], sorted(os.listdir(folder))
        yield "JSON into a pipe", f"dropped: {pipe}: nobody reads it: is the daemon running?: {WHOLE}", log_of(
            sound, f"--json={pipe}")
        yield "a full disk", f"dropped: /dev/full: No space left on device: {WHOLE}", log_of(sound, "--json=/dev/full")
        yield from full_pipe(pipe, sound)
        yield from whole_runs(sound)
        with open("/dev/full", "wb") as full:
            done = subprocess.run([HANDLER, f"--pipe={folder}"], input=sound, stderr=full, check=False)
        yield "a log that is full", 1, done.returncode
        yield "all is read", (True, True), (reads_all("--json=-"), reads_all("--wrong"))
        yield from closed_descriptors(pipe, sound)
    yield from to_syslog()


def refusal(pipe, line):
    """Why it is not written."""
    try:
        handler.put(pipe, 0, line, True)
    except handler.Dropped as error:
        return str(error)
    return None


def full_pipe(pipe, sound):
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    fcntl.fcntl(writer, 1031, 4096)  # F_SETPIPE_SZ: the smallest
    yield "a line that is too long", f"{pipe}: a line of 4097 bytes is too long for a pipe", refusal(pipe, b"x" * 4097)
    os.write(writer, b"x" * 4000)
    yield "a full pipe", f"dropped: {pipe}: it is full, and nobody reads it: {WHOLE}", log_of(
        sound, f"--pipe={pipe}")
    yield "no part of a line got in", b"x" * 4000, os.read(reader, 65536)
    os.close(writer)
    os.close(reader)


def whole_runs(sound):
    """As snmptrapd runs it: the exit code, what it printed, and its log."""
    for what, data, options, expected in (
            ("3 MB", sound + b"x" * 3000000, ["--json=-"],
             (1, "", "veeam-cdp-trap: from unknown: dropped: it has over 1048576 bytes")),
            ("40,000 variables", trap(vm="a") + b'iso.3.1 ""\n' * 40000, ["--json=-"],
             (0, '"vm": "a"', "1.3.1: not a part")),
            ("no output", sound, [], (2, "", "--pipe or --json is needed")),
            ("no placeholder", sound, ["--json=-", "--host={em}"], (2, "", "'{em}' is not a placeholder")),
            ("no state", sound, ["--json=-", "--map=x=fine"], (2, "", "is not WORD=STATE"))):
        done = subprocess.run([HANDLER, *options], input=data, capture_output=True, timeout=60, check=False)
        printed, log = done.stdout.decode(), done.stderr.decode()
        yield what, expected, (done.returncode, expected[1] if expected[1] in printed else printed,
                               expected[2] if expected[2] in log else log)


def reads_all(*options):
    """Whether its input is read to the end: snmptrapd gets no SIGPIPE."""
    with subprocess.Popen([HANDLER, *options], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        try:
            process.stdin.write(b"x" * 3000000)
            process.stdin.flush()
        except BrokenPipeError:
            return False
        finally:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        return True


def closed_descriptors(pipe, sound):
    """What is said on a standard error that was closed must not get into the pipe."""
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    done = subprocess.run(["/bin/sh", "-c", 'exec "$0" "$@" >&- 2>&-', HANDLER, f"--pipe={pipe}"],
                          input=trap(**{**SOUND, "vm": "x" * 300}), check=False)
    yield "closed descriptors", (0, True), (done.returncode, bool(LINE.fullmatch(os.read(reader, 65536).decode())))
    os.close(reader)


def to_syslog():
    lines = []
    handler.syslog.openlog = lambda *_, **__: None
    handler.syslog.syslog = lambda _, line: lines.append(line)
    notes = handler.Notes()
    notes.add("cut", "a\nb\0")
    notes.log(True)
    yield "syslog", ["from unknown: a b : cut"], lines


if __name__ == "__main__":
    rows, wrong = 0, 0
    for about, right, found in {"readings": readings, "traps": traps, "broken": broken, "pipes": pipes}[sys.argv[1]]():
        rows += 1
        if right != found:
            wrong += 1
            print(f"{about[:3000]}: {found!r}, not {right!r}")
    print(f"{rows} rows")
    sys.exit(wrong > 0)
