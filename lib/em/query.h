// SPDX-License-Identifier: GPL-3.0-or-later
/* EM's query service: filters, and answers that come in pages. */
#ifndef EM_QUERY_H
#define EM_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/fault.h"

/*
 * EM's own default, and what others ask it for. The largest size it takes is not documented; one
 * that it does not grant shows in the number of pages.
 */
enum { QUERY_PAGE_SIZE = 100, QUERY_LARGE_PAGE_SIZE = 1000 };

/*
 * The longest path and query that is sent, in bytes. EM is served by Windows' HTTP.sys, which by
 * default takes 16 KiB of request line and headers together.
 */
enum { QUERY_TARGET_LIMIT = 15000 };

/* The shortest of EM's entities have hundreds of bytes: no answer that is read whole has so many.
 */
enum { QUERY_ENTITIES_LIMIT = 100000 };

struct em_query {
    const char *type;            // of the entities: "CdpReplicaTaskSession"
    const char *container;       // of them in the answer: "CdpReplicaTaskSessions"
    const char *filter;          // as query_append_comparison writes it, not yet percent-encoded;
                                 // NULL: none
    const char *sort_descending; // the field to sort by; NULL: EM's own order
    int page_size;
};

/* One page of an answer. `entities` belongs to the document it was read from. */
struct em_page {
    const cJSON *entities; // an array, or NULL where EM has none
    long pages_count;      // 0: there is no PagingInfo
    long number;           // of this page, from 1; 0: not known
    long size;             // entities on each page but the last; 0: not known
    bool has_next;         // PagingInfo has a link to a further page
};

/*
 * Appends `field=="value"`, or another comparison of EM's filter grammar, such as ">="; a quote
 * within the value is doubled, as that grammar has it.
 */
void query_append_comparison(struct buf *filter, const char *field, const char *comparison,
                             const char *value);

/*
 * Writes the path and query of page `page` (from 1), percent-encoded. The caller frees it. NULL:
 * the filter is too long, or there is no memory.
 */
char *query_target(const struct em_query *query, long page, struct fault *fault);

/*
 * Finds the entities and what PagingInfo says in the answer to a query for `container`
 * ("CdpReplicaTaskSessions"): Entities.<container>.<the only array>, whatever that one is called.
 * 0, or -1 with a fault of kind protocol. PagesCount is at least 1 and a whole number; 0 stands for
 * 1 if there are no entities.
 */
int query_read_page(const cJSON *answer, const char *container, struct em_page *page,
                    struct fault *fault);

#endif
