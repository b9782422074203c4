// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * EM tells how many pages there are, and no more: neither how many entities, nor whether they have
 * changed since the last page. So the newest come first: one that comes up shifts the others to
 * later pages, where they are seen again, and is found by going back to the first page. What EM's
 * retention deletes are the oldest, behind which nothing shifts; one that is deleted from the
 * middle of what was read already shifts one past the reading, which nothing tells. Any number of
 * entities that is less than EM's own says that some were missed, whyever. The number alone does
 * not say that none was: it also counts what has been deleted or came up since. So once something
 * has shifted, what comes before the first one of the last whole pass must be read as well.
 */
#include "em/pages.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "em/json.h"

enum { MOST_PASSES = 5, FIRST_SLOTS = 1024 };

/* The UIDs seen so far, as their hashes; 0 is a free slot. */
struct seen {
    uint64_t *slots;
    size_t slot_count; // a power of two
    size_t count;
};

static uint64_t hash_uid(const char *uid)
{
    const uint64_t hash = hash_text(uid);
    return hash != 0 ? hash : 1;
}

/* Whether it is new. */
static bool put(struct seen *seen, uint64_t hash)
{
    if (seen->slots == NULL) {
        return false;
    }
    size_t slot = (size_t)hash & (seen->slot_count - 1);
    while (seen->slots[slot] != 0 && seen->slots[slot] != hash) {
        slot = (slot + 1) & (seen->slot_count - 1);
    }
    const bool is_new = seen->slots[slot] == 0;
    seen->count += is_new ? 1 : 0;
    seen->slots[slot] = hash;
    return is_new;
}

static int make_room(struct seen *seen, struct fault *fault)
{
    if (seen->slots != NULL && seen->count < seen->slot_count / 2) {
        return 0;
    }
    struct seen larger = {.slot_count = seen->slots != NULL ? seen->slot_count * 2 : FIRST_SLOTS};
    larger.slots = calloc(larger.slot_count, sizeof *larger.slots);
    if (larger.slots == NULL) {
        return fault_no_memory(fault);
    }
    for (size_t i = 0; seen->slots != NULL && i < seen->slot_count; i++) {
        if (seen->slots[i] != 0) {
            put(&larger, seen->slots[i]);
        }
    }
    free(seen->slots);
    *seen = larger;
    return 0;
}

/* Where the reading stands. */
struct progress {
    struct seen seen;
    size_t unnamed;    // without a UID, in this pass
    size_t full;       // entities on a full page
    long page;         // the next one, from 1
    long pages;        // as EM told last
    int passes;        // that came to an end
    bool counted;      // a pass came to the last page, so that EM's number is known
    size_t most_named; // of EM's entities, so many have a UID
    bool news;         // the page has brought some
    bool shifted;      // within the first pass; later passes see again what it saw anyway
    uint64_t first;    // of this pass, as a hash; 0: it has no UID
    uint64_t mark;     // the first one of the last whole pass; 0: none
    bool met;          // this pass came to it
    bool settled;      // nothing has shifted, or all that is newer than that one is known, too
};

static void note_named(struct progress *progress, uint64_t hash)
{
    const bool is_new = put(&progress->seen, hash);
    progress->news = progress->news || is_new;
    progress->shifted = progress->shifted || !is_new;
    progress->met = progress->met || hash == progress->mark;
    if (progress->page == 1 && progress->first == 0) {
        progress->first = hash;
    }
}

/* One without a UID can't be told from another: each counts. */
static int note(struct progress *progress, const cJSON *entities, struct fault *fault)
{
    const cJSON *entity = NULL;
    progress->news = false;
    cJSON_ArrayForEach(entity, entities)
    {
        const char *uid = json_text(entity, "UID");
        if (uid == NULL) {
            progress->unnamed++;
        } else if (make_room(&progress->seen, fault) < 0) {
            return -1;
        } else {
            note_named(progress, hash_uid(uid));
        }
    }
    progress->settled =
        progress->passes == 0 ? !progress->shifted : progress->met && !progress->news;
    return 0;
}

static bool is_complete(const struct progress *progress)
{
    return progress->counted && progress->settled && progress->seen.count >= progress->most_named;
}

/* Takes note of a page that has been read, and goes to the next one or back to the first. */
static void advance(struct progress *progress, long pages, size_t length)
{
    const bool shrunk = pages < progress->pages; // something was deleted, and others have shifted
    const long page = progress->page;
    progress->pages = pages;
    progress->full = page == 1 ? length : progress->full;
    progress->page++;
    if (page >= pages || shrunk) {
        const size_t total = (size_t)(page - 1) * progress->full + length;
        progress->counted = page == pages && !shrunk;
        progress->most_named = total - progress->unnamed;
        progress->page = 1;
        progress->unnamed = 0;
        progress->mark = progress->counted ? progress->first : 0;
        progress->first = 0;
        progress->met = false;
        progress->passes++;
    }
}

/* `document` is that of the last page, and becomes that of this one. */
static int read_page(struct em_session *em, const struct em_reading *reading,
                     const struct em_query *query, struct progress *progress,
                     struct json_document *document, struct fault *fault)
{
    cleanup_free char *target = query_target(query, progress->page, fault);
    struct em_page page;
    if (target == NULL || em_get(em, target, document, fault) < 0 ||
        query_read_page(document->root, reading->container, &page, fault) < 0) {
        return -1;
    }
    if (page.pages_count == 0) {
        return fault_set(fault, FAULT_PROTOCOL,
                         "the answer has no PagingInfo, so it may be a part of all");
    }
    if (page.number != 0 && page.number != progress->page && progress->page <= page.pages_count) {
        return fault_set(fault, FAULT_PROTOCOL, "EM answers page %ld instead of %ld", page.number,
                         progress->page);
    }
    if (note(progress, page.entities, fault) < 0 ||
        reading->take(reading->user, page.entities, fault) < 0) {
        return -1;
    }
    advance(progress, page.pages_count, (size_t)cJSON_GetArraySize(page.entities));
    return 0;
}

/* Whether EM may have refused the size of the pages: it has answered with nothing of use so far. */
static bool may_be_too_large(const struct em_query *query, const struct progress *progress,
                             const struct fault *fault)
{
    return fault->kind == FAULT_PROTOCOL && query->page_size > EM_PAGE_SIZE &&
           progress->pages == 0 && progress->seen.count + progress->unnamed == 0;
}

int em_read_all(struct em_session *em, const struct em_reading *reading, struct fault *fault)
{
    struct progress progress = {.page = 1};
    struct em_query query = reading->query;
    cleanup_json struct json_document document = {.root = NULL};
    int result = 0;
    while (
        result == 0 && !is_complete(&progress) &&
        (reading->is_enough == NULL || progress.pages == 0 || !reading->is_enough(reading->user))) {
        if (progress.passes == MOST_PASSES) {
            result = fault_set(fault, FAULT_PROTOCOL,
                               "EM's pages change faster than they can be read: some entities are "
                               "missing still after %d times",
                               MOST_PASSES);
            break;
        }
        result = read_page(em, reading, &query, &progress, &document, fault);
        if (result < 0 && may_be_too_large(&query, &progress, fault)) {
            query.page_size = EM_PAGE_SIZE;
            fault->kind = FAULT_NONE;
            result = 0;
        }
    }
    free(progress.seen.slots);
    return result;
}
