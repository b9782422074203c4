#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the built plugin against every fault that a hostile or broken server can commit.

Each row is a part for hostile_peer.py, or a scenario and options for the emulator, and what the plugin must
make of it: exit code, kind of fault, words that help, within its deadline, with nothing on standard
error and no logon session left open. Arguments: only the rows whose name holds one of these texts;
-v: outputs too. CHECK_WRAPPER, which make check sets, is a command to run the plugin under.
"""

import base64
import datetime
import functools
import gzip
import html
import json
import os
import random
import re
import shlex
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse
import warnings
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
# pylint: disable=wrong-import-position
import harness
from harness import CRITICAL, OK, PLUGIN, UNKNOWN, WARNING

WRAPPER = shlex.split(os.environ.get("CHECK_WRAPPER", ""))
SANITIZED = harness.is_sanitized()
# A wrapper, such as valgrind, makes a run many times slower; sanitizers, a few times.
PACE = 6 if WRAPPER else 2 if SANITIZED else 1
SLOW_START = 4.0            # seconds that a busy machine needs to start and end a sanitized run
ALLOWANCE = 2.0 * PACE      # seconds a run may take beyond its deadline
EVERY_WRAPPED = 16          # so that a whole table is a matter of a minute there, too
EVERY_SANITIZED = 3
SHARE = int(os.environ.get("TESTS_SHARE", "1"))  # of those, one part in so many
THREADS = 4
OUTPUT_LIMIT = 4000
HERE = os.path.dirname(os.path.abspath(__file__))
PEER = os.path.join(HERE, "hostile_peer.py")
RESOLVER = os.path.join(HERE, "hostile_resolver.py")
# Passwords, session ids and tokens are such that tests/secrets.sh finds them in what is printed. Rows
# know how long they are.
PASSWORD = "Tr0ub4dor-7f3a9c"
WRONG_PASSWORD = "Tr0ub4dor-is-wrong"
WRONG_PIN = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
UUID = "2ec4d35f-b5d8-4cb3-9d11-12e1d5792625"
ROWS = []
# What the emulator tells of: a VM whose newest session runs and whose last completed one is well.
VMS = [{"name": "srv-db01", "sessions": [{"created": "-2h"}, {"created": "-10h", "ended": "-2h"}]}]

# What hostile_peer.py logs on with; it tells no one, so the texts are here once more.
SESSION_ID = "dec0de5e-9c4e-4b7d-8a61-0e5b7c9d2f34"
TOKEN = "ZGVjMGRlNWUtOWM0ZS00YjdkLThhNjEtMGU1YjdjOWQyZjM0"
# How passwords, ids, tokens and credentials start, hostile_peer.py's and the emulator's.
SECRETS = ("Tr0ub4dor", "dec0de5e-", "ZGVjMGRlNWUt",
           base64.b64encode(b"monitor:Tr0ub4d").decode())


# 1,024 bits, which OpenSSL refuses by default.
SHORT_DH = """\
-----BEGIN X9.42 DH PARAMETERS-----
MIIBJgKBgQCRKkympirl51ZTZ9bEBg8aC79o5fdE5sXjkSuu+C6drWnvEvnOEV9h
17FN45PsZHjVmtiV6CQyj3TxSuUDd7C5pgZBCfpFwS2DmQ4kazIc5V3O3wUI/uM/
Ji76qklO5PW8U454qWCmkrc+UUYUY15k5HvhX8hj6doEXtExDjwMqwKBgHsotM0D
r0o1L2UDWYmixvtSODUgr3YsZQNiG5yv9EaZ0gYCL1Um6tc3dsVW+b2Lgma3wODF
pukNxiTdxaYRR2rG2LDH6+TUQE5BBoQdocDu93xadt90tpglsoJWFTcz2MDW6VT+
SE0D4ZQcU9dRWa6f8EU638wKg/osyg3Z4eXGAh0A+04Uzob5i2Ua6deTkBRriDDt
MhSzgq5oeZCCHQ==
-----END X9.42 DH PARAMETERS-----
"""


# ---- what the peer sends ----

def raw(text):
    """Text as hostile_peer.py wants it: a character for each byte."""
    return text.encode("utf-8").decode("latin-1")


def answer(body="", status="200 OK", length=None, headers=("Content-Type: application/json",)):
    """One whole HTTP answer; `body` is bytes as hostile_peer.py wants them."""
    lines = [f"HTTP/1.1 {status}", *headers,
             f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join(lines) + "\r\n\r\n" + body


def chunked(*pieces):
    return ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\n" + "".join(pieces))


def chunk(body):
    return f"{len(body):x}\r\n{body}\r\n"


def ago(hours):
    moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=hours)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


ENTITY = {
    "PolicySessionUid": "urn:veeam:CdpReplicaSession:a9c1af2a-5460-55c4-e600-3eb5e3f51a27",
    "CreationTimeUTC": ago(0.8), "EndTimeUTC": ago(0.1), "State": "Completed", "Result": "Success",
    "Reason": "", "TotalSize": 214748364800, "VmDisplayName": "srv-db01",
    "Name": "srv-db01@2026-01-01 12:00:00", "UID": "urn:veeam:CdpReplicaTaskSession:" + UUID,
    "Links": [{"Rel": "Up", "Href": "https://localhost/", "Name": "vbr01.example.invalid",
               "Type": "BackupServerReference"},
              {"Rel": "Up", "Href": "https://localhost/", "Name": "CDP Policy@2026-01-01 12:00:00",
               "Type": "CdpReplicaSessionReference"}],
    "Type": "CdpReplicaTaskSession",
}


def session(**members):
    return {**ENTITY, **members}


def page(*entities, paging=None):
    """EM's answer to a query, as JSON text."""
    document = {"Entities": {"CdpReplicaTaskSessions": {"CdpReplicaTaskSessions": list(entities)}},
                "PagingInfo": {"PageNum": 1, "PageSize": 100, "PagesCount": 1}}
    if paging is not None:
        document["PagingInfo"] = paging
    return json.dumps(document)


GOOD_PAGE = page(ENTITY)


def member(key, text):
    """A page whose session has JSON text of any sort as that member."""
    return raw(page(session(**{key: "@@"})).replace('"@@"', text))


# ---- the table ----

LONG = 20  # seconds: what is not about the deadline ends long before, on a busy machine, too


def row(name, exit_code, kind, *words, **more):
    """
    `kind` is error.kind, None where nothing is at fault. More: part (hostile_peer.py) or em (a scenario)
    with em_options; options, secs (of --timeout), left (logon sessions), notice, absent (a word
    that must not be there), text (run with --format=text), check (a function of document and
    record that returns a complaint), other (a second peer's part), resolver (a manner of
    hostile_resolver.py, with host and port).
    """
    ROWS.append({"name": name, "exit": exit_code, "kind": kind, "words": words, "secs": LONG,
                 "options": [], "left": 0, **more})


def deadline(chosen):
    """The seconds of --timeout; enough is enough but for a wrapper."""
    return chosen["secs"] * (PACE if WRAPPER or chosen["secs"] < LONG else 1)


def on_tcp(name, exit_code, kind, *words, steps, **more):
    row(name, exit_code, kind, *words, part={"secure": True, "tcp": [steps]}, **more)


def on_tls(name, exit_code, kind, *words, steps, **more):
    row(name, exit_code, kind, *words, part={"secure": True, "stages": {"tls": [steps]}}, **more)


def on_query(name, exit_code, kind, *words, steps=None, body=None, **more):
    steps = steps if steps is not None else [["send", answer(body)]]
    row("query: " + name, exit_code, kind, *words,
        part={"secure": True, "stages": {"query": [steps]}}, **more)


def on_logon(name, exit_code, kind, *words, steps, **more):
    row("logon: " + name, exit_code, kind, *words,
        part={"secure": True,
              "stages": {"logon": [steps], "query": [[["send", answer(GOOD_PAGE)]]]}}, **more)


def with_em(name, exit_code, kind, *words, replies=(), **more):
    row("EM: " + name, exit_code, kind, *words, em={"vms": VMS,
                                                        "replies": list(replies)}, **more)


def connection_rows():
    row("no such host", UNKNOWN, "unreachable", "em01.example.invalid", host="em01.example.invalid",
        port=9398)
    row("refused", UNKNOWN, "unreachable", "no connection", port="closed")
    row("refused, --unreachable-result=critical", CRITICAL, "unreachable", "no connection",
        port="closed", options=["--unreachable-result=critical"])
    row("deadline in connect: a full backlog", UNKNOWN, "timeout", "--timeout", secs=2,
        part={"full": True})
    row("deadline in connect, -t 2:critical", CRITICAL, "timeout", "--timeout", secs=2,
        state=":critical", part={"full": True})
    on_tcp("closed before the handshake", UNKNOWN, "tls", "handshake", steps=[["close"]])
    on_tcp("closed after ClientHello", UNKNOWN, "tls", "handshake", steps=[["read"], ["close"]])
    on_tcp("closed after half a ServerHello", UNKNOWN, "tls", "handshake",
           steps=[["hello", 0.04], ["close"]])
    on_tcp("closed after half of the server's flight", UNKNOWN, "tls", "handshake",
           steps=[["hello", 0.5], ["close"]])
    on_tcp("reset in the handshake", UNKNOWN, "tls", "handshake", steps=[["read"], ["reset"]])
    on_tcp("reset after half a ServerHello", UNKNOWN, "tls", "handshake",
           steps=[["hello", 0.04], ["reset"]])
    on_tcp("deadline in the handshake: silence", UNKNOWN, "timeout", "--timeout", secs=2,
           steps=[["hang"]])
    on_tcp("deadline in the handshake: half a ServerHello", UNKNOWN, "timeout", "--timeout", secs=2,
           steps=[["hello", 0.04], ["hang"]])
    on_tcp("rubbish instead of ServerHello", UNKNOWN, "tls", "TLS port",
           steps=[["read"], ["send", "\x00\xff" * 200], ["close"]])
    on_tcp("endless rubbish instead of ServerHello", UNKNOWN, "tls", "TLS port",
           steps=[["read"], ["endless", "\x00\xff" * 2000]])
    on_tcp("an SSH banner", UNKNOWN, "tls", "TLS port",
           steps=[["send", "SSH-2.0-OpenSSH_9.2\r\n"], ["read"], ["close"]])
    on_tcp("a handshake alert", UNKNOWN, "tls", "handshake",
           steps=[["read"], ["send", "\x15\x03\x03\x00\x02\x02\x28"], ["close"]])
    row("an alert, then silence for the pin's sake", UNKNOWN, "tls", "handshake", secs=2,
        part={"secure": True,
              "tcp": [[["read"], ["send", "\x15\x03\x03\x00\x02\x02\x28"], ["close"]],
                      [["hang"]]]})
    on_tls("closed right after the handshake", UNKNOWN, "unreachable", steps=[["close"]])
    on_tls("closed with a farewell right after the handshake", UNKNOWN, "unreachable",
           "closed without an answer", steps=[["end"]])
    on_tls("reset right after the handshake", UNKNOWN, "unreachable", steps=[["reset"]])


def server_hello(version, cipher="\xc0\x2f", extensions=""):
    """A record with it, of TLS 1.2 and older."""
    body = (version + "\0" * 32 + "\0" + cipher + "\0" +
            (chr(0) + chr(len(extensions)) + extensions if extensions else ""))
    return "\x16" + version + "\0" + chr(len(body) + 4) + "\x02\0\0" + chr(len(body)) + body


def handshake_rows():
    def said(name, *words, bytes_sent, **more):
        on_tcp("handshake: " + name, UNKNOWN, "tls", "the TLS handshake with ", *words,
               steps=[["read"], ["send", bytes_sent], ["hang"]], absent="--pinned-pubkey", **more)

    device, secure = "is there a device in between?", "\xff\x01\x00\x01\x00"
    said("ServerHello of TLS 1.0", "unsupported protocol", "--tls-min", device,
         bytes_sent=server_hello("\x03\x01"))
    said("ServerHello of SSL 3", "unsupported protocol", "--tls-min", device,
         bytes_sent=server_hello("\x03\x00"))
    said("no secure renegotiation", "RFC 5746", device, bytes_sent=server_hello("\x03\x03"))
    said("a cipher that was not offered", "no cipher in common", device,
         bytes_sent=server_hello("\x03\x03", "\x00\x05", secure))
    for alert, *words in ((40, "no cipher in common", "certificate", device),
                          (70, "--tls-min", device), (71, "no cipher in common"),
                          (42, "asks for a client certificate", device),
                          (46, "asks for a client certificate", device),
                          (48, "asks for a client certificate", device),
                          (49, "asks for a client certificate", device),
                          (116, "asks for a client certificate", device),
                          (80, "its host's log"), (112, "--hostname", "--connect-to"),
                          (47, "is this EM's TLS port", device), (50, "is this EM's TLS port"),
                          (0, "is this EM's TLS port", device)):
        said(f"alert {alert}", *words, bytes_sent=f"\x15\x03\x03\0\x02\x02{chr(alert)}")
    for name, text in (("HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n"), ("SMTP", "220 mail\r\n"),
                       ("zeroes", "\0" * 50)):
        said(name, "that is not TLS", "9398", "--no-tls", bytes_sent=text)
    for end in ("close", "reset"):
        on_tcp(f"handshake: {end} has an advice", UNKNOWN, "tls", "it closed the connection",
               "does it have a certificate", device, steps=[["read"], [end]])
    played = {"tcp": [[["handshake"], ["hang"]]], "secure": True}
    row("handshake: a Diffie-Hellman key of 1,024 bits", UNKNOWN, "tls", "dh key too small",
        "2048 bits", device, part={**played, "short_dh": True}, trust=["-k"])
    row("handshake: a certificate of the client, TLS 1.3", UNKNOWN, "tls", "certificate required",
        "asks for a client certificate", part={**played, "verify": True})
    row("handshake: a certificate of the client, TLS 1.2", UNKNOWN, "tls", "certificate", device,
        part={**played, "verify": True, "tls_version": "TLSv1_2"})
    row("handshake: TLS 1.2 where 1.3 is asked for", UNKNOWN, "tls", "allow TLS 1.2 with --tls-min=1.2",
        device, absent="the lowest", options=["--tls-min=1.3"], part={**played, "tls_version": "TLSv1_2"})


