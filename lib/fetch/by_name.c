// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/by_name.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cdp/group.h"
#include "fetch/newest_first.h"
#include "fetch/task_query.h"

/* Some of the VMs, and what is read of them. */
struct batch {
    const struct by_name *wanted;
    struct picks vms; // borrowed, all of a name together
    struct task_sessions *older;
};

/* Whether the session may be of one of the VMs. */
static bool is_of_one(const struct task_session *session, const struct picks *vms)
{
    bool found = false;
    for (size_t i = 0; i < vms->count && !found; i++) {
        found = target_may_have(vms->items[i].target, session);
    }
    return found;
}

static bool reaches(enum by_name_goal goal, const struct task_session *session)
{
    return goal == BY_NAME_GOOD ? task_session_is_good(session) : !task_session_runs(session);
}

static const struct task_session *newest_that_reaches(const struct batch *batch,
                                                      const struct target *target)
{
    const struct task_session *newest = NULL;
    for (size_t i = 0; i < batch->older->count; i++) {
        const struct task_session *session = &batch->older->items[i];
        if (reaches(batch->wanted->goal, session) && target_fits(target, session) &&
            (newest == NULL || session->created > newest->created)) {
            newest = session;
        }
    }
    return newest;
}

/* Whether what is looked for was found of each VM. */
static int has_all(const void *reader, utc_us *since, struct fault *fault)
{
    const struct batch *batch = reader;
    (void)fault;
    *since = INT64_MAX;
    for (size_t i = 0; i < batch->vms.count; i++) {
        const struct task_session *newest = newest_that_reaches(batch, batch->vms.items[i].target);
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
    const struct policy_sessions *sessions = batch->wanted->policy_sessions;
    const char *uid = session->policy_session_uid;
    if (uid != NULL && policy_sessions_have(sessions, uid)) {
        session->policy = sessions->policy;
    } else if (sessions->policy != NULL && session->policy == NULL) {
        session->policy = uid;
    }
}

static bool has_stand_in(const struct task_session *session)
{
    return session->policy != NULL && session->policy == session->policy_session_uid;
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
                target_may_be(&is, &may_be) && !is_of_one(other, &batch->vms);
    }
    return found;
}

static bool fits_one(const struct task_session *session, const struct picks *vms)
{
    bool found = false;
    for (size_t i = 0; i < vms->count && !found; i++) {
        found = target_fits(vms->items[i].target, session);
    }
    return found;
}

/* One that may be of another VM is not good news of any. */
static bool keeps(const struct batch *batch, const struct task_session *session)
{
    const struct by_name *wanted = batch->wanted;
    if (wanted->goal == BY_NAME_GOOD) {
        return !task_session_runs(session) && fits_one(session, &batch->vms);
    }
    return (!task_session_runs(session) && is_of_one(session, &batch->vms)) ||
           (wanted->keeps != NULL && !has_stand_in(session) &&
            wanted->keeps(wanted->reader, session));
}

/*
 * Leaves the completed sessions that the VMs may have, and what the reader keeps. The others have
 * shown which of these may be of another VM as well: of former days, or of another policy than is
 * asked for.
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
        if ((session->policy == NULL || session->backup_server == NULL) &&
            !task_session_runs(session) && is_of_one(session, &batch->vms) &&
            may_be_of_another(batch, session)) {
            session->odd |= SESSION_UNPLACED;
        }
        keep[i] = keeps(batch, session);
    }
    task_sessions_keep(older, keep);
    return 0;
}

/*
 * Appends conditions for the names of the VMs from `next` on that a request has room for, and adds
 * those to the batch.
 */
static void append_names(struct buf *filter, struct batch *batch, size_t *next)
{
    const struct picks *all = &batch->wanted->vms;
    const size_t most = batch->wanted->names_at_once;
    size_t room = TASK_QUERY_ROOM;
    size_t names = 0;
    const char *last = NULL;
    batch->vms.items = all->items + *next;
    for (; *next < all->count; ++*next, batch->vms.count++) {
        const char *vm = all->items[*next].target->vm;
        if (last != NULL && strcmp(vm, last) == 0) {
            continue;
        }
        if ((most > 0 && names == most) ||
            !task_query_append_either(filter, &room, names == 0, "VmDisplayName", vm)) {
            break;
        }
        names++;
        last = vm;
    }
    buf_text(filter, ")");
}

static void append_filter(struct buf *filter, struct batch *batch, size_t *next)
{
    const struct by_name *wanted = batch->wanted;
    append_names(filter, batch, next);
    if (wanted->since != 0) {
        buf_text(filter, ";");
        task_query_append_current(filter, wanted->since);
    }
    // With --all it is known what runs, under any policy.
    const bool completed = wanted->policy_sessions->policy == NULL && !wanted->runs_too;
    if (completed) {
        buf_format(filter, ";%s", task_query_completed);
    }
}

/* Reads the sessions of the VMs from `next` on that a request has room for. */
static int read_batch(const struct by_name *wanted, size_t *next, struct task_sessions *older,
                      struct fault *fault)
{
    cleanup_task_sessions struct task_sessions found = {.beside = older->size + older->beside};
    struct batch batch = {.wanted = wanted, .older = &found};
    cleanup_buf struct buf filter;
    buf_init(&filter, QUERY_TARGET_LIMIT);
    append_filter(&filter, &batch, next);
    const struct newest_first reading = {.client = wanted->client,
                                         .filter = buf_string(&filter),
                                         .page_size = QUERY_LARGE_PAGE_SIZE,
                                         .found = &found,
                                         .total = wanted->read,
                                         .reader = &batch,
                                         .adjust = set_policy,
                                         .is_enough = has_all};
    if (filter.failure != BUF_FINE) {
        return fault_no_memory(fault);
    }
    if (newest_first_read(&reading, fault) < 0 || keep_older(&batch, fault) < 0) {
        return -1;
    }
    return task_sessions_move(older, &found, fault);
}

int by_name_read(const struct by_name *wanted, struct task_sessions *older, struct fault *fault)
{
    for (size_t next = 0; next < wanted->vms.count;) {
        if (read_batch(wanted, &next, older, fault) < 0) {
            return -1;
        }
    }
    return 0;
}
