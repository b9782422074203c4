// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Text from outside, made safe to print. The first byte is the limit in bytes, the second what the
 * buf has room for besides; the text follows.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fuzz/fuzz.h"

enum { WIDE = 1024 * 1024 };

static const char start[] = "before ";

static void check_clean(const char *text, size_t limit)
{
    struct buf once;
    struct buf twice;
    buf_init(&once, WIDE);
    buf_init(&twice, WIDE);
    buf_text(&once, start);
    text_append_clean(&once, text, limit);
    REQUIRE(once.failure == BUF_FINE);
    const char *clean = once.text + strlen(start);
    const size_t length = once.length - strlen(start);
    REQUIRE(strlen(once.text) == once.length && strncmp(once.text, start, strlen(start)) == 0);
    REQUIRE(length <= limit && fuzz_is_clean(clean, length));
    REQUIRE(strchr(clean, '|') == NULL && strstr(clean, "  ") == NULL);
    REQUIRE(length == 0 || (clean[0] != ' ' && clean[length - 1] != ' '));
    text_append_clean(&twice, clean, limit);
    REQUIRE(strcmp(buf_string(&twice), clean) == 0);
    buf_free(&once);
    buf_free(&twice);
}

/* A buf that is too small fails; what is in it by then stays within its limit. */
static void check_small_buf(const char *text, size_t limit, size_t room)
{
    struct buf small;
    buf_init(&small, room);
    text_append_clean(&small, text, limit);
    REQUIRE(small.length <= room && strlen(buf_string(&small)) == small.length);
    REQUIRE(small.failure == BUF_FINE || room < limit);
    buf_free(&small);
    text_append_utf8(&small, text);
    REQUIRE(small.length <= room && strlen(buf_string(&small)) == small.length);
    REQUIRE(fuzz_is_utf8(buf_string(&small), small.length));
    buf_free(&small);
}

static const char no_character[] = "\xEF\xBF\xBF"; // U+FFFF, which text_append_utf8 replaces

static void check_utf8(const char *text)
{
    const bool stays = fuzz_is_utf8(text, strlen(text)) && strstr(text, no_character) == NULL;
    struct buf once;
    struct buf twice;
    buf_init(&once, WIDE);
    buf_init(&twice, WIDE);
    text_append_utf8(&once, text);
    REQUIRE(once.failure == BUF_FINE && fuzz_is_utf8(buf_string(&once), once.length));
    REQUIRE(!stays || strcmp(buf_string(&once), text) == 0);
    REQUIRE(strstr(buf_string(&once), no_character) == NULL);
    text_append_utf8(&twice, buf_string(&once));
    REQUIRE(strcmp(buf_string(&once), buf_string(&twice)) == 0);
    buf_free(&once);
    buf_free(&twice);
}

static void check_boundary(const char *text, size_t wanted)
{
    const size_t length = strlen(text);
    const size_t most = wanted < length ? wanted : length;
    const size_t cut = text_boundary(text, most);
    REQUIRE(cut <= most && most - cut <= 3);
    if (fuzz_is_utf8(text, length)) {
        REQUIRE(fuzz_is_utf8(text, cut));
        REQUIRE(cut == most || !fuzz_is_utf8(text, most));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 2) {
        return 0;
    }
    char *text = fuzz_text(bytes + 2, size - 2);
    check_clean(text, bytes[0]);
    check_clean(text, WIDE);
    check_small_buf(text, bytes[0], bytes[1]);
    check_utf8(text);
    check_boundary(text, bytes[0]);
    free(text);
    return 0;
}
