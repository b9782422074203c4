// SPDX-License-Identifier: GPL-3.0-or-later
/* What is measured of a VM or of EM, and how: a metric is one row of one table. */
#ifndef CDP_METRIC_H
#define CDP_METRIC_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/utc.h"
#include "cdp/group.h"
#include "cdp/policy.h"

/* Labels and keys come in this order, so a new one goes last. */
enum metric {
    METRIC_DURATION,
    METRIC_AGE,
    METRIC_TOTAL_SIZE,
    METRIC_RPO_LAG, // those from here on are of restore points
    METRIC_RPO_GAP,
    METRIC_RPO_COMPLIANCE,
    METRIC_APP_AGE,
    VM_METRICS,
    METRIC_DATA_AGE = VM_METRICS, // from here on they are of the run
    METRICS
};

/* Whether it is measured only if the scope asks for restore points. */
static inline bool metric_is_of_points(enum metric metric)
{
    return metric >= METRIC_RPO_LAG && metric < VM_METRICS;
}

/* What a run has for that of its VMs. */
enum metric_total {
    TOTAL_NONE,
    TOTAL_LARGEST,  // the largest, by the ranges that hold for each; its label starts with "max_"
    TOTAL_SMALLEST, // the same of the smallest; "min_"
    TOTAL_SUM       // all together, for which there are no ranges
};

/* What a VM is measured by. */
struct measured {
    const struct target *target;
    const struct policy *policy; // NULL: not known
    utc_us now;
    bool limited; // the metric has a range
};

/*
 * Sets the value, in the unit of the performance data, by those of the target's sessions that
 * targets_condense leaves, or by its restore points. False, and the value stays: EM does not say
 * what it takes.
 */
typedef bool metric_reader(const struct measured *of, double *value);

struct metric_row {
    const char *word;                // in sentences
    const char *source;              // what EM must report for it, in sentences
    const char *label, *uom;         // of performance data
    const char *key;                 // of JSON
    const char *gauge, *unit, *help; // of OpenMetrics
    double gauge_scale;              // what the value is multiplied by there; 0: nothing
    const char *warning_option, *critical_option;
    metric_reader *measure; // NULL for those of the run
    enum metric_total total;
    bool grows; // in seconds, while a VM stands still: EM is asked further back than its limits
    void (*append)(struct buf *buf, double value); // for people: "2h 13m", "200.0 GiB"
};

extern const struct metric_row metrics[METRICS];

#endif
