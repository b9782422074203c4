// SPDX-License-Identifier: GPL-3.0-or-later
/* What of a probed EM is fine, what is odd, and what EM does not give, by what was seen. */
#include "cdp/probe_judge.h"

#include <check.h>
#include <string.h>

#include "unit/suites.h"

enum { DAY = 86400, HOUR = 3600, NOW_S = 1755000000, SEEN = 6 };

static const double hour_s = HOUR;

/* A value; of a list, the words with commas between them; times are seconds from now on. */
struct seen {
    enum probe_key key; // PROBE_KEYS: there are no more
    double number;
    const char *text;
};

#define N(key, number)                                                                             \
    {                                                                                              \
        PROBE_##key, number, NULL                                                                  \
    }
#define T(key, text)                                                                               \
    {                                                                                              \
        PROBE_##key, 0, text                                                                       \
    }
#define END                                                                                        \
    {                                                                                              \
        PROBE_KEYS, 0, NULL                                                                        \
    }
#define FILTER(all, matching, wrong, fit, misfit)                                                  \
    N(COUNT, all), N(MATCHING, matching), N(WRONG, wrong), N(FITTING, fit), N(MISFIT, misfit), END

// clang-format off
static const struct {
    enum probe_topic topic;
    struct seen seen[SEEN];
    enum probe_advice advice;
    enum probe_outcome outcome;
} lines[] = {
    {PROBE_ADDRESS, {T(HOST, "em01"), T(ADDRESS_USED, "192.0.2.7"), END}, PROBE_FINE, PROBE_OK},
    {PROBE_ADDRESS, {T(HOST, "em01"), T(TRIED, "192.0.2.7"), END}, PROBE_NOT_REACHED, PROBE_NO},
    {PROBE_TLS, {N(PLAIN, 0), T(TLS_VERSION, "TLSv1.2"), END}, PROBE_FINE, PROBE_OK},
    {PROBE_TLS, {N(PLAIN, 1), END}, PROBE_UNENCRYPTED, PROBE_ODD},
    {PROBE_TLS, {N(PLAIN, 0), END}, PROBE_NO_HANDSHAKE, PROBE_NO},
    {PROBE_CERTIFICATE, {T(TRUST, "verified"), N(EXPIRES, 31 * DAY), END}, PROBE_FINE, PROBE_OK},
    {PROBE_CERTIFICATE, {T(TRUST, "pinned"), END}, PROBE_FINE, PROBE_OK},
    {PROBE_CERTIFICATE, {T(TRUST, "verified"), N(EXPIRES, 29 * DAY), END}, PROBE_EXPIRES_SOON, PROBE_ODD},
    {PROBE_CERTIFICATE, {T(TRUST, "pinned"), N(EXPIRES, 0), END}, PROBE_EXPIRED, PROBE_ODD},
    {PROBE_CERTIFICATE, {T(TRUST, "unverified"), N(EXPIRES, DAY), END}, PROBE_UNVERIFIED, PROBE_ODD},
    {PROBE_CERTIFICATE, {T(TRUST, "refused"), N(EXPIRES, -DAY), END}, PROBE_UNTRUSTED, PROBE_NO},
    {PROBE_PIN, {T(PUBLIC_KEY, "sha256//x"), END}, PROBE_FINE, PROBE_OK},
    {PROBE_VERSION, {T(API_VERSIONS, "v1_5,v1_6"), END}, PROBE_FINE, PROBE_OK},
    {PROBE_VERSION, {T(API_VERSIONS, "v1_7"), END}, PROBE_FINE, PROBE_OK},
    {PROBE_VERSION, {T(API_VERSIONS, "v1_4,v1_5"), END}, PROBE_OLD_API, PROBE_ODD},
    {PROBE_VERSION, {END}, PROBE_OLD_API, PROBE_ODD},
    {PROBE_CLOCK, {N(OFFSET, 0), END}, PROBE_FINE, PROBE_OK},
    {PROBE_CLOCK, {N(OFFSET, -300), END}, PROBE_FINE, PROBE_OK},
    {PROBE_CLOCK, {N(OFFSET, -301), END}, PROBE_CLOCK_DIFFERS, PROBE_ODD},
    {PROBE_CLOCK, {N(OFFSET, HOUR), END}, PROBE_CLOCK_DIFFERS, PROBE_ODD},
    {PROBE_CLOCK, {END}, PROBE_CLOCK_UNKNOWN, PROBE_NO},
    {PROBE_MARK, {N(ANSWERS, 3), N(MARKED, 3), END}, PROBE_FINE, PROBE_OK},
    {PROBE_CASE, {N(PASCAL, 0), N(CAMEL, 3), END}, PROBE_FINE, PROBE_OK},
    {PROBE_SESSIONS, {N(COUNT, 1), END}, PROBE_FINE, PROBE_OK},
    {PROBE_SESSIONS, {N(COUNT, 0), END}, PROBE_NO_SESSIONS, PROBE_ODD},
    {PROBE_SESSIONS, {END}, PROBE_FINE, PROBE_OK},
    {PROBE_STATES, {T(SEEN, "Completed"), T(UNKNOWN, ""), END}, PROBE_FINE, PROBE_OK},
    {PROBE_STATES, {T(SEEN, "Idle"), T(UNKNOWN, "Idle"), END}, PROBE_NEW_WORDS, PROBE_ODD},
    {PROBE_RESULTS, {T(SEEN, "Odd"), T(UNKNOWN, "Odd"), END}, PROBE_NEW_WORDS, PROBE_ODD},
    {PROBE_MEMBERS, {T(UNKNOWN, "Speed"), T(ABSENT, ""), END}, PROBE_FINE, PROBE_OK},
    {PROBE_MEMBERS, {T(UNKNOWN, ""), T(ABSENT, "Links"), END}, PROBE_LACKS_MEMBERS, PROBE_ODD},
    {PROBE_RUNNING, {N(SAMPLE, 2), N(WITH_END, 0), END}, PROBE_FINE, PROBE_OK},
    {PROBE_RUNNING, {N(SAMPLE, 2), N(WITH_END, 1), END}, PROBE_RUNS_WITH_END, PROBE_ODD},
    {PROBE_RUNNING, {N(SAMPLE, 0), N(WITH_END, 0), END}, PROBE_NONE_RUNS, PROBE_ODD},
    {PROBE_SORT, {N(SAMPLE, 2), N(IN_ORDER, 1), END}, PROBE_FINE, PROBE_OK},
    {PROBE_SORT, {N(SAMPLE, 1), N(IN_ORDER, 1), END}, PROBE_UNPROVEN, PROBE_OK},
    {PROBE_SORT, {N(SAMPLE, 2), N(IN_ORDER, 0), END}, PROBE_UNSORTED, PROBE_ODD},
    // All that EM gives fits, and is less than all there is.
    {PROBE_FILTER, {FILTER(10, 3, 0, 3, 7)}, PROBE_FINE, PROBE_OK},
    {PROBE_FILTER, {FILTER(10, 0, 0, 0, 10)}, PROBE_FINE, PROBE_OK},
    // Some of it does not fit; or all there is came, though some is known not to.
    {PROBE_FILTER, {FILTER(10, 10, 7, 3, 7)}, PROBE_IGNORES, PROBE_ODD},
    {PROBE_FILTER, {FILTER(200, 200, 0, 90, 10)}, PROBE_IGNORES, PROBE_ODD},
    {PROBE_FILTER, {FILTER(10, 4, 1, 3, 7)}, PROBE_IGNORES, PROBE_ODD},
    // Less came than is known to fit.
    {PROBE_FILTER, {FILTER(10, 2, 0, 3, 7)}, PROBE_LOSES, PROBE_ODD},
    // There is nothing to leave out, or EM does not say how many there are.
    {PROBE_FILTER, {FILTER(3, 3, 0, 3, 0)}, PROBE_UNPROVEN, PROBE_OK},
    {PROBE_FILTER, {N(MATCHING, 3), N(WRONG, 0), N(FITTING, 3), N(MISFIT, 1), END}, PROBE_UNPROVEN, PROBE_OK},
    {PROBE_FILTER, {N(COUNT, 10), N(WRONG, 0), N(FITTING, 3), N(MISFIT, 1), END}, PROBE_UNPROVEN, PROBE_OK},
    {PROBE_PAGES, {N(ASKED, 1000), N(GRANTED, 1000), END}, PROBE_FINE, PROBE_OK},
    {PROBE_PAGES, {N(ASKED, 1000), N(GRANTED, 100), END}, PROBE_FINE, PROBE_OK},
    {PROBE_PAGES, {N(ASKED, 1000), N(GRANTED, 50), END}, PROBE_SMALL_PAGES, PROBE_ODD},
    {PROBE_PAGES, {N(ASKED, 1000), END}, PROBE_FINE, PROBE_OK},
    {PROBE_POLICIES, {N(COUNT, 1), END}, PROBE_FINE, PROBE_OK},
    {PROBE_POLICIES, {N(COUNT, 0), END}, PROBE_NO_POLICIES, PROBE_ODD},
    {PROBE_COLLECTION, {N(DATA_AGE, 45 * 60), END}, PROBE_FINE, PROBE_OK},
    {PROBE_COLLECTION, {N(DATA_AGE, 46 * 60), END}, PROBE_OLD_DATA, PROBE_ODD},
    {PROBE_COLLECTION, {N(DATA_AGE, 2 * HOUR), N(SPACING, HOUR), END}, PROBE_FINE, PROBE_OK},
    {PROBE_COLLECTION, {N(DATA_AGE, 4 * HOUR), N(SPACING, HOUR), END}, PROBE_OLD_DATA, PROBE_ODD},
    {PROBE_COLLECTION, {END}, PROBE_NO_COLLECTION, PROBE_ODD},
    {PROBE_REPLICAS, {N(COUNT, 1), END}, PROBE_FINE, PROBE_OK},
    {PROBE_REPLICAS, {N(COUNT, 0), END}, PROBE_NO_REPLICAS, PROBE_ODD},
    {PROBE_INTERVALS, {N(COUNT, 1), N(LAG, 5), END}, PROBE_FINE, PROBE_OK},
    {PROBE_INTERVALS, {N(COUNT, 0), END}, PROBE_NO_POINTS, PROBE_ODD},
    {PROBE_RIGHTS, {T(REFUSED, ""), END}, PROBE_FINE, PROBE_OK},
    {PROBE_RIGHTS, {T(REFUSED, "policies"), END}, PROBE_REFUSES, PROBE_NO},
};

