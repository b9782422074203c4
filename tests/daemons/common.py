# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests with real programs have in common, here and in tests/users."""

import os
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
