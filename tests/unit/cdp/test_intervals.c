// SPDX-License-Identifier: GPL-3.0-or-later
/* What restore points say of a VM's RPO: lines of intervals, and what each comes to. */
#include "cdp/intervals.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/spec.h"
#include "unit/suites.h"

#define NONE NAN

/*
 * The example of EM's documents (post_cdpreplicavm_id_actionintervals). The answer is about
 * 2025-02-16 16:57:44 to 2025-02-17 16:57:44; all short-term points are of the second day:
 *
 *   07:01:25 - 07:01:30      5 s, Rpo 5
 *   07:01:30 - 16:56:15  35685 s, Rpo 15
 *   16:56:15 - 16:56:22      7 s, Rpo 7
 *
 * lag         16:57:44 - 16:56:22 = 82 s
 * gap         there is none in between, so it is the 82 s at the end
 * compliance  of 07:01:25 - 16:56:22, which are 35697 s; 82 s at the end are within 5 minutes.
 *             RPO 15 s: 35697 / 35697; RPO 10 s: (5 + 7) / 35697; RPO 5 s: 5 / 35697
 */
#define DOCUMENTED "07:01:25-07:01:30/5 07:01:30-16:56:15/15 16:56:15-16:56:22/7"

/*
 * Each interval is START-END/RPO; "/-": EM does not say its Rpo; "!" in front: its type is not
 * RestoreAvailable. The window ends at `end`.
 */
