#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the built plugin again and again, each time with another of its memory allocations failing.

Each run must end with a fault and exit code 3, or with the answer of the run in which none failed:
never by a signal, beyond its deadline, with a word on standard error, with another verdict or with
a logon session left open on the emulator. README.md tells more.
"""

import argparse
import collections
import itertools
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
# pylint: disable=wrong-import-position
import harness
from harness import CRITICAL, OK, PASSWORD, PLUGIN, UNKNOWN, WARNING

PRELOADED = os.path.join(harness.BUILD, "tests/stress/fail_allocation.so")
WRONG_PIN = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
UUID = "2ec4d35f-b5d8-4cb3-9d11-12e1d5792625"
DEADLINE = 5                # seconds, of --timeout
ALLOWANCE = 1.0             # beyond it: a run that is over this hangs
SANITIZED_PACE = 4          # so many times slower is all that in a build with sanitizers
SAVE = "--save={folder}/saved/em.json"
SAVED_BEFORE = "what was there\n"
LAST_RESORT = "CDP TASK UNKNOWN: internal: out of memory\n"  # whatever the format
KINDS = "|".join(harness.FAULT_KINDS)
SCENARIOS = {}

# What is no defect of the plugin: how a violation starts, the functions that are all on the stacks
# of the allocation that failed and of the crash, and why.
LIBRARY = (
    ("signal 11", ("RAND_status", "CRYPTO_THREAD_read_lock"),
     "OpenSSL, whose failed start libcurl does not notice, has no lock for its random numbers"),
    ("signal 11", ("SHA256_Update", "curl_multi_perform"),
     "libcurl hashes the server's key though EVP_DigestInit has failed"),
    ("standard error: ../crypto/threads_pthread.c", ("CONF_modules_load",),
     "OpenSSL 3.5 tells why it aborts"),
    ("signal 11", ("getaddrinfo",), "glibc's nss_database"),
    ("answer", ("setlocale",),
     "glibc takes a locale that it has no memory for as missing, which a notice says"),
    ("leak", ("setlocale",), "glibc loses what it made of a locale's name"),
    ("standard error: free(): double free", ("regcomp",),
     "glibc frees the set of a bracket expression in UTF-8 twice"),
    ("standard error: check_veeam_cdp_task: nss_database.c", ("getaddrinfo",),
     "glibc's nss_database"),
    ("standard error: AddressSanitizer: CHECK failed: sanitizer_", (),
     "the sanitizer itself is without memory"),
    ("standard error: Error in GnuTLS initialization", ("dlopen", "libgnutls"),
     "GnuTLS, which libcurl brings along though it uses OpenSSL, tells that it can't start"),
    ("answer", ("get_log", "perform "),
     "libcurl lost the log of a data collection, which says nothing then: EM's data is older"),
    ("answer", ("http_inspect", "libcrypto"),
     "OpenSSL lost a part of the certificate that the probe shows, and nothing goes by"),
    ("answer", ("topics_ask", "em_pages_next", "perform "),
     "libcurl lost the newest data collections, so the probe has seen them by another way"),
    ("answer", ("probe_filters_try_policies", "perform "),
     "libcurl lost how many entities there are, and the probe says that this is not known"),
    ("answer", ("curl_url_get", "curl_multi_perform"),
     "libcurl sends the target without its query, which EM refuses"),
    ("left: 1", ("log_on", "curl_multi_perform"),
     "libcurl lost the logon's answer, and so the token to log off by"),
)


# ---- the scenarios ----

def scenario(name, exit_code, *options, **more):
    """
    `exit_code` of the undisturbed run. Options may hold {port}, {pin}, {certificate}, {folder} and
    {source}. More: em (tls, plain, or None: no server), play (what it plays, else the demo), target
    (which VMs), password, ini (a file's text), skip (why not to run it), traced (behind the first
    line there may be what happened on the way), cache (cold: there is none, nor
    a snapshot; warm: a run has left one), before (what EM plays for that run, and before_exit its
    exit code), leaves (how many logon sessions may stay open), sessions_exit (the exit code if
    nothing but sessions is known: a library without memory is why a request fails).
    """
    SCENARIOS[name] = {"name": name, "exit": exit_code, "options": options, "em": "plain",
                       "target": ("--vm=srv-db01",), "play": demo(), **more}


def demo(**more):
    return {**json.loads(harness.read(os.path.join(harness.SCENARIOS, "demo.json"))), **more}


def looked_up_host():
    """A name of this machine's loopback that libcurl does not know by itself: its thread asks."""
    for name in (socket.gethostname(), "ip6-localhost", "ip6-loopback"):
        try:
            found = {address[4][0] for address in socket.getaddrinfo(name, None)}
        except OSError:
            continue
        if "localhost" not in name.replace("ip6-localhost", "") and found <= {"127.0.0.1", "::1"}:
            return name
    return None


