// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/saved.h"

#include "base/buf.h"
#include "base/file.h"
#include "em/json.h"
#include "em/query.h"
#include "em/uid.h"
#include "fetch/decode.h"
#include "fetch/task_query.h"

enum { INPUT_LIMIT = 16 * 1024 * 1024 }; // as much as of an answer that comes from EM

static int decode_list(const cJSON *entities, struct task_sessions *sessions, struct fault *fault)
{
    const cJSON *entity = NULL;
    cJSON_ArrayForEach(entity, entities)
    {
        if (decode_task_session(entity, NULL, sessions, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

/* In one answer a UID stands once: which of two sessions would count? */
static int check_uids(const struct task_sessions *sessions, struct fault *fault)
{
    cleanup_set struct set seen = {.slots = NULL};
    for (size_t i = 0; i < sessions->count; i++) {
        const char *uid = sessions->items[i].uid;
        if (uid != NULL && uid_add(&seen, uid, 1, NULL, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

static bool is_like_session(const cJSON *item)
{
    return json_member(item, "State") != NULL || json_member(item, "UID") != NULL;
}

/* Whether it is a list that only its items identify; an empty one may be of anything. */
static bool is_bare_list(const cJSON *document)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, document)
    {
        if (!is_like_session(item)) {
            return false;
        }
    }
    return json_is(document, cJSON_Array) && document->child != NULL;
}

/* Finds the sessions in any of the shapes in which EM gives them, or as tools such as jq leave
 * them. */
static int decode_document(const cJSON *document, struct task_sessions *sessions,
                           struct lines *notices, struct fault *fault)
{
    struct em_page page = {0};
    if (json_member(document, "Entities") != NULL) {
        if (query_read_page(document, task_session_container, &page, fault) < 0) {
            return -1;
        }
        if (page.pages_count > 1 || page.has_next) {
            lines_add(notices, "the saved answer is one page of %ld: other sessions are not in it",
                      page.pages_count > 1 ? page.pages_count : 2);
        }
        return decode_list(page.entities, sessions, fault);
    }
    const cJSON *list = json_member(document, task_session_container);
    if (json_is(list, cJSON_Array) || is_bare_list(document)) {
        return decode_list(json_is(list, cJSON_Array) ? list : document, sessions, fault);
    }
    if (!is_like_session(document)) {
        return fault_set(
            fault, FAULT_PROTOCOL,
            "this is not a CDP task session, an answer to a query for them, or an array with "
            "at least one");
    }
    return decode_task_session(document, NULL, sessions, fault);
}

int saved_read(const char *bytes, size_t length, struct site *site, struct fault *fault)
{
    cleanup_json struct json_document document = {.root = NULL};
    if (json_parse(bytes, length, &document, fault) < 0 ||
        decode_document(document.root, &site->sessions, &site->notices, fault) < 0) {
        return -1;
    }
    return check_uids(&site->sessions, fault);
}

int saved_fetch(const char *path, struct site *site, struct fault *fault)
{
    cleanup_buf struct buf saved;
    buf_init(&saved, INPUT_LIMIT);
    if (file_read(path, &saved, fault) < 0 ||
        saved_read(buf_string(&saved), saved.length, site, fault) < 0) {
        return fault_wrap(fault, "--input=%s", path);
    }
    return 0;
}
