// SPDX-License-Identifier: GPL-3.0-or-later
/* Thresholds: which texts are ranges, what they alert on, and how performance data shows them. */
#include "monitoring/range.h"

#include "base/cleanup.h"
#include "unit/suites.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *text;
    enum unit_family units;
    const char *shown; // as performance data has it
} good[] = {
    {"10", UNIT_DURATION, "10"},
    {"0", UNIT_DURATION, "0"},
    {"+10", UNIT_DURATION, "10"},
    {"10:", UNIT_DURATION, "10:"},
    {"0:", UNIT_DURATION, "0:"},
    {"0:10", UNIT_DURATION, "10"},
    {"-0:10", UNIT_DURATION, "10"},
    {"-0", UNIT_DURATION, "0"},
    {"~:10", UNIT_DURATION, "~:10"},
    {"~:", UNIT_DURATION, "~:"},
    {"~:-10", UNIT_DURATION, "~:-10"},
    {"10:20", UNIT_DURATION, "10:20"},
    {"10:10", UNIT_DURATION, "10:10"},
    {"-20:-10", UNIT_DURATION, "-20:-10"},
    {"@10", UNIT_DURATION, "@0:10"},
    {"@10:20", UNIT_DURATION, "@10:20"},
    {"@~:10", UNIT_DURATION, "@~:10"},
    {"@10:", UNIT_DURATION, "@10:"},
    {"1.5", UNIT_DURATION, "1.5"},
    {"0.125:0.25", UNIT_DURATION, "0.125:0.25"},
    {"007", UNIT_DURATION, "7"},
    {"90s", UNIT_DURATION, "90"},
    {"4h", UNIT_DURATION, "14400"},
    {"30m:4h", UNIT_DURATION, "1800:14400"},
    {"1.5h", UNIT_DURATION, "5400"},
    {"0.1m", UNIT_DURATION, "6"},
    {"2d:", UNIT_DURATION, "172800:"},
    {"@~:1w", UNIT_DURATION, "@~:604800"},
    {"0h:2h", UNIT_DURATION, "7200"},
    {"999999999999999", UNIT_DURATION, "999999999999999"},
    {"10", UNIT_SIZE, "10"},
    {"10B", UNIT_SIZE, "10"},
    {"1kB", UNIT_SIZE, "1000"},
    {"1MB", UNIT_SIZE, "1000000"},
    {"1.5GB", UNIT_SIZE, "1500000000"},
    {"1TB", UNIT_SIZE, "1000000000000"},
    {"1KiB", UNIT_SIZE, "1024"},
    {"1MiB", UNIT_SIZE, "1048576"},
    {"1GiB", UNIT_SIZE, "1073741824"},
    {"1TiB", UNIT_SIZE, "1099511627776"},
    {"10kB:2MiB", UNIT_SIZE, "10000:2097152"},
};

START_TEST(reads_and_shows)
{
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_free range *read = range_read(good[_i].text, good[_i].units, &fault);
    ck_assert_msg(read != NULL, "'%s': %s", good[_i].text, fault.text);
    cleanup_buf struct buf shown;
    buf_init(&shown, 100);
    range_append(&shown, read);
    ck_assert_msg(strcmp(buf_string(&shown), good[_i].shown) == 0, "'%s' shows as '%s', not '%s'",
                  good[_i].text, buf_string(&shown), good[_i].shown);
}
END_TEST

