// SPDX-License-Identifier: GPL-3.0-or-later
/* EM's answers about restore points, in each form that it may give them, and what is none. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fetch/decode_intervals.h"
#include "unit/spec.h"
#include "unit/suites.h"

/* What EM is asked about in the documents' example. */
#define ASKED_START "2025-02-16T16:59:52Z"
#define ASKED_END "2025-02-17T16:59:52Z"

/* Its answer's ends are 128 s earlier. */
#define WINDOW "\"StartDate\":\"2025-02-16T16:57:44\",\"EndDate\":\"2025-02-17T16:57:44\""
#define SHOWN "16 16:57:44..17 16:57:44"

#define RUN(start, end, rpo)                                                                       \
    "{\"StartDate\":\"2025-02-17T" start "\",\"EndDate\":\"2025-02-17T" end "\",\"Rpo\":" rpo      \
    ",\"IntervalType\":\"RestoreAvailable\"}"
#define TYPED(type)                                                                                \
    "{\"StartDate\":\"2025-02-17T16:00:00\",\"EndDate\":\"2025-02-17T16:10:00\",\"Rpo\":15" type "}"
#define POINT(date, consistent)                                                                    \
    "{\"Id\":\"56eec589-6e13-47d8-ac3a-6d9c2821179c\",\"Date\":\"" date                            \
    "\",\"IsApplicationConsistent\":" consistent "}"
#define POINTS                                                                                     \
    POINT("2025-02-16T23:00:49", "true")                                                           \
    "," POINT("2025-02-17T15:00:47", "true") "," POINT("2025-02-17T07:01:21", "true")
#define RUNS                                                                                       \
    RUN("07:01:30", "16:56:15", "15")                                                              \
    "," RUN("07:01:25", "07:01:30", "5") "," RUN("16:56:15", "16:56:22", "7")
#define RUNS_SHOWN " 17 07:01:25-07:01:30/5 17 07:01:30-16:56:15/15 17 16:56:15-16:56:22/7"

/* An answer with these intervals and no point. */
#define WITH(intervals) "{" WINDOW ",\"Intervals\":[" intervals "]}"

#define NOT_EM(what) "EM's answer about restore points has " what

