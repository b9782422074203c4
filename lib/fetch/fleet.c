// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A site has thousands of VMs with a new task session every few hours, so memory holds one page
 * and what the verdict on each VM needs.
 */
#include "fetch/fleet.h"

#include "base/buf.h"
#include "base/hash.h"
#include "cdp/group.h"
#include "cdp/pick.h"
#include "em/json.h"
#include "em/pages.h"
#include "em/uid.h"
#include "fetch/by_name.h"
#include "fetch/decode.h"
#include "fetch/policy_sessions.h"
#include "fetch/searched.h"
#include "fetch/task_query.h"

/* So much further back than --since is asked for, whatever the clocks. */
static const utc_us tolerated_skew = 300 * UTC_SECOND;

/* Sessions are condensed when there are so many more than after the last time. */
enum { CONDENSE_STEP = 2 * QUERY_LARGE_PAGE_SIZE };

struct fleet {
    const struct part *part;
    struct task_sessions *found;
    struct set *seen; // NULL: nobody wants to know
    size_t condensed; // how many there were after the last time
};

/* ---- task sessions ---- */

uint32_t fleet_number_of_vm(const char *vm)
{
    const uint64_t hash = hash_text(vm != NULL ? vm : "");
    return (uint32_t)(hash ^ hash >> 32) | 1;
}

static int note_seen(const struct fleet *fleet, const struct task_session *session,
                     struct fault *fault)
{
    if (fleet->seen == NULL || session->uid == NULL) {
        return 0;
    }
    uint32_t *number = set_add(fleet->seen, uid_hash(session->uid));
    if (number == NULL) {
        return fault_no_memory(fault);
    }
    *number = fleet_number_of_vm(session->vm);
    return 0;
}

/* EM has filtered by the UIDs of the policy's sessions: if it does not say the policy, that is
 * believed. */
static int take_task_session(const struct fleet *fleet, const cJSON *entity, struct fault *fault)
{
    const char *policy = fleet->part->policy_sessions->policy;
    const char *uid = policy != NULL ? json_text(entity, "PolicySessionUid") : NULL;
    if (uid != NULL && !policy_sessions_have(fleet->part->policy_sessions, uid)) {
        return 0;
    }
    if (decode_task_session(entity, em_client_mask(fleet->part->client), fleet->found, fault) < 0) {
        return -1;
    }
    struct task_session *session = &fleet->found->items[fleet->found->count - 1];
    if (policy != NULL) {
        session->policy = policy; // of the scope, which stays
    }
    fleet->part->answer->read++;
    return note_seen(fleet, session, fault);
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
    if (fleet->found->count <= 2 * fleet->condensed + CONDENSE_STEP) {
        return 0;
    }
    const int result = targets_condense(fleet->found, fault);
    fleet->condensed = fleet->found->count;
    return result;
}

/*
 * The times of sessions are the backup servers', which may go by EM's clock or by this host's: so
 * they are asked for from the earlier of the two.
 */
utc_us fleet_since_by(utc_us since, utc_us clock_offset)
{
    const utc_us behind = clock_offset < 0 ? -clock_offset : 0;
    return since - (behind > tolerated_skew ? behind : tolerated_skew);
}

utc_us fleet_since(const struct part *part)
{
    utc_us offset = 0;
    em_client_clock_offset(part->client, &offset);
    return fleet_since_by(part->since, offset);
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
        fleet->part->answer->page_size = pages.granted;
    }
    return got;
}

/* Appends as many of the UIDs from `first` on as there is room for. Returns the first that is left.
 */
static size_t append_uids(struct buf *filter, const struct policy_sessions *sessions, size_t first)
{
    size_t room = TASK_QUERY_ROOM;
    size_t next = first;
    while (next < sessions->count &&
           task_query_append_either(filter, &room, next == first, "PolicySessionUid",
                                    sessions->uids[next])) {
        next++;
    }
    buf_text(filter, ");");
    return next;
}

