// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/mask.h"

#include <assert.h>
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

struct mask_secret {
    char *text;
    bool any_case;
};

static const char stars[] = "***";
static_assert(sizeof stars - 1 <= MASK_SHORTEST, "a masked text is never longer");

/* Where one of these comes, it depends on the way of writing what stands there. */
static const char escapes[] = "\\%&+";

/* ---- the list ---- */

static bool is_known(const struct mask *mask, const char *text)
{
    for (size_t i = 0; i < mask->count; i++) {
        if (strcmp(mask->secrets[i].text, text) == 0) {
            return true;
        }
    }
    return false;
}

static bool add(struct mask *mask, const char *text, bool any_case)
{
    assert(text != NULL);
    if (strlen(text) < MASK_SHORTEST || is_known(mask, text)) {
        return true;
    }
    char *copy = vec_reserve(mask->secrets, mask->count, mask->capacity, 1) ? strdup(text) : NULL;
    if (copy == NULL) {
        return false;
    }
    mask->secrets[mask->count++] = (struct mask_secret){.text = copy, .any_case = any_case};
    mask->starts[(unsigned char)text[0]] = true;
    for (const char *escape = escapes; *escape != '\0'; escape++) {
        mask->starts[(unsigned char)*escape] = true; // of what is written otherwise
    }
    if (any_case) {
        mask->starts[toupper((unsigned char)text[0])] = true;
        mask->starts[tolower((unsigned char)text[0])] = true;
    }
    return true;
}

bool mask_add(struct mask *mask, const char *secret)
{
    return add(mask, secret, false);
}

bool mask_add_id(struct mask *mask, const char *id)
{
    return add(mask, id, true);
}

/*
 * Without the '=' that fills it up, which some leave out. `to` has room for 4 characters for each 3
 * bytes that were begun, and a NUL.
 */
static void encode_base64(char *to, const char *from, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *bytes = (const unsigned char *)from;
    for (size_t i = 0; i < length; i += 3) {
        const size_t left = length - i;
        const uint32_t bits = (uint32_t)bytes[i] << 16 |
                              (uint32_t)(left > 1 ? bytes[i + 1] : 0) << 8 |
                              (left > 2 ? bytes[i + 2] : 0);
        *to++ = digits[bits >> 18];
        *to++ = digits[bits >> 12 & 63];
        if (left > 1) {
            *to++ = digits[bits >> 6 & 63];
        }
        if (left > 2) {
            *to++ = digits[bits & 63];
        }
    }
    *to = '\0';
}

bool mask_add_basic(struct mask *mask, const char *user, const char *password)
{
    const size_t length = strlen(user) + 1 + strlen(password);
    const size_t size = (length + 2) / 3 * 4 + 1;
    char *both = malloc(length + 1 + size);
    if (both == NULL) {
        return false;
    }
    char *base64 = both + length + 1;
    snprintf(both, length + 1, "%s:%s", user, password);
    encode_base64(base64, both, length);
    const bool added = mask_add(mask, base64);
    explicit_bzero(both, length + 1 + size);
    free(both);
    return added;
}

void mask_free(struct mask *mask)
{
    for (size_t i = 0; i < mask->count; i++) {
        explicit_bzero(mask->secrets[i].text, strlen(mask->secrets[i].text));
        free(mask->secrets[i].text);
    }
    free(mask->secrets);
    *mask = (struct mask){.secrets = NULL};
}

/* ---- how a character may be written ---- */

/*
 * Each reads one character: sets the bytes it stands for, and returns how many it takes in the
 * text, which has one.
 */
struct bytes {
    char text[4];
    size_t length;
};

typedef size_t read_character(const char *text, struct bytes *bytes);

/* UTF-8; empty if the code is not a character. */
static struct bytes encode(uint32_t code)
{
    struct bytes bytes = {.length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4};
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
        return (struct bytes){.length = 0};
    }
    for (size_t i = bytes.length; i-- > 1; code >>= 6) {
        bytes.text[i] = (char)(0x80 | (code & 0x3F));
    }
    bytes.text[0] = (char)(leads[bytes.length] | code);
    return bytes;
}

