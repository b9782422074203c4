// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wctype.h>

#include "base/locale.h"

static const char replacement[] = "\xEF\xBF\xBD"; // U+FFFD
static const char ellipsis[] = "...";

/* It is no character, and readers of XML refuse it. EM's texts have it in place of others: json.h.
 */
static const uint32_t no_character = 0xFFFF;

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/*
 * Decodes one character of NUL-terminated text into `code`. Returns its length in bytes, 0 where no
 * valid character starts: overlong forms, surrogates and codes over U+10FFFF are not valid.
 */
static size_t decode(const unsigned char *text, uint32_t *code)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t smallest;
    } forms[] = {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};

    for (size_t more = 0; more < sizeof forms / sizeof forms[0]; more++) {
        if ((text[0] & forms[more].mask) != forms[more].lead) {
            continue;
        }
        uint32_t value = (uint32_t)text[0] & (unsigned char)~forms[more].mask;
        for (size_t i = 1; i <= more; i++) {
            if (!is_continuation(text[i])) {
                return 0;
            }
            value = (value << 6) | (text[i] & 0x3Fu);
        }
        if (value < forms[more].smallest || value > 0x10FFFF ||
            (value >= 0xD800 && value <= 0xDFFF)) {
            return 0;
        }
        *code = value;
        return more + 1;
    }
    return 0;
}

size_t text_boundary(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t start = length;
    while (start > 0 && length - start < 3 && is_continuation(bytes[start - 1])) {
        start--;
    }
    if (start == 0 || bytes[start - 1] < 0xC0) {
        return length; // ASCII, or bytes that are no character anyway
    }
    size_t needed = bytes[start - 1] >= 0xF0 ? 4 : bytes[start - 1] >= 0xE0 ? 3 : 2;
    return length - (start - 1) < needed ? start - 1 : length;
}

size_t text_mark_length(const char *text, size_t length)
{
    static const char mark[] = "\xEF\xBB\xBF";
    const size_t mark_length = strlen(mark);
    return length >= mark_length && memcmp(text, mark, mark_length) == 0 ? mark_length : 0;
}

bool text_is_ascii(const char *text)
{
    while (*text != '\0' && (unsigned char)*text < 0x80) {
        text++;
    }
    return *text == '\0';
}

bool text_is_utf8(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    uint32_t code = 0;
    while (*bytes != '\0') {
        const size_t length = decode(bytes, &code);
        if (length == 0) {
            return false;
        }
        bytes += length;
    }
    return true;
}

void text_append_utf8(struct buf *buf, const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    while (*bytes != '\0') {
        uint32_t code = 0;
        size_t length = decode(bytes, &code);
        if (length == 0 || code == no_character) {
            buf_text(buf, replacement);
            bytes += length > 0 ? length : 1;
        } else {
            buf_add(buf, (const char *)bytes, length);
            bytes += length;
        }
    }
}

static bool is_blank_in_output(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } blanks[] = {
        {0x00, 0x20},     {'|', '|'},       {0x7F, 0x9F},
        {0x061C, 0x061C}, {0x200E, 0x200F}, // marks of direction
        {0x2028, 0x202E},                   // line and paragraph separators, embeddings, overrides
        {0x2066, 0x2069},                   // isolates
    };
    for (size_t i = 0; i < sizeof blanks / sizeof blanks[0]; i++) {
        if (code >= blanks[i].first && code <= blanks[i].last) {
            return true;
        }
    }
    return false;
}

/* Whether the byte is a character that is shown as it is. */
static bool is_plain(unsigned char byte)
{
    return byte > ' ' && byte < 0x7F && byte != '|';
}

/*
 * How many bytes at the start of the text are shown as they are: plain characters, with one space
 * between words. Most texts are nothing but these. As many as leave room for the ellipsis behind
 * `taken` others.
 */
