// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/task_query.h"

const char task_session_container[] = "CdpReplicaTaskSessions";

struct em_query task_query(const char *filter, int page_size)
{
    return (struct em_query){.type = "CdpReplicaTaskSession",
                             .container = task_session_container,
                             .filter = filter,
                             .sort_descending = "CreationTimeUTC",
                             .page_size = page_size};
}

void task_query_append_current(struct buf *filter, utc_us since)
{
    cleanup_buf struct buf text;
    buf_init(&text, 64);
    const utc_us fraction = since % UTC_SECOND;
    utc_append_iso(&text, since - fraction - (fraction < 0 ? UTC_SECOND : 0));
    buf_text(filter, "(");
    query_append_comparison(filter, "CreationTimeUTC", ">=", buf_string(&text));
    buf_text(filter, ",");
    query_append_comparison(filter, "EndTimeUTC", ">=", buf_string(&text));
    buf_text(filter, ",State!=Completed)");
    filter->failure = text.failure != BUF_FINE ? text.failure : filter->failure;
}
