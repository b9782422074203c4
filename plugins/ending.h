// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * How a run ends: with its own report or, from outside, by its deadline or a signal. Wherever it
 * hangs, be it a resolver, a dead disk, standard input or a full pipe, it ends, and what is printed
 * belongs to its exit code. While it holds a logon session of EM, a signal lets it log off first.
 */
#ifndef PLUGINS_ENDING_H
#define PLUGINS_ENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/fault.h"

/* What standard output gets then, and the exit code. Of the report up to 4,000 bytes are kept. */
struct last_words {
    const struct buf *report;
    int state;
};

/* What may end a run in place of its own report. */
enum ending {
    ENDING_TIMEOUT,    // its deadline
    ENDING_TERMINATED, // a signal
    ENDING_ABORTED,    // a library that calls abort, as some do without memory
    ENDINGS
};

/*
 * To be called before anything is opened. Closed standard descriptors become /dev/null, and signals
 * wait for ending_arm; those that are ignored stay ignored. Returns 0, or -1 with a fault of kind
 * internal.
 */
int ending_start(struct fault *fault);

/*
 * From now on the deadline (of clock_monotonic_ms), SIGTERM, SIGINT, SIGHUP or SIGXCPU, and SIGABRT
 * end the run, each with its words, which are copied. May be called again, with other words.
 * Returns 0, or -1 with a fault of kind internal: then all but SIGABRT do as they do by default.
 */
int ending_arm(int64_t deadline_ms, const struct last_words words[ENDINGS], struct fault *fault);

/*
 * With `defer`, a signal makes the returned descriptor readable, and ends the run only if it still
 * runs 3 seconds later. -1: there is no such descriptor, and signals end the run. The deadline
 * stays.
 */
int ending_defer(bool defer);

/*
 * Prints the run's own report, by line or at once. A signal, and the deadline, leave a little time
 * for that; whatever comes later does not change the exit code. Returns it: `state`, or 3 if the
 * report could not be written whole.
 */
int ending_print(const char *report, size_t length, bool by_line, int state);

#endif