static size_t read_plain(const char *text, struct bytes *bytes)
{
    *bytes = (struct bytes){.text = {*text}, .length = 1};
    return 1;
}

/* The value of up to `most` digits at *text, moves past them; -1: there are none. */
static long read_digits(const char **text, size_t most, int base)
{
    long value = -1;
    for (size_t i = 0; i < most && isxdigit((unsigned char)**text); i++, (*text)++) {
        const int digit = isdigit((unsigned char)**text)
                              ? **text - '0'
                              : tolower((unsigned char)**text) - 'a' + 10;
        if (digit >= base) {
            break;
        }
        value = (value < 0 ? 0 : value) * base + digit;
    }
    return value;
}

static long read_utf16(const char *text)
{
    if (strncmp(text, "\\u", 2) != 0) {
        return -1;
    }
    const char *end = text + 2;
    const long code = read_digits(&end, 4, 16);
    return end == text + 6 ? code : -1;
}

/* \/, \", \n, \u00e4, \ud83d\ude00: what any writer of JSON may make of a character. */
static size_t read_json(const char *text, struct bytes *bytes)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    const char *letter = text[0] == '\\' && text[1] != '\0' ? strchr(letters, text[1]) : NULL;
    const long code = read_utf16(text);
    const long low = code >= 0xD800 && code <= 0xDBFF ? read_utf16(text + 6) : -1;
    if (letter != NULL) {
        *bytes = (struct bytes){.text = {meanings[letter - letters]}, .length = 1};
        return 2;
    }
    if (low >= 0xDC00 && low <= 0xDFFF) {
        const long whole = 0x10000 + (code - 0xD800) * 0x400 + (low - 0xDC00);
        *bytes = encode((uint32_t)whole);
        return 12;
    }
    if (code >= 0) {
        *bytes = encode((uint32_t)code);
        return 6;
    }
    return read_plain(text, bytes);
}

static size_t read_percent(const char *text, struct bytes *bytes)
{
    const char *end = text + 1;
    const long value = text[0] == '%' ? read_digits(&end, 2, 16) : -1;
    if (value < 0 || end != text + 3) {
        return read_plain(text, bytes);
    }
    *bytes = (struct bytes){.text = {(char)value}, .length = 1};
    return 3;
}

/* The same, as forms have it. */
static size_t read_form(const char *text, struct bytes *bytes)
{
    const size_t length = read_percent(text, bytes);
    bytes->text[0] = *text == '+' ? ' ' : bytes->text[0];
    return length;
}

/* &amp;, &#47;, &#x2F;: of XML and HTML. */
static size_t read_entity(const char *text, struct bytes *bytes)
{
    static const struct {
        const char *name;
        char meaning;
    } names[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strncmp(text, names[i].name, strlen(names[i].name)) == 0) {
            *bytes = (struct bytes){.text = {names[i].meaning}, .length = 1};
            return strlen(names[i].name);
        }
    }
    if (strncmp(text, "&#", 2) == 0) {
        const bool hexadecimal = text[2] == 'x' || text[2] == 'X';
        const char *end = text + (hexadecimal ? 3 : 2);
        const long code = read_digits(&end, 7, hexadecimal ? 16 : 10);
        if (code >= 0 && *end == ';') {
            *bytes = encode((uint32_t)code);
            return (size_t)(end + 1 - text);
        }
    }
    return read_plain(text, bytes);
}

static bool is_escape(char byte)
{
    return byte == '\\' || byte == '%' || byte == '&' || byte == '+';
}

enum { LONGEST_WRITTEN = 12 }; // \ud83d\ude00

