// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/invention.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "base/vec.h"

enum { LONG_TEXT = 100, LONGEST_TEXT = 10000 };

struct invented_text {
    enum invention_kind kind;
    uint32_t spellings; // so many came
};

void inventions_free(struct inventions *inventions)
{
    struct set *const sets[] = {&inventions->texts,   &inventions->spellings, &inventions->uuids,
                                &inventions->numbers, &inventions->words,     &inventions->keys};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        set_free(sets[i]);
    }
    free(inventions->items);
    *inventions = (struct inventions){.items = NULL};
}

/* The number of what has that hash, from 1, in the order in which they came. 0: no memory. */
static uint32_t number_of(struct set *set, uint64_t hash, struct buf *buf)
{
    uint32_t *number = set_add(set, hash);
    if (number == NULL) {
        buf->failure = BUF_NO_MEMORY;
        return 0;
    }
    if (*number == 0) {
        *number = (uint32_t)set->count;
    }
    return *number;
}

/* How many spellings of its text came before this one; -1: no memory. */
static int64_t spelling_of(struct inventions *inventions, enum invention_kind kind,
                           const char *text, uint32_t number, struct buf *buf)
{
    const size_t missing = number > inventions->count ? number - inventions->count : 0;
    if (!vec_reserve(inventions->items, inventions->count, inventions->capacity, missing)) {
        buf->failure = BUF_NO_MEMORY;
        return -1;
    }
    while (inventions->count < number) { // more than one where there was no memory before
        inventions->items[inventions->count++] = (struct invented_text){.kind = kind};
    }
    uint32_t *spelling = set_add(&inventions->spellings, hash_text(text));
    if (spelling == NULL) {
        buf->failure = BUF_NO_MEMORY;
        return -1;
    }
    if (*spelling == 0) {
        *spelling = ++inventions->items[number - 1].spellings;
    }
    return *spelling - 1;
}

/* Other spellings have other letters in capitals: "nAME". */
static void append_spelt(struct buf *buf, const char *word, int64_t spelling)
{
    for (; *word != '\0'; word++, spelling >>= 1) {
        const unsigned char letter = (unsigned char)*word;
        const int other = isupper(letter) ? tolower(letter) : toupper(letter);
        const char written = (char)((spelling & 1) != 0 ? other : letter);
        buf_add(buf, &written, 1);
    }
}

static void append_filling(struct buf *buf, size_t start, size_t length)
{
    static const char filling[] =
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    const size_t wanted = (length < LONGEST_TEXT ? length : LONGEST_TEXT) / LONG_TEXT * LONG_TEXT;
    while (buf->failure == BUF_FINE && buf->length - start < wanted) {
        const size_t left = wanted - (buf->length - start);
        buf_add(buf, filling, left < strlen(filling) ? left : strlen(filling));
    }
}

void invention_append_text(struct inventions *inventions, enum invention_kind kind,
                           const char *text, struct buf *buf)
{
    static const char *const words[] = {[INVENTION_NAME] = "Name",
                                        [INVENTION_TEXT] = "Text",
                                        [INVENTION_USER] = "User",
                                        [INVENTION_ID] = "Item"};
    const size_t start = buf->length;
    const uint32_t number = number_of(&inventions->texts, hash_text_nocase(text), buf);
    const int64_t spelling = number > 0 ? spelling_of(inventions, kind, text, number, buf) : -1;
    if (spelling < 0) {
        return;
    }
    append_spelt(buf, words[inventions->items[number - 1].kind], spelling);
    buf_format(buf, "%s-%" PRIu32, text_is_ascii(text) ? "" : "\xC3\xBC", number);
    append_filling(buf, start, strlen(text));
}

void invention_append_uuid(struct inventions *inventions, const char *uuid, struct buf *buf)
{
    const bool upper = strpbrk(uuid, "ABCDEF") != NULL && strpbrk(uuid, "abcdef") == NULL;
    const uint32_t number = number_of(&inventions->uuids, hash_text_nocase(uuid), buf);
    buf_format(
        buf, upper ? "A0000000-0000-4000-8000-%012" PRIX32 : "a0000000-0000-4000-8000-%012" PRIx32,
        number);
}

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

/* How many digits it has that are replaced: not the 0 in front of a point. */
static size_t count_digits(const char *number)
{
    size_t count = 0;
    const char *at = number + (number[0] == '0' ? 1 : 0);
    for (; is_digit(*at) || *at == '.'; at++) {
        count += is_digit(*at) ? 1 : 0;
    }
    return count;
}

/*
 * The digit at a place, counted from the last one: those of the number that it came as, and a 1 in
 * front of all.
 */
static char digit_at(uint32_t number, size_t place, size_t count)
{
    if (count == 1) {
        return (char)('1' + number % 9);
    }
    if (place == count - 1) {
        return '1';
    }
    for (; place > 0 && number > 0; place--) {
        number /= 10;
    }
    return (char)('0' + number % 10);
}

void invention_append_number(struct inventions *inventions, const char *number, struct buf *buf)
{
    if (*number == '-') {
        buf_text(buf, "-");
        number++;
    }
    const size_t count = count_digits(number);
    const uint32_t came = number_of(&inventions->numbers, hash_text(number), buf);
    size_t place = count;
    if (number[0] == '0') {
        buf_text(buf, "0");
        number++;
    }
    for (; is_digit(*number) || *number == '.'; number++) {
        const char written = *number == '.' ? '.' : digit_at(came, --place, count);
        buf_add(buf, &written, 1);
    }
    buf_text(buf, number); // an exponent
}

static void append_unknown(struct buf *buf, const char *original, const char *word, uint32_t number)
{
    const bool small = islower((unsigned char)original[0]);
    buf_format(buf, "%snknown%s%" PRIu32, small ? "u" : "U", word, number);
}

void invention_append_word(struct inventions *inventions, const char *word, struct buf *buf)
{
    append_unknown(buf, word, "Word", number_of(&inventions->words, hash_text_nocase(word), buf));
}

void invention_append_key(struct inventions *inventions, const char *key, struct buf *buf)
{
    append_unknown(buf, key, "Key", number_of(&inventions->keys, hash_text_nocase(key), buf));
}
