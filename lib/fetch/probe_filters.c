// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A filter is tried by what is known: the sample has sessions that fit it, and such that don't.
 * What EM gives must fit, and be fewer than all there are; probe_judge compares.
 */
#include "fetch/probe_filters.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "em/pages.h"
#include "fetch/decode.h"
#include "fetch/policy.h"
#include "fetch/policy_sessions.h"
#include "fetch/probe_sample.h"
#include "fetch/replica.h"
#include "fetch/task_query.h"

/* What filters on task sessions are made of. */
struct terms {
    const char *vm;
    const char *other_vm;       // NULL: the sample has one VM only
    const char *policy_session; // NULL: EM gives none
    utc_us created;             // to the second, between older and newer sessions
    utc_us ended;
    bool has_ended;
};

/* ---- the filters ---- */

typedef void write_filter(const struct terms *terms, struct buf *filter);
typedef bool fits_filter(const struct terms *terms, const struct task_session *session);

static bool is_vm(const struct task_session *session, const char *vm)
{
    return session->vm != NULL && vm != NULL && text_equal_name_nocase(session->vm, vm);
}

static void write_vm(const struct terms *terms, struct buf *filter)
{
    query_append_comparison(filter, "VmDisplayName", "==", terms->vm);
}

static bool fits_vm(const struct terms *terms, const struct task_session *session)
{
    return is_vm(session, terms->vm);
}

static void write_vms(const struct terms *terms, struct buf *filter)
{
    size_t room = TASK_QUERY_ROOM;
    task_query_append_either(filter, &room, true, "VmDisplayName", terms->vm);
    task_query_append_either(filter, &room, false, "VmDisplayName", terms->other_vm);
    buf_text(filter, ")");
}

static bool fits_vms(const struct terms *terms, const struct task_session *session)
{
    return is_vm(session, terms->vm) || is_vm(session, terms->other_vm);
}

static void write_runs(const struct terms *terms, struct buf *filter)
{
    (void)terms;
    buf_text(filter, task_query_runs);
}

static bool fits_runs(const struct terms *terms, const struct task_session *session)
{
    (void)terms;
    return task_session_runs(session);
}

static void write_completed(const struct terms *terms, struct buf *filter)
{
    (void)terms;
    buf_text(filter, task_query_completed);
}

static bool fits_completed(const struct terms *terms, const struct task_session *session)
{
    return !fits_runs(terms, session);
}

static void write_created(const struct terms *terms, struct buf *filter)
{
    task_query_append_from(filter, "CreationTimeUTC", terms->created);
}

static bool fits_created(const struct terms *terms, const struct task_session *session)
{
    return session->has_created && session->created >= terms->created;
}

static void write_ended(const struct terms *terms, struct buf *filter)
{
    task_query_append_from(filter, "EndTimeUTC", terms->ended);
}

static bool fits_ended(const struct terms *terms, const struct task_session *session)
{
    return session->has_ended && session->ended >= terms->ended;
}

static void write_current(const struct terms *terms, struct buf *filter)
{
    task_query_append_current(filter, terms->created);
}

static bool fits_current(const struct terms *terms, const struct task_session *session)
{
    return fits_created(terms, session) || fits_runs(terms, session) ||
           (session->has_ended && session->ended >= terms->created);
}

static void write_vm_current(const struct terms *terms, struct buf *filter)
{
    write_vm(terms, filter);
    buf_text(filter, ";");
    write_current(terms, filter);
}

static bool fits_vm_current(const struct terms *terms, const struct task_session *session)
{
    return fits_vm(terms, session) && fits_current(terms, session);
}

static void write_policy_session(const struct terms *terms, struct buf *filter)
{
    size_t room = TASK_QUERY_ROOM;
    task_query_append_either(filter, &room, true, "PolicySessionUid", terms->policy_session);
    buf_text(filter, ")");
}

static bool fits_policy_session(const struct terms *terms, const struct task_session *session)
{
    return session->policy_session_uid != NULL &&
           text_equal_nocase(session->policy_session_uid, terms->policy_session);
}

enum need { NEEDS_NOTHING, NEEDS_TWO_VMS, NEEDS_END, NEEDS_POLICY_SESSION };

