// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cdp/fleet.h"
#include "cdp/pick.h"
#include "cdp/task_query.h"
#include "cdp/vm.h"
#include "em/json.h"
#include "em/query.h"
#include "em/uid_set.h"

int answers_init(struct answers *answers, const struct question *question, struct fault *fault)
{
    const size_t count = question->selector_count > 0 ? question->selector_count : 1;
    *answers = (struct answers){.items = calloc(count, sizeof *answers->items), .count = count};
    if (answers->items == NULL) {
        answers->count = 0;
        return fault_no_memory(fault);
    }
    for (size_t i = 0; i < question->selector_count; i++) {
        answers->items[i].selector = &question->selectors[i];
    }
    return 0;
}

/* EM says too little about these to answer the question. */
static void note_assumed(struct answers *answers)
{
    size_t most = 0;
    for (size_t i = 0; i < answers->count; i++) {
        const size_t assumed = answers->items[i].picks.assumed;
        most = assumed > most ? assumed : most;
    }
    if (most > 0) {
        lines_add(&answers->notices,
                  "%zu VM%s judged too, although EM names no policy or backup server for %s", most,
                  most > 1 ? "s are" : " is", most > 1 ? "them" : "it");
    }
}

static int pick_answer(struct answers *answers, struct answer *answer,
                       const struct question *question, struct fault *fault)
{
    if (pick_targets(&answers->targets, answer->selector, question, &answer->picks, fault) < 0) {
        return -1;
    }
    if (!picks_are_found(&answer->picks) && !question->none_is_fine) {
        pick_none(answer->selector, question, &answers->sessions, answer->picks.assumed,
                  &answer->fault);
        answer->picks.count = answer->picks.assumed = 0;
    }
    return 0;
}

int answers_group(struct answers *answers, const struct question *question, struct fault *fault)
{
    const struct selector *selector = answers->items[0].selector;
    const bool each_alone = selector != NULL && selector->kind == SELECT_ID;
    int result = targets_select(&answers->sessions, each_alone, &answers->targets, fault);
    for (size_t i = 0; result == 0 && i < answers->count; i++) {
        struct answer *answer = &answers->items[i];
        if (answer->fault.kind == FAULT_NONE) {
            result = pick_answer(answers, answer, question, fault);
        }
    }
    note_assumed(answers);
    return result;
}

void answers_free(struct answers *answers)
{
    for (size_t i = 0; i < answers->count; i++) {
        free(answers->items[i].picks.items);
    }
    free(answers->items);
    targets_free(&answers->targets);
    task_sessions_free(&answers->sessions);
    lines_free(&answers->notices);
    *answers = (struct answers){0};
}