static const struct {
    const char *answer;
    const char *shown; // "START..END" in days and times, each interval, what is app-consistent
    const char *fault; // or why it is none
} cases[] = {
    // The documents' example, in both shapes of lists and cases of keys, with and without Z.
    {"{" WINDOW ",\"HasApplicationConsistentState\":true,\"Intervals\":[" RUNS
     "],\"RestorePoints\":[" POINTS "]}",
     SHOWN RUNS_SHOWN " app 17 15:00:47", NULL},
    {"{" WINDOW ",\"Intervals\":{\"Intervals\":[" RUNS
     "]},\"RestorePoints\":{\"RestorePoints\":[" POINTS "]}}",
     SHOWN RUNS_SHOWN " app 17 15:00:47", NULL},
    {"{\"startDate\":\"2025-02-16T16:57:44Z\",\"endDate\":\"2025-02-17T16:57:44Z\",\"intervals\":"
     "[{\"startDate\":\"2025-02-17T07:01:25Z\",\"endDate\":\"2025-02-17T07:01:30.0000000Z\","
     "\"rpo\":5,\"intervalType\":\"RestoreAvailable\"}],\"restorePoints\":[{\"date\":"
     "\"2025-02-17T15:00:47Z\",\"isApplicationConsistent\":true}]}",
     SHOWN " 17 07:01:25-07:01:30/5 app 17 15:00:47", NULL},

    // Nothing is an answer, too.
    {"{" WINDOW "}", SHOWN, NULL},
    {"{" WINDOW ",\"Intervals\":[],\"RestorePoints\":[]}", SHOWN, NULL},
    {"{" WINDOW ",\"Intervals\":null,\"RestorePoints\":null}", SHOWN, NULL},
    {"{" WINDOW ",\"Intervals\":{},\"RestorePoints\":{\"RestorePoints\":null}}", SHOWN, NULL},
    {"{" WINDOW ",\"Intervals\":{\"Intervals\":[]}}", SHOWN, NULL},

    // The window.
    {"{}", NULL, NOT_EM("no valid EndDate")},
    {"[]", NULL, NOT_EM("no valid EndDate")},
    {"5", NULL, NOT_EM("no valid EndDate")},
    {"{\"EndDate\":null}", NULL, NOT_EM("no valid EndDate")},
    {"{\"EndDate\":5}", NULL, NOT_EM("no valid EndDate")},
    {"{\"EndDate\":\"\"}", NULL, NOT_EM("no valid EndDate")},
    {"{\"EndDate\":\"0001-01-01T00:00:00\"}", NULL,
     "EM answers about another time than asked: it ends 0001-01-01 00:00 UTC; compare the clocks "
     "of EM and the backup server"},
    {"{\"EndDate\":\"2025-02-17T16:57:44\"}", "16 16:59:52..17 16:57:44", NULL},
    {"{\"StartDate\":5,\"EndDate\":\"2025-02-17T16:57:44\"}", "16 16:59:52..17 16:57:44", NULL},
    {"{\"StartDate\":\"2025-02-17T16:57:45\",\"EndDate\":\"2025-02-17T16:57:44\"}", NULL,
     NOT_EM("a StartDate behind its EndDate")},
    {"{\"StartDate\":\"2025-02-17T16:00:00\",\"EndDate\":\"2025-02-17T17:04:52\"}",
     "17 16:00:00..17 17:04:52 late", NULL},
    // How far back it looks: less than was asked is to be known, more does not matter.
    {"{\"StartDate\":\"2025-02-16T17:04:52\",\"EndDate\":\"2025-02-17T16:57:44\"}",
     "16 17:04:52..17 16:57:44", NULL},
    {"{\"StartDate\":\"2025-02-16T17:04:53\",\"EndDate\":\"2025-02-17T16:57:44\"}",
     "16 17:04:53..17 16:57:44 late", NULL},
    {"{\"StartDate\":\"2025-02-16T16:54:52\",\"EndDate\":\"2025-02-17T16:57:44\"}",
     "16 16:54:52..17 16:57:44", NULL},
    {"{\"StartDate\":\"2025-02-16T16:54:51\",\"EndDate\":\"2025-02-17T16:57:44\"}",
     "16 16:59:52..17 16:57:44", NULL},
    {"{\"StartDate\":\"0001-01-01T00:00:00\",\"EndDate\":\"2025-02-17T16:57:44\"}",
     "16 16:59:52..17 16:57:44", NULL},
    {"{\"EndDate\":\"2025-02-17T16:54:52Z\"}", "16 16:59:52..17 16:54:52", NULL},
    {"{\"EndDate\":\"2025-02-17T16:54:51Z\"}", NULL,
     "EM answers about another time than asked: it ends 2025-02-17 16:54 UTC; compare the clocks "
     "of EM and the backup server"},
    {"{\"EndDate\":\"2025-02-17T17:04:53Z\"}", NULL,
     "EM answers about another time than asked: it ends 2025-02-17 17:04 UTC; compare the clocks "
     "of EM and the backup server"},
    {"{\"EndDate\":\"2025-02-16T16:59:52Z\","
     "\"Intervals\":[" RUNS "]}",
     NULL,
     "EM answers about another time than asked: it ends 2025-02-16 16:59 UTC; compare the clocks "
     "of EM and the backup server"},

    // What is no list, and what is in a list but no interval.
    {"{" WINDOW ",\"Intervals\":5}", NULL, NOT_EM("no list where one belongs")},
    {"{" WINDOW ",\"Intervals\":\"\"}", NULL, NOT_EM("no list where one belongs")},
    {"{" WINDOW ",\"RestorePoints\":true}", NULL, NOT_EM("no list where one belongs")},
    {WITH("null"), NULL, NOT_EM("an interval without a valid start and end")},
    {WITH("5"), NULL, NOT_EM("an interval without a valid start and end")},
    {WITH("{}"), NULL, NOT_EM("an interval without a valid start and end")},
    {WITH("{\"StartDate\":\"2025-02-17T16:00:00\"}"), NULL,
     NOT_EM("an interval without a valid start and end")},
    {WITH("{\"StartDate\":\"2025-02-17T16:00:00\",\"EndDate\":null}"), NULL,
     NOT_EM("an interval without a valid start and end")},
    {WITH(RUN("16:00:00", "15:59:59", "15")), NULL,
     NOT_EM("an interval without a valid start and end")},
    {WITH(RUN("16:00:00", "16:00:00", "15")), SHOWN " 17 16:00:00-16:00:00/15", NULL},

    // The backup server's clock may be ahead of EM's, but not by much.
    {WITH(RUN("16:00:00", "17:02:44", "15")), SHOWN " 17 16:00:00-17:02:44/15", NULL},
    {WITH(RUN("16:00:00", "17:02:45", "15")), NULL, NOT_EM("an interval beyond its end")},

    // Rpo is a number, or its text; else it is not known.
    {WITH(RUN("16:00:00", "16:10:00", "\"15\"")), SHOWN " 17 16:00:00-16:10:00/15", NULL},
    {WITH(RUN("16:00:00", "16:10:00", "7.5")), SHOWN " 17 16:00:00-16:10:00/7.5", NULL},
    {WITH(RUN("16:00:00", "16:10:00", "0")), SHOWN " 17 16:00:00-16:10:00/0", NULL},
    {WITH(RUN("16:00:00", "16:10:00", "null")), SHOWN " 17 16:00:00-16:10:00/?", NULL},
    {WITH(RUN("16:00:00", "16:10:00", "\"\"")), SHOWN " 17 16:00:00-16:10:00/?", NULL},
    {WITH(RUN("16:00:00", "16:10:00", "\"15 s\"")), SHOWN " 17 16:00:00-16:10:00/?", NULL},
    {WITH(RUN("16:00:00", "16:10:00", "\"-15\"")), SHOWN " 17 16:00:00-16:10:00/?", NULL},
    {WITH(RUN("16:00:00", "16:10:00", "\"nan\"")), SHOWN " 17 16:00:00-16:10:00/?", NULL},
    {WITH(RUN("16:00:00", "16:10:00", "-1")), SHOWN " 17 16:00:00-16:10:00/?", NULL},
    {WITH(RUN("16:00:00", "16:10:00", "1e300")), SHOWN " 17 16:00:00-16:10:00/?", NULL},
    {WITH(RUN("16:00:00", "16:10:00", "[15]")), SHOWN " 17 16:00:00-16:10:00/?", NULL},
    {WITH(RUN("16:00:00", "16:10:00", "true")), SHOWN " 17 16:00:00-16:10:00/?", NULL},

    // Only RestoreAvailable has points; the first other word is kept.
    {WITH(TYPED(",\"IntervalType\":\"restoreavailable\"")), SHOWN " 17 16:00:00-16:10:00/15", NULL},
    {WITH(TYPED("")), SHOWN " 17 16:00:00-16:10:00/15! type ''", NULL},
    {WITH(TYPED(",\"IntervalType\":null")), SHOWN " 17 16:00:00-16:10:00/15! type ''", NULL},
    {WITH(TYPED(",\"IntervalType\":5")), SHOWN " 17 16:00:00-16:10:00/15! type ''", NULL},
    {WITH(TYPED(",\"IntervalType\":\"RestoreAvailable2\"")),
     SHOWN " 17 16:00:00-16:10:00/15! type 'RestoreAvailable2'", NULL},
    {WITH(TYPED(",\"IntervalType\":\"Odd\"") "," TYPED(",\"IntervalType\":\"Other\"")),
     SHOWN " 17 16:00:00-16:10:00/15! 17 16:00:00-16:10:00/15! type 'Odd'", NULL},
    {WITH(TYPED(",\"IntervalType\":\"Tr0ub4dor\"")), SHOWN " 17 16:00:00-16:10:00/15! type '***'",
     NULL},
    // 40 bytes, of which the last would be half of a character
    {WITH(TYPED(",\"IntervalType\":\"123456789012345678901234567890123456789\\u00e4b\"")),
     SHOWN " 17 16:00:00-16:10:00/15! type '123456789012345678901234567890123456789'", NULL},

    // Long-term points: the newest one that is application-consistent counts.
    {"{" WINDOW ",\"RestorePoints\":[" POINT("2025-02-17T15:00:47", "\"true\"") "]}",
     SHOWN " app 17 15:00:47", NULL},
    {"{" WINDOW ",\"RestorePoints\":[" POINT("2025-02-17T15:00:47", "false") "]}", SHOWN, NULL},
    {"{" WINDOW ",\"RestorePoints\":[" POINT("2025-02-17T15:00:47", "null") "]}", SHOWN, NULL},
    {"{" WINDOW ",\"RestorePoints\":[" POINT("2025-02-17T15:00:47", "1") "]}", SHOWN, NULL},
    {"{" WINDOW ",\"RestorePoints\":[" POINT("2025-02-17T15:00:47",
                                             "false") "," POINT("2025-02-17T07:00:47", "true") "]}",
     SHOWN " app 17 07:00:47", NULL},
    {"{" WINDOW ",\"RestorePoints\":[" POINT("2025-02-17T17:02:44", "true") "]}",
     SHOWN " app 17 17:02:44", NULL},
    {"{" WINDOW ",\"RestorePoints\":[" POINT("2025-02-17T17:02:45", "true") "]}", NULL,
     NOT_EM("a restore point without a valid time")},
    {"{" WINDOW ",\"RestorePoints\":[" POINT("", "false") "]}", NULL,
     NOT_EM("a restore point without a valid time")},
    {"{" WINDOW ",\"RestorePoints\":[null]}", NULL, NOT_EM("a restore point without a valid time")},
};

