// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The restore points that EM has of one VM within a window of time, and what they say of the VM's
 * RPO. EM gives short-term points as intervals, which are runs of points of the same spacing, and
 * long-term points one by one. Pure.
 */
#ifndef CDP_INTERVALS_H
#define CDP_INTERVALS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/fault.h"
#include "base/utc.h"

/* More than a point every 26 seconds of a month, each an interval of its own. */
enum { INTERVALS_LIMIT = 100000 };

/* One without points is a gap, like the time between two of them. */
struct interval {
    utc_us start, end;
    bool has_points; // its IntervalType is RestoreAvailable
    bool has_spacing;
    double spacing_s; // of its points: EM's Rpo
};

/* {0} has no interval. */
struct intervals {
    // What EM's answer is about. It is by the clock that the points' times are by, which may be the
    // backup server's, so they are compared with each other and with nothing else.
    utc_us start, end;
    utc_us from;      // gap and compliance are measured from then on; it is by that clock, too
    bool begins_late; // later than it was asked about, so nothing is known of the time before
    struct interval *items; // by their start, once they are sorted
    size_t count;
    size_t capacity;
    bool has_app_consistent;
    utc_us app_consistent; // the newest application-consistent long-term point
    char *odd_type;        // an IntervalType that is not RestoreAvailable, "" if one has none; NULL
};

/* 0, or -1 with a fault if there are too many or memory is short. */
int intervals_append(struct intervals *intervals, const struct interval *interval,
                     struct fault *fault);

void intervals_sort(struct intervals *intervals);

/* Each sets the value, or returns false: EM has no point to measure by. The intervals are sorted.
 */

/* Seconds from the newest short-term point to the window's end. */
bool intervals_lag(const struct intervals *intervals, double *seconds);

/*
 * The longest time without a short-term point that had not ended before `from`, in seconds. It is
 * looked for from the first interval's start to the window's end: before that the journal may not
 * reach. Points that come too seldom have gaps between them, too.
 */
bool intervals_gap(const struct intervals *intervals, double *seconds);

/*
 * The percentage of the time, from `from` or the first interval's start to the last one's end, in
 * which points were no further apart than `rpo_s`. What is behind the last interval counts as
 * missed as far as it is longer than 5 minutes: EM hears of the newest points late. False also if
 * EM does not say the spacing of an interval that has points.
 */
bool intervals_compliance(const struct intervals *intervals, double rpo_s, double *percent);

/*
 * Seconds from the newest application-consistent long-term point to the window's end. False: there
 * is none in the window.
 */
bool intervals_app_age(const struct intervals *intervals, double *seconds);

/* Seconds from the window's start to its end. */
double intervals_window(const struct intervals *intervals);

void intervals_free(struct intervals *intervals);

/* What became of asking for a VM's intervals. */
struct recovery {
    bool known;
    struct intervals intervals; // if they are known
    struct fault why;           // else; FAULT_TIMEOUT: there was no time for it
};

/* NULL is allowed. */
void recovery_free(struct recovery *recovery);

#endif