def tls_scenarios():
    pinned = "--pinned-pubkey={pin}"
    scenario("tls", OK, pinned, em="tls")
    scenario("tls-json", OK, pinned, "--format=json", em="tls")
    scenario("tls-ca-file", OK, "--ca-file={certificate}", em="tls")
    scenario("tls-wrong-pin", UNKNOWN, "--pinned-pubkey=" + WRONG_PIN, em="tls")


def server_scenarios():
    busy = {"path": "/api/query", "status": 503, "headers": {"Content-Type": "application/xml"},
            "body": '<Error Message="The service is busy"/>'}
    once = {"path": "/api/query", "status": 401, "times": 1}
    several = ("--vm=srv-db01", "--vm=srv-mail01", "--vm=srv-no01", "--vm=srv-app01")
    scenario("plain", OK)
    scenario("plain-json", OK, "--format=json")
    scenario("id", OK, target=("--id=" + UUID,))
    scenario("id-json", OK, "--format=json",
             target=("--id=urn:veeam:CdpReplicaTaskSession:" + UUID,))
    scenario("several-vms", CRITICAL, target=several)
    scenario("several-vms-json", CRITICAL, "--format=json", "--backup-server=vbr01.example.invalid",
             target=several)
    scenario("pages", OK, play=demo(wording={"largest_page": 1}), target=("--vm=srv-app01",
                                                                         "--map=Warning=ok"))
    scenario("503", UNKNOWN, play=demo(replies=[busy]))
    scenario("401-once", OK, play=demo(replies=[once]))
    scenario("wrong-password", UNKNOWN, password="Tr0ub4dor-is-wrong")
    scenario("trace", OK, "-vvv", traced=True)
    scenario("rules", CRITICAL, "--map=Warning=critical,InProgress/Success=ok",
             "--reason=ok:no such", "--reason=warning:^RPO of [0-9]+ seconds",
             "--warning=1h", "--critical=10d:", "--warning-age=@1h:2h", "--critical-age=1m",
             "--warning-size=1GiB", "--critical-size=~:100GiB",
             target=("--vm=srv-web01", "--vm=srv-new01"))
    scenario("password-file", OK, "--password-file={folder}/password", "--format=json",
             "--connect-to=127.0.0.1:{port}", host="em01.example.invalid")
    scenario("looked-up-host", OK, host=looked_up_host() or "",
             skip="" if looked_up_host() else "no name but localhost is this machine's loopback")
    scenario("extra-opts", OK, "--extra-opts=em@{folder}/plugin.ini", bare=True,
             ini="# EM\n[other]\nvm=none\n[em]\nhostname=127.0.0.1\nport={port}\nno-tls=\n"
                 f"username=monitor\npassword={PASSWORD}\nvm=srv-db01\nwarning=1d\n"
                 "reason=ok:none\n")


def probe_scenarios():
    looks = {"target": ("--probe",), "play": site()}
    scenario("probe", OK, **looks)
    scenario("probe-json", OK, "--format=json", "--pinned-pubkey={pin}", em="tls", **looks)
    scenario("probe-refused", OK, **{**looks, "play": site(role="Portal User", refuses={
        "policies_query": 403, "replicas_query": 404, "replica_vms": 404})})
    scenario("probe-save", OK, SAVE, **looks)
    scenario("probe-save-json", OK, SAVE, "--format=json", **looks)


def cache_scenarios():
    """A session stays open: that which is kept."""
    for name in ("cold", "warm"):
        scenario("cache-" + name, OK, "--session-cache={folder}/cache", cache=name, leaves=1)
    scenario("cache-refused", OK, "--session-cache={folder}/cache", cache="warm", leaves=1,
             play=demo(replies=[{"path": "/api/query", "status": 401, "nth": 2}]))
    wrong = {"password": "Tr0ub4dor-is-wrong"}
    for name in ("cold", "warm"):
        scenario("refused-" + name, UNKNOWN, "--session-cache={folder}/cache", cache=name, **wrong)
    scenario("refused-snapshot", UNKNOWN, "--snapshot={folder}/cache", cache="warm", **wrong)


def snapshot_scenarios():
    for name in ("cold", "warm"):
        scenario("snapshot-" + name, OK, "--snapshot={folder}/cache", cache=name)
    scenario("snapshot-all", CRITICAL, "--snapshot={folder}/cache", cache="warm", target=("--all",))
    scenario("snapshot-renewed", CRITICAL, "--snapshot={folder}/cache", "--snapshot-age=0",
             cache="warm", target=("--all",))
    scenario("snapshot-old", UNKNOWN, "--snapshot={folder}/cache", "--snapshot-age=0", cache="cold",
             play=demo(replies=[{"path": "/api/query", "status": 503}]))


