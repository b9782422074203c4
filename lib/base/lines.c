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
    assert(lines->left_out == 0 || lines->count == LINES_LIMIT || lines->no_memory);
}

/* Takes the line over. */
static void add_line(struct lines *lines, char *line)
{
    assert(line != NULL);
    if (lines->count == LINES_LIMIT) {
        lines->left_out++;
        free(line);
        return;
    }
    if (!vec_reserve(lines->text, lines->count, lines->capacity, 1)) {
        lines->no_memory = true;
        free(line);
        return;
    }
    lines->text[lines->count++] = line;
}

void lines_add(struct lines *lines, const char *format, ...)
{
    assert_sound(lines);
    char *line = NULL;
    if (lines->count == LINES_LIMIT) {
        lines->left_out++;
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&line, format, arguments);
    va_end(arguments);
    if (length < 0) {
        lines->no_memory = true;
        return;
    }
    add_line(lines, line);
}

void lines_move(struct lines *to, struct lines *from)
{
    assert(to != from);
    assert_sound(to);
    assert_sound(from);
    for (size_t i = 0; i < from->count; i++) {
        add_line(to, from->text[i]);
    }
    to->left_out += from->left_out;
    to->no_memory = to->no_memory || from->no_memory;
    free(from->text);
    *from = (struct lines){0};
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
