// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * EM says how many pages there are, and no more: neither how many entities, nor whether they have
 * changed since the last page. What the reading relies on, and keeps:
 *
 * (1) A page is the one that was asked for: its PageNum, if there is one, is that number.
 * (2) A page within PagesCount has entities, unless EM has none at all; and as many as PageSize
 *     says, if EM does and it is not the last one. A page that comes with less is read once more;
 *     then it is a fault.
 * (3) A link to the next page counts as a page, whatever PagesCount says. It is evidence only:
 *     paths are made from our own query.
 * (4) A UID, compared without case, stands on a page once. On several pages it is an entity that
 *     shifted, and the last reading counts.
 * (5) The reading is complete when as many entities were seen as there are: full pages, as long as
 *     the longest one, and what the last page has. Fewer say that some were missed, whyever.
 * (6) That number does not say that none was missed: it also counts what has been deleted or came
 *     up since. So once something has shifted, all that comes before the first entity of the last
 *     whole pass must be read as well.
 *
 * The newest come first: one that comes up shifts the others to later pages, where they are seen
 * again, and is found by going back to the first page. What EM's retention deletes are the oldest,
 * behind which nothing shifts; one that is deleted from the middle of what was read already shifts
 * one past the reading, which nothing tells.
 */
#include "em/pages.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "em/json.h"

enum { MOST_PASSES = 5 };

void em_pages_open(struct em_pages *pages, struct em_session *em, const struct em_query *query)
{
    *pages = (struct em_pages){.em = em, .query = *query, .page = 1};
}

void em_pages_close(struct em_pages *pages)
{
    json_free(&pages->document);
    uid_set_free(&pages->seen);
}

static int note_named(struct em_pages *pages, const char *uid, struct fault *fault)
{
    const int is_new = uid_set_add(&pages->seen, uid, pages->readings, em_mask(pages->em), fault);
    if (is_new < 0) {
        return -1;
    }
    const uint64_t hash = uid_hash(uid);
    pages->news = pages->news || is_new > 0;
    pages->shifted = pages->shifted || is_new == 0;
    pages->met = pages->met || hash == pages->mark;
    if (pages->page == 1 && pages->first == 0) {
        pages->first = hash;
    }
    return 0;
}

/* One without a UID can't be told from another: each counts. */
static int note(struct em_pages *pages, const cJSON *entities, struct fault *fault)
{
    const cJSON *entity = NULL;
    pages->news = false;
    pages->readings++;
    cJSON_ArrayForEach(entity, entities)
    {
        const char *uid = json_text(entity, "UID");
        if (uid == NULL || uid[0] == '\0') {
            pages->unnamed++;
        } else if (note_named(pages, uid, fault) < 0) {
            return -1;
        }
    }
    pages->settled = pages->passes == 0 ? !pages->shifted : pages->met && !pages->news;
    return 0;
}

bool em_pages_are_read(const struct em_pages *pages)
{
    return pages->counted && pages->settled && pages->seen.count >= pages->most_named;
}

static void begin_pass(struct em_pages *pages)
{
    pages->page = 1;
    pages->unnamed = 0;
    pages->mark = pages->counted ? pages->first : 0;
    pages->first = 0;
    pages->met = false;
    pages->passes++;
}

/* Takes note of a page that has been read, and goes to the next one or back to the first. */
static void advance(struct em_pages *pages, const struct em_page *page, size_t length)
{
    // Something was deleted, and others have shifted.
    const bool shrunk = page->pages_count < pages->pages;
    pages->pages = page->pages_count;
    if (length > 0 || pages->page == 1) {
        pages->full = pages->page == 1 || length > pages->full ? length : pages->full;
        pages->last = pages->page;
        pages->last_length = length;
    }
    const bool within = pages->page < page->pages_count;
    if (!shrunk && (within || page->has_next)) {
        pages->followed = !within;
        pages->page++;
        return;
    }
    pages->followed = false;
    pages->counted = !shrunk;
    const size_t total = (size_t)(pages->last - 1) * pages->full + pages->last_length;
    pages->most_named = total > pages->unnamed ? total - pages->unnamed : 0;
    begin_pass(pages);
}

/* Reads the page that is due, once: (1). */
static int read_once(struct em_pages *pages, struct em_page *page, struct fault *fault)
{
    cleanup_free char *target = query_target(&pages->query, pages->page, fault);
    if (target == NULL || em_get(pages->em, target, &pages->document, fault) < 0 ||
        query_read_page(pages->document.root, pages->query.container, page, fault) < 0) {
        return -1;
    }
    if (page->pages_count == 0) {
        return fault_set(fault, FAULT_PROTOCOL,
                         "the answer has no PagingInfo, so it may be a part of all");
    }
    // What shrank meanwhile may have its last page in the place of one that is not there any more.
    if (page->number != 0 && page->number != pages->page &&
        (pages->page <= page->pages_count || pages->followed)) {
        return fault_set(fault, FAULT_PROTOCOL, "EM answers page %ld instead of %ld", page->number,
                         pages->page);
    }
    return 0;
}

/* How many entities EM says that the page has at least: (2) and (3). */
static int promised(const struct em_pages *pages, const struct em_page *page)
{
    if (page->has_next || pages->page < page->pages_count) {
        return page->size > 0 ? (int)page->size : 1;
    }
    return page->pages_count > 1 && pages->page == page->pages_count ? 1 : 0;
}

static int read_page(struct em_pages *pages, struct em_page *page, struct fault *fault)
{
    int length = 0;
    for (int readings = 0; readings < 2; readings++) {
        if (read_once(pages, page, fault) < 0) {
            return -1;
        }
        length = cJSON_GetArraySize(page->entities);
        if (length >= promised(pages, page)) {
            return note(pages, page->entities, fault);
        }
    }
    const long count = page->pages_count > pages->page ? page->pages_count : pages->page;
    if (length == 0) {
        return fault_set(fault, FAULT_PROTOCOL,
                         "page %ld of EM's %ld is empty, also when read again", pages->page, count);
    }
    return fault_set(fault, FAULT_PROTOCOL,
                     "page %ld of EM's %ld lacks entities: %d of %d, also when read again",
                     pages->page, count, length, promised(pages, page));
}

/* Whether EM may have refused the size of the pages: it has answered with nothing of use so far. */
static bool may_be_too_large(const struct em_pages *pages, const struct fault *fault)
{
    return fault->kind == FAULT_PROTOCOL && pages->query.page_size > EM_PAGE_SIZE &&
           pages->pages == 0;
}

int em_pages_next(struct em_pages *pages, const cJSON **entities, struct fault *fault)
{
    struct em_page page;
    *entities = NULL;
    if (em_pages_are_read(pages)) {
        return 0;
    }
    if (pages->passes == MOST_PASSES) {
        return fault_set(fault, FAULT_PROTOCOL,
                         "EM's pages change faster than they can be read: some entities are "
                         "missing still after %d times",
                         MOST_PASSES);
    }
    int result = read_page(pages, &page, fault);
    if (result < 0 && may_be_too_large(pages, fault)) {
        struct em_query smaller = pages->query;
        smaller.page_size = EM_PAGE_SIZE;
        fault->kind = FAULT_NONE;
        em_pages_close(pages);
        em_pages_open(pages, pages->em, &smaller);
        result = read_page(pages, &page, fault);
    }
    if (result < 0) {
        return -1;
    }
    advance(pages, &page, (size_t)cJSON_GetArraySize(page.entities));
    *entities = page.entities;
    return 1;
}
