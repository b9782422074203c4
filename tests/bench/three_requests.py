#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""three_requests.py BASE CA-FILE TARGET: logon, GET, logoff, as a script with python3-requests does."""

import os
import sys

import requests

base, certificate, target = sys.argv[1:]
session = requests.Session()
session.verify = certificate
session.headers["Accept"] = "application/json"
answer = session.post(base + "/api/sessionMngr/?v=latest",
                      auth=("monitor", os.environ["BENCH_PASSWORD"]))
answer.raise_for_status()
logoff = base + "/api/logonSessions/" + answer.json()["SessionId"]
session.headers["X-RestSvcSessionId"] = answer.headers["X-RestSvcSessionId"]
answer = session.get(base + target)
answer.raise_for_status()
print(answer.json()["State"], answer.json()["Result"])
session.delete(logoff).raise_for_status()
