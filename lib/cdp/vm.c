// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * EM keeps a VM's sessions for 13 weeks, some 300 of them, and its verdict needs the newest two. So
 * reading stops early where EM sorts as it was asked to. Whether it does is not believed: what it
 * has that is newer than the oldest session that decides is asked for by time, in the same request
 * as what runs, and nothing must turn up that was not seen.
 */
#include "cdp/vm.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cdp/pick.h"
#include "cdp/select.h"
#include "cdp/task_query.h"
#include "em/pages.h"
#include "em/uid_set.h"

/* So many sessions are read before the reading may stop, however small EM's pages are. */
enum { LEAST_READ = EM_PAGE_SIZE };

struct search {
    struct em_session *em;
    const struct selector *selector;
    const struct question *question;
    struct task_sessions *found;
    struct uid_set known; // of all sessions read
    uint32_t pages;       // in all readings
    size_t read;          // sessions, in this reading
    bool in_order;        // newest first, as EM was asked to give them
    utc_us last_created;  // while they are
    bool news;            // a session came up from between those that were read
    utc_us news_since;
};

static int note_session(struct search *search, const struct task_session *session,
                        struct fault *fault)
{
    search->read++;
    search->in_order =
        search->in_order && session->has_created && session->created <= search->last_created;
    search->last_created = session->created;
    const int is_new = session->uid != NULL
                           ? uid_set_add(&search->known, session->uid, search->pages, NULL, fault)
                           : 0;
    search->news =
        search->news ||
        (is_new > 0 && (!session->has_created || session->created >= search->news_since));
    return is_new < 0 ? -1 : 0;
}

static int take_page(struct search *search, const cJSON *entities, struct fault *fault)
{
    const size_t first = search->found->count;
    const cJSON *entity = NULL;
    search->pages++;
    cJSON_ArrayForEach(entity, entities)
    {
        if (task_sessions_add(search->found, entity, em_mask(search->em), fault) < 0) {
            return -1;
        }
    }
    for (size_t i = first; i < search->found->count; i++) {
        if (note_session(search, &search->found->items[i], fault) < 0) {
            return -1;
        }
    }
    return 0;
}

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
    return picks->count > 0;
}

/*
 * Whether older sessions could not change the verdict: each VM that was seen has its newest session
 * and a completed one. `since` is then the creation of the oldest one that decides. 1, 0, or -1
 * with a fault.
 */
static int is_enough(const struct search *search, utc_us *since, struct fault *fault)
{
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

/*
 * Reads pages until there are no more, or, with `may_stop`, older sessions could not change what
 * is known of the VMs that were seen. 1: it stopped, and `since` is as is_enough has it. 0: all
 * were read. -1: a fault.
 */
static int read_pages(struct search *search, const char *filter, bool may_stop, utc_us *since,
                      struct fault *fault)
{
    const struct em_query query = task_query(filter, EM_PAGE_SIZE);
    cleanup_em_pages struct em_pages pages;
    const cJSON *entities = NULL;
    int got = 0;
    search->read = 0;
    search->in_order = true;
    search->last_created = INT64_MAX;
    em_pages_open(&pages, search->em, &query);
    while ((got = em_pages_next(&pages, &entities, fault)) > 0) {
        if (take_page(search, entities, fault) < 0) {
            return -1;
        }
        if (!may_stop || !search->in_order || search->read < LEAST_READ ||
            em_pages_are_read(&pages)) {
            continue;
        }
        const int enough = is_enough(search, since, fault);
        if (enough != 0) {
            return enough;
        }
    }
    return got;
}

/*
 * Asks for what has not completed, as a VM of the same name under another policy may have a session
 * that hangs since long before, and for what is not older than `since`. 1: older sessions could not
 * change the verdict. 0: they could, and `in_order` says whether EM sorts. -1: a fault.
 */
static int read_deciding(struct search *search, const char *filter, utc_us since, bool *in_order,
                         struct fault *fault)
{
    struct buf deciding;
    struct fault refused = {.kind = FAULT_NONE};
    buf_init(&deciding, EM_TARGET_LIMIT);
    buf_format(&deciding, "%s;(State!=Completed,", filter);
    task_query_append_since(&deciding, "CreationTimeUTC", since);
    buf_text(&deciding, ")");
    search->news = false;
    search->news_since = since;
    const int read = deciding.failure == BUF_FINE
                         ? read_pages(search, buf_string(&deciding), false, &since, &refused)
                         : fault_no_memory(&refused);
    buf_free(&deciding);
    if (read < 0 && ask_ends_the_run(refused.kind)) {
        *fault = refused;
        return -1;
    }
    *in_order = read == 0 && !search->news;
    return *in_order ? is_enough(search, &since, fault) : 0;
}

static int read_sessions(struct search *search, const char *filter, struct fault *fault)
{
    utc_us since = 0;
    bool in_order = true;
    int result = read_pages(search, filter, true, &since, fault);
    if (result > 0) {
        result = read_deciding(search, filter, since, &in_order, fault);
        result = result != 0 ? result : read_pages(search, filter, in_order, &since, fault);
    }
    return result < 0 ? -1 : 0;
}

int vm_ask(struct em_session *em, const struct selector *selector, const struct question *question,
           struct task_sessions *found, struct fault *fault)
{
    struct search search = {
        .em = em,
        .selector = selector,
        .question = question,
        .found = found,
    };
    struct buf filter;
    buf_init(&filter, EM_TARGET_LIMIT);
    filter_equal(&filter, "VmDisplayName", selector->text);
    const int result = filter.failure == BUF_FINE
                           ? read_sessions(&search, buf_string(&filter), fault)
                           : fault_no_memory(fault);
    uid_set_free(&search.known);
    buf_free(&filter);
    return result;
}
