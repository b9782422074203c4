// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/remember.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/set.h"
#include "base/text.h"
#include "cdp/coverage.h"
#include "cdp/group.h"

/* How far EM's sessions may be ahead of its clock. */
static const utc_us tolerated_skew = INT64_C(300) * UTC_SECOND;

/* A policy that either lacks fits any; so does a server, whose name has no case. */
static bool may_be_same(const struct target *a, const struct target *b)
{
    return (a->policy == NULL || b->policy == NULL || strcmp(a->policy, b->policy) == 0) &&
           (a->backup_server == NULL || b->backup_server == NULL ||
            text_equal_name_nocase(a->backup_server, b->backup_server));
}

static bool is_known(const struct targets *targets, const struct target *vm)
{
    const size_t first = targets_first_of_name(targets, vm->vm);
    bool found = false;
    for (size_t i = first; i < targets->count && !found; i++) {
        if (targets->items[i].vm == NULL || strcmp(targets->items[i].vm, vm->vm) != 0) {
            break;
        }
        found = may_be_same(&targets->items[i], vm);
    }
    return found;
}

/*
 * Whether its newest session is of the last days. One of the future is not: if EM's clock was set
 * back, the VM would be remembered until the clock is there again.
 */
static bool is_recent(const struct target *vm, utc_us now)
{
    const struct task_session *newest = vm->sessions[0];
    if (!newest->has_ended && !newest->has_created) {
        return false;
    }
    const utc_us age = now - (newest->has_ended ? newest->ended : newest->created);
    return age > -tolerated_skew && age < REMEMBER_FOR;
}

/* A session that lacks its VM's name, or may be of several VMs, is no VM to remember. */
static bool is_remembered(const struct target *vm, utc_us now)
{
    return vm->vm != NULL && !vm->unplaced && is_recent(vm, now);
}

static int remember(const struct target *vm, struct task_sessions *sessions, struct fault *fault)
{
    const bool has_completed = target_last_completed(vm) != NULL;
    for (size_t i = 0; i < vm->count; i++) {
        const bool runs = task_session_runs(vm->sessions[i]);
        if (has_completed && runs) {
            continue;
        }
        if (task_sessions_copy(sessions, vm->sessions[i], fault) < 0) {
            return -1;
        }
        sessions->items[sessions->count - 1].odd |= runs ? SESSION_GONE : 0;
    }
    return 0;
}

/* False: memory is short. */
static bool add_uids(const struct task_sessions *sessions, struct set *uids)
{
    bool added = true;
    for (size_t i = 0; i < sessions->count && added; i++) {
        const char *uid = sessions->items[i].uid;
        added = uid == NULL || set_add(uids, hash_text_nocase(uid)) != NULL;
    }
    return added;
}

/* Whether EM gives a session of it, which is then of a VM of another name. */
static bool is_renamed(const struct target *vm, const struct set *uids)
{
    bool found = false;
    for (size_t i = 0; i < vm->count && !found; i++) {
        const char *uid = vm->sessions[i]->uid;
        found = uid != NULL && set_find(uids, hash_text_nocase(uid)) != NULL;
    }
    return found;
}

int remember_vms(const struct task_sessions *before, utc_us now, struct task_sessions *sessions,
                 struct fault *fault)
{
    cleanup_targets struct targets old = {.items = NULL};
    cleanup_targets struct targets new = {.items = NULL};
    cleanup_set struct set uids = {.slots = NULL};
    cleanup_task_sessions struct task_sessions remembered = {.beside =
                                                                 sessions->beside + sessions->size};
    if (targets_group(before, false, &old, fault) < 0 ||
        targets_group(sessions, false, &new, fault) < 0) {
        return -1;
    }
    if (!add_uids(sessions, &uids)) {
        return fault_no_memory(fault);
    }
    for (size_t i = 0; i < old.count; i++) {
        const struct target *vm = &old.items[i];
        if (is_remembered(vm, now) && !is_known(&new, vm) && !is_renamed(vm, &uids) &&
            remember(vm, &remembered, fault) < 0) {
            return -1;
        }
    }
    return task_sessions_move(sessions, &remembered, fault);
}

/* ---- narrowing ---- */

bool remember_applies(const struct site *site)
{
    return site->answers[SITE_REPLICAS].knowledge != SITE_TOLD || site->unjoined.count > 0;
}

/* Whether EM gives the session when it is asked for what runs, and what began or ended since. */
static bool is_current(const struct task_session *session, utc_us since)
{
    const bool runs = task_session_runs(session) && (session->odd & SESSION_GONE) == 0;
    return runs || (session->has_created && session->created >= since) ||
           (session->has_ended && session->ended >= since);
}

static bool has_current(const struct target *vm, utc_us since)
{
    bool found = false;
    for (size_t i = 0; i < vm->count && !found; i++) {
        found = is_current(vm->sessions[i], since);
    }
    return found;
}

/* Whether EM is asked for the session by its VM's name, if not for what is current. */
static bool is_looked_for(const struct target *vm, const struct task_session *session, utc_us now)
{
    return session == target_last_completed(vm) ||
           (session == target_last_good(vm) && is_current(session, now - REMEMBER_GOOD_FOR));
}

/* Whether EM gives sessions of it; else all that there are of it are remembered, and gone. */
static bool is_given(const struct target *vm)
{
    bool found = false;
    for (size_t i = 0; i < vm->count && !found; i++) {
        found = (vm->sessions[i]->odd & SESSION_GONE) == 0;
    }
    return found;
}

int remember_narrow(struct site *site, utc_us since, utc_us now, struct fault *fault)
{
    struct task_sessions *sessions = &site->sessions;
    const bool remembers = remember_applies(site);
    cleanup_targets struct targets targets = {.items = NULL};
    if (targets_condense(sessions, fault) < 0 ||
        targets_group(sessions, false, &targets, fault) < 0 ||
        coverage_join(&targets, site, fault) < 0) {
        return -1;
    }
    cleanup_free bool *keep = calloc(sessions->count + 1, sizeof *keep);
    if (keep == NULL) {
        return fault_no_memory(fault);
    }
    for (size_t i = 0; i < targets.count; i++) {
        const struct target *vm = &targets.items[i];
        const bool stays = has_current(vm, since) || vm->expected != NULL ||
                           (remembers && vm->count > 0 && is_remembered(vm, now));
        const uint16_t left_out = is_given(vm) ? SESSION_GONE : 0;
        for (size_t j = 0; j < vm->count && stays; j++) {
            const struct task_session *session = vm->sessions[j];
            keep[session - sessions->items] =
                (session->odd & left_out) == 0 &&
                (is_current(session, since) || is_looked_for(vm, session, now));
        }
    }
    return targets_keep(sessions, keep, fault);
}
