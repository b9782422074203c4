// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/task_query.h"

const char task_session_container[] = "CdpReplicaTaskSessions";

struct em_query task_query(const char *filter, int page_size)
{
    return (struct em_query){.type = "CdpReplicaTaskSession",
                             .container = task_session_container,
                             .filter = filter,
                             .sort_descending = "CreationTimeUTC",
                             .page_size = page_size};
}

void task_query_append_since(struct buf *filter, const char *field, utc_us moment)
{
    struct buf text;
    buf_init(&text, 64);
    const utc_us fraction = moment % UTC_SECOND;
    utc_append_iso(&text, moment - fraction - (fraction < 0 ? UTC_SECOND : 0));
    filter_compare(filter, field, ">=", buf_string(&text));
    filter->failure = text.failure != BUF_FINE ? text.failure : filter->failure;
    buf_free(&text);
}