static const struct {
    const char *text;
    enum unit_family units;
    const char *reason; // part of the message
} bad[] = {
    {"", UNIT_DURATION, "a number is missing"},
    {"@", UNIT_DURATION, "a number is missing"},
    {":", UNIT_DURATION, "no start"},
    {"@:", UNIT_DURATION, "no start"},
    {":10", UNIT_DURATION, "no start"},
    {"~", UNIT_DURATION, "a number is missing"},
    {"~10", UNIT_DURATION, "a number is missing"},
    {"~5:10", UNIT_DURATION, "a colon must follow"},
    {"10:~", UNIT_DURATION, "a number is missing"},
    {"@@10", UNIT_DURATION, "a number is missing"},
    {"10@", UNIT_DURATION, "'@'"},
    {"xx", UNIT_DURATION, "a number is missing"},
    {"0:xx", UNIT_DURATION, "a number is missing"},
    {"xx:10", UNIT_DURATION, "a number is missing"},
    {"1x", UNIT_DURATION, "'x' behind a number"},
    {"1:2x", UNIT_DURATION, "'x' behind a number"},
    {"1:2:3", UNIT_DURATION, "second colon"},
    {"1::2", UNIT_DURATION, "a number is missing"},
    {"20:10", UNIT_DURATION, "the end is below the start"},
    {"2h:30m", UNIT_DURATION, "the end is below the start"},
    {"-10", UNIT_DURATION, "below 0"},
    {"1e3", UNIT_DURATION, "'e3'"},
    {"0x10", UNIT_DURATION, "'x10'"},
    {"inf", UNIT_DURATION, "a number is missing"},
    {"nan", UNIT_DURATION, "a number is missing"},
    {"--5:10", UNIT_DURATION, "a number is missing"},
    {"-", UNIT_DURATION, "a number is missing"},
    {"-:10", UNIT_DURATION, "a number is missing"},
    {"1.", UNIT_DURATION, "point"},
    {".5", UNIT_DURATION, "a number is missing"},
    {"1.2.3", UNIT_DURATION, "'.3'"},
    {"1,5", UNIT_DURATION, "',5'"},
    {" 10", UNIT_DURATION, "a number is missing"},
    {"10 ", UNIT_DURATION, "' '"},
    {"10: 20", UNIT_DURATION, "a number is missing"},
    {"10 h", UNIT_DURATION, "' h'"},
    {"10\n", UNIT_DURATION, "behind a number"},
    {"10%", UNIT_DURATION, "'%'"},
    {"h", UNIT_DURATION, "a number is missing"},
    {"10M", UNIT_DURATION, "s, m, h, d, w"},
    {"10H", UNIT_DURATION, "s, m, h, d, w"},
    {"10ms", UNIT_DURATION, "s, m, h, d, w"},
    {"10GB", UNIT_DURATION, "s, m, h, d, w"},
    {"10hh", UNIT_DURATION, "'hh'"},
    {"10h", UNIT_SIZE, "KiB, MiB, GiB, TiB"},
    {"10b", UNIT_SIZE, "KiB, MiB, GiB, TiB"},
    {"10KB", UNIT_SIZE, "KiB, MiB, GiB, TiB"},
    {"10kb", UNIT_SIZE, "KiB, MiB, GiB, TiB"},
    {"10k", UNIT_SIZE, "KiB, MiB, GiB, TiB"},
    {"10PB", UNIT_SIZE, "KiB, MiB, GiB, TiB"},
    {"1234567890123456", UNIT_DURATION, "digits"},
    {"0.1234567", UNIT_DURATION, "decimals"},
    {"999999999999999TB", UNIT_SIZE, "too large"},
};

START_TEST(refuses_and_says_why)
{
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_free range *read = range_read(bad[_i].text, bad[_i].units, &fault);
    ck_assert_msg(read == NULL, "'%s' was taken", bad[_i].text);
    ck_assert_int_eq(fault.kind, FAULT_USAGE);
    ck_assert_msg(strstr(fault.text, " is not a range such as 10, 10:, ~:10, 10:20 or @10:20: ") !=
                      NULL,
                  "'%s': %s", bad[_i].text, fault.text);
    ck_assert_msg(strstr(fault.text, bad[_i].reason) != NULL, "'%s': no '%s' in: %s", bad[_i].text,
                  bad[_i].reason, fault.text);
}
END_TEST

START_TEST(message_stays_short_and_clean)
{
    char text[2000];
    memset(text, '7', sizeof text);
    memcpy(text, "1|\n\x1b", 4);
    text[sizeof text - 1] = '\0';
    struct fault fault = {.kind = FAULT_NONE};
    ck_assert_ptr_null(range_read(text, UNIT_DURATION, &fault));
    ck_assert_uint_lt(strlen(fault.text), 300);
    ck_assert_ptr_nonnull(strstr(fault.text, "...' is not a range"));
}
END_TEST

