// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Thresholds as people write them: strict ranges whose numbers take units, durations. They are not
 * read by monitoring-plugins, which takes "xx" for 0 and "1x" for 1.
 */
#ifndef MONITORING_RANGE_H
#define MONITORING_RANGE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/fault.h"
#include "monitoring/mp.h"

enum unit_family {
    UNIT_DURATION, // s m h d w; bare numbers are seconds
    UNIT_SIZE,     // B kB MB GB TB KiB MiB GiB TiB; bare numbers are bytes
    UNIT_PERCENT,  // %, or bare numbers
};

/*
 * Reads [@][start:]end. start and end are decimal numbers with an optional sign, fraction and unit;
 * start may be "~" for minus infinity; "start:" has no end. Without a colon, start is 0. Nothing
 * else is a range: ":10" has a colon and no start, which the guidelines' grammar does not have and
 * which people take for either 10 or ~:10.
 * NULL: *fault, of kind FAULT_USAGE, says why. The caller frees the range.
 */
range *range_read(const char *text, enum unit_family units, struct fault *fault);

/* Whether a value that is not below 0 can break the range. */
bool range_can_break(const range *thresholds);

/* Whether `value` breaks the range, so that its state counts. */
bool range_is_broken(const range *thresholds, double value);

/*
 * Appends the range in base units as performance data has it. One that starts at 0 is its bare end
 * ("14400"): Icinga 2 reads nothing but plain numbers there.
 */
void range_append(struct buf *buf, const range *thresholds);

/* Reads one number of a duration, without a sign, into seconds: "90", "1.5h". */
bool duration_read(const char *text, double *seconds);

#endif