def site(**more):
    """Each sign, and what there is to be told of a run; of one server EM has not collected data."""
    first, second = "vbr01.example.invalid", "vbr02.example.invalid"
    runs, done = {"created": "-2h"}, {"created": "-10h", "ended": "-2h"}

    def vm(name, *sessions, policy="CDP Policy", server=first, **keys):
        return {"name": name, "policy": policy, "backup_server": server,
                "sessions": list(sessions), **keys,
                # Without it, the time of the day would decide how old a point is.
                **({"intervals": {"consistent_age_seconds": 7200}} if sessions else {})}
    return {"backup_servers": [{"name": first}, {"name": second}],
            "policies": [{"name": "CDP Policy", "rpo_schedule": {"every_day": "1" * 24}},
                         {"name": "Containers", "includes": [{"type": "Folder", "name": "Prod"}]},
                         {"name": "Paused", "enabled": False},
                         {"name": "CDP Policy", "backup_server": second}],
            "vms": [vm("srv-db01", runs, done), vm("srv-idle01", done), vm("srv-new01"),
                    vm("srv-long01", {"created": "-60h"}, {"created": "-68h", "ended": "-60h"}),
                    vm("srv-left01", done, left=True), vm("srv-off01", done, policy="Paused"),
                    vm("srv-in01", runs, done, policy="Containers"),
                    vm("srv-moved01", {"created": "-20h", "ended": "-12h"}, policy="Containers"),
                    vm("srv-moved01", runs, {"created": "-11h", "ended": "-2h"}),
                    vm("srv-web01", runs, server=second)],
            "collections": {"periods": [{"since": "-2h", "misses": [second]}]}, **more}


def topic_scenarios():
    """All that is asked besides sessions, and what is made of it."""
    whole = {"target": ("--all",), "play": site(), "sessions_exit": WARNING}
    scenario("topics", WARNING, "-v", **whole)
    scenario("topics-json", WARNING, "--format=json", **whole)
    scenario("topics-vm", WARNING, "-v", "--overdue-after=1d", sessions_exit=WARNING, play=site(),
             target=("--vm=srv-idle01", "--vm=srv-long01", "--vm=srv-new01"))
    scenario("topics-policy", WARNING, "-v", "--map=overdue=ok", sessions_exit=WARNING, play=site(),
             target=("--policy=CDP Policy", "--policy=Paused"))
    scenario("topics-em", WARNING, "--format=json", target=("--em",), play=site(), sessions_exit=OK)
    # Restore points, as XML and as JSON.
    scenario("points", WARNING, "-v", "--warning-lag=1m", "--critical-compliance=50:",
             "--warning-app-age=1d", sessions_exit=WARNING, play=site(),
             target=("--policy=CDP Policy",))
    scenario("points-json", WARNING, "--rpo", "--format=json", sessions_exit=WARNING,
             play=site(wording={"interval_bodies": "json"}, refuses={"replicas_query": 404}),
             target=("--vm=srv-db01", "--vm=srv-idle01"))
    # The other ways, and none at all.
    scenario("topics-elsewhere", WARNING, "-v", **{**whole, "play": site(
        refuses={"replicas_query": 404, "system_sessions_query": 400})})
    scenario("topics-refused", WARNING, "-v", **{**whole, "play": site(refuses=dict.fromkeys(
        ("policies_query", "replicas_query", "replica_vms", "system_sessions_query",
         "system_sessions"), 403))})
    scenario("snapshot-topics", WARNING, "--snapshot={folder}/cache", cache="cold", **whole)
    scenario("snapshot-topics-vm", WARNING, "--snapshot={folder}/cache", cache="warm", play=site(),
             target=("--vm=srv-idle01",), sessions_exit=WARNING)
    scenario("snapshot-points", WARNING, "--snapshot={folder}/cache", "--rpo", cache="warm",
             play=site(), target=("--vm=srv-idle01",), sessions_exit=WARNING)
    # EM tells no replicas and has nothing of the VM any more: the snapshot remembers it.
    forgets = {"policies_query": 403, "replicas_query": 403, "replica_vms": 403}
    scenario("snapshot-remembers", WARNING, "--snapshot={folder}/cache", "--snapshot-age=0",
             cache="warm", target=("--vm=srv-idle01",), before=site(refuses=forgets),
             play=demo(refuses=forgets), sessions_exit=UNKNOWN)


def local_scenarios():
    for name, version in (("input", "v12"), ("input-json", "v13")):
        scenario(name, CRITICAL, "--input={source}/tests/fixtures/" + version + "/query.json",
                 *(["--format=json"] if name.endswith("json") else []), em=None, bare=True)
    scenario("input-trimmed", CRITICAL, "--input={source}/tests/fixtures/v13/list.json", "-v",
             "--warning=1h", "--reason=warning:disk", em=None, bare=True)
    scenario("usage", UNKNOWN, "--vm=srv-db01", "--warning=5x", em=None, bare=True)
    scenario("usage-json", UNKNOWN, "--format=json", "--no-such-option", em=None, bare=True)
    scenario("help", UNKNOWN, "--help", em=None, bare=True)


def command(chosen, values):
    words = [] if chosen.get("bare") else [
        "-H", chosen.get("host", "127.0.0.1"), "-p", "{port}", "-u", "monitor",
        *chosen["target"], *(["--no-tls"] if chosen["em"] == "plain" else [])]
    deadline = [] if chosen["name"] == "help" else [f"--timeout={DEADLINE * values['pace']}"]
    return [word.format(**values) for word in (*words, *chosen["options"], *deadline)]