static const struct {
    const char *text;
    double value;
    bool broken;
} checks[] = {
    {"10", -0.001, true},   {"10", 0, false},         {"10", 10, false},
    {"10", 10.001, true},   {"10:", 9.9, true},       {"10:", 10, false},
    {"10:", 1e15, false},   {"~:10", -1e15, false},   {"~:10", 10, false},
    {"~:10", 11, true},     {"~:", -1, false},        {"~:", 1e15, false},
    {"10:20", 9, true},     {"10:20", 10, false},     {"10:20", 20, false},
    {"10:20", 21, true},    {"@10:20", 9, false},     {"@10:20", 10, true},
    {"@10:20", 20, true},   {"@10:20", 21, false},    {"@10", -1, false},
    {"@10", 0, true},       {"@10", 10, true},        {"@10", 11, false},
    {"@~:10", 10, true},    {"@~:10", 11, false},     {"@10:", 9, false},
    {"@10:", 10, true},     {"1m", 60, false},        {"1m", 61, true},
    {"0.1s", 0.1, false},   {"@~:", 5, true},         {"1.1h", 3960, false},
    {"1.1h:", 3960, false}, {"4.35h:", 15660, false}, {"@~:1.1h", 3960, true},
    {"0:0", 0, false},      {"0:0", 0.001, true},     {"-5:5", -5, false},
    {"-5:5", -6, true},
};

START_TEST(checks_values)
{
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_free range *read = range_read(checks[_i].text, UNIT_DURATION, &fault);
    ck_assert_ptr_nonnull(read);
    ck_assert_msg(range_is_broken(read, checks[_i].value) == checks[_i].broken, "'%s' with %g",
                  checks[_i].text, checks[_i].value);
}
END_TEST

/* Ranges that turn a threshold off, and those that a value from 0 on can break. */
static const struct {
    const char *text;
    bool can;
} breakable[] = {
    {"~:", false},     {"0:", false},   {"-5:", false},   {"@~:-5", false}, {"@-5:-1", false},
    {"10", true},      {"0", true},     {"10:", true},    {"0.001:", true}, {"~:10", true},
    {"~:1000w", true}, {"~:-5", true},  {"-5:-1", true},  {"@~:", true},    {"@0:", true},
    {"@5:", true},     {"@-5:0", true}, {"@10:20", true}, {"@~:0", true},   {"10:20", true},
};

START_TEST(knows_what_nothing_breaks)
{
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_free range *read = range_read(breakable[_i].text, UNIT_DURATION, &fault);
    ck_assert_ptr_nonnull(read);
    ck_assert_msg(range_can_break(read) == breakable[_i].can, "'%s'", breakable[_i].text);
}
END_TEST

static const struct {
    const char *text;
    bool taken;
    double seconds;
} spans[] = {
    {"30", true, 30},      {"0", true, 0},    {"1.5h", true, 5400}, {"2d", true, 172800},
    {"3w", true, 1814400}, {"90s", true, 90}, {"0.5m", true, 30},   {"", false, 0},
    {"-1", false, 0},      {"+1", false, 0},  {"1:", false, 0},     {"1:2", false, 0},
    {"h", false, 0},       {"1 h", false, 0}, {"1M", false, 0},     {"1h30m", false, 0},
    {"1h:", false, 0},     {"@1", false, 0},  {"~", false, 0},      {"1e3", false, 0},
};

START_TEST(reads_durations)
{
    double seconds = -7;
    ck_assert_msg(duration_read(spans[_i].text, &seconds) == spans[_i].taken, "'%s'",
                  spans[_i].text);
    ck_assert_double_eq(seconds, spans[_i].taken ? spans[_i].seconds : -7);
}
END_TEST

Suite *range_suite(void)
{
    Suite *suite = suite_create("range");
    TCase *cases = tcase_create("ranges");
    tcase_add_loop_test(cases, reads_and_shows, 0, COUNT(good));
    tcase_add_loop_test(cases, refuses_and_says_why, 0, COUNT(bad));
    tcase_add_test(cases, message_stays_short_and_clean);
    tcase_add_loop_test(cases, checks_values, 0, COUNT(checks));
    tcase_add_loop_test(cases, knows_what_nothing_breaks, 0, COUNT(breakable));
    tcase_add_loop_test(cases, reads_durations, 0, COUNT(spans));
    suite_add_tcase(suite, cases);
    return suite;
}