static const struct {
    const char *name, *intervals, *end;
    double rpo_s;
    double lag_s, gap_s, percent;
} cases[] = {
    {"documented", DOCUMENTED, "16:57:44", 15, 82, 82, 100},
    {"documented, RPO of 10 s", DOCUMENTED, "16:57:44", 10, 82, 82, 100 * 12.0 / 35697},
    {"documented, RPO of 5 s", DOCUMENTED, "16:57:44", 5, 82, 82, 100 * 5.0 / 35697},
    {"documented, RPO below all", DOCUMENTED, "16:57:44", 4.9, 82, 82, 0},
    {"none", "", "12:00:00", 15, NONE, NONE, NONE},
    {"whole", "11:00:00-12:00:00/15", "12:00:00", 15, 0, 15, 100},
    // What is in front of the first interval is no gap: there the journal may not reach.
    {"begins late", "11:50:00-12:00:00/15", "12:00:00", 15, 0, 15, 100},
    {"in any order", "11:30:00-12:00:00/15 11:00:00-11:20:00/15", "12:00:00", 15, 0, 600,
     100 * 50.0 / 60},

    // A gap of 12 minutes an hour ago: 48 of 60 minutes were kept.
    {"gap", "11:00:00-11:10:00/15 11:22:00-12:00:00/15", "12:00:00", 15, 0, 720, 80},
    {"two gaps", "11:00:00-11:10:00/15 11:11:00-11:20:00/15 11:25:00-12:00:00/15", "12:00:00", 15,
     0, 300, 90},
    {"gap at the end", "11:00:00-11:10:00/15 11:11:00-11:56:00/15", "12:00:00", 15, 240, 240,
     100 * 55.0 / 56},

    // Behind the last interval 5 minutes are tolerated; what is beyond them was missed.
    {"ends 5 minutes ago", "11:00:00-11:55:00/15", "12:00:00", 15, 300, 300, 100},
    {"ends a second earlier", "11:00:00-11:54:59/15", "12:00:00", 15, 301, 301,
     100 * 3299.0 / 3300},
    {"ends 25 minutes ago", "11:00:00-11:35:00/15", "12:00:00", 15, 1500, 1500, 100 * 35.0 / 55},
    // Points may be newer than EM's window: the clocks differ.
    {"ends in the future", "11:00:00-12:01:00/15", "12:00:00", 15, 0, 15, 100},

    // Points that come too seldom are no gap; they do not keep the RPO.
    {"slow for a while", "11:00:00-11:30:00/15 11:30:00-11:42:00/60 11:42:00-12:00:00/15",
     "12:00:00", 15, 0, 60, 80},
    {"as seldom as allowed", "11:00:00-12:00:00/15.5", "12:00:00", 15.5, 0, 15.5, 100},
    {"a bit too seldom", "11:00:00-12:00:00/16", "12:00:00", 15, 0, 16, 0},

    // No part of the time counts twice.
    {"the same twice", "11:00:00-12:00:00/15 11:00:00-12:00:00/15", "12:00:00", 15, 0, 15, 100},
    {"one in another", "11:00:00-12:00:00/15 11:10:00-11:20:00/5", "12:00:00", 15, 0, 15, 100},
    {"one in another that is slow", "11:00:00-12:00:00/60 11:10:00-11:40:00/5", "12:00:00", 15, 0,
     60, 50},
    {"a slow one in another", "11:00:00-12:00:00/15 11:10:00-11:20:00/60", "12:00:00", 15, 0, 60,
     100},
    {"they overlap", "11:00:00-11:40:00/15 11:30:00-12:00:00/5", "12:00:00", 15, 0, 15, 100},
    {"a long one ends behind later ones", "11:00:00-11:58:00/15 11:10:00-11:20:00/15", "12:00:00",
     15, 120, 120, 100},

    // A type that nobody knows is a gap, wherever it is.
    {"odd in the middle", "11:00:00-11:30:00/15 !11:30:00-11:36:00/15 11:36:00-12:00:00/15",
     "12:00:00", 15, 0, 360, 90},
    {"odd in front", "!11:00:00-11:06:00/15 11:06:00-12:00:00/15", "12:00:00", 15, 0, 360, 90},
    {"odd at the end", "11:00:00-11:54:00/15 !11:54:00-12:00:00/15", "12:00:00", 15, 360, 360, 90},
    {"odd, and EM does not say its Rpo", "11:00:00-11:54:00/15 !11:54:00-12:00:00/-", "12:00:00",
     15, 360, 360, 90},
    {"odd alone", "!11:00:00-12:00:00/15", "12:00:00", 15, NONE, 3600, 0},
    {"odd beside points", "11:00:00-12:00:00/15 !11:10:00-11:20:00/15", "12:00:00", 15, 0, 15, 100},

    // A single point.
    {"zero length", "11:59:00-11:59:00/15", "12:00:00", 15, 60, 60, NONE},
    // An interval of its own for each point: the time between them counts if it is within the RPO.
    {"points one by one, often enough",
     "11:59:30-11:59:30/15 11:59:45-11:59:45/- 12:00:00-12:00:00/15", "12:00:00", 15, 0, 15, 100},
    {"runs that follow each other", "11:00:00-11:29:50/15 11:30:00-12:00:00/15", "12:00:00", 15, 0,
     15, 100},
    {"zero length, at the end", "12:00:00-12:00:00/15", "12:00:00", 15, 0, 0, NONE},
    {"zero length, long ago", "11:40:00-11:40:00/15", "12:00:00", 15, 1200, 1200, 0},
    {"points one by one", "11:00:00-11:00:00/15 11:10:00-11:10:00/15 12:00:00-12:00:00/15",
     "12:00:00", 15, 0, 3000, 0},

    {"EM does not say one Rpo", "11:00:00-11:30:00/15 11:30:00-12:00:00/-", "12:00:00", 15, 0, 15,
     NONE},
};

static utc_us at(const char *time)
{
    char text[40];
    snprintf(text, sizeof text, "2025-02-17T%.8sZ", time);
    return moment(text);
}

static struct interval read_interval(const char *text)
{
    struct interval interval = {.has_points = text[0] != '!'};
    text += interval.has_points ? 0 : 1;
    const char *spacing = strchr(text, '/') + 1;
    interval.start = at(text);
    interval.end = at(strchr(text, '-') + 1);
    interval.has_spacing = spacing[0] != '-';
    interval.spacing_s = interval.has_spacing ? strtod(spacing, NULL) : NAN;
    return interval;
}