# ---- running ----

class Stage:
    """What one worker has to itself: a folder and, once they are needed, emulators."""

    def __init__(self, torture):
        self.torture = torture
        self.folder = tempfile.mkdtemp(dir=torture.folder)
        self.ems = {}
        self.writes = {}  # that each has got so far
        self.file("password", PASSWORD + "\n")

    def path(self, name):
        return os.path.join(self.folder, name)

    def file(self, name, text=None):
        """Writes that text and returns the path; without one, returns what is in the file."""
        if text is not None:
            return harness.write(self.path(name), text, 0o600)
        return harness.read(self.path(name)) if os.path.exists(self.path(name)) else ""

    def em(self, kind):
        if kind is not None and kind not in self.ems:
            options = ["--no-tls"] if kind == "plain" else []
            self.ems[kind] = harness.Em(self.path(kind), None, *options, lifetime=86400)
        return self.ems.get(kind)

    def environment(self, chosen, number, asan_options, files):
        # LeakSanitizer knows what the dynamic linker keeps, by the caller, who is another one here.
        known = {"ASAN_OPTIONS": ":".join(["verify_asan_link_order=0:exitcode=99", "detect_leaks="
                                           + str(int(self.torture.leaks)), *asan_options]),
                 "LSAN_OPTIONS": "print_suppressions=0:suppressions="
                                 + self.file("lsan", "leak:ld-linux\n"),
                 "UBSAN_OPTIONS": "print_stacktrace=1"} if self.torture.sanitized else {}
        return harness.own_environment(
            LC_ALL="C", **known, VEEAM_EM_PASSWORD=chosen.get("password", PASSWORD),
            LD_PRELOAD=PRELOADED, FAIL_ALLOCATION=str(number),
            **{"FAIL_ALLOCATION_" + name.upper(): self.path(name) for name in files})

    def prepare_cache(self, chosen, words):
        if "cache" in chosen:
            shutil.rmtree(self.path("cache"), ignore_errors=True)
        if chosen.get("cache") == "warm":
            environment = self.environment(chosen, 0, ("detect_leaks=0",), ())
            done = subprocess.run(words, env=environment, stdout=subprocess.DEVNULL, check=False)
            if done.returncode != chosen.get("before_exit", chosen["exit"]):
                raise RuntimeError(f"{chosen['name']}: exit code {done.returncode} at first")

    def run(self, chosen, number, asan_options=(), files=("count", "trace")):
        """Runs the plugin with that allocation failing, 0: none. Returns what was seen."""
        em = self.em(chosen["em"])
        values = {"port": em.port if em else "", "pin": em.pin if em else "", "folder": self.folder,
                  "source": harness.SOURCE, "certificate": em.certificate if em else "",
                  "pace": self.torture.pace}
        if em is not None:
            em.play(chosen.get("before", chosen["play"]))
            em.expire()
        if "ini" in chosen:
            self.file("plugin.ini", chosen["ini"].format(**values))
        words = [PLUGIN, *command(chosen, values)]
        self.prepare_cache(chosen, words)
        if "before" in chosen:
            em.play(chosen["play"])
        if SAVE in chosen["options"]:
            shutil.rmtree(self.path("saved"), ignore_errors=True)
            harness.write(self.path("saved/em.json"), SAVED_BEFORE)
        for name in files:
            self.file(name, "")
        start = time.monotonic()
        try:
            done = subprocess.run(words,
                                  env=self.environment(chosen, number, asan_options, files),
                                  stdin=subprocess.DEVNULL, capture_output=True, check=False,
                                  timeout=DEADLINE * self.torture.pace + 20)
            exit_code, out, err = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired as hung:
            exit_code, out, err = None, hung.stdout or b"", hung.stderr or b""
        seconds = time.monotonic() - start
        count = self.file("count")
        counts = em.counts() if em else {"open_sessions": 0, "writes": 0}
        writes, self.writes[em] = self.writes.get(em, 0), counts["writes"]
        stacks = self.file("stacks") if "stacks" in files else ""
        return {"exit": exit_code, "out": out.replace(self.folder.encode(), b"FOLDER"), "err": err.decode("utf-8", "replace"),
                "seconds": seconds, "number": number, "trace": self.file("trace"),
                "stacks": dict(line.split() for line in stacks.splitlines()),
                "left": counts["open_sessions"], "writes": counts["writes"] - writes,
                "saved": self.saved(chosen), "count": int(count) if count else None}

    def saved(self, chosen):
        """What is in the folder of --save after a run: texts by names."""
        if SAVE not in chosen["options"]:
            return {}
        return {name: self.file(os.path.join("saved", name))
                for name in os.listdir(self.path("saved"))}

    def stop(self):
        for em in self.ems.values():
            em.stop()