def name_rows():
    def asked(name, exit_code, kind, *words, manner, **more):
        row(name, exit_code, kind, *words, host="em01.example.invalid", port=9398, resolver=manner,
            **more)

    # libcurl's own words: else the run was ended from outside, as one that hung.
    for name, exit_code, more in (("a resolver that never answers", UNKNOWN, {}),
                                  ("-t 2:critical", CRITICAL, {"state": ":critical"}),
                                  ("as text", UNKNOWN, {"text": True})):
        asked("deadline in DNS: " + name, exit_code, "timeout", "--timeout", "Resolving timed out",
              manner="silent", secs=2, **more)
    for manner in ("NXDOMAIN", "SERVFAIL", "REFUSED"):
        asked(f"the resolver answers {manner}", UNKNOWN, "unreachable", "no address",
              "em01.example.invalid", manner=manner)
    asked("a name without an address of the family", UNKNOWN, "unreachable", "no address",
          "-6 (--ipv6) allows only IPv6 addresses", manner="NXDOMAIN", options=["-6"])
    asked("the resolver is down", UNKNOWN, "unreachable", "no address", manner="closed")


def trust_rows():
    em = {"vms": VMS}
    hour = "3600"
    row("certificate expired", UNKNOWN, "tls", "expired", "EM needs a new one", em=em,
        em_options=["--certificate-not-before=-7200", "--certificate-not-after=-" + hour])
    row("certificate not yet valid", UNKNOWN, "tls", "not yet valid", "clock", em=em,
        em_options=["--certificate-not-before=" + hour, "--certificate-not-after=7200"])
    row("certificate of another host", UNKNOWN, "tls", "--hostname", em=em,
        em_options=["--certificate-host=em01.example.invalid", "--certificate-host-alone"])
    row("certificate with a key of 1,024 bits", UNKNOWN, "tls", "too weak", "2048 bits",
        part={"secure": True, "short_key": True})
    row("certificate of an unknown CA", UNKNOWN, "tls", "--ca-file", "--pinned-pubkey=sha256//",
        em=em, trust=[])
    row("certificate of an unknown CA, --unreachable-result=warning", WARNING, "tls", "--ca-file",
        em=em, trust=[], options=["--unreachable-result=warning"])
    row("wrong pin", UNKNOWN, "tls", "another key", em=em, trust=["--pinned-pubkey=" + WRONG_PIN])
    row("wrong pin, right CA", UNKNOWN, "tls", "another key", em=em,
        options=["--pinned-pubkey=" + WRONG_PIN])
    for version in ("TLSv1", "TLSv1_1"):
        row(version.replace("_", ".") + " only", UNKNOWN, "tls", "handshake", tls_version=version,
            part={"secure": True, "tls_version": version})
    row("plain HTTP on the TLS port", UNKNOWN, "tls", "TLS port", em=em, em_options=["--no-tls"],
        trust=["-k"])
    # Whether a TLS server answers this with an alert or not at all is its library's choice.
    row("TLS on the plain port", UNKNOWN, ("unreachable", "protocol"), "--no-tls", em=em,
        trust=["--no-tls"])
    row("a TLS alert on the plain port", UNKNOWN, "protocol", "not an HTTP answer",
        trust=["--no-tls"],
        part={"stages": {"logon": [[["send", "\x15\x03\x01\x00\x02\x02\x46"], ["close"]]]}})


def proxy_rows():
    def proxied(name, exit_code, kind, *words, steps=None, **more):
        row("proxy: " + name, exit_code, kind, *words, proxy=True,
            part={"stages": {"connect": [steps]}}, **more)

    def plain(name, kind, *words, steps, stage="query", **more):
        row("proxy without TLS: " + name, UNKNOWN, kind, *words, proxy=True, trust=["--no-tls"],
            part={"stages": {stage: [steps]}}, **more)

    own = "the proxy 127.0.0.1:"
    row("proxy: refuses connections", UNKNOWN, "unreachable", own, "is the proxy up", port="closed",
        proxy=True)
    proxied("407", UNKNOWN, "unreachable", own, "answers 407", "USER:PASSWORD@", steps=[
        ["send", answer("", "407 Proxy Authentication Required",
                        headers=['Proxy-Authenticate: Basic realm="proxy"'])]])
    for status, advice in (("403 Forbidden", "may it connect"), ("404 Not Found", "can it find"),
                           ("302 Found", ""), ("500 Error", "can it find"),
                           ("502 Bad Gateway", "can it find"), ("503 Busy", "can it find")):
        words = (own, "(--proxy) answers " + status[:3], "em01.example.invalid", advice)
        proxied(status, UNKNOWN, "unreachable", *words, absent="EM answers",
                steps=[["send", answer("<html>no</html>", status)]])
        proxied(status + ", --unreachable-result=critical", CRITICAL, "unreachable", *words,
                options=["--unreachable-result=critical", "--empty-result=ok"],
                steps=[["send", answer("<html>no</html>", status)]])
    for status, kind, advice in (
            ("403 Forbidden", "unreachable", "may it connect"), ("404 Not Found", "protocol", "; "),
            ("302 Found", "protocol", "redirects are not followed"), ("400 Bad", "protocol", ""),
            ("500 Error", "unreachable", "can it find"), ("503 Busy", "unreachable", "can it find")):
        lenient = ["--empty-result=ok"] + (["--unreachable-result=ok"] if kind == "protocol" else [])
        for stage, target in (("logon", ["--all"]), ("query", ["--all"]), ("query", ["--id=" + UUID])):
            plain(f"{status} to the {stage}, {target[0][:5]}", kind, own, "or EM behind it, answers", advice,
                  stage=stage, absent="EM answers", target=target, options=lenient,
                  steps=[["send", answer("<html>no</html>", status)]])
    plain("407 to the logon", "unreachable", own, "(--proxy) answers 407", "Basic", absent="behind it",
          stage="logon", steps=[["send", answer("", "407 Proxy Authentication Required")]])
    plain("401 to the logon", "logon", own, "or EM behind it, answers 401", "user and password",
          stage="logon", steps=[["send", answer("", "401 Unauthorized")]])
    plain("403 in EM's words", "forbidden", "EM answers 403", "role", absent="the proxy",
          steps=[["send", answer('{"Message": "no"}', "403 Forbidden")]])
    plain("200 with HTML", "protocol", own, "HTML",
          steps=[["send", answer("<html>log on here</html>")]])
    plain("200 to the logon, without a token", "protocol", own, "X-RestSvcSessionId",
          stage="logon", steps=[["send", answer("<html>log on here</html>")]])
    plain("closes", "unreachable", own, steps=[["close"]])
    plain("hangs", "timeout", own, secs=2, steps=[["hang"]])
    proxied("hangs", UNKNOWN, "timeout", own, "--timeout", secs=2, steps=[["hang"]])
    proxied("closes", UNKNOWN, "unreachable", own, steps=[["close"]])
    proxied("200, then no TLS", UNKNOWN, "tls", own,
            steps=[["send", "HTTP/1.1 200 OK\r\n\r\n"], ["read"], ["send", "no TLS here at all"],
                   ["close"]])
    proxied("200, then silence", UNKNOWN, "timeout", secs=2,
            steps=[["send", "HTTP/1.1 200 OK\r\n\r\n"], ["hang"]])
    proxied("a token in its answer is not EM's", UNKNOWN, "tls",
            steps=[["send", f"HTTP/1.1 200 OK\r\nX-RestSvcSessionId: {TOKEN}\r\n\r\n"], ["read"],
                   ["close"]])


