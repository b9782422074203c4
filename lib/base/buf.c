// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALLEST_CAPACITY = 128 };

static void assert_sound(const struct buf *buf)
{
    (void)buf; // with NDEBUG
    assert(buf->length <= buf->limit);
    assert(buf->text != NULL ? buf->length < buf->capacity : buf->length + buf->capacity == 0);
}

void buf_init(struct buf *buf, size_t limit)
{
    assert(limit < SIZE_MAX); // a NUL comes behind
    *buf = (struct buf){.limit = limit};
}

void buf_free(struct buf *buf)
{
    free(buf->text);
    buf_init(buf, buf->limit);
}

void buf_clear(struct buf *buf)
{
    assert_sound(buf);
    buf->length = 0;
    if (buf->text != NULL) {
        buf->text[0] = '\0';
    }
}

void buf_wipe(struct buf *buf)
{
    assert_sound(buf);
    if (buf->text != NULL) {
        explicit_bzero(buf->text, buf->capacity);
    }
    buf_free(buf);
}

/* It never calls realloc, which could leave a copy of a secret behind in freed memory. */
static bool move(struct buf *buf, size_t capacity)
{
    assert(capacity > buf->length);
    char *text = malloc(capacity);
    if (text == NULL) {
        return false;
    }
    if (buf->text != NULL) {
        memcpy(text, buf->text, buf->length + 1);
        explicit_bzero(buf->text, buf->capacity);
        free(buf->text);
    }
    buf->text = text;
    buf->capacity = capacity;
    return true;
}

/* Makes room for `more` bytes and the NUL. */
static bool reserve(struct buf *buf, size_t more)
{
    assert_sound(buf);
    if (buf->failure != BUF_FINE) {
        return false;
    }
    if (more > buf->limit - buf->length) {
        buf->failure = BUF_TOO_BIG;
        return false;
    }
    size_t needed = buf->length + more + 1;
    if (buf->text != NULL && needed <= buf->capacity) {
        return true;
    }
    size_t capacity = buf->capacity < SMALLEST_CAPACITY ? SMALLEST_CAPACITY : buf->capacity * 2;
    if (!move(buf, capacity < needed ? needed : capacity)) {
        buf->failure = BUF_NO_MEMORY;
        return false;
    }
    return true;
}

void buf_expect(struct buf *buf, size_t more)
{
    assert_sound(buf);
    const size_t room = buf->limit - buf->length;
    const size_t needed = buf->length + (more < room ? more : room) + 1;
    if (buf->failure == BUF_FINE && needed > buf->capacity && move(buf, needed)) {
        buf->text[buf->length] = '\0';
    }
}

void buf_add(struct buf *buf, const char *bytes, size_t length)
{
    assert(bytes != NULL || length == 0);
    if (!reserve(buf, length)) {
        return;
    }
    if (length > 0) {
        memcpy(buf->text + buf->length, bytes, length);
    }
    buf->length += length;
    buf->text[buf->length] = '\0';
}

void buf_text(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_format(struct buf *buf, const char *format, ...)
{
    va_list arguments;
    va_list again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length >= 0 && reserve(buf, (size_t)length)) {
        vsnprintf(buf->text + buf->length, (size_t)length + 1, format, again);
        buf->length += (size_t)length;
    }
    va_end(again);
}

void buf_share_failure(struct buf *buf, const struct buf *part)
{
    if (part->failure == BUF_NO_MEMORY) {
        buf->failure = BUF_NO_MEMORY;
    }
}

const char *buf_string(const struct buf *buf)
{
    assert_sound(buf);
    assert(buf->text == NULL || buf->text[buf->length] == '\0');
    return buf->text != NULL ? buf->text : "";
}

char *buf_take(struct buf *buf)
{
    assert_sound(buf);
    if (buf->failure == BUF_FINE && buf->text == NULL) {
        buf_text(buf, "");
    }
    if (buf->failure != BUF_FINE) {
        buf_free(buf);
        return NULL;
    }
    char *text = buf->text;
    buf_init(buf, buf->limit);
    return text;
}
