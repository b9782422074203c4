// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Reading stops early if EM sorts as it was asked to. Whether it does is not believed: what it has
 * that is newer than the oldest session that decides is asked for by time, in the same request as
 * what runs, and nothing must turn up that was not seen.
 */
#include "fetch/newest_first.h"

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "cdp/group.h"
#include "em/pages.h"
#include "em/uid.h"
#include "fetch/decode.h"
#include "fetch/part.h"
#include "fetch/task_query.h"

/* So many sessions are read before the reading may stop, however small EM's pages are. */
enum { LEAST_READ = QUERY_PAGE_SIZE };

struct reading {
    const struct newest_first *wanted;
    struct set *known;   // the UIDs of all sessions read
    uint32_t pages;      // in all passes
    size_t read;         // sessions, in this pass
    bool in_order;       // newest first, as EM was asked to give them
    utc_us last_created; // while they are
    bool news;           // a session came up from between those that were read
    utc_us news_since;
};

static int note_session(struct reading *reading, const struct task_session *session,
                        struct fault *fault)
{
    reading->read++;
    if (reading->wanted->total != NULL) {
        ++*reading->wanted->total;
    }
    reading->in_order =
        reading->in_order && session->has_created && session->created <= reading->last_created;
    reading->last_created = session->created;
    const int is_new = session->uid != NULL
                           ? uid_add(reading->known, session->uid, reading->pages, NULL, fault)
                           : 0;
    reading->news =
        reading->news ||
        (is_new > 0 && (!session->has_created || session->created >= reading->news_since));
    return is_new < 0 ? -1 : 0;
}

static int take_page(struct reading *reading, const cJSON *entities, struct fault *fault)
{
    const struct newest_first *wanted = reading->wanted;
    struct task_sessions *found = wanted->found;
    const cJSON *entity = NULL;
    reading->pages++;
    cJSON_ArrayForEach(entity, entities)
    {
        if (decode_task_session(entity, em_client_mask(wanted->client), found, fault) < 0) {
            return -1;
        }
        struct task_session *session = &found->items[found->count - 1];
        if (wanted->adjust != NULL) {
            wanted->adjust(wanted->reader, session);
        }
        if (note_session(reading, session, fault) < 0) {
            return -1;
        }
    }
    return targets_condense(found, fault);
}

/*
 * Reads pages until there are no more, or, with `may_stop`, what was found is enough. 1: it
 * stopped, and `since` is as is_enough has it. 0: all were read. -1: a fault.
 */
static int read_pages(struct reading *reading, const char *filter, bool may_stop, utc_us *since,
                      struct fault *fault)
{
    const struct newest_first *wanted = reading->wanted;
    const struct em_query query = task_query(filter, wanted->page_size);
    cleanup_em_pages struct em_pages pages;
    const cJSON *entities = NULL;
    int got = 0;
    reading->read = 0;
    reading->in_order = true;
    reading->last_created = INT64_MAX;
    em_pages_open(&pages, wanted->client, &query);
    while ((got = em_pages_next(&pages, &entities, fault)) > 0) {
        if (take_page(reading, entities, fault) < 0) {
            return -1;
        }
        if (!may_stop || !reading->in_order || reading->read < LEAST_READ ||
            em_pages_are_read(&pages)) {
            continue;
        }
        const int enough = wanted->is_enough(wanted->reader, since, fault);
        if (enough != 0) {
            return enough;
        }
    }
    return got;
}

/*
 * Asks for what is not older than `since`, and for what has not completed, as a VM of the same name
 * under another policy may have a session that hangs since long before. 1: older sessions could not
 * change the verdict. 0: they could, and `in_order` says whether EM sorts. -1: a fault.
 */
static int read_deciding(struct reading *reading, utc_us since, bool *in_order, struct fault *fault)
{
    cleanup_buf struct buf deciding;
    struct fault refused = {.kind = FAULT_NONE};
    buf_init(&deciding, QUERY_TARGET_LIMIT);
    buf_format(&deciding, "%s;", reading->wanted->filter);
    task_query_append_current(&deciding, since);
    reading->news = false;
    reading->news_since = since;
    const int read = deciding.failure == BUF_FINE
                         ? read_pages(reading, buf_string(&deciding), false, &since, &refused)
                         : fault_no_memory(&refused);
    if (read < 0 && part_fault_is_final(refused.kind)) {
        *fault = refused;
        return -1;
    }
    *in_order = read == 0 && !reading->news;
    return *in_order ? reading->wanted->is_enough(reading->wanted->reader, &since, fault) : 0;
}

int newest_first_read(const struct newest_first *wanted, struct fault *fault)
{
    cleanup_set struct set known = {.slots = NULL};
    struct reading reading = {.wanted = wanted, .known = &known};
    utc_us since = 0;
    bool in_order = true;
    const int stopped = read_pages(&reading, wanted->filter, true, &since, fault);
    if (stopped <= 0) {
        return stopped;
    }
    const int decided = read_deciding(&reading, since, &in_order, fault);
    if (decided != 0) {
        return decided < 0 ? -1 : 0;
    }
    return read_pages(&reading, wanted->filter, in_order, &since, fault) < 0 ? -1 : 0;
}