/* What most VMs show, and the hours that are proposed then. */
static const struct {
    double interval, vms, idle, overdue, idle_for, runs_for; // in hours, and VMs
    enum probe_advice advice;
    double hours;
} vms[] = {
    {8, 10, 0, 0, 0, 0, PROBE_FINE, 0},
    {8, 0, 0, 0, 0, 0, PROBE_NO_SESSIONS, 0},
    // Half of them is not most.
    {8, 10, 5, 5, 3, 30, PROBE_FINE, 0},
    // They have ended one in the time in which a healthy VM ends one.
    {8, 10, 6, 0, 3, 0, PROBE_ALL_IDLE, 9},
    {8, 1, 1, 0, 9, 0, PROBE_ALL_IDLE, 9},
    {8, 10, 6, 0, 9.5, 0, PROBE_STANDSTILL, 9},
    {7.5, 10, 6, 0, 1, 0, PROBE_ALL_IDLE, 9},
    // Without a policy, an interval of a day is taken.
    {0, 10, 6, 0, 20, 0, PROBE_ALL_IDLE, 25},
    {0, 10, 10, 0, 26, 0, PROBE_STANDSTILL, 25},
    {8, 10, 0, 6, 0, 20, PROBE_ALL_OVERDUE, 25},
    {8, 10, 0, 6, 0, 30.5, PROBE_ALL_OVERDUE, 32},
};
// clang-format on

