// SPDX-License-Identifier: GPL-3.0-or-later
/* What EM's query service is asked for task sessions. */
#ifndef FETCH_TASK_QUERY_H
#define FETCH_TASK_QUERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/utc.h"
#include "em/query.h"

extern const char task_session_container[];

/* The task sessions that `filter`, which is borrowed, leaves; the newest first. */
struct em_query task_query(const char *filter, int page_size);

/* The conditions that it has not completed, and that it has. */
extern const char task_query_runs[];
extern const char task_query_completed[];

/* Appends the condition that the time in that field is `since`, to the second or earlier, or later.
 */
void task_query_append_from(struct buf *filter, const char *field, utc_us since);

/* Appends the condition that a session runs, or began or ended at `since`, to the second, or later.
 */
void task_query_append_current(struct buf *filter, utc_us since);

/* What a list of conditions has room for; the path and the rest of a request take some. */
enum { TASK_QUERY_ROOM = QUERY_TARGET_LIMIT - 1000 };

/*
 * Appends a condition, `field` is `value`, to a list of which one must hold, if there is room for
 * it or it is the first. `room` is in bytes once they are percent-encoded. The caller closes the
 * list with ")".
 */
bool task_query_append_either(struct buf *filter, size_t *room, bool first, const char *field,
                              const char *value);

#endif
