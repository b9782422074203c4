// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Shared libraries that are loaded when they are needed: those that most runs do without would take
 * a good part of such a run's time.
 */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include <stddef.h>

#include "base/fault.h"

/* A function, and where in a struct its address goes. */
struct library_function {
    const char *name;
    size_t offset;
};

struct library {
    const char *soname;
    const char *name;    // for people
    const char *package; // of Debian
    const struct library_function *functions;
    size_t count;
};

/*
 * Loads the library for the rest of the run, and writes the addresses of its functions to `found`.
 * 0, or -1 with a fault; what `found` has is of no use then.
 */
int library_load(const struct library *library, void *found, struct fault *fault);

#endif
