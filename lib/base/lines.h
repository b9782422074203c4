// SPDX-License-Identifier: GPL-3.0-or-later
/* A list of short texts, such as notices. */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include <stdbool.h>
#include <stddef.h>

enum { LINES_LIMIT = 100 };

struct lines {
    char **text;
    size_t count;
    size_t capacity;
    size_t left_out; // beyond LINES_LIMIT
    bool no_memory;  // a line is missing
};

void lines_add(struct lines *lines, const char *format, ...) __attribute__((format(printf, 2, 3)));
void lines_free(struct lines *lines);

#endif
