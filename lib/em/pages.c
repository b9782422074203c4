// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * EM says how many pages there are, and no more: neither how many entities, nor whether they have
 * changed since the last page. What the reading relies on, and keeps:
 *
 * (1) A page is the one that was asked for: its PageNum, if there is one, is that number.
 * (2) A page within PagesCount has entities, unless EM has none at all; and as many as PageSize
 *     says, if EM does and it is not the last one. A page that comes with less is read once more;
 *     then it is a fault, unless it is the first: EM may have a limit that its PageSize does not
 *     say, so pages of that length are asked for.
 * (3) A link to the next page counts as a page, whatever PagesCount says. It is evidence only:
 *     paths are made from our own query. Behind a last page that is full, one more is looked for:
 *     PagesCount may be wrong. That counts only if it has something new.
 * (4) A UID, compared without case, stands on a page once. On several pages it is an entity that
 *     shifted, and the last reading counts. Without a UID there is no knowing, so those that have
 *     none stand on one page only.
 * (5) The reading is complete when as many entities were seen as there are: full pages, as long as
 *     the longest one, and what the last page has. Fewer say that some were missed, whyever.
 * (6) That number does not say that none was missed: it also counts what has been deleted or came
 *     up since. So once something has shifted, all that comes before the first entity of the last
 *     whole pass must be read as well.
 *
 * The newest come first: one that comes up shifts the others to later pages, where they are seen
 * again, and is found by going back to the first page. What EM's retention deletes are the oldest,
 * behind which nothing shifts; one that is deleted from the middle of what was read already shifts
 * one past the reading, which nothing shows.
 *
 * Which page is due, and whether one is:
 *
 *   COUNTED  One of those that PagesCount counts, or the first.
 *   LINKED   One that the page before links to, though it is not counted.
 *   BEHIND   One that nothing promises, but the page before is full.
 *   READ     None: the reading is complete.
 *
 *      em_pages_open
 *            |
 *            V
 *      +-> COUNTED <---> LINKED <---> BEHIND <-+
 *      |     |             |            |      |
 *      +-----|-------------|------------|------+
 *            |             V            |
 *            +----------> READ <--------+
 *
 * After each page, advance goes from any of the first three
 *
 *   to COUNTED  if PagesCount goes on; if the page was the last one, to the first: begin_pass
 *   to LINKED   if the page has a link
 *   to BEHIND   if the page is full
 *   to READ     if is_complete
 *
 * If the first page is refused, or lacks some, read_smaller begins anew: (2).
 */
#include "em/pages.h"

#include <assert.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "em/json.h"
#include "em/uid.h"

/*
 * Of those in a row that leave no fewer missing, and of all. EM may give what compares equal in any
 * order: then each pass finds some more.
 */
enum { MOST_BARREN = 4, MOST_PASSES = 20 };

void em_pages_open(struct em_pages *pages, struct em_client *client, const struct em_query *query)
{
    *pages = (struct em_pages){.client = client, .query = *query, .page = 1, .missing = SIZE_MAX};
}

void em_pages_close(struct em_pages *pages)
{
    json_free(&pages->document);
    set_free(&pages->seen);
}

/* 1: it is new. 0: it was seen before. -1: a fault. */
static int note_named(struct em_pages *pages, const char *uid, struct fault *fault)
{
    const int is_new =
        uid_add(&pages->seen, uid, pages->readings, em_client_mask(pages->client), fault);
    if (is_new < 0) {
        return -1;
    }
    const uint64_t hash = uid_hash(uid);
    pages->shifted = pages->shifted || is_new == 0;
    pages->pass.met = pages->pass.met || hash == pages->mark;
    if (pages->page == 1 && pages->pass.first == 0) {
        pages->pass.first = hash;
    }
    return is_new;
}

/* One without a UID can't be told from another: each counts, on one page. */
static int note_unnamed(struct em_pages *pages, struct fault *fault)
{
    struct em_pages_pass *pass = &pages->pass;
    pass->unnamed++;
    if (pass->unnamed_page != 0 && pass->unnamed_page != pages->page) {
        return fault_set(fault, FAULT_PROTOCOL,
                         "EM gives entities without a UID on pages %ld and %ld, so they can't be "
                         "told apart",
                         pass->unnamed_page, pages->page);
    }
    pass->unnamed_page = pages->page;
    return 0;
}

/*
 * Has the processor fetch the start of the next entity, where its UID is, while this one is noted.
 * A page of JSON has more than its second cache, and an entity's members stand behind it in memory.
 */
static void fetch_next(const cJSON *entity)
{
    enum { USUAL_SIZE = 1536, LINE = 64 };
    for (size_t at = 0; entity->next != NULL && at < USUAL_SIZE; at += LINE) {
        __builtin_prefetch((const char *)entity->next + at);
    }
}

