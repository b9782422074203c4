#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that misbehaves below what an emulated Enterprise Manager can: on TCP, TLS and HTTP.

It reads a line of JSON from standard input, a part, prints {"port": N} and plays the part on 127.0.0.1
until the next line, which is empty. Then it prints what it has seen, and reads the next part; where
standard input ends, it ends. If the part does not mention a stage, it answers as a well-behaved server
would. README.md has the keys. It knows the bytes of the wire, not what a check should make of them.
"""

import base64
import datetime
import json
import os
import re
import socket
import ssl
import struct
import sys
import threading
import time
import traceback
import warnings

SESSION_ID = "dec0de5e-9c4e-4b7d-8a61-0e5b7c9d2f34"
TOKEN = base64.b64encode(SESSION_ID.encode()).decode()
LOGON_BODY = json.dumps({"UserName": "monitor", "SessionId": SESSION_ID})
GOOD_LOGON = (
    "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
    f"X-RestSvcSessionId: {TOKEN}\r\nSet-Cookie: X-RestSvcSessionId={TOKEN}; Path=/api; \r\n"
    f"Content-Length: {len(LOGON_BODY)}\r\n\r\n{LOGON_BODY}"
)
GOOD_LOGOFF = "HTTP/1.1 204 No Content\r\n\r\n"
LARGEST_HEAD = 64 * 1024
# The stages of GETs by what their targets start with; all others are "query", and the log of a
# system session is "events".
TOPICS = (("/api/query?type=CdpPolicy&", "policies"),
          ("/api/query?type=CdpReplica&", "replicas"),
          ("/api/query?type=SystemSession&", "collections"),
          ("/api/cdpReplicas/", "replica_vms"),
          ("/api/cdpReplica/vms", "all_replica_vms"),
          ("/api/systemSessions", "system_sessions"))


class Ended(Exception):
    """The connection is over."""


class Seen:
    """What came in, for the record at the end."""

    def __init__(self):
        self.lock = threading.Lock()
        self.record = {"connections": 0, "requests": [], "cookies": 0, "credentials": 0,
                       "tokens": 0, "opened": 0, "closed": 0, "noise": ""}
        self.turns = {}

    def add(self, what, count=1):
        with self.lock:
            self.record[what] += count

    def turn(self, stage, turns):
        """The stage's next turn; the last one is played again and again."""
        with self.lock:
            number = self.turns.get(stage, 0)
            self.turns[stage] = number + 1
        return turns[min(number, len(turns) - 1)]


class Connection:
    """One client, and the steps that can be played to it."""

    def __init__(self, plain, context):
        self.socket = plain
        self.context = context
        self.pending = b""

    def start_tls(self):
        try:
            self.socket = self.context.wrap_socket(self.socket, server_side=True)
        except OSError as error:
            raise Ended from error

    def read(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise Ended
        return piece

    def read_head(self):
        while b"\r\n\r\n" not in self.pending and len(self.pending) < LARGEST_HEAD:
            self.pending += self.read()
        head, _, self.pending = self.pending.partition(b"\r\n\r\n")
        head = head.decode("latin-1")
        self.skip_body(int(header_of(head, "Content-Length") or 0))
        return head

    def skip_body(self, length):
        while len(self.pending) < length:
            self.pending += self.read()
        self.pending = self.pending[length:]

    def play(self, steps):
        for name, *arguments in steps:
            getattr(self, "step_" + name)(*arguments)

    def step_send(self, text, times=1):
        self.socket.sendall(text.encode("latin-1") * times)

    def step_endless(self, text, pause=0):
        piece = text.encode("latin-1")
        while True:
            self.socket.sendall(piece)
            time.sleep(pause)

    def step_drip(self, text, pause):
        for byte in text:
            self.step_send(byte)
            time.sleep(pause)

    def step_read(self):
        self.read()

    def step_hang(self):
        """Until the client has gone; what it still says is swallowed."""
        while True:
            self.read()

    def step_close(self):
        """Without TLS's farewell."""
        raise Ended

    def step_end(self):
        """With TLS's farewell."""
        if isinstance(self.socket, ssl.SSLSocket):
            self.socket.settimeout(2)
            self.socket = self.socket.unwrap()
        raise Ended

    def step_reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Ended

    def step_hello(self, share):
        """Reads the ClientHello and sends that share of what belongs after it."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        machine = self.context.wrap_bio(incoming, outgoing, server_side=True)
        incoming.write(self.read())
        try:
            machine.do_handshake()
        except ssl.SSLWantReadError:
            pass
        flight = outgoing.read()
        self.socket.sendall(flight[:int(len(flight) * share)])


    def step_handshake(self):
        """As the certificate, "verify" and "dh_params" have it, up to what is said at its end."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        machine = self.context.wrap_bio(incoming, outgoing, server_side=True)
        done = False
        while not done:
            try:
                machine.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                self.socket.sendall(outgoing.read())
                incoming.write(self.read())
            except ssl.SSLError:
                done = True
        self.socket.sendall(outgoing.read())


def make_context(part):
    if "certificate" not in part:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # a short key is served, too
    context.load_cert_chain(part["certificate"])
    if "tls_version" in part:
        warnings.simplefilter("ignore", DeprecationWarning)
        version = ssl.TLSVersion[part["tls_version"]]
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
    if part.get("verify"):
        context.verify_mode = ssl.CERT_REQUIRED
    if "dh_params" in part:
        context.set_ciphers("DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0")
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_dh_params(part["dh_params"])
    return context


def header_of(head, name):
    found = re.search(rf"^{name}:[ \t]*(.*)$", head, re.IGNORECASE | re.MULTILINE)
    return found.group(1).strip() if found else None


def note_request(seen, head):
    line = head.split("\r\n", 1)[0]
    token = header_of(head, "X-RestSvcSessionId")
    with seen.lock:
        seen.record["requests"].append(line)
    seen.add("cookies", header_of(head, "Cookie") is not None)
    seen.add("credentials", header_of(head, "Authorization") is not None)
    seen.add("tokens", token is not None)
    if re.match("DELETE (http://[^/]*)?/api/logonSessions/", line) and token:
        seen.add("closed")
    return line


def stage_of(line):
    method, target, *_ = [*line.split(" "), ""]
    stages = {"POST": "logon", "DELETE": "logoff", "CONNECT": "connect"}
    if method == "POST" and target.endswith("?action=intervals"):
        return "intervals"
    if method != "GET":
        return stages.get(method, "query")
    target = re.sub("^http://[^/]*", "", target)
    if target.startswith("/api/systemSessions/") and target.endswith("/events"):
        return "events"
    return next((stage for start, stage in TOPICS if target.startswith(start)), "query")


def listed(kind, entities):
    """EM's whole answer to a query."""
    body = json.dumps({"Entities": {kind: {kind: entities}},
                       "PagingInfo": {"PageNum": 1, "PageSize": 100, "PagesCount": 1}})
    return ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}")


