// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/probe_sample.h"

#include <string.h>

#include "base/text.h"
#include "em/entity.h"
#include "em/pages.h"
#include "fetch/decode.h"
#include "fetch/task_query.h"

/* Of a word or key of EM's. */
enum { WORD_LIMIT = 80 };

/* What every session is to have. A Reason it need not have, nor an end. */
static const enum session_member needed[] = {
    MEMBER_UID,     MEMBER_NAME,  MEMBER_VM,     MEMBER_LINKS,     MEMBER_POLICY_SESSION_UID,
    MEMBER_CREATED, MEMBER_STATE, MEMBER_RESULT, MEMBER_TOTAL_SIZE};

/* Members of every entity of EM that the plugin has no use for. */
static const char *const unused[] = {"Type", "Href"};

/* Adds a word unless the list has it. */
static void add_once(struct lines *list, const char *word, const struct mask *mask)
{
    char text[WORD_LIMIT];
    const size_t length = strlen(word);
    const size_t kept = length < sizeof text ? length : text_boundary(word, sizeof text - 1);
    memcpy(text, word, kept);
    text[kept] = '\0';
    mask_text(mask, text);
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->text[i], text) == 0) {
            return;
        }
    }
    lines_add(list, "%s", text);
}

static bool is_known(const char *key)
{
    bool found = false;
    for (size_t i = 0; i < SESSION_MEMBERS && !found; i++) {
        found = text_equal_nocase(key, task_session_members[i].name);
    }
    for (size_t i = 0; i < sizeof unused / sizeof unused[0] && !found; i++) {
        found = text_equal_nocase(key, unused[i]);
    }
    return found;
}

/* ---- words ---- */

/* The word of a session that the lines are about. */
typedef const char *session_word(const struct task_session *session, bool *known);

static const char *state_of(const struct task_session *session, bool *known)
{
    *known = session->state != SESSION_OTHER;
    return session->state_text != NULL ? session->state_text : "(none)";
}

static const char *result_of(const struct task_session *session, bool *known)
{
    *known = session->result != RESULT_OTHER;
    return session->result_text != NULL ? session->result_text : "(none)";
}

static void add_words(struct probing *probing, enum probe_topic topic, session_word *word_of)
{
    const struct task_sessions *sample = &probing->sample;
    const struct mask *mask = em_client_mask(probing->client);
    struct probe_line *line = probe_add(probing->probe, topic);
    struct lines *seen = probe_set_list(line, PROBE_SEEN);
    struct lines *unknown = probe_set_list(line, PROBE_UNKNOWN);
    for (size_t i = 0; i < sample->count; i++) {
        bool known = true;
        const char *word = word_of(&sample->items[i], &known);
        add_once(seen, word, mask);
        if (!known) {
            add_once(unknown, word, mask);
        }
    }
    probe_set_number(line, PROBE_SAMPLE, (double)sample->count);
}

/* ---- members ---- */

static void add_members(struct probing *probing)
{
    const struct mask *mask = em_client_mask(probing->client);
    struct probe_line *line = probe_add(probing->probe, PROBE_MEMBERS);
    struct lines *unknown = probe_set_list(line, PROBE_UNKNOWN);
    struct lines *absent = probe_set_list(line, PROBE_ABSENT);
    const cJSON *entity = NULL;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(entity, probing->entities)
    {
        cJSON_ArrayForEach(item, entity)
        {
            if (item->string != NULL && !is_known(item->string)) {
                add_once(unknown, item->string, mask);
            }
        }
    }
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        const char *name = task_session_members[needed[i]].name;
        size_t having = 0;
        cJSON_ArrayForEach(entity, probing->entities)
        {
            having += json_member(entity, name) != NULL ? 1 : 0;
        }
        if (having < probing->sample.count) {
            lines_add(absent, "%s", name);
        }
    }
    probe_set_number(line, PROBE_SAMPLE, (double)probing->sample.count);
}

static bool runs(const cJSON *entity)
{
    const char *state = json_text(entity, task_session_members[MEMBER_STATE].name);
    return state == NULL || task_session_state(state) != SESSION_COMPLETED;
}

/* An end of .NET's year 1, or before the session began, is none. */
static bool has_end(const cJSON *entity)
{
    const char *created = json_text(entity, task_session_members[MEMBER_CREATED].name);
    const char *ended = json_text(entity, task_session_members[MEMBER_ENDED].name);
    utc_us from = 0;
    utc_us to = 0;
    return created != NULL && ended != NULL && utc_parse(created, &from) && utc_parse(ended, &to) &&
           to >= from;
}

void probe_sample_add_running(struct probing *probing, const cJSON *entities)
{
    struct probe_line *line = probe_add(probing->probe, PROBE_RUNNING);
    struct lines *absent = probe_set_list(line, PROBE_ABSENT);
    struct lines *null = probe_set_list(line, PROBE_NULL);
    size_t running = 0;
    size_t with_end = 0;
    const cJSON *entity = NULL;
    cJSON_ArrayForEach(entity, entities)
    {
        if (!runs(entity)) {
            continue;
        }
        running++;
        with_end += has_end(entity) ? 1 : 0;
        for (size_t i = 0; i < SESSION_MEMBERS; i++) {
            const char *name = task_session_members[i].name;
            if (!json_has(entity, name)) {
                add_once(absent, name, NULL);
            } else if (json_member(entity, name) == NULL) {
                add_once(null, name, NULL);
            }
        }
    }
    probe_set_number(line, PROBE_SAMPLE, (double)running);
    probe_set_number(line, PROBE_WITH_END, (double)with_end);
}

