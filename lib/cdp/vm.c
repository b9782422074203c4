// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/vm.h"

#include <stdint.h>
#include <stdlib.h>

#include "cdp/newest_first.h"
#include "cdp/pick.h"
#include "cdp/select.h"
#include "em/query.h"

struct search {
    const struct selector *selector;
    const struct question *question;
    const struct task_sessions *found;
};

static bool decides_all(const struct search *search, const struct picks *picks, utc_us *since)
{
    *since = INT64_MAX;
    for (size_t i = 0; i < picks->count; i++) {
        const struct target *target = picks->items[i].target;
        const struct task_session *oldest =
            search->question->newest_alone ? target->sessions[0] : target_last_completed(target);
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
    struct targets targets;
    struct picks picks;
    if (targets_select(search->found, false, &targets, fault) < 0) {
        return -1;
    }
    int result = pick_targets(&targets, search->selector, search->question, &picks, fault);
    if (result == 0) {
        result = decides_all(search, &picks, since) ? 1 : 0;
    }
    free(picks.items);
    targets_free(&targets);
    return result;
}

int vm_ask(struct em_client *em, const struct selector *selector, const struct question *question,
           struct task_sessions *found, struct fault *fault)
{
    const struct search search = {.selector = selector, .question = question, .found = found};
    struct buf filter;
    buf_init(&filter, EM_TARGET_LIMIT);
    filter_equal(&filter, "VmDisplayName", selector->text);
    const struct newest_first wanted = {.em = em,
                                        .filter = buf_string(&filter),
                                        .page_size = EM_PAGE_SIZE,
                                        .found = found,
                                        .reader = &search,
                                        .is_enough = is_enough};
    const int result =
        filter.failure == BUF_FINE ? newest_first_read(&wanted, fault) : fault_no_memory(fault);
    buf_free(&filter);
    return result;
}
