// SPDX-License-Identifier: GPL-3.0-or-later
/* The table of metrics: each row is complete and its own. test_judge.c has what they measure. */
#include "cdp/metric.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "unit/command.h"
#include "unit/suites.h"

/* The texts of a row; those in front are of no other row. */
enum { OWN_TEXTS = 6, TEXTS = 10 };

static void list_texts(const struct metric_row *row, const char *texts[TEXTS])
{
    const char *const all[TEXTS] = {
        row->label,           row->key, row->gauge,  row->word, row->warning_option,
        row->critical_option, row->uom, row->source, row->unit, row->help};
    memcpy(texts, all, sizeof all);
}

START_TEST(rows_are_complete)
{
    const struct metric_row *row = &metrics[_i];
    const char *texts[TEXTS];
    list_texts(row, texts);
    for (int i = 0; i < TEXTS; i++) {
        ck_assert_msg(texts[i] != NULL && texts[i][0] != '\0', "metric %d lacks text %d", _i, i);
    }
    ck_assert_ptr_nonnull(row->measure);
    ck_assert_ptr_nonnull(row->append);
    const size_t length = strlen(row->gauge) - strlen(row->unit);
    ck_assert_msg(strcmp(row->gauge + length, row->unit) == 0 && row->gauge[length - 1] == '_',
                  "OpenMetrics: %s does not end with _%s", row->gauge, row->unit);
    ck_assert_msg(!row->grows || strcmp(row->uom, "s") == 0, "%s grows by seconds", row->word);
}
END_TEST

START_TEST(rows_are_unlike)
{
    const char *texts[TEXTS];
    const char *others[TEXTS];
    list_texts(&metrics[_i], texts);
    for (int other = 0; other < _i; other++) {
        list_texts(&metrics[other], others);
        for (int i = 0; i < OWN_TEXTS; i++) {
            ck_assert_msg(strcmp(texts[i], others[i]) != 0, "%s is of two metrics", texts[i]);
        }
    }
}
END_TEST

static bool is_listed(const char *option)
{
    bool found = false;
    for (const struct option_row *row = options_table; row->name != NULL; row++) {
        found = found || strcmp(row->name, option + strlen("--")) == 0;
    }
    return found;
}

/* The option is in the table of options, by its full name, and sets this threshold. */
static void check_option(const char *option, bool is_critical)
{
    struct options options;
    struct command command;
    char word[64];
    snprintf(word, sizeof word, "%s=7:", option);
    ck_assert_msg(strncmp(option, "--", 2) == 0 && is_listed(option), "%s is no option", option);
    struct fault fault = {.kind = FAULT_NONE};
    command_make(&command, (const char *const[]){"-Hh", "-uu", "--vm=a", word, NULL});
    ck_assert_int_eq(read_command(&options, &command, &fault), 0);
    for (int i = 0; i < (int)METRICS; i++) {
        const struct rules *rules = &options.rules;
        const char *own = is_critical ? metrics[i].critical_option : metrics[i].warning_option;
        const struct threshold *set = is_critical ? &rules->critical[i] : &rules->warning[i];
        const struct threshold *other = is_critical ? &rules->warning[i] : &rules->critical[i];
        ck_assert_msg((set->range != NULL) == (strcmp(own, option) == 0) && other->range == NULL,
                      "%s is not for the metric that names it", option);
    }
    options_free(&options);
    command_free(&command);
}

START_TEST(rows_have_their_options)
{
    check_option(metrics[_i].warning_option, false);
    check_option(metrics[_i].critical_option, true);
}
END_TEST

static const struct {
    enum metric metric;
    double value;
    const char *shown;
} shown_metrics[] = {
    {METRIC_DURATION, 0, "0s"},
    {METRIC_DURATION, 7980, "2h 13m"},
    {METRIC_AGE, 90061, "1d 1h"},
    {METRIC_TOTAL_SIZE, 0, "0 B"},
    {METRIC_TOTAL_SIZE, 1023, "1023 B"},
    {METRIC_TOTAL_SIZE, 1024, "1.0 KiB"},
    {METRIC_TOTAL_SIZE, 214748364800.0, "200.0 GiB"},
    {METRIC_TOTAL_SIZE, 9223372036854775808.0, "8.0 EiB"},
};

START_TEST(shows_metrics)
{
    cleanup_buf struct buf shown;
    buf_init(&shown, 100);
    metrics[shown_metrics[_i].metric].append(&shown, shown_metrics[_i].value);
    ck_assert_str_eq(buf_string(&shown), shown_metrics[_i].shown);
}
END_TEST

Suite *metric_suite(void)
{
    Suite *suite = suite_create("metric");
    TCase *all = tcase_create("metric");
    tcase_add_loop_test(all, rows_are_complete, 0, VM_METRICS);
    tcase_add_loop_test(all, rows_are_unlike, 0, METRICS);
    tcase_add_loop_test(all, rows_have_their_options, 0, METRICS);
    tcase_add_loop_test(all, shows_metrics, 0, COUNT(shown_metrics));
    suite_add_tcase(suite, all);
    return suite;
}
