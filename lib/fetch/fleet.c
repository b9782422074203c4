// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A site has thousands of VMs with a new task session every few hours, so memory holds one page
 * and what the verdict on each VM needs.
 *
 * EM's query for task sessions knows no policy names. It knows the policy sessions, of which a
 * policy has one a day, by their UIDs; these are queried by the policy's name first. Even an old
 * one may have a task session that still runs.
 */
#include "fetch/fleet.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/set.h"
#include "base/text.h"
#include "base/vec.h"
#include "cdp/group.h"
#include "cdp/pick.h"
#include "em/json.h"
#include "em/pages.h"
#include "fetch/decode.h"
#include "fetch/newest_first.h"
#include "fetch/task_query.h"

/* So much further back than --since is asked for, whatever the clocks. */
static const utc_us tolerated_skew = 300 * UTC_SECOND;

/* Sessions are condensed when there are so many more than after the last time. */
enum { CONDENSE_STEP = 2 * QUERY_LARGE_PAGE_SIZE };

/* A policy has one a day, and EM keeps them for 13 weeks by default. */
enum { POLICY_SESSIONS_LIMIT = 10000 };

/* The policy sessions of one policy. */
struct policy_sessions {
    const char *policy; // NULL: any, and there are no UIDs
    char **uids;        // newest first, as EM gives them
    size_t count;
    size_t capacity;
    struct set known; // the UIDs
    char *other_case; // the name of a policy that differs from the one asked for in case alone
};

struct fleet {
    const struct part *part;
    const struct policy_sessions *policy_sessions;
    struct task_sessions *found;
    size_t condensed; // how many there were after the last time
};

static void policy_sessions_free(struct policy_sessions *sessions)
{
    for (size_t i = 0; i < sessions->count; i++) {
        free(sessions->uids[i]);
    }
    free(sessions->uids);
    set_free(&sessions->known);
    free(sessions->other_case);
}

#define cleanup_policy_sessions __attribute__((cleanup(policy_sessions_free)))

/* ---- policy sessions ---- */

static int add_policy_session(struct policy_sessions *sessions, const char *uid,
                              struct fault *fault)
{
    uint32_t *times = set_add(&sessions->known, hash_text_nocase(uid));
    if (times == NULL) {
        return fault_no_memory(fault);
    }
    if ((*times)++ > 0) { // what shifted to a later page is read twice
        return 0;
    }
    char *copy =
        vec_reserve(sessions->uids, sessions->count, sessions->capacity, 1) ? strdup(uid) : NULL;
    if (copy == NULL) {
        return fault_no_memory(fault);
    }
    sessions->uids[sessions->count++] = copy;
    return 0;
}

/* EM's filter takes names in another case of letters as equal; here they are not. */
static int take_policy_session(struct policy_sessions *sessions, const cJSON *entity,
                               struct fault *fault)
{
    struct policy_session session;
    if (decode_policy_session(entity, &session, fault) < 0) {
        return -1;
    }
    if (sessions->count == POLICY_SESSIONS_LIMIT) {
        return fault_set(fault, FAULT_PROTOCOL, "EM gives more than %d sessions of one policy",
                         POLICY_SESSIONS_LIMIT);
    }
    if (session.policy == NULL || strcmp(session.policy, sessions->policy) == 0) {
        return add_policy_session(sessions, session.uid, fault);
    }
    if (sessions->other_case == NULL && text_equal_name_nocase(session.policy, sessions->policy)) {
        sessions->other_case = strdup(session.policy);
        return sessions->other_case == NULL ? fault_no_memory(fault) : 0;
    }
    return 0;
}

static int read_policy_sessions(struct em_client *client, struct policy_sessions *sessions,
                                struct fault *fault)
{
    cleanup_buf struct buf filter;
    buf_init(&filter, QUERY_TARGET_LIMIT);
    query_append_comparison(&filter, "PolicyName", "==", sessions->policy);
    if (filter.failure != BUF_FINE) {
        return fault_no_memory(fault);
    }
    const struct em_query query = {.type = "CdpReplicaSession",
                                   .container = "CdpReplicaSessions",
                                   .filter = buf_string(&filter),
                                   .sort_descending = "CreationTimeUTC",
                                   .page_size = QUERY_PAGE_SIZE};
    cleanup_em_pages struct em_pages pages;
    const cJSON *entities = NULL;
    const cJSON *entity = NULL;
    int got = 0;
    em_pages_open(&pages, client, &query);
    while ((got = em_pages_next(&pages, &entities, fault)) > 0) {
        cJSON_ArrayForEach(entity, entities)
        {
            if (take_policy_session(sessions, entity, fault) < 0) {
                return -1;
            }
        }
    }
    if (sessions->other_case != NULL) {
        mask_text(em_client_mask(client), sessions->other_case);
    }
    return got;
}