def collected(minutes):
    """A data collection that ended so long ago."""
    ended = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes)
    created = ended - datetime.timedelta(seconds=20)
    return {"UID": f"urn:veeam:SystemSession:00000000-0000-4000-8000-{minutes:012d}",
            "SessionType": "CollectJob", "State": "CompletedSuccessfully",
            "CreationTimeUTC": created.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "EndTimeUTC": ended.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}


def good_answer(stage):
    """What an EM says whose only policy includes a folder, and which collected data just now."""
    server = {"Rel": "Up", "Type": "BackupServerReference", "Name": "vbr01.example.invalid"}
    policy = {"Name": "CDP Policy", "UID": "urn:veeam:CdpPolicy:" + SESSION_ID[::-1],
              "ScheduleEnabled": True, "Links": [server], "CdpPolicyInfo": {
                  "CdpReplicaPolicyInfo": {"Includes": {"ObjectInJobs": [
                      {"HierarchyObjRef": "urn:VMware:Folder:1.2", "Name": "Prod"}]}}}}
    answers = {"logon": lambda: GOOD_LOGON, "logoff": lambda: GOOD_LOGOFF,
               "policies": lambda: listed("CdpPolicies", [policy]),
               "replicas": lambda: listed("CdpReplicas", []),
               "collections": lambda: listed("SystemSessions", [
                   collected(minutes) for minutes in (2, 17, 32, 47)])}
    return answers.get(stage, lambda: "HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n")()


def steps_for(seen, part, stage):
    steps = seen.turn(stage, part[stage]) if stage in part else [["send", good_answer(stage)]]
    if stage == "logon" and any("X-RestSvcSessionId:" in str(step) for step in steps):
        seen.add("opened")
    return steps


def serve(seen, part, context, plain):
    connection = Connection(plain, context)
    seen.add("connections")
    try:
        if "tcp" in part:
            connection.play(seen.turn("tcp", part["tcp"]))
        if context is not None and not part.get("plain"):
            connection.start_tls()
        if "tls" in part:
            connection.play(seen.turn("tls", part["tls"]))
        while True:
            line = note_request(seen, connection.read_head())
            connection.play(steps_for(seen, part, stage_of(line)))
    except (Ended, OSError):
        pass
    except Exception:  # pylint: disable=broad-exception-caught # whoever reads the record complains
        seen.add("noise", traceback.format_exc())
    finally:
        connection.socket.close()


def accept_all(seen, part, context, listener):
    """Until the listener is shut down."""
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=serve, args=(seen, part, context, plain), daemon=True).start()


def fill_backlog(listener):
    """From now on a client's SYN is dropped. The sockets must live on."""
    fillers = []
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
        fillers.append(filler)
    time.sleep(0.05)
    return fillers


def say(document):
    print(json.dumps(document), flush=True)


def play(part):
    """Until the line that ends it. A thread whose client has gone ends by itself."""
    seen = Seen()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0 if part.get("full") else 64)
        fillers = fill_backlog(listener) if part.get("full") else []
        context = make_context(part)
        if not fillers:
            threading.Thread(target=accept_all, args=(seen, part, context, listener),
                             daemon=True).start()
        say({"port": listener.getsockname()[1]})
        sys.stdin.readline()
        listener.shutdown(socket.SHUT_RDWR)  # close would leave accept waiting
        for filler in fillers:
            filler.close()
    with seen.lock:
        say(seen.record)


def main():
    for line in iter(sys.stdin.readline, ""):
        play(json.loads(line))
    os._exit(0)  # threads may still be waiting for their clients


main()
