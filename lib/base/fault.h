// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Faults: why a stage could not do its work, as a value that is passed upward and shown once.
 * The text lives in the struct, so that reporting a fault needs no memory.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>
#include <stddef.h>

enum fault_kind {
    FAULT_NONE,
    FAULT_USAGE,       // options, files, ini
    FAULT_UNREACHABLE, // no address, refused, reset, closed without an answer
    FAULT_TLS,         // handshake, certificate, pin
    FAULT_TIMEOUT,     // the deadline of the run passed
    FAULT_SERVER,      // 5xx
    FAULT_LOGON,       // 401
    FAULT_FORBIDDEN,   // 403
    FAULT_NOT_FOUND,   // 404 to the GET of an id, or nothing matches
    FAULT_PROTOCOL,    // an answer that is not what EM sends
    FAULT_TERMINATED,  // a signal ended the run
    FAULT_INTERNAL,    // no memory, a broken invariant
};

enum { FAULT_TEXT_SIZE = 640 };

struct fault {
    enum fault_kind kind;
    char text[FAULT_TEXT_SIZE];
};

/*
 * Sets kind and text; a text that is too long is cut at a character boundary.
 * Returns -1, so that a function can end with `return fault_set(…)`.
 */
int fault_set(struct fault *fault, enum fault_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "context: " before the text. Returns -1. */
int fault_wrap(struct fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets "out of memory" of kind FAULT_INTERNAL. Returns -1. */
int fault_no_memory(struct fault *fault);

/* The kind's name as the output shows it ("not-found"); "" for FAULT_NONE. */
const char *fault_kind_name(enum fault_kind kind);

#endif
