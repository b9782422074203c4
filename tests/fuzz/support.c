// SPDX-License-Identifier: GPL-3.0-or-later
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned long fuzz_taken;

_Noreturn void fuzz_broken(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

char *fuzz_copy(const uint8_t *bytes, size_t size)
{
    char *copy = malloc(size + 1);
    REQUIRE(copy != NULL);
    if (size > 0) {
        memcpy(copy, bytes, size);
    }
    copy[size] = '\0';
    return copy;
}

char *fuzz_text(const uint8_t *bytes, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(bytes, '\0', size) : NULL;
    return fuzz_copy(bytes, end != NULL ? (size_t)(end - bytes) : size);
}

/* Well-formed sequences by their first two bytes; the third and fourth are 80 to BF. */
static const struct {
    unsigned char first, last;               // of the first byte
    unsigned char second_first, second_last; // of the second
    size_t length;
} sequences[] = {
    {0x00, 0x7F, 0x00, 0x00, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

/* The length of the character at `text`; 0 where none starts there. */
static size_t character_length(const unsigned char *text, size_t left)
{
    for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++) {
        const size_t length = sequences[i].length;
        if (text[0] < sequences[i].first || text[0] > sequences[i].last) {
            continue;
        }
        bool fine = length <= left;
        fine = fine && (length < 2 || (text[1] >= sequences[i].second_first &&
                                       text[1] <= sequences[i].second_last));
        for (size_t at = 2; fine && at < length; at++) {
            fine = text[at] >= 0x80 && text[at] <= 0xBF;
        }
        return fine ? length : 0;
    }
    return 0;
}

/* Whether the character is one that a line of output must not hold. */
static bool is_control(const unsigned char *character, size_t length)
{
    static const struct {
        unsigned char lead[2], first, last;
    } controls[] = {
        {{0xC2, 0}, 0x80, 0x9F},    // C1
        {{0xD8, 0}, 0x9C, 0x9C},    // Arabic letter mark
        {{0xE2, 0x80}, 0x8E, 0x8F}, // marks of direction
        {{0xE2, 0x80}, 0xA8, 0xAE}, // separators, embeddings, overrides
        {{0xE2, 0x81}, 0xA6, 0xA9}, // isolates
    };
    if (length == 1) {
        return character[0] < 0x20 || character[0] == 0x7F;
    }
    for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++) {
        if (length == (controls[i].lead[1] != 0 ? 3 : 2) &&
            memcmp(character, controls[i].lead, length - 1) == 0 &&
            character[length - 1] >= controls[i].first &&
            character[length - 1] <= controls[i].last) {
            return true;
        }
    }
    return false;
}

static bool is_text(const char *text, size_t length, bool controls_allowed)
{
    const unsigned char *at = (const unsigned char *)text;
    for (size_t left = length; left > 0;) {
        const size_t step = character_length(at, left);
        if (step == 0 || (!controls_allowed && is_control(at, step))) {
            return false;
        }
        at += step;
        left -= step;
    }
    return true;
}

bool fuzz_is_utf8(const char *text, size_t length)
{
    return is_text(text, length, true);
}

bool fuzz_is_clean(const char *text, size_t length)
{
    return is_text(text, length, false);
}

/* Moves past [-]digits[.digits], no more than three decimals. */
static double read_number(const char **at)
{
    static const char digits[] = "0123456789";
    const char *start = *at;
    const char *end = start + (*start == '-' ? 1 : 0);
    REQUIRE(strspn(end, digits) > 0);
    end += strspn(end, digits);
    if (*end == '.') {
        const size_t decimals = strspn(++end, digits);
        REQUIRE(decimals >= 1 && decimals <= 3 && end[decimals - 1] != '0');
        end += decimals;
    }
    REQUIRE(strncmp(start, "-0 ", 3) != 0 && strncmp(start, "-0;", 3) != 0);
    *at = end;
    return strtod(start, NULL);
}

/* Moves past [@][start:][end], which may be nothing at all. */
static void read_range(const char **at)
{
    if (**at == ';') {
        return;
    }
    *at += **at == '@' ? 1 : 0;
    if (**at == '~') {
        (*at)++;
        REQUIRE(**at == ':');
    } else {
        read_number(at);
    }
    if (**at == ':') {
        (*at)++;
        if (**at != ';') {
            read_number(at);
        }
    }
}

static void read_label(const char **at, struct item *item)
{
    const bool quoted = **at == '\'';
    *at += quoted ? 1 : 0;
    item->label = *at;
    item->label_length = strcspn(*at, quoted ? "'|" : "=' |");
    *at += item->label_length;
    REQUIRE(item->label_length > 0);
    REQUIRE(memchr(item->label, '=', item->label_length) == NULL);
    REQUIRE(memmem(item->label, item->label_length, "::", 2) == NULL);
    REQUIRE(fuzz_is_clean(item->label, item->label_length));
    if (quoted) {
        REQUIRE(**at == '\'');
        (*at)++;
    }
}

static void read_mark(const char **at, char mark)
{
    REQUIRE(**at == mark);
    (*at)++;
}

static void read_item(const char **at, struct item *item)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz%";
    read_label(at, item);
    read_mark(at, '=');
    item->value = read_number(at);
    *at += strspn(*at, letters);
    read_mark(at, ';');
    read_range(at);
    read_mark(at, ';');
    read_range(at);
    read_mark(at, ';');
    read_mark(at, '0');
}

size_t fuzz_read_items(const char *text, size_t length, struct item *items, size_t capacity)
{
    char *copy = fuzz_copy((const uint8_t *)text, length);
    const char *at = copy;
    size_t count = 0;
    REQUIRE(strlen(copy) == length);
    while (*at != '\0') {
        REQUIRE(count < capacity);
        read_item(&at, &items[count]);
        items[count].label = text + (items[count].label - copy);
        for (size_t i = 0; i < count; i++) {
            REQUIRE(items[i].label_length != items[count].label_length ||
                    memcmp(items[i].label, items[count].label, items[i].label_length) != 0);
        }
        count++;
        REQUIRE(*at == '\0' || (at[0] == ' ' && at[1] != '\0'));
        at += *at == ' ' ? 1 : 0;
    }
    free(copy);
    return count;
}