/* The day of the month and the time. */
static const char *write_time(char text[24], utc_us at)
{
    const time_t seconds = (time_t)(at / UTC_SECOND);
    struct tm parts;
    strftime(text, 24, "%d %H:%M:%S", gmtime_r(&seconds, &parts));
    return text;
}

static void show_interval(struct buf *shown, const struct interval *interval)
{
    char start[24];
    char end[24];
    buf_format(shown, " %s-%s/", write_time(start, interval->start),
               write_time(end, interval->end) + strlen("dd "));
    if (interval->has_spacing) {
        buf_format(shown, "%g", interval->spacing_s);
    } else {
        buf_text(shown, "?");
    }
    buf_text(shown, interval->has_points ? "" : "!");
}

static void show(struct buf *shown, const struct intervals *intervals)
{
    char start[24];
    char end[24];
    buf_format(shown, "%s..%s", write_time(start, intervals->start),
               write_time(end, intervals->end));
    buf_text(shown, intervals->begins_late ? " late" : "");
    for (size_t i = 0; i < intervals->count; i++) {
        show_interval(shown, &intervals->items[i]);
    }
    if (intervals->has_app_consistent) {
        buf_format(shown, " app %s", write_time(end, intervals->app_consistent));
    }
    if (intervals->odd_type != NULL) {
        buf_format(shown, " type '%s'", intervals->odd_type);
    }
}

