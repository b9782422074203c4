#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for secrets in what dump_memory.so has written.

find_secrets.py FOLDER: each line of standard input is the name of a secret, a blank, and the secret.
A piece of one is as bad as the whole: freed memory loses its first bytes to the allocator. Prints
what was found where, and exits 1; without any, 0.
"""

import os
import sys

PIECE = 12   # bytes in a row that count as a find
STRIDE = 4   # what is left of a secret is surely found from PIECE + STRIDE - 1 bytes on
AROUND = 24  # bytes shown before and behind
SHOWN = 12   # finds of one secret in one mapping


def pieces(secret):
    last = max(len(secret) - PIECE, 0)
    return {at: secret[at:at + PIECE] for at in sorted({*range(0, last, STRIDE), last})}


def find(secret, memory):
    """Where the secret, or a part of it, starts, and how long the part is."""
    finds = {}
    for at, piece in pieces(secret).items():
        place = memory.find(piece)
        while place >= 0:
            start = place - at  # where the secret starts, were it all there
            first, last = finds.get(start, (at, at))
            finds[start] = (min(first, at), max(last, at))
            place = memory.find(piece, place + 1)
    return sorted((start + first, last + len(piece) - first)
                  for start, (first, last) in finds.items())


def visible(memory, start, end):
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in memory[max(start, 0):end])


def main():
    folder = sys.argv[1]
    secrets = [line.rstrip("\n").split(" ", 1) for line in sys.stdin]
    mappings = sorted(os.listdir(folder))
    if not secrets or not mappings:
        print("there is nothing to look for, or nothing to look in")
        return 2
    found = False
    for name in mappings:
        with open(os.path.join(folder, name), "rb") as file:
            memory = file.read()
        for label, secret in secrets:
            finds = find(secret.encode(), memory)
            found = found or bool(finds)
            for start, length in finds[:SHOWN]:
                print(f"{label}: {length} of {len(secret)} bytes in {name} at {start:#x}: "
                      f"{visible(memory, start - AROUND, start)}[***]"
                      f"{visible(memory, start + length, start + length + AROUND)}")
            if len(finds) > SHOWN:
                print(f"{label}: and {len(finds) - SHOWN} more in {name}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