def http_rows():
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    half = GOOD_PAGE[:len(GOOD_PAGE) // 2]
    good = answer(GOOD_PAGE)
    on_query("all is well", OK, None, steps=[["send", good]])
    on_query("closed without an answer", UNKNOWN, "unreachable", steps=[["close"]])
    on_query("closed in the headers", UNKNOWN, "protocol",
             steps=[["send", head], ["close"]])
    on_query("closed in the headers with a farewell", UNKNOWN, "protocol",
             steps=[["send", head], ["end"]])
    on_query("reset in the headers", UNKNOWN, "unreachable", steps=[["send", head], ["reset"]])
    on_query("reset in the body", UNKNOWN, "unreachable", "broke",
             steps=[["send", answer(half, length=len(GOOD_PAGE))], ["reset"]])
    on_query("body cut short, Content-Length", UNKNOWN, "protocol", "cut short",
             steps=[["send", answer(half, length=len(GOOD_PAGE))], ["close"]])
    on_query("body cut short with a farewell", UNKNOWN, "protocol", "cut short",
             steps=[["send", answer(half, length=len(GOOD_PAGE))], ["end"]])
    on_query("body cut short, chunked", UNKNOWN, "protocol", "cut short",
             steps=[["send", chunked(chunk(half))], ["close"]])
    on_query("body cut short with a farewell, chunked", UNKNOWN, "protocol", "cut short",
             steps=[["send", chunked(chunk(half))], ["end"]])
    # JSON itself tells whether it is whole.
    for name, step in (("without", "close"), ("with", "end")):
        # Without TLS's farewell, libcurl 7.88 takes what came, and 8.14 does not.
        exits, kinds = ((OK, UNKNOWN), (None, "protocol")) if step == "close" else (OK, None)
        on_query(f"no length, closed {name} a farewell", exits, kinds,
                 steps=[["send", head + "\r\n" + GOOD_PAGE], [step]])
        on_query(f"no length, half a body, closed {name} a farewell", UNKNOWN, "protocol",
                 "cut short", steps=[["send", head + "\r\n" + half], [step]])
    on_query("good chunks", OK, None,
             steps=[["send", chunked(chunk(half), chunk(GOOD_PAGE[len(half):]), "0\r\n\r\n")]])
    for name, size in (("rubbish", "zz"), ("negative", "-5"), ("huge", "f" * 20),
                       ("as large as a long", "7" + "f" * 15), ("empty", "")):
        on_query(f"chunk size {name}", UNKNOWN, "protocol",
                 steps=[["send", chunked(f"{size}\r\n{GOOD_PAGE}\r\n0\r\n\r\n")], ["end"]])
    on_query("an endless chunk size", UNKNOWN, "protocol",
             steps=[["send", chunked()], ["endless", "0" * 4096]])
    on_query("endless trailers", UNKNOWN, "protocol", "headers", secs=2,
             steps=[["send", chunked(chunk(GOOD_PAGE), "0\r\n")], ["endless", "A: b\r\n" * 500]])
    on_query("Content-Length negative", UNKNOWN, "protocol",
             steps=[["send", answer(GOOD_PAGE, length=-5)], ["end"]])
    on_query("Content-Length a text", UNKNOWN, "protocol",
             steps=[["send", answer(GOOD_PAGE, length="many")], ["end"]])
    on_query("Content-Length of an exabyte", UNKNOWN, "protocol", "cut short",
             steps=[["send", answer(GOOD_PAGE, length=10**18)], ["end"]])
    on_query("one byte a second", UNKNOWN, "timeout", "--timeout", secs=2,
             steps=[["send", head + "Content-Length: 100\r\n\r\n"], ["drip", "{" * 100, 1]])
    on_query("headers one byte a second", UNKNOWN, "timeout", "--timeout", secs=2,
             steps=[["drip", head, 1]])
    on_query("headers without end, slowly", UNKNOWN, "timeout", "--timeout", secs=2,
             steps=[["send", head], ["endless", "A: b\r\n", 0.1]])
    on_query("headers without end", UNKNOWN, "protocol", "headers",
             steps=[["send", head], ["endless", "A: b\r\n" * 500]])
    on_query("a header line of 1 MB", UNKNOWN, "protocol",
             steps=[["send", head + "X-Long: "], ["send", "a", 1000000], ["send", "\r\n\r\n"]])
    on_query("100,000 headers", UNKNOWN, "protocol", "headers",
             steps=[["send", head], ["send", "X-One: more\r\n", 100000], ["send", "\r\n"]])
    on_query("a status line without end", UNKNOWN, "protocol",
             steps=[["send", "HTTP/1.1 200 "], ["endless", "a" * 4096]])
    on_query("body without end", UNKNOWN, "protocol", "16 MiB",
             steps=[["send", head + "\r\n"], ["endless", "0" * 65536]])
    on_query("chunks without end", UNKNOWN, "protocol", "16 MiB",
             steps=[["send", chunked()], ["endless", chunk(" " * 65536)]])
    on_query("1xx before the answer", OK, None,
             steps=[["send", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
                             "Link: </a>\r\n\r\n" + good]])
    on_query("1xx without end", UNKNOWN, "protocol", "headers",
             steps=[["endless", "HTTP/1.1 100 Continue\r\n\r\n" * 100]])
    on_query("HTTP/0.9", UNKNOWN, "protocol", "not an HTTP answer",
             steps=[["send", GOOD_PAGE], ["end"]])
    on_query("an HTTP/2 preface", UNKNOWN, "protocol", "not an HTTP answer",
             steps=[["send", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"], ["end"]])
    on_query("frames of HTTP/2", UNKNOWN, "protocol", "not an HTTP answer",
             steps=[["send", "\0\0\0\x04\0\0\0\0\0" + "\0\0\x08\x07" + "\0" * 13], ["end"]])
    on_query("status 000", UNKNOWN, "protocol", steps=[["send", answer(GOOD_PAGE, "000 No")]])
    on_query("status abc", UNKNOWN, "protocol",
             steps=[["send", answer(GOOD_PAGE, "abc No")], ["end"]])
    on_query("Content-Type is wrong, JSON is right", OK, None,
             steps=[["send", answer(GOOD_PAGE, headers=["Content-Type: text/html"])]])
    on_query("Content-Encoding: gzip, but rubbish", UNKNOWN, "protocol", "not JSON",
             steps=[["send", answer("\x1f\x8b rubbish", headers=["Content-Encoding: gzip"])]])
    on_query("Content-Encoding: gzip, though not asked for", UNKNOWN, "protocol", "not JSON",
             steps=[["send", answer(gzip.compress(GOOD_PAGE.encode()).decode("latin-1"),
                                    headers=["Content-Encoding: gzip"])]])
    bomb = gzip.compress(b" " * 64 * 1024 * 1024).decode("latin-1")
    on_query("a bomb by Transfer-Encoding: gzip", UNKNOWN, "protocol",
             steps=[["send", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
                     + chunk(bomb) + "0\r\n\r\n"], ["end"]])


def redirect_rows():
    def is_alone(_, record):
        others = [line for line in record["requests"] if " /elsewhere" in line]
        arrived = record.get("other", {"connections": 0})["connections"]
        return f"it was followed: {others}, {arrived} connections" if others or arrived else ""

    def redirect(name, stage, status, location, **more):
        steps = [["send", answer("", status, headers=["Location: " + location])]]
        row(f"redirect {status[:3]} of the {stage} {name}", UNKNOWN, "protocol", status[:3],
            "not followed", part={"secure": True, "stages": {stage: [steps]}}, check=is_alone,
            **more)

    redirect("on the same host", "query", "302 Found", "/elsewhere")
    redirect("to another host", "query", "307 Temporary Redirect",
             "https://localhost:@OTHER@/elsewhere", other={"secure": True})
    redirect("on the same host", "logon", "302 Found", "/elsewhere")
    redirect("to another host", "logon", "307 Temporary Redirect",
             "https://localhost:@OTHER@/elsewhere", other={"secure": True})
    redirect("to http", "query", "301 Moved", "http://127.0.0.1:@OTHER@/elsewhere", other={})
    redirect("to http", "logon", "308 Permanent Redirect", "http://127.0.0.1:@OTHER@/elsewhere",
             other={})
    redirect("to a file", "query", "303 See Other", "file:///etc/passwd")
    redirect("with a Location of 60 KB", "query", "302 Found", "/elsewhere" + "a" * 60000)
    row("redirect 307 of the logoff to another host", OK, None, "logoff failed", check=is_alone,
        other={"secure": True}, part={"secure": True, "stages": {
            "query": [[["send", answer(GOOD_PAGE)]]],
            "logoff": [[["send", answer("", "307 Temporary Redirect", headers=[
                "Location: https://localhost:@OTHER@/elsewhere"])]]]}})
    on_query("a 302 without a Location", UNKNOWN, "protocol", "302",
             steps=[["send", answer("", "302 Found")]])
    on_query("a 200 with a Refresh and a Location", OK, None, check=is_alone, steps=[
        ["send", answer(GOOD_PAGE,
                        headers=["Location: /elsewhere", "Refresh: 0; url=/elsewhere"])]])


def status_rows():
    def replied(name, exit_code, kind, *words, status, path="/api/query", **more):
        reply = {"path": path, "status": status, **more.pop("reply", {})}
        with_em(name, exit_code, kind, *words, replies=[reply], **more)

    html = {"body": "<html><body>busy</body></html>", "headers": {"Content-Type": "text/html"}}
    with_em("all is well, cookies and all", OK, None)
    for status, kind, word in ((400, "protocol", "400"), (403, "forbidden", "role"),
                               (404, "protocol", "9419"), (405, "protocol", "405"),
                               (411, "protocol", "411"), (429, "protocol", "429"),
                               (500, "server", "log"), (501, "server", "501"),
                               (503, "server", "503"), (599, "server", "599")):
        replied(f"{status} to the query", UNKNOWN, kind, word, status=status)
        replied(f"{status} to the logon", UNKNOWN, kind, word, status=status,
                path="/api/sessionMngr")
    replied("503 with HTML", UNKNOWN, "server", "503", status=503, reply=html)
    replied("503, --unreachable-result=warning", WARNING, "server", "503", status=503, reply=html,
            options=["--unreachable-result=warning"])
    # Something else than EM may say so to everything: nothing was found, and nothing was asked.
    for name, path in (("everything", "/"), ("the logon", "/api/sessionMngr"),
                       ("queries", "/api/query")):
        for target in (["--vm=srv-db01"], ["--all"], ["--all", "--exclude-vm=^"],
                       ["--policy=CDP Policy"], ["--vm=srv-db01", "--vm=srv-web01"]):
            for body in ("", "<html>Not Found</html>", {"Message": "no such thing"})[
                    0 if target == ["--all"] else 2:]:
                replied(f"404 to {name} as {json.dumps(body)}, {' '.join(target)}, "
                        "--empty-result=ok", UNKNOWN, "protocol", "404",
                        "is this EM's port? 9419 is another API", status=404, path=path,
                        target=target, reply={"body": body}, options=["--empty-result=ok"])
    replied("404 to an id, --empty-result=ok", OK, "not-found", "404", status=404,
            path="/api/cdpReplicaTaskSessions", target=["--id=" + UUID],
            options=["--empty-result=ok"])
    replied("404 to everything, --id, --empty-result=ok", UNKNOWN, "protocol", "9419", status=404,
            path="/", target=["--id=" + UUID], options=["--empty-result=ok"])
    # The logon is EM's, but what answers the rest is not.
    for body in ("<h1>Not Found</h1>", {"Message": "no such thing", "StatusCode": 404}):
        replied(f"404 to every GET as {json.dumps(body)}, --id, --empty-result=ok", UNKNOWN,
                "protocol", "9419", status=404, path="/", target=["--id=" + UUID],
                reply={"method": "GET", "body": body}, options=["--empty-result=ok"])
    replied("400 with EM's words", UNKNOWN, "protocol", "Node [root] does not exist.", status=400,
            reply={"body": {"Message": "Node [root] does not exist."}})
    replied("500 whose words hold secrets", UNKNOWN, "server", "***", status=500,
            reply={"body": {"Message": f"logon with {PASSWORD} failed"}})
    replied("500 with a Message that is not a text", UNKNOWN, "server", "500", status=500,
            reply={"body": {"Message": [1, {"a": "b"}]}})
    for name, words in (("bytes that are not UTF-8", "a\xff\xfeb"), ("a NUL byte", "a\0b"),
                        ("a lone surrogate", r"a\ud83d b"), ("3 MB", "large " * 500000)):
        on_query(f"500 with {name} in its Message", UNKNOWN, "server", "500", text=True,
                 steps=[["send", answer(f'{{"Message": "{words}"}}', "500 Internal Error")]])
    replied("500 with a body of 19 MB", UNKNOWN, "protocol", "16 MiB", status=500,
            reply={"body": "0123456789abcdef", "repeat": 1200000})
    with_em("a wrong password", UNKNOWN, "logon", "user and password", password=WRONG_PASSWORD)
    with_em("a user who may not log on", UNKNOWN, "forbidden", "role", may={"log_on": False})
    with_em("a user who may not see CDP", UNKNOWN, "forbidden", "role", may={"read_cdp": False})
    with_em("401, an expired token: one fresh logon", OK, None,
            replies=[{"path": "/api/query", "nth": 1, "status": 401}])
    with_em("a token that expires: one fresh logon", OK, None, em_options=["--idle-timeout=1"],
            replies=[{"path": "/api/query", "nth": 1, "delay": 1.5}])
    replied("401 always", UNKNOWN, "logon", "fresh logon", status=401)
    replied("401 to the logon", UNKNOWN, "logon", "user and password", status=401,
            path="/api/sessionMngr")
    with_em("411 where Content-Length is missing", OK, None,
            em_options=["--require-content-length"])
    replied("HTML with 200 to the query", UNKNOWN, "protocol", "HTML", status=200, reply=html)
    replied("HTML with 200 to the logon", UNKNOWN, "protocol", "X-RestSvcSessionId", status=200,
            reply=html, path="/api/sessionMngr")
    replied("an XML answer", UNKNOWN, "protocol", "XML", status=200,
            reply={"body": '<?xml version="1.0"?><QueryResult/>',
                   "headers": {"Content-Type": "application/xml"}})
    replied("an empty 200", UNKNOWN, "protocol", "empty", status=200)
    replied("204 to the query", UNKNOWN, "protocol", "204", status=204)
    replied("206 to the query", UNKNOWN, "protocol", "206", status=206)
    replied("200,000 open brackets", UNKNOWN, "protocol", "nested too deep", status=200,
            reply={"body": "[", "repeat": 200000})
    replied("200,000 open objects", UNKNOWN, "protocol", "nested too deep", status=200,
            reply={"body": '{"a":', "repeat": 200000})
    with_em("deadline in the logon", UNKNOWN, "timeout", "--timeout", secs=2,
            replies=[{"path": "/api/sessionMngr", "delay": 20}])
    with_em("deadline in the query", UNKNOWN, "timeout", "--timeout", secs=2,
            replies=[{"path": "/api/query", "delay": 20}])
    with_em("deadline in the body", UNKNOWN, "timeout", "--timeout", secs=2,
            replies=[{"path": "/api/query", "status": 200, "body": "{", "truncate": 9,
                      "stall": 20}])
    with_em("deadline in the logoff", OK, None, "logoff failed", secs=2, left=1,
            replies=[{"method": "DELETE", "delay": 20}])
    with_em("closed without an answer to the logoff", OK, None, "logoff failed", left=1,
            replies=[{"method": "DELETE", "drop": True}])
    with_em("a filter on State is refused", OK, None,
            replies=[{"path": "/api/query?type=CdpReplicaTaskSession&format=Entities&filter="
                              "VmDisplayName%3D%3D%22srv-db01%22%3B", "status": 400}])
    with_em("another session than asked", UNKNOWN, "protocol", "is not the task session",
            target=["--id=" + UUID],
            replies=[{"path": "/api/cdpReplicaTaskSessions", "status": 200,
                      "body": session(UID="urn:veeam:CdpReplicaTaskSession:" + UUID[::-1])}])
    with_em("an entity of another type", UNKNOWN, "protocol", "is not a CDP task session",
            target=["--id=" + UUID],
            replies=[{"path": "/api/cdpReplicaTaskSessions", "status": 200,
                      "body": session(UID="urn:veeam:BackupTaskSession:" + UUID)}])
    with_em("sessions of another VM than asked", UNKNOWN, "not-found", "no CDP task session",
            replies=[{"path": "/api/query", "status": 200,
                      "body": page(session(VmDisplayName="srv-web01"))}])


def logon_rows():
    def granted(token=TOKEN, body="", status="201 Created", kind="application/json"):
        return answer(body, status,
                      headers=["Content-Type: " + kind, "X-RestSvcSessionId: " + token])

    xml = f"<LogonSession><SessionId>{SESSION_ID}</SessionId></LogonSession>"
    on_logon("201 without a body", OK, None, absent="logoff failed", steps=[["send", granted()]])
    on_logon("200 instead of 201", OK, None, absent="logoff failed",
             steps=[["send", granted(status="200 OK")]])
    on_logon("201 with an XML body", OK, None, absent="logoff failed",
             steps=[["send", granted(body=xml, kind="application/xml")]])
    on_logon("201 without SessionId", OK, None, absent="logoff failed",
             steps=[["send", granted(body='{"UserName": "monitor"}')]])
    on_logon("a SessionId that is no id", OK, None, absent="logoff failed",
             steps=[["send", granted(body='{"SessionId": "../../jobs/1?action=stop"}')]])
    on_logon("a SessionId that is a number", OK, None, absent="logoff failed",
             steps=[["send", granted(body='{"SessionId": 5}')]])
    # Without an id there is nothing to log off by.
    on_logon("a token of no known form, no SessionId", OK, None, "logoff failed", left=1,
             steps=[["send", granted("ZGVjMGRlNWUt~not~base64~at~all")]])
    on_logon("no token", UNKNOWN, "protocol", "X-RestSvcSessionId",
             steps=[["send", answer('{"UserName": "monitor"}', "201 Created")]])
    on_logon("an empty token", UNKNOWN, "protocol", "X-RestSvcSessionId", left=1,
             steps=[["send", granted("")]])
    on_logon("a token of 5 KB", UNKNOWN, "protocol", "token", left=1,
             steps=[["send", granted("ZGVjMGRlNWUt" + "A" * 5000)]])
    on_logon("a token with control characters", UNKNOWN, "protocol", left=1,
             steps=[["send", granted("ZGVjMGRlNWUt\x01\x1b[31mdef")]])
    on_logon("a token with a bare CR and a header behind", UNKNOWN, "protocol", left=1,
             steps=[["send", granted("ZGVjMGRlNWUt\rX-Evil: 1")]])
    on_logon("two tokens: the last counts", OK, None, absent="logoff failed",
             steps=[["send", answer("", "201 Created", headers=[
                 "X-RestSvcSessionId: ZGVjMGRlNWUtc3RyYXk=", "X-RestSvcSessionId: " + TOKEN])]])
    on_logon("cut short after the token: still logged off", UNKNOWN, "protocol", "cut short",
             steps=[["send", granted(body="{").replace("Content-Length: 1", "Content-Length: 99")],
                    ["end"]])
    on_logon("401 with a token", UNKNOWN, "logon", "user and password",
             steps=[["send", granted(status="401 Unauthorized")]])
    on_logon("one byte a second: still logged off", UNKNOWN, "timeout", "--timeout", secs=2,
             steps=[["send", granted(body="{").replace("Content-Length: 1", "Content-Length: 99")],
                    ["drip", " " * 99, 1]])
    on_logon("headers without end", UNKNOWN, "protocol", "headers",
             steps=[["send", "HTTP/1.1 201 Created\r\n"], ["endless", "A: b\r\n" * 500]])
    on_logon("a body without end: still logged off", UNKNOWN, "protocol", "16 MiB",
             steps=[["send", granted().replace("Content-Length: 0\r\n", "")],
                    ["endless", "0" * 65536]])
    on_logon("200,000 open brackets: still logged off", OK, None, absent="logoff failed",
             steps=[["send", granted(body="[" * 200000)]])
    on_logon("a SessionId given twice", OK, None, absent="logoff failed",
             steps=[["send", granted(body=f'{{"SessionId": "{SESSION_ID}", "SessionId": 5}}')]])
    on_logon("deadline in its body: still logged off", UNKNOWN, "timeout", "--timeout", secs=2,
             steps=[["send", granted(body="{").replace("Content-Length: 1", "Content-Length: 99")],
                    ["hang"]])
    good_query = [[["send", answer(GOOD_PAGE)]]]
    row("logoff: hangs", OK, None, "logoff failed", secs=2,
        part={"secure": True, "stages": {"query": good_query, "logoff": [[["hang"]]]}})
    row("logoff: 500", OK, None, "logoff failed",
        part={"secure": True, "stages": {"query": good_query,
                                      "logoff": [[["send", answer("", "500 No")]]]}})
    row("logoff: endless body", OK, None, "logoff failed",
        part={"secure": True, "stages": {"query": good_query, "logoff": [
            [["send", "HTTP/1.1 200 OK\r\n\r\n"], ["endless", "0" * 65536]]]}})


def document_rows():
    for name, body, *words in (
            ("a top-level array", "[]"), ("a bare string", '"text"'), ("a number", "5"),
            ("null", "null"), ("true", "true"), ("an empty object", "{}"),
            ("truncated JSON", GOOD_PAGE[:-9], "not JSON"),
            ("trailing rubbish", GOOD_PAGE + " x", "not JSON"),
            ("two documents", GOOD_PAGE + GOOD_PAGE, "not JSON"),
            ("white space", " \r\n ", "empty"),
            ("Entities a number", '{"Entities": 5}'), ("Entities an array", '{"Entities": []}'),
            ("a list of numbers", page(5, 6)), ("a list of arrays", page([], [])),
            ("a list of null", page(None)),
            ("a raw NUL byte", GOOD_PAGE.replace("srv-db01@", "srv\0db01@"), "NUL"),
            ("a NUL byte behind it", GOOD_PAGE + "\0", "NUL"),
            ("UTF-16", ("\ufeff" + GOOD_PAGE).encode("utf-16-le").decode("latin-1"), "not JSON"),
            ("CdpReplicaTaskSessions a text", '{"Entities": {"CdpReplicaTaskSessions": "a"}}'),
            ("two lists of sessions", GOOD_PAGE.replace('"CdpReplicaTaskSessions": [',
                                                        '"Others": [], "CdpReplicaTaskSessions": [')),
            ("PagingInfo a number", GOOD_PAGE.replace('"PagingInfo": {', '"PagingInfo": 5, "x": {'),
             "PagesCount"),
            ("NaN for TotalSize", member("TotalSize", "NaN"), "not JSON"),
            ("-Infinity for TotalSize", member("TotalSize", "-Infinity"), "not JSON"),
            ("a broken escape in a name", member("VmDisplayName", r'"srv-db01\u00g0x"'), "not JSON"),
            ("a broken escape in a State", member("State", r'"Completed\u 000x"'), "not JSON")):
        on_query(name, UNKNOWN, "protocol", *words, body=body)
    on_query("a byte order mark", OK, None, body="\xef\xbb\xbf" + GOOD_PAGE)
    for name, count, kind, word in (
            ("missing", None, "protocol", "PagingInfo"),
            ("0", 0, "protocol", "PagesCount is 0"),
            ("1e9", 1e9, "protocol", "PagesCount"), ("negative", -1, "protocol", "PagesCount"),
            ("1e999", "1e999", "protocol", "PagesCount"),
            ("NaN", "NaN", "protocol", "not JSON"), ("1e300", "1e300", "protocol", "PagesCount"),
            ("a text", '"5"', "protocol", "PagesCount"),
            ("an array", "[1]", "protocol", "PagesCount"),
            ("a half", 0.5, "protocol", "PagesCount"), ("a large fraction", 1.5, "protocol", "PagesCount")):
        paging = {"PageNum": 1, "PagesCount": "@@"}
        text = page(ENTITY, paging=paging).replace('"@@"', str(count))
        if count is None:
            text = json.dumps({"Entities": json.loads(GOOD_PAGE)["Entities"]})
        on_query(f"PagesCount {name}", OK if kind is None else UNKNOWN, kind, word, body=text)
    on_query("a million pages, all of them empty", UNKNOWN, "protocol", "is empty",
             body=page(paging={"PagesCount": 1000000}))
    on_query("the same page again and again", UNKNOWN, "timeout", "--timeout", secs=2,
             body=page(session(State="InProgress", EndTimeUTC=None),
                       paging={"PagesCount": 1000000}))


def page_rows():
    def sessions(first, count, hours, result="Success", **members):
        """So many of one VM, the newest first, of which the first began so many hours ago."""
        return [session(UID=f"urn:veeam:CdpReplicaTaskSession:{first + i:08x}{UUID[8:]}",
                        CreationTimeUTC=ago(hours + 8 * i), EndTimeUTC=ago(hours + 8 * i - 7.5),
                        Result=result, **members) for i in range(count)]

    def paging(number, count, *links, size=100):
        links = [{"Rel": rel, "Href": "https://else.where.invalid/api/query?page=9"}
                 for rel in links]
        return {"Links": links, "PageNum": number, "PageSize": size, "PagesCount": count}

    def turns(*bodies):
        return {"secure": True, "stages": {"query": [[["send", answer(body)]] for body in bodies]}}

    policies = json.dumps({"Entities": {"CdpReplicaSessions": {"CdpReplicaSessions": [
        {"UID": ENTITY["PolicySessionUid"], "PolicyName": "CDP Policy"}]}},
        "PagingInfo": paging(1, 1)})
    well = sessions(0, 100, 200)
    failed = sessions(1000, 1, 100, "Failed", Reason="disk full")
    runs = [session(UID="urn:veeam:CdpReplicaTaskSession:" + UUID, State="InProgress",
                    CreationTimeUTC=ago(2), EndTimeUTC=None)]
    unsorted = well[::-1]
    bare = [{**one, "UID": None} for one in unsorted]
    capitals = [{**one, "UID": one["UID"].upper()} for one in well]
    void = page(paging=paging(2, 2))
    null = json.dumps({"Entities": {"CdpReplicaTaskSessions": None}, "PagingInfo": paging(2, 2)})
    no_list = json.dumps({"Entities": {"CdpReplicaTaskSessions": {}}, "PagingInfo": paging(2, 2)})
    for target in ("--vm=srv-db01", "--all", "--policy=CDP Policy"):
        def paged(name, exit_code, kind, *words, bodies, start=well, **more):
            # With --vm an answer in order is not read to its end.
            start = start[::-1] if target.startswith("--vm") else start
            first = more.pop("first", page(*start, paging=paging(1, 2)))
            before = [policies] if target.startswith("--policy") else []
            row(f"pages: {name}, {target.split('=', maxsplit=1)[0]}", exit_code, kind, *words,
                target=[target, "--since=100d"], part=turns(*before, first, *bodies), **more)

        for name, body in (("[]", void), ("null", null), ("no list", no_list)):
            paged("the last one is " + name, UNKNOWN, "protocol", "page 2 of EM's 2 is empty",
                  bodies=[body])
            paged(f"the last one is {name} once", CRITICAL, None, "disk full",
                  bodies=[body, page(*failed, paging=paging(2, 2))])
        paged("the first one lacks some", UNKNOWN, "protocol", "lacks entities: 99 of 100",
              first=page(*unsorted[:99], paging=paging(1, 2)), bodies=[])
        paged("the first one lacks some, once", CRITICAL, None, "disk full",
              first=page(*unsorted[:99], paging=paging(1, 2)),
              bodies=[page(*unsorted, paging=paging(1, 2)), page(*failed, paging=paging(2, 2))])
        paged("the first one has less than the last one", UNKNOWN, "protocol", "missing",
              first=page(*failed, paging={"PagesCount": 2}),
              bodies=[page(*unsorted, paging={"PagesCount": 2}), page(paging={"PagesCount": 2}),
                      page(*failed, paging={"PagesCount": 2})] * 9)
        paged("PagesCount is 1, and there are two", CRITICAL, None, "disk full",
              first=page(*unsorted, paging=paging(1, 1)), bodies=[page(*failed, paging=paging(2, 1))])
        paged("all have a next link", CRITICAL, None, "disk full",
              first=page(*unsorted, paging=paging(1, 2, "Next")), bodies=[
                  page(*failed, paging=paging(2, 2, "Next")), page(paging=paging(3, 2, "Next"))])
        paged("without UIDs, the first one again", UNKNOWN, "protocol", "without a UID on pages 1 and 2",
              first=page(*bare, paging=paging(1, 3)),
              bodies=[page(*bare, paging=paging(2, 3)), page(*failed, paging=paging(3, 3))])
        paged("the first one, whatever is asked", UNKNOWN, "protocol", "page 1 instead of 2",
              bodies=[page(*well, paging=paging(1, 2))])
        paged("the first one again, in capitals", UNKNOWN, "protocol", "missing",
              bodies=[page(*capitals, paging={"PagesCount": 2}),
                      page(*well, paging={"PagesCount": 2})])
        paged("PagesCount shrinks", UNKNOWN, "protocol", "change faster",
              bodies=[page(*failed, paging={"PagesCount": 1 + i % 2}) for i in range(30)])
        for link in ("Next", "next"):
            paged(f"a {link} link, whatever PagesCount says", CRITICAL, None, "disk full",
                  first=page(*unsorted, paging=paging(1, 1, "First", link)),
                  bodies=[page(*failed, paging=paging(2, 2, "First", "Last"))])
        for name, twice in (("twice", well[:2]), ("twice but for its case", capitals[:2])):
            paged("a UID " + name, UNKNOWN, "protocol", "EM gives one UID twice",
                  first=page(*failed, *well[:2], *twice), bodies=[])
    row("pages: sorted within each one only, --vm", CRITICAL, None, "disk full", part=turns(
        page(*well, paging=paging(1, 2)), page(*runs, *failed, paging=paging(1, 1)),
        page(*well, paging=paging(1, 2)), page(*runs, *failed, paging=paging(2, 2))))
    row("pages: the newest one completed, and sorted within each one only, --vm", CRITICAL, None,
        "disk full", part=turns(
            page(*well, paging=paging(1, 2)), page(*failed, paging=paging(1, 1)),
            page(*well, paging=paging(1, 2)), page(*failed, paging=paging(2, 2))))
    row("pages: of one session each, not sorted, --vm", CRITICAL, None, "disk full", part=turns(
        *(page(one, paging=paging(i + 1, 101, size=1)) for i, one in enumerate(unsorted)),
        page(*failed, paging=paging(101, 101, size=1))))
    # Of a VM that hangs, the last completed session is read from before --since.
    hangs = [{**runs[0], "CreationTimeUTC": ago(95)}]
    for target in ("--all", "--policy=CDP Policy"):
        first = ([policies] if target.startswith("--policy") else []) + [page(*hangs)]
        name = target.split("=", maxsplit=1)[0]
        order = [*well[:5], *failed]
        for size in (1, 2):
            count = len(order) // size
            row(f"pages: older ones, {size} each, not sorted, {name}", CRITICAL, None, "disk full",
                target=[target], part=turns(*first, *(
                    page(*order[i * size:i * size + size], paging=paging(i + 1, count, size=size))
                    for i in range(count))))
        row(f"pages: older ones, sorted within each one only, {name}", CRITICAL, None, "disk full",
            target=[target], part=turns(
                *first, page(*well, paging=paging(1, 2)), page(*failed, paging=paging(1, 1)),
                page(*well, paging=paging(1, 2)), page(*failed, paging=paging(2, 2))))


def size_rows():
    def many(count, policy):
        return raw(page(*(session(
            UID=f"urn:veeam:CdpReplicaTaskSession:{i:08d}{UUID[8:]}",
            Links=[{"Name": policy.format(i), "Type": "CdpReplicaSessionReference"}])
                          for i in range(count))))

    on_query("5,000 sessions of one VM", OK, None, body=many(5000, "CDP Policy"), text=True)
    on_query("5,000 sessions under as many policies", OK, None, body=many(5000, "CDP Policy {}"),
             text=True)
    on_query("5,000 running sessions on every page", UNKNOWN, ("timeout", "protocol"),
             body=many(5000, "CDP Policy {}").replace('"Completed"', '"InProgress"').replace(
                 '"PagesCount": 1', '"PagesCount": 1000'))
    on_query("a million empty sessions", UNKNOWN, "protocol",
             body=page("@@").replace('"@@"', ",".join(["{}"] * 1000000)))
    on_query("100,000 empty sessions", UNKNOWN, "not-found",
             body=page("@@").replace('"@@"', ",".join(["{}"] * 100000)))
    on_query("100,000 sessions whose UID is a number", UNKNOWN, "not-found",
             body=page("@@").replace('"@@"', ",".join(['{"UID":5}'] * 100000)))
    long_uid = page(session(UID="u" * 12000000, Name=5, PolicySessionUid=5, Reason=5, TotalSize="5",
                            CreationTimeUTC=5, EndTimeUTC=5, State="InProgress"))
    on_query("a UID of 12 MB and six members of wrong types", OK, None, "was left out",
             body=long_uid)
    on_query("a UID of 12 MB and six members of wrong types, as text", OK, None, "notice: session",
             body=long_uid, text=True)
    # Some versions of cJSON read so long a number as infinite, others as no JSON.
    on_query("a number of 1 MB of digits", (OK, UNKNOWN), (None, "protocol"),
             body=member("TotalSize", "1" * 1000000))
    on_query("15 MB of white space before the document", OK, None, body=" " * 15000000 + GOOD_PAGE)
    on_query("a million members", UNKNOWN, "protocol",
             body="{" + ",".join(f'"k{i}":0' for i in range(1000000)) + "}")
    on_query("a session with 100,000 members", OK, None, body=page(
        {**{f"k{i}": 0 for i in range(100000)}, **ENTITY}))
    on_query("a session with 100,000 links", OK, None,
             body=page(session(Links=[{"Name": "n", "Type": "t"}] * 100000)))


def is_kept(key):
    """The session's State and Result hold, and what was wrong is not in the output as a value."""
    shown = {"TotalSize": "total_size_bytes", "EndTimeUTC": "ended_at", "UID": "uid",
             "CreationTimeUTC": "created_at", "Reason": "reason", "Name": "name",
             "PolicySessionUid": "policy_session_uid"}.get(key)

    def complaint(document, _):
        judged = document["vms"][0]["sessions"][0]
        if (judged["state"], judged["result"]) != ("Completed", "Success"):
            return "State and Result are gone"
        return f"{shown} is {judged[shown]}" if shown and judged[shown] is not None else ""
    return complaint


def is_unknown(document, _):
    return "" if document["vms"][0]["state"] == "UNKNOWN" else "the VM is not UNKNOWN"


def member_rows():
    types = {"number": "5", "bool": "true", "object": '{"a": [1]}',
             "array": '["x", {"b": null}, 7]', "text": '"5"'}
    for key in ("UID", "Name", "VmDisplayName", "PolicySessionUid", "CreationTimeUTC", "EndTimeUTC",
                "Reason", "TotalSize", "Links", "State", "Result"):
        is_size = key == "TotalSize"
        for name in ("text" if is_size else "number", "bool", "object", "array"):
            body = member(key, types[name])
            if key in ("State", "Result"):
                on_query(f"{key} is of type {name}", UNKNOWN, None, f"EM's {key} is not a text",
                         body=body, check=is_unknown)
            else:
                words = () if key == "Links" else (key, "was left out")
                on_query(f"{key} is of type {name}", OK, None, *words, body=body,
                         check=is_kept(key))
        # The VM's name is taken from the session's then; no State has a row of its own.
        if key not in ("State", "Result"):
            on_query(f"{key} is null", OK, None, absent="was left out", body=member(key, "null"),
                     check=is_kept(key))
    on_query("Links of the wrong types within", OK, None, check=is_kept("Links"),
             body=member("Links", '[5, null, [], {"Type": 5, "Name": []}, {"Type": '
                                  '"CdpReplicaSessionReference", "Name": {"a": 1}}]'))
    for name, text in (("negative", "-1"), ("1e300", "1e300"), ("1e999", "1e999")):
        on_query(f"TotalSize {name}", OK, None, "TotalSize", "was left out",
                 body=member("TotalSize", text), check=is_kept("TotalSize"))
    on_query("TotalSize as a text, with --critical-size", UNKNOWN, None, "total size unknown",
             body=member("TotalSize", '"5"'), options=["--critical-size=1"])
    for name, text in (("rubbish", '"yesterday"'), ("of month 13", '"2026-13-01T00:00:00Z"'),
                       ("of a year of 20 digits", '"' + "9" * 20 + '-01-01T00:00:00Z"')):
        on_query(f"EndTimeUTC {name}", OK, None, "EndTimeUTC", "was left out",
                 body=member("EndTimeUTC", text), check=is_kept("EndTimeUTC"))
    on_query("CreationTimeUTC in the year 9999", UNKNOWN, None, "ahead of this clock",
             body=member("CreationTimeUTC", '"9999-12-31T23:59:59Z"'))
    for key in ("State", "Result"):
        on_query(f"{key} is odd", UNKNOWN, None, body=member(key, '"Odd"'), check=is_unknown)
        # What is behind the NUL is part of the text, so it is not the name it starts with.
        good = ENTITY[key]
        for name, escape in (("NUL", r"\u0000"), ("lone surrogate", r"\ud83d")):
            on_query(f"{key} with an escaped {name}", UNKNOWN, None, "\ufffdx", check=is_unknown,
                     body=member(key, f'"{good}{escape}x"'))
    on_query("no State", UNKNOWN, None, "EM's answer has no State", body=member("State", "null"),
             check=is_unknown)
    on_query("no Result", UNKNOWN, None, body=member("Result", "null"), check=is_unknown)
    # As with most readers of JSON it is the first; what must not be is a mixture.
    on_query("a State given twice: the first counts", OK, None, check=is_kept("State"),
             body=GOOD_PAGE.replace('"State": "Completed"',
                                    '"State": "Completed", "State": "InProgress"'))
    on_query("a TotalSize given twice: the first counts", OK, None, '_bytes": 214748364800',
             body=GOOD_PAGE.replace('"TotalSize"', '"TotalSize": 214748364800, "totalSize"'))
    on_query("Entities given twice: the first counts", OK, None, check=is_kept("State"),
             body=GOOD_PAGE[:-1] + ', "Entities": {}}')
    on_query("a Result given twice: the first counts", OK, None, check=is_kept("Result"),
             body=GOOD_PAGE.replace('"Result": "Success"',
                                    '"Result": "Success", "Result": "Failed", "result": "Failed"'))


def text_rows():
    def has_reason(start):
        def complaint(document, _):
            reason = document["vms"][0]["sessions"][0]["reason"] or ""
            return "" if reason.startswith(start) else f"the reason is {reason[:60]!r}"
        return complaint

    large = page(session(Result="Failed", Reason="large " * 500000))
    on_query("a Reason of 3 MB", CRITICAL, None, "Failed", body=large)
    on_query("a Reason of 3 MB, as text", CRITICAL, None, "CRITICAL", "large large", body=large,
             text=True)
    on_query("a Reason of 3 MB of a session that is well", OK, None, text=True,
             body=page(session(Reason="\u00e4\U0001f600" * 250000)))
    on_query("a VM's name of 100 KB under --id", UNKNOWN, None, "more than 1,024", text=True, target=["--id=" + UUID],
             body=json.dumps(session(VmDisplayName="n" * 100000)))
    on_query("bytes that are not UTF-8 in a Reason", CRITICAL, None, check=has_reason("a\ufffd"),
             body=page(session(Result="Failed", Reason="a@@b")).replace("@@", "\xff\xfe\xc0\xaf"))
    on_query("bytes that are not UTF-8 in a Reason, as text", CRITICAL, None, "a\ufffd", text=True,
             body=page(session(Result="Failed", Reason="a@@b")).replace("@@", "\xff\xfe\xc0\xaf"))
    on_query("bytes that are not UTF-8 in a name", OK, None, "srv\ufffd", target=["--id=" + UUID],
             body=json.dumps(session(VmDisplayName="srv@@")).replace("@@", "\xed\xa0\x80\xf5"))
    on_query("bytes that are not UTF-8 in State and Result", UNKNOWN, None, check=is_unknown,
             body=page(session(State="@@", Result="@@")).replace("@@", "\xff"))
    for name, escape in (("NUL", r"\u0000"), ("lone high surrogate", r"\ud83d"),
                         ("lone low surrogate", r"\uDE00")):
        reason = page(session(Result="Failed", Reason="before@@behind")).replace("@@", escape)
        for text in (False, True):
            on_query(f"an escaped {name} in a Reason, {'text' if text else 'JSON'}", CRITICAL, None,
                     "before\ufffdbehind", text=text, body=reason)
    # One name spoils its own VM, and no other.
    link = {"Type": "CdpReplicaSessionReference"}
    for name, members, words in (
            ("1,024 bytes", {"VmDisplayName": "n" * 1024}, None),
            ("1,025 bytes", {"VmDisplayName": "n" * 1025}, "its VM's name has more than 1,024"),
            ("16 KB", {"VmDisplayName": "n" * 16384}, "its VM's name has more than 1,024"),
            ("3 MB of two bytes each", {"VmDisplayName": "\u00e4" * 1500000}, "more than 1,024"),
            ("a NUL", {"VmDisplayName": "srv@0@db"}, "its VM's name has a NUL"),
            ("half a character", {"VmDisplayName": "srv@1@"}, "its VM's name has a NUL or half"),
            ("the other half", {"VmDisplayName": "@2@srv"}, "its VM's name has a NUL or half"),
            ("a policy of 16 KB", {"Links": [{**link, "Name": "p" * 16384}]}, "its policy's name"),
            ("a policy with a NUL", {"Links": [{**link, "Name": "p@0@"}]}, "its policy's name"),
            ("a server with a NUL", {"Links": [{"Type": "BackupServerReference", "Name": "@0@"}]},
             "its backup server's name"),
            # Nor does one time.
            ("which a VM of the year 9999 has", {"CreationTimeUTC": "9999-12-31T23:59:59Z"},
             "ahead of"),
            ("which a VM of the year 1 has", {"CreationTimeUTC": "0001-01-01T00:00:00Z"}, None),
            ("which a VM of 20 digits has", {"CreationTimeUTC": "9" * 20 + "-01-01"}, None)):
        odd = {"UID": "urn:veeam:CdpReplicaTaskSession:" + UUID.replace("2", "3"), **members}
        for state, failed in (("InProgress", False), ("Completed", True)):
            other = session(VmDisplayName="srv-web01", Result="Failed" if failed else "Success")
            document = page(session(**odd, State=state, EndTimeUTC=None), other)
            for mark, escape in (("@0@", r"\u0000"), ("@1@", r"\ud83d"), ("@2@", r"\ude00")):
                document = document.replace(mark, escape)
            on_query(f"a name of {name}, {state}, beside one that is {'failed' if failed else 'well'}",
                     CRITICAL if failed else UNKNOWN if words else OK, None, words or "srv-web01",
                     "srv-web01", target=["--all"], body=document)
    on_query("escapes, bars and lines in a Reason, as text", CRITICAL, None, "red", "a b=1",
             text=True, absent="\x1b",
             body=page(session(Result="Failed",
                               Reason="\x1b[31mred\x07 a|b=1;2\r\n\u202eCDP TASK OK")))
    for shape in (True, False):
        on_query(f"the password in a Reason and a name, {'as text' if shape else 'JSON'}", CRITICAL,
                 None, "***", text=shape, target=["--id=" + UUID],
                 body=json.dumps(session(Result="Failed", Reason="logon with " + PASSWORD,
                                         VmDisplayName=PASSWORD)))
    quoted = PASSWORD + '"\\'
    on_query("a password with a quote, as JSON writes it", CRITICAL, None, "***", text=True,
             options=["-vvv"], target=["--id=" + UUID], password=quoted,
             body=json.dumps(session(Result="Failed", Reason="with " + quoted)))
    on_query("a token in a name is masked in -vvv", CRITICAL, None, "***", text=True,
             options=["-vvv"], body=page(session(Result="Failed", State="Completed", Links=[],
                                                 Name="srv-db01@" + TOKEN)))


def secret_rows():
    """The password in whatever form, and where a cut or a cleaning comes upon it."""
    def escaped(text, special="/+<>&'\"\\"):
        return "".join(f"\\u{ord(c):04X}" if c in special or c > "~" else c for c in text)

    odd = "Tr0ub4dor/a+b'c\"d\u00f6"
    for name, written in (("\\/", json.dumps(odd).strip('"').replace("/", "\\/")),
                          ("\\u002B", escaped(odd)), ("\\u0054", escaped(odd, odd)),
                          ("\\u0026#39;", escaped(html.escape(odd))),
                          ("\\\\u002B", escaped(odd).replace("\\", "\\\\")),
                          ("%2B", urllib.parse.quote_plus(odd))):
        on_query(f"500 that quotes the password with {name}", UNKNOWN, "server", "***", text=True,
                 options=["-vvv"], password=odd, steps=[["send", answer(raw(
                     f'{{"Message": "x", "StackTrace": "at Logon({written})"}}'), "500 Error")]])
        on_query(f"a Reason that quotes the password with {name}", CRITICAL, None, "***", text=True,
                 password=odd, body=raw(page(session(Result="Failed", Reason="@@")).replace(
                     "@@", "with " + written)))
    odd = "Tr0ub4dor|def  ghi\\j,k=l"
    for shape in ("text", "json", "openmetrics", "passive"):
        for where in ("Reason", "State", "VmDisplayName", "Links"):
            name = [{**link, "Name": odd + " " + link["Name"]} for link in ENTITY["Links"]]
            more = {where: name if where == "Links" else "with " + odd + " failed"}
            on_query(f"the password in {where}, {shape}", (CRITICAL, UNKNOWN), None, text=True,
                     absent="r0ub4d", password=odd, options=["--format=" + shape, "-vv"],
                     target=["--id=" + UUID], body=json.dumps(session(**{
                         "Result": "Failed", **more})))
    # A cut at 120, 250 or 1,000 bytes goes through the password; so does one of a fault's text.
    for start in (105, 112, 240, 988):
        for shape in ("text", "openmetrics"):
            on_query(f"the password at byte {start} of a Reason, {shape}", CRITICAL, None,
                     text=True, absent="Tr0", options=["--format=" + shape],
                     body=page(session(Result="Failed", Reason="x" * start + " " + PASSWORD)))
    for start in (105, 115):
        on_query(f"the password at byte {start} of a name", CRITICAL, None, text=True, absent="Tr0",
                 target=["--id=" + UUID], body=json.dumps(
                     session(Result="Failed", VmDisplayName="x" * start + PASSWORD)))
    for start in (170, 190):
        on_query(f"the password at byte {start} of a Message", UNKNOWN, "server", absent="Tr0",
                 steps=[["send", answer(json.dumps({"Message": "x" * start + PASSWORD}),
                                        "500 Error")]])
        on_query(f"the token at byte {start} of a redirect", UNKNOWN, "protocol", absent="ZGVj",
                 steps=[["send", answer("", "302 Found", headers=(
                     f"Location: https://localhost/{'x' * start}{TOKEN}",))]])
    basic = base64.b64encode(f"monitor:{PASSWORD}".encode()).decode()
    for name, written in (("", basic), (" without its end", basic.rstrip("=")),
                          (" as JSON writes it", basic.replace("/", "\\/")),
                          (" as a URL has it", basic.replace("=", "%3D"))):
        on_logon(f"400 that quotes the request's head{name}", UNKNOWN, "protocol", "***",
                 text=True, options=["-vvv"], steps=[["send", answer(
                     f'{{"Message": "bad: Authorization: Basic {written} Accept: x"}}',
                     "400 Bad Request")]])
    for name, written in (("", TOKEN), (", percent-encoded", "%5A" + TOKEN[1:]),
                          (", as its id", SESSION_ID), (", as its id in capitals",
                                                        SESSION_ID.upper())):
        on_query(f"400 that quotes the token{name}", UNKNOWN, "protocol", "TRACE: ***",
                 text=True, options=["-vvv"], absent="5e0b7c9d2f34".upper(),
                 steps=[["send", answer(f"<html>TRACE: {written}</html>", "400 Bad Request")]])
    for name, secret in (("password", PASSWORD), ("token", TOKEN), ("session's id", SESSION_ID)):
        on_query(f"the {name} as a UID, twice", UNKNOWN, "protocol", "EM gives one UID twice", "***",
                 body=page(session(UID="u-" + secret), session(UID="u-" + secret)))
        long = "u" * (80 - len(secret) // 2) + secret  # the cut comes upon it
        for text in (False, True):
            on_query(f"the {name} as a UID that is cut, twice, {'text' if text else 'JSON'}", UNKNOWN,
                     "protocol", "EM gives one UID twice: uuu", text=text, absent=secret[:12],
                     body=page(session(UID=long), session(UID=long)))
        for text in (False, True):
            on_query(f"the {name} as a UID that is cut, of a session with an odd Name, "
                     f"{'text' if text else 'JSON'}", OK, None, "was left out", text=text,
                     absent=secret[:12], body=page(session(UID=long, Name=5)))
        long = "urn:veeam:Job:" + "u" * (66 - len(secret) // 2) + secret
        on_query(f"the {name} as a foreign UID that is cut", UNKNOWN, "protocol", "is not a CDP task session",
                 absent=secret[:12], body=page(session(UID=long)))


# ---- what is asked besides sessions ----

# In a path, whatever EM says: nothing but these is asked for.
ASKED = re.compile(
    r"(POST /api/(sessionMngr/\?v=latest"
    r"|cdpReplicas/[-0-9a-f]{36}/vms/[-0-9a-f]{36}\?action=intervals)|DELETE /api/logonSessions/[-0-9a-f]{36}"
    r"|GET /api/(query\?type=(CdpReplicaTaskSession|CdpPolicy|CdpReplica|SystemSession)&[^/ ]*"
    r"|cdpReplicas/[-0-9a-f]{36}/vms|cdpReplica/vms\?format=Entity"
    r"|systemSessions(\?format=Entity|/[-0-9a-f]{36}(/events|\?format=Entity)))) HTTP/1\.1")
OTHER_UUID = "7a1f0b3c-5d2e-4f60-8a9b-0c1d2e3f4a5b"
HUNG = 5   # seconds of --timeout where all else has to be answered before what hangs
STALE = ("EM's data is ", "check EM's data collection")


def judged_as(**states):
    """The VMs, with those states, and no sign; what EM's texts lead to is looked at, too."""
    wanted = {name.replace("_", "-"): state for name, state in states.items()}

    def complaint(document, record):
        judged = {vm["vm"]: vm["state"] for vm in document["vms"] if not vm["signs"]}
        odd = [line for line in record["requests"] if not ASKED.fullmatch(line)]
        return (f"it asks for {odd[0]}" if odd else
                f"the VMs are {judged}, not {wanted}" if judged != wanted else "")
    return complaint


def running(name="srv-db01", hours=2, **members):
    """Sessions of a VM: one that runs for so long, and the one before it."""
    uid = "urn:veeam:CdpReplicaTaskSession:{:08x}" + UUID[8:]
    number = zlib.crc32(name.encode()) // 2
    return [session(UID=uid.format(number), VmDisplayName=name, State="InProgress",
                    CreationTimeUTC=ago(hours), EndTimeUTC=None),
            session(UID=uid.format(number + 1), VmDisplayName=name, EndTimeUTC=ago(hours),
                    CreationTimeUTC=ago(hours + 8), **members)]


def answered(body, status="200 OK"):
    return [["send", answer(raw(body), status)]]


def listed(kind, *entities):
    """EM's answer to a query, as JSON text."""
    return json.dumps({"Entities": {kind: {kind: entities}}, "PagingInfo": {
        "PageNum": 1, "PageSize": 100, "PagesCount": 1}})


def many_listed(kind, count, entity):
    """One with so many entities, which are JSON texts; @@ is the number of each."""
    return listed(kind, "@").replace(
        '"@"', ",".join(entity.replace("@@", f"{number:06d}") for number in range(count)))


def policy(name="CDP Policy", includes=(), **members):
    return {"Name": name, "UID": "urn:veeam:CdpPolicy:" + OTHER_UUID, "ScheduleEnabled": True,
            "Links": [{"Rel": "Up", "Type": "BackupServerReference",
                       "Name": "vbr01.example.invalid"}],
            "CdpPolicyInfo": {"CdpReplicaPolicyInfo": {"Includes": {
                "ObjectInJobs": list(includes)}}}, **members}


def scheduled(**options):
    return policy(PolicyScheduleOptions={"CdpReplica": options})


def included(name, kind="Vm"):
    return {"HierarchyObjRef": f"urn:VMware:{kind}:1.vm-1", "Name": name, "DisplayName": name}


# With --policy, the ids of its sessions come first.
POLICY_SESSIONS = listed("CdpReplicaSessions", {"UID": ENTITY["PolicySessionUid"],
                                                "PolicyName": "CDP Policy"})


def replica(**members):
    return {"Name": "CDP Policy", "PolicyName": "CDP Policy",
            "UID": "urn:veeam:CdpReplica:" + OTHER_UUID, "BackupServer": "vbr01.example.invalid",
            **members}


def replica_vms(*vms):
    return json.dumps({"CdpReplicaVms": list(vms)})


# VMs whose restore points can be asked for.
POINTED = [{"Name": name, "UID": "urn:veeam:CdpReplicaVm:" + uid}
           for name, uid in (("srv-db01", UUID), ("srv-web01", OTHER_UUID))]


def intervals(*items, points=(), **members):
    """EM's answer about restore points until now."""
    return json.dumps({"StartDate": ago(24), "EndDate": ago(0), "Intervals": list(items),
                       "RestorePoints": list(points), **members})


def run_of_points(hours, until=0.001, **members):
    return {"StartDate": ago(hours), "EndDate": ago(until), "Rpo": 15,
            "IntervalType": "RestoreAvailable", **members}


def collection(hours, state="CompletedSuccessfully", **members):
    """A data collection that ended so long ago."""
    number = int(abs(hours) * 3600)
    return {"UID": f"urn:veeam:SystemSession:00000000-0000-4000-8000-{number:012d}",
            "SessionType": "CollectJob", "State": state, "CreationTimeUTC": ago(hours + 0.01),
            "EndTimeUTC": ago(hours), **members}


def collections(*hours):
    return listed("SystemSessions", *map(collection, hours))


def events(*messages):
    return json.dumps({"Events": [{"Message": message, "Order": number}
                                  for number, message in enumerate(messages)]})


def troubled(*hours, **members):
    """The newest data collection had trouble, and what ended so long ago had none."""
    return listed("SystemSessions", collection(0.03, "CompletedWarning", **members),
                  *map(collection, hours or (0.2, 0.45, 0.7)))


# What leads to these stages, when it is played.
STAGES_BEFORE = {"replica_vms": lambda: {"replicas": [answered(listed("CdpReplicas", replica()))]},
                 "intervals": lambda: {"replicas": [answered(listed("CdpReplicas", replica()))],
                                       "replica_vms": [answered(replica_vms(*POINTED))]},
                 "events": lambda: {"collections": [answered(troubled())]}}
SAMPLED = {"collections": 0, "replicas": 1, "replica_vms": 0, "events": 2}
STAGES_BEHIND = {"collections": ["system_sessions"], "replicas": ["all_replica_vms"],
                 "replica_vms": ["all_replica_vms"]}


def on_topic(stage, name, exit_code, *words, steps=None, body=None, sessions=None, stages=None,
             **more):
    """A site whose VM is well. A row has its own stages, or its steps or body for that one."""
    def part():
        """Made when it is played: some are large."""
        own = steps if steps is not None else answered(body() if callable(body) else body)
        return {"secure": True, "stages": {
            "query": [answered(page(*(running() if sessions is None else sessions)))],
            **STAGES_BEFORE.get(stage, dict)(),
            **{each: [own] for each in [stage, *STAGES_BEHIND.get(stage, ())]}, **(stages or {})}}
    shape = {} if more.get("text") or "check" in more or exit_code else {
        "check": judged_as(srv_db01="OK")}
    row(f"{stage}: {name}", exit_code, None, *words, target=more.pop("target", ["--all"]), part=part,
        **shape, **more)


def topic_fault_rows():
    """What is wrong with an answer leaves the sessions' verdict as it is; a notice says so."""
    refused, failed = "not told to this user: ", "not known in this run: "
    own = {"policies": "policies", "replicas": "replicas", "replica_vms": "replicas",
           "collections": "data collection", "events": ""}
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    error = '{"Message": "Logon with %s: no"}' % PASSWORD
    faults = [
        ("400", refused, answered(error, "400 Bad"), {}),
        ("403", refused, answered(error, "403 Forbidden"), {}),
        ("404", refused, answered("<h1>Not Found</h1>", "404 Not Found"), {}),
        ("405", failed, answered(error, "405 Not Allowed"), {}),
        ("401, always", failed, answered(error, "401 Unauthorized"), {"left": None}),
        ("500", failed, answered(error, "500 Error"), {}),
        ("503", failed, answered("<html>busy</html>", "503 Busy"), {}),
        ("302", failed, [["send", answer("", "302 Found", headers=["Location: /elsewhere"])]], {}),
        ("hangs", failed, [["hang"]], {"secs": HUNG}),
        ("closed without an answer", failed, [["close"]], {}),
        ("reset", failed, [["send", head], ["reset"]], {}),
        ("cut short", failed, [["send", answer('{"Entities":', length=999)], ["end"]], {}),
        ("20 MB", failed, [["send", head + "Content-Length: 20000000\r\n\r\n"],
                           ["send", " " * 1000, 20000]], {}),
        ("not JSON", failed, answered('{"Entities": {"CdpPolicies": '), {}),
        ("HTML", failed, answered("<html>no</html>"), {}), ("empty", failed, answered(""), {}),
        ("200,000 open brackets", failed, answered('{"Entities":' + "[" * 200000), {}),
        ("a number", failed, answered("5"), {}), ("null", failed, answered("null"), {}),
        ("an object", failed, answered("{}"), {}),
        ("Entities a number", failed, answered('{"Entities": 5, "PagingInfo": {}}'), {}),
        ("items of other types", failed, answered(
            '{"CdpReplicaVms": 5, "SystemSessions": "5", "Events": 5, "Entities": {"X": 5}}'), {})]
    bad = [*running("srv-web01", Result="Failed", Reason="disk full"), *running()]
    for place, stage in enumerate(own):
        for number, (name, word, steps, more) in enumerate(faults):
            # The way from an answer to a fault is one for all; so all but the first have a third.
            if (stage in SAMPLED and number % 3 != SAMPLED[stage]) or (name == "20 MB" and place > 0):
                continue
            more = dict(more)
            sick = (number + place) % 3 == 0
            # A fresh logon that is refused as well has no session to be logged off.
            if more.pop("left", 0) is None:
                more["check"] = lambda *_: ""
            elif sick:
                more["check"] = judged_as(srv_db01="OK", srv_web01="CRITICAL")
            on_topic(stage, name + (", beside a VM that failed" if sick else ""),
                     CRITICAL if sick else OK, *([own[stage]] if own[stage] else []),
                     *([word] if own[stage] else []), steps=steps,
                     sessions=bad if sick else running(), **more)
    for target in (["--vm=srv-db01"], ["--policy=CDP Policy"]):
        for name, steps, secs in (("403", answered(error, "403 No"), LONG),
                                  ("500", answered(error, "500 No"), LONG),
                                  ("hangs", [["hang"]], HUNG), ("closed", [["close"]], LONG)):
            first = [answered(POLICY_SESSIONS)] if "policy" in target[0] else []
            on_topic("all topics", f"{name}, {target[0][:8]}", OK, refused if "403" in name else failed,
                     "data collection", target=target, secs=secs, steps=steps, check=lambda *_: "",
                     stages={"query": [*first, answered(page(*running()))],
                             **{each: [steps] for each in own}, "system_sessions": [steps]})
    idle = [session(EndTimeUTC=ago(5), CreationTimeUTC=ago(9))]
    for name, steps, secs in (("403", answered(error, "403 No"), LONG), ("hangs", [["hang"]], HUNG)):
        on_topic("policies", f"{name}, and the VM is idle, --vm", WARNING, "idle", "policies",
                 secs=secs, target=["--vm=srv-db01"], steps=steps, sessions=idle)
        # To refuse is an answer; a failure leaves nobody who watches EM's data age.
        on_topic("collections", f"{name}, --em", OK if name == "403" else WARNING,
                 "data collection" if name == "403" else "could not be read", secs=secs,
                 target=["--em"], steps=steps, check=lambda *_: "")
        on_topic("collections", f"{name}, with a threshold", UNKNOWN, "unknown, so", secs=secs,
                 options=["--critical-data-age=1h"], steps=steps)


def policy_rows():
    runs = running(hours=60)
    for name, hours in (("1e300", "1e300"), ("1e999", "1e999"), ("negative", "-5"), ("0", "0"),
                        ("an array", "[8]"), ("1e300 in a text", '"1e300"')):
        on_topic("policies", f"LongTermRetentionHours is {name}: overdue still", WARNING, "overdue",
                 sessions=runs, body=listed("CdpPolicies", scheduled(
                     LongTermRetentionHours="@@", RecoveryPointObjectiveMinutes="@@")).replace(
                         '"@@"', hours))
    days = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
    idle = [session(EndTimeUTC=ago(200), CreationTimeUTC=ago(230))]
    never = [{"Name": day, "Value": ",".join("0" * 24)} for day in days]
    for number, (name, periods) in enumerate((
            ("10,000 days", [{"Name": "Monday", "Value": ",".join("0" * 24)}] * 10000),
            ("a day of 1 MB", [{"Name": "Monday", "Value": ",".join("0" * 500000)}]),
            ("a day that is none", [{"Name": "Someday", "Value": "0,0"}]),
            ("a day of other digits", [{"Name": "Monday", "Value": "9,\u0660,-1,1e9"}]),
            ("numbers", [0] * 168), ("a text", "0,0,0,0"))):
        # Both are read alike; each makes another sign later.
        key, sign, seen = (("LongTermRetentionSchedule", "overdue", runs) if number % 2 == 0 else
                           ("RPOSchedule", "idle", idle))
        on_topic("policies", f"{key} of {name}: {sign} still", WARNING, sign, sessions=seen,
                 options=["--since=30d"], body=listed("CdpPolicies", scheduled(**{key: {
                     "Enabled": True, "TimePeriods": {"Days": periods}}})))
    on_topic("policies", "RPOSchedule never allows: idle after a week still", WARNING, "idle",
             options=["--since=30d"], sessions=idle, body=listed("CdpPolicies", scheduled(RPOSchedule={
                 "Enabled": True, "TimePeriods": {"Days": never}})))
    for name, enabled in (("an array", [True]), ("rubbish", "perhaps")):
        on_topic("policies", f"ScheduleEnabled is {name}: idle still", WARNING, "idle for",
                 sessions=[session(EndTimeUTC=ago(5), CreationTimeUTC=ago(9))],
                 body=listed("CdpPolicies", policy(ScheduleEnabled=enabled)))
    on_topic("policies", "one name twice, enabled and disabled: not OK", WARNING,
             sessions=[session(EndTimeUTC=ago(5), CreationTimeUTC=ago(9))],
             body=listed("CdpPolicies", policy(), policy(ScheduleEnabled=False, UID="u-2")))
    on_topic("policies", "one UID twice", OK, "not known in this run: policies", "one UID twice",
             body=listed("CdpPolicies", policy(), policy()))
    on_topic("policies", "100,000 of them", OK, text=True, secs=3 * LONG, body=lambda: many_listed(
        "CdpPolicies", 100000, '{"Name":"p@@","UID":"u@@","ScheduleEnabled":false}'))
    on_topic("policies", "2,000 of them, JSON", OK, "p001999", body=lambda: many_listed(
        "CdpPolicies", 2000, '{"Name":"p@@","UID":"u@@"}'))
    on_topic("policies", "100,000 of another name, --policy", OK, target=["--policy=CDP Policy"],
             stages={"query": [answered(POLICY_SESSIONS), answered(page(*running()))]},
             check=lambda *_: "",
             body=lambda: many_listed("CdpPolicies", 100000, '{"Name":"p@@","UID":"u@@"}'))
    on_topic("policies", "100,000 without a name", OK, "left out: 100000 CDP policies",
             body=lambda: many_listed("CdpPolicies", 100000, "{}"))
    on_topic("policies", "the same page again and again", OK, "not known in this run: policies", secs=HUNG,
             body=listed("CdpPolicies", policy()).replace('"PagesCount": 1', '"PagesCount": 1000000'))
    for count, shape in ((20000, True), (1000, False)):
        on_topic("policies", f"{count:,} VMs that none knows, {'text' if shape else 'JSON'}", WARNING,
                 "uncovered", text=shape, secs=3 * LONG,
                 body=lambda count=count: listed("CdpPolicies", policy(includes="@")).replace(
                     '"@"', ",".join(f'{{"HierarchyObjRef":"urn:VMware:Vm:1","Name":"{name}"}}'
                                     for name in ["srv-db01", *(f"vm{i:06d}" for i in range(count))])))
    odd = [included("srv-x" + name) for name in
           ("n" * 16384, "@0@", "@1@", "\x1b[31m\u202e\r\nCDP TASK OK|a=1;;")]
    for shape in (True, False):
        on_topic("policies", f"odd names of VMs, {'text' if shape else 'JSON'}", WARNING, "uncovered",
                 "[31m", text=shape, absent="\x1b",
                 body=listed("CdpPolicies", policy("P\x07\n|\u202e", odd)).replace(
                     "@0@", r"\u0000").replace("@1@", r"\ud83d"))
    # Links are there to be followed by nobody.
    links = [{"Rel": rel, "Type": kind, "Href": href} for rel, kind, href in (
        ("Disable", None, f"https://localhost/api/cdpPolicies/{OTHER_UUID}?action=disable"),
        ("Down", "CdpReplicaReferenceList", "https://else.where.invalid/api/cdpReplicas"),
        ("Next", None, "http://else.where.invalid/api/query?page=2"))]
    on_topic("policies", "links elsewhere", OK, body=listed("CdpPolicies", policy(Links=links)))


def replica_rows():
    base = "https://localhost:9398"
    paths = ["https://else.where.invalid/api/cdpReplicas/{}",
             base + "/api/" + base + "/api/cdpReplicas/{}", "/" + base + "/api/cdpReplicas/{}?format=Entity",
             base + "/api/cdpReplicas/../jobs/{}?action=stop", base + "/api/cdpReplicas/%2e%2e%2fjobs%2f{}",
             base + "/api/cdpReplicas/{}/vms/{}?action=failover",
             base + "/api/cdpReplicas/{}?action=failover&x=/vms",
             base + "/api/cdpReplicas/{}\r\nX-Evil: 1\r\n\r\nPOST /api/x",
             "file:///api/cdpReplicas/{}"]
    hostile = []
    for number, path in enumerate(paths):
        href = path.format(f"{number:08d}{OTHER_UUID[8:]}", UUID)
        hostile.append(replica(UID="urn:veeam:CdpReplica:../" + href, Href=href, Links=[
            {"Rel": "Failover", "Href": href.replace("?format=Entity", "") + "?action=failover"},
            {"Rel": "Down", "Type": "CdpReplicaVmReferenceList", "Href": href + "/vms"}]))
    on_topic("replicas", "Hrefs of other hosts, twice, with dots, lines and actions", OK,
             body=lambda: listed("CdpReplicas", *(one for one in hostile if "jobs" not in one["Href"]
                                                  and "\n" not in one["Href"])),
             stages={"replica_vms": [answered(replica_vms(*({"Name": "srv-db01", **one}
                                                            for one in hostile)))]})
    for one in (one for one in hostile if "jobs" in one["Href"] or "\n" in one["Href"]):
        on_topic("replicas", "an Href without an id: " + one["Href"].split("\r")[0][31:50], OK,
                 "not known in this run: replicas", "without a UID", body=listed("CdpReplicas", one))
    on_topic("replicas", "1,000 of them, and the tenth hangs", OK, "not known in this run: replicas",
             secs=HUNG, stages={"replica_vms": [*[answered(replica_vms())] * 9, [["hang"]]]},
             body=many_listed("CdpReplicas", 1000, '{"UID":"00000000-0000-4000-8000-000000@@"}'))
    on_topic("replicas", "100,001 of them", OK, "not known in this run: replicas", "more than 100000",
             body=lambda: many_listed("CdpReplicas", 100001, '{"UID":"00000000-0000-4000-8000-000000@@"}'))
    on_topic("replicas", "a UID of 1 MB", OK, body=listed("CdpReplicas", replica(UID="u" * 1000000)),
             stages={"replica_vms": [answered(replica_vms())]})
    for count, shape in ((100000, True), (1000, False)):
        on_topic("replica_vms", f"{count:,} that none knows, {'text' if shape else 'JSON'}", WARNING,
                 "uncovered", text=shape, secs=3 * LONG,
                 body=lambda count=count: replica_vms("@", {"Name": "srv-db01"}).replace(
                     '"@"', ",".join(f'{{"Name":"vm{i:06d}"}}' for i in range(count))))
    on_topic("replica_vms", "a million empty ones", OK, "left out: 1000000 VMs", secs=3 * LONG,
             body=lambda: replica_vms("@").replace('"@"', ",".join(["{}"] * 1000000)))
    on_topic("replica_vms", "one page of two", OK, "not the whole list",
             body=json.dumps({"CdpReplicaVms": [], "PagingInfo": {"PagesCount": 2}}))
    on_topic("replica_vms", "the VM 1,000 times", OK,
             body=replica_vms(*[{"Name": "srv-db01", "UID": "u"}] * 1000))
    on_topic("replica_vms", "another one, well where it is moved to no policy", WARNING, "uncovered",
             body=replica_vms({"Name": "srv-db01"}, {"Name": "srv-x", "PolicyName": 5, "UID": []}))


def points_rows():
    """What is wrong with the answer about restore points leaves the verdict on sessions."""
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    error = '{"Message": "Logon with %s: no"}' % PASSWORD
    sick = [*running("srv-web01", Result="Failed", Reason="disk full"), *running()]
    faults = [
        ("400", answered(error, "400 Bad"), LONG), ("403", answered(error, "403 No"), LONG),
        ("404", answered("<h1>Not Found</h1>", "404 Not Found"), LONG),
        ("405", answered(error, "405 Not Allowed"), LONG), ("415", answered(error, "415 No"), LONG),
        ("500", answered(error, "500 Error"), LONG), ("503", answered("busy", "503 Busy"), LONG),
        ("302", [["send", answer("", "302 Found", headers=["Location: /elsewhere"])]], LONG),
        ("hangs", [["hang"]], HUNG), ("closed", [["close"]], LONG),
        ("reset", [["send", head], ["reset"]], LONG),
        ("cut short", [["send", answer('{"EndDate":', length=999)], ["end"]], LONG),
        ("20 MB", [["send", head + "Content-Length: 20000000\r\n\r\n"], ["send", " " * 1000, 20000]], LONG),
        ("HTML", answered("<html>no</html>"), LONG), ("empty", answered(""), LONG),
        ("200,000 open brackets", answered('{"Intervals":' + "[" * 200000), LONG),
        ("a number", answered("5"), LONG), ("null", answered("null"), LONG),
        ("an object", answered("{}"), LONG), ("a list", answered("[]"), LONG),
        ("lists of other types", answered(intervals(Intervals=5, RestorePoints="5")), LONG),
        ("intervals of other types", answered(intervals(5, "5", [], None)), LONG),
        ("another day", answered(intervals(EndDate=ago(24))), LONG),
        ("a day ahead", answered(intervals(EndDate=ago(-24))), LONG),
        ("an interval that ends before it starts", answered(intervals(run_of_points(1, until=2))), LONG),
        ("an interval of the year 9999", answered(intervals(
            run_of_points(1, EndDate="9999-12-31T23:59:59"))), LONG),
        ("100,001 intervals", answered(intervals("@").replace(
            '"@"', ",".join([json.dumps(run_of_points(1))] * 100001))), 3 * LONG)]
    for name, steps, secs in faults:
        on_topic("intervals", name, CRITICAL, "lag unknown of 2 of 2 VMs", steps=steps, secs=secs,
                 target=["--policy=CDP Policy"], options=["--rpo"], sessions=sick, text=True,
                 stages={"query": [answered(POLICY_SESSIONS), answered(page(*sick))]})
    one = {"target": ["--vm=srv-db01"], "options": ["--critical-lag=5m", "--warning-gap=1h"]}
    on_topic("intervals", "a point now", OK, "lag ", text=True, **one,
             body=intervals(run_of_points(24)))
    on_topic("intervals", "none", UNKNOWN, "no short-term restore point in the last 1d", **one,
             body=intervals())
    on_topic("intervals", "Rpo of 1e300", CRITICAL, "lag", **one,
             body=intervals(run_of_points(24, until=1, Rpo="@")).replace('"@"', "1e300"))
    on_topic("intervals", "a type of 1 MB with the password", CRITICAL, "counted as a gap", **one,
             text=True, body=intervals(run_of_points(24, until=2), run_of_points(
                 1, IntervalType=PASSWORD + "x" * 1000000)))


def collection_rows():
    stale = collections(5, 5.25, 5.5)
    on_topic("collections", "old ones", WARNING, *STALE, body=stale)
    dated = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: {}\r\nContent-Length: {}\r\n\r\n{}"
    moment = datetime.datetime.now(datetime.timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT")
    for name, hours in (("in ten years", -87600), ("in two hours", -2)):
        # Neither hides that EM stands still.
        body = collections(hours, 5, 5.25, 5.5)
        for date in (True, False):
            steps = [["send", dated.format(moment, len(body), body)]] if date else answered(body)
            on_topic("collections", f"one {name}{', a Date' if date else ''}", WARNING, *STALE,
                     steps=steps)
    for name, end in (("of the year 9999", "9999-12-31T23:59:59Z"), ("of 20 digits", "9" * 20),
                      ("in a year", ago(-8760))):
        on_topic("collections", f"an end {name}", WARNING, *STALE, body=listed(
            "SystemSessions", collection(0.1, EndTimeUTC=end), *map(collection, (5, 5.25, 5.5))))
    for name, members in (
            ("State is 5", {"State": 5}), ("State is odd", {"State": "CompletedSuccessfully\0"}),
            ("State runs", {"State": "InProgress"}), ("State is Failed", {"State": "Failed"}),
            ("EndTimeUTC is null", {"EndTimeUTC": None}),
            ("EndTimeUTC is of year 1", {"EndTimeUTC": "0001-01-01T00:00:00Z"}),
            ("SessionType is another", {"SessionType": "HistoryCollectJob"}),
            ("SessionType is a number", {"SessionType": 5})):
        one = listed("SystemSessions", collection(0.1, **members), *map(collection, (5, 5.25, 5.5)))
        on_topic("collections", name + ": it is not the newest", WARNING, "EM's data is ", body=one,
                 stages={"system_sessions": [answered(json.dumps({"SystemSessions": [
                     collection(0.1, **members), *map(collection, (5, 5.25, 5.5))]}))]})
    on_topic("collections", "none", WARNING, "no successful data collection",
             stages={"system_sessions": [answered('{"SystemSessions": []}')]}, body=collections())
    on_topic("collections", "one that is 9,000 years old", WARNING, "EM's data is ", body=listed(
        "SystemSessions", *[collection(5 + i, CreationTimeUTC=f"0001-01-0{4 - i}T00:00:00Z",
                                       EndTimeUTC=f"0001-01-0{4 - i}T00:00:01Z") for i in range(3)]))
    on_topic("collections", "the same one 20,001 times", OK, "more than 20000 data collections",
             steps=answered("5"), stages={"system_sessions": [answered(json.dumps(
                 {"SystemSessions": [collection(0.1)] * 20001}))]})
    on_topic("collections", "references without end", OK, "data collection", steps=answered("5"), secs=HUNG,
             stages={"system_sessions": [answered(json.dumps({"Refs": [
                 {"Name": f"Collect Job @2026-01-01 00:00:{i % 60:02d}.1",
                  "UID": f"urn:veeam:SystemSession:00000000-0000-4000-8000-{i:012d}"}
                 for i in range(19000)]})), [["hang"]]]})
    for name, uid in (("with dots", "urn:veeam:SystemSession:../../jobs/1"),
                      ("with a path", OTHER_UUID + "/../../cdpPolicies/1?action=disable")):
        on_topic("collections", f"a UID {name}: its log", OK, body=lambda uid=uid: troubled(
            UID=uid, Href=f"https://else.where.invalid/api/systemSessions/{OTHER_UUID}/../x?action=stop"),
                 stages={"events": [answered(events())]})


def event_rows():
    server = "vbr01.example.invalid"
    begun, done = "Retrieving data from {}...", "Data collection from {} completed successfully."
    on_topic("events", "a million lines", OK, secs=3 * LONG,
             body=lambda: '{"Events":[' + ",".join(["{}"] * 1000000) + "]}")
    on_topic("events", "400,000 lines, the last of one server", OK, '"not_collected": ["vbr01',
             secs=3 * LONG,
             body=lambda: '{"Events":[' + ",".join(['{"Message":1}'] * 400000) + "," + json.dumps(
                 {"Message": begun.format(server)}) + "]}")
    on_topic("events", "100,000 servers", OK, "name backup servers that no policy", text=True, secs=3 * LONG,
             body=lambda: events(*(begun.format(f"s{i}") for i in range(100000))))
    on_topic("events", "a server of 16 KB", OK, body=events(begun.format("s" * 16384)))
    on_topic("events", "odd servers", OK, "name backup servers that no policy", text=True,
             options=["-v"], absent="\x1b", body=events(*map(begun.format, (
                 "a\x1b[31m", "b|c=1", "d\r\nCDP TASK OK", "\u202e"))))
    on_topic("events", "a success without a start", OK, body=events(done.format(server)))
    on_topic("events", "of wrong types", OK, body='{"Events": [5, null, [], {"Message": ["x"]}, '
                                                 '{"Message": {"a": 1}, "Order": "x"}]}')
    # If no log names a server that sessions have, they have it by another name.
    on_topic("events", "a success of another server", OK, body=events(
        *(word.format("vbr01.example.invalid.evil") for word in (begun, done))),
        stages={"collections": [answered(troubled(5, 5.25, 5.5))]})
    on_topic("events", "its success, of a collection in the future", WARNING, "EM's data is ",
             body=events(begun.format(server), done.format(server)),
             stages={"collections": [answered(listed("SystemSessions", collection(
                 -30, "CompletedWarning"), *map(collection, (5, 5.25, 5.5))))]})


def topic_secret_rows():
    """The password, the token and the session's id, wherever EM may say a name."""
    for name, secret in (("password", PASSWORD), ("token", TOKEN), ("session's id", SESSION_ID)):
        shown = f"x {secret} y"
        link = [{"Type": "BackupServerReference", "Name": shown}]
        for shape in ("text", "json", "openmetrics", "passive")[:4 if secret == PASSWORD else 2]:
            more = {"text": True, "absent": secret[:9],
                    "options": ["--format=" + shape, "-v",
                                *(["--passive-host=h"] if shape == "passive" else [])]}
            for place, stage, body, stages in (
                    ("a policy, its server and a folder", "policies", listed("CdpPolicies", policy(
                        shown, [included(shown, "Folder"), included(shown)], Links=link)), {}),
                    ("VMs of replicas", "replicas", listed("CdpReplicas", replica(), replica(
                        UID=UUID, PolicyName=shown, Name=shown, BackupServer=shown)),
                     {"replica_vms": [answered(replica_vms({"Name": shown}, {"Name": "srv-db01"})),
                                      answered(replica_vms({"Name": shown, "PolicyName": shown}))]}),
                    ("a log", "events", events(f"Retrieving data from {shown}..."), {})):
                on_topic(stage, f"the {name} in {place}, {shape}",
                         OK if stage == "events" else WARNING, body=body, stages=stages, **more)
        cut = "F" * 990 + secret
        on_topic("policies", f"the {name} in a folder's name that is cut", OK, "FFF", absent=secret[:9],
                 body=listed("CdpPolicies", policy(includes=[included(cut, "Folder"), included(
                     "G" * 180 + secret, "Tag")])))


# ---- running ----

def make_certificate(folder):
    path = os.path.join(folder, "peer.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", path + ".key", "-out",
         path + ".crt"], check=True, capture_output=True)
    with open(path, "w", encoding="ascii") as both:
        for part in (".key", ".crt"):
            with open(path + part, encoding="ascii") as source:
                both.write(source.read())
    with open(path + ".dh", "w", encoding="ascii") as params:
        params.write(SHORT_DH)
    return path


@functools.cache
def make_rsa_certificate(certificate, bits):
    """Beside the other one; Diffie-Hellman of old needs it."""
    path = f"{certificate}.rsa{bits}"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", f"rsa:{bits}", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-keyout", path, "-out", path + ".crt"], check=True, capture_output=True)
    with open(path + ".crt", encoding="ascii") as public:
        text = public.read()
    with open(path, "a", encoding="ascii") as both:
        both.write(text)
    return path


IDLE = []  # processes of hostile_peer.py that have played: to start one takes longer than most rows


def idle_peer():
    try:
        return IDLE.pop()
    except IndexError:
        return subprocess.Popen([sys.executable, "-I", PEER], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)


def end_peers():
    for process in IDLE:
        process.communicate(timeout=10)


class Peer:
    """A hostile_peer.py that plays one part."""

    def __init__(self, part, certificate):
        part = dict(part)
        part.update(part.pop("stages", {}))
        if part.pop("secure", False):
            part["certificate"] = certificate
        if part.pop("short_dh", False):
            part["certificate"] = make_rsa_certificate(certificate, 2048)
            part["dh_params"] = certificate + ".dh"
        if part.pop("short_key", False):
            part["certificate"] = make_rsa_certificate(certificate, 1024)
        self.process = idle_peer()
        self.port = self.told(json.dumps(part))["port"]

    def told(self, line):
        """What it says to a line."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def record(self):
        seen = self.told("")
        IDLE.append(self.process)
        return seen


class Resolver:
    """A hostile_resolver.py of that manner, in namespaces that the words of `unshare` make."""

    def __init__(self, unshare, manner):
        self.process = subprocess.Popen([*unshare, sys.executable, "-I", RESOLVER, manner],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        if not self.process.stdout.readline():
            raise OSError(self.process.communicate()[1].strip().split("\n")[-1])
        own_user = ["--user", "--preserve-credentials"] if "--map-root-user" in unshare else []
        self.enter = ["nsenter", f"--target={self.process.pid}", *own_user, "--mount", "--net"]

    def record(self):
        told, noise = self.process.communicate(timeout=10)
        return {**json.loads(told), "noise": noise}


@functools.lru_cache
def way_to_unshare():
    """The words that make namespaces here, or none and why not. Root needs no user's namespace."""
    reason = ""
    for words in (["unshare", "--mount", "--net"],
                  ["unshare", "--mount", "--net", "--map-root-user"]):
        try:
            resolver = Resolver(words, "closed")
        except OSError as error:
            reason = str(error)
            continue
        try:
            subprocess.run([*resolver.enter, "true"], check=True, capture_output=True, text=True)
            return words, ""
        except (OSError, subprocess.CalledProcessError) as error:
            reason = getattr(error, "stderr", "").strip() or str(error)
        finally:
            resolver.record()
    return None, "no namespaces here: " + reason


def closed_port():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return closed.getsockname()[1]


def command(chosen, port, certificate, enter):
    secs = str(deadline(chosen)) + chosen.get("state", "")
    server = ["-H", chosen.get("host", "127.0.0.1"), "-p", str(port)]
    if chosen.get("proxy"):
        server = ["-H", "em01.example.invalid", f"--proxy=http://127.0.0.1:{port}"]
    trust = chosen.get("trust", ["--ca-file=" + certificate] if certificate else ["-k"])
    shape = [] if chosen.get("text") else ["--format=json"]
    return [*enter, *WRAPPER, PLUGIN, *server, "-u", "monitor", "-t", secs, *trust, *shape,
            *chosen.get("target", ["--vm=srv-db01"]), *chosen["options"]]


def run_plugin(chosen, port, certificate, enter=()):
    """`enter` is what runs it in namespaces, if any."""
    environment = harness.own_environment(LC_ALL="C",
                                          VEEAM_EM_PASSWORD=chosen.get("password", PASSWORD))
    words = command(chosen, port, certificate, enter)
    start = time.monotonic()
    try:
        done = subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=deadline(chosen) + 20, check=False)
    except subprocess.TimeoutExpired as hung:
        return {"exit": None, "out": hung.stdout or b"", "err": hung.stderr or b"",
                "seconds": time.monotonic() - start}
    return {"exit": done.returncode, "out": done.stdout, "err": done.stderr,
            "seconds": time.monotonic() - start}


def play(chosen, folder, certificate):
    """Runs a row. Returns what the plugin did, and the record of who played the server."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        if "em" in chosen:
            scenario = {**chosen["em"], **({"may": chosen["may"]} if "may" in chosen else {})}
            with harness.Em(own, scenario, *chosen.get("em_options", []), password=PASSWORD) as em:
                done = run_plugin(chosen, em.port, em.certificate)
                return done, {"left": em.counts()["open_sessions"]}
        if "part" in chosen:
            return play_peer(chosen, certificate)
        if "resolver" in chosen:
            resolver = Resolver(way_to_unshare()[0], chosen["resolver"])
            done = run_plugin(chosen, chosen["port"], None, resolver.enter)
            return done, {**resolver.record(), "left": 0}
        port = closed_port() if chosen["port"] == "closed" else chosen["port"]
        return run_plugin(chosen, port, None), {"left": 0}


def play_peer(chosen, certificate):
    part, other = chosen["part"], None
    part = part() if callable(part) else part
    if "other" in chosen:
        other = Peer(chosen["other"], certificate)
        part = json.loads(json.dumps(part).replace("@OTHER@", str(other.port)))
    peer = Peer(part, certificate)
    done = run_plugin(chosen, peer.port, certificate)
    record = peer.record()
    if other is not None:
        record["other"] = other.record()
    record["left"] = record["opened"] - record["closed"]
    return done, record


# ---- judging ----

def kind_of_text(line):
    """The kind of fault in a first line "CDP TASK STATE: kind: …"."""
    found = line.split(": ")
    return found[1] if len(found) > 1 and found[1] in harness.FAULT_KINDS else None


def read_output(chosen, out, complaints):
    """The kind, all words of the output, and its document, which a text has not."""
    try:
        text = out.decode("utf-8")
    except UnicodeDecodeError as error:
        complaints.append(f"the output is not UTF-8: {error}")
        return "?", "", None
    if chosen.get("text"):
        traced = any(word.startswith("-v") for word in chosen["options"])
        if len(out) >= OUTPUT_LIMIT and not traced:
            complaints.append(f"the output has {len(out)} bytes")
        return kind_of_text(text.split("\n", 1)[0]), text, None
    document = harness.read_document(text, complaints)
    if document is None:
        return "?", text, None
    return (document["error"] or {}).get("kind"), json.dumps(document, ensure_ascii=False), document


def judge_manners(record, text, complaints):
    """What no row may see."""
    if record.get("cookies"):
        complaints.append("a cookie was sent")
    if any(secret in text for secret in SECRETS):
        complaints.append("the output has a secret")
    if record.get("questions") == 0:
        complaints.append("the resolver was asked nothing")
    if record.get("noise"):
        complaints.append("hostile_peer.py: " + record["noise"])
    posts = [line for line in record.get("requests", []) if line.startswith("POST")]
    logons = [line for line in posts if "/api/sessionMngr" in line]
    if any(line not in logons and not ASKED.fullmatch(line) for line in posts):
        complaints.append("it POSTs more than the logon and what reads intervals")
    if record.get("credentials", 0) > len(logons):
        complaints.append("the password was sent outside the logon")


def judge(chosen, done, record):
    complaints = []
    kind, text, document = read_output(chosen, done["out"], complaints)
    # A tuple is for what may differ from one version of a library to the next.
    wanted = chosen["kind"] if isinstance(chosen["kind"], tuple) else (chosen["kind"],)
    codes = chosen["exit"] if isinstance(chosen["exit"], tuple) else (chosen["exit"],)
    if done["exit"] not in codes:
        complaints.append(f"exit code {done['exit']}, not {' or '.join(map(str, codes))}")
    if kind not in wanted:
        complaints.append(f"kind {kind}, not {' or '.join(map(str, wanted))}")
    complaints += [f"the output lacks {word!r}" for word in chosen["words"] if word not in text]
    if "absent" in chosen and chosen["absent"] in text:
        complaints.append(f"the output has {chosen['absent']!r}")
    if done["err"]:
        complaints.append("standard error: " + done["err"].decode("utf-8", "replace")[:2000])
    if done["seconds"] > deadline(chosen) + ALLOWANCE + (SLOW_START if SANITIZED else 0):
        complaints.append(f"over its deadline of {deadline(chosen)} s")
    # The second that is kept for the logoff at a deadline does not last longer under a wrapper.
    if record["left"] != chosen["left"] and not (WRAPPER and kind == "timeout"):
        complaints.append(f"{record['left']} logon sessions left, not {chosen['left']}")
    judge_manners(record, text, complaints)
    if "check" in chosen and document is not None and not complaints:
        complaints += filter(None, [chosen["check"](document, record)])
    return kind, complaints


def why_skipped(chosen, certificate):
    """Old TLS can only be played where OpenSSL still speaks it, a resolver only in namespaces."""
    if "resolver" in chosen:
        # libcurl leaves the thread that still asks, rather than wait for it.
        if WRAPPER and chosen["resolver"] == "silent":
            return "under a wrapper, what a thread that is left holds is a leak"
        return way_to_unshare()[1]
    if "tls_version" not in chosen:
        return ""
    peer = Peer(chosen["part"], certificate)
    try:
        context = ssl._create_unverified_context()
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        with socket.create_connection(("127.0.0.1", peer.port), timeout=5) as plain:
            with context.wrap_socket(plain):
                return ""
    except OSError:
        return "OpenSSL here does not serve " + chosen["tls_version"]
    finally:
        peer.record()


def run_row(chosen, folder, certificate):
    skipped = why_skipped(chosen, certificate)
    if skipped:
        return chosen, None, None, {}, [skipped], skipped
    done, record = play(chosen, folder, certificate)
    kind, complaints = judge(chosen, done, record)
    return chosen, done, kind, record, complaints, ""


def show(result, verbose):
    chosen, done, kind, record, complaints, skipped = result
    if skipped:
        print(f"{chosen['name']:<62} {'-':>4} {'-':<12} {'-':>5} {'-':>4} skipped: {skipped}")
        return "skipped"
    verdict = "NOT" if complaints else "ok"
    print(f"{chosen['name']:<62} {done['exit']!s:>4} {kind or '-':<12} {done['seconds']:>5.1f} "
          f"{record['left']:>4} {verdict}")
    for complaint in complaints:
        print("    " + complaint)
    if complaints or verbose:
        shown = done["out"].decode("utf-8", "replace")[:1500].rstrip()
        print("    " + shown.replace("\n", "\n    "))
    return verdict


def main(arguments):
    verbose = "-v" in arguments
    warnings.simplefilter("ignore", DeprecationWarning)  # of TLS 1.0, which is played on purpose
    chosen_names = [argument for argument in arguments if argument != "-v"]
    for add_rows in (connection_rows, handshake_rows, name_rows, trust_rows, proxy_rows, http_rows,
                     redirect_rows, status_rows, logon_rows, document_rows, page_rows, size_rows,
                     member_rows, text_rows, secret_rows, topic_fault_rows, policy_rows,
                     replica_rows, points_rows, collection_rows, event_rows, topic_secret_rows):
        add_rows()
    rows = [row for row in ROWS
            if not chosen_names or any(name in row["name"] for name in chosen_names)]
    every = SHARE * EVERY_WRAPPED if WRAPPER else SHARE * EVERY_SANITIZED if SANITIZED else 1
    if every > 1 and not chosen_names:
        rows = random.sample(rows, len(rows) // every)
        print(f"under a wrapper or with sanitizers, one row of {every}: {len(rows)} of {len(ROWS)}")
    start = time.monotonic()
    verdicts = []
    # Line by line, so that what is seen so far is seen also where the rest hangs.
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    print(f"{'fault':<62} {'exit':>4} {'kind':<12} {'secs':>5} {'left':>4} verdict")
    with harness.folder() as folder:
        certificate = make_certificate(folder)
        with harness.pool(THREADS) as pool:
            running = [pool.submit(run_row, row, folder, certificate) for row in rows]
            verdicts = [show(future.result(), verbose) for future in running]
        end_peers()
    print(f"{len(rows)} rows: {verdicts.count('ok')} ok, {verdicts.count('NOT')} not, "
          f"{verdicts.count('skipped')} skipped, in {time.monotonic() - start:.0f} s"
          + ("" if harness.schema() else "; without python3-jsonschema no schema was looked at"))
    return 0 if rows and "NOT" not in verdicts else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
