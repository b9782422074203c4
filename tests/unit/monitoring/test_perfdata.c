// SPDX-License-Identifier: GPL-3.0-or-later
/* Performance data: labels, items, as Icinga 2's reader takes them. */
#include "monitoring/perfdata.h"

#include <check.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "monitoring/range.h"
#include "unit/suites.h"

/* Without de_DE on the machine this says nothing; the code has no call that the locale changes. */
START_TEST(knows_no_locale)
{
    setlocale(LC_ALL, "de_DE.UTF-8");
    struct fault fault = {.kind = FAULT_NONE};
    cleanup_free range *read = range_read("1.5:2.25", UNIT_DURATION, &fault);
    ck_assert_ptr_nonnull(read);
    cleanup_buf struct buf shown;
    buf_init(&shown, 100);
    perfdata_append(&shown, "a", 1.5, "s", read, NULL);
    setlocale(LC_ALL, "C");
    ck_assert_str_eq(buf_string(&shown), "a=1.5s;1.5:2.25;;0");
}
END_TEST

static const struct {
    const char *label;
    double value;
    const char *uom;
    const char *warning;
    const char *critical;
    const char *shown;
} items[] = {
    {"duration", 7980, "s", "4h", "8h", "duration=7980s;14400;28800;0"},
    {"duration", 7980, "s", NULL, NULL, "duration=7980s;;;0"},
    {"vms", 3, NULL, NULL, NULL, "vms=3;;;0"},
    {"vms", 3, "", NULL, "2:", "vms=3;;2:;0"},
    {"age", 0.5, "s", "~:1.5", "@10:20", "age=0.5s;~:1.5;@10:20;0"},
    {"srv-db01_duration", 1, "s", NULL, NULL, "srv-db01_duration=1s;;;0"},
    {"srv.db01", 1, "s", NULL, NULL, "srv.db01=1s;;;0"},
    {"SQL Server_age", 1, "s", NULL, NULL, "'SQL Server_age'=1s;;;0"},
    {"a=b", 1, "", NULL, NULL, "a_b=1;;;0"},
    {"it's (CDP Policy)", 1, "", NULL, NULL, "'it_s (CDP Policy)'=1;;;0"},
    {"a::b", 1, "", NULL, NULL, "a_b=1;;;0"},
    {"a:b", 1, "", NULL, NULL, "'a:b'=1;;;0"},
    {"a:::b", 1, "", NULL, NULL, "'a_:b'=1;;;0"},
    {"a::::b", 1, "", NULL, NULL, "a__b=1;;;0"},
    {"a|b\nc\td", 1, "", NULL, NULL, "'a b c d'=1;;;0"},
    {"\x1b[31m", 1, "", NULL, NULL, "'[31m'=1;;;0"},
    {"m\xC3\xBCller", 1, "", NULL, NULL, "'m\xC3\xBCller'=1;;;0"},
    {"m\xFCller", 1, "", NULL, NULL, "'m\xEF\xBF\xBDller'=1;;;0"},
    {"", 1, "", NULL, NULL, "unnamed=1;;;0"},
    {" | ", 1, "", NULL, NULL, "unnamed=1;;;0"},
    {"gone", NAN, "s", NULL, NULL, ""},
    {"gone", INFINITY, "s", NULL, NULL, ""},
};

static range *read_or_null(const char *text)
{
    struct fault fault = {.kind = FAULT_NONE};
    range *read = text != NULL ? range_read(text, UNIT_DURATION, &fault) : NULL;
    ck_assert((read == NULL) == (text == NULL));
    return read;
}

START_TEST(shows_items)
{
    cleanup_free range *warning = read_or_null(items[_i].warning);
    cleanup_free range *critical = read_or_null(items[_i].critical);
    cleanup_buf struct buf shown;
    buf_init(&shown, 1000);
    perfdata_append(&shown, items[_i].label, items[_i].value, items[_i].uom, warning, critical);
    ck_assert_str_eq(buf_string(&shown), items[_i].shown);
}
END_TEST

