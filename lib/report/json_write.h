// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * JSON that is written as it is told, straight into a buf: there is no tree of the document, which
 * would take several times the memory of its text. Without blanks, as programs read it.
 */
#ifndef REPORT_JSON_WRITE_H
#define REPORT_JSON_WRITE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/utc.h"

/* {.buf = …} is one that has written nothing. */
struct json_writer {
    struct buf *buf;    // which says if memory was short
    bool needs_a_comma; // the next value is not the first of its object or array
};

/*
 * Each appends a value, in an object with its key, else with a key of NULL. Keys are ASCII without
 * '"', '\\' and control characters. What is not known is null.
 */
void json_write_object(struct json_writer *writer, const char *key);
void json_write_object_end(struct json_writer *writer);
void json_write_array(struct json_writer *writer, const char *key);
void json_write_array_end(struct json_writer *writer);
void json_write_null(struct json_writer *writer, const char *key);
void json_write_bool(struct json_writer *writer, const char *key, bool known, bool value);
/* Without an exponent, in no more than 3 decimals. */
void json_write_number(struct json_writer *writer, const char *key, bool known, double value);
/* As ISO 8601. */
void json_write_time(struct json_writer *writer, const char *key, bool known, utc_us moment);
/* As UTF-8, whatever bytes the text has; NULL is null. */
void json_write_text(struct json_writer *writer, const char *key, const char *text);
/* A buf's text, which is UTF-8. The buf is freed; if it is not whole, nor is the document. */
void json_write_buf(struct json_writer *writer, const char *key, struct buf *text);

#endif