static int decode(const char *text, struct intervals *intervals, struct fault *fault)
{
    struct mask mask = {.secrets = NULL};
    cJSON *answer = cJSON_Parse(text);
    ck_assert_msg(answer != NULL, "no JSON: %s", text);
    mask_add(&mask, "Tr0ub4dor");
    *intervals = (struct intervals){.start = moment(ASKED_START), .end = moment(ASKED_END)};
    const int result = decode_intervals(answer, &mask, intervals, fault);
    cJSON_Delete(answer);
    mask_free(&mask);
    return result;
}

START_TEST(decodes)
{
    struct fault fault = {.kind = FAULT_NONE};
    struct intervals intervals;
    cleanup_buf struct buf shown;
    buf_init(&shown, 4096);
    if (decode(cases[_i].answer, &intervals, &fault) == 0) {
        show(&shown, &intervals);
        ck_assert_msg(cases[_i].shown != NULL, "%s: %s", cases[_i].answer, buf_string(&shown));
        ck_assert_str_eq(buf_string(&shown), cases[_i].shown);
    } else {
        ck_assert_msg(cases[_i].fault != NULL, "%s: %s", cases[_i].answer, fault.text);
        ck_assert_int_eq(fault.kind, FAULT_PROTOCOL);
        ck_assert_str_eq(fault.text, cases[_i].fault);
    }
    intervals_free(&intervals);
}
END_TEST

START_TEST(too_many_are_none)
{
    struct fault fault = {.kind = FAULT_NONE};
    struct intervals intervals;
    cleanup_buf struct buf answer;
    buf_init(&answer, (size_t)64 * 1024 * 1024);
    buf_text(&answer, "{" WINDOW ",\"Intervals\":[" RUN("16:00:00", "16:00:00", "15"));
    for (int i = 0; i < INTERVALS_LIMIT; i++) {
        buf_text(&answer, "," RUN("16:00:00", "16:00:00", "15"));
    }
    buf_text(&answer, "]}");
    ck_assert_int_eq(decode(buf_string(&answer), &intervals, &fault), -1);
    ck_assert_int_eq(fault.kind, FAULT_PROTOCOL);
    ck_assert_str_eq(fault.text, "EM gives more than 100000 intervals of a VM");
    intervals_free(&intervals);
}
END_TEST

Suite *decode_intervals_suite(void)
{
    Suite *suite = suite_create("decode_intervals");
    TCase *all = tcase_create("decode_intervals");
    tcase_add_loop_test(all, decodes, 0, COUNT(cases));
    suite_add_tcase(suite, all);

    TCase *bulk = tcase_create("bulk");
    tcase_set_tags(bulk, "bulk");
    tcase_set_timeout(bulk, 60); // valgrind takes its time
    tcase_add_test(bulk, too_many_are_none);
    suite_add_tcase(suite, bulk);
    return suite;
}
