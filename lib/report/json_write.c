// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/json_write.h"

#include <math.h>
#include <stddef.h>

#include "base/number.h"
#include "base/text.h"

/* What comes before a value. */
static void begin_value(struct json_writer *writer, const char *key)
{
    if (writer->needs_a_comma) {
        buf_text(writer->buf, ",");
    }
    writer->needs_a_comma = true;
    if (key != NULL) {
        buf_text(writer->buf, "\"");
        buf_text(writer->buf, key);
        buf_text(writer->buf, "\":");
    }
}

static void open_bracket(struct json_writer *writer, const char *key, const char *bracket)
{
    begin_value(writer, key);
    buf_text(writer->buf, bracket);
    writer->needs_a_comma = false;
}

static void close_bracket(struct json_writer *writer, const char *bracket)
{
    buf_text(writer->buf, bracket);
    writer->needs_a_comma = true;
}

void json_write_object(struct json_writer *writer, const char *key)
{
    open_bracket(writer, key, "{");
}

void json_write_object_end(struct json_writer *writer)
{
    close_bracket(writer, "}");
}

void json_write_array(struct json_writer *writer, const char *key)
{
    open_bracket(writer, key, "[");
}

void json_write_array_end(struct json_writer *writer)
{
    close_bracket(writer, "]");
}

static void write_word(struct json_writer *writer, const char *key, const char *word)
{
    begin_value(writer, key);
    buf_text(writer->buf, word);
}

void json_write_null(struct json_writer *writer, const char *key)
{
    write_word(writer, key, "null");
}

void json_write_bool(struct json_writer *writer, const char *key, bool known, bool value)
{
    write_word(writer, key, !known ? "null" : value ? "true" : "false");
}

void json_write_number(struct json_writer *writer, const char *key, bool known, double value)
{
    if (!known || !isfinite(value)) { // JSON has no infinity
        json_write_null(writer, key);
        return;
    }
    begin_value(writer, key);
    number_append(writer->buf, value);
}

void json_write_time(struct json_writer *writer, const char *key, bool known, utc_us moment)
{
    if (!known) {
        json_write_null(writer, key);
        return;
    }
    begin_value(writer, key);
    buf_text(writer->buf, "\"");
    utc_append_iso(writer->buf, moment);
    buf_text(writer->buf, "\"");
}

static bool is_plain(char letter)
{
    return (unsigned char)letter >= ' ' && letter != '"' && letter != '\\';
}

/* One that is not plain; others than these have no short form. */
static void append_escape(struct buf *buf, char letter)
{
    static const char *const escapes[] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f",
        ['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\"};
    const size_t at = (unsigned char)letter;
    if (escapes[at] != NULL) {
        buf_text(buf, escapes[at]);
    } else {
        buf_format(buf, "\\u%04x", (unsigned)at);
    }
}

/* Valid UTF-8, in as few pieces as its escapes allow. */
static void append_escaped(struct buf *buf, const char *text)
{
    buf_text(buf, "\"");
    while (*text != '\0') {
        size_t plain = 0;
        while (is_plain(text[plain])) { // NUL is not
            plain++;
        }
        buf_add(buf, text, plain);
        text += plain;
        if (*text != '\0') {
            append_escape(buf, *text++);
        }
    }
    buf_text(buf, "\"");
}

/* What did not get into the part is missing in the document, too. */
static void append_part(struct buf *buf, const struct buf *part)
{
    append_escaped(buf, buf_string(part));
    if (part->failure != BUF_FINE) {
        buf->failure = BUF_NO_MEMORY;
    }
}

void json_write_text(struct json_writer *writer, const char *key, const char *text)
{
    if (text == NULL) {
        json_write_null(writer, key);
        return;
    }
    begin_value(writer, key);
    if (text_is_ascii(text)) {
        append_escaped(writer->buf, text);
        return;
    }
    cleanup_buf struct buf valid;
    buf_init(&valid, writer->buf->limit);
    text_append_utf8(&valid, text);
    append_part(writer->buf, &valid);
}

void json_write_buf(struct json_writer *writer, const char *key, struct buf *text)
{
    begin_value(writer, key);
    append_part(writer->buf, text);
    buf_free(text);
}
