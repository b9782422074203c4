// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/vm.h"

#include <stdint.h>

#include "base/clock.h"
#include "cdp/group.h"
#include "cdp/pick.h"
#include "em/query.h"
#include "fetch/newest_first.h"
#include "fetch/remember.h"

struct search {
    const struct part *part;
    const struct task_sessions *found;
};

/*
 * Where the sessions that decide on a VM begin: its newest, its last completed one and, unless it
 * is too long ago, its last good one. False: they may be older than those that were read.
 */
static bool find_deciding(const struct search *search, const struct target *target, utc_us *since)
{
    const struct task_session *completed = target_last_completed(target);
    const struct task_session *good = target_last_good(target);
    const utc_us bound = clock_utc() - REMEMBER_GOOD_FOR;
    utc_us oldest = INT64_MAX;
    if (search->part->scope->newest_only) {
        *since = target->sessions[0]->created;
        return true;
    }
    if (completed == NULL) {
        return false;
    }
    *since = completed->created;
    if (good != NULL) {
        *since = good->created < *since ? good->created : *since;
        return true;
    }
    *since = bound < *since ? bound : *since;
    return target_oldest(target, &oldest) && oldest < bound;
}

static bool decides_all(const struct search *search, const struct picks *picks, utc_us *since)
{
    *since = INT64_MAX;
    for (size_t i = 0; i < picks->count; i++) {
        utc_us oldest = INT64_MAX;
        if (!find_deciding(search, picks->items[i].target, &oldest)) {
            return false;
        }
        *since = oldest < *since ? oldest : *since;
    }
    return picks_are_found(picks);
}

/*
 * Whether older sessions could not change the verdict: each VM that was seen has its newest
 * session, a completed one and a good one. `since` is then the creation of the oldest one that
 * decides. 1, 0, or -1 with a fault.
 */
static int is_enough(const void *reader, utc_us *since, struct fault *fault)
{
    const struct search *search = reader;
    cleanup_targets struct targets targets = {.items = NULL};
    cleanup_picks struct picks picks = {.items = NULL};
    if (targets_group(search->found, false, &targets, fault) < 0 ||
        pick_targets(&targets, search->part->scope, search->part->name, &picks, fault) < 0) {
        return -1;
    }
    return decides_all(search, &picks, since) ? 1 : 0;
}

int vm_fetch(const struct part *part, struct task_sessions *found, struct fault *fault)
{
    const struct search search = {.part = part, .found = found};
    cleanup_buf struct buf filter;
    buf_init(&filter, QUERY_TARGET_LIMIT);
    query_append_comparison(&filter, "VmDisplayName", "==", part->name);
    const struct newest_first wanted = {.client = part->client,
                                        .filter = buf_string(&filter),
                                        .page_size = QUERY_PAGE_SIZE,
                                        .found = found,
                                        .reader = &search,
                                        .is_enough = is_enough};
    return filter.failure == BUF_FINE ? newest_first_read(&wanted, fault) : fault_no_memory(fault);
}
