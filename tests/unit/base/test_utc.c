// SPDX-License-Identifier: GPL-3.0-or-later
/* EM's times: read, written, and as spans for people. */
#include "base/utc.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "unit/suites.h"

#define AUGUST INT64_C(1755174690000000) // 2025-08-14T12:31:30Z

static const struct {
    const char *text;
    utc_us moment;
} times[] = {
    {"2025-08-14T12:31:30Z", AUGUST},
    {"2025-08-14T12:31:30", AUGUST},
    {"2025-08-14T12:31:30.3Z", AUGUST + 300000},
    {"2025-08-14T12:31:30.38Z", AUGUST + 380000},
    {"2025-08-14T12:31:30.389Z", AUGUST + 389000},
    {"2025-08-14T12:31:30.3899Z", AUGUST + 389900},
    {"2025-08-14T12:31:30.38995Z", AUGUST + 389950},
    {"2025-08-14T12:31:30.389954Z", AUGUST + 389954},
    {"2025-08-14T12:31:30.3899549Z", AUGUST + 389954},
    {"2025-08-14T12:31:30.38995499Z", AUGUST + 389954},
    {"2025-08-14T12:31:30.389954999Z", AUGUST + 389954},
    {"2025-08-14T12:31:30.000000Z", AUGUST},
    {"2025-08-14T12:31:30.99", AUGUST + 990000},
    {"2025-08-14T12:31:30.0000009Z", AUGUST},
    {"2025-08-14T12:31:30.38995400000000000000000000000000000000Z", AUGUST + 389954},
    {"2025-08-14T14:31:30+02:00", AUGUST},
    {"2025-08-14T14:31:30.5+02:00", AUGUST + 500000},
    {"2025-08-14T07:01:30-05:30", AUGUST},
    {"2025-08-14T12:31:30+00:00", AUGUST},
    {"2025-08-15T02:31:30+14:00", AUGUST},
    {"1970-01-01T00:00:00Z", 0},
    {"1969-12-31T23:59:59Z", -1000000},
    {"1969-12-31T23:59:59.25Z", -750000},
    {"2024-02-29T00:00:00Z", INT64_C(1709164800000000)},
    {"2000-02-29T23:59:59Z", INT64_C(951868799000000)},
    {"0001-01-01T00:00:00Z", INT64_C(-62135596800000000)},
    {"0001-01-01T00:00:00", INT64_C(-62135596800000000)},
    {"1899-12-30T00:00:00Z", INT64_C(-2209161600000000)},
    {"1900-01-01T00:00:00Z", INT64_C(-2208988800000000)},
    {"9999-12-31T23:59:59.999999Z", INT64_C(253402300799999999)},
};

START_TEST(reads_times)
{
    utc_us read = 42;
    ck_assert_msg(utc_parse(times[_i].text, &read), "%s is refused", times[_i].text);
    ck_assert_msg(read == times[_i].moment, "%s is read as %" PRId64, times[_i].text, read);
}
END_TEST

static const char *const rubbish[] = {
    "",
    " ",
    "null",
    "yesterday",
    "2025",
    "2025-08-14",
    "2025-08-14T",
    "2025-08-14T12",
    "2025-08-14T12:31",
    "2025-08-14T12:31:",
    "2025-08-14T12:31:3",
    "2025-08-14T12:31:30Zx",
    "2025-08-14T12:31:30ZZ",
    "2025-08-14T12:31:30 Z",
    " 2025-08-14T12:31:30Z",
    "2025-08-14T12:31:30Z ",
    "2025-08-14T12:31:30.",
    "2025-08-14T12:31:30.Z",
    "2025-08-14T12:31:30,5Z",
    "2025-08-14T12:31:30.5.5Z",
    "2025-08-14T12:31:30.-5Z",
    "2025-08-14T12:31:30+2:00",
    "2025-08-14T12:31:30+02",
    "2025-08-14T12:31:30+24:00",
    "2025-08-14T12:31:30+02:60",
    "2025-08-14T12:31:30+02:00Z",
    "2025-08-14T12:31:30+-2:00",
    "2025/08/14T12:31:30Z",
    "14-08-2025T12:31:30Z",
    "2025-8-14T12:31:30Z",
    "2025-00-14T12:31:30Z",
    "2025-13-14T12:31:30Z",
    "2025-08-00T12:31:30Z",
    "2025-08-32T12:31:30Z",
    "2025-04-31T12:31:30Z",
    "2025-02-29T12:31:30Z",
    "1900-02-29T12:31:30Z",
    "2023-02-30T12:31:30Z",
    "2025-08-14T24:00:00Z",
    "2025-08-14T12:60:30Z",
    "2025-08-14T12:31:61Z",
    "0000-01-01T00:00:00Z",
    "-001-01-01T00:00:00Z",
    "+025-08-14T12:31:30Z",
    "12025-08-14T12:31:30Z",
    "0x25-08-14T12:31:30Z",
    "/Date(1755174690000)/",
};

/* The calendar is that of glibc, day by day: for years that leap, or do not, by each of its rules.
 */