/* ---- task sessions ---- */

static bool is_of_policy(const struct policy_sessions *sessions, const char *uid)
{
    return set_find(&sessions->known, hash_text_nocase(uid)) != NULL;
}

/* EM has filtered by the UIDs of the policy's sessions: if it does not say the policy, that is
 * believed. */
static int take_task_session(const struct fleet *fleet, const cJSON *entity, struct fault *fault)
{
    const char *policy = fleet->policy_sessions->policy;
    const char *uid = json_text(entity, "PolicySessionUid");
    if (policy != NULL && uid != NULL && !is_of_policy(fleet->policy_sessions, uid)) {
        return 0;
    }
    if (decode_task_session(entity, em_client_mask(fleet->part->client), fleet->found, fault) < 0) {
        return -1;
    }
    if (policy != NULL) {
        fleet->found->items[fleet->found->count - 1].policy = policy; // of the scope, which stays
    }
    return 0;
}

static int take_task_sessions(struct fleet *fleet, const cJSON *entities, struct fault *fault)
{
    const cJSON *entity = NULL;
    cJSON_ArrayForEach(entity, entities)
    {
        if (take_task_session(fleet, entity, fault) < 0) {
            return -1;
        }
    }
    if (fleet->found->count <= fleet->condensed + fleet->condensed / 2 + CONDENSE_STEP) {
        return 0;
    }
    const int result = targets_condense(fleet->found, fault);
    fleet->condensed = fleet->found->count;
    return result;
}

/*
 * What ended since then, or began since then, or runs. The times are the backup servers', which may
 * go by EM's clock or by this host's: so they are asked for from the earlier of the two.
 */
static void append_since(struct buf *filter, const struct fleet *fleet)
{
    utc_us offset = 0;
    em_client_clock_offset(fleet->part->client, &offset);
    const utc_us behind = offset < 0 ? -offset : 0;
    const utc_us since = fleet->part->since - (behind > tolerated_skew ? behind : tolerated_skew);
    task_query_append_current(filter, since);
}

static int read_task_sessions(struct fleet *fleet, const char *filter, struct fault *fault)
{
    const struct em_query query = task_query(filter, QUERY_LARGE_PAGE_SIZE);
    cleanup_em_pages struct em_pages pages;
    const cJSON *entities = NULL;
    int got = 0;
    em_pages_open(&pages, fleet->part->client, &query);
    while ((got = em_pages_next(&pages, &entities, fault)) > 0) {
        if (take_task_sessions(fleet, entities, fault) < 0) {
            return -1;
        }
    }
    return got;
}

/* What a request has room for; the path and the rest take some. */
enum { CONDITIONS_LIMIT = QUERY_TARGET_LIMIT - 1000 };

/*
 * Appends a condition to a list of them, if there is room for it or it is the first. `room` is in
 * bytes once they are percent-encoded.
 */
static bool append_condition(struct buf *filter, size_t *room, bool first, const char *field,
                             const char *value)
{
    cleanup_buf struct buf encoded;
    cleanup_buf struct buf condition;
    buf_init(&encoded, QUERY_TARGET_LIMIT);
    buf_init(&condition, QUERY_TARGET_LIMIT);
    buf_text(&condition, first ? "(" : ",");
    query_append_comparison(&condition, field, "==", value);
    text_append_encoded(&encoded, buf_string(&condition));
    const bool fits = first || encoded.length <= *room;
    if (fits) {
        buf_text(filter, buf_string(&condition));
        *room -= encoded.length < *room ? encoded.length : *room;
    }
    if (encoded.failure != BUF_FINE || condition.failure != BUF_FINE) {
        filter->failure = BUF_NO_MEMORY;
    }
    return fits;
}

/* Appends as many of the UIDs from `first` on as there is room for. Returns the first that is left.
 */
static size_t append_uids(struct buf *filter, const struct policy_sessions *sessions, size_t first)
{
    size_t room = CONDITIONS_LIMIT;
    size_t next = first;
    while (next < sessions->count && append_condition(filter, &room, next == first,
                                                      "PolicySessionUid", sessions->uids[next])) {
        next++;
    }
    buf_text(filter, ");");
    return next;
}