class Torture:
    """What one call of this program was asked for, and the stages of its threads."""

    def __init__(self, leaks, verbose, folder):
        self.leaks, self.verbose, self.folder = leaks, verbose, folder
        self.sanitized = harness.is_sanitized()
        self.pace = SANITIZED_PACE if self.sanitized else 1
        self.own = threading.local()
        self.stages = []

    def stage(self):
        if not hasattr(self.own, "stage"):
            self.own.stage = Stage(self)
            self.stages.append(self.own.stage)
        return self.own.stage

    def stop(self):
        for stage in self.stages:
            stage.stop()

    def where(self, trace):
        """A stack with the names of the plugin's own functions, which glibc can't tell."""
        place = re.compile(r"^(\S+)\(\+(0x[0-9a-f]+)\)", re.MULTILINE)
        offsets = [offset for path, offset in place.findall(trace) if "check_veeam" in path]
        if offsets:
            calls = [hex(int(offset, 16) - 1) for offset in offsets]  # not where they return to
            try:
                told = subprocess.run(["addr2line", "-fs", "-e", PLUGIN, *calls], text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                      check=True).stdout.splitlines()
            except (OSError, subprocess.CalledProcessError):
                told = []
            for offset, name, line in zip(offsets, told[::2], told[1::2]):
                trace = trace.replace(f"(+{offset})", f"({name} {line})")
        lines = [re.sub(r"^\S*/|\[0x[0-9a-f]+\]$", "", line) for line in trace.splitlines()]
        return [line for line in lines if not line.startswith("fail_allocation.so")]


# ---- judging ----