START_TEST(knows_the_calendar)
{
    static const int centuries[] = {1, 1600, 1700, 1900, 2000, 2100, 9900};
    int wrong = 0;
    for (int i = 0; i < COUNT(centuries); i++) {
        for (int year = centuries[i]; year < centuries[i] + 100; year++) {
            for (int day = 0; day < 12 * 31; day++) {
                char text[64];
                struct tm fields = {.tm_year = year - 1900, .tm_mon = day / 31};
                utc_us read = 0;
                fields.tm_mday = day % 31 + 1;
                snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00Z", year, fields.tm_mon + 1,
                         fields.tm_mday);
                const time_t expected = timegm(&fields);
                const bool exists = fields.tm_mday == day % 31 + 1;
                wrong += utc_parse(text, &read) != exists ||
                         (exists && read != (utc_us)expected * UTC_SECOND);
            }
        }
    }
    ck_assert_int_eq(wrong, 0);
}
END_TEST

START_TEST(refuses_rubbish)
{
    utc_us read = 0;
    ck_assert_msg(!utc_parse(rubbish[_i], &read), "'%s' is taken for a time", rubbish[_i]);
}
END_TEST

/* A host's own time zone has no part in it. */
START_TEST(knows_no_time_zone)
{
    utc_us read = 0;
    setenv("TZ", "Asia/Kolkata", 1);
    tzset();
    ck_assert(utc_parse("2025-08-14T12:31:30", &read));
    ck_assert(read == AUGUST);
    cleanup_buf struct buf shown;
    buf_init(&shown, 100);
    utc_append_iso(&shown, AUGUST);
    ck_assert_str_eq(buf_string(&shown), "2025-08-14T12:31:30Z");
    unsetenv("TZ");
    tzset();
}
END_TEST

static const struct {
    utc_us moment;
    const char *iso;
    const char *minute;
} written[] = {
    {AUGUST, "2025-08-14T12:31:30Z", "2025-08-14 12:31 UTC"},
    {AUGUST + 389954, "2025-08-14T12:31:30.389954Z", "2025-08-14 12:31 UTC"},
    {AUGUST + 389950, "2025-08-14T12:31:30.38995Z", "2025-08-14 12:31 UTC"},
    {AUGUST + 300000, "2025-08-14T12:31:30.3Z", "2025-08-14 12:31 UTC"},
    {AUGUST + 1, "2025-08-14T12:31:30.000001Z", "2025-08-14 12:31 UTC"},
    {AUGUST + 1000, "2025-08-14T12:31:30.001Z", "2025-08-14 12:31 UTC"},
    {0, "1970-01-01T00:00:00Z", "1970-01-01 00:00 UTC"},
    {-1, "1969-12-31T23:59:59.999999Z", "1969-12-31 23:59 UTC"},
    {-1000000, "1969-12-31T23:59:59Z", "1969-12-31 23:59 UTC"},
    {INT64_C(1709164800000000), "2024-02-29T00:00:00Z", "2024-02-29 00:00 UTC"},
    {INT64_C(-62135596800000000), "0001-01-01T00:00:00Z", "0001-01-01 00:00 UTC"},
};

START_TEST(writes_times)
{
    cleanup_buf struct buf shown;
    buf_init(&shown, 100);
    utc_append_iso(&shown, written[_i].moment);
    ck_assert_str_eq(buf_string(&shown), written[_i].iso);
    utc_us read = 0;
    ck_assert(utc_parse(buf_string(&shown), &read));
    ck_assert(read == written[_i].moment);
    buf_free(&shown);
    utc_append_minute(&shown, written[_i].moment);
    ck_assert_str_eq(buf_string(&shown), written[_i].minute);
}
END_TEST

static const struct {
    utc_us span;
    const char *shown;
} spans[] = {
    {0, "0s"},
    {-1, "0s"},
    {-90 * UTC_SECOND, "0s"},
    {INT64_MIN, "0s"},
    {999999, "0s"},
    {UTC_SECOND, "1s"},
    {45 * UTC_SECOND, "45s"},
    {59 * UTC_SECOND + 999999, "59s"},
    {60 * UTC_SECOND, "1m"},
    {61 * UTC_SECOND, "1m 1s"},
    {3599 * UTC_SECOND, "59m 59s"},
    {3600 * UTC_SECOND, "1h"},
    {3659 * UTC_SECOND, "1h"},
    {7980 * UTC_SECOND, "2h 13m"},
    {86399 * UTC_SECOND, "23h 59m"},
    {86400 * UTC_SECOND, "1d"},
    {INT64_C(277140) * UTC_SECOND, "3d 4h"},
    {INT64_C(89940) * UTC_SECOND, "1d"},
    {INT64_C(34560000) * UTC_SECOND, "400d"},
};

START_TEST(writes_spans)
{
    cleanup_buf struct buf shown;
    buf_init(&shown, 100);
    utc_append_span(&shown, spans[_i].span);
    ck_assert_str_eq(buf_string(&shown), spans[_i].shown);
}
END_TEST

Suite *utc_suite(void)
{
    Suite *suite = suite_create("utc");
    TCase *cases = tcase_create("utc");
    tcase_add_loop_test(cases, reads_times, 0, COUNT(times));
    tcase_add_test(cases, knows_the_calendar);
    tcase_add_loop_test(cases, refuses_rubbish, 0, COUNT(rubbish));
    tcase_add_test(cases, knows_no_time_zone);
    tcase_add_loop_test(cases, writes_times, 0, COUNT(written));
    tcase_add_loop_test(cases, writes_spans, 0, COUNT(spans));
    suite_add_tcase(suite, cases);
    return suite;
}
