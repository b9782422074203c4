// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * A whole answer of the query service, page by page, while EM goes on changing it:
 *
 *     em_pages_open (&pages, em, &query);
 *     while ((got = em_pages_next (&pages, &entities, fault)) > 0) …
 */
#ifndef EM_PAGES_H
#define EM_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/fault.h"
#include "base/set.h"
#include "em/query.h"
#include "em/client.h"

/* Of which kind the page is that is due; pages.c draws how one leads to another. */
enum em_pages_state { EM_PAGES_COUNTED, EM_PAGES_LINKED, EM_PAGES_BEHIND, EM_PAGES_READ };

/* From the first page to the last one; what has changed meanwhile takes another pass. */
struct em_pages_pass {
    size_t full; // the most entities on a page
    long last;   // the last page that had some
    size_t last_length;
    size_t unnamed;    // entities without a UID
    long unnamed_page; // where they stand; 0: there are none
    uint64_t first;    // the first entity, as a hash; 0: it has no UID
    bool met;          // the pass came to `mark`
};

/* Where the reading stands. pages.c alone knows the members. */
struct em_pages {
    struct em_client *client;
    struct em_query query;
    struct json_document document; // of the last page
    enum em_pages_state state;
    struct set seen;
    uint32_t readings; // pages, in all passes
    long page;         // the next one, from 1
    long pages;        // as EM said last; 0: nothing was read yet
    long granted;      // how many entities EM gives on a page, as its first one says
    int lacking;       // what the first page had, if that is less than it should; else 0
    struct em_pages_pass pass;
    int passes;        // that came to an end
    int barren;        // so many of the last passes left no fewer missing than the one before
    size_t missing;    // of most_named, after the last pass
    bool counted;      // a pass came to the last page, so that EM's number is known
    size_t most_named; // of EM's entities, so many have a UID
    bool shifted;      // within the first pass; later passes see again what it saw anyway
    uint64_t mark;     // the first entity of the last whole pass; 0: none
    bool settled;      // nothing has shifted, or all that is newer than `mark` is known, too
};

/* Begins at the first page. `client` and the texts of `query` are borrowed until em_pages_close. */
void em_pages_open(struct em_pages *pages, struct em_client *client, const struct em_query *query);

/*
 * Reads the next page. 1: `entities`, an array or NULL, are valid until the next call. 0: all that
 * EM has was given, once at least; what shifted meanwhile may have been given twice, and counts as
 * it came last. -1: a fault, of the whole answer. A reader that needs no more may stop at any time.
 */
int em_pages_next(struct em_pages *pages, const cJSON **entities, struct fault *fault);

/* Whether the last page that was read completed the answer: the next call gives 0. */
bool em_pages_are_read(const struct em_pages *pages);

void em_pages_close(struct em_pages *pages);

/*
 * Reads the first page of an answer and no more: with a page_size of 1, its pages_count is the
 * number of entities. `document` is as json_parse has it, and owns the entities. 0, or -1 with a
 * fault.
 */
int em_pages_first(struct em_client *client, const struct em_query *query,
                   struct json_document *document, struct em_page *page, struct fault *fault);

/* What is done with an entity. 0, or -1 with a fault. */
typedef int em_pages_taker(void *reader, const cJSON *entity, struct fault *fault);

/* Reads all pages, for those who take one entity after the other. 0, or -1 with a fault. */
int em_pages_take_all(struct em_client *client, const struct em_query *query, em_pages_taker *take,
                      void *reader, struct fault *fault);

#define cleanup_em_pages __attribute__((cleanup(em_pages_close)))

#endif
