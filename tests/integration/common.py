# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests with real programs have in common."""

import os
import signal
import sys
import tempfile
import time

LIMIT = 120   # seconds for whatever is waited for; a busy machine takes a part of it
PAUSE = 0.1   # between two looks whether it has happened


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w",
              encoding="utf-8") as file:
        file.write(text)
    return path


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def until(condition, what):
    """What `condition` returns, as soon as that is true."""
    deadline = time.monotonic() + LIMIT
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {LIMIT} s: {what}")
        time.sleep(PAUSE)


def end(number, _frame):
    sys.exit(f"signal {number}")


def carry_out(make_test, secret):
    """Makes a test in a folder of its own, runs and stops it, and tells what it complains of."""
    signal.signal(signal.SIGTERM, end)
    with tempfile.TemporaryDirectory() as root:
        test = make_test(root)
        try:
            test.run()
        finally:
            test.stop()
            if test.complaints or sys.exc_info()[0]:
                test.logs()
    for complaint in test.complaints:
        print("FAILED: " + complaint.replace(secret, "***"))
    return 1 if test.complaints else 0