static const struct {
    write_filter *write;
    fits_filter *fits;
    const char *used_by;
    bool needed; // they fail without it
    enum need need;
} filters[] = {
    {write_runs, fits_runs, "--all, --policy, --snapshot", true, NEEDS_NOTHING},
    {write_completed, fits_completed, "--all, --policy", true, NEEDS_NOTHING},
    {write_created, fits_created, "--all, --policy, --snapshot", true, NEEDS_NOTHING},
    {write_ended, fits_ended, "--all, --policy, --snapshot", true, NEEDS_END},
    {write_current, fits_current, "--all, --policy, --snapshot", true, NEEDS_NOTHING},
    {write_vm, fits_vm, "--vm", true, NEEDS_NOTHING},
    {write_vm_current, fits_vm_current, "--vm", false, NEEDS_NOTHING},
    {write_vms, fits_vms, "--all, --policy", true, NEEDS_TWO_VMS},
    {write_policy_session, fits_policy_session, "--policy", true, NEEDS_POLICY_SESSION},
};

/* ---- one of them ---- */

/* How many entities the filter leaves, if EM says so; `page` is the first of them. */
static int count_matching(struct probing *probing, struct em_query query,
                          const struct em_page *page, bool *known, double *count,
                          struct fault *fault)
{
    struct em_page single;
    *known = true;
    *count = (double)json_length(page->entities);
    if (page->pages_count <= 1 && !page->has_next) {
        return 0;
    }
    query.page_size = 1;
    if (em_pages_first(probing->client, &query, &probing->answer, &single, fault) < 0) {
        return -1;
    }
    *known = single.size == 1 || json_length(single.entities) == 1;
    *count = (double)single.pages_count;
    return 0;
}

/* What is asked, and how a page of the answer is looked at. */
struct trial {
    const char *used_by;
    bool needed;
    struct em_query query;
    // How many of the entities don't fit; -1: a fault.
    int (*wrong)(struct probing *probing, const struct trial *trial, const cJSON *entities,
                 struct fault *fault);
    bool has_total;
    double total, fitting, misfit;
    fits_filter *fits; // of task sessions
    const struct terms *terms;
    bool shows_running;
    const char *field, *value; // of other entities
};

/* Asks, and sets how much came of it. `trouble` is why there is nothing to set. */
static int ask(struct probing *probing, const struct trial *trial, struct probe_line *line,
               struct fault *trouble)
{
    struct em_page page;
    bool known = false;
    double count = 0;
    if (em_pages_first(probing->client, &trial->query, &probing->answer, &page, trouble) < 0) {
        return -1;
    }
    const int wrong = trial->wrong(probing, trial, page.entities, trouble);
    if (wrong < 0) {
        return -1;
    }
    if (trial->shows_running) {
        probe_sample_add_running(probing, page.entities);
    }
    probe_set_number(line, PROBE_WRONG, wrong);
    if (count_matching(probing, trial->query, &page, &known, &count, trouble) < 0) {
        return -1;
    }
    if (known) {
        probe_set_number(line, PROBE_MATCHING, count);
    }
    return 0;
}

static int try_filter(struct probing *probing, const struct trial *trial, struct fault *fault)
{
    struct probe_line *line = probe_add(probing->probe, PROBE_FILTER);
    struct fault trouble = {.kind = FAULT_NONE};
    cleanup_buf struct buf condition;
    buf_init(&condition, QUERY_TARGET_LIMIT);
    buf_format(&condition, "%s: %s", trial->query.type, trial->query.filter);
    if (condition.failure == BUF_NO_MEMORY) {
        return fault_no_memory(fault);
    }
    mask_buf(em_client_mask(probing->client), &condition);
    probe_set_text(probing->probe, line, PROBE_CONDITION, buf_string(&condition));
    probe_set_text(probing->probe, line, PROBE_USED_BY, trial->used_by);
    probe_set_truth(line, PROBE_NEEDED, trial->needed);
    if (trial->has_total) {
        probe_set_number(line, PROBE_COUNT, trial->total);
    }
    probe_set_number(line, PROBE_FITTING, trial->fitting);
    probe_set_number(line, PROBE_MISFIT, trial->misfit);
    const int64_t begun_ms = probing_begin();
    if (ask(probing, trial, line, &trouble) < 0) {
        return probing_take_fault(probing, line, &trouble, fault);
    }
    probing_end(line, begun_ms);
    return 0;
}

