// SPDX-License-Identifier: GPL-3.0-or-later
/* What EM's query service is asked for task sessions. */
#ifndef FETCH_TASK_QUERY_H
#define FETCH_TASK_QUERY_H

#include "base/buf.h"
#include "base/utc.h"
#include "em/query.h"

extern const char task_session_container[];

/* The task sessions that `filter`, which is borrowed, leaves; the newest first. */
struct em_query task_query(const char *filter, int page_size);

/* Appends the condition that a session runs, or began or ended at `since`, to the second, or later.
 */
void task_query_append_current(struct buf *filter, utc_us since);

#endif