static int read_tasks_of_policy(struct fleet *fleet, struct fault *fault)
{
    for (size_t next = 0; next < fleet->policy_sessions->count;) {
        cleanup_buf struct buf filter;
        buf_init(&filter, QUERY_TARGET_LIMIT);
        next = append_uids(&filter, fleet->policy_sessions, next);
        append_since(&filter, fleet);
        if (filter.failure != BUF_FINE) {
            return fault_no_memory(fault);
        }
        if (read_task_sessions(fleet, buf_string(&filter), fault) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- completed sessions from before ---- */

/* Some VMs that have no completed session, and what is read to find it. */
struct batch {
    const struct fleet *fleet;
    struct picks lacking; // borrowed, all of a name together
    struct task_sessions *older;
};

/* Whether the session may be of a VM that has none that completed. */
static bool is_of_one(const struct task_session *session, const struct picks *lacking)
{
    bool found = false;
    for (size_t i = 0; i < lacking->count && !found; i++) {
        found = target_may_have(lacking->items[i].target, session);
    }
    return found;
}

static const struct task_session *newest_completed(const struct task_sessions *sessions,
                                                   const struct target *target)
{
    const struct task_session *newest = NULL;
    for (size_t i = 0; i < sessions->count; i++) {
        const struct task_session *session = &sessions->items[i];
        if (!task_session_runs(session) && target_fits(target, session) &&
            (newest == NULL || session->created > newest->created)) {
            newest = session;
        }
    }
    return newest;
}

/* Whether all that lacked a completed session have their newest one. */
static int has_all_older(const void *reader, utc_us *since, struct fault *fault)
{
    const struct batch *batch = reader;
    (void)fault;
    *since = INT64_MAX;
    for (size_t i = 0; i < batch->lacking.count; i++) {
        const struct task_session *newest =
            newest_completed(batch->older, batch->lacking.items[i].target);
        if (newest == NULL) {
            return 0;
        }
        *since = newest->created < *since ? newest->created : *since;
    }
    return 1;
}

/*
 * With a policy, EM can't be asked for its older sessions alone. Those of other policies show which
 * VMs of the name there are; if EM gives no name of the other policy, its session's UID stands for
 * it.
 */
static void set_policy(const void *reader, struct task_session *session)
{
    const struct batch *batch = reader;
    const struct policy_sessions *sessions = batch->fleet->policy_sessions;
    const char *uid = session->policy_session_uid;
    if (uid != NULL && is_of_policy(sessions, uid)) {
        session->policy = sessions->policy;
    } else if (sessions->policy != NULL && session->policy == NULL) {
        session->policy = uid;
    }
}

/* Whether the session may be of a VM that is not among those. */
static bool may_be_of_another(const struct batch *batch, const struct task_session *session)
{
    const struct target is = {.policy = session->policy, .backup_server = session->backup_server};
    bool found = false;
    assert(session->vm != NULL); // only VMs with names are looked for
    for (size_t i = 0; i < batch->older->count && !found; i++) {
        const struct task_session *other = &batch->older->items[i];
        const struct target may_be = {.policy = other->policy,
                                      .backup_server = other->backup_server};
        found = other->vm != NULL && strcmp(session->vm, other->vm) == 0 &&
                target_may_be(&is, &may_be) && !is_of_one(other, &batch->lacking);
    }
    return found;
}

/*
 * Leaves the completed sessions that the VMs may have. The others have shown which of these may be
 * of another VM as well: of former days, or of another policy than is asked for.
 */
static int keep_older(struct batch *batch, struct fault *fault)
{
    struct task_sessions *older = batch->older;
    cleanup_free bool *keep = calloc(older->count + 1, sizeof *keep);
    if (keep == NULL) {
        return fault_no_memory(fault);
    }
    for (size_t i = 0; i < older->count; i++) {
        struct task_session *session = &older->items[i];
        keep[i] = !task_session_runs(session) && is_of_one(session, &batch->lacking);
        if (keep[i] && (session->policy == NULL || session->backup_server == NULL) &&
            may_be_of_another(batch, session)) {
            session->odd |= SESSION_UNPLACED;
        }
    }
    task_sessions_keep(older, keep);
    return 0;
}

/*
 * Appends conditions for the names of the VMs from `next` on that a request has room for, and adds
 * those to the batch.
 */
static void append_names(struct buf *filter, struct batch *batch, const struct picks *lacking,
                         size_t *next)
{
    size_t room = CONDITIONS_LIMIT;
    const char *last = NULL;
    batch->lacking.items = lacking->items + *next;
    for (; *next < lacking->count; ++*next, batch->lacking.count++) {
        const char *vm = lacking->items[*next].target->vm;
        if ((last == NULL || strcmp(vm, last) != 0) &&
            !append_condition(filter, &room, last == NULL, "VmDisplayName", vm)) {
            break;
        }
        last = vm;
    }
    buf_text(filter, ")");
}

/* Reads the last completed sessions of the VMs from `next` on that a request has room for. */
static int read_batch(struct fleet *fleet, const struct picks *lacking, size_t *next,
                      struct task_sessions *older, struct fault *fault)
{
    cleanup_task_sessions struct task_sessions found = {.beside = older->size + older->beside};
    struct batch batch = {.fleet = fleet, .older = &found};
    cleanup_buf struct buf filter;
    buf_init(&filter, QUERY_TARGET_LIMIT);
    append_names(&filter, &batch, lacking, next);
    // What runs under any policy is known with --all.
    buf_text(&filter, fleet->policy_sessions->policy == NULL ? ";State==Completed" : "");
    const struct newest_first wanted = {.client = fleet->part->client,
                                        .filter = buf_string(&filter),
                                        .page_size = QUERY_LARGE_PAGE_SIZE,
                                        .found = &found,
                                        .reader = &batch,
                                        .adjust = set_policy,
                                        .is_enough = has_all_older};
    if (filter.failure != BUF_FINE) {
        return fault_no_memory(fault);
    }
    if (newest_first_read(&wanted, fault) < 0 || keep_older(&batch, fault) < 0) {
        return -1;
    }
    return task_sessions_move(older, &found, fault);
}

/* Leaves the targets that have a name and no completed session. */
static void keep_lacking(struct picks *picks)
{
    size_t kept = 0;
    for (size_t i = 0; i < picks->count; i++) {
        const struct target *target = picks->items[i].target;
        if (target->vm != NULL && target_last_completed(target) == NULL) {
            picks->items[kept++] = picks->items[i];
        }
    }
    picks->count = kept;
}

/*
 * A VM whose session runs for longer than --since may hide a failure from before, so its last
 * completed session is looked for however old it is. That may be all VMs, where CDP hangs.
 */
static int read_older_completed(struct fleet *fleet, struct fault *fault)
{
    cleanup_targets struct targets targets = {.items = NULL};
    cleanup_picks struct picks lacking = {.items = NULL};
    cleanup_task_sessions struct task_sessions older = {.beside = fleet->found->size +
                                                                  fleet->found->beside};
    if (targets_group(fleet->found, false, &targets, fault) < 0 ||
        pick_targets(&targets, fleet->part->scope, fleet->part->name, &lacking, fault) < 0) {
        return -1;
    }
    keep_lacking(&lacking);
    for (size_t next = 0; next < lacking.count;) {
        if (read_batch(fleet, &lacking, &next, &older, fault) < 0) {
            return -1;
        }
    }
    return task_sessions_move(fleet->found, &older, fault);
}

static int finish(struct fleet *fleet, struct fault *fault)
{
    if (targets_condense(fleet->found, fault) < 0) {
        return -1;
    }
    return fleet->part->scope->newest_only ? 0 : read_older_completed(fleet, fault);
}

int fleet_fetch_policy(const struct part *part, struct task_sessions *found, struct fault *fault)
{
    cleanup_policy_sessions struct policy_sessions sessions = {.policy = part->name};
    struct fleet fleet = {.part = part, .policy_sessions = &sessions, .found = found};
    if (read_policy_sessions(part->client, &sessions, fault) < 0) {
        return -1;
    }
    if (sessions.count == 0) {
        part->answer->lacks_policy = true;
        part->answer->other_case = sessions.other_case;
        sessions.other_case = NULL;
        return 0;
    }
    return read_tasks_of_policy(&fleet, fault) < 0 ? -1 : finish(&fleet, fault);
}

static int read_all_vms(struct fleet *fleet, struct fault *fault)
{
    cleanup_buf struct buf filter;
    buf_init(&filter, QUERY_TARGET_LIMIT);
    append_since(&filter, fleet);
    return filter.failure == BUF_FINE ? read_task_sessions(fleet, buf_string(&filter), fault)
                                      : fault_no_memory(fault);
}

int fleet_fetch_all(const struct part *part, struct task_sessions *found, struct fault *fault)
{
    static const struct policy_sessions any = {.policy = NULL};
    struct fleet fleet = {.part = part, .policy_sessions = &any, .found = found};
    utc_us offset = 0;
    const bool knew_clock = em_client_clock_offset(part->client, &offset);
    if (read_all_vms(&fleet, fault) < 0) {
        return -1;
    }
    // With a logon from the cache, this was EM's first answer, which has its clock. If that is too
    // far behind, too little was asked for.
    const bool too_little =
        !knew_clock && em_client_clock_offset(part->client, &offset) && offset < -tolerated_skew;
    if (too_little && read_all_vms(&fleet, fault) < 0) {
        return -1;
    }
    return finish(&fleet, fault);
}
