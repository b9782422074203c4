// SPDX-License-Identifier: GPL-3.0-or-later
#include "cdp/intervals.h"

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
            longest = later(longest, item->start - reached);
            reached = later(reached, item->end);
        }
    }
    *seconds = seconds_of(later(longest, intervals->end - reached));
    return true;
}

bool intervals_compliance(const struct intervals *intervals, double rpo_s, double *percent)
{
    if (intervals->count == 0) {
        return false;
    }
    const utc_us first = intervals->items[0].start;
    utc_us counted = first; // no part of the time counts twice
    utc_us last = first;
    utc_us kept = 0;
    for (size_t i = 0; i < intervals->count; i++) {
        const struct interval *item = &intervals->items[i];
        last = later(last, item->end);
        if (item->has_points && !item->has_spacing) {
            return false;
        }
        if (item->has_points && item->spacing_s <= rpo_s) {
            kept += later(0, item->end - later(counted, item->start));
            counted = later(counted, item->end);
        }
    }
    const utc_us behind = later(0, intervals->end - last - tolerated_lag);
    const utc_us whole = last - first + behind;
    if (whole == 0) {
        return false;
    }
    *percent = 100 * (double)kept / (double)whole;
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
