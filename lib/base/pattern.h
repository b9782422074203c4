// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * POSIX extended regular expressions on texts from outside, by characters of UTF-8. A pattern has
 * limits, as the C library's compiler has none: it takes a level of its stack for each level of
 * nesting, and copies what is to be repeated.
 */
#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H

#include <regex.h>
#include <stdbool.h>

#include "base/fault.h"

enum { PATTERN_LIMIT = 4096, PATTERN_DEPTH = 50 };

/*
 * glibc searches by bytes up to 100 times as fast as by characters. So an expression of ASCII is
 * compiled for bytes, which decides on texts of ASCII; if characters don't matter to it, on all.
 */
struct pattern {
    const char *text; // as it was given; borrowed
    regex_t bytes, characters;
    bool has_bytes, has_characters; // which of the two were compiled
    bool by_bytes; // it may miss what it means: the system has no locale with UTF-8
};

/*
 * Compiles `text`. 0, or -1 with a fault: of kind usage where it is empty, no expression, not
 * UTF-8, longer than PATTERN_LIMIT bytes with its repetitions written out, or nested deeper than
 * PATTERN_DEPTH. Free it when done, if it was compiled.
 */
int pattern_compile(struct pattern *pattern, const char *text, struct fault *fault);

/*
 * Whether any part of `text` matches; bytes that are not UTF-8 count as U+FFFD. 1, 0, or -1 where
 * memory is short.
 */
int pattern_matches(const struct pattern *pattern, const char *text);

void pattern_free(struct pattern *pattern);

#endif
