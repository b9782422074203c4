// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * An answer of EM, or what is not JSON as a path and query: what stands for it is built alike, can
 * be read, and has nothing of a secret.
 */
#include <stdlib.h>
#include <string.h>

#include "em/anonymous.h"
#include "em/json.h"
#include "fuzz/fuzz.h"

enum { LIMIT = 64 * 1024 * 1024, WEEKS = -100 };

/* None of the passwords of tests/secrets.sh: libFuzzer prints words that it finds in the seeds. */
static const char secret[] = "sw0rdf1sh";

/* Types, numbers of items, and what is empty are the same. */
// NOLINTNEXTLINE(misc-no-recursion): cJSON nests no deeper than it parses
static void check_alike(const cJSON *original, const cJSON *replaced)
{
    REQUIRE((original->type & 0xFF) == (replaced->type & 0xFF));
    if (json_is(original, cJSON_String)) {
        REQUIRE((original->valuestring[0] == '\0') == (replaced->valuestring[0] == '\0'));
    }
    const cJSON *other = replaced->child;
    for (const cJSON *item = original->child; item != NULL; item = item->next) {
        REQUIRE(other != NULL && (item->string == NULL) == (other->string == NULL));
        check_alike(item, other);
        other = other->next;
    }
    REQUIRE(other == NULL);
}

static void check_text(const struct buf *text)
{
    REQUIRE(text->failure == BUF_FINE && strlen(buf_string(text)) == text->length);
    REQUIRE(fuzz_is_utf8(buf_string(text), text->length));
    REQUIRE(strcasestr(buf_string(text), secret) == NULL);
}

static void check_json(struct anonymous *anonymous, const cJSON *value)
{
    struct json_document replaced = {.root = NULL};
    struct fault fault = {.kind = FAULT_NONE};
    struct buf text;
    buf_init(&text, LIMIT);
    anonymous_append_json(anonymous, value, &text);
    check_text(&text);
    REQUIRE(json_parse(buf_string(&text), text.length, &replaced, &fault) == 0);
    check_alike(value, replaced.root);
    json_free(&replaced);
    buf_free(&text);
}

static void check_target(struct anonymous *anonymous, const char *target)
{
    struct buf text;
    struct buf again;
    buf_init(&text, LIMIT);
    buf_init(&again, LIMIT);
    anonymous_append_target(anonymous, target, &text);
    check_text(&text);
    for (const char *at = buf_string(&text); *at != '\0'; at++) {
        REQUIRE(*at > ' ' && *at < 0x7F && strchr("\"<>\\^`{|}", *at) == NULL);
    }
    anonymous_append_target(anonymous, target, &again);
    REQUIRE(strcmp(buf_string(&text), buf_string(&again)) == 0);
    buf_free(&text);
    buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = fuzz_copy(bytes, size);
    struct json_document document = {.root = NULL};
    struct fault fault = {.kind = FAULT_NONE};
    struct anonymous anonymous;
    REQUIRE(anonymous_init(&anonymous, WEEKS));
    if (json_parse(text, size, &document, &fault) == 0) {
        check_json(&anonymous, document.root);
        fuzz_taken++;
    } else {
        check_target(&anonymous, text);
    }
    json_free(&document);
    anonymous_free(&anonymous);
    free(text);
    return 0;
}
