// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/vm.h"

#include <stdint.h>

#include "cdp/group.h"
#include "cdp/pick.h"
#include "em/query.h"
#include "fetch/newest_first.h"

struct search {
    const struct part *part;
    const struct task_sessions *found;
};

static bool decides_all(const struct search *search, const struct picks *picks, utc_us *since)
{
    *since = INT64_MAX;
    for (size_t i = 0; i < picks->count; i++) {
        const struct target *target = picks->items[i].target;
        const struct task_session *oldest =
            search->part->scope->newest_only ? target->sessions[0] : target_last_completed(target);
        if (oldest == NULL) {
            return false;
        }
        *since = oldest->created < *since ? oldest->created : *since;
    }
    return picks_are_found(picks);
}

/*
 * Whether older sessions could not change the verdict: each VM that was seen has its newest session
 * and a completed one. `since` is then the creation of the oldest one that decides. 1, 0, or -1
 * with a fault.
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