static size_t plain_length(const unsigned char *text, const struct buf *buf, size_t taken,
                           size_t limit)
{
    const size_t left =
        buf->limit - buf->length < limit - taken ? buf->limit - buf->length : limit - taken;
    const size_t room = left > strlen(ellipsis) ? left - strlen(ellipsis) : 0;
    size_t length = 0;
    while (length < room) {
        const bool is_between = length > 0 && text[length] == ' ' && is_plain(text[length + 1]);
        const size_t step = is_plain(text[length]) ? 1 : is_between ? 2 : 0;
        if (step == 0 || length + step > room) {
            break;
        }
        length += step;
    }
    return length;
}

void text_append_clean(struct buf *buf, const char *text, size_t limit)
{
    const unsigned char *bytes = (const unsigned char *)text;
    const size_t start = buf->length;
    size_t fits = 0; // the length that leaves room for the ellipsis
    bool blank = false;

    while (*bytes != '\0') {
        uint32_t code = 0;
        size_t length = blank ? 0 : plain_length(bytes, buf, buf->length - start, limit);
        if (length > 0) {
            buf_add(buf, (const char *)bytes, length);
            fits = buf->length - start;
            bytes += length;
            continue;
        }
        length = decode(bytes, &code);
        if (length > 0 && is_blank_in_output(code)) {
            blank = buf->length > start;
            bytes += length;
            continue;
        }
        const bool as_it_is = length > 0 && code != no_character;
        const char *shown = as_it_is ? (const char *)bytes : replacement;
        const size_t shown_length = as_it_is ? length : strlen(replacement);
        if (buf->length - start + (blank ? 1 : 0) + shown_length > limit) {
            if (buf->failure == BUF_FINE) {
                buf->length = start + fits;
                if (buf->text != NULL) {
                    buf->text[buf->length] = '\0'; // the ellipsis may have no room in the buf
                }
                buf_add(buf, ellipsis, limit < strlen(ellipsis) ? limit : strlen(ellipsis));
            }
            return;
        }
        if (blank) {
            buf_text(buf, " ");
            blank = false;
        }
        buf_add(buf, shown, shown_length);
        if (buf->length - start + strlen(ellipsis) <= limit) {
            fits = buf->length - start;
        }
        bytes += length > 0 ? length : 1;
    }
}

bool text_is_clean(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    bool blank = true; // one at the start goes, as at the end
    while (*bytes != '\0') {
        uint32_t code = 0;
        const size_t length = decode(bytes, &code);
        if (length == 0 || code == no_character ||
            (is_blank_in_output(code) && (code != ' ' || blank))) {
            return false;
        }
        blank = code == ' ';
        bytes += length;
    }
    return !blank || text[0] == '\0';
}

void text_append_encoded(struct buf *buf, const char *text)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-._~";
    for (; *text != '\0'; text++) {
        if (strchr(unreserved, *text) != NULL) {
            buf_add(buf, text, 1);
        } else {
            buf_format(buf, "%%%02X", (unsigned)(unsigned char)*text);
        }
    }
}

char *text_copy_all(const char **const texts[], size_t count)
{
    size_t size = 1;
    for (size_t i = 0; i < count; i++) {
        size += *texts[i] != NULL ? strlen(*texts[i]) + 1 : 0;
    }
    char *copies = malloc(size);
    char *end = copies;
    for (size_t i = 0; copies != NULL && i < count; i++) {
        if (*texts[i] != NULL) {
            const char *copy = end;
            end = stpcpy(end, *texts[i]) + 1;
            *texts[i] = copy;
        }
    }
    return copies;
}

bool text_equal_nocase(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}

bool text_equal_name_nocase(const char *a, const char *b)
{
    if (text_equal_nocase(a, b) || text_is_ascii(a) || text_is_ascii(b) || !locale_use_utf8()) {
        return text_equal_nocase(a, b);
    }
    const unsigned char *left = (const unsigned char *)a;
    const unsigned char *right = (const unsigned char *)b;
    while (*left != '\0' && *right != '\0') {
        uint32_t codes[2] = {0, 0};
        const size_t lengths[2] = {decode(left, &codes[0]), decode(right, &codes[1])};
        if (lengths[0] == 0 || lengths[1] == 0 || towlower(codes[0]) != towlower(codes[1])) {
            return false;
        }
        left += lengths[0];
        right += lengths[1];
    }
    return *left == *right;
}
