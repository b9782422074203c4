// SPDX-License-Identifier: GPL-3.0-or-later
#include "fetch/decode_intervals.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "em/entity.h"
#include "em/json.h"

enum { TYPE_LIMIT = 40 };

/* How far the window may be from the one that was asked about, and points be beyond its end. In
 * EM's documents it ends 128 s earlier: EM seems to go by the backup server's clock. */
static const utc_us tolerated_skew = 300 * UTC_SECOND;

enum answer_member { ANSWER_START, ANSWER_END, ANSWER_INTERVALS, ANSWER_POINTS, ANSWER_MEMBERS };
static const struct entity_member answer_members[ANSWER_MEMBERS] = {
    [ANSWER_START] = {"StartDate", ENTITY_TIME},
    [ANSWER_END] = {"EndDate", ENTITY_TIME},
    [ANSWER_INTERVALS] = {"Intervals", ENTITY_LIST},
    [ANSWER_POINTS] = {"RestorePoints", ENTITY_LIST},
};

enum interval_member { INTERVAL_START, INTERVAL_END, INTERVAL_TYPE, INTERVAL_MEMBERS };
static const struct entity_member interval_members[INTERVAL_MEMBERS] = {
    [INTERVAL_START] = {"StartDate", ENTITY_TIME},
    [INTERVAL_END] = {"EndDate", ENTITY_TIME},
    [INTERVAL_TYPE] = {"IntervalType", ENTITY_TEXT},
};

enum point_member { POINT_DATE, POINT_CONSISTENT, POINT_MEMBERS };
static const struct entity_member point_members[POINT_MEMBERS] = {
    [POINT_DATE] = {"Date", ENTITY_TIME},
    [POINT_CONSISTENT] = {"IsApplicationConsistent", ENTITY_BOOLEAN},
};

static int malformed(struct fault *fault, const char *what)
{
    return fault_set(fault, FAULT_PROTOCOL, "EM's answer about restore points has %s", what);
}

/* Rpo, a number or a text of one. */
static bool read_spacing(const cJSON *entity, double *spacing_s)
{
    static const double longest = 1e9;
    const cJSON *item = json_member(entity, "Rpo");
    const char *text = json_string(item);
    char *end = NULL;
    if (json_is(item, cJSON_Number)) {
        *spacing_s = item->valuedouble;
    } else if (text != NULL && text[0] >= '0' && text[0] <= '9') {
        *spacing_s = strtod(text, &end);
    }
    const bool is_number = json_is(item, cJSON_Number) || (end != NULL && *end == '\0');
    return is_number && *spacing_s >= 0 && *spacing_s <= longest;
}

/* Keeps the first one, to be shown. */
static int take_odd_type(const char *type, struct intervals *intervals, struct fault *fault)
{
    const char *shown = type != NULL ? type : "";
    if (intervals->odd_type == NULL) {
        intervals->odd_type = strndup(shown, text_boundary(shown, strnlen(shown, TYPE_LIMIT)));
    }
    return intervals->odd_type != NULL ? 0 : fault_no_memory(fault);
}

static int take_interval(const cJSON *entity, const struct mask *mask, struct intervals *intervals,
                         struct fault *fault)
{
    static const char available[] = "RestoreAvailable"; // the only type that documents show
    struct entity_value values[INTERVAL_MEMBERS];
    entity_read(entity, interval_members, INTERVAL_MEMBERS, mask, values);
    struct interval interval = {.start = values[INTERVAL_START].time,
                                .end = values[INTERVAL_END].time};
    if (!values[INTERVAL_START].known || !values[INTERVAL_END].known ||
        interval.end < interval.start) {
        return malformed(fault, "an interval without a valid start and end");
    }
    if (interval.end > intervals->end + tolerated_skew) {
        return malformed(fault, "an interval beyond its end");
    }
    const char *type = values[INTERVAL_TYPE].text;
    interval.has_points = type != NULL && text_equal_nocase(type, available);
    interval.has_spacing = read_spacing(entity, &interval.spacing_s);
    if (!interval.has_points && take_odd_type(type, intervals, fault) < 0) {
        return -1;
    }
    return intervals_append(intervals, &interval, fault);
}

static int take_point(const cJSON *entity, const struct mask *mask, struct intervals *intervals,
                      struct fault *fault)
{
    struct entity_value values[POINT_MEMBERS];
    entity_read(entity, point_members, POINT_MEMBERS, mask, values);
    if (!values[POINT_DATE].known || values[POINT_DATE].time > intervals->end + tolerated_skew) {
        return malformed(fault, "a restore point without a valid time");
    }
    const utc_us date = values[POINT_DATE].time;
    if (values[POINT_CONSISTENT].known && values[POINT_CONSISTENT].truth &&
        (!intervals->has_app_consistent || date > intervals->app_consistent)) {
        intervals->has_app_consistent = true;
        intervals->app_consistent = date;
    }
    return 0;
}

/* What begins earlier than asked, as .NET's "no time" does, is not what was asked about. */
static void take_start(const struct entity_value *start, struct intervals *intervals)
{
    const utc_us asked = intervals->start;
    if (start->known && start->time >= asked - tolerated_skew) {
        intervals->start = start->time;
        intervals->begins_late = start->time > asked + tolerated_skew;
    }
}

/* Whether it ends when it was asked to: what ends long before says nothing of now. */
static int take_window(const struct entity_value values[ANSWER_MEMBERS],
                       struct intervals *intervals, struct fault *fault)
{
    const utc_us end = values[ANSWER_END].time;
    if (!values[ANSWER_END].known) {
        return malformed(fault, "no valid EndDate");
    }
    if (llabs(end - intervals->end) > tolerated_skew) {
        cleanup_buf struct buf ends;
        buf_init(&ends, 64);
        utc_append_minute(&ends, end);
        return ends.failure != BUF_FINE
                   ? fault_no_memory(fault)
                   : fault_set(fault, FAULT_PROTOCOL,
                               "EM answers about another time than asked: it ends %s; compare the "
                               "clocks of EM and the backup server",
                               buf_string(&ends));
    }
    intervals->end = end;
    take_start(&values[ANSWER_START], intervals);
    return intervals->start <= end ? 0 : malformed(fault, "a StartDate behind its EndDate");
}

int decode_intervals(const cJSON *answer, const struct mask *mask, struct intervals *intervals,
                     struct fault *fault)
{
    struct entity_value values[ANSWER_MEMBERS];
    const cJSON *item = NULL;
    const uint32_t odd = entity_read(answer, answer_members, ANSWER_MEMBERS, mask, values);
    if ((odd & (1u << ANSWER_INTERVALS | 1u << ANSWER_POINTS)) != 0) {
        return malformed(fault, "no list where one belongs");
    }
    if (take_window(values, intervals, fault) < 0) {
        return -1;
    }
    cJSON_ArrayForEach(item, values[ANSWER_INTERVALS].list)
    {
        if (take_interval(item, mask, intervals, fault) < 0) {
            return -1;
        }
    }
    cJSON_ArrayForEach(item, values[ANSWER_POINTS].list)
    {
        if (take_point(item, mask, intervals, fault) < 0) {
            return -1;
        }
    }
    intervals_sort(intervals);
    return 0;
}