static struct intervals read_intervals(const char *text, const char *end)
{
    struct intervals intervals = {.start = at("00:00:00"), .end = at(end)};
    struct fault fault;
    char words[512];
    char *place = NULL;
    snprintf(words, sizeof words, "%s", text);
    for (char *word = strtok_r(words, " ", &place); word != NULL;
         word = strtok_r(NULL, " ", &place)) {
        const struct interval interval = read_interval(word);
        ck_assert_int_eq(intervals_append(&intervals, &interval, &fault), 0);
    }
    intervals_sort(&intervals);
    return intervals;
}

static void ck_measured(const char *name, const char *what, bool known, double value,
                        double expected)
{
    ck_assert_msg(known == !isnan(expected), "%s: the %s is %s", name, what,
                  known ? "known" : "not known");
    ck_assert_msg(!known || fabs(value - expected) < 1e-9, "%s: the %s is %.9f, not %.9f", name,
                  what, value, expected);
}

START_TEST(measures)
{
    const char *name = cases[_i].name;
    struct intervals intervals = read_intervals(cases[_i].intervals, cases[_i].end);
    double lag = -1;
    double gap = -1;
    double percent = -1;
    const bool has_lag = intervals_lag(&intervals, &lag);
    const bool has_gap = intervals_gap(&intervals, &gap);
    const bool has_percent = intervals_compliance(&intervals, cases[_i].rpo_s, &percent);
    ck_measured(name, "lag", has_lag, lag, cases[_i].lag_s);
    ck_measured(name, "gap", has_gap, gap, cases[_i].gap_s);
    ck_measured(name, "compliance", has_percent, percent, cases[_i].percent);
    intervals_free(&intervals);
}
END_TEST

/* The newest one of the documents' example is 15:00:47: 16:57:44 - 15:00:47 = 7017 s. */
START_TEST(long_term_points_have_an_age)
{
    struct intervals intervals = {.start = at("10:00:00"), .end = at("16:57:44")};
    double age = -1;
    ck_assert(!intervals_app_age(&intervals, &age));
    intervals.has_app_consistent = true;
    intervals.app_consistent = at("15:00:47");
    ck_assert(intervals_app_age(&intervals, &age));
    ck_assert_double_eq(age, 7017);
    intervals.app_consistent = at("16:58:00"); // by a clock that is ahead
    ck_assert(intervals_app_age(&intervals, &age));
    ck_assert_double_eq(age, 0);
    ck_assert_double_eq(intervals_window(&intervals), 25064);
}
END_TEST

/* In microseconds, as far as EM gives them. */
START_TEST(parts_of_seconds_count)
{
    struct interval interval = {.start = at("11:00:00"),
                                .end = at("11:59:59") + UTC_SECOND / 4,
                                .has_points = true,
                                .has_spacing = true,
                                .spacing_s = 15};
    struct intervals intervals = {.end = at("12:00:00")};
    struct fault fault;
    double lag = -1;
    ck_assert_int_eq(intervals_append(&intervals, &interval, &fault), 0);
    ck_assert(intervals_lag(&intervals, &lag));
    ck_assert_double_eq(lag, 0.75);
    intervals_free(&intervals);
}
END_TEST

START_TEST(there_is_a_limit)
{
    const struct interval interval = {.end = UTC_SECOND};
    struct intervals intervals = {.items = NULL};
    struct fault fault = {.kind = FAULT_NONE};
    for (int i = 0; i < INTERVALS_LIMIT; i++) {
        ck_assert_int_eq(intervals_append(&intervals, &interval, &fault), 0);
    }
    ck_assert_int_eq(intervals_append(&intervals, &interval, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_PROTOCOL);
    ck_assert_str_eq(fault.text, "EM gives more than 100000 intervals of a VM");
    ck_assert_uint_eq(intervals.count, INTERVALS_LIMIT);
    intervals_free(&intervals);
    ck_assert_ptr_null(intervals.items);
    recovery_free(NULL);
}
END_TEST

Suite *vm_intervals_suite(void)
{
    Suite *suite = suite_create("intervals");
    TCase *all = tcase_create("intervals");
    tcase_add_loop_test(all, measures, 0, COUNT(cases));
    tcase_add_test(all, long_term_points_have_an_age);
    tcase_add_test(all, parts_of_seconds_count);
    tcase_add_test(all, there_is_a_limit);
    suite_add_tcase(suite, all);
    return suite;
}
