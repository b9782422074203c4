// SPDX-License-Identifier: GPL-3.0-or-later
/* How the user wants VMs to be judged: --map, --reason, ranges, the states of faults. */
#ifndef CDP_RULES_H
#define CDP_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/pattern.h"
#include "cdp/matrix.h"
#include "cdp/metric.h"
#include "cdp/task_session.h"
#include "monitoring/mp.h"

/* One of --warning, --critical-age …: its range is NULL if it was not given. */
struct threshold {
    range *range;     // in the metric's unit
    const char *text; // as it was given
};

struct reason_rule {
    struct pattern pattern;
    int state;
};

struct rules {
    struct matrix matrix;
    struct reason_rule *reasons; // the first that matches counts
    size_t reason_count;
    size_t reason_capacity;
    struct threshold warning[METRICS];
    struct threshold critical[METRICS];
    int fault_states[FAULT_INTERNAL + 1]; // the plugin state of each kind of fault
};

/* NULL if it was not given. */
const struct threshold *threshold_given(const struct threshold *threshold);

/* The largest value at which a threshold on the metric begins to be broken; 0: there is none. */
double rules_largest_limit(const struct rules *rules, enum metric metric);

/*
 * How far back, in seconds, completed sessions must be looked for: `since_s`, or 3 days more than
 * the largest limit on a metric that grows, such as the age, and than `idle_s` if that is longer
 * than its default, in whole days, so that many limits share a snapshot. A VM that stopped is seen
 * for that long after it has broken the limit.
 */
double rules_since(const struct rules *rules, double idle_s, double since_s);

/* The plugin state of a session by itself. If memory is short, *no_memory is set. */
int rules_state(const struct rules *rules, const struct task_session *session, bool *no_memory);

/* Whether a pattern of --reason may miss what it means, as it is matched by bytes. */
bool rules_match_bytes(const struct rules *rules);

#endif
