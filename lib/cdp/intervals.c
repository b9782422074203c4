// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/intervals.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/vec.h"

/* How long EM may take to hear of a point. */
static const utc_us tolerated_lag = 300 * UTC_SECOND;

int intervals_append(struct intervals *intervals, const struct interval *interval,
                     struct fault *fault)
{
    if (intervals->count == INTERVALS_LIMIT) {
        return fault_set(fault, FAULT_PROTOCOL, "EM gives more than %d intervals of a VM",
                         INTERVALS_LIMIT);
    }
    if (!vec_reserve(intervals->items, intervals->count, intervals->capacity, 1)) {
        return fault_no_memory(fault);
    }
    intervals->items[intervals->count++] = *interval;
    return 0;
}

static int compare(const void *left, const void *right)
{
    const struct interval *a = left;
    const struct interval *b = right;
    return a->start != b->start ? (a->start > b->start) - (a->start < b->start)
                                : (a->end > b->end) - (a->end < b->end);
}

void intervals_sort(struct intervals *intervals)
{
    if (intervals->count > 1) {
        qsort(intervals->items, intervals->count, sizeof *intervals->items, compare);
    }
}

static double seconds_of(utc_us span)
{
    return span > 0 ? (double)span / (double)UTC_SECOND : 0;
}

static utc_us later(utc_us a, utc_us b)
{
    return a > b ? a : b;
}

/* When the newest short-term point was made. */
static bool find_newest(const struct intervals *intervals, utc_us *newest)
{
    bool found = false;
    for (size_t i = 0; i < intervals->count; i++) {
        const struct interval *item = &intervals->items[i];
        if (item->has_points) {
            *newest = found ? later(*newest, item->end) : item->end;
            found = true;
        }
    }
    return found;
}

bool intervals_lag(const struct intervals *intervals, double *seconds)
{
    utc_us newest = 0;
    const bool known = find_newest(intervals, &newest);
    if (known) {
        *seconds = seconds_of(intervals->end - newest);
    }
    return known;
}

/* The time without a point within a run of them, which may be seldom. */
static utc_us stretch_in(const struct interval *item)
{
    const utc_us length = item->end - item->start;
    const utc_us spacing = (utc_us)(item->spacing_s * (double)UTC_SECOND);
    return item->has_spacing && spacing < length ? spacing : item->has_spacing ? length : 0;
}

bool intervals_gap(const struct intervals *intervals, double *seconds)
{
    if (intervals->count == 0) {
        return false;
    }
    utc_us reached = intervals->items[0].start;
    utc_us longest = 0;
    for (size_t i = 0; i < intervals->count; i++) {
        const struct interval *item = &intervals->items[i];
        if (item->has_points) {
            longest = item->start > intervals->from ? later(longest, item->start - reached) : 0;
            longest = item->end > intervals->from ? later(longest, stretch_in(item)) : longest;
            reached = later(reached, item->end);
        }
    }
    *seconds = seconds_of(later(longest, intervals->end - reached));
    return true;
}

/* Time in which the RPO was kept. No part of it counts twice. */
struct kept {
    utc_us counted; // up to then
    utc_us sum;
};

static void keep(struct kept *kept, utc_us start, utc_us end)
{
    kept->sum += later(0, end - later(kept->counted, start));
    kept->counted = later(kept->counted, end);
}

/* Adds what keeps the RPO. False: it is not known of one of the intervals. */
static bool keep_all(struct kept *kept, const struct intervals *intervals, double rpo_s)
{
    const utc_us rpo = (utc_us)(rpo_s * (double)UTC_SECOND);
    utc_us reached = INT64_MIN; // by points
    for (size_t i = 0; i < intervals->count; i++) {
        const struct interval *item = &intervals->items[i];
        const bool is_single = item->end == item->start;
        if (!item->has_points) {
            continue;
        }
        if (!item->has_spacing && !is_single) {
            return false;
        }
        if (reached != INT64_MIN && item->start - reached <= rpo) {
            keep(kept, reached,
                 item->start); // from the last point of a run to the next one's first
        }
        if (is_single || item->spacing_s <= rpo_s) {
            keep(kept, item->start, item->end);
        }
        reached = later(reached, item->end);
    }
    return true;
}

bool intervals_compliance(const struct intervals *intervals, double rpo_s, double *percent)
{
    if (intervals->count == 0) {
        return false;
    }
    const utc_us first = later(intervals->items[0].start, intervals->from);
    struct kept kept = {.counted = first};
    utc_us last = first;
    for (size_t i = 0; i < intervals->count; i++) {
        last = later(last, intervals->items[i].end);
    }
    const utc_us behind = later(0, intervals->end - last - tolerated_lag);
    const utc_us whole = last - first + behind;
    if (!keep_all(&kept, intervals, rpo_s) || whole == 0) {
        return false;
    }
    *percent = 100 * (double)kept.sum / (double)whole;
    return true;
}

bool intervals_app_age(const struct intervals *intervals, double *seconds)
{
    if (intervals->has_app_consistent) {
        *seconds = seconds_of(intervals->end - intervals->app_consistent);
    }
    return intervals->has_app_consistent;
}

double intervals_window(const struct intervals *intervals)
{
    return seconds_of(intervals->end - intervals->start);
}

void intervals_free(struct intervals *intervals)
{
    free(intervals->items);
    free(intervals->odd_type);
    *intervals = (struct intervals){.items = NULL};
}

void recovery_free(struct recovery *recovery)
{
    if (recovery != NULL) {
        intervals_free(&recovery->intervals);
        free(recovery);
    }
}
