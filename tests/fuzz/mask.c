// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Secrets in texts from outside. The first byte is the secret's length, the second byte whether it
 * is an id; the secret and the text follow.
 */
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "base/mask.h"
#include "base/text.h"
#include "fuzz/fuzz.h"

enum { WIDE = 1024 * 1024, LONGEST = 64 };

/* What is masked once stays as it is, and has no secret, unless that is made of stars itself. */
static void check_text(const struct mask *mask, const char *secret, const char *text)
{
    char *once = strdup(text);
    const size_t length = mask_text(mask, once);
    REQUIRE(length == strlen(once) && length <= strlen(text));
    REQUIRE(mask->count > 0 || strcmp(once, text) == 0);
    REQUIRE(strlen(secret) < MASK_SHORTEST || strchr(secret, '*') != NULL ||
            strstr(once, secret) == NULL);
    free(once);
}

/* By others' ways of writing: of that nothing may be left. */
static void check_written(const struct mask *mask, const char *written)
{
    struct buf around;
    buf_init(&around, WIDE);
    buf_format(&around, "before %s behind", written);
    const size_t length = around.length;
    mask_buf(mask, &around);
    REQUIRE(around.failure == BUF_FINE && strlen(around.text) == around.length);
    REQUIRE(mask->count == 0 || around.length < length);
    buf_free(&around);
}

static void check_forms(const struct mask *mask, const char *secret)
{
    struct buf encoded;
    buf_init(&encoded, WIDE);
    text_append_encoded(&encoded, secret);
    check_written(mask, buf_string(&encoded));
    buf_free(&encoded);
    cJSON *item = cJSON_CreateStringReference(secret);
    char *json = cJSON_PrintUnformatted(item);
    check_written(mask, json);
    cJSON_free(json);
    cJSON_Delete(item);
    check_written(mask, secret);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct mask mask = {.secrets = NULL};
    const size_t wanted = size < 2 ? 0 : bytes[0] % LONGEST;
    if (size < 2 || size - 2 < wanted) {
        return 0;
    }
    char *secret = fuzz_text(bytes + 2, wanted);
    char *text = fuzz_text(bytes + 2 + wanted, size - 2 - wanted);
    REQUIRE((bytes[1] % 2 == 0 ? mask_add : mask_add_id)(&mask, secret));
    REQUIRE(mask.count == (strlen(secret) < MASK_SHORTEST ? 0 : 1));
    check_text(&mask, secret, text);
    check_forms(&mask, secret);
    REQUIRE(mask_add_basic(&mask, text, secret));
    check_text(&mask, secret, text);
    mask_free(&mask);
    free(secret);
    free(text);
    return 0;
}