def plain_form(text):
    """An output without what differs from run to run: times, durations, the emulator's ids and key."""
    text = text if isinstance(text, str) else text.decode("utf-8", "replace")
    return re.sub(r"\d+(\.\d+)?", "#", re.sub(
        r"(?<=sha256//)[\w+/]+=|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "#", text))


def read_text(text):
    """The state of a text, the fault of the whole, and its VMs: what is said of each."""
    lines = text.splitlines()
    first = re.match(r"CDP TASK (\w+): (?:((?:" + KINDS + "): .*))?", lines[0])
    vms = {line: re.search(r"^\[UNKNOWN\] .*?[:(] ?((?:" + KINDS + "): .*)", line)
           for line in lines if line.startswith("[")}
    return {"state": first and first[1], "fault": first and first[2],
            "vms": {plain_form(line): found and found[1] for line, found in vms.items()}}


def read_json(document):
    error = document["error"]
    fault = re.compile(r"(?:^|\()((?:" + KINDS + "): .*)")
    vms = {plain_form(json.dumps(vm)): next((found[1] for found in map(fault.search, vm["why"])
                                             if found and vm["state"] == "UNKNOWN"), None)
           for vm in document["vms"]}
    return {"state": document["state"], "vms": vms,
            "fault": error and f"{error['kind']}: {error['message']}"}


def read_probe_text(text):
    """As read_text; a probe's lines stand in the place of VMs."""
    lines = text.splitlines()
    fault = re.compile(r"^(?:odd|no) .*?: ((?:" + KINDS + "): .*)")
    return {**read_text(lines[0]),
            "vms": {plain_form(line): found and found[1] for line in lines
                    if line.startswith(("ok ", "odd ", "no ")) for found in [fault.search(line)]}}


def read_probe_json(document):
    def words(error):
        return error and f"{error['kind']}: {error['message']}"
    return {"state": document["state"], "fault": words(document["error"]),
            "vms": {plain_form(json.dumps(line)): words(line["error"])
                    for line in document["probe"]}}


def read_output(chosen, out, complaints):
    """An output's parts. None, with a complaint, where its form is broken."""
    try:
        text = out.decode("utf-8")
    except UnicodeDecodeError as error:
        complaints.append(f"the output is not UTF-8: {error}")
        return None
    if not text.endswith("\n") or "\0" in text:
        complaints.append("the output is no text of whole lines")
        return None
    is_probe = "--probe" in chosen["target"]
    if "--format=json" not in chosen["options"] or text == LAST_RESORT:
        return read_probe_text(text) if is_probe else read_text(text)
    before = len(complaints)
    document = harness.read_document(
        text, complaints, "check_veeam_cdp_task" + ("_probe" if is_probe else ""))
    if len(complaints) > before:
        return None
    return read_probe_json(document) if is_probe else read_json(document)


def judge_probe(told, usual, run):
    """
    What is told instead of the usual report. A line that lacks its answer says why, and then others
    may be odd: what was not told is missing there as well.
    """
    if told["fault"] is not None:
        return told["fault"], "" if run["exit"] == UNKNOWN else "answer: a fault, exit code not 3"
    faults = [fault for line, fault in told["vms"].items() if fault and line not in usual["vms"]]
    return ((faults[0], "") if faults and run["exit"] == OK else
            (None, "answer: it differs, and no fault tells why"))


def judge_saved(run):
    """What is wrong with the file of --save: it is as it was, or whole, and nothing is beside it."""
    if list(run["saved"]) != ["em.json"]:
        return f"saved: the folder has {', '.join(run['saved']) or 'nothing'}"
    text = run["saved"]["em.json"]
    if text == SAVED_BEFORE:
        return "" if run["exit"] == UNKNOWN else "saved: nothing, and no fault"
    if PASSWORD in text or "dec0de5e" in text:
        return "saved: a secret"
    try:
        return "" if json.loads(text)["exchanges"] else "saved: no exchange"
    except ValueError as error:
        return f"saved: a part: {error}"


def judge_fault(told, usual, run):
    """
    The fault that is told instead of the usual answer, and what is wrong with it. Of several VMs,
    those that have none must be judged as usual; theirs may then outweigh the others' UNKNOWN.
    """
    if told["fault"] is not None:
        return told["fault"], "" if run["exit"] == UNKNOWN else "answer: a fault, exit code not 3"
    faults = [fault for vm, fault in told["vms"].items() if fault and vm not in usual["vms"]]
    strange = [vm for vm, fault in told["vms"].items() if not fault and vm not in usual["vms"]]
    if not faults or run["exit"] == OK or strange:
        return None, "answer: it differs, and no fault tells why"
    return faults[0], ""


def has_lost_topics(chosen, run):
    """
    Whether the output says that all there is besides sessions, or a part, could not be asked for,
    and its exit code fits.
    """
    return ("sessions_exit" in chosen and run["exit"] in (chosen["exit"], chosen["sessions_exit"])
            and re.search(rb"not known in this run: |lag unknown[^\n]*?(?:%s): " % KINDS.encode(),
                          run["out"]) is not None)


def is_same_answer(chosen, one, other):
    """
    libcurl repeats a logoff whose answer was lost, and EM then knows no such session: a notice says
    so, rightly. Whether any session is left is looked at apart. That the session cache or the snapshot
    is of no use is a notice, too; without a snapshot there is no age of one. So is what could not be
    asked for besides sessions, as libcurl had no memory, and EM's own words, which a notice may lack.
    """
    notice = r'"(?:logoff failed|not known in this run|not told to this user)[^"]*"'
    lines = [[re.sub(f"{notice},|,?{notice}", "", line) for line in plain_form(out).splitlines()
              if not line.startswith(("notice: logoff failed", "notice: not known in this run",
                                       "notice: not told to this user",
                                       "notice: --session-cache", "notice: --snapshot",
                                       "snapshot: "))]
             for out in (one, other)]
    shown = 1 if chosen.get("traced") else None
    return lines[0][:shown] == lines[1][:shown]


def judge(torture, chosen, usual, run):
    """What the run was, right, fault or violation; the fault; what was wrong."""
    wrong = []
    fault = None
    if run["exit"] is None or run["seconds"] > (DEADLINE + ALLOWANCE) * torture.pace:
        wrong.append(f"hang: {run['seconds']:.1f} s")
    elif run["exit"] < 0:
        wrong.append(f"signal {-run['exit']}")
    if run["err"]:
        word = next((word for sign, word in (("AddressSanitizer: SEGV", "signal 11"),
                                             ("LeakSanitizer", "leak")) if sign in run["err"]),
                    "standard error")
        wrong.append(f"{word}: {run['err'][:3000]}")
    if run["left"] > chosen.get("leaves", 0):
        wrong.append(f"left: {run['left']} logon sessions")
    if run["writes"]:
        wrong.append(f"write: {run['writes']} requests that could change something in EM")
    if SAVE in chosen["options"] and (complaint := judge_saved(run)):
        wrong.append(complaint)
    right = run["exit"] == usual["exit"] and is_same_answer(chosen, run["out"], usual["out"])
    if not right and run["exit"] in range(UNKNOWN + 1):
        told = read_output(chosen, run["out"], wrong)
        if told is not None and has_lost_topics(chosen, run):
            fault = "a request about something else than sessions failed"
        elif told is not None:
            judge_told = judge_probe if "--probe" in chosen["target"] else judge_fault
            fault, complaint = judge_told(
                told, read_output(chosen, usual["out"], wrong), run)
            wrong += [complaint] if complaint else []
    elif not right and run["exit"] is not None and run["exit"] > UNKNOWN and not run["err"]:
        wrong.append("exit code")
    return "violation" if wrong else "right" if right else "fault", fault, wrong


def leak_of_library(run, where):
    """
    Whether every leaked block was made by a library within the same call, from the same line of the
    plugin, as the allocation that failed: then it is the library that did not clear up.
    """
    call = next((line for line in where if line.startswith("check_veeam_cdp_task(")), "")
    line_of_call = re.search(r" (\S+:\d+)", call)
    if line_of_call is None:
        return False
    for block in re.split(r"\n(?=\w+ leak of )", run["err"])[1:]:
        frames = re.findall(r"^ +#\d+ \S+ in (?!__interceptor)\S+ (\S+)|^ +#\d+ \S+ +(\(\S+)",
                            block, re.MULTILINE)
        places = [place for place in (named or bare for named, bare in frames)
                  if "fail_allocation" not in place]
        own = next((place for place in places
                    if re.search(r"/(lib|plugins)/\w+/?\S*\.c:", place)), "")
        if not places or places[0] == own or not own.endswith("/" + line_of_call[1]):
            return False
    return True


def of_library(run, wrong, where):
    """Why all that is wrong is a library's, "" if it is not."""
    stacks = where + run["err"].splitlines()
    reasons = []
    callers = [line for line in where[1:] if "(realloc_wiped " not in line]  # libcurl's allocator
    if callers and callers[0].startswith("check_veeam_cdp_task"):
        return ""  # the plugin's own allocation
    for seen in wrong:
        why = next((why for what, functions, why in LIBRARY if seen.startswith(what)
                    and all(any(name in line for line in stacks) for name in functions)), "")
        if seen.startswith("leak") and leak_of_library(run, where):
            callees = itertools.takewhile(
                lambda line: not line.startswith("check_veeam_cdp_task"), where)
            called = [line for line in callees if "(+" not in line]
            why = f"what was made in the call that failed leaks: {called[-1]}"
        reasons.append(why)
    return reasons[0] if reasons and all(reasons) else ""


# ---- the whole ----

def one_in(numbers, every, seed, name):
    """One allocation in `every`, from a random one on."""
    return numbers[random.Random(f"{seed}/{name}").randrange(every)::every]


def distinct_numbers(usual, seed):
    """Of the allocations with the same stack, in any of the scenarios, a random one."""
    same = collections.defaultdict(list)
    for name, run in usual.items():
        for number, stack in run["stacks"].items():
            same[stack].append((name, int(number)))
    numbers = {name: [] for name in usual}
    for stack, places in same.items():
        name, number = random.Random(f"{seed}/{stack}").choice(places)
        numbers[name].append(number)
    return {name: sorted(found) for name, found in numbers.items()}


def undisturbed(torture, chosen, with_stacks):
    files = ["count", "stacks"] if with_stacks else ["count"]
    usual = torture.stage().run(chosen, 0, files=files)
    left = chosen.get("leaves", 0)
    if usual["exit"] != chosen["exit"] or usual["err"] or usual["left"] != left or not usual["count"]:
        raise SystemExit(f"{chosen['name']}: undisturbed, it gives exit code {usual['exit']}, not "
                         f"{chosen['exit']}, {usual['count']} allocations, {usual['left']} logon "
                         f"sessions:\n{usual['out'].decode(errors='replace')}{usual['err']}")
    return usual


def tell_violation(chosen, run, wrong, where, arguments):
    name, number = chosen["name"], run["number"]
    print(f"  {name}, allocation {number}: {'; '.join(wrong)}")
    print(f"    repeat in {harness.BUILD}: {sys.argv[0]}"
          f"{' --leaks' if arguments.leaks else ''} --only={number} {name}")
    shown = run["out"].decode("utf-8", "replace")[:600].rstrip().replace("\n", "\n      ")
    print(f"    exit code {run['exit']}, {run['seconds']:.1f} s:\n      {shown}")
    for line in where[:40]:
        print("      at " + line)


def one_run(torture, chosen, usual, number, until):
    """One run and what it was; None where its time has passed."""
    if time.monotonic() >= until:
        return None
    stage = torture.stage()
    run = stage.run(chosen, number)
    verdict, fault, wrong = judge(torture, chosen, usual, run)
    if verdict == "violation" and torture.sanitized and run["err"]:
        # Once more with whole stacks, which take long.
        again = stage.run(chosen, number, ["fast_unwind_on_malloc=0"])
        if judge(torture, chosen, usual, again)[0] == "violation":
            run, (_, fault, wrong) = again, judge(torture, chosen, usual, again)
    where = torture.where(run["trace"]) if verdict == "violation" or torture.verbose else []
    library = of_library(run, wrong, where)
    return run, "library" if library else verdict, fault, [library] if library else wrong, where


def torment(torture, pool, chosen, usual, numbers, until, arguments):
    """All runs of one scenario. Returns how many there were, in all and of each sort."""
    start = time.monotonic()
    seen = collections.Counter()
    faults = collections.Counter()
    for result in filter(None, pool.map(one_run, *map(itertools.repeat, (torture, chosen, usual)),
                                        numbers, itertools.repeat(until))):
        run, verdict, fault, wrong, where = result
        seen.update({"runs": 1, verdict: 1, "left": run["left"]})
        if fault is not None:
            faults[re.sub(r"\d+", "#", fault)[:150]] += 1
        if verdict == "library":
            print(f"  {chosen['name']}, allocation {run['number']}: library: {wrong[0]}")
        if verdict == "violation" or arguments.only:
            tell_violation(chosen, run, wrong or [verdict], where, arguments)
    print(f"{chosen['name']:<18} {usual['count']:>11} {seen['runs']:>6} {seen['right']:>6} "
          f"{seen['fault']:>6} {seen['violation']:>10} {seen['library']:>7} {seen['left']:>5} "
          f"{time.monotonic() - start:>8.0f}")
    if arguments.verbose:
        for fault, times in faults.most_common():
            print(f"    {times:>6} {fault}")
    return seen


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--every", type=int, metavar="K", help="one allocation in K, not all")
    parser.add_argument("--distinct", action="store_true",
                        help="of those with the same stack, in any scenario, a random one")
    parser.add_argument("--seconds", type=int, metavar="S",
                        help="those that can be had in S seconds, in random order")
    parser.add_argument("--some", type=int, metavar="N", help="N scenarios alone, random ones")
    parser.add_argument("--seed", type=int, default=random.randrange(1000000), metavar="N",
                        help="of all that is random")
    parser.add_argument("--only", metavar="N,…", help="these allocations alone, with outputs")
    parser.add_argument("--leaks", action="store_true",
                        help="a build with --enable-sanitizers: leaks are violations; implies "
                        "--distinct where nothing else says which allocations")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="runs at a time (2)")
    parser.add_argument("--list", action="store_true", help="the scenarios' names")
    parser.add_argument("-v", "--verbose", action="store_true", help="which faults there were")
    parser.add_argument("names", nargs="*", metavar="SCENARIO", help="these alone")
    read = parser.parse_args(arguments)
    read.distinct = read.distinct or (read.leaks and not (read.every or read.seconds or read.only))
    return read


def plan(arguments, usual):
    """Which allocations of each scenario are to fail, and in which order."""
    numbers = {name: range(1, run["count"] + 1) for name, run in usual.items()}
    if arguments.only:
        return dict.fromkeys(numbers, [int(number) for number in arguments.only.split(",")])
    if arguments.distinct:
        numbers = distinct_numbers(usual, arguments.seed)
        print(f"{sum(map(len, numbers.values()))} allocations have stacks of their own")
    for name, some in numbers.items():
        numbers[name] = one_in(some, arguments.every or 1, arguments.seed, name)
        if arguments.seconds:
            numbers[name] = random.Random(f"{arguments.seed}/{name}").sample(some, len(some))
    return numbers


def torture_all(torture, pool, chosen, arguments):
    start = time.monotonic()
    usual = dict(zip((one["name"] for one in chosen),
                     pool.map(undisturbed, itertools.repeat(torture), chosen,
                              itertools.repeat(arguments.distinct))))
    numbers = plan(arguments, usual)
    whole = sum(run["count"] for run in usual.values())
    print(f"seed {arguments.seed}{', leaks are looked for' if torture.leaks else ''}"
          + ("" if harness.schema() else "; without python3-jsonschema no schema is looked at"))
    print(f"{'scenario':<18} {'allocations':>11} {'runs':>6} {'right':>6} {'faults':>6} "
          f"{'violations':>10} {'library':>7} {'left':>5} {'seconds':>8}")
    seen = collections.Counter()
    # To count the allocations has taken a part of the time, on a slow machine nearly all.
    end = max(start + (arguments.seconds or 0), time.monotonic() + (arguments.seconds or 0) / 3)
    for place, one in enumerate(chosen):
        # The time that is left is shared by the scenarios that are left.
        now = time.monotonic()
        until = (now + max(0, end - now) / (len(chosen) - place) if arguments.seconds
                 else float("inf"))
        seen += torment(torture, pool, one, usual[one["name"]], numbers[one["name"]], until,
                        arguments)
    print(f"{seen['runs']} runs of the whole, {whole}, which are {100 * seen['runs'] / whole:.2f}"
          f" %: {seen['violation']} violations, in {time.monotonic() - start:.0f} s")
    return 1 if seen["violation"] or not seen["runs"] else 0


def main(arguments):
    arguments = parse(arguments)
    # Line by line, so that what is seen so far is seen also where the rest hangs.
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    for add in (local_scenarios, server_scenarios, topic_scenarios, probe_scenarios,
                cache_scenarios, snapshot_scenarios, tls_scenarios):
        add()
    if arguments.list:
        print("\n".join(SCENARIOS))
        return 0
    unknown = [name for name in arguments.names if name not in SCENARIOS]
    if unknown:
        raise SystemExit(f"no such scenario: {', '.join(unknown)}; --list names them")
    chosen = [SCENARIOS[name] for name in arguments.names or SCENARIOS]
    for one in chosen:
        if one.get("skip"):
            print(f"skipped: {one['name']}: {one['skip']}")
    chosen = [one for one in chosen if not one.get("skip")]
    if arguments.some:
        chosen = random.Random(arguments.seed).sample(chosen, min(arguments.some, len(chosen)))
    with harness.folder() as folder:
        torture = Torture(arguments.leaks, bool(arguments.only), folder)
        if torture.sanitized and "libasan.so" not in harness.read(PLUGIN):
            print("skipped: AddressSanitizer is linked statically, so its malloc can't be replaced")
            return 77
        if arguments.leaks and not torture.sanitized:
            raise SystemExit("--leaks needs a build with --enable-sanitizers")
        try:
            with harness.pool(arguments.jobs) as pool:
                return torture_all(torture, pool, chosen, arguments) if chosen else 1
        finally:
            torture.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