/* ---- task sessions ---- */

static int wrong_sessions(struct probing *probing, const struct trial *trial, const cJSON *entities,
                          struct fault *fault)
{
    cleanup_task_sessions struct task_sessions found = {.items = NULL};
    const cJSON *entity = NULL;
    int wrong = 0;
    cJSON_ArrayForEach(entity, entities)
    {
        if (decode_task_session(entity, em_client_mask(probing->client), &found, fault) < 0) {
            return -1;
        }
        wrong += trial->fits(trial->terms, &found.items[found.count - 1]) ? 0 : 1;
    }
    return wrong;
}

static int compare_times(const void *left, const void *right)
{
    const utc_us a = *(const utc_us *)left;
    const utc_us b = *(const utc_us *)right;
    return (a > b) - (a < b);
}

/* The time in the middle, to the second or earlier. */
static utc_us middle_of(utc_us *times, size_t count)
{
    qsort(times, count, sizeof *times, compare_times);
    const utc_us middle = times[count / 2];
    return middle - middle % UTC_SECOND;
}

/* 1; 0: there are none; -1: no memory. */
static int find_times(const struct task_sessions *sample, struct terms *terms, struct fault *fault)
{
    cleanup_free utc_us *created = calloc(sample->count + 1, sizeof *created);
    cleanup_free utc_us *ended = calloc(sample->count + 1, sizeof *ended);
    size_t creations = 0;
    size_t ends = 0;
    if (created == NULL || ended == NULL) {
        return fault_no_memory(fault);
    }
    for (size_t i = 0; i < sample->count; i++) {
        const struct task_session *session = &sample->items[i];
        if (session->has_created) {
            created[creations++] = session->created;
        }
        if (session->has_ended) {
            ended[ends++] = session->ended;
        }
    }
    terms->created = creations > 0 ? middle_of(created, creations) : 0;
    terms->ended = ends > 0 ? middle_of(ended, ends) : 0;
    terms->has_ended = ends > 0;
    return creations > 0;
}

/* 1; 0: the sample has no VM, or no time, to ask for; -1: no memory. */
static int find_terms(const struct task_sessions *sample, struct terms *terms, struct fault *fault)
{
    *terms = (struct terms){.vm = NULL};
    for (size_t i = 0; i < sample->count; i++) {
        const struct task_session *session = &sample->items[i];
        if (session->vm != NULL && terms->vm == NULL) {
            terms->vm = session->vm;
        } else if (session->vm != NULL && terms->other_vm == NULL && !is_vm(session, terms->vm)) {
            terms->other_vm = session->vm;
        }
        if (terms->policy_session == NULL) {
            terms->policy_session = session->policy_session_uid;
        }
    }
    return terms->vm != NULL ? find_times(sample, terms, fault) : 0;
}

static bool can_try(const struct terms *terms, enum need need)
{
    return need == NEEDS_TWO_VMS          ? terms->other_vm != NULL
           : need == NEEDS_END            ? terms->has_ended
           : need == NEEDS_POLICY_SESSION ? terms->policy_session != NULL
                                          : true;
}

static int try_on_sessions(struct probing *probing, const struct terms *terms, size_t which,
                           struct fault *fault)
{
    const struct task_sessions *sample = &probing->sample;
    struct trial trial = {.used_by = filters[which].used_by,
                          .needed = filters[which].needed,
                          .wrong = wrong_sessions,
                          .has_total = probing->has_total,
                          .total = probing->total,
                          .fits = filters[which].fits,
                          .terms = terms};
    cleanup_buf struct buf filter;
    buf_init(&filter, QUERY_TARGET_LIMIT);
    filters[which].write(terms, &filter);
    if (filter.failure != BUF_FINE) {
        return fault_no_memory(fault);
    }
    for (size_t i = 0; i < sample->count; i++) {
        trial.fitting += trial.fits(terms, &sample->items[i]) ? 1 : 0;
    }
    trial.misfit = (double)sample->count - trial.fitting;
    trial.shows_running = filters[which].write == write_runs;
    trial.query = task_query(buf_string(&filter), QUERY_PAGE_SIZE);
    return try_filter(probing, &trial, fault);
}

