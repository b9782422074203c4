// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/task_query.h"

#include "base/text.h"

const char task_session_container[] = "CdpReplicaTaskSessions";
const char task_query_runs[] = "State!=Completed";
const char task_query_completed[] = "State==Completed";

struct em_query task_query(const char *filter, int page_size)
{
    return (struct em_query){.type = "CdpReplicaTaskSession",
                             .container = task_session_container,
                             .filter = filter,
                             .sort_descending = "CreationTimeUTC",
                             .page_size = page_size};
}

void task_query_append_from(struct buf *filter, const char *field, utc_us since)
{
    cleanup_buf struct buf text;
    buf_init(&text, 64);
    const utc_us fraction = since % UTC_SECOND;
    utc_append_iso(&text, since - fraction - (fraction < 0 ? UTC_SECOND : 0));
    query_append_comparison(filter, field, ">=", buf_string(&text));
    filter->failure = text.failure != BUF_FINE ? text.failure : filter->failure;
}

void task_query_append_current(struct buf *filter, utc_us since)
{
    buf_text(filter, "(");
    task_query_append_from(filter, "CreationTimeUTC", since);
    buf_text(filter, ",");
    task_query_append_from(filter, "EndTimeUTC", since);
    buf_format(filter, ",%s)", task_query_runs);
}

bool task_query_append_either(struct buf *filter, size_t *room, bool first, const char *field,
                              const char *value)
{
    cleanup_buf struct buf encoded;
    cleanup_buf struct buf condition;
    buf_init(&encoded, QUERY_TARGET_LIMIT);
    buf_init(&condition, QUERY_TARGET_LIMIT);
    buf_text(&condition, first ? "(" : ",");
    query_append_comparison(&condition, field, "==", value);
    text_append_encoded(&encoded, buf_string(&condition));
    const bool fits = first || encoded.length <= *room;
    if (fits) {
        buf_text(filter, buf_string(&condition));
        *room -= encoded.length < *room ? encoded.length : *room;
    }
    if (encoded.failure != BUF_FINE || condition.failure != BUF_FINE) {
        filter->failure = BUF_NO_MEMORY;
    }
    return fits;
}