static int read_tasks_of_policy(struct fleet *fleet, struct fault *fault)
{
    for (size_t next = 0; next < fleet->part->policy_sessions->count;) {
        cleanup_buf struct buf filter;
        buf_init(&filter, QUERY_TARGET_LIMIT);
        next = append_uids(&filter, fleet->part->policy_sessions, next);
        task_query_append_current(&filter, fleet_since(fleet->part));
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

/* Leaves the targets that have a name and no completed session, and were not searched for one. */
static void keep_lacking(const struct part *part, struct picks *picks)
{
    size_t kept = 0;
    for (size_t i = 0; i < picks->count; i++) {
        const struct target *target = picks->items[i].target;
        if (target->vm != NULL && target_last_completed(target) == NULL &&
            !searched_has(part->searched, target)) {
            picks->items[kept++] = picks->items[i];
        }
    }
    picks->count = kept;
}

/*
 * A VM whose session runs for longer than --since may hide a failure from before, so its last
 * completed session is looked for however old it is. That may be all VMs, where CDP hangs.
 */
int fleet_complete(const struct part *part, struct task_sessions *found, struct fault *fault)
{
    cleanup_targets struct targets targets = {.items = NULL};
    cleanup_picks struct picks lacking = {.items = NULL};
    cleanup_task_sessions struct task_sessions older = {.beside = found->size + found->beside};
    if (targets_group(found, false, &targets, fault) < 0 ||
        pick_targets(&targets, part->scope, part->name, &lacking, fault) < 0) {
        return -1;
    }
    keep_lacking(part, &lacking);
    const struct by_name wanted = {.client = part->client,
                                   .policy_sessions = part->policy_sessions,
                                   .vms = lacking,
                                   .read = &part->answer->read,
                                   .goal = BY_NAME_COMPLETED};
    if (by_name_read(&wanted, &older, fault) < 0) {
        return -1;
    }
    // One that may be of several VMs may be there twice now.
    const bool any = older.count > 0;
    const int moved = task_sessions_move(found, &older, fault);
    return moved == 0 && any ? targets_condense(found, fault) : moved;
}

static int finish(struct fleet *fleet, struct fault *fault)
{
    if (targets_condense(fleet->found, fault) < 0) {
        return -1;
    }
    return fleet->part->scope->newest_only ? 0 : fleet_complete(fleet->part, fleet->found, fault);
}

int fleet_fetch_policy(const struct part *part, struct task_sessions *found, struct fault *fault)
{
    struct policy_sessions *sessions = part->policy_sessions;
    struct fleet fleet = {.part = part, .found = found};
    sessions->policy = part->name;
    if (policy_sessions_read(part->client, sessions, fault) < 0) {
        return -1;
    }
    if (sessions->count == 0) {
        part->answer->lacks_policy = true;
        part->answer->other_case = sessions->other_case;
        sessions->other_case = NULL;
        return 0;
    }
    return read_tasks_of_policy(&fleet, fault) < 0 ? -1 : finish(&fleet, fault);
}

static int read_all_vms(struct fleet *fleet, utc_us since, struct fault *fault)
{
    cleanup_buf struct buf filter;
    buf_init(&filter, QUERY_TARGET_LIMIT);
    task_query_append_current(&filter, since);
    return filter.failure == BUF_FINE ? read_task_sessions(fleet, buf_string(&filter), fault)
                                      : fault_no_memory(fault);
}

int fleet_fetch_all(const struct part *part, struct task_sessions *found, struct fault *fault)
{
    struct fleet fleet = {.part = part, .found = found};
    utc_us offset = 0;
    const bool knew_clock = em_client_clock_offset(part->client, &offset);
    if (read_all_vms(&fleet, fleet_since(part), fault) < 0) {
        return -1;
    }
    // With a logon from the cache, this was EM's first answer, which has its clock. If that is too
    // far behind, too little was asked for.
    const bool too_little =
        !knew_clock && em_client_clock_offset(part->client, &offset) && offset < -tolerated_skew;
    if (too_little && read_all_vms(&fleet, fleet_since(part), fault) < 0) {
        return -1;
    }
    return finish(&fleet, fault);
}

int fleet_read_changes(const struct part *part, utc_us since, struct task_sessions *found,
                       struct set *seen, struct fault *fault)
{
    struct fleet fleet = {.part = part, .found = found, .seen = seen};
    return read_all_vms(&fleet, since, fault);
}
