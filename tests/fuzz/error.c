// SPDX-License-Identifier: GPL-3.0-or-later
/* What EM answers: a page of a query, or an error with its message, as JSON or XML. */
#include <stdlib.h>
#include <string.h>

#include "em/json.h"
#include "em/message.h"
#include "em/query.h"
#include "fuzz/fuzz.h"

enum { MESSAGE_LIMIT = 1024 * 1024 };

/* A fault has a kind and a text, which is cut at characters if EM's own were whole. */
static void check_fault(const struct fault *fault, const char *answer, size_t length)
{
    REQUIRE(fault->kind == FAULT_PROTOCOL);
    REQUIRE(fault->text[0] != '\0' && strnlen(fault->text, FAULT_TEXT_SIZE) < FAULT_TEXT_SIZE);
    REQUIRE(fuzz_is_utf8(fault->text, strlen(fault->text)) || !fuzz_is_utf8(answer, length));
}

static void check_message(const char *answer, size_t length)
{
    struct fault fault = {.kind = FAULT_NONE};
    struct buf message;
    buf_init(&message, MESSAGE_LIMIT);
    message_append(&message, answer, length);
    REQUIRE(message.failure == BUF_FINE && message.length <= length);
    fault_set(&fault, FAULT_PROTOCOL, "EM says: %s", buf_string(&message));
    check_fault(&fault, answer, length);
    fault_wrap(&fault, "/api/query?type=%s", buf_string(&message));
    check_fault(&fault, answer, length);
    buf_free(&message);
}

static void check_page(const cJSON *document, const char *answer, size_t length)
{
    struct em_page page;
    struct fault fault = {.kind = FAULT_NONE};
    if (query_read_page(document, "CdpReplicaTaskSessions", &page, &fault) < 0) {
        check_fault(&fault, answer, length);
        return;
    }
    REQUIRE(page.entities == NULL || cJSON_IsArray(page.entities));
    REQUIRE(page.pages_count >= 0 && page.pages_count <= 1000000);
    REQUIRE(page.pages_count > 0 || json_member(document, "PagingInfo") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *answer = fuzz_copy(bytes, size);
    struct fault fault = {.kind = FAULT_NONE};
    struct json_document document = {.root = NULL};
    if (json_parse(answer, size, &document, &fault) < 0) {
        check_fault(&fault, answer, size);
    } else {
        REQUIRE(fault.kind == FAULT_NONE);
        check_page(document.root, answer, size);
    }
    check_message(answer, size);
    json_free(&document);
    free(answer);
    return 0;
}
