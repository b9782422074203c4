// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void lines_add(struct lines *lines, const char *format, ...)
{
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
    char **text = reallocarray(lines->text, lines->count + 1, sizeof *text);
    if (text == NULL) {
        free(line);
        lines->no_memory = true;
        return;
    }
    text[lines->count] = line;
    lines->text = text;
    lines->count++;
}

struct lines lines_take(struct lines *lines)
{
    const struct lines taken = *lines;
    *lines = (struct lines){0};
    return taken;
}

void lines_free(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        free(lines->text[i]);
    }
    free(lines->text);
    *lines = (struct lines){0};
}