static int decode_list(const cJSON *entities, const struct mask *mask,
                       struct task_sessions *sessions, struct fault *fault)
{
    const cJSON *entity = NULL;
    cJSON_ArrayForEach(entity, entities)
    {
        if (task_sessions_add(sessions, entity, mask, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Each VM gets a new task session every few hours, and EM forgets old ones. */
static int explain_id(struct fault *fault)
{
    if (fault->kind == FAULT_NOT_FOUND) {
        struct fault told = *fault;
        fault_set(fault, FAULT_NOT_FOUND, "%s; ids change with every task session, --vm=NAME stays",
                  told.text);
    }
    return -1;
}

static int ask_for_id(struct em_client *em, const struct selector *selector,
                      const struct question *question, struct task_sessions *found,
                      struct fault *fault)
{
    char target[128];
    cleanup_json struct json_document entity = {.root = NULL};
    (void)question; // narrows afterwards
    snprintf(target, sizeof target, "/api/cdpReplicaTaskSessions/%s?format=Entity", selector->text);
    if (em_client_get(em, target, &entity, fault) < 0 ||
        task_sessions_add(found, entity.root, em_client_mask(em), fault) < 0) {
        return explain_id(fault);
    }
    return pick_is_selected(&found->items[0], selector)
               ? 0
               : fault_set(fault, FAULT_PROTOCOL, "EM's answer is not the task session %s",
                           selector->text);
}

bool ask_ends_the_run(enum fault_kind kind)
{
    return kind == FAULT_UNREACHABLE || kind == FAULT_TLS || kind == FAULT_TIMEOUT ||
           kind == FAULT_LOGON || kind == FAULT_INTERNAL || kind == FAULT_TERMINATED;
}

/* Asks for one selector. What was found before a fault does not count. */
static int ask_for(struct em_client *em, const struct question *question, struct answers *answers,
                   struct answer *answer)
{
    static int (*const ask[])(struct em_client *, const struct selector *, const struct question *,
                              struct task_sessions *,
                              struct fault *) = {[SELECT_ID] = ask_for_id,
                                                 [SELECT_VM] = vm_ask,
                                                 [SELECT_POLICY] = fleet_ask_policy,
                                                 [SELECT_ALL] = fleet_ask_all};
    struct task_sessions found = {.beside = answers->sessions.size};
    int result =
        ask[answer->selector->kind](em, answer->selector, question, &found, &answer->fault);
    if (result == 0) {
        // Both lists were within the limit together.
        result = task_sessions_move(&answers->sessions, &found, NULL, NULL, &answer->fault);
    }
    task_sessions_free(&found);
    return result;
}

int ask_em(const struct em_settings *settings, const struct question *question,
           struct answers *answers, struct buf *trace, struct fault *fault)
{
    if (answers_init(answers, question, fault) < 0) {
        return -1;
    }
    struct em_client *em = em_client_open(settings, trace, &answers->notices, fault);
    if (em == NULL) {
        return -1;
    }
    struct fault last = {.kind = FAULT_NONE};
    for (size_t i = 0; i < answers->count; i++) {
        struct answer *answer = &answers->items[i];
        if (ask_ends_the_run(last.kind)) {
            answer->fault = last;
        } else if (ask_for(em, question, answers, answer) < 0) {
            last = answer->fault;
        }
    }
    answers->has_clock_offset = em_client_clock_offset(em, &answers->clock_offset);
    struct fault logoff = {.kind = FAULT_NONE};
    if (em_client_close(em, &logoff) < 0) {
        lines_add(&answers->notices, "logoff failed, EM ends the session after 15 minutes: %s: %s",
                  fault_kind_name(logoff.kind), logoff.text);
    }
    const bool all = question->selectors[0].kind == SELECT_ALL; // there is no VM to name then
    if (last.kind == FAULT_TERMINATED || (all && last.kind != FAULT_NONE)) {
        *fault = last;
        return -1;
    }
    return answers_group(answers, question, fault);
}

/* In one answer a UID stands once: which of two sessions would count? */
static int check_uids(const struct task_sessions *sessions, struct fault *fault)
{
    struct uid_set seen = {.slots = NULL};
    int result = 0;
    for (size_t i = 0; result >= 0 && i < sessions->count; i++) {
        const char *uid = sessions->items[i].uid;
        result = uid != NULL ? uid_set_add(&seen, uid, 1, NULL, fault) : 0;
    }
    uid_set_free(&seen);
    return result < 0 ? -1 : 0;
}

static bool is_like_session(const cJSON *item)
{
    return json_member(item, "State") != NULL || json_member(item, "UID") != NULL;
}

/* Whether it is a list that only its items identify; an empty one may be of anything.
 */
static bool is_bare_list(const cJSON *document)
{
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, document)
    {
        if (!is_like_session(item)) {
            return false;
        }
    }
    return cJSON_IsArray(document) && document->child != NULL;
}

/* Finds the sessions in any of the shapes in which EM gives them, or as tools such as jq leave
 * them.
 */
static int decode_document(const cJSON *document, struct task_sessions *sessions,
                           struct answers *answers, struct fault *fault)
{
    struct em_page page = {0};
    if (json_member(document, "Entities") != NULL) {
        if (query_read_page(document, task_session_container, &page, fault) < 0) {
            return -1;
        }
        if (page.pages_count > 1 || page.has_next) {
            lines_add(&answers->notices,
                      "the saved answer is one page of %ld: other sessions are not in it",
                      page.pages_count > 1 ? page.pages_count : 2);
        }
        return decode_list(page.entities, NULL, sessions, fault);
    }
    const cJSON *list = json_member(document, task_session_container);
    if (cJSON_IsArray(list) || is_bare_list(document)) {
        return decode_list(cJSON_IsArray(list) ? list : document, NULL, sessions, fault);
    }
    if (!is_like_session(document)) {
        return fault_set(
            fault, FAULT_PROTOCOL,
            "this is not a CDP task session, an answer to a query for them, or an array with "
            "at least one");
    }
    return task_sessions_add(sessions, document, NULL, fault);
}

int ask_saved(const char *bytes, size_t length, const struct question *question,
              struct answers *answers, struct fault *fault)
{
    cleanup_json struct json_document document = {.root = NULL};
    if (answers_init(answers, question, fault) < 0) {
        return -1;
    }
    int result = json_parse(bytes, length, &document, fault);
    if (result == 0) {
        result = decode_document(document.root, &answers->sessions, answers, fault);
    }
    if (result == 0) {
        result = check_uids(&answers->sessions, fault);
    }
    if (result == 0) {
        result = answers_group(answers, question, fault);
    }
    return result;
}