static void add_words(struct lines *list, const char *words)
{
    while (*words != '\0') {
        const size_t length = strcspn(words, ",");
        lines_add(list, "%.*s", (int)length, words);
        words += length + (words[length] == ',' ? 1 : 0);
    }
}

static void add(struct probe *probe, struct probe_line *line, const struct seen *seen)
{
    switch (probe_keys[seen->key].kind) {
    case PROBE_TEXT:
        probe_set_text(probe, line, seen->key, seen->text);
        break;
    case PROBE_NUMBER:
        probe_set_number(line, seen->key, seen->number);
        break;
    case PROBE_TRUTH:
        probe_set_truth(line, seen->key, seen->number > 0);
        break;
    case PROBE_TIME:
        probe_set_time(line, seen->key, probe->now + (utc_us)seen->number * UTC_SECOND);
        break;
    case PROBE_LIST:
        add_words(probe_set_list(line, seen->key), seen->text);
        break;
    }
}

START_TEST(judges_a_line)
{
    struct probe probe = {.now = (utc_us)NOW_S * UTC_SECOND};
    struct probe_line *line = probe_add(&probe, lines[_i].topic);
    for (size_t i = 0; lines[_i].seen[i].key != PROBE_KEYS; i++) {
        add(&probe, line, &lines[_i].seen[i]);
    }
    probe_judge(&probe);
    ck_assert_int_eq(line->advice, lines[_i].advice);
    ck_assert_int_eq(line->outcome, lines[_i].outcome);
    ck_assert_uint_eq(probe_outcomes(&probe, lines[_i].outcome), 1);
    probe_free(&probe);
}
END_TEST

