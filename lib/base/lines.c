// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/lines.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/vec.h"

static void assert_sound(const struct lines *lines)
{
    (void)lines; // with NDEBUG
    assert(lines->count <= LINES_LIMIT);
    assert(lines->left_out == 0 || lines->count == LINES_LIMIT);
}

void lines_add(struct lines *lines, const char *format, ...)
{
    assert_sound(lines);
    if (lines->count == LINES_LIMIT) {
        lines->left_out++;
        return;
    }
    if (!vec_reserve(lines->text, lines->count, lines->capacity, 1)) {
        lines->no_memory = true;
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    const int length = vasprintf(&lines->text[lines->count], format, arguments);
    va_end(arguments);
    if (length < 0) {
        lines->no_memory = true;
        return;
    }
    lines->count++;
}

void lines_free(struct lines *lines)
{
    assert_sound(lines);
    for (size_t i = 0; i < lines->count; i++) {
        free(lines->text[i]);
    }
    free(lines->text);
    *lines = (struct lines){0};
}
