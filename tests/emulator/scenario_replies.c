// SPDX-License-Identifier: GPL-3.0-or-later
/* The faults of a scenario: what is answered instead of, or in front of, the real answer. */
#include "emulator/scenario_parts.h"

#include <stdlib.h>
#include <string.h>
#include <gnutls/gnutls.h>

/* The body: a text, a JSON value that is written out, or bytes in base64. */
static void load_body(struct loader *loader, const cJSON *object, struct reply *reply)
{
    struct arena *arena = &loader->store->arena;
    const cJSON *body = loader_member(object, "body");
    const char *encoded = loader_text(object, "body_base64", NULL);
    reply->body = "";
    if (encoded != NULL) {
        const gnutls_datum_t text = {.data = (unsigned char *)arena_copy(arena, encoded),
                                     .size = (unsigned int)strlen(encoded)};
        gnutls_datum_t bytes = {0};
        if (text.size > 0 && gnutls_base64_decode2(&text, &bytes) != 0) {
            loader_fail(loader, "replies: \"body_base64\" is not base64");
            return;
        }
        reply->body = arena_copy_part(arena, (const char *)bytes.data, bytes.size);
        reply->body_length = bytes.size;
        gnutls_free(bytes.data);
        return;
    }
    if (cJSON_IsString(body)) {
        reply->body = body->valuestring;
    } else if (body != NULL) {
        char *text = cJSON_PrintUnformatted(body);
        reply->body = arena_copy(arena, text != NULL ? text : "");
        free(text);
    }
    reply->body_length = strlen(reply->body);
}

static void check_reply(struct loader *loader, const cJSON *object, const struct reply *reply)
{
    const cJSON *header = NULL;
    cJSON_ArrayForEach(header, reply->headers)
    {
        if (!cJSON_IsString(header)) {
            loader_fail(loader, "replies: header \"%s\" is not a text", header->string);
        }
    }
    bool has_body =
        loader_member(object, "body") != NULL || loader_member(object, "body_base64") != NULL;
    if (reply->status != 0 && (reply->status < 200 || reply->status > 599)) {
        loader_fail(loader, "replies: \"status\" is out of range");
    }
    if (reply->status == 0 && (has_body || reply->truncate > 0 || reply->headers != NULL)) {
        loader_fail(loader,
                    "replies: without \"status\" there is no \"body\", \"headers\", \"truncate\"");
    }
    if (reply->status == 0 && !reply->drop && reply->delay <= 0) {
        loader_fail(loader, "replies: one of \"status\", \"drop\", \"delay\" is needed");
    }
}

void scenario_load_reply(struct loader *loader, const cJSON *object)
{
    static const struct key keys[] = {{"method", KIND_TEXT},   {"path", KIND_TEXT},
                                      {"nth", KIND_WHOLE},     {"times", KIND_WHOLE},
                                      {"status", KIND_WHOLE},  {"headers", KIND_OBJECT},
                                      {"body", KIND_ANY},      {"body_base64", KIND_TEXT},
                                      {"repeat", KIND_WHOLE},  {"truncate", KIND_WHOLE},
                                      {"delay", KIND_DECIMAL}, {"stall", KIND_DECIMAL},
                                      {"drop", KIND_TRUTH},    {NULL, KIND_ANY}};
    struct store *store = loader->store;
    loader_check_keys(loader, object, keys, "replies");
    if (loader->failed) {
        return;
    }
    int64_t nth = loader_whole(object, "nth", 0);
    struct reply reply = {.method = loader_text(object, "method", NULL),
                          .path = loader_text(object, "path", "/api"),
                          .first = nth > 0 ? (int)nth : 1,
                          .times = (int)loader_whole(object, "times", nth > 0 ? 1 : 0),
                          .status = (int)loader_whole(object, "status", 0),
                          .headers = loader_member(object, "headers"),
                          .repeat = (size_t)loader_whole(object, "repeat", 1),
                          .truncate = (size_t)loader_whole(object, "truncate", 0),
                          .delay = loader_decimal(object, "delay", 0),
                          .stall = loader_decimal(object, "stall", 0),
                          .drop = loader_truth(object, "drop", false)};
    load_body(loader, object, &reply);
    check_reply(loader, object, &reply);
    store->replies = memory_grow(store->replies, store->reply_count, sizeof reply);
    store->replies[store->reply_count++] = reply;
}