START_TEST(proposes_options)
{
    struct probe probe = {.now = (utc_us)NOW_S * UTC_SECOND};
    struct probe_line *policies = probe_add(&probe, PROBE_POLICIES);
    struct probe_line *line = probe_add(&probe, PROBE_VMS);
    if (vms[_i].interval > 0) {
        probe_set_number(policies, PROBE_INTERVAL, vms[_i].interval * hour_s);
    }
    probe_set_number(line, PROBE_COUNT, vms[_i].vms);
    probe_set_number(line, PROBE_IDLE, vms[_i].idle);
    probe_set_number(line, PROBE_OVERDUE, vms[_i].overdue);
    probe_set_number(line, PROBE_IDLE_FOR, vms[_i].idle_for * hour_s);
    probe_set_number(line, PROBE_RUNS_FOR, vms[_i].runs_for * hour_s);
    probe_judge(&probe);
    ck_assert_int_eq(line->advice, vms[_i].advice);
    const bool overdue = vms[_i].advice == PROBE_ALL_OVERDUE;
    ck_assert_double_eq(probe_number(line, PROBE_IDLE_AFTER), overdue ? 0 : vms[_i].hours * hour_s);
    ck_assert_double_eq(probe_number(line, PROBE_OVERDUE_AFTER),
                        overdue ? vms[_i].hours * hour_s : 0);
    probe_free(&probe);
}
END_TEST

/* Of a topic that was asked for in vain, whatever else was seen. */
START_TEST(takes_faults)
{
    static const struct {
        enum probe_topic topic;
        bool refused;
        enum probe_advice advice;
        enum probe_outcome outcome;
    } faults[] = {
        {PROBE_POLICIES, true, PROBE_REFUSES, PROBE_NO},
        {PROBE_POLICIES, false, PROBE_FAILED, PROBE_NO},
        {PROBE_FILTER, true, PROBE_CANT_FILTER, PROBE_ODD},
        {PROBE_FILTER, false, PROBE_FAILED, PROBE_NO},
        {PROBE_LOGON, false, PROBE_FAILED, PROBE_NO},
    };
    for (size_t i = 0; i < COUNT(faults); i++) {
        struct probe probe = {.now = 0};
        struct probe_line *line = probe_add(&probe, faults[i].topic);
        line->refused = faults[i].refused;
        fault_set(&line->fault, FAULT_PROTOCOL, "why");
        probe_judge(&probe);
        ck_assert_int_eq(line->advice, faults[i].advice);
        ck_assert_int_eq(line->outcome, faults[i].outcome);
        probe_free(&probe);
    }
}
END_TEST

START_TEST(keeps_values)
{
    struct probe probe = {.now = 0};
    struct probe_line *line = probe_add(&probe, PROBE_VERSION);
    char server[] = "Kestrel";
    probe_set_text(&probe, line, PROBE_SERVER, server);
    server[0] = '\0';
    probe_set_text(&probe, line, PROBE_USER, NULL);
    probe_set_text(&probe, line, PROBE_HOST, "");
    ck_assert_str_eq(probe_text(line, PROBE_SERVER), "Kestrel");
    ck_assert_ptr_null(probe_find(line, PROBE_USER));
    ck_assert_ptr_null(probe_find(line, PROBE_HOST));
    ck_assert_str_eq(probe_text(line, PROBE_USER), "");
    ck_assert_double_eq(probe_number(line, PROBE_COUNT), 0);
    ck_assert(!probe_truth(line, PROBE_PLAIN));
    ck_assert_uint_eq(probe_length(line, PROBE_UNKNOWN), 0);
    ck_assert_ptr_eq(probe_line_of(&probe, PROBE_VERSION), line);
    ck_assert_ptr_null(probe_line_of(&probe, PROBE_CLOCK));
    probe_free(&probe);
    ck_assert_uint_eq(probe.count, 0);
}
END_TEST

/* JSON has them all. */
START_TEST(has_words)
{
    for (int i = 0; i < PROBE_TOPICS; i++) {
        ck_assert_ptr_nonnull(probe_topic_words[i]);
    }
    for (int i = 0; i < PROBE_KEYS; i++) {
        ck_assert_ptr_nonnull(probe_keys[i].name);
        for (int j = 0; j < i; j++) {
            ck_assert_str_ne(probe_keys[i].name, probe_keys[j].name);
        }
    }
}
END_TEST

Suite *probe_suite(void)
{
    Suite *suite = suite_create("probe");
    TCase *tcase = tcase_create("judge");
    tcase_add_loop_test(tcase, judges_a_line, 0, COUNT(lines));
    tcase_add_loop_test(tcase, proposes_options, 0, COUNT(vms));
    tcase_add_test(tcase, takes_faults);
    tcase_add_test(tcase, keeps_values);
    tcase_add_test(tcase, has_words);
    suite_add_tcase(suite, tcase);
    return suite;
}