/* Takes note of what stands on the page: (4). */
static int note_entities(struct em_pages *pages, const cJSON *entities, struct fault *fault)
{
    const cJSON *entity = NULL;
    bool has_news = false;
    pages->readings++;
    cJSON_ArrayForEach(entity, entities)
    {
        fetch_next(entity);
        const char *uid = json_text(entity, "UID");
        const bool named = uid != NULL && uid[0] != '\0';
        const int is_new = named ? note_named(pages, uid, fault) : note_unnamed(pages, fault);
        if (is_new < 0) {
            return -1;
        }
        has_news = has_news || is_new > 0;
    }
    pages->settled = pages->passes == 0 ? !pages->shifted : pages->pass.met && !has_news;
    return 0;
}

/* (5) and (6) */
static bool is_complete(const struct em_pages *pages)
{
    return pages->counted && pages->settled && pages->seen.count >= pages->most_named;
}

bool em_pages_are_read(const struct em_pages *pages)
{
    return pages->state == EM_PAGES_READ;
}

/* Goes back to the first page, after the last one. */
static void begin_pass(struct em_pages *pages)
{
    const size_t missing =
        pages->most_named > pages->seen.count ? pages->most_named - pages->seen.count : 0;
    pages->page = 1;
    pages->mark = pages->counted ? pages->pass.first : 0;
    pages->pass = (struct em_pages_pass){.full = 0};
    pages->barren = missing < pages->missing ? 0 : pages->barren + 1;
    pages->missing = missing;
    pages->passes++;
}

/* By its PageSize, or by EM's usual one, where EM takes no other. */
static bool is_full(const struct em_pages *pages, const struct em_page *page, size_t length)
{
    const long size = page->size > 0 ? page->size : pages->query.page_size;
    return length >= (size_t)size || length == QUERY_PAGE_SIZE;
}

/* Takes note of how long the page is. */
static void measure(struct em_pages *pages, const struct em_page *page, size_t length)
{
    struct em_pages_pass *pass = &pages->pass;
    if (length == 0 && pages->page > 1) {
        return;
    }
    // Behind a link there is something: so the page that has the link was to be full.
    const size_t least = pages->state == EM_PAGES_LINKED ? (size_t)page->size : 0;
    const size_t full = length > least ? length : least;
    pass->full = full > pass->full ? full : pass->full;
    pass->last = pages->page;
    pass->last_length = length;
}

/* How many entities with a UID EM has, by the pass that came to its last page: (5). */
static void count_named(struct em_pages *pages)
{
    const struct em_pages_pass *pass = &pages->pass;
    assert(pass->last >= 1 && pass->last_length <= pass->full);
    const size_t total = (size_t)(pass->last - 1) * pass->full + pass->last_length;
    pages->most_named = total > pass->unnamed ? total - pass->unnamed : 0;
}

/* Goes from a page that has been read to the next one, or back to the first. */
static void advance(struct em_pages *pages, const struct em_page *page, size_t length)
{
    assert(pages->state != EM_PAGES_READ && pages->page >= 1 && page->pages_count >= 1);
    assert(pages->page > 1 || pages->state == EM_PAGES_COUNTED);
    // Something was deleted, and others have shifted.
    const bool shrunk = page->pages_count < pages->pages;
    const bool within = pages->page < page->pages_count;
    const bool linked = page->has_next && length > 0;
    pages->pages = page->pages_count;
    if (pages->granted == 0) {
        pages->granted = page->size > 0 ? page->size : (long)length;
    }
    measure(pages, page, length);
    if (!shrunk && (within || linked || is_full(pages, page, length))) {
        pages->state = within ? EM_PAGES_COUNTED : linked ? EM_PAGES_LINKED : EM_PAGES_BEHIND;
        pages->page++;
    } else {
        pages->state = EM_PAGES_COUNTED;
        pages->counted = !shrunk;
        count_named(pages);
        begin_pass(pages);
    }
    if (is_complete(pages)) {
        pages->state = EM_PAGES_READ;
    }
}

/* EM need not have an answer to what lies behind its last page; that is as good as an empty one. */
static int forgive(const struct em_pages *pages, struct em_page *page, struct fault *fault)
{
    const bool refused = fault->kind == FAULT_PROTOCOL || fault->kind == FAULT_SERVER ||
                         fault->kind == FAULT_FORBIDDEN;
    if (pages->state != EM_PAGES_BEHIND || !refused) {
        return -1;
    }
    fault->kind = FAULT_NONE;
    *page = (struct em_page){.pages_count = pages->pages};
    return 0;
}

/* Reads the page that is due, once: (1). */
static int read_once(struct em_pages *pages, struct em_page *page, struct fault *fault)
{
    cleanup_free char *target = query_target(&pages->query, pages->page, fault);
    if (target == NULL || em_client_get(pages->client, target, &pages->document, fault) < 0 ||
        query_read_page(pages->document.root, pages->query.container, page, fault) < 0) {
        return forgive(pages, page, fault);
    }
    if (page->pages_count == 0) {
        fault_set(fault, FAULT_PROTOCOL,
                  "the answer has no PagingInfo, so it may be a part of all");
        return forgive(pages, page, fault);
    }
    // What shrank meanwhile may have its last page in the place of one that is not there any more.
    if (page->number != 0 && page->number != pages->page &&
        (pages->page <= page->pages_count || pages->state == EM_PAGES_LINKED)) {
        return fault_set(fault, FAULT_PROTOCOL, "EM answers page %ld instead of %ld", page->number,
                         pages->page);
    }
    return 0;
}

