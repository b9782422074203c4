#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A name server that misbehaves, in namespaces of its own.

unshare --mount --net starts it, so that port 53 of 127.0.0.1 and /etc/resolv.conf are its own and
no one else notices. Its argument is its manner, a key of MANNERS. It prints a line once it serves;
what is then run in its namespaces (nsenter) has this resolver and no other network. When
standard input ends, it prints {"questions": N}.
"""

import ctypes
import fcntl
import json
import os
import socket
import struct
import sys
import tempfile
import threading

# The RCODE of the answer, SILENT, or CLOSED: nothing listens.
SILENT, CLOSED = "silent", "closed"
MANNERS = {"silent": SILENT, "closed": CLOSED, "SERVFAIL": 2, "NXDOMAIN": 3, "REFUSED": 5}
SIOCSIFFLAGS = 0x8914
IFF_UP = 1
MS_BIND = 4096


def bring_up_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", IFF_UP))


def mount_over(path, text):
    """Whoever is in this mount namespace reads that text there."""
    library = ctypes.CDLL(None, use_errno=True)
    with tempfile.NamedTemporaryFile("w", encoding="ascii") as own:  # lives on while it is mounted
        own.write(text)
        own.flush()
        if library.mount(own.name.encode(), path.encode(), None, MS_BIND, None) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path)


def answer(question, code):
    """The question with that RCODE and no addresses; what stands behind its name is cut off."""
    end = question.index(b"\0", 12) + 5
    return question[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, 0, 0, 0) + question[12:end]


def serve(server, code, seen):
    while True:
        question, client = server.recvfrom(4096)
        seen["questions"] += 1
        if code != SILENT:
            server.sendto(answer(question, code), client)


def main():
    code = MANNERS[sys.argv[1]]
    seen = {}
    bring_up_loopback()
    mount_over("/etc/resolv.conf", "nameserver 127.0.0.1\n")
    if os.path.exists("/etc/nsswitch.conf"):  # it may name services that ask elsewhere
        mount_over("/etc/nsswitch.conf", "hosts: files dns\n")
    if code != CLOSED:
        seen["questions"] = 0
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", 53))
        threading.Thread(target=serve, args=(server, code, seen), daemon=True).start()
    print("serving", flush=True)
    sys.stdin.read()
    print(json.dumps(seen), flush=True)
    os._exit(0)  # the thread still waits for questions


main()