int probe_filters_try_sessions(struct probing *probing, struct fault *fault)
{
    struct terms terms;
    const int found = find_terms(&probing->sample, &terms, fault);
    if (found <= 0) {
        return found;
    }
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        if (can_try(&terms, filters[i].need) && try_on_sessions(probing, &terms, i, fault) < 0) {
            return -1;
        }
    }
    if (probe_line_of(probing->probe, PROBE_RUNNING) == NULL) { // EM refuses to filter by that
        probe_sample_add_running(probing, probing->entities);
    }
    return 0;
}

/* ---- policies ---- */

static int wrong_entities(struct probing *probing, const struct trial *trial, const cJSON *entities,
                          struct fault *fault)
{
    const cJSON *entity = NULL;
    int wrong = 0;
    (void)probing;
    (void)fault;
    cJSON_ArrayForEach(entity, entities)
    {
        const char *text = json_text(entity, trial->field);
        wrong += text != NULL && !text_equal_name_nocase(text, trial->value) ? 1 : 0;
    }
    return wrong;
}

static const struct {
    struct em_query (*query)(const char *filter, int page_size);
    const char *field;
    const char *used_by;
    bool needed;
    enum site_topic topic; // which EM must have answered; SITE_TOPICS: none
} by_policy[] = {
    {policy_sessions_query, "PolicyName", "--policy", true, SITE_TOPICS},
    {policy_query, "Name", "--vm, --policy", false, SITE_POLICIES},
    {replica_query, "PolicyName", "--vm, --policy", false, SITE_REPLICAS},
};

static bool is_told(const struct probing *probing, enum site_topic topic)
{
    const struct site_answer *answers = probing->site.answers;
    return topic == SITE_TOPICS ||
           (answers[topic].knowledge == SITE_TOLD && answers[topic].way == SITE_WAY_QUERY);
}

/* The total, without the filter, is asked for as that of task sessions. */
static int try_by_policy(struct probing *probing, const char *policy, size_t which,
                         struct fault *fault)
{
    struct trial trial = {.used_by = by_policy[which].used_by,
                          .needed = by_policy[which].needed,
                          .wrong = wrong_entities,
                          .fitting = 1,
                          .field = by_policy[which].field,
                          .value = policy};
    const struct em_query all = by_policy[which].query(NULL, 1);
    struct fault trouble = {.kind = FAULT_NONE};
    struct em_page page;
    cleanup_buf struct buf filter;
    buf_init(&filter, QUERY_TARGET_LIMIT);
    query_append_comparison(&filter, trial.field, "==", policy);
    if (filter.failure != BUF_FINE) {
        return fault_no_memory(fault);
    }
    if (em_pages_first(probing->client, &all, &probing->answer, &page, &trouble) == 0) {
        trial.has_total = page.size == 1 || json_length(page.entities) == 1;
        trial.total = (double)page.pages_count;
    } else if (trouble.kind == FAULT_INTERNAL) {
        *fault = trouble;
        return -1;
    }
    trial.query = by_policy[which].query(buf_string(&filter), QUERY_PAGE_SIZE);
    return try_filter(probing, &trial, fault);
}

int probe_filters_try_policies(struct probing *probing, struct fault *fault)
{
    const char *policy =
        probing->site.policies.count > 0 ? probing->site.policies.items[0].name : NULL;
    for (size_t i = 0; policy == NULL && i < probing->sample.count; i++) {
        policy = probing->sample.items[i].policy;
    }
    for (size_t i = 0; policy != NULL && i < sizeof by_policy / sizeof by_policy[0]; i++) {
        if (is_told(probing, by_policy[i].topic) && try_by_policy(probing, policy, i, fault) < 0) {
            return -1;
        }
    }
    return 0;
}
