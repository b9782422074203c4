// SPDX-License-Identifier: GPL-3.0-or-later
/* EM's DateTime, written as ISO 8601 and read again; and any span of time in words. */
#include <stdlib.h>
#include <string.h>

#include "base/utc.h"
#include "fuzz/fuzz.h"

enum { TEXT_LIMIT = 64 };

/* An offset may lead to the year 0, from what .NET writes for "no time". */
static const utc_us year_1 = INT64_C(-62135596800) * UTC_SECOND;

static void check_span(utc_us span)
{
    struct buf words;
    buf_init(&words, TEXT_LIMIT);
    utc_append_span(&words, span);
    REQUIRE(words.failure == BUF_FINE && words.length >= 2);
    REQUIRE(strspn(words.text, "0123456789dhms ") == words.length);
    REQUIRE(span >= UTC_SECOND || strcmp(words.text, "0s") == 0);
    buf_free(&words);
}

static void check_moment(utc_us moment)
{
    struct buf text;
    utc_us again = 0;
    buf_init(&text, TEXT_LIMIT);
    utc_append_iso(&text, moment);
    REQUIRE(text.failure == BUF_FINE);
    REQUIRE(utc_parse(text.text, &again));
    REQUIRE(again == moment);
    buf_free(&text);
    utc_append_minute(&text, moment);
    REQUIRE(text.failure == BUF_FINE && text.length == strlen("2025-08-14 12:31 UTC"));
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = fuzz_text(bytes, size);
    utc_us moment = 0;
    if (utc_parse(text, &moment)) {
        if (moment >= year_1) {
            check_moment(moment);
        }
        check_span(moment);
    }
    if (size >= sizeof moment) {
        memcpy(&moment, bytes, sizeof moment);
        check_span(moment);
    }
    free(text);
    return 0;
}