/* Reads a character as `inner` has it in what `outer` reads: JSON may hold HTML, or JSON. */
static size_t read_twice(const char *text, struct bytes *bytes, read_character *outer,
                         read_character *inner)
{
    char within[LONGEST_WRITTEN + sizeof bytes->text + 1];
    size_t ends[sizeof within] = {0}; // in the text, of each byte
    size_t length = 0;
    size_t taken = outer(text, bytes);
    if (inner == read_plain || bytes->length != 1 || !is_escape(bytes->text[0])) {
        return taken;
    }
    for (taken = 0; length < LONGEST_WRITTEN && text[taken] != '\0';) {
        struct bytes one;
        taken += outer(text + taken, &one);
        for (size_t i = 0; i < one.length; i++) {
            within[length] = one.text[i];
            ends[length++] = taken;
        }
    }
    within[length] = '\0';
    return ends[inner(within, bytes) - 1];
}

/* ---- masking ---- */

static bool is_same(char a, char b, bool any_case)
{
    return a == b || (any_case && tolower((unsigned char)a) == tolower((unsigned char)b));
}

/*
 * How much of the text the secret takes at its start, written these ways; 0: it does not stand
 * there.
 */
static size_t match(const struct mask_secret *secret, const char *text, read_character *outer,
                    read_character *inner)
{
    const char *at = text;
    for (const char *wanted = secret->text; *wanted != '\0';) {
        struct bytes bytes;
        if (*at == '\0') {
            return 0;
        }
        at += read_twice(at, &bytes, outer, inner);
        if (bytes.length == 0) {
            return 0;
        }
        for (size_t i = 0; i < bytes.length; i++, wanted++) {
            if (*wanted == '\0' || !is_same(*wanted, bytes.text[i], secret->any_case)) {
                return 0;
            }
        }
    }
    return (size_t)(at - text);
}

static size_t match_any_way(const struct mask_secret *secret, const char *text)
{
    static read_character *const ways[] = {read_plain, read_json, read_percent, read_form,
                                           read_entity};
    enum { WAYS = sizeof ways / sizeof ways[0] };
    size_t longest = 0;
    size_t same = 0;
    while (secret->text[same] != '\0' && !is_escape(text[same]) &&
           is_same(secret->text[same], text[same], secret->any_case)) {
        same++;
    }
    if (secret->text[same] == '\0' || !is_escape(text[same])) {
        return secret->text[same] == '\0' ? same : 0;
    }
    // To try all pairs takes long: only where the secret seems to begin.
    for (size_t way = 0; way < (same > 0 ? WAYS * WAYS : WAYS); way++) {
        const size_t length = match(secret, text, ways[way % WAYS], ways[way / WAYS]);
        longest = length > longest ? length : longest;
    }
    return longest;
}

static bool may_begin(const struct mask_secret *secret, char byte)
{
    return is_same(secret->text[0], byte, secret->any_case) || is_escape(byte);
}

/* The longest of all that stand there. */
static size_t match_any(const struct mask *mask, const char *text)
{
    size_t longest = 0;
    for (size_t i = 0; i < mask->count; i++) {
        const struct mask_secret *secret = &mask->secrets[i];
        const size_t length = may_begin(secret, *text) ? match_any_way(secret, text) : 0;
        longest = length > longest ? length : longest;
    }
    return longest;
}

size_t mask_text(const struct mask *mask, char *text)
{
    char *from = text;
    if (mask == NULL || mask->count == 0) {
        return strlen(text);
    }
    while (*from != '\0' && !mask->starts[(unsigned char)*from]) { // most texts have nothing else
        from++;
    }
    char *to = from;
    while (*from != '\0') {
        const size_t hidden = mask->starts[(unsigned char)*from] ? match_any(mask, from) : 0;
        if (hidden > 0) {
            assert(hidden >= strlen(stars));
            memcpy(to, stars, strlen(stars));
            to += strlen(stars);
            from += hidden;
        } else {
            *to++ = *from++;
        }
    }
    assert(to <= from);
    explicit_bzero(to, (size_t)(from - to));
    *to = '\0';
    return (size_t)(to - text);
}

void mask_buf(const struct mask *mask, struct buf *buf)
{
    if (buf->text != NULL) {
        buf->length = mask_text(mask, buf->text);
    }
}
