// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads a saved answer of EM: one entity, the result of a query, or a list. */
#ifndef FETCH_SAVED_H
#define FETCH_SAVED_H

#include <stddef.h>

#include "base/fault.h"
#include "cdp/site.h"

/* Reads the file ("-": standard input). 0, or -1 with a usage or protocol fault that names it. */
int saved_fetch(const char *path, struct site *site, struct fault *fault);

/* The same from memory, which is followed by a NUL that `length` does not count. */
int saved_read(const char *bytes, size_t length, struct site *site, struct fault *fault);

#endif