/* ---- order ---- */

static void add_sort(struct probing *probing)
{
    const struct task_sessions *sample = &probing->sample;
    struct probe_line *line = probe_add(probing->probe, PROBE_SORT);
    bool in_order = true;
    for (size_t i = 1; i < sample->count; i++) {
        in_order = in_order && sample->items[i].has_created &&
                   sample->items[i].created <= sample->items[i - 1].created;
    }
    probe_set_text(probing->probe, line, PROBE_CONDITION, task_query(NULL, 1).sort_descending);
    probe_set_number(line, PROBE_SAMPLE, (double)sample->count);
    probe_set_truth(line, PROBE_IN_ORDER, in_order);
}

/* ---- all ---- */

/* With pages of one, their number is that of the sessions. */
static int count_sessions(struct probing *probing, struct fault *fault)
{
    const struct em_query query = task_query(NULL, 1);
    struct probe_line *line = probe_add(probing->probe, PROBE_SESSIONS);
    const int64_t begun_ms = probing_begin();
    struct em_page page;
    if (em_pages_first(probing->client, &query, &probing->answer, &page, fault) < 0) {
        line->fault = *fault;
        line->refused = em_client_refused(probing->client);
        return -1;
    }
    probing_end(line, begun_ms);
    const int length = json_length(page.entities);
    probing->has_total = page.pages_count > 0 && (page.size == 1 || length == 1 || length == 0);
    probing->total = length == 0 ? 0 : (double)page.pages_count;
    if (probing->has_total) {
        probe_set_number(line, PROBE_COUNT, probing->total);
    }
    return 0;
}

static bool has_session(const struct task_sessions *sample, const struct task_session *session)
{
    bool found = false;
    for (size_t i = 0; i < sample->count && !found; i++) {
        const char *uid = sample->items[i].uid;
        found = uid != NULL && session->uid != NULL && text_equal_nocase(uid, session->uid);
    }
    return found;
}

/* Adds a page of what the filter leaves, but what is there already. What EM refuses it does
 * without. */
static int add_page(struct probing *probing, const char *filter, struct fault *fault)
{
    cleanup_json struct json_document answer = {.root = NULL};
    cleanup_task_sessions struct task_sessions found = {.items = NULL};
    const struct em_query query = task_query(filter, QUERY_PAGE_SIZE);
    struct fault refused = {.kind = FAULT_NONE};
    const cJSON *entity = NULL;
    struct em_page page;
    if (em_pages_first(probing->client, &query, &answer, &page, &refused) < 0) {
        if (part_fault_is_final(refused.kind)) {
            *fault = refused;
            return -1;
        }
        return 0;
    }
    cJSON_ArrayForEach(entity, page.entities)
    {
        if (decode_task_session(entity, em_client_mask(probing->client), &found, fault) < 0) {
            return -1;
        }
        const struct task_session *session = &found.items[found.count - 1];
        if (!has_session(&probing->sample, session) &&
            task_sessions_copy(&probing->sample, session, fault) < 0) {
            return -1;
        }
    }
    return 0;
}

static bool lacks_kind(const struct task_sessions *sample)
{
    size_t running = 0;
    for (size_t i = 0; i < sample->count; i++) {
        running += task_session_runs(&sample->items[i]) ? 1 : 0;
    }
    return running == 0 || running == sample->count;
}

/*
 * On a site of many VMs, all of the newest run, or none does. Then one VM's sessions are looked at,
 * as --vm does, and, if that is not enough, those of a State. Whether EM filters is seen later.
 */
static int complete(struct probing *probing, struct fault *fault)
{
    const struct task_sessions *sample = &probing->sample;
    const char *vm = sample->items[0].vm;
    cleanup_buf struct buf filter;
    buf_init(&filter, QUERY_TARGET_LIMIT);
    if (vm != NULL && lacks_kind(sample)) {
        query_append_comparison(&filter, "VmDisplayName", "==", vm);
        if (add_page(probing, buf_string(&filter), fault) < 0) {
            return -1;
        }
    }
    return lacks_kind(sample) ? add_page(probing,
                                         task_session_runs(&sample->items[0]) ? task_query_completed
                                                                              : task_query_runs,
                                         fault)
                              : 0;
}

static int read_newest(struct probing *probing, struct fault *fault)
{
    const struct em_query query = task_query(NULL, QUERY_PAGE_SIZE);
    const cJSON *entity = NULL;
    struct em_page page;
    if (em_pages_first(probing->client, &query, &probing->newest, &page, fault) < 0) {
        return -1;
    }
    probing->entities = page.entities;
    cJSON_ArrayForEach(entity, page.entities)
    {
        if (decode_task_session(entity, em_client_mask(probing->client), &probing->sample, fault) <
            0) {
            return -1;
        }
    }
    return 0;
}

int probe_sample_read(struct probing *probing, struct fault *fault)
{
    if (count_sessions(probing, fault) < 0 || read_newest(probing, fault) < 0) {
        return -1;
    }
    if (probing->sample.count == 0) {
        return 0;
    }
    add_members(probing);
    add_sort(probing);
    if (complete(probing, fault) < 0) {
        return -1;
    }
    add_words(probing, PROBE_STATES, state_of);
    add_words(probing, PROBE_RESULTS, result_of);
    return 0;
}
