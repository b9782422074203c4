// SPDX-License-Identifier: GPL-3.0-or-later
#include "em/query.h"

#include <string.h>

#include "base/text.h"
#include "em/entity.h"
#include "em/json.h"

static const double largest_pages_count = 1000000;

void query_append_comparison(struct buf *filter, const char *field, const char *comparison,
                             const char *value)
{
    buf_format(filter, "%s%s\"", field, comparison);
    for (; *value != '\0'; value++) {
        buf_add(filter, value, 1);
        if (*value == '"') {
            buf_text(filter, "\"");
        }
    }
    buf_text(filter, "\"");
}

char *query_target(const struct em_query *query, long page, struct fault *fault)
{
    struct buf target;
    buf_init(&target, QUERY_TARGET_LIMIT);
    buf_format(&target, "/api/query?type=%s&format=Entities", query->type);
    if (query->filter != NULL) {
        buf_text(&target, "&filter=");
        text_append_encoded(&target, query->filter);
    }
    if (query->sort_descending != NULL) {
        buf_format(&target, "&sortDesc=%s", query->sort_descending);
    }
    buf_format(&target, "&pageSize=%d&page=%ld", query->page_size, page);
    if (target.failure == BUF_TOO_BIG) {
        fault_set(fault, FAULT_USAGE, "the name is too long to ask EM for");
    } else if (target.failure == BUF_NO_MEMORY) {
        fault_no_memory(fault);
    }
    return buf_take(&target);
}

/* Whether PagingInfo links to a further page. Where the link leads to is of no interest. */
static bool has_next_link(const cJSON *paging)
{
    const cJSON *links = NULL;
    const cJSON *link = NULL;
    if (entity_list(json_member(paging, "Links"), &links) < 0) {
        return false;
    }
    cJSON_ArrayForEach(link, links)
    {
        const char *rel = json_text(link, "Rel");
        const char *href = json_text(link, "Href");
        if (rel != NULL && text_equal_nocase(rel, "Next") && href != NULL && href[0] != '\0') {
            return true;
        }
    }
    return false;
}

/* A number from 1 on; 0: EM gives none. */
static long read_positive(const cJSON *paging, const char *key)
{
    const cJSON *number = json_member(paging, key);
    return json_is(number, cJSON_Number) && number->valuedouble >= 1 &&
                   number->valuedouble <= largest_pages_count
               ? (long)number->valuedouble
               : 0;
}

static int read_paging(const cJSON *answer, struct em_page *page, struct fault *fault)
{
    const cJSON *paging = json_member(answer, "PagingInfo");
    if (paging == NULL) {
        return 0;
    }
    const cJSON *count = json_member(paging, "PagesCount");
    if (!json_is(count, cJSON_Number) || !(count->valuedouble >= 0) ||
        count->valuedouble > largest_pages_count ||
        count->valuedouble != (double)(long)count->valuedouble) {
        return fault_set(fault, FAULT_PROTOCOL, "the answer's PagesCount is not a page count");
    }
    page->pages_count = (long)count->valuedouble;
    if (page->pages_count == 0 && json_length(page->entities) > 0) {
        return fault_set(fault, FAULT_PROTOCOL,
                         "the answer's PagesCount is 0, but it has entities");
    }
    page->pages_count += page->pages_count == 0 ? 1 : 0;
    page->has_next = has_next_link(paging);
    page->number = read_positive(paging, "PageNum");
    page->size = read_positive(paging, "PageSize");
    return 0;
}

int query_read_page(const cJSON *answer, const char *container, struct em_page *page,
                    struct fault *fault)
{
    *page = (struct em_page){0};
    const cJSON *entities = json_member(answer, "Entities");
    if (!json_is(entities, cJSON_Object) || !json_has(entities, container)) {
        return fault_set(fault, FAULT_PROTOCOL, "the answer has no Entities of %s", container);
    }
    if (entity_list(json_member(entities, container), &page->entities) < 0) {
        return fault_set(fault, FAULT_PROTOCOL, "the answer's %s is not one list", container);
    }
    if (json_length(page->entities) > QUERY_ENTITIES_LIMIT) {
        return fault_set(fault, FAULT_PROTOCOL, "the answer has more than %d %s",
                         QUERY_ENTITIES_LIMIT, container);
    }
    return read_paging(answer, page, fault);
}