START_TEST(separates_items)
{
    cleanup_buf struct buf shown;
    buf_init(&shown, 1000);
    buf_text(&shown, "CDP TASK OK: fine|");
    perfdata_append(&shown, "a", 1, "s", NULL, NULL);
    perfdata_append(&shown, "gone", NAN, "s", NULL, NULL);
    perfdata_append(&shown, "b", 2, "B", NULL, NULL);
    ck_assert_str_eq(buf_string(&shown), "CDP TASK OK: fine|a=1s;;;0 b=2B;;;0");
}
END_TEST

START_TEST(full_buffer_is_told)
{
    cleanup_buf struct buf shown;
    buf_init(&shown, 10);
    perfdata_append(&shown, "duration", 7980, "s", NULL, NULL);
    ck_assert_int_eq(shown.failure, BUF_TOO_BIG);
}
END_TEST

START_TEST(labels_are_unlike)
{
    static const struct {
        const char *wanted;
        const char *given;
    } steps[] = {
        {"a", "a"},        {"b", "b"},      {"a", "a_2"},       {"a", "a_3"},   {"a_2", "a_2_2"},
        {"a_5", "a_5"},    {"a", "a_4"},    {"a", "a_6"},       {"x=y", "x_y"}, {"x'y", "x_y_2"},
        {"x::y", "x_y_3"}, {"", "unnamed"}, {"|", "unnamed_2"}, {"A", "A"},     {"b", "b_2"},
    };
    cleanup_set struct set labels = {.slots = NULL};
    for (int i = 0; i < COUNT(steps); i++) {
        cleanup_buf struct buf label;
        buf_init(&label, LABEL_LIMIT);
        perfdata_append_label(&label, &labels, steps[i].wanted);
        ck_assert_str_eq(buf_string(&label), steps[i].given);
    }
}
END_TEST

/* Names that differ only beyond the limit are cut to one text, and must still come out apart. */
START_TEST(long_labels_are_unlike)
{
    char wanted[2 * LABEL_LIMIT];
    memset(wanted, 'v', sizeof wanted);
    wanted[sizeof wanted - 1] = '\0';
    cleanup_set struct set labels = {.slots = NULL};
    cleanup_buf struct buf first;
    cleanup_buf struct buf second;
    buf_init(&first, sizeof wanted);
    buf_init(&second, sizeof wanted);
    perfdata_append_label(&first, &labels, wanted);
    wanted[sizeof wanted - 2] = 'w';
    perfdata_append_label(&second, &labels, wanted);
    ck_assert_uint_le(first.length, LABEL_LIMIT);
    ck_assert_str_ne(buf_string(&first), buf_string(&second));

    cleanup_buf struct buf shown;
    buf_init(&shown, 2000);
    char label[2 * LABEL_LIMIT];
    snprintf(label, sizeof label, "%s_duration", buf_string(&second));
    perfdata_append(&shown, label, 1, "s", NULL, NULL);
    ck_assert_ptr_nonnull(strstr(buf_string(&shown), "_2_duration=1s"));
}
END_TEST

START_TEST(many_labels)
{
    enum { MANY = 20000 };
    cleanup_set struct set labels = {.slots = NULL};
    cleanup_buf struct buf label;
    buf_init(&label, LABEL_LIMIT);
    for (int i = 0; i < MANY; i++) {
        buf_free(&label);
        perfdata_append_label(&label, &labels, "vm");
    }
    ck_assert_str_eq(buf_string(&label), "vm_20000");
}
END_TEST

Suite *perfdata_suite(void)
{
    Suite *suite = suite_create("perfdata");
    TCase *cases = tcase_create("perfdata");
    tcase_add_test(cases, knows_no_locale);
    tcase_add_loop_test(cases, shows_items, 0, COUNT(items));
    tcase_add_test(cases, separates_items);
    tcase_add_test(cases, full_buffer_is_told);
    tcase_add_test(cases, labels_are_unlike);
    tcase_add_test(cases, long_labels_are_unlike);
    tcase_add_test(cases, many_labels);
    suite_add_tcase(suite, cases);
    return suite;
}