/* How many entities EM says that the page has at least: (2) and (3). */
static int promised(const struct em_pages *pages, const struct em_page *page)
{
    if (pages->page < page->pages_count) {
        return page->size > 0 ? (int)page->size : 1;
    }
    return pages->page == page->pages_count && (page->pages_count > 1 || page->has_next) ? 1 : 0;
}

/*
 * Behind its last page EM may give that one again, or none, and count it or not. What has shifted
 * there is less than a whole page of what is known.
 */
static bool is_behind_all(const struct em_pages *pages, const struct em_page *page)
{
    const cJSON *entity = NULL;
    const size_t length = (size_t)json_length(page->entities);
    const bool counted = pages->page <= page->pages_count;
    bool known = true;
    if (pages->state != EM_PAGES_BEHIND ||
        (counted && length > 0 && length != pages->pass.last_length)) {
        return false;
    }
    if (!counted && page->number != 0 && page->number != pages->page) {
        return true;
    }
    cJSON_ArrayForEach(entity, page->entities)
    {
        const char *uid = json_text(entity, "UID");
        known = known && uid != NULL && set_find(&pages->seen, uid_hash(uid)) != NULL;
    }
    return known;
}

static int read_page(struct em_pages *pages, struct em_page *page, struct fault *fault)
{
    int length = 0;
    for (int readings = 0; readings < 2; readings++) {
        if (read_once(pages, page, fault) < 0) {
            return -1;
        }
        if (is_behind_all(pages, page)) {
            *page = (struct em_page){.pages_count = pages->pages};
        }
        length = json_length(page->entities);
        if (length >= promised(pages, page)) {
            return note_entities(pages, page->entities, fault);
        }
    }
    pages->lacking = pages->pages == 0 ? length : 0;
    const long count = page->pages_count > pages->page ? page->pages_count : pages->page;
    if (length == 0) {
        return fault_set(fault, FAULT_PROTOCOL,
                         "page %ld of EM's %ld is empty, also when read again", pages->page, count);
    }
    return fault_set(fault, FAULT_PROTOCOL,
                     "page %ld of EM's %ld lacks entities: %d of %d, also when read again",
                     pages->page, count, length, promised(pages, page));
}

/*
 * What size to ask for instead, where EM may have refused that of the first page, or have a limit
 * below it: it has answered with nothing of use so far. 0: there is none.
 */
static int smaller_size(const struct em_pages *pages, const struct fault *fault)
{
    const int size = pages->lacking > 0 ? pages->lacking : QUERY_PAGE_SIZE;
    const bool may_be_too_large = fault->kind == FAULT_PROTOCOL && pages->pages == 0;
    return may_be_too_large && size < pages->query.page_size ? size : 0;
}

/* The first page, in another size. */
static int read_smaller(struct em_pages *pages, int size, struct em_page *page, struct fault *fault)
{
    struct em_query smaller = pages->query;
    smaller.page_size = size;
    fault->kind = FAULT_NONE;
    em_pages_close(pages);
    em_pages_open(pages, pages->client, &smaller);
    return read_page(pages, page, fault);
}

int em_pages_next(struct em_pages *pages, const cJSON **entities, struct fault *fault)
{
    struct em_page page;
    *entities = NULL;
    if (em_pages_are_read(pages)) {
        return 0;
    }
    if (pages->barren == MOST_BARREN || pages->passes == MOST_PASSES) {
        return fault_set(fault, FAULT_PROTOCOL,
                         "EM's pages change faster than they can be read: some entities are "
                         "missing still after %d times",
                         pages->passes);
    }
    int result = read_page(pages, &page, fault);
    // EM may refuse a size, and not grant all of its usual one.
    for (int tries = 0; result < 0 && tries < 2 && smaller_size(pages, fault) > 0; tries++) {
        result = read_smaller(pages, smaller_size(pages, fault), &page, fault);
    }
    if (result < 0) {
        return -1;
    }
    advance(pages, &page, (size_t)json_length(page.entities));
    *entities = page.entities;
    return 1;
}

int em_pages_first(struct em_client *client, const struct em_query *query,
                   struct json_document *document, struct em_page *page, struct fault *fault)
{
    cleanup_free char *target = query_target(query, 1, fault);
    return target != NULL && em_client_get(client, target, document, fault) == 0
               ? query_read_page(document->root, query->container, page, fault)
               : -1;
}

int em_pages_take_all(struct em_client *client, const struct em_query *query, em_pages_taker *take,
                      void *reader, struct fault *fault)
{
    cleanup_em_pages struct em_pages pages;
    const cJSON *entities = NULL;
    const cJSON *entity = NULL;
    int got = 0;
    em_pages_open(&pages, client, query);
    while ((got = em_pages_next(&pages, &entities, fault)) > 0) {
        cJSON_ArrayForEach(entity, entities)
        {
            if (take(reader, entity, fault) < 0) {
                return -1;
            }
        }
    }
    return got;
}
